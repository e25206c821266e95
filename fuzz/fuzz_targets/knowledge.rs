//! Data files as anybody may write them, and an answer behind a line of `====`: read or refused with a place in the file, never a panic; and
//! what a rule says of an answer keeps its bounds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picaporte_identify::knowledge::{Host, Knowledge, MOST_FIELD, MOST_SEND, Source};

const BETWEEN: &[u8] = b"\n====\n";

fuzz_target!(|bytes: &[u8]| {
    let split = bytes
        .windows(BETWEEN.len())
        .position(|part| part == BETWEEN);
    let (file, answer) = match split {
        Some(at) => (&bytes[..at], &bytes[at + BETWEEN.len()..]),
        None => (bytes, &bytes[..bytes.len().min(64)]),
    };
    let Ok(text) = std::str::from_utf8(file) else {
        return;
    };
    let lines = text.lines().count() + 1;
    let knowledge = match Knowledge::read(&[("a.toml", text)]) {
        Ok(knowledge) => knowledge,
        Err(error) => {
            assert!(error.wrong.line <= lines, "{error} of {lines} lines");
            assert!(!error.wrong.what.to_string().is_empty() && &*error.file == "a.toml");
            return;
        }
    };
    if let Err(error) = knowledge.prove() {
        assert!(
            (1..=lines).contains(&error.wrong.line),
            "{error} of {lines} lines"
        );
    }
    let host = Host::new("2001:db8::1").expect("an address");
    for (id, probe) in knowledge.probes() {
        // A place for the host is shorter than an address by up to 35 bytes, each time.
        assert!(probe.question(&host, 65_535).len() <= MOST_SEND * 8);
        let found = knowledge.recognize(&[Source::Probe(id), Source::Greeting], answer);
        let Some(said) = found.map(|found| found.said) else {
            continue;
        };
        for field in [said.product, said.extra, said.hostname]
            .into_iter()
            .flatten()
        {
            assert!((1..=MOST_FIELD).contains(&field.len()));
        }
    }
});
