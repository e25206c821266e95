use picaporte_core::verdict::States;
use picaporte_identify::tls::{Certificate, Chain, Key, KeyKind};

use super::*;
use crate::report::tests::sample;

const HOST: &str = "192.0.2.7";

/// When the scan of the samples begins, in seconds since 1970.
fn started(header: &Header) -> i64 {
    header.started.as_second()
}

fn details(not_before: i64, not_after: i64) -> Details {
    Details {
        subject: Untrusted::new("CN=a"),
        issuer: Untrusted::new("CN=b"),
        names: Vec::new(),
        names_left_out: 0,
        serial: "01".to_owned(),
        not_before,
        not_after,
        key: Key {
            kind: KeyKind::Ed25519,
            bits: None,
        },
        signature: "Ed25519".to_owned(),
        self_signed: SelfSigned::No,
    }
}

fn tls(versions: &[TlsVersion], details: Option<Details>) -> Tls {
    let mut tls = Tls {
        chain: Chain {
            certificates: vec![Certificate {
                sha256: "00".repeat(32),
                details,
            }],
            left_out: 0,
        },
        ..Tls::default()
    };
    for version in versions {
        tls.versions.accept(*version);
    }
    tls
}

fn told(address: &str, tls: &Tls) -> Vec<Remark> {
    let header = sample::interrupted(States::OPEN).header;
    remarks(&header, sample::address(address), Instant::ZERO, tls)
}

#[test]
fn each_fault_of_a_certificate_has_its_remark() {
    let header = sample::interrupted(States::OPEN).header;
    let now = started(&header);
    let nameless = "203.0.113.1";
    let of = |details: Details| told(nameless, &tls(&[TlsVersion::Tls12], Some(details)));
    assert_eq!(of(details(now, now)), []);
    let day = |second| Stamp::of_second(second);
    assert_eq!(of(details(0, now - 1)), [Remark::Expired(day(now - 1))]);
    assert_eq!(
        of(details(now + 1, i64::MAX)),
        [Remark::NotYetValid(day(now + 1))]
    );
    assert_eq!(of(details(0, i64::MIN)), [Remark::Expired(None)]);
    for (self_signed, remark) in [
        (SelfSigned::Yes, Remark::SelfSigned),
        (SelfSigned::Unproven, Remark::OwnIssuer),
    ] {
        let details = Details {
            self_signed,
            ..details(now, now)
        };
        assert_eq!(of(details), [remark]);
    }
    assert_eq!(told(nameless, &tls(&[], None)), [Remark::Unreadable]);
    assert_eq!(told(nameless, &Tls::default()), []);
}

#[test]
fn another_name_is_a_remark_only_where_a_name_was_asked_for() {
    let header = sample::interrupted(States::OPEN).header;
    let now = started(&header);
    let tls = tls(&[], Some(details(now, now)));
    assert_eq!(told(HOST, &tls), [Remark::OtherNames]);
    assert_eq!(told("203.0.113.1", &tls), []);
    let left_out = Details {
        names_left_out: 1,
        ..details(now, now)
    };
    let unknown = self::tls(&[], Some(left_out));
    assert_eq!(told(HOST, &unknown), []);
}

#[test]
fn only_versions_before_1_2_are_old() {
    let old = |versions: &[TlsVersion]| {
        let tls = Tls {
            chain: Chain::default(),
            ..tls(versions, None)
        };
        let says = told(HOST, &tls);
        let says: Vec<_> = says.iter().map(|remark| remark.says(Lang::En)).collect();
        says.join("; ")
    };
    assert_eq!(old(&[TlsVersion::Tls12, TlsVersion::Tls13]), "");
    assert_eq!(old(&TlsVersion::ALL), "accepts SSL 3.0, TLS 1.0, TLS 1.1");
}

#[test]
fn a_name_that_was_not_found_out_has_a_question_mark() {
    let header = sample::interrupted(States::OPEN).header;
    let asked = |service: Option<&Service>, port, state| {
        called(&header, service, (port, state)).unwrap_or_default()
    };
    assert_eq!(asked(None, 22, State::Open), "ssh");
    header.identified.begin();
    assert_eq!(asked(None, 22, State::Open), "ssh?");
    assert_eq!(asked(None, 22, State::Closed), "ssh");
    assert_eq!(asked(Some(&Service::default()), 443, State::Open), "https?");
    assert_eq!(asked(Some(&Service::default()), 65_535, State::Open), "");
    let http = Service {
        name: picaporte_identify::service::Name::new("http"),
        inside_tls: true,
        ..Service::default()
    };
    assert_eq!(asked(Some(&http), 22, State::Open), "tls/http");
    let tls = Tls {
        starttls: true,
        ..Tls::default()
    };
    let starttls = Service {
        tls: Some(tls),
        ..http
    };
    assert_eq!(asked(Some(&starttls), 22, State::Open), "http");
}

#[test]
fn ports_that_were_not_asked_are_counted() {
    let all = IdentifiedCounts {
        asked: 5,
        identified: 4,
        unknown: 1,
        not_asked: 0,
        pending: 0,
        left_alone: 0,
        connections: 7,
    };
    assert_eq!(
        counts(Lang::En, &all),
        "identified 4 of 5 open ports, 7 connections"
    );
    let some = IdentifiedCounts {
        not_asked: 1,
        ..all
    };
    assert_eq!(
        counts(Lang::Es, &some),
        "identificados 4 de 6 puertos abiertos, 7 conexiones; 1 sin preguntar"
    );
}

#[test]
fn ports_that_are_left_alone_are_told_with_the_reason() {
    let some = IdentifiedCounts {
        asked: 5,
        identified: 4,
        unknown: 1,
        not_asked: 3,
        pending: 0,
        left_alone: 2,
        connections: 7,
    };
    assert_eq!(
        counts(Lang::En, &some),
        "identified 4 of 8 open ports, 7 connections; 3 not asked, 2 of them as a question may print or stop a machine there (--fragile asks)"
    );
    let all = IdentifiedCounts {
        left_alone: 3,
        ..some
    };
    assert_eq!(
        counts(Lang::Es, &all),
        "identificados 4 de 8 puertos abiertos, 7 conexiones; 3 sin preguntar, porque una pregunta podría imprimir o parar una máquina (--fragile pregunta)"
    );
}

#[test]
fn a_port_that_was_asked_and_said_nothing_is_told_from_one_that_was_not_asked() {
    let service = Service::default();
    let says = |lang| unknown(lang, &service, |_| String::new());
    assert_eq!(says(Lang::En).as_deref(), Some("asked, said nothing"));
    assert_eq!(says(Lang::Es).as_deref(), Some("preguntado, no dijo nada"));
    let tls = Service {
        tls: Some(Tls::default()),
        ..Service::default()
    };
    assert_eq!(silent(Lang::En, &tls), None);
}
