//! Lists as they are read, with everything in them that a list must bear.

use picaporte_store::{Digest, Listed, ScanId, State, Totals, UnixMillis, Who};

use super::*;
use crate::report::Lang;

fn scan(id: &str, state: State, arguments: &[&str]) -> Listed {
    Listed {
        id: ScanId::parse(id).unwrap(),
        version: "0.1.0".to_owned(),
        started: UnixMillis(1_767_225_600_000),
        finished: (state != State::Running).then_some(UnixMillis(1_767_225_661_500)),
        written: UnixMillis(1_767_225_661_500),
        who: Who::default(),
        arguments: arguments.iter().map(|&a| a.to_owned()).collect(),
        seed: 7,
        state,
        resumed: 0,
        chunks: 61,
        digest: Digest([0xab; 32]),
        hosts: 256,
        totals: Totals {
            planned: 256_000,
            tested: 256_000,
            open: 1_234,
            closed: 254_766,
            ..Totals::default()
        },
    }
}

fn scans() -> Vec<Listed> {
    let mut usual = scan(
        "01JGFJJZ00000000000000SCAN",
        State::Complete,
        &["scan", "192.0.2.0/24", "-p", "common"],
    );
    usual.who = Who {
        user: "ana".to_owned(),
        uid: Some(1000),
        machine: "laptop".to_owned(),
        source: Some([192, 0, 2, 1].into()),
    };
    let mut hostile = scan(
        "01JGFJJZ00000000000000SCAP",
        State::Interrupted,
        &["scan", "www.例え.example", "\u{1b}[2J\u{202e}", "a b"],
    );
    hostile.who.user = "\u{9b}31mroot\n".to_owned();
    hostile.who.machine = "日本語のとても長い機械の名前\u{200b}".to_owned();
    hostile.resumed = 2;
    let mut wide = scan("01JGFJJZ00000000000000SCAQ", State::Running, &["scan"]);
    wide.arguments
        .extend((0..90).map(|n| format!("192.0.2.{n}")));
    wide.who.uid = Some(0);
    wide.hosts = 16_777_216;
    wide.totals.open = 999_999;
    let mut odd = scan("01JGFJJZ00000000000000SCAR", State::Complete, &[]);
    odd.started = UnixMillis(i64::MAX);
    vec![usual, hostile, wide, odd]
}

fn written(format: HistoryFormat, scans: &[Listed]) -> String {
    written_in(Lang::En, format, scans)
}

fn written_in(lang: Lang, format: HistoryFormat, scans: &[Listed]) -> String {
    let mut out = Vec::new();
    let style = Style {
        lang,
        ..Style::default()
    };
    let mut report = HistoryReport::begin(format, style, scans, &mut out);
    for scan in scans {
        report.scan(scan, &mut out);
    }
    report.end(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn a_table_fits_80_columns() {
    let table = written(HistoryFormat::Table, &scans()[..3]);
    let columns = |line: &str| crate::report::table::text::columns(line);
    assert!(table.lines().all(|line| columns(line) <= 80), "{table}");
    insta::assert_snapshot!(table);
}

#[test]
fn a_table_in_spanish_fits_80_columns() {
    let table = written_in(Lang::Es, HistoryFormat::Table, &scans()[..3]);
    let columns = |line: &str| crate::report::table::text::columns(line);
    assert!(table.lines().all(|line| columns(line) <= 80), "{table}");
    insta::assert_snapshot!(table);
}

#[test]
fn what_programs_read_is_the_same_in_spanish() {
    for format in [HistoryFormat::JsonLines, HistoryFormat::Json] {
        let spanish = written_in(Lang::Es, format, &scans());
        assert_eq!(spanish, written(format, &scans()));
    }
}

#[test]
fn a_moment_beyond_the_calendar_is_told_as_it_is() {
    let table = written(HistoryFormat::Table, &scans()[3..]);
    assert!(table.contains("9223372036854775807 ms"), "{table}");
}

#[test]
fn json_lines_hold_everything() {
    insta::assert_snapshot!(written(HistoryFormat::JsonLines, &scans()));
}

#[test]
fn a_document_holds_the_same_as_the_lines() {
    let lines = written(HistoryFormat::JsonLines, &scans());
    let lines: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let document: serde_json::Value =
        serde_json::from_str(&written(HistoryFormat::Json, &scans())).unwrap();
    assert_eq!(document["scans"], serde_json::Value::from(lines));
}

#[test]
fn nothing_is_an_empty_list() {
    assert_eq!(written(HistoryFormat::Table, &[]), "");
    assert_eq!(written(HistoryFormat::JsonLines, &[]), "");
    assert_eq!(written(HistoryFormat::Json, &[]), "{\"scans\":[\n]}\n");
}
