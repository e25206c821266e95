//! The table of docs/check.md: every demand of a policy, and every word that a scan has for a port, held against what is made of
//! them.

use std::fmt::Write as _;
use std::path::PathBuf;

use jiff::civil::date;
use picaporte_check::{Answer, Demand, Filtered, Policy, check};
use picaporte_core::target::NoLookup;
use picaporte_diff::{Builder, Format, HostId, Limits, Said, Snapshot};

/// Set, it makes the test write its table instead of comparing it.
const WRITE: &str = "PICAPORTE_WRITE_DOCS";

/// What a host may be to a scan: one port of which this is said, or nothing at all.
const COLUMNS: [(&str, Option<Said>); 7] = [
    ("open", Some(Said::Open)),
    ("closed", Some(Said::Closed)),
    ("filtered", Some(Said::Filtered)),
    ("untested", Some(Said::Untested)),
    ("undecided", Some(Said::Undecided)),
    ("port not asked", Some(Said::Absent)),
    ("host not in the scan", None),
];

fn scan(said: Option<Said>) -> Snapshot {
    let mut builder = Builder::new(Format::JsonLines, "picaporte", &Limits::default());
    if let Some(said) = said {
        let id = HostId::parse("192.0.2.7").expect("an address");
        builder.mention(&id).expect("room");
        builder.say(&id, said, 22, 22).expect("room");
    }
    builder.finish().expect("room")
}

fn policy(lines: &str) -> Policy {
    Policy::parse(lines.as_bytes(), &NoLookup).expect("a policy")
}

fn rule(demand: Demand, filtered: Filtered) -> Policy {
    policy(&format!(
        "otherwise = 'may'\nmust_not_filtered = '{}'\n[[rule]]\nname = 'a'\nreason = 'r'\nhosts = ['192.0.2.7']\n{} = '22'\n",
        filtered.name(),
        demand.name()
    ))
}

fn answer(policy: &Policy, scan: &Snapshot) -> &'static str {
    match check(policy, scan, date(2026, 1, 1)).answer() {
        Answer::Holds => "holds",
        Answer::CannotTell => "can't tell",
        Answer::Violated => "**violated**",
    }
}

fn table() -> String {
    let rest = "[[rule]]\nname = 'a'\nreason = 'r'\nhosts = ['192.0.2.7']\nmay = '1-21,23-65535'\nmust_not = 'rest'\n";
    let rows = [
        ("`must`", rule(Demand::Must, Filtered::Holds)),
        ("`may`", rule(Demand::May, Filtered::Holds)),
        ("`must_not`", rule(Demand::MustNot, Filtered::Holds)),
        (
            "`must_not`, with `must_not_filtered = \"cannot_tell\"`",
            rule(Demand::MustNot, Filtered::CannotTell),
        ),
        (
            "`must_not = \"rest\"`",
            policy(&format!("otherwise = 'may'\n{rest}")),
        ),
        (
            "`otherwise = \"must_not\"`",
            policy("otherwise = 'must_not'\n"),
        ),
        ("`otherwise = \"may\"`", policy("otherwise = 'may'\n")),
    ];
    let mut text = String::from("| asked |");
    for (name, _) in COLUMNS {
        let _ = write!(text, " {name} |");
    }
    let _ = writeln!(text, "\n|{}", " --- |".repeat(COLUMNS.len() + 1));
    for (name, policy) in &rows {
        let _ = write!(text, "| {name} |");
        for (_, said) in COLUMNS {
            let _ = write!(text, " {} |", answer(policy, &scan(said)));
        }
        text.push('\n');
    }
    text
}

/// The document with this table in its place.
fn with_table(text: &str, table: &str) -> String {
    let begin = "<!-- The table of states: made by the test of picaporte-check. -->\n";
    let end = "<!-- The end of the table of states. -->\n";
    let (before, rest) = text.split_once(begin).expect("the beginning of the table");
    let (_, after) = rest.split_once(end).expect("the end of the table");
    format!("{before}{begin}{table}{end}{after}")
}

#[test]
fn every_state_is_documented() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/check.md");
    let text = std::fs::read_to_string(&file).expect("docs/check.md");
    let made = with_table(&text, &table());
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&file, made).expect("docs/check.md");
        return;
    }
    assert!(
        text == made,
        "docs/check.md has another table; `{WRITE}=1 cargo test -p picaporte-check --test states` writes this one:\n{made}"
    );
}
