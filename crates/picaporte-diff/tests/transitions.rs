//! The tables of docs/diff.md: every pair of states of a port, and every pair of ways in which a host may be there or not, held
//! against what is made of them.

use std::fmt::Write as _;
use std::path::PathBuf;

use picaporte_diff::{Builder, Format, HostId, Limits, Said, Snapshot, compare};

/// Set, it makes the test write its tables instead of comparing them.
const WRITE: &str = "PICAPORTE_WRITE_DOCS";

/// A name, and what is said of a host where it is named at all.
type Named = (&'static str, Option<(Said, bool, bool)>);

/// How a host may be there: what is said of port 22, whether it answered a ping, whether it was left as silent.
const HOSTS: [Named; 7] = [
    ("a port answers", Some((Said::Open, false, false))),
    (
        "a ping alone is answered",
        Some((Said::Filtered, true, false)),
    ),
    (
        "the port is asked, and silent",
        Some((Said::Filtered, false, false)),
    ),
    (
        "left as silent, or down",
        Some((Said::Untested, false, true)),
    ),
    ("not tested", Some((Said::Untested, false, false))),
    ("another port is asked", Some((Said::Absent, false, false))),
    ("not in the file", None),
];

fn host_id() -> HostId {
    HostId::parse("192.0.2.7").expect("an address")
}

fn scan(told: Option<(Said, bool, bool)>) -> Snapshot {
    let mut builder = Builder::new(Format::JsonLines, "picaporte", &Limits::default());
    if let Some((said, sign, left)) = told {
        let id = host_id();
        builder.mention(&id).expect("room");
        builder.say(&id, said, 22, 22).expect("room");
        if said == Said::Absent {
            builder.say(&id, Said::Filtered, 9999, 9999).expect("room");
        }
        if sign {
            builder.sign_of_life(&id).expect("room");
        }
        if left {
            builder.left_as_silent(&id).expect("room");
        }
    }
    builder.finish().expect("room")
}

/// What happened to port 22, and to its host.
fn told(old: &Snapshot, new: &Snapshot) -> String {
    let changes = compare(old, new);
    let host = changes.hosts.first();
    let port = host.and_then(|host| host.ports.iter().find(|change| change.ports.contains(22)));
    let is = |scan: &Snapshot, said| {
        scan.host(&host_id())
            .is_some_and(|host| host.of(said).contains(22))
    };
    let verdicts = Said::ALL.into_iter().filter(|said| said.is_verdict());
    let same = verdicts
        .into_iter()
        .any(|said| is(old, said) && is(new, said));
    let port = match port {
        Some(change) => change.change.name(),
        None if same => "the same",
        None => "-",
    };
    match host.and_then(|host| host.presence) {
        Some(presence) => format!("**{}** ({port})", presence.name()),
        None => port.to_owned(),
    }
}

/// Rows are what the old scan says, columns what the new one does.
fn table(head: &str, names: &[&str], cell: impl Fn(usize, usize) -> String) -> String {
    let mut text = format!("| {head} |");
    for name in names {
        let _ = write!(text, " {name} |");
    }
    let _ = writeln!(text, "\n|{}", " --- |".repeat(names.len() + 1));
    for (old, name) in names.iter().enumerate() {
        let _ = write!(text, "| **{name}** |");
        for new in 0..names.len() {
            let _ = write!(text, " {} |", cell(old, new));
        }
        text.push('\n');
    }
    text
}

/// The document with this table in its place.
fn with_table(text: &str, which: &str, table: &str) -> String {
    let begin = format!("<!-- The table of {which}: made by the test of picaporte-diff. -->\n");
    let end = format!("<!-- The end of the table of {which}. -->\n");
    let (before, rest) = text.split_once(&begin).expect("the beginning of the table");
    let (_, after) = rest.split_once(&end).expect("the end of the table");
    format!("{before}{begin}{table}{end}{after}")
}

fn ports() -> String {
    let side = |said| scan(Some((said, false, false)));
    table("old \\ new", &Said::ALL.map(Said::name), |old, new| {
        let cell = told(&side(Said::ALL[old]), &side(Said::ALL[new]));
        // Port 22 is the host's only one: that the host is told of too is the other table's.
        let port = cell.split_once("** (").map(|(_, port)| port);
        port.map_or(cell.clone(), |port| port.trim_end_matches(')').to_owned())
    })
}

fn hosts() -> String {
    let names = HOSTS.map(|(name, _)| name);
    table("old \\ new", &names, |old, new| {
        told(&scan(HOSTS[old].1), &scan(HOSTS[new].1))
    })
}

#[test]
fn every_transition_is_documented() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/diff.md");
    let text = std::fs::read_to_string(&file).expect("docs/diff.md");
    let made = with_table(&with_table(&text, "ports", &ports()), "hosts", &hosts());
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&file, made).expect("docs/diff.md");
        return;
    }
    assert!(
        text == made,
        "docs/diff.md has other tables; `{WRITE}=1 cargo test -p picaporte-diff --test transitions` writes these:\n{made}"
    );
}
