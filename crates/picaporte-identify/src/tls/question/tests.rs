use proptest::prelude::*;

use super::*;
use crate::tls::tests::{certificate, message, own, record, server_hello};

const SUITE: u16 = 0xC02F;
const VERSION: TlsVersion = TlsVersion::Tls12;

/// A server's first flight: hello, certificate, key, done.
fn flight(ders: &[&[u8]]) -> Vec<u8> {
    let messages = [
        server_hello(VERSION, SUITE),
        certificate(ders),
        message(12, b"key"),
        message(14, b""),
    ];
    handshake(&messages.concat())
}

fn handshake(messages: &[u8]) -> Vec<u8> {
    let records = messages.chunks(1 << 14);
    records.flat_map(|c| record(22, VERSION, c)).collect()
}

fn ask(mut question: Question, wire: &[u8]) -> Question {
    question.take(wire);
    question.ended();
    question
}

fn heard(wire: &[u8]) -> Option<Heard> {
    ask(Question::any(None), wire).heard()
}

const HELLO: Heard = Heard::Hello {
    version: VERSION,
    suite: Suite(SUITE),
};

#[test]
fn the_certificates_are_waited_for_where_they_are_asked_for() {
    let (der, _) = own();
    let wire = flight(&[&der]);
    let question = ask(Question::any(None), &wire);
    assert_eq!(
        (question.heard(), question.chain().certificates.len()),
        (Some(HELLO), 1)
    );
    let question = ask(Question::of(VERSION, None), &wire);
    assert_eq!(
        (question.heard(), question.chain().is_empty()),
        (Some(HELLO), true)
    );
    // None is shown, as with an anonymous key exchange.
    let messages = [server_hello(VERSION, SUITE), message(12, b"key")].concat();
    let mut question = Question::any(None);
    question.take(&handshake(&messages));
    assert!(question.is_over() && question.chain().is_empty());
}

#[test]
fn it_says_goodbye_in_the_version_that_was_chosen() {
    let mut question = Question::of(TlsVersion::Tls10, None);
    assert!(!question.to_send().is_empty());
    assert!(question.to_send().is_empty());
    question.take(&handshake(&server_hello(TlsVersion::Tls10, 0x002F)));
    assert_eq!(question.to_send(), [21, 3, 1, 0, 2, 1, 0]);
    question.take(b"whatever");
    assert!(question.to_send().is_empty());
}

#[test]
fn alerts_end_it_and_warnings_do_not() {
    let alert = |level, number| record(21, VERSION, &[level, number]);
    assert_eq!(
        heard(&alert(2, 70)),
        Some(Heard::Alert(Alert::PROTOCOL_VERSION))
    );
    assert_eq!(heard(&alert(1, 0)), Some(Heard::Closed));
    let warned = [alert(1, 112), handshake(&server_hello(VERSION, SUITE))].concat();
    assert_eq!(heard(&warned), Some(HELLO));
    let request = [
        handshake(&message(0, b"")),
        handshake(&server_hello(VERSION, SUITE)),
    ]
    .concat();
    assert_eq!(heard(&request), Some(HELLO));
}

#[test]
fn what_was_not_offered_is_not_believed() {
    let of = |version, wire: &[u8]| ask(Question::of(version, None), wire).heard();
    let newer = handshake(&server_hello(TlsVersion::Tls12, SUITE));
    assert_eq!(of(TlsVersion::Tls11, &newer), Some(Heard::Malformed));
    let foreign = handshake(&server_hello(VERSION, 0x5A0B));
    assert_eq!(of(VERSION, &foreign), Some(Heard::Malformed));
    // A cipher of 1.3 in 1.2, and the other way round.
    let mixed = handshake(&server_hello(VERSION, 0x1301));
    assert_eq!(of(VERSION, &mixed), Some(Heard::Malformed));
    assert_eq!(of(TlsVersion::Tls13, &mixed), Some(Heard::Malformed));
}

#[test]
fn what_is_no_tls_is_told_at_once() {
    assert_eq!(heard(b"<html>"), Some(Heard::NotTls));
    assert_eq!(heard(b"220 ready\r\n"), Some(Heard::NotTls));
    let own = Question::any(None).to_send();
    assert_eq!(heard(&own), Some(Heard::Echo));
    assert_eq!(heard(b""), Some(Heard::Closed));
    let mut silent = Question::any(None);
    silent.timed_out();
    assert_eq!(silent.heard(), Some(Heard::Silent));
}

#[test]
fn it_takes_128_kib_and_no_more() {
    // Hello requests without end, each a message of its own.
    let request = handshake(&message(0, b""));
    let mut question = Question::any(None);
    let mut taken = 0;
    while !question.is_over() {
        question.take(&request);
        taken += request.len();
        assert!(taken < 2 * Question::MOST);
    }
    assert_eq!(question.heard(), Some(Heard::TooBig));
    assert!((Question::MOST..Question::MOST + request.len()).contains(&taken));
    // A certificate of 16 MB is refused by its length.
    let big = [server_hello(VERSION, SUITE), vec![11, 0xFF, 0xFF, 0xFF]].concat();
    let mut question = Question::any(None);
    question.take(&handshake(&big));
    assert!(question.is_over() && question.chain().is_empty());
    assert_eq!(question.heard(), Some(HELLO), "what was heard first stays");
}

#[test]
fn a_flight_cut_anywhere_tells_what_it_told() {
    let (der, _) = own();
    let wire = flight(&[&der, &der]);
    let hello = 5 + server_hello(VERSION, SUITE).len();
    for end in 0..wire.len() {
        let question = ask(Question::any(None), &wire[..end]);
        match question.heard() {
            Some(Heard::Closed) => assert!(question.chain().is_empty()),
            // All messages are in one record.
            other => panic!("{end} of {}, hello {hello}: {other:?}", wire.len()),
        }
    }
    let mut slowly = Question::any(None);
    for byte in &wire {
        slowly.take(&[*byte]);
    }
    assert_eq!(
        (slowly.heard(), slowly.chain().certificates.len()),
        (Some(HELLO), 2)
    );
}

proptest! {
    #[test]
    fn a_changed_byte_does_no_harm(at in 0..700usize, to: u8, size in 1..100usize) {
        let (der, _) = own();
        let mut wire = flight(&[&der]);
        let at = at % wire.len();
        wire[at] = to;
        let whole = ask(Question::any(None), &wire);
        let mut cut = Question::any(None);
        wire.chunks(size).for_each(|chunk| cut.take(chunk));
        cut.ended();
        prop_assert_eq!(whole.heard(), cut.heard());
        prop_assert_eq!(whole.chain(), cut.chain());
        prop_assert!(whole.is_over());
    }

    #[test]
    fn any_bytes_end_it(which in 0..6usize, bytes: Vec<u8>) {
        let question = match TlsVersion::ALL.get(which) {
            Some(version) => Question::of(*version, None),
            None => Question::any(None),
        };
        let question = ask(question, &bytes);
        let is_hello = matches!(question.heard(), Some(Heard::Hello { .. }));
        prop_assert!(!is_hello && question.is_over());
    }
}
