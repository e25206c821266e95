//! Every format, for one small scan that holds every case.

use picaporte_core::verdict::States;
use picaporte_core::{Plan, PortSet, Reason};
use picaporte_engine::Finding;
use serde_json::Value;

use super::{Format, Report, Style, encode, report};

mod columns;
mod firewalls;
mod markdown;
mod nmap;
mod others;
mod reverse;
pub(super) mod sample;
mod schema;
pub(super) mod scope;
pub(super) mod services;
mod spanish;
mod story;
mod totals;
mod ways;

use sample::Sample;

fn written(sample: &Sample, format: Format, style: Style) -> String {
    rendered(sample, report(format, style))
}

/// All that a report says of the sample.
pub(super) fn rendered(sample: &Sample, mut report: Box<dyn Report>) -> String {
    let mut out = Vec::new();
    report.begin(&sample.header, &mut out);
    for finding in &sample.findings {
        report.finding(finding, &mut out);
    }
    report.end(&sample.trailer, &mut out);
    String::from_utf8(out).unwrap()
}

fn plain(sample: &Sample, format: Format) -> String {
    written(sample, format, Style::default())
}

fn lines(text: &str) -> Vec<Value> {
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn table_lists_what_is_open() {
    insta::assert_snapshot!(plain(&sample::interrupted(States::OPEN), Format::Table));
}

#[test]
fn table_lists_everything_when_asked() {
    insta::assert_snapshot!(plain(&sample::interrupted(States::ALL), Format::Table));
}

#[test]
fn json_lines() {
    insta::assert_snapshot!(plain(&sample::interrupted(States::ALL), Format::JsonLines));
}

#[test]
fn json_lines_of_open_ports() {
    insta::assert_snapshot!(plain(&sample::interrupted(States::OPEN), Format::JsonLines));
}

#[test]
fn json() {
    insta::assert_snapshot!(plain(&sample::interrupted(States::OPEN), Format::Json));
}

#[test]
fn csv() {
    insta::assert_snapshot!(plain(&sample::interrupted(States::ALL), Format::Csv));
}

#[test]
fn hostport() {
    let text = plain(&sample::interrupted(States::ALL), Format::HostPort);
    insta::assert_snapshot!(text, @"
    192.0.2.7:443
    192.0.2.7:22
    [fe80::7%eth0]:22
    ");
}

#[test]
fn hostport_prints_at_the_handshake() {
    let sample = sample::interrupted(States::OPEN);
    let mut report = report(Format::HostPort, Style::default());
    let mut out = Vec::new();
    report.begin(&sample.header, &mut out);
    assert!(matches!(sample.findings[0], Finding::Opened { .. }));
    report.finding(&sample.findings[0], &mut out);
    assert_eq!(out, b"192.0.2.7:443\n");
}

#[test]
fn colour_adds_nothing_but_colour() {
    let sample = sample::interrupted(States::ALL);
    let color = Style {
        color: true,
        ..Style::default()
    };
    let mut colored = written(&sample, Format::Table, color);
    assert!(colored.contains("\u{1b}["));
    while let Some(start) = colored.find("\u{1b}[") {
        let end = start + colored[start..].find('m').unwrap();
        colored.replace_range(start..=end, "");
    }
    assert_eq!(colored, plain(&sample, Format::Table));
}

#[test]
fn tables_keep_their_width() {
    for show in [States::OPEN, States::ALL] {
        for width in [60, 80, 132] {
            let style = Style {
                width,
                ..Style::default()
            };
            let table = written(&sample::interrupted(show), Format::Table, style);
            for line in table.lines() {
                assert!(line.chars().count() <= usize::from(width), "{line}");
            }
        }
    }
}

#[test]
fn json_lines_are_valid_wherever_a_line_ends() {
    let text = plain(&sample::interrupted(States::ALL), Format::JsonLines);
    assert!(text.ends_with('\n'));
    let mut cut = 0;
    for line in text.split_inclusive('\n') {
        cut += line.len();
        for object in lines(&text[..cut]) {
            let kind = object.as_object().unwrap().keys().next().cloned();
            assert!(object["type"].is_string() && kind.is_some(), "{object}");
        }
        assert!(line.starts_with("{\"type\":\""), "{line}");
    }
    assert_eq!(cut, text.len());
}

#[test]
fn a_document_without_findings_is_valid() {
    let mut sample = sample::interrupted(States::OPEN);
    sample.findings.clear();
    let document: Value = serde_json::from_str(&plain(&sample, Format::Json)).unwrap();
    // The name without an address is no finding of the scan, and is told all the same.
    assert_eq!(document["findings"].as_array().unwrap().len(), 1);
    assert_eq!(document["end"]["hosts"], 0);
}

#[test]
fn a_document_holds_the_objects_of_json_lines() {
    let sample = sample::interrupted(States::ALL);
    let document: Value = serde_json::from_str(&plain(&sample, Format::Json)).unwrap();
    let mut objects = vec![document["scan"].clone()];
    objects.extend(document["findings"].as_array().unwrap().iter().cloned());
    objects.push(document["end"].clone());
    assert_eq!(objects, lines(&plain(&sample, Format::JsonLines)));
}

/// A name that would clear the screen, turn the text around and run in a spreadsheet.
const HOSTILE: &str = "=cmd|' /C calc'!A0\u{1b}[2J\u{9b}31m\u{202e}\u{200b}\r\n,\"x";

/// Whether anything in it acts, or hides. Tabs divide the fields of a grepable line; that no name has one, its own test tells.
pub(super) fn acts(text: &str, format: Format) -> bool {
    let divides = |c| c == '\n' || format == Format::Grepable && c == '\t';
    text.contains(|c| !divides(c) && encode::is_unseen(c))
}

#[test]
fn a_hostile_name_acts_in_no_format() {
    let sample = hostile();
    for format in Format::ALL {
        let text = plain(&sample, format);
        assert!(!acts(&text, format), "{text:?}");
    }
    let objects = lines(&plain(&sample, Format::JsonLines));
    assert_eq!(objects[2]["name"], HOSTILE);
    let csv = plain(&sample, Format::Csv);
    insta::assert_snapshot!(csv.lines().nth(1).unwrap_or_default(), @r##"fe80::7%e\u{1b}[1mth,"'=cmd|' /C calc'!A0\u{1b}[2J\u{9b}31m\u{202e}\u{200b}\u{d}\u{a},""x",22,tcp,open,syn-ack,ssh,212,1,2026-01-01T00:00:00.100Z,,,,0,fin,,confirmed,,timestamps sack window-scale,7,1448,65160,,,,,,,,,,,,,,,,,,"##);
    let table = plain(&sample, Format::Table);
    insta::assert_snapshot!(table, @r##"
    Picaporte 0.1.0, scan 01JGFJJZ00000000000000SCAN, 2026-01-01T00:00:00Z
    2 probes on 1 host and 1 name without an address

    fe80::7%e\u{1b}[1mth
      (=cmd|' /C calc'!A0\u{1b}[2J\u{9b}31m\u{202e}\u{200b}\u{d}\u{a},"x)
      1 open
       PORT  STATE  SERVICE      RTT  REASON
         22  open   ssh      0.21 ms  syn-ack

    planned   2 probes = 1 tested + 1 untested
    open      1 (confirmed)
    closed    0
    filtered  0
    untested  1 (unresolved)
    sent      1 attempt in 1.25 s, 1 attempt/s, seed 0
    loss      1.50 % of SYNs to ports that answered in the end (6 of 400), without
              those sent while nothing came back; fewer than 0.01 open ports are
              expected to be missed

    INCOMPLETE: 1 of 2 planned probes were not tested.
    - 1 unresolved,
      =cmd|' /C calc'!A0\u{1b}[2J\u{9b}31m\u{202e}\u{200b}\u{d}\u{a},"x: no address
      was found. Check the spelling, or DNS.
    "##);
    insta::assert_snapshot!(plain(&sample, Format::HostPort), @r##"[fe80::7%e\u{1b}[1mth]:22"##);
}

fn hostile() -> Sample {
    let address = sample::address("fe80::7%2");
    let mut plan = Plan::builder(PortSet::from_ports([22]));
    plan.name(HOSTILE, &[address], None).unwrap();
    plan.name(HOSTILE, &[], None).unwrap();
    let mut header = sample::header(plan.build().unwrap());
    header.zones.insert(2, "e\u{1b}[1mth".to_owned());
    header.args.push(HOSTILE.to_owned());
    let verdict = sample::verdict(address, 22, Reason::SynAck, 100);
    let findings = vec![
        Finding::Opened { address, port: 22 },
        Finding::Port(verdict),
        sample::host(&[verdict]),
    ];
    let mut trailer = sample::interrupted(States::OPEN).trailer;
    let tally = &mut trailer.account.tally;
    *tally = picaporte_core::tally::Tally {
        planned: 2,
        attempts: 1,
        hosts: 1,
        ..Default::default()
    };
    tally.counts.add(Reason::SynAck);
    tally.graded.add(verdict.evidence.grade);
    tally.counts.add(Reason::Unresolved);
    Sample {
        header,
        findings,
        trailer,
    }
}

#[test]
fn a_table_prints_a_host_when_it_is_done_and_keeps_none_of_it() {
    let sample = sample::interrupted(States::OPEN);
    let mut report = report(Format::Table, Style::default());
    let mut out = Vec::new();
    report.begin(&sample.header, &mut out);
    out.clear();
    let first_host = sample
        .findings
        .iter()
        .position(|f| matches!(f, Finding::Host(_)));
    for (index, finding) in sample.findings.iter().enumerate().take(9) {
        report.finding(finding, &mut out);
        assert_eq!(out.is_empty(), Some(index) < first_host, "{finding:?}");
    }
    out.clear();
    report.end(&sample.trailer, &mut out);
    assert!(!String::from_utf8(out).unwrap().contains("192.0.2.7"));
}

#[test]
fn what_was_found_is_told_even_if_its_host_never_ends() {
    let sample = sample::interrupted(States::OPEN).without_hosts();
    let table = plain(&sample, Format::Table);
    assert!(
        table.contains(
            "192.0.2.7 (www.example.org, example.org)\n  not finished; 2 listed so far\n"
        ),
        "{table}"
    );
    assert_eq!(totals::table(&table).listed["open"], 3);
}

#[test]
fn counts_that_do_not_add_up_are_called_a_fault() {
    let mut sample = sample::interrupted(States::OPEN);
    sample.trailer.account.tally.planned += 1;
    let table = plain(&sample, Format::Table);
    assert!(
        table.contains("is NOT") && table.contains("FAULT"),
        "{table}"
    );
    assert!(!plain(&sample::interrupted(States::OPEN), Format::Table).contains("FAULT"));
}

#[test]
fn a_scan_that_tested_everything_says_so() {
    let mut sample = hostile();
    sample.trailer.account.interrupted = false;
    let tally = &mut sample.trailer.account.tally;
    tally.planned = 1;
    tally.counts = picaporte_core::tally::Counts::default();
    tally.counts.add(Reason::SynAck);
    let table = plain(&sample, Format::Table);
    assert!(
        table.contains("Complete: every planned probe was tested."),
        "{table}"
    );
    let end = lines(&plain(&sample, Format::JsonLines)).pop().unwrap();
    assert_eq!(end["complete"], true);
}

#[test]
fn what_the_user_chose_to_leave_is_told_but_does_not_count_as_missing() {
    let mut sample = hostile();
    let tally = &mut sample.trailer.account.tally;
    tally.counts = picaporte_core::tally::Counts::default();
    tally.counts.add(Reason::SynAck);
    tally.counts.add(Reason::HostSilent);
    let table = plain(&sample, Format::Table);
    assert!(
        table.contains("Complete, but for 1 probe left out as was asked for:"),
        "{table}"
    );
    assert!(
        table.contains("- 1 host-silent: their hosts gave no sign of life"),
        "{table}"
    );
}

#[test]
fn a_table_has_one_line_for_a_host_that_answers_everything_and_json_has_its_ports() {
    let sample = sample::interrupted(States::OPEN).answering_everything();
    let fake = sample
        .findings
        .iter()
        .find(|finding| matches!(finding, Finding::Host(host) if host.answers_everything));
    let table = plain(&sample, Format::Table);
    assert!(table.contains("answers on every port tried"), "{table}");
    assert!(!table.contains("  open "), "{table}");
    let json = plain(&sample, Format::JsonLines);
    assert!(json.contains(r#""answers_everything":true"#));
    assert!(json.contains(r#""state":"open""#));
    assert!(fake.is_some());
}
