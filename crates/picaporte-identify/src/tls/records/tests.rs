use proptest::prelude::*;

use super::*;
use crate::tls::TlsVersion::Tls12;
use crate::tls::tests::{message, record};

fn all(records: &mut Records) -> Vec<Message> {
    let mut messages = Vec::new();
    while let Some(message) = records.next() {
        let ends = matches!(message, Message::Malformed | Message::TooBig);
        messages.push(message);
        if ends {
            break;
        }
    }
    messages
}

fn read(wire: &[u8]) -> Vec<Message> {
    let mut records = Records::default();
    records.take(wire);
    all(&mut records)
}

#[test]
fn messages_in_one_record_or_over_many() {
    let (one, two) = (message(2, b"hello"), message(11, b"certificate"));
    let expected = [
        Message::Handshake(2, b"hello".to_vec()),
        Message::Handshake(11, b"certificate".to_vec()),
    ];
    let both = [one, two].concat();
    assert_eq!(read(&record(HANDSHAKE, Tls12, &both)), expected);
    let split: Vec<u8> = both
        .iter()
        .flat_map(|b| record(HANDSHAKE, Tls12, &[*b]))
        .collect();
    assert_eq!(read(&split), expected);
}

#[test]
fn what_no_server_sends_is_malformed() {
    let hello = message(2, b"hello");
    let cut = record(HANDSHAKE, Tls12, &hello[..5]);
    let alert = record(ALERT, Tls12, &[2, 40]);
    let longest = u16::try_from(LONGEST + 1).unwrap().to_be_bytes();
    for wire in [
        record(HANDSHAKE, Tls12, b""),
        record(ALERT, Tls12, &[2]),
        record(ALERT, Tls12, &[2, 40, 2]),
        record(ALERT, Tls12, &[3, 40]),
        record(20, Tls12, &[1]),
        record(23, Tls12, b"data"),
        [cut, alert.clone()].concat(),
        b"HTTP/1.1 400 Bad Request\r\n".to_vec(),
        vec![HANDSHAKE, 3, 3, longest[0], longest[1]],
    ] {
        assert_eq!(read(&wire), [Message::Malformed], "{wire:?}");
    }
    assert_eq!(read(&alert), [Message::Alert(2, 40)]);
}

#[test]
fn the_longest_message_is_read_and_a_longer_one_is_not() {
    let wire = |length: usize| -> Vec<u8> {
        let message = message(11, &vec![7; length]);
        message
            .chunks(1 << 14)
            .flat_map(|c| record(HANDSHAKE, Tls12, c))
            .collect()
    };
    let longest = read(&wire(Records::MESSAGE));
    assert!(
        matches!(&longest[..], [Message::Handshake(11, body)] if body.len() == Records::MESSAGE)
    );
    assert_eq!(read(&wire(Records::MESSAGE + 1)), [Message::TooBig]);
    // Its length alone is enough: 16 MB are not waited for.
    assert_eq!(
        read(&record(HANDSHAKE, Tls12, &[11, 0xFF, 0xFF, 0xFF])),
        [Message::TooBig]
    );
}

proptest! {
    #[test]
    fn cuts_make_no_difference(wire: Vec<u8>, good in any::<bool>(), at in 1..40usize) {
        let wire = if good { record(HANDSHAKE, Tls12, &message(2, &wire)) } else { wire };
        let mut cut = Records::default();
        let mut messages = Vec::new();
        for chunk in wire.chunks(at) {
            cut.take(chunk);
            messages.extend(all(&mut cut));
            if messages.last() == Some(&Message::Malformed) {
                break;
            }
        }
        prop_assert_eq!(messages, read(&wire));
    }
}
