//! What open ports were found to be, on the page: what is read, that it is text, and that it ends at its bounds.

use std::sync::Arc;

use picaporte_core::scan::HostReport;
use picaporte_identify::service::{Name, Service};
use picaporte_identify::tls::{
    AltName, Certificate, Chain, Details, DnsName, Key, KeyKind, SelfSigned, Tls, TlsVersion,
};
use proptest::prelude::*;

use super::super::evidence::OF_A_HOST;
use super::super::services::{SAID, TLS, TLS_BYTES};
use super::bounds::{address, header, section};
use super::hostile::is_text_of;
use super::*;
use crate::report::encode::Untrusted;
use crate::report::tests::services::{sample as asked, saying};

#[test]
fn services_in_english_as_they_are_read() {
    insta::assert_snapshot!(read(&page(&asked(States::ALL), Lang::En)));
}

#[test]
fn services_in_spanish_as_they_are_read() {
    insta::assert_snapshot!(read(&page(&asked(States::ALL), Lang::Es)));
}

fn is_only_text(word: &[u8]) -> Result<(), TestCaseError> {
    let page = |word: &[u8]| page(&saying(States::OPEN, word), Lang::En);
    let shown = Untrusted::new(word).terminal();
    is_text_of(&page(word), &page(b"plain"), &shown)
}

#[test]
fn markup_of_a_service_is_text() {
    for word in [
        &b"<script>alert(1)</script>"[..],
        b"\"><img src=x onerror=alert(1)>",
        b"</td></tr></table></section></main>",
        b"</style><style>*{display:none}",
        b"<!--",
        b"&lt;b&gt;&#60;",
        b"{0}{1}\xff\x1b[2J\r\n\\",
    ] {
        is_only_text(word).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn whatever_a_service_sends_is_text(word in proptest::collection::vec(any::<u8>(), 1..60)) {
        is_only_text(&word)?;
    }
}

/// A page of so many ports, all of which are this.
fn ports(ports: usize, service: &Service) -> String {
    let mut report = in_lang(Lang::En);
    let (mut out, header) = (Vec::new(), header());
    let service = Arc::new(service.clone());
    report.begin(&header, &mut out);
    let mut trailer = sample::interrupted(States::OPEN).trailer;
    let counts = &mut trailer.account.tally.counts;
    *counts = picaporte_core::tally::Counts::default();
    counts.add_many(Reason::SynAck, ports as u64);
    for first in (0..ports).step_by(OF_A_HOST) {
        let at = address((first / OF_A_HOST) as u32);
        let those = 1..=(ports - first).min(OF_A_HOST) as u16;
        for port in those.clone() {
            header.identified.learn(at, port, service.clone());
            let verdict = sample::verdict(at, port, Reason::SynAck, 1);
            report.finding(&Finding::Port(verdict), &mut out);
        }
        let mut host = HostReport::blank(0, at);
        host.open = PortSet::from_ports(those);
        host.counts.add_many(Reason::SynAck, host.open.len().into());
        report.finding(&Finding::Host(Box::new(host)), &mut out);
        header.identified.forget(at);
    }
    report.end(&trailer, &mut out);
    section(&text(&out), "ports").to_owned()
}

/// With TLS, and a certificate of so many names.
fn with_tls(subject: &[u8], names: usize) -> Service {
    let mut tls = Tls::default();
    tls.versions.accept(TlsVersion::Tls13);
    let name = |n| AltName::Dns(DnsName::new(&format!("n{n:02}.example")).unwrap());
    let details = Details {
        subject: Untrusted::new(subject),
        issuer: Untrusted::new(subject),
        names: (0..names).map(name).collect(),
        names_left_out: 0,
        serial: "01".to_owned(),
        not_before: 0,
        not_after: i64::MAX,
        key: Key {
            kind: KeyKind::Ed25519,
            bits: None,
        },
        signature: "Ed25519".to_owned(),
        self_signed: SelfSigned::No,
    };
    tls.chain = Chain {
        certificates: vec![Certificate {
            sha256: "ab".repeat(32),
            details: Some(details),
        }],
        left_out: 0,
    };
    Service {
        name: Name::new("http"),
        inside_tls: true,
        tls: Some(tls),
        ..Service::default()
    }
}

#[test]
fn ports_with_tls_end_at_their_bound_and_say_so() {
    let at = ports(TLS, &with_tls(b"CN=a", 1));
    assert_eq!(at.matches("CN=a</code>").count(), 2 * TLS);
    assert!(!at.contains("Folded: TLS"));
    let beyond = ports(TLS + 1, &with_tls(b"CN=a", 1));
    assert_eq!(beyond.matches("CN=a</code>").count(), 2 * TLS);
    assert!(
        beyond.contains("Folded: TLS stands here for 1,024 of 1,025 open ports."),
        "{}",
        &beyond[beyond.len() - 4_000..]
    );
}

#[test]
fn bytes_of_tls_end_at_their_bound_and_say_so() {
    let long = [0x1b; Details::NAME];
    let page = ports(TLS, &with_tls(&long, 1));
    let (_, tls) = page.split_once("class=\"tls\"").unwrap();
    assert!(tls.len() < TLS_BYTES + 1_000, "{}", tls.len());
    assert!(tls.len() > TLS_BYTES - 10_000, "{}", tls.len());
    assert!(page.contains("Folded: TLS stands here for "));
}

#[test]
fn names_of_a_certificate_end_at_their_bound_and_say_so() {
    let at = ports(1, &with_tls(b"CN=a", 8));
    assert!(
        at.contains("n07.example") && !at.contains("and 1 more"),
        "{at}"
    );
    let beyond = ports(1, &with_tls(b"CN=a", 9));
    let mut left_out = with_tls(b"CN=a", 9);
    let tls = left_out.tls.as_mut().unwrap();
    let own = tls.chain.certificates[0].details.as_mut().unwrap();
    own.names_left_out = 3;
    assert!(ports(1, &left_out).contains("and 4 more"));
    assert!(!beyond.contains("n08.example") && beyond.contains("and 1 more"));
}

#[test]
fn what_services_say_ends_at_its_bound_and_is_counted() {
    let says = |bytes: usize| Service {
        name: Name::new("daap"),
        extra: Some(Untrusted::new(vec![b'a'; bytes])),
        ..Service::default()
    };
    let around = "<small><bdi>()</bdi></small>".len();
    let fitting = ports(64, &says(SAID / 64 - around));
    assert!(!fitting.contains("Folded: what"));
    let beyond = ports(65, &says(SAID / 64 - around));
    assert!(
        beyond.contains("Folded: what 1 open port say of themselves"),
        "{}",
        &beyond[..2_000]
    );
    assert_eq!(beyond.matches("<small><bdi>(a").count(), 64);
    assert_eq!(beyond.matches("<td>daap").count(), 65);
}

#[test]
fn what_a_forgotten_host_says_is_not_counted_as_folded() {
    let (header, words) = (header(), super::super::words::Words::of(Lang::En));
    let mut rows = super::super::evidence::Rows::of(64, 1 << 20);
    let long = Arc::new(Service {
        name: Name::new("daap"),
        extra: Some(Untrusted::new(vec![b'a'; SAID / 60])),
        ..Service::default()
    });
    for port in 1..=64 {
        header.identified.learn(address(1), port, long.clone());
        let verdict = sample::verdict(address(1), port, Reason::SynAck, 1);
        rows.add(&header, words, &verdict);
    }
    assert!(rows.unsaid() > 0);
    rows.forget(address(1));
    assert_eq!(rows.unsaid(), 0);
}

#[test]
fn a_host_that_answers_everything_gives_its_room_back() {
    let header = header();
    let words = super::super::words::Words::of(Lang::En);
    let mut rows = super::super::services::Rows::default();
    header
        .identified
        .learn(address(1), 443, Arc::new(with_tls(b"CN=a", 1)));
    rows.add(
        &header,
        words,
        &sample::verdict(address(1), 443, Reason::SynAck, 1),
    );
    assert!(rows.section(words).0.contains("CN=a"));
    rows.forget(address(1));
    assert_eq!(rows.section(words).0, "");
}
