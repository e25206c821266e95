//! A scan and a port that were held to a scope, in every format that tells of it.

use std::sync::Arc;

use picaporte_core::pace::Pace;
use picaporte_core::scan::HostReport;
use picaporte_core::tally::Tally;
use picaporte_core::target::{NoLookup, Target};
use picaporte_core::timing::Loss;
use picaporte_core::verdict::Verdict;
use picaporte_core::{Address, Settings};
use picaporte_engine::Account;

use super::super::{Header, LocatedFormat, LocatedReport, Lowered, Scoped, Trailer};
use super::*;
use crate::scope::ScopeFile;

const FILE: &str = "authorised_by = 'Jane \"the CISO\" Doe, Example Corp'
contact = \"noc@example.org \\u001b[2J\"
valid_from = 2026-01-01T00:00:00Z
valid_until = 2026-01-31T18:00:00+01:00
[allowed]
networks = ['192.0.2.0/24', '2001:db8::/64']
names = ['www.example.org']
[excluded]
networks = ['192.0.2.7', '192.0.2.9']
ports = '443'
[limits]
rate = 300
";

fn plan(targets: &[&str]) -> Plan {
    let mut plan = Plan::builder(PortSet::from_ports([80, 443]));
    plan.settings(Settings {
        seed: 7,
        show: States::ALL,
        ..Settings::default()
    });
    for target in targets {
        plan.target(&Target::parse(target, &NoLookup).unwrap())
            .unwrap();
    }
    plan.build().unwrap()
}

fn scoped(text: &str, lowered: Vec<Lowered>) -> Arc<Scoped> {
    Arc::new(Scoped {
        path: "scopes/january.toml".to_owned(),
        file: Arc::new(ScopeFile::parse(text.as_bytes(), &NoLookup).unwrap()),
        lowered,
    })
}

pub(in super::super) fn header(targets: &[&str], text: &str, lowered: Vec<Lowered>) -> Header {
    let scoped = scoped(text, lowered);
    let scope = scoped.file.scope(&|_| Vec::new());
    Header {
        scope: Some(scoped),
        from: None,
        ..sample::header(plan(targets).within(&scope))
    }
}

fn full(targets: &[&str]) -> Header {
    let lowered = Lowered {
        limit: "rate",
        asked: Some(1_000),
        allowed: 300,
    };
    assert_eq!(Pace::NORMAL.rate, None);
    header(targets, FILE, vec![lowered])
}

/// One host in scope, but for a port of it, and what lies outside.
pub(in super::super) fn sample() -> Sample {
    let header = full(&["192.0.2.6-9", "198.51.100.1"]);
    let closed = |last| {
        sample::verdict(
            Address::new([192, 0, 2, last].into()),
            80,
            Reason::ConnRefused,
            100,
        )
    };
    let outside = |address, port| Verdict {
        at: picaporte_core::Instant::ZERO,
        ..sample::verdict(address, port, Reason::OutOfScope, 0)
    };
    let mut findings = Vec::new();
    for n in 0..header.plan.outside_hosts() {
        let (address, ports) = header.plan.outside_host(n).unwrap();
        findings.extend(
            ports
                .iter()
                .map(|port| Finding::Port(outside(address, port))),
        );
        let host = HostReport::untested(9, address, ports, Reason::OutOfScope);
        findings.push(Finding::Host(Box::new(host)));
    }
    let mut part = Tally::default();
    for verdict in [closed(6), closed(8)] {
        part.planned += 1;
        part.attempts += 1;
        part.counts.add(verdict.reason);
        let of_port = Finding::Port(outside(verdict.address, 443));
        let mut host = sample::host_report(&[verdict]);
        host.leave(&PortSet::from_ports([443]), Reason::OutOfScope);
        findings.extend([
            Finding::Port(verdict),
            of_port,
            Finding::Host(Box::new(host)),
        ]);
    }
    let account = Account {
        tally: Tally::of_scan(&header.plan, [&part], Reason::Interrupted),
        elapsed: std::time::Duration::from_millis(350),
        loss: Loss { asked: 2, lost: 0 },
        interrupted: false,
        stopped: None,
        failed_threads: 0,
    };
    assert!(account.tally.balances());
    let finished = header.started;
    Sample {
        header,
        findings,
        trailer: Trailer {
            finished,
            account,
            sampled: None,
            reverse: None,
            identified: None,
            kept: None,
        },
    }
}

#[test]
fn the_table_tells_by_whose_leave_and_what_was_left_out() {
    insta::assert_snapshot!(plain(&sample(), Format::Table));
}

#[test]
fn json_lines_tell_the_whole_scope_and_every_port() {
    insta::assert_snapshot!(plain(&sample(), Format::JsonLines));
}

#[test]
fn csv_has_the_reason() {
    let text = plain(&sample(), Format::Csv);
    assert_eq!(text.matches(",untested,out-of-scope,").count(), 8);
}

#[test]
fn a_scope_that_says_little_is_told_as_it_is() {
    let header = header(
        &["192.0.2.6"],
        "[allowed]\nnetworks = ['192.0.2.0/24']\n",
        Vec::new(),
    );
    let mut table = Vec::new();
    report(Format::Table, Style::default()).begin(&header, &mut table);
    insta::assert_snapshot!(String::from_utf8(table).unwrap());
    let mut json = Vec::new();
    report(Format::JsonLines, Style::default()).begin(&header, &mut json);
    let first = &lines(&String::from_utf8(json).unwrap())[0]["scope"];
    assert_eq!(
        (&first["authorised_by"], &first["outside"]["probes"]),
        (&Value::Null, &0.into())
    );
}

#[test]
fn lists_are_told_up_to_64_each() {
    let networks: String = (0..70)
        .map(|i| format!("'192.0.{i}.0/28',"))
        .collect::<Vec<_>>()
        .concat();
    let text = format!("[allowed]\nnetworks = [{networks}]\n");
    let header = header(&["192.0.0.0/16"], &text, Vec::new());
    let mut json = Vec::new();
    report(Format::JsonLines, Style::default()).begin(&header, &mut json);
    let first = &lines(&String::from_utf8(json).unwrap())[0]["scope"];
    let told = |list: &Value| list.as_array().unwrap().len();
    assert_eq!(
        (
            told(&first["allowed"]["networks"]),
            &first["allowed"]["untold"]
        ),
        (64, &6.into())
    );
    assert_eq!(
        (
            told(&first["outside"]["ranges"]),
            &first["outside"]["untold"]
        ),
        (64, &6.into())
    );
}

#[test]
fn located_ports_tell_the_scope_too() {
    let written = |format| {
        let mut out = Vec::new();
        LocatedReport::begin(full(&["192.0.2.6"]), format, Style::default(), &mut out);
        String::from_utf8(out).unwrap()
    };
    let table = written(LocatedFormat::Table);
    assert!(
        table.ends_with("\n\n") && !table.contains('\u{1b}'),
        "{table}"
    );
    insta::assert_snapshot!(table);
    let begin: Value = serde_json::from_str(&written(LocatedFormat::JsonLines)).unwrap();
    assert_eq!(
        begin["scope"]["authorised_by"],
        "Jane \"the CISO\" Doe, Example Corp"
    );
}
