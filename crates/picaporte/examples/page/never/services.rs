//! What listens on ports of a scan that never was: every kind of answer, with texts as long as they come.

use std::sync::Arc;

use picaporte::Address;
use picaporte::report::encode::Untrusted;
use picaporte::report::{Header, IdentifiedCounts};
use picaporte_identify::service::{Name, Service, Version};
use picaporte_identify::tls::{
    AltName, Certificate, Chain, Details, DnsName, Key, KeyKind, Refusal, SelfSigned, Suite, Tls,
    TlsVersion,
};

/// 2026-01-01T00:00:00Z, when the scan begins, in seconds; and a day.
const STARTED: i64 = 1_767_225_600;
const DAY: i64 = 86_400;

/// Lets a port be known, but for every seventh.
pub(crate) fn learn(header: &Header, address: Address, port: u16) {
    let service = match (u32::from(port) + u32::from(address.ip.is_ipv6())) % 7 {
        0 => return,
        1 => plain("ssh", "OpenSSH", "9.2p1", "Debian 2+deb12u3, protocol 2.0"),
        2 => web(true),
        3 => mail(),
        4 => Service {
            excerpt: Some(Untrusted::new([&b"\x00\x1b[2J"[..], &[b'x'; 200]].concat())),
            ..Service::default()
        },
        5 => web(false),
        _ => plain(
            "http",
            "A-server-whose-name-has-no-blank-in-it-and-goes-on-for-very-long-indeed",
            "1.22.1",
            "",
        ),
    };
    header.identified.learn(address, port, Arc::new(service));
}

/// Of so many open ports.
pub(crate) fn counts(open: u64) -> IdentifiedCounts {
    IdentifiedCounts {
        asked: open - open / 7,
        identified: open - 2 * (open / 7),
        unknown: open / 7,
        not_asked: open / 7,
        pending: 0,
        left_alone: 0,
        connections: 3 * open,
    }
}

fn said(text: &str) -> Option<Untrusted> {
    Some(Untrusted::new(text)).filter(|text| !text.is_empty())
}

fn plain(name: &str, product: &str, version: &str, extra: &str) -> Service {
    Service {
        name: Name::new(name),
        product: said(product),
        version: Version::new(version.as_bytes()),
        extra: said(extra),
        connections: 1,
        ..Service::default()
    }
}

/// Sound, or old, expired and signed by itself.
fn web(sound: bool) -> Service {
    let versions = if sound {
        [TlsVersion::Tls12, TlsVersion::Tls13]
    } else {
        [TlsVersion::Tls10, TlsVersion::Tls11]
    };
    let names = (0..12).map(|n| {
        let label = "a-label-as-long-as-any-label-of-a-name-is-allowed-to-be-in-it1";
        DnsName::new(&format!("{label}.{label}.n{n}.example.org")).map(AltName::Dns)
    });
    let long = "CN=www.example.org,O=An Organisation of Some Length,OU=Department for Certificates,L=Ciudad de México,C=MX";
    let details = Details {
        subject: Untrusted::new(long),
        issuer: Untrusted::new(long),
        names: names.flatten().collect(),
        names_left_out: 3,
        serial: "0a".to_owned(),
        not_before: STARTED - 400 * DAY,
        not_after: STARTED + if sound { 90 } else { -1 } * DAY,
        key: Key {
            kind: KeyKind::Rsa,
            bits: Some(2_048),
        },
        signature: "sha256WithRSAEncryption".to_owned(),
        self_signed: if sound {
            SelfSigned::No
        } else {
            SelfSigned::Yes
        },
    };
    Service {
        inside_tls: true,
        tls: Some(tls(&versions, Some(details))),
        ..plain("http", "nginx", "1.22.1", "")
    }
}

/// Its certificate can't be read.
fn mail() -> Service {
    let mut tls = tls(&[TlsVersion::Tls12], None);
    tls.starttls = true;
    tls.asks_client_certificate = true;
    Service {
        inside_tls: true,
        hostname: said("mx-17.a-rather-long-name-of-a-mail-exchanger.internal.example.org"),
        tls: Some(tls),
        ..plain("smtp", "Postfix smtpd", "", "")
    }
}

fn tls(versions: &[TlsVersion], details: Option<Details>) -> Tls {
    let certificate = Certificate {
        sha256: "0123456789abcdef".repeat(4),
        details,
    };
    let mut tls = Tls {
        cipher: Some(Suite(0xc02f)),
        alpn: said("http/1.1"),
        chain: Chain {
            certificates: vec![certificate],
            left_out: 2,
        },
        ..Tls::default()
    };
    for version in TlsVersion::ALL {
        if versions.contains(&version) {
            tls.versions.accept(version);
        } else {
            tls.versions.refuse(version, Refusal::Closed);
        }
    }
    tls
}
