//! The three forms, of two small scans that hold every case.

use picaporte_diff::{Limits, Snapshot, Wanted, compare, read};
use serde_json::Value;

use super::*;

mod services;

fn host(ip: &str, name: &str, ports: [&str; 4]) -> String {
    let [open, closed, filtered, untested] = ports;
    format!(
        r#"{{"type":"host","ip":"{ip}","name":{name},"ports":{{"open":"{open}","closed":"{closed}","filtered":"{filtered}","untested":"{untested}"}}}}"#
    )
}

fn scan(id: &str, month: u8) -> String {
    format!(
        r#"{{"type":"scan","schema":1,"id":"{id}","version":"0.1.0","started":"2026-{month:02}-01T06:00:00.000Z"}}"#
    )
}

fn port(ip: &str, port: u16, state: &str, reason: &str, evidence: &str) -> String {
    format!(
        r#"{{"type":"port","ip":"{ip}","port":{port},"protocol":"tcp","state":"{state}","reason":"{reason}","evidence":{evidence}}}"#
    )
}

const END: &str = r#"{"type":"end","untested":0,"complete":true}"#;

fn snapshot(lines: &[String]) -> Snapshot {
    let wanted = Wanted { evidence: true };
    read(lines.join("\n").as_bytes(), wanted, &Limits::default()).expect("lines")
}

fn old() -> Vec<String> {
    let mut lines = vec![
        scan("01OLD", 1),
        host(
            "192.0.2.7",
            "\"www.example.org\"",
            ["22,80", "443,8000-8100", "25,110", "9000"],
        ),
        host("192.0.2.9", "null", ["", "", "22,80", ""]),
        host("192.0.2.10", "null", ["22", "80", "", ""]),
        host("192.0.2.30", "null", ["22,443", "", "80", ""]),
        host(
            "fe80::7%eth0",
            "\"router.example\"",
            ["22,80", "", "1-3", ""],
        ),
        host("2001:db8::5", "null", ["22", "80", "", ""]),
        port(
            "fe80::7%eth0",
            22,
            "open",
            "syn-ack",
            r#"{"open":"confirmed"}"#,
        ),
        port(
            "fe80::7%eth0",
            80,
            "open",
            "syn-ack",
            r#"{"open":"confirmed"}"#,
        ),
        port("fe80::7%eth0", 1, "filtered", "no-response", "{}"),
        port(
            "fe80::7%eth0",
            2,
            "filtered",
            "admin-prohibited",
            r#"{"icmp":{"type":1,"code":1,"from":"fe80::1%eth0"}}"#,
        ),
        END.to_owned(),
    ];
    lines.extend((20..26).map(|n| {
        host(
            &format!("192.0.2.{n}"),
            "null",
            ["22", "1-21,23-100", "", ""],
        )
    }));
    lines
}

fn new() -> Vec<String> {
    let rejects = r#""rejects":[{"type":1,"code":1,"from":"fe80::2%eth0","ports":3}],"ports""#;
    let router = host(
        "fe80::7%eth0",
        "\"router.example\"",
        ["22,80", "", "1-3", ""],
    );
    vec![
        scan("01NEW", 2),
        host(
            "192.0.2.7",
            "\"www.example.org\"",
            ["443,8000-8100", "22,110", "25,80", ""],
        ),
        host("192.0.2.9", "null", ["22", "80", "", ""]),
        host("192.0.2.10", "null", ["", "", "22,80", ""]),
        host("192.0.2.30", "null", ["22", "", "80", "443"]),
        host("192.0.2.40", "null", ["22", "", "", ""]),
        host("2001:db8::5", "null", ["22", "80", "", ""]),
        router.replace("\"ports\"", rejects),
        port(
            "fe80::7%eth0",
            22,
            "open",
            "syn-ack",
            r#"{"open":"handshake-only"}"#,
        ),
        port(
            "fe80::7%eth0",
            80,
            "open",
            "syn-ack",
            r#"{"open":"confirmed"}"#,
        ),
        port(
            "fe80::7%eth0",
            1,
            "filtered",
            "admin-prohibited",
            r#"{"icmp":{"type":1,"code":1,"from":"fe80::2%eth0"}}"#,
        ),
        port(
            "fe80::7%eth0",
            2,
            "filtered",
            "admin-prohibited",
            r#"{"icmp":{"type":1,"code":1,"from":"fe80::2%eth0"}}"#,
        ),
        r#"{"type":"end","untested":4000,"complete":false}"#.to_owned(),
    ]
}

fn written(
    old: &[String],
    new: &[String],
    evidence: bool,
    format: ChangesFormat,
    style: Style,
) -> String {
    let (old, new) = (snapshot(old), snapshot(new));
    let mut changes = compare(&old, &new);
    if !evidence {
        for host in &mut changes.hosts {
            host.evidence.clear();
            host.rejects = None;
        }
    }
    let compared = Compared {
        version: "0.1.0",
        old: Side {
            file: "january.jsonl",
            about: &old.about,
        },
        new: Side {
            file: "february.jsonl",
            about: &new.about,
        },
        evidence,
    };
    let mut out = Vec::new();
    let mut report = ChangesReport::begin(compared, format, style, &mut out);
    for host in &changes.hosts {
        report.host(host, &mut out);
    }
    report.end(&changes, &mut out);
    String::from_utf8(out).expect("text")
}

fn plain(format: ChangesFormat) -> String {
    written(&old(), &new(), true, format, Style::default())
}

#[test]
fn in_spanish() {
    let style = Style {
        lang: crate::report::Lang::Es,
        ..Style::default()
    };
    let told = |format| written(&old(), &new(), true, format, style);
    let table = told(ChangesFormat::Table);
    assert!(
        table.lines().all(|line| line.chars().count() <= 80),
        "{table}"
    );
    insta::assert_snapshot!(table);
    insta::assert_snapshot!(told(ChangesFormat::Markdown));
    assert_eq!(told(ChangesFormat::Json), plain(ChangesFormat::Json));
}

#[test]
fn table() {
    insta::assert_snapshot!(plain(ChangesFormat::Table));
}

#[test]
fn json() {
    insta::assert_snapshot!(plain(ChangesFormat::Json));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(plain(ChangesFormat::Markdown));
}

#[test]
fn of_two_scans_that_say_the_same() {
    for (format, name) in [
        (ChangesFormat::Table, "same_table"),
        (ChangesFormat::Json, "same_json"),
        (ChangesFormat::Markdown, "same_markdown"),
    ] {
        insta::assert_snapshot!(
            name,
            written(&old(), &old(), false, format, Style::default())
        );
    }
}

#[test]
fn only_what_can_not_be_compared() {
    let lines = new().split_off(11);
    let half = [
        vec![
            scan("01HALF", 3),
            host("192.0.2.20", "null", ["22", "1-21,23-100", "", ""]),
        ],
        lines,
    ]
    .concat();
    let text = written(&old(), &half, false, ChangesFormat::Table, Style::default());
    insta::assert_snapshot!(text);
}

#[test]
fn json_is_one_document_of_whole_lines() {
    let text = plain(ChangesFormat::Json);
    let document: Value = serde_json::from_str(&text).expect("a document");
    let hosts = document["hosts"].as_array().expect("hosts");
    let lines = text
        .lines()
        .filter(|line| line.starts_with("{\"type\":\"host\""));
    assert_eq!(lines.count(), hosts.len());
    for line in text.lines().filter(|line| line.starts_with("{\"type\"")) {
        let object: Value = serde_json::from_str(line.trim_end_matches(',')).expect("an object");
        assert_eq!(object["type"], "host");
    }
    assert_eq!(document["end"]["same"], false);
}

#[test]
fn a_host_with_very_many_changes_is_short_in_the_table_and_whole_in_json() {
    let odd: Vec<String> = (1..60_000)
        .step_by(2)
        .map(|port| port.to_string())
        .collect();
    let odd = odd.join(",");
    let side = |open: &str, closed: &str| {
        vec![
            host("192.0.2.7", "null", [open, closed, "", ""]),
            END.to_owned(),
        ]
    };
    let (old, new) = (side("", &odd), side(&odd, ""));
    let table = written(&old, &new, false, ChangesFormat::Table, Style::default());
    let joined = table.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        joined.contains("23 and 29,988 more ports (closed before)"),
        "{table}"
    );
    assert!(table.len() < 1_000, "{table}");
    let json = written(&old, &new, false, ChangesFormat::Json, Style::default());
    assert!(json.contains(&format!("\"count\":30000,\"ports\":\"{odd}\"")));
}

#[test]
fn lines_fit_80_columns_and_colours_are_only_added() {
    let text = plain(ChangesFormat::Table);
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{widest:?}");
    let style = Style {
        color: true,
        ..Style::default()
    };
    let colored = written(&old(), &new(), true, ChangesFormat::Table, style);
    assert!(colored.contains('\u{1b}') && !text.contains('\u{1b}'));
    let mut rest = colored.as_str();
    let mut bare = String::new();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        bare.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    assert_eq!(bare + rest, text);
}

#[test]
fn no_text_of_a_file_steers_its_sink() {
    let name = r#""\u001b[2J\u202e`x`|<b>[a](http://b)\n| y""#;
    let hostile = |open: &str| {
        vec![
            scan(r"\u001b]0;x\u0007|`", 1).replace("0.1.0", r"<script>\u001b"),
            host("192.0.2.7", name, [open, "", "", ""]),
            host(r"fe80::1%\u001b`|", "null", [open, "", "", ""]),
            format!(r#"{{"type":"host","ip":null,"name":{name},"ports":{{"open":"{open}"}}}}"#),
            END.to_owned(),
        ]
    };
    for format in [
        ChangesFormat::Table,
        ChangesFormat::Json,
        ChangesFormat::Markdown,
    ] {
        let text = written(
            &hostile("22"),
            &hostile("23"),
            true,
            format,
            Style::default(),
        );
        assert!(
            !text.contains(|c: char| encode::is_unseen(c) && c != '\n'),
            "{text}"
        );
        if format == ChangesFormat::Markdown {
            // Outside of code spans nothing of it is left.
            let outside: String = text.split('`').step_by(2).collect();
            for piece in ["<", "[", "http", "x|"] {
                assert!(!outside.contains(piece), "{piece}: {text}");
            }
            let rows = text.lines().filter(|line| line.starts_with("| `"));
            assert!(rows.clone().count() > 0);
            for row in rows {
                assert_eq!(row.matches('|').count(), 6, "{row}");
            }
        }
    }
}
