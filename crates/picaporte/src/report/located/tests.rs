use std::collections::BTreeMap;
use std::sync::Arc;

use picaporte_core::locate::{Answer, By, Distance, Hop as Spoke, Place};
use picaporte_core::{Address, Icmp, Plan, PortSet, Reason};

use super::*;

fn address(last: u8) -> Address {
    Address::new([192, 0, 2, last].into())
}

fn header() -> Header {
    let mut plan = Plan::builder(PortSet::from_ports([443]));
    plan.name("www.exa\u{1b}mple.org", &[address(9)], None)
        .unwrap();
    Header {
        id: "01J".to_owned(),
        version: "0.1.0".into(),
        started: Timestamp::UNIX_EPOCH,
        args: vec!["locate".to_owned()],
        plan: Arc::new(plan.build().unwrap()),
        zones: BTreeMap::new(),
        scope: None,
        reverse: crate::report::Reverse::default(),
        identified: crate::report::Identified::default(),
        from: None,
    }
}

fn admin_prohibited(from: u8) -> Answer {
    Answer::Rejected(Some(Icmp {
        v6: false,
        kind: 3,
        code: 13,
        from: Some(address(from)),
    }))
}

fn found(answer: Answer, by: By, after: u8, until: Option<u8>, host: (u8, Option<u8>)) -> Located {
    let spoke = |distance| Spoke {
        distance,
        addresses: vec![address(distance)],
    };
    Located {
        address: address(9),
        port: 443,
        answer,
        by,
        place: Place { after, until },
        host: Distance {
            at_least: host.0,
            exact: host.1,
        },
        hops: vec![spoke(1), spoke(2)],
        contradicts: false,
        attempts: 20,
    }
}

/// Each thing that can be said.
fn samples() -> Vec<Located> {
    use Answer::{Accepted, Loop, NoNeighbour, Reset, Silent, Untested};
    let known = (4, Some(4));
    let contradicting = Located {
        contradicts: true,
        ..found(Reset, By::Unknown, 2, Some(5), (4, None))
    };
    vec![
        found(Accepted, By::Host, 4, Some(4), known),
        found(Reset, By::Host, 1, Some(1), (1, Some(1))),
        found(admin_prohibited(9), By::Host, 3, Some(4), (4, None)),
        found(Reset, By::Firewall, 2, Some(3), known),
        found(Accepted, By::Firewall, 2, Some(2), (4, None)),
        found(Reset, By::Firewall, 0, Some(2), known),
        found(admin_prohibited(2), By::Firewall, 2, Some(2), known),
        found(admin_prohibited(77), By::Firewall, 1, Some(4), known),
        found(Accepted, By::Behind, 4, Some(5), known),
        found(Accepted, By::HostOrBefore, 2, Some(3), (3, None)),
        found(Reset, By::Unknown, 2, Some(3), (4, None)),
        contradicting,
        found(Silent, By::Unknown, 2, Some(4), (5, None)),
        found(Silent, By::Unknown, 3, Some(4), known),
        found(Silent, By::Unknown, 2, None, (3, None)),
        found(Silent, By::Unknown, 0, None, (1, None)),
        found(Silent, By::Unknown, 0, Some(1), (3, None)),
        found(Loop(Some(address(2))), By::Unknown, 0, None, (1, None)),
        found(NoNeighbour, By::Unknown, 0, None, (1, None)),
        found(
            Untested(Reason::LocalRoute),
            By::Unknown,
            0,
            None,
            (1, None),
        ),
    ]
}

fn written(format: LocatedFormat) -> String {
    let mut out = Vec::new();
    let mut report = LocatedReport::begin(header(), format, Style::default(), &mut out);
    for sample in samples() {
        report.located(&sample, &mut out);
    }
    report.unresolved("no.example.org", 22, &mut out);
    let end = LocatedEnd {
        finished: Timestamp::UNIX_EPOCH,
        elapsed: Duration::from_millis(1_234),
        located: 19,
        untested: 2,
    };
    report.end(&end, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn every_sentence_can_be_read() {
    let name = |address: Address| address.to_string();
    let all: Vec<String> = samples()
        .iter()
        .map(|s| words::sentence(Lang::En, s, &name))
        .collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn every_sentence_can_be_read_in_spanish() {
    let name = |address: Address| address.to_string();
    let all: Vec<String> = samples()
        .iter()
        .map(|s| words::sentence(Lang::Es, s, &name))
        .collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn a_person_sees_the_hops_beneath() {
    let text = written(LocatedFormat::Table);
    let first: Vec<&str> = text.lines().take(5).collect();
    insta::assert_snapshot!(first.join("\n"));
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn json_lines_hold_the_same() {
    let text = written(LocatedFormat::JsonLines);
    let lines: Vec<&str> = text.lines().collect();
    let some = [lines[0], lines[4], lines[7], lines[21], lines[22]];
    insta::assert_snapshot!(some.join("\n"));
    for line in lines {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
}

#[test]
fn a_document_is_whole() {
    let document: serde_json::Value = serde_json::from_str(&written(LocatedFormat::Json)).unwrap();
    assert_eq!(document["ports"].as_array().unwrap().len(), 21);
    assert_eq!(document["end"]["complete"], false);
    assert_eq!(document["locate"]["schema"], 1);
}
