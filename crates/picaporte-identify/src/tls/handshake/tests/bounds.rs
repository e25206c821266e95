//! Each bound of a handshake is reached.

use super::*;
use crate::tls::tests::{certificate, message};

/// A server's hello of TLS 1.2, which rustls takes, and what is to come behind it.
fn hello_and(more: &[u8]) -> Vec<u8> {
    let hello = server_hello(TlsVersion::Tls12, 0xC02F);
    let messages = [&hello, more].concat();
    let records = messages.chunks(1 << 14);
    records
        .flat_map(|c| record(22, TlsVersion::Tls12, c))
        .collect()
}

#[test]
fn a_certificate_of_16_mb_is_not_held() {
    let begins = [&[11, 0xFF, 0xFF, 0xFF][..], &[0; 16_000]].concat();
    let wire = [hello_and(b""), record(22, TlsVersion::Tls12, &begins)].concat();
    let mut client = Handshake::new(HOST, &[]);
    let mut taken = 0;
    for chunk in wire.chunks(4096) {
        if client.state() != State::Shaking {
            break;
        }
        client.take(chunk);
        taken += chunk.len();
    }
    assert_eq!(client.state(), State::Failed(Failure::TooBig));
    assert!(taken <= 20 << 10, "{taken}: its first record is enough");
    assert!(client.is_tls() && client.chain().is_empty());
}

/// Certificates of 64 KiB in one message are more than rustls takes; of 60 KiB are not.
#[test]
fn a_long_chain_is_taken_up_to_the_bound() {
    let chain = |count: usize| certificate(&vec![&[0x30; 1000][..]; count]);
    let mut client = Handshake::new(HOST, &[]);
    client.take(&hello_and(&chain(60)));
    assert_eq!(client.state(), State::Shaking);
    assert_eq!(failed(&hello_and(&chain(66))), Failure::TooBig);
}

/// Warnings are taken, each of 7 bytes, and rustls has a bound of its own for them.
#[test]
fn warnings_without_end_are_ended() {
    let warning = record(21, TlsVersion::Tls12, &[1, 112]);
    assert_eq!(failed(&warning.repeat(100)), Failure::Malformed);
}

/// Three messages of 60 KB, each of which may be: together they are more than is taken.
#[test]
fn a_handshake_of_many_long_messages_is_ended() {
    let long = vec![0x30; 60_000];
    let sized = |bytes: &[u8]| [&(bytes.len() as u16).to_be_bytes()[..], bytes].concat();
    // With the extension (5) that announces a certificate's status.
    let hello = &server_hello(TlsVersion::Tls12, 0xC02F)[4..];
    let hello = message(2, &[hello, &[0, 4, 0, 5, 0, 0]].concat());
    let status = message(22, &[&[1, 0], &sized(&long)[..]].concat());
    let key = [&[3, 0, 29, 32][..], &[9; 32], &[8, 4, 0, 0]].concat();
    let request = [&[1, 1, 0, 2, 4, 3][..], &sized(&sized(&long))].concat();
    let messages = [
        hello,
        certificate(&[&long]),
        status,
        message(12, &key),
        message(13, &request),
    ];
    let wire: Vec<u8> = messages
        .iter()
        .flat_map(|m| m.chunks(1 << 14))
        .flat_map(|c| record(22, TlsVersion::Tls12, c))
        .collect();
    let mut client = Handshake::new(HOST, &[]);
    client.take(&wire[..Handshake::MOST]);
    assert_eq!(client.state(), State::Shaking);
    client.take(&wire[Handshake::MOST..]);
    assert_eq!(client.state(), State::Failed(Failure::TooBig));
    assert!(client.is_tls());
}

/// Records of one byte cost rustls their heads too: it holds 64 KiB of a message that is not whole.
#[test]
fn a_message_in_tiny_records_is_ended() {
    let mut client = Handshake::new(HOST, &[]);
    client.take(&hello_and(b""));
    let mut taken = 0;
    for byte in certificate(&[&vec![0x30; 60_000]]) {
        client.take(&record(22, TlsVersion::Tls12, &[byte]));
        taken += 6;
        if client.state() != State::Shaking {
            break;
        }
    }
    assert_eq!(client.state(), State::Failed(Failure::TooBig));
    // The last one was refused.
    assert!((60_000..=(64 << 10) + 6).contains(&taken), "{taken}");
}

#[test]
fn plain_bytes_that_nobody_reads_are_bounded() {
    let (mut client, mut server) = ready(Wishes::default());
    let mut sent = 0;
    while client.state() == State::Ready {
        server.writer().write_all(&[b'x'; 8192]).unwrap();
        sent += 8192;
        client.take(&answer(&mut server, b""));
        assert!(sent <= 2 * Handshake::PLAIN);
    }
    assert_eq!(client.state(), State::Failed(Failure::TooBig));
    assert_eq!(client.read_plain().len(), Handshake::PLAIN);
}

#[test]
fn more_than_64_kib_are_not_written_at_once() {
    let (mut client, _server) = ready(Wishes::default());
    assert_eq!(client.write_plain(&vec![0; 64 << 10]), Ok(()));
    client.to_send();
    assert_eq!(
        client.write_plain(&vec![0; (64 << 10) + 4096]),
        Err(WriteError::TooMuch)
    );
}

#[test]
fn a_chain_that_loops_is_a_list() {
    let (der, _) = own();
    let (client, _) = ready(Wishes {
        more: vec![der; 20],
        ..Wishes::default()
    });
    let chain = client.chain();
    assert_eq!(
        (chain.certificates.len(), chain.left_out),
        (Chain::MOST, 21 - Chain::MOST)
    );
}

/// Changes of keys carry no bytes, so that the bound of plain bytes does not end them; rustls has a bound of its own.
#[test]
fn key_updates_without_end_are_ended() {
    let updated = |times: usize| {
        let (mut client, mut server) = ready(of(&NEW));
        let mut wire = Vec::new();
        for _ in 0..times {
            server.refresh_traffic_keys().expect("TLS 1.3");
            wire.extend(answer(&mut server, b""));
        }
        client.take(&wire);
        (client.state(), client.to_send().len())
    };
    assert_eq!(updated(20), (State::Ready, 0));
    let (state, alert) = updated(1000);
    assert_eq!(state, State::Failed(Failure::Malformed));
    assert!(alert < 64, "{alert}");
}

#[test]
fn sixteen_names_are_offered_by_alpn() {
    let length = |count| {
        let mut client = Handshake::new(HOST, &vec![&[b'x'; 255][..]; count]);
        client.to_send().len()
    };
    assert_eq!(length(16) - length(15), 256);
    assert_eq!(length(1000), length(16));
}
