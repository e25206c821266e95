use std::iter::repeat_n;

use proptest::prelude::*;
use rcgen::{
    CertificateParams, DnType, Issuer, KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, SanType,
    SignatureAlgorithm, date_time_ymd,
};

use super::*;

fn names(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    CertificateParams::new(names).expect("names")
}

fn made(params: &CertificateParams) -> Vec<u8> {
    let key = KeyPair::generate().expect("a key");
    params
        .self_signed(&key)
        .expect("a certificate")
        .der()
        .to_vec()
}

fn read(der: &[u8]) -> Details {
    Certificate::read(der).details.expect("it can be read")
}

fn kept(details: &Details) -> Vec<String> {
    let shown = |name: &AltName| match name {
        AltName::Dns(name) => name.to_string(),
        AltName::Address(address) => address.to_string(),
        AltName::Other(other) => other.terminal(),
        AltName::CommonName(name) => format!("CN {}", name.terminal()),
    };
    details.names.iter().map(shown).collect()
}

#[test]
fn what_a_certificate_says() {
    let mut params = names(&[
        "www.example.org",
        "*.example.net",
        "192.0.2.7",
        "2001:db8::1",
    ]);
    let other = |name: &str| name.try_into().expect("ASCII");
    params
        .subject_alt_names
        .push(SanType::URI(other("https://example.org/")));
    params
        .subject_alt_names
        .push(SanType::Rfc822Name(other("a@example.org")));
    params
        .subject_alt_names
        .push(SanType::DnsName(other("no name!")));
    params.serial_number = Some(vec![0x12, 0xAB].into());
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2021, 1, 1);
    let details = read(&made(&params));
    assert_eq!(
        kept(&details),
        [
            "www.example.org",
            "*.example.net",
            "192.0.2.7",
            "2001:db8::1",
            "URI:https://example.org/",
            "email:a@example.org",
            "DNS:no name!"
        ]
    );
    assert_eq!((&*details.serial, details.names_left_out), ("12ab", 0));
    assert_eq!(
        (details.not_before, details.not_after),
        (1_577_836_800, 1_609_459_200)
    );
    assert_eq!(details.key.to_string(), "EC P-256");
    assert_eq!(details.key.bits, Some(256));
    assert_eq!(details.signature, "ecdsa-with-SHA256");
    assert_eq!(details.self_signed, SelfSigned::Yes);
    for host in [
        "www.example.org",
        "a.example.net",
        "192.0.2.7",
        "2001:db8:0::1",
    ] {
        assert_eq!(details.matches(host), Some(true), "{host}");
    }
    for host in ["example.org", "a.b.example.net", "192.0.2.8", ""] {
        assert_eq!(details.matches(host), Some(false), "{host}");
    }
}

#[test]
fn it_is_good_from_the_first_second_to_the_last() {
    let mut params = names(&["example.org"]);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2021, 1, 1);
    let details = read(&made(&params));
    let (first, last) = (details.not_before, details.not_after);
    let stands = |now| (details.is_not_yet_valid(now), details.is_expired(now));
    assert_eq!(stands(first - 1), (true, false));
    assert_eq!(stands(first), (false, false));
    assert_eq!(stands(last), (false, false));
    assert_eq!(stands(last + 1), (false, true));
}

#[test]
fn a_common_name_is_told_and_matches_nothing() {
    let mut params = names(&[]);
    params
        .distinguished_name
        .push(DnType::CommonName, "www.example.org");
    let details = read(&made(&params));
    assert_eq!(kept(&details), ["CN www.example.org"]);
    assert_eq!(details.matches("www.example.org"), Some(false));
}

#[test]
fn keys_and_signatures_have_their_names() {
    let of = |algorithm: &'static SignatureAlgorithm| {
        let key = KeyPair::generate_for(algorithm).expect("a key");
        let details = read(names(&[]).self_signed(&key).expect("a certificate").der());
        assert_eq!(details.self_signed, SelfSigned::Yes);
        (details.key.to_string(), details.signature)
    };
    assert_eq!(of(&PKCS_ED25519), ("Ed25519".into(), "Ed25519".into()));
    assert_eq!(
        of(&PKCS_ECDSA_P384_SHA384),
        ("EC P-384".into(), "ecdsa-with-SHA384".into())
    );
    let of = |der: &[u8]| {
        let details = read(der);
        (
            details.key.to_string(),
            details.signature,
            details.self_signed,
        )
    };
    let sha256 = || "sha256WithRSAEncryption".to_owned();
    let rsa = include_bytes!("tests/rsa.der");
    assert_eq!(of(rsa), ("RSA 2048".into(), sha256(), SelfSigned::Yes));
    let small = include_bytes!("tests/small.der");
    assert_eq!(
        of(small),
        ("RSA 1024".into(), sha256(), SelfSigned::Unproven)
    );
    let p521 = include_bytes!("tests/p521.der");
    assert_eq!(
        of(p521),
        (
            "EC P-521".into(),
            "ecdsa-with-SHA256".into(),
            SelfSigned::Unproven
        )
    );
    let dsa = include_bytes!("tests/dsa.der");
    assert_eq!(
        of(dsa),
        (
            "DSA 1024".into(),
            "dsa-with-sha256".into(),
            SelfSigned::Unproven
        )
    );
    // The first has a salt of 64 bytes with SHA-256, the second is as ring wants it.
    assert_eq!(
        of(include_bytes!("tests/pss.der")),
        ("RSA 2048".into(), "RSASSA-PSS".into(), SelfSigned::Unproven)
    );
    assert_eq!(
        of(include_bytes!("tests/pss2.der")),
        ("RSA-PSS 2048".into(), "RSASSA-PSS".into(), SelfSigned::Yes)
    );
    let old = read(include_bytes!("tests/old.der"));
    assert!(old.is_expired(1_609_459_201) && !old.is_expired(1_609_459_200));
}

#[test]
fn another_key_of_the_same_name_is_not_its_own() {
    let authority = KeyPair::generate().expect("a key");
    let issuer = Issuer::new(names(&[]), authority);
    let key = KeyPair::generate().expect("a key");
    let sign = |params: CertificateParams| params.signed_by(&key, &issuer).expect("a certificate");
    let same_name = read(sign(names(&[])).der());
    assert!(same_name.subject == same_name.issuer);
    assert_eq!(same_name.self_signed, SelfSigned::No);
    let mut other = names(&[]);
    other.distinguished_name.push(DnType::CommonName, "leaf");
    assert_eq!(read(sign(other).der()).self_signed, SelfSigned::No);
}

#[test]
fn names_are_kept_up_to_their_bounds() {
    let many = |count: usize, length: usize| {
        let mut params = names(&[]);
        let label = "a".repeat(length.min(63));
        let rest = ".b".repeat((length - label.len()) / 2);
        let name = format!("{label}{rest}");
        let name = SanType::DnsName(name.try_into().expect("ASCII"));
        params.subject_alt_names = repeat_n(name, count).collect();
        let details = read(&made(&params));
        let all = details.names_left_out == 0;
        assert_eq!(details.matches("example.org"), all.then_some(false));
        (details.names.len(), details.names_left_out)
    };
    assert_eq!(many(Details::NAMES, 20), (Details::NAMES, 0));
    assert_eq!(many(Details::NAMES + 3, 20), (Details::NAMES, 3));
    // 253 bytes each
    assert_eq!(
        many(20, 253),
        (Details::NAMES_BYTES / 253, 20 - Details::NAMES_BYTES / 253)
    );
}

#[test]
fn a_name_is_hostile_until_it_is_encoded() {
    let mut params = names(&[]);
    params
        .distinguished_name
        .push(DnType::CommonName, "\u{1b}[2J<b>");
    let details = read(&made(&params));
    assert_eq!(details.subject.terminal(), r"CN=\u{1b}[2J\\<b\\>");
    assert_eq!(kept(&details), [r"CN \u{1b}[2J<b>"]);
}

#[test]
fn a_serial_number_is_cut() {
    let mut params = names(&[]);
    params.serial_number = Some(vec![0x11; 100].into());
    assert_eq!(read(&made(&params)).serial, "11".repeat(64));
}

#[test]
fn what_cannot_be_read_is_kept_by_its_digest() {
    let der = made(&names(&["example.org"]));
    for end in 0..der.len() {
        let certificate = Certificate::read(&der[..end]);
        assert_eq!((certificate.details, certificate.sha256.len()), (None, 64));
    }
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(Certificate::read(b"").sha256, empty);
    assert!(
        Certificate::read(&[&der[..], b"more"].concat())
            .details
            .is_some()
    );
}

/// An extension that can't be read leaves what stands before it.
#[test]
fn broken_names_leave_the_rest() {
    let mut der = made(&names(&["one.example.org", "two.example.org"]));
    let at = der.windows(3).position(|w| w == b"two").expect("the name");
    // Its length, of 15 bytes, becomes one of 127.
    der[at - 1] = 0x7F;
    let details = read(&der);
    assert_eq!(kept(&details), ["one.example.org"]);
    // Names that are no list.
    let at = der.windows(3).position(|w| w == b"one").expect("the name");
    der[at - 4] = 0x04;
    assert_eq!(kept(&read(&der)), ["CN rcgen self signed cert"]);
}

#[test]
fn a_chain_is_cut_and_counted() {
    let der = made(&names(&["example.org"]));
    let chain = Chain::read(repeat_n(&der[..], Chain::MOST));
    assert_eq!((chain.certificates.len(), chain.left_out), (Chain::MOST, 0));
    let chain = Chain::read(repeat_n(&der[..], Chain::MOST + 2));
    assert_eq!((chain.certificates.len(), chain.left_out), (Chain::MOST, 2));
    assert!(chain.own().is_some() && !chain.is_empty());
    assert!(Chain::default().own().is_none() && Chain::default().is_empty());
}

proptest! {
    #[test]
    fn a_changed_byte_does_no_harm(at: prop::sample::Index, to: u8) {
        let mut der = include_bytes!("tests/rsa.der").to_vec();
        let at = at.index(der.len());
        der[at] = to;
        if let Some(details) = Certificate::read(&der).details {
            prop_assert!(details.names.len() <= Details::NAMES);
            prop_assert!(details.subject.len() <= Details::NAME);
            prop_assert!(details.key.to_string().len() <= 256);
        }
    }

    #[test]
    fn any_bytes_are_read(bytes: Vec<u8>) {
        prop_assert_eq!(Certificate::read(&bytes).sha256.len(), 64);
    }
}
