use rcgen::{CertificateParams, DistinguishedName, DnType, DnValue, KeyPair};

use super::*;
use crate::tls::certificate::Certificate;

/// The subject of a certificate with these parts.
fn subject(parts: &[(DnType, DnValue)]) -> Untrusted {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    for (kind, value) in parts {
        params.distinguished_name.push(kind.clone(), value.clone());
    }
    let key = KeyPair::generate().expect("a key");
    let der = params.self_signed(&key).expect("a certificate");
    let certificate = Certificate::read(der.der());
    certificate.details.expect("what was just made").subject
}

fn utf8(text: &str) -> DnValue {
    DnValue::Utf8String(text.to_owned())
}

fn common(text: &str) -> Untrusted {
    subject(&[(DnType::CommonName, utf8(text))])
}

#[test]
fn the_last_part_comes_first() {
    let name = subject(&[
        (DnType::CountryName, utf8("ES")),
        (DnType::OrganizationName, utf8("Example, Inc.")),
        (DnType::CommonName, utf8("www.example.org")),
    ]);
    assert!(name == Untrusted::new(r"CN=www.example.org,O=Example\, Inc.,C=ES"));
    assert!(subject(&[]).is_empty());
}

#[test]
fn what_has_a_meaning_is_escaped() {
    for (text, expected) in [
        (r#"a"+,;<>\b"#, r#"CN=a\"\+\,\;\<\>\\b"#),
        (" both ", r"CN=\ both\ "),
        ("# first", r"CN=\# first"),
        ("a # b", "CN=a # b"),
        ("a\0b", r"CN=a\00b"),
        (" ", r"CN=\ "),
        ("", "CN="),
    ] {
        assert!(
            common(text) == Untrusted::new(expected),
            "{}",
            common(text).terminal()
        );
    }
}

#[test]
fn all_kinds_of_strings_are_read() {
    let bmp = DnValue::BmpString("Ñandú".try_into().expect("of two bytes each"));
    assert!(subject(&[(DnType::CommonName, bmp)]) == Untrusted::new("CN=Ñandú"));
    let ia5 = DnValue::Ia5String("a@example.org".try_into().expect("ASCII"));
    let email = DnType::CustomDnType(vec![1, 2, 840, 113_549, 1, 9, 1]);
    assert!(subject(&[(email, ia5)]) == Untrusted::new("emailAddress=a@example.org"));
    let unknown = DnType::CustomDnType(vec![1, 3, 6, 1, 4, 1, 99_999]);
    assert!(subject(&[(unknown, utf8("x"))]) == Untrusted::new("1.3.6.1.4.1.99999=x"));
    let teletex = DnValue::TeletexString("a b".try_into().expect("plain"));
    assert!(subject(&[(DnType::CommonName, teletex)]) == Untrusted::new("CN=a b"));
}

#[test]
fn what_is_no_string_is_hexadecimal() {
    let mut out = Vec::new();
    let (_, any) =
        <Any<'_> as x509_parser::asn1_rs::FromDer<'_>>::from_der(&[4, 2, 0xAB, 0x01]).unwrap();
    attribute_value(&mut out, "2.5.4.3", &any);
    assert_eq!(out, b"CN=#0402ab01");
}

#[test]
fn a_name_without_end_is_cut() {
    let most = Details::NAME - "CN=".len();
    let whole = common(&"a".repeat(most));
    assert_eq!((whole.len(), whole.is_cut()), (Details::NAME, false));
    let cut = common(&"a".repeat(most + 1));
    assert_eq!((cut.len(), cut.is_cut()), (Details::NAME, true));
    let escaped = common(&"\0".repeat(60_000));
    assert_eq!((escaped.len(), escaped.is_cut()), (Details::NAME, true));
}
