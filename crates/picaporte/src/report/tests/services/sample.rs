//! A host whose open ports were asked what they are: every kind of answer, and a word that stands wherever a network's text can.

use std::sync::Arc;

use picaporte_core::verdict::States;
use picaporte_core::{Grade, Plan, PortSet, Reason, Settings, State, Suspicion, Verdict};
use picaporte_engine::Finding;
use picaporte_identify::service::{Cpe, Name, Service, Version};
use picaporte_identify::tls::{
    AltName, Certificate, Chain, Details, DnsName, Key, KeyKind, SelfSigned, Suite, Tls, TlsVersion,
};

use super::super::super::IdentifiedCounts;
use super::super::super::encode::Untrusted;
use super::super::sample::{self, Sample, address};

pub(super) const HOST: &str = "192.0.2.7";
/// 2026-01-01T00:00:00Z, when the scan of all samples begins.
const STARTED: i64 = 1_767_225_600;
const DAY: i64 = 86_400;

fn said(text: &str) -> Untrusted {
    Untrusted::new(text)
}

fn service(name: &str) -> Service {
    Service {
        name: Name::new(name),
        probe: Some("greeting".into()),
        connections: 1,
        ..Service::default()
    }
}

fn certificate(word: &[u8]) -> Details {
    Details {
        subject: Untrusted::new([b"CN=", word].concat()),
        issuer: Untrusted::new([b"CN=CA of ", word].concat()),
        names: vec![
            AltName::Dns(DnsName::new("*.example.net").unwrap()),
            AltName::Address("192.0.2.9".parse().unwrap()),
            AltName::Other(Untrusted::new([b"email:", word].concat())),
        ],
        names_left_out: 0,
        serial: "0a1b".to_owned(),
        not_before: STARTED - 30 * DAY,
        not_after: STARTED + 60 * DAY,
        key: Key {
            kind: KeyKind::Ec("P-256".to_owned()),
            bits: Some(256),
        },
        signature: "ecdsa-with-SHA256".to_owned(),
        self_signed: SelfSigned::No,
    }
}

fn tls(versions: &[TlsVersion], own: Option<Details>) -> Tls {
    let mut tls = Tls {
        cipher: Some(Suite(0x1301)),
        chain: Chain {
            certificates: vec![Certificate {
                sha256: "ab".repeat(32),
                details: own,
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

fn ssh(word: &[u8]) -> Service {
    let version = Version::new(b"9.2p1");
    let cpe = [
        Cpe::new('a', "openbsd", "openssh", version.as_ref()),
        Cpe::new('o', "debian", "debian_linux", Version::new(b"12").as_ref()),
    ];
    Service {
        product: Some(said("OpenSSH")),
        cpe: cpe.into_iter().flatten().collect(),
        version,
        extra: Some(Untrusted::new([b"protocol 2.0, ", word].concat())),
        ..service("ssh")
    }
}

/// In order, after a command; its certificate is for another name.
fn mail(word: &[u8]) -> Service {
    let mut tls = tls(
        &[TlsVersion::Tls12, TlsVersion::Tls13],
        Some(certificate(word)),
    );
    tls.starttls = true;
    tls.asks_client_certificate = true;
    Service {
        product: Some(said("Postfix smtpd")),
        hostname: Some(Untrusted::new(word)),
        inside_tls: true,
        tls: Some(tls),
        connections: 2,
        ..service("smtp")
    }
}

/// Old, expired and signed by itself.
fn web(word: &[u8]) -> Service {
    let own = Details {
        names: vec![AltName::Dns(DnsName::new("www.example.org").unwrap())],
        not_before: STARTED - 400 * DAY,
        not_after: STARTED - DAY,
        self_signed: SelfSigned::Yes,
        key: Key {
            kind: KeyKind::Rsa,
            bits: Some(2_048),
        },
        ..certificate(word)
    };
    let mut tls = tls(
        &[TlsVersion::Tls10, TlsVersion::Tls11, TlsVersion::Tls12],
        Some(own),
    );
    let refusal = picaporte_identify::tls::Refusal::Closed;
    for version in [TlsVersion::Ssl30, TlsVersion::Tls13] {
        tls.versions.refuse(version, refusal);
    }
    tls.alpn = Some(said("http/1.1"));
    Service {
        product: Some(said("nginx")),
        version: Version::new(b"1.22.1"),
        cpe: Vec::from_iter(Cpe::new(
            'a',
            "f5",
            "nginx",
            Version::new(b"1.22.1").as_ref(),
        )),
        inside_tls: true,
        tls: Some(tls),
        probe: Some("http-get".into()),
        connections: 4,
        ..service("http")
    }
}

/// Nothing more is known than TLS; most of its certificates are left out.
fn bare_tls(word: &[u8]) -> Service {
    let mut tls = tls(&[TlsVersion::Tls13], None);
    tls.chain.certificates.push(Certificate {
        sha256: "cd".repeat(32),
        details: Some(Details {
            names: Vec::new(),
            names_left_out: 3,
            self_signed: SelfSigned::Unproven,
            ..certificate(word)
        }),
    });
    tls.chain.left_out = 2;
    Service {
        tls: Some(tls),
        probe: None,
        ..service("tls")
    }
}

fn unknown(word: &[u8]) -> Service {
    Service {
        name: None,
        probe: None,
        excerpt: Some(Untrusted::new(
            [b"\r\nHELLO \"7\" ", word, b"\r\nmore"].concat(),
        )),
        ..service("")
    }
}

/// Each open port and what was found there; the last was not asked.
pub(super) fn found(word: &[u8]) -> [(u16, Option<Service>); 7] {
    let silent = Service {
        product: Some(Untrusted::new(word)),
        ..service("http")
    };
    [
        (22, Some(ssh(word))),
        (25, Some(mail(word))),
        (80, Some(silent)),
        (443, Some(web(word))),
        (993, Some(bare_tls(word))),
        (5432, Some(unknown(word))),
        (8080, None),
    ]
}

fn verdicts() -> Vec<Verdict> {
    let host = address(HOST);
    let open = found(b"").map(|(port, service)| {
        let mut verdict = sample::verdict(host, port, Reason::SynAck, 100);
        if service.is_none() {
            verdict.evidence.grade = Some(Grade::Suspect(Suspicion::NoOptionsNoWindow));
        }
        verdict
    });
    let closed = sample::verdict(host, 23, Reason::ConnRefused, 100);
    open.into_iter().chain([closed]).collect()
}

/// What is told of a port before its host is done.
fn findings(show: States, verdict: &Verdict) -> impl Iterator<Item = Finding> {
    let Verdict { address, port, .. } = *verdict;
    let opened = (verdict.state() == State::Open).then_some(Finding::Opened { address, port });
    let listed = show.contains(verdict.state());
    opened
        .into_iter()
        .chain(listed.then_some(Finding::Port(*verdict)))
}

/// A scan of that host.
pub(in super::super::super) fn saying(show: States, word: &[u8]) -> Sample {
    let verdicts = verdicts();
    let mut plan = Plan::builder(PortSet::from_ports(verdicts.iter().map(|v| v.port)));
    plan.settings(Settings {
        seed: 7,
        show,
        ..Settings::default()
    });
    plan.name("www.example.org", &[address(HOST)], None)
        .unwrap();
    let mut sample = sample::interrupted(show);
    sample.header = sample::header(plan.build().unwrap());
    for (port, service) in found(word) {
        if let Some(service) = service {
            let known = &sample.header.identified;
            known.learn(address(HOST), port, Arc::new(service));
        }
    }
    sample.findings = (verdicts.iter()).flat_map(|v| findings(show, v)).collect();
    sample.findings.push(sample::host(&verdicts));
    let account = &mut sample.trailer.account;
    account.interrupted = false;
    account.stopped = None;
    account.tally = picaporte_core::tally::Tally {
        planned: verdicts.len() as u64,
        attempts: 20,
        extra: 12,
        hosts: 1,
        ..Default::default()
    };
    for verdict in &verdicts {
        account.tally.counts.add(verdict.reason);
        if verdict.state() == State::Open {
            account.tally.graded.add(verdict.evidence.grade);
        }
    }
    sample.trailer.identified = Some(IdentifiedCounts {
        asked: 6,
        identified: 5,
        unknown: 1,
        not_asked: 1,
        pending: 0,
        left_alone: 0,
        connections: 10,
    });
    sample
}
