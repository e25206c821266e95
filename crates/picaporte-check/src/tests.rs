//! Policies, good ones and those that are wrong in one thing each, and scans held against them.

use std::fmt::Write as _;

use jiff::civil::{Date, date};
use picaporte_core::target::Lookup;
use picaporte_diff::{Builder, Format, HostId, Limits, Said, Snapshot};
use proptest::prelude::*;

use super::*;

mod answered;
mod listening;
mod naive;
mod wrong_ones;

/// A machine that knows one service, and no zone.
struct MadeUp;

impl Lookup for MadeUp {
    fn service(&self, name: &str) -> Option<Vec<u16>> {
        (name == "ssh").then(|| vec![22])
    }

    fn zone(&self, _: &str) -> Option<u32> {
        None
    }
}

fn read(text: &str) -> Result<Policy, Wrong> {
    Policy::parse(text.as_bytes(), &MadeUp)
}

const TODAY: Date = date(2026, 11, 28);

const FULL: &str = "\u{feff}# The whole of it.
title = 'Example Corp'
owner = 'Jane Doe, noc@example.org'
otherwise = 'must_not'
must_not_filtered = 'cannot_tell'

[groups]
web = ['192.0.2.10-12', 'WWW.example.org.']
links = ['fe80::1%eth0', 'fe80::/64']

[[rule]]
name = 'web'
reason = 'the public site'
hosts = ['@web', '192.0.2.20']
without = ['192.0.2.11', 'old.example.org']
must = '80,443'
may = 'ssh'
must_not = 'rest'

[[rule]]
name = 'no telnet'
reason = 'it is read on the way'
hosts = ['192.0.2.0/24', '@links']
must_not = '23'

[[exception]]
name = 'old switch'
reason = 'to be replaced'
by = 'Jane Doe'
until = 2026-12-31
rule = 'no telnet'
hosts = ['192.0.2.30']
ports = '23'
";

#[test]
fn everything_that_can_be_written_is_read() {
    let policy = read(FULL).unwrap();
    insta::assert_debug_snapshot!(policy);
    assert_eq!(policy.expired(date(2026, 12, 31)).count(), 0);
    let expired: Vec<_> = policy.expired(date(2027, 1, 1)).collect();
    assert_eq!(expired.len(), 1);
    insta::assert_snapshot!(expired[0]);
}

#[test]
fn every_mistake_is_told_with_its_place_and_what_to_mend() {
    let mut told = String::new();
    for (what, text) in wrong_ones::refused() {
        let wrong = read(&text).expect_err(what);
        writeln!(told, "{what}:\n    {wrong}").unwrap();
    }
    insta::assert_snapshot!(told);
}

#[test]
fn what_is_harmless_but_hardly_meant_is_warned_of() {
    let mut told = String::new();
    for (what, text) in wrong_ones::warned() {
        let policy = read(&text).unwrap_or_else(|wrong| panic!("{what}: {wrong}"));
        assert!(!policy.warnings.is_empty(), "{what}");
        writeln!(told, "{what}:").unwrap();
        for warning in &policy.warnings {
            writeln!(told, "    {warning}").unwrap();
        }
    }
    insta::assert_snapshot!(told);
}

#[test]
fn mistakes_and_warnings_are_told_in_spanish_too() {
    let mut told = String::new();
    let mut tell = |what: &str, wrong: &Wrong| {
        // What is wrong with a target or with ports is told by whoever shows it.
        if let Mistake::Said(text) = &wrong.what {
            assert_ne!(text.en, text.es, "{what}");
            writeln!(told, "{what}:\n    {}", text.es).unwrap();
        }
    };
    for (what, text) in wrong_ones::refused() {
        tell(what, &read(&text).expect_err(what));
    }
    for (what, text) in wrong_ones::warned() {
        let policy = read(&text).unwrap();
        policy.warnings.iter().for_each(|wrong| tell(what, wrong));
    }
    insta::assert_snapshot!(told);
}

#[test]
fn no_more_warnings_are_told_than_anybody_would_read() {
    let hosts: Vec<String> = (0..=MOST_WARNINGS).map(|_| "'a.test'".to_owned()).collect();
    let text = wrong_ones::rule(&format!(
        "hosts = [{}, 'a.test']\nmust = '1'\n",
        hosts.join(",")
    ));
    let policy = read(&text).unwrap();
    assert_eq!(policy.warnings.len(), MOST_WARNINGS + 1);
    let last = policy.warnings.last().unwrap();
    assert_eq!(
        (last.line, &last.what.to_string()[..20]),
        (0, "1 more warnings like")
    );
}

#[test]
fn what_is_good_is_read_without_a_word() {
    for (what, text) in wrong_ones::good() {
        let policy = read(&text).unwrap_or_else(|wrong| panic!("{what}: {wrong}"));
        assert_eq!(policy.warnings, [], "{what}");
    }
}

/// The policies that documents show are good ones.
#[test]
fn what_documents_show_is_read_without_a_word() {
    let root = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (file, policies) in [("docs/check.md", 2), ("README.md", 1)] {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        let blocks = text.split("```toml\n").skip(1);
        let blocks: Vec<_> = blocks.filter_map(|rest| rest.split("```").next()).collect();
        assert_eq!(blocks.len(), policies, "{file}");
        for block in blocks {
            let policy = read(block).unwrap_or_else(|wrong| panic!("{file}: {wrong}"));
            assert_eq!(policy.warnings, [], "{file}");
        }
    }
}

fn line() -> impl Strategy<Value = String> {
    let host = prop_oneof![
        "192\\.0\\.2\\.[0-9]{1,3}(/[0-9]{1,2})?",
        "fe80::[0-9](%[a-z/-]{0,4})?",
        "@[ab]",
        "[a-z.*-]{1,8}",
        ".{0,6}",
    ];
    let hosts = proptest::collection::vec(host, 0..4).prop_map(|all| format!("{all:?}"));
    let list = ("(hosts|without|a|b)", hosts).prop_map(|(key, value)| format!("{key} = {value}"));
    let text = (
        "(name|reason|by|title|must|may|must_not|ports|rule|otherwise|must_not_filtered|x)",
        "(rest|may|must_not|holds|[0-9,-]{0,8}|[a-c])",
    );
    let text = text.prop_map(|(key, value)| format!("{key} = '{value}'"));
    prop_oneof![
        6 => list,
        12 => text,
        2 => "until = 20[0-9]{2}-0[1-9]-[0-3][0-9]",
        2 => Just("[[rule]]".to_owned()),
        1 => Just("[[exception]]".to_owned()),
        1 => Just("[groups]".to_owned()),
        1 => ".{0,20}",
    ]
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Policy::parse(&bytes, &MadeUp);
    }

    #[test]
    fn any_file_is_refused_at_a_place_in_it_or_read(lines in proptest::collection::vec(line(), 0..16)) {
        let text = format!("otherwise = 'must_not'\n{}", lines.join("\n"));
        let told = match read(&text) {
            Err(wrong) => vec![wrong],
            Ok(policy) => policy.warnings,
        };
        for wrong in told {
            prop_assert!(!wrong.what.to_string().is_empty());
            prop_assert!(wrong.line <= text.lines().count().max(1) + 1, "{wrong}");
        }
    }
}
