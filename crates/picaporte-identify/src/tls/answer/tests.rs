use proptest::prelude::*;

use super::*;
use crate::tls::tests;

/// A `ServerHello` with extensions: the kind and content of each.
fn body(version: u16, extensions: &[(u16, &[u8])]) -> Vec<u8> {
    let mut list = Vec::new();
    for (kind, content) in extensions {
        list.extend(kind.to_be_bytes());
        list.extend((content.len() as u16).to_be_bytes());
        list.extend(*content);
    }
    let (version, length) = (version.to_be_bytes(), (list.len() as u16).to_be_bytes());
    [
        &version[..],
        &[9; 32],
        &[2, 1, 2],
        &[0x13, 0x01],
        &[0],
        &length,
        &list,
    ]
    .concat()
}

#[test]
fn the_version_is_where_1_3_says_it() {
    let version = |body: &[u8]| server_hello(body).map(|hello| hello.version);
    assert_eq!(version(&body(0x0303, &[])), Some(TlsVersion::Tls12));
    assert_eq!(
        version(&body(0x0303, &[(51, b"x"), (43, &[3, 4])])),
        Some(TlsVersion::Tls13)
    );
    assert_eq!(
        version(&body(0x0303, &[(43, &[0x7F, 0x1C])])),
        None,
        "a draft"
    );
    assert_eq!(version(&body(0x0300, &[])), Some(TlsVersion::Ssl30));
    assert_eq!(version(&body(0x0303, &[(43, &[3])])), None);
}

#[test]
fn a_hello_is_read_to_its_end() {
    let whole = body(0x0303, &[(65281, &[0])]);
    assert_eq!(
        server_hello(&whole).map(|hello| hello.suite),
        Some(Suite(0x1301))
    );
    let without = 2 + 32 + 3 + 2 + 1;
    for end in 0..whole.len() {
        let expected = end == without;
        assert_eq!(server_hello(&whole[..end]).is_some(), expected, "{end}");
    }
    assert_eq!(server_hello(&[&whole[..], b"x"].concat()), None);
    let mut compressed = whole.clone();
    compressed[without - 1] = 1;
    assert_eq!(server_hello(&compressed), None);
    let long_session = [&[3, 3][..], &[0; 32], &[33], &[0; 33], &[0, 47, 0]].concat();
    assert_eq!(server_hello(&long_session), None);
}

#[test]
fn certificates_are_taken_one_by_one() {
    let wire = tests::certificate(&[b"one", b"", b"three"]);
    let body = &wire[4..];
    assert_eq!(certificates(body), [&b"one"[..], b"", b"three"]);
    assert!(certificates(&body[..body.len() - 1]).is_empty());
    // The list is whole, its last certificate is not.
    let short = [0, 0, 8, 0, 0, 1, b'a', 0, 0, 9, b'b'];
    assert_eq!(certificates(&short), [b"a"]);
    assert!(certificates(b"").is_empty());
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes: Vec<u8>) {
        let _ = server_hello(&bytes);
        let total: usize = certificates(&bytes).iter().map(|der| der.len()).sum();
        prop_assert!(total <= bytes.len());
    }
}
