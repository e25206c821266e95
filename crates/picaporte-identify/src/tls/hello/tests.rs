use proptest::prelude::*;
use rustls::server::Acceptor;

use super::*;

/// Reads a hello as a server of rustls does: the name asked for, and the suites offered.
fn read(mut wire: &[u8]) -> (Option<String>, Vec<u16>) {
    let mut acceptor = Acceptor::default();
    while !wire.is_empty() {
        acceptor.read_tls(&mut wire).expect("bytes");
    }
    let accepted = match acceptor.accept() {
        Ok(Some(accepted)) => accepted,
        Ok(None) => panic!("not a whole hello"),
        Err((error, _)) => panic!("{error}"),
    };
    let hello = accepted.client_hello();
    let suites = hello.cipher_suites().iter().map(|s| u16::from(*s));
    (hello.server_name().map(str::to_owned), suites.collect())
}

#[test]
fn a_server_reads_what_was_asked() {
    for version in [TlsVersion::Tls12, TlsVersion::Tls13] {
        let (name, mut suites) = read(&hello(version, Some("www.example.org")));
        assert_eq!(name.as_deref(), Some("www.example.org"));
        suites.retain(|suite| *suite != RENEGOTIATION);
        assert!(offers(version).eq(suites));
        assert_eq!(read(&hello(version, None)).0, None);
    }
}

/// Offsets: record head 5, message head 4, then version, random.
#[test]
fn versions_stand_where_they_belong() {
    let of = |version| {
        let wire = hello(version, None);
        let number = |at: usize| u16::from_be_bytes([wire[at], wire[at + 1]]);
        (number(1), number(9))
    };
    assert_eq!(of(TlsVersion::Ssl30), (0x0300, 0x0300));
    assert_eq!(of(TlsVersion::Tls10), (0x0301, 0x0301));
    assert_eq!(of(TlsVersion::Tls11), (0x0301, 0x0302));
    assert_eq!(of(TlsVersion::Tls12), (0x0301, 0x0303));
    assert_eq!(of(TlsVersion::Tls13), (0x0301, 0x0303));
}

#[test]
fn ssl_3_has_neither_extensions_nor_curves() {
    let wire = hello(TlsVersion::Ssl30, Some("www.example.org"));
    // version, random, session; suites behind their length; one compression
    let suites = usize::from(u16::from_be_bytes([wire[44], wire[45]]));
    assert_eq!(wire.len(), 46 + suites + 2);
    assert!(offers(TlsVersion::Ssl30).all(|suite| suite < CURVES));
    assert!(offers(TlsVersion::Tls10).any(|suite| suite > CURVES));
}

proptest! {
    /// Lengths agree, and no hello has a length that makes servers hang.
    #[test]
    fn lengths_are_right(which in 0..5usize, name in "[a-z]{1,63}(\\.[a-z]{1,63}){0,2}") {
        let wire = hello(TlsVersion::ALL[which], Some(&name));
        let record = usize::from(u16::from_be_bytes([wire[3], wire[4]]));
        let message = u32::from_be_bytes([0, wire[6], wire[7], wire[8]]) as usize;
        prop_assert_eq!(wire.len(), 5 + record);
        prop_assert_eq!(record, 4 + message);
        prop_assert!(!(256..512).contains(&record), "{}", record);
        prop_assert!(record <= 1024);
        if which >= 3 {
            let asked = read(&wire).0;
            prop_assert_eq!(asked, Some(name));
        }
    }
}
