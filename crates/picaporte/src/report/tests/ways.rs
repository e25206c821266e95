//! What stands on the way, drawn for a person and kept in JSON.

use picaporte_core::locate::{Answer, By, Distance, Hop, Located, Place};
use picaporte_core::{Address, Icmp, Reason};
use serde_json::Value;

use super::super::{Format, Report, Sampled, Style, report};
use super::sample::{self, address};
use super::{lines, nmap, plain};

fn icmp(from: Option<&str>) -> Answer {
    Answer::Rejected(Some(Icmp {
        v6: false,
        kind: 3,
        code: 13,
        from: from.map(address),
    }))
}

pub(super) fn found(
    to: Address,
    port: u16,
    answer: Answer,
    by: By,
    place: (u8, Option<u8>),
) -> Located {
    let spoke = |distance, from| Hop {
        distance,
        addresses: vec![address(from)],
    };
    Located {
        address: to,
        port,
        answer,
        by,
        place: Place {
            after: place.0,
            until: place.1,
        },
        host: Distance {
            at_least: 4,
            exact: Some(4),
        },
        hops: vec![spoke(1, "10.0.0.1"), spoke(2, "192.0.2.1")],
        contradicts: false,
        attempts: 12,
    }
}

/// A host behind two firewalls, one that does all by itself, and one of which nothing is known.
fn located() -> Vec<Located> {
    use Answer::{Accepted, Loop, Reset, Silent, Untested};
    let (www, quiet, dead) = ("192.0.2.7", "203.0.113.2", "2001:db8::5");
    let (www, quiet, dead) = (address(www), address(quiet), address(dead));
    let contradicting = Located {
        contradicts: true,
        ..found(www, 26, Reset, By::Unknown, (1, Some(4)))
    };
    let fell_silent = Located {
        contradicts: true,
        ..found(www, 27, Silent, By::Unknown, (2, Some(4)))
    };
    let unknown = Located {
        hops: Vec::new(),
        host: Distance {
            at_least: 1,
            exact: None,
        },
        ..found(dead, 80, Silent, By::Unknown, (0, None))
    };
    vec![
        found(www, 23, Reset, By::Host, (4, Some(4))),
        found(www, 22, Accepted, By::Host, (3, Some(4))),
        found(www, 80, Accepted, By::Firewall, (2, Some(3))),
        found(www, 81, Reset, By::Firewall, (2, Some(2))),
        found(www, 82, icmp(Some("192.0.2.1")), By::Firewall, (2, Some(2))),
        found(www, 83, icmp(Some("10.9.9.9")), By::Firewall, (0, Some(3))),
        found(www, 84, icmp(None), By::HostOrBefore, (3, Some(4))),
        found(www, 135, Silent, By::Unknown, (2, Some(4))),
        found(www, 136, Silent, By::Unknown, (2, None)),
        found(www, 8080, Accepted, By::Behind, (4, Some(5))),
        found(www, 9, Loop(None), By::Unknown, (2, None)),
        contradicting,
        fell_silent,
        found(quiet, 443, Accepted, By::Host, (4, Some(4))),
        found(quiet, 80, Reset, By::Host, (4, Some(4))),
        unknown,
        found(
            dead,
            443,
            Untested(Reason::TimeLimit),
            By::Unknown,
            (0, None),
        ),
    ]
}

pub(super) fn told(format: Format, style: Style) -> String {
    of(
        sample::interrupted(picaporte_core::verdict::States::OPEN),
        format,
        style,
    )
}

fn of(mut sample: sample::Sample, format: Format, style: Style) -> String {
    sample.trailer.sampled = Some(Sampled {
        located: 15,
        untested: 1,
        left_out: 7,
    });
    let mut report = report(format, style);
    let mut out = Vec::new();
    report.begin(&sample.header, &mut out);
    for finding in &sample.findings {
        report.finding(finding, &mut out);
    }
    for found in located() {
        report.located(&found, &mut out);
    }
    report.end(&sample.trailer, &mut out);
    String::from_utf8(out).unwrap()
}

/// What stands before the counts.
fn ways(text: &str) -> &str {
    let from = text.find("On the way to").unwrap();
    let to = text.find("planned ").unwrap();
    &text[from..to]
}

#[test]
fn ways_are_drawn() {
    let text = told(Format::Table, Style::default());
    insta::assert_snapshot!(ways(&text));
    assert!(
        text.contains("located   15 ports, one of each kind of a host; 1 could not be; 7 left out")
    );
    assert!(text.lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn ways_can_be_read_at_40_columns_and_in_colour() {
    let style = Style {
        color: true,
        width: 40,
        ..Style::default()
    };
    insta::assert_snapshot!(ways(&told(Format::Table, style)));
}

#[test]
fn json_has_a_line_for_each_and_their_count() {
    let told = lines(&told(Format::JsonLines, Style::default()));
    let located: Vec<_> = told.iter().filter(|l| l["type"] == "located").collect();
    assert_eq!(located.len(), 17);
    assert_eq!(located[2]["suspect"], "syn-ack-from-nearer");
    assert_eq!(located[0]["suspect"], Value::Null);
    assert_eq!(located[0]["name"], "www.example.org");
    let end = told.last().unwrap();
    assert_eq!(
        end["located"],
        serde_json::json!({"ports": 15, "untested": 1, "left_out": 7})
    );
}

#[test]
fn a_line_has_what_the_reverse_dns_calls_the_address() {
    let sample = super::reverse::sample();
    let told = lines(&of(sample, Format::JsonLines, Style::default()));
    let mut hosts = std::collections::BTreeSet::new();
    for line in told.iter().filter(|line| line["type"] == "located") {
        let of_host = told
            .iter()
            .find(|host| host["type"] == "host" && host["ip"] == line["ip"]);
        let (reverse, all) = of_host.map_or((&Value::Null, &Value::Null), |host| {
            (&host["reverse"], &host["reverse_all"])
        });
        assert_eq!((&line["reverse"], &line["reverse_all"]), (reverse, all));
        hosts.extend(line["reverse"].as_str().map(str::to_owned));
    }
    let hosts: Vec<_> = hosts.iter().map(String::as_str).collect();
    assert_eq!(
        hosts,
        [r"=cmd|' /C calc'!A0\u{1b}[2J\xff", "host7.example.net"]
    );
}

#[test]
fn formats_of_one_line_a_port_have_no_place_for_it() {
    let plain = |format| {
        plain(
            &sample::interrupted(picaporte_core::verdict::States::OPEN),
            format,
        )
    };
    for format in [Format::Csv, Format::HostPort] {
        assert_eq!(told(format, Style::default()), plain(format));
    }
}

#[test]
fn many_ways_are_not_all_drawn() {
    let sample = sample::interrupted(picaporte_core::verdict::States::OPEN);
    let mut report: Box<dyn Report> = report(Format::Table, Style::default());
    let mut out = Vec::new();
    report.begin(&sample.header, &mut out);
    for host in 0..40 {
        let to = address(&format!("198.51.100.{host}"));
        report.located(
            &found(to, 22, Answer::Reset, By::Host, (4, Some(4))),
            &mut out,
        );
    }
    report.end(&sample.trailer, &mut out);
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text.matches("On the way to").count(), 32);
    assert!(text.contains("and the ways to 8 more hosts"));
}

#[test]
fn xml_has_a_script_for_each() {
    let text = told(Format::Xml, nmap::strict());
    nmap::must_be_valid(&text);
    let document = nmap::parse(&text);
    let scripts = document.descendants();
    let scripts = scripts.filter(|n| n.attribute("id") == Some("picaporte-located"));
    let says: Vec<_> = scripts.filter_map(|n| n.attribute("output")).collect();
    assert_eq!(says.len(), located().len());
    insta::assert_snapshot!(says[0]);
}
