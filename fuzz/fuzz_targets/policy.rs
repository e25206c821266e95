//! Policies as anybody may write them: read or refused with a place in the file, never a panic; and what is read has an answer
//! for each rule, none of which hides a port that must not be open.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use picaporte::NoLookup;
use picaporte_check::{Answer, Demand, Otherwise, Policy, check};
use picaporte_diff::{Limits, Said, Snapshot, Wanted, read};

const SCAN: &str = r#"{"type":"scan","schema":1}
{"type":"host","ip":"192.0.2.1","name":"a.test","ports":{"open":"22,80","closed":"23","filtered":"25","untested":"443"}}
{"type":"host","ip":"2001:db8::1","name":null,"ports":{"open":"1-65535","closed":"","filtered":"","untested":""}}
{"type":"host","ip":"fe80::1%eth0","name":"b","ports":{"open":"","closed":"1-65535","filtered":"","untested":""}}
{"type":"end","untested":1,"complete":false}"#;

fn scan() -> &'static Snapshot {
    static SCANNED: OnceLock<Snapshot> = OnceLock::new();
    SCANNED.get_or_init(|| read(SCAN.as_bytes(), Wanted::default(), &Limits::default()).expect("a scan"))
}

fuzz_target!(|bytes: &[u8]| {
    let lines = bytes.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let policy = match Policy::parse(bytes, &NoLookup) {
        Ok(policy) => policy,
        Err(wrong) => {
            assert!(!wrong.what.to_string().is_empty());
            assert!(wrong.line <= lines, "{wrong} of {lines} lines");
            return;
        }
    };
    assert!(policy.warnings.iter().all(|wrong| wrong.line <= lines));
    let answers = check(&policy, scan(), jiff::civil::date(2026, 11, 28));
    assert_eq!(answers.rules.len(), policy.rules.len() + 1);
    for rule in &answers.rules {
        let worst = rule.findings.iter().map(|finding| finding.answer).max();
        assert!(worst.unwrap_or(Answer::Holds) <= rule.answer);
    }
    // Without rules and exceptions, what is open is violated where it must not be.
    if policy.rules.is_empty() && policy.exceptions.is_empty() {
        let violated = answers.answer() == Answer::Violated;
        assert_eq!(violated, policy.otherwise == Otherwise::MustNot);
        let open = |f: &picaporte_check::Finding<'_>| f.demand == Demand::MustNot && f.said == Said::Open;
        assert_eq!(answers.rules[0].findings.iter().any(open), violated);
    }
});
