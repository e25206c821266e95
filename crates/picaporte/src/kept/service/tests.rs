//! Whatever a service is comes back as it was; whatever else is in its place is refused.

use picaporte_identify::service::{EXCERPT, Service};
use picaporte_identify::tls::{
    Acceptance, Alert, AltName, Certificate, Chain, Details, DnsName, Key, KeyKind, Refusal,
    SelfSigned, Suite, Tls, TlsVersion, Versions,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;

fn sent() -> impl Strategy<Value = Untrusted> {
    (vec(any::<u8>(), 0..40), 0usize..60)
        .prop_map(|(bytes, most)| Untrusted::beginning(bytes, most))
}

fn stands() -> impl Strategy<Value = Acceptance> {
    let refused = Acceptance::Refused;
    prop_oneof![
        Just(Acceptance::NotAsked),
        Just(Acceptance::Unclear),
        Just(Acceptance::Accepted),
        any::<u8>().prop_map(move |n| refused(Refusal::Alert(Alert(n)))),
        select(&TlsVersion::ALL[..]).prop_map(move |version| refused(Refusal::Chose(version))),
        Just(refused(Refusal::Closed)),
    ]
}

fn alt_names() -> impl Strategy<Value = AltName> {
    prop_oneof![
        "(\\*\\.)?[a-z0-9]{1,9}(\\.[a-z]{1,5}){0,2}"
            .prop_map(|name| AltName::Dns(DnsName::new(&name).unwrap())),
        any::<std::net::IpAddr>().prop_map(AltName::Address),
        sent().prop_map(AltName::Other),
        sent().prop_map(AltName::CommonName),
    ]
}

fn keys() -> impl Strategy<Value = Key> {
    let kinds = prop_oneof![
        select(vec![
            KeyKind::Rsa,
            KeyKind::RsaPss,
            KeyKind::Dsa,
            KeyKind::Ed25519,
            KeyKind::Ed448
        ]),
        "[A-Za-z0-9. -]{1,20}".prop_map(KeyKind::Ec),
        "[0-9.]{1,20}".prop_map(KeyKind::Other),
    ];
    (kinds, any::<Option<u32>>()).prop_map(|(kind, bits)| Key { kind, bits })
}

fn details() -> impl Strategy<Value = Details> {
    let signed = select(vec![SelfSigned::No, SelfSigned::Yes, SelfSigned::Unproven]);
    let names = (vec(alt_names(), 0..4), any::<u32>());
    let moments = (any::<i64>(), any::<i64>());
    let words = ("([0-9a-f]{2}){0,20}", "[A-Za-z0-9.-]{1,30}");
    ((sent(), sent()), names, moments, words, keys(), signed).prop_map(
        |(
            (subject, issuer),
            (names, left_out),
            (from, to),
            (serial, signature),
            key,
            self_signed,
        )| Details {
            subject,
            issuer,
            names,
            names_left_out: left_out as usize,
            serial,
            not_before: from,
            not_after: to,
            key,
            signature,
            self_signed,
        },
    )
}

fn certificates() -> impl Strategy<Value = Certificate> {
    ("[0-9a-f]{64}", of(details())).prop_map(|(sha256, details)| Certificate { sha256, details })
}

fn tls() -> impl Strategy<Value = Tls> {
    let versions = proptest::array::uniform5(stands()).prop_map(Versions::restored);
    let chain = (vec(certificates(), 0..3), any::<u32>()).prop_map(|(certificates, n)| Chain {
        certificates,
        left_out: n as usize,
    });
    (
        versions,
        any::<Option<u16>>(),
        of(sent()),
        any::<[bool; 2]>(),
        chain,
    )
        .prop_map(
            |(versions, cipher, alpn, [starttls, asks_client_certificate], chain)| Tls {
                versions,
                cipher: cipher.map(Suite),
                alpn,
                starttls,
                asks_client_certificate,
                chain,
            },
        )
}

fn services() -> impl Strategy<Value = Service> {
    let version = "[0-9]{1,3}[A-Za-z.+~:_-]{0,9}".prop_map(|said| Version::new(said.as_bytes()));
    let cpe = version
        .clone()
        .prop_map(|v| Cpe::new('a', "open_bsd", "open-ssh", v.as_ref()).unwrap());
    let name = "[a-z0-9._+/-]{1,32}".prop_map(|name| Name::new(&name).unwrap());
    let probe = "[a-z]{1,8}(:[!-~]{1,64})?".prop_map(Arc::from);
    let excerpt = vec(any::<u8>(), 0..300).prop_map(|bytes| Untrusted::beginning(bytes, EXCERPT));
    let sent = (of(sent()), of(sent()), of(sent()), of(excerpt));
    let words = (of(name), of(version), vec(cpe, 0..4), of(probe));
    (sent, words, of(tls()), any::<bool>(), any::<u8>()).prop_map(
        |(
            (product, extra, hostname, excerpt),
            (name, version, cpe, probe),
            tls,
            inside_tls,
            connections,
        )| {
            Service {
                name,
                inside_tls,
                product,
                version: version.flatten(),
                extra,
                hostname,
                cpe,
                tls,
                probe,
                excerpt,
                connections,
            }
        },
    )
}

#[test]
fn bytes_of_another_version_and_of_nobody_are_refused() {
    let bytes = to_bytes(&Service::default());
    assert_eq!(from_bytes(&bytes), Ok(Service::default()));
    let longer = [&bytes[..], &[0]].concat();
    let later = [&[VERSION + 1], &bytes[1..]].concat();
    for bad in [&[][..], &bytes[..bytes.len() - 1], &longer] {
        assert_eq!(from_bytes(bad), Err(KeptError::Notes), "{bad:?}");
    }
    assert_eq!(from_bytes(&later), Err(KeptError::OtherNotes));
}

/// What is written here no service says; it is what a damaged file may hold.
#[test]
fn texts_that_must_not_be_shown_are_refused() {
    let refused = |change: &dyn Fn(&mut super::Service)| {
        let mut service = super::Service::of(&Service::default());
        change(&mut service);
        from_bytes(&written(&service)).is_err()
    };
    assert!(!refused(&|_| {}));
    assert!(refused(&|s| s.name = Some("SSH\u{1b}".into())));
    assert!(refused(&|s| s.version = Some("beta".into())));
    assert!(refused(&|s| s.probe = Some("a\nb".into())));
    assert!(refused(&|s| s.probe = Some("a".repeat(LONGEST_WORD + 1))));
    assert!(refused(&|s| s.cpe = vec!["cpe:2.3:a:b".into()]));
    let cpe = Cpe::new('a', "b", "c", None).unwrap().to_string();
    assert!(!refused(&|s| s.cpe = vec![cpe.clone(); MOST_CPES]));
    assert!(refused(&|s| s.cpe = vec![cpe.clone(); MOST_CPES + 1]));
    assert!(refused(&|s| s.extra = Some(Sent(vec![2]))));
}

proptest! {
    #[test]
    fn a_service_comes_back(service in services()) {
        prop_assert_eq!(from_bytes(&to_bytes(&service)), Ok(service));
    }

    #[test]
    fn names_come_back(names in vec(sent(), 0..5)) {
        prop_assert_eq!(names_from_bytes(&names_to_bytes(&names)), Ok(names));
    }

    #[test]
    fn what_is_damaged_is_refused_or_a_service(service in services(), at: Index, byte: u8, cut: Index) {
        let mut bytes = to_bytes(&service);
        prop_assert!(from_bytes(&bytes[..cut.index(bytes.len())]).is_err());
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(other) = from_bytes(&bytes) {
            prop_assert_eq!(from_bytes(&to_bytes(&other)), Ok(other));
        }
    }

    #[test]
    fn any_bytes_are_refused_or_a_service(mut bytes: Vec<u8>) {
        bytes.insert(0, VERSION);
        let _ = (from_bytes(&bytes), names_from_bytes(&bytes));
    }
}
