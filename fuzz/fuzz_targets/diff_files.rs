//! Files of scans as anybody may write them: read or refused, never a panic, within bounds; what was read is the same as itself,
//! and two of them differ in the same places whichever comes first.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picaporte_diff::{Limits, Wanted, compare, read};

const LIMITS: Limits = Limits {
    bytes: 1 << 16,
    entry: 1 << 12,
    depth: 32,
    hosts: 64,
    ranges: 1 << 12,
    evidence: 64,
    services: 64,
};

fuzz_target!(|bytes: &[u8]| {
    let wanted = Wanted { evidence: true };
    // A fuzzer finds the three kinds sooner when it need not guess how they begin.
    let (begin, rest) = match bytes.split_first() {
        Some((0, rest)) => (r#"{"type":"scan"}"#, rest),
        Some((1, rest)) => (r#"{"scan":{"type":"scan"},"findings":["#, rest),
        Some((2, rest)) => ("<nmaprun><scaninfo services=\"1-99\"/>", rest),
        _ => ("", bytes),
    };
    let file = [begin.as_bytes(), rest].concat();
    let halves = file.split_at(file.len() / 2);
    let Ok(scan) = read(&file[..], wanted, &LIMITS) else {
        return;
    };
    assert!(compare(&scan, &scan).is_empty());
    assert!(scan.hosts().len() <= LIMITS.hosts);
    let Ok(half) = read(halves.0, wanted, &LIMITS) else {
        return;
    };
    let (there, back) = (compare(&half, &scan), compare(&scan, &half));
    assert_eq!(there.counts.same, back.counts.same);
    let places = |changes: &picaporte_diff::Changes| {
        changes
            .hosts
            .iter()
            .map(|host| (host.id.clone(), host.ports.len()))
            .collect::<Vec<_>>()
    };
    assert_eq!(places(&there), places(&back));
});
