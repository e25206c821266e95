//! A hostile server's bytes into the TLS client: it stays within its bounds, whatever comes, and says the same however the bytes are cut.
//!
//! The hello of the client is random, so that only what stands before encryption is reached: TLS 1.2 up to the server's last word in the clear.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picaporte_identify::tls::{Chain, Handshake, State, Tls};

fuzz_target!(|input: (u8, &[u8])| {
    let (size, wire) = input;
    let mut whole = Handshake::new(Some("www.example.org"), Handshake::ALPN);
    assert!(!whole.to_send().is_empty());
    whole.take(wire);
    let mut cut = Handshake::new(None, &[]);
    for chunk in wire.chunks(usize::from(size).max(1)) {
        cut.take(chunk);
        assert!(cut.to_send().len() <= 64 << 10);
        assert!(cut.read_plain().len() <= Handshake::PLAIN);
    }
    for mut handshake in [whole, cut] {
        assert!(handshake.read_plain().len() <= Handshake::PLAIN);
        handshake.ended();
        assert_ne!(handshake.state(), State::Shaking);
        let mut tls = Tls::default();
        tls.learn(&handshake);
        assert!(tls.chain.certificates.len() <= Chain::MOST);
        if tls.versions.newest().is_some() {
            assert!(handshake.is_tls());
        }
    }
});
