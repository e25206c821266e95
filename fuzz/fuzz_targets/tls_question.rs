//! A hostile server's bytes as the answer to a question: what is heard is the same however they are cut, and nothing is said of what was not asked.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picaporte_identify::tls::{Chain, Heard, Question, Tls, TlsVersion};

fn ask(kind: u8) -> Question {
    match TlsVersion::ALL.get(usize::from(kind)) {
        Some(version) => Question::of(*version, Some("www.example.org")),
        None => Question::any(None),
    }
}

fuzz_target!(|input: (u8, u8, &[u8])| {
    let (kind, size, wire) = input;
    let kind = kind % 6;
    let (mut whole, mut cut) = (ask(kind), ask(kind));
    whole.take(wire);
    for chunk in wire.chunks(usize::from(size).max(1)) {
        cut.take(chunk);
    }
    for question in [&mut whole, &mut cut] {
        question.ended();
        assert!(question.is_over());
        assert!(question.to_send().len() <= 1024);
    }
    assert_eq!(whole.heard(), cut.heard());
    assert_eq!(whole.chain(), cut.chain());
    let chain = whole.chain();
    assert!(chain.certificates.len() <= Chain::MOST);
    let mut tls = Tls::default();
    tls.hear(&whole);
    match whole.heard() {
        Some(Heard::Hello { version, .. }) => assert!(tls.versions.accepted().eq([version])),
        _ => assert!(chain.is_empty() && tls.versions.newest().is_none()),
    }
});
