//! Every count of a score, in worlds small enough to be counted by hand.

use std::io::Cursor;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::reading;
use crate::record::{Lab, Wire};
use crate::scenario::from_text;

/// 22 open, 23 closed, 24 dropped, 25 reset by hop 1, at two hosts, one of them named; 192.0.2.2 a tarpit that is asked
/// for twice.
const WORLD: &str = r#"
about = "three hosts"
source = "none"
[scan]
targets = ["many.example", "192.0.2.2", "192.0.2.2/32"]
ports = "22-25"
[names]
"many.example" = ["192.0.2.1", "2001:db8::1"]
[paths.one]
hops = 2
[[hosts]]
addresses = ["192.0.2.1", "2001:db8::1"]
ports = [
  { ports = "22", is = "open" },
  { ports = "24", is = "dropped" },
  { ports = "25", is = "reset", at = 1 },
]
[[hosts]]
addresses = ["192.0.2.2"]
stack = "tarpit"
"#;

fn world() -> Scenario {
    from_text(Path::new("world.toml"), WORLD).unwrap()
}

fn record() -> Record {
    Record {
        digest: None,
        scenario: "world".to_owned(),
        seed: 1,
        command: vec!["scanner".to_owned()],
        end: End::Code(0),
        elapsed_ms: 1_234,
        peak_kib: 6_451,
        wire: Wire {
            syns: 15,
            ..Wire::default()
        },
        lab: Lab::default(),
    }
}

fn host(ip: &str, open: &str, closed: &str, filtered: &str, untested: &str) -> String {
    format!(
        "{{\"type\":\"host\",\"ip\":\"{ip}\",\"ports\":{{\"open\":\"{open}\",\"closed\":\"{closed}\",\"filtered\":\"{filtered}\",\"untested\":\"{untested}\"}}}}\n"
    )
}

fn end(untested: u64) -> String {
    format!("{{\"type\":\"end\",\"planned\":12,\"untested\":{untested},\"complete\":true}}\n")
}

fn read(text: &str) -> Reading {
    reading::read(None, Cursor::new(text)).unwrap()
}

fn score(text: &str) -> Score {
    Score::new(&world(), 1, &read(text), Some(&record())).unwrap()
}

#[test]
fn the_truth_scores_full() {
    let score = score(
        &[
            host("192.0.2.1", "22", "23", "24-25", ""),
            host("2001:db8::1", "22", "23,25", "24", ""),
            host("192.0.2.2", "", "22-25", "", ""),
            end(0),
        ]
        .concat(),
    );
    assert_eq!((score.planned, score.open, score.found), (12, 2, 2));
    assert_eq!(score.false_open, 0);
    assert_eq!(
        [score.false_closed, score.false_filtered, score.unaccounted],
        [Some(0); 3]
    );
    assert_eq!((score.untested, score.outside, &score.cut), (0, 0, &None));
    assert!(score.is_clean());
    assert_eq!(score.syns_a_port(), Some(1.25));
}

#[test]
fn every_kind_of_fault_is_counted() {
    let score = score(
        &[
            // 22 missed and falsely closed, 23 invented, 24 falsely closed, 25 forgotten.
            host("192.0.2.1", "23", "22,24", "", ""),
            // 22 and 23 falsely filtered, 24 untested; 80 was not asked for, and 81 not even tested.
            host("2001:db8::1", "", "", "22-23", "24,81"),
            host("192.0.2.2", "22-24,80", "", "25", ""),
            host("192.0.2.99", "1", "2", "3", "4-9"),
            end(1),
        ]
        .concat(),
    );
    assert_eq!((score.open, score.found), (2, 0));
    assert_eq!((score.false_open, score.false_open_answered), (4, 3));
    assert_eq!(score.invented(), 1);
    assert_eq!(score.false_closed, Some(2));
    assert_eq!(score.false_filtered, Some(3));
    assert_eq!((score.unaccounted, score.untested), (Some(2), 1));
    assert_eq!(score.outside, 4);
    assert!(!score.is_clean());
}

#[test]
fn contradictions_count_on_both_sides() {
    let score = score(
        &[
            host("192.0.2.1", "22-25", "22-25", "22-25", "22-25"),
            end(0),
        ]
        .concat(),
    );
    assert_eq!((score.found, score.false_open), (1, 3));
    assert_eq!(
        (score.false_closed, score.false_filtered),
        (Some(2), Some(2))
    );
    assert_eq!(score.untested, 0);
}

#[test]
fn names_that_did_not_resolve_and_a_summary_account_for_ports() {
    let unresolved = "{\"type\":\"host\",\"ip\":null,\"name\":\"many.example\",\"ports\":{\"open\":\"\",\"closed\":\"\",\"filtered\":\"\",\"untested\":\"22-25\"}}\n";
    // Both addresses of the name were not tested; of the third host only the summary speaks, and of one port too few.
    let score = score(&["{\"type\":\"scan\"}\n", unresolved, &end(7)].concat());
    assert_eq!((score.untested, score.unaccounted), (11, Some(1)));
}

#[test]
fn who_names_open_ports_only_says_nothing_of_the_others() {
    let score = score("192.0.2.1:22\n192.0.2.1:23\n192.0.2.2:25\n");
    assert_eq!((score.found, score.false_open), (1, 2));
    assert_eq!(score.false_open_answered, 1);
    assert_eq!(
        [score.false_closed, score.false_filtered, score.unaccounted],
        [None; 3]
    );
    let closed = "{\"ip\": \"192.0.2.1\", \"ports\": [{\"port\": 22, \"status\": \"closed\"}]}";
    let score = Score::new(&world(), 1, &read(closed), None).unwrap();
    assert_eq!(
        (score.false_closed, score.unaccounted, score.syns),
        (Some(1), None, None)
    );
}

#[test]
fn a_gate_objects_to_what_is_worth_nothing_and_says_why() {
    let reading = read("192.0.2.1:22\n");
    let objections = |change: fn(&mut Record)| {
        let mut record = record();
        change(&mut record);
        let score = Score::new(&world(), 1, &reading, Some(&record)).unwrap();
        assert!(score.is_clean());
        score.objections(true)
    };
    assert_eq!(objections(|_| {}), [""; 0]);
    assert_eq!(objections(|record| record.end = End::Code(1)), [""; 0]);
    assert_eq!(objections(|record| record.end = End::Bound), [""; 0]);
    let behind = "the lab did not keep up, so that the run is worth nothing";
    assert_eq!(objections(|record| record.lab.overruns = 1), [behind]);
    let killed = "the scanner was ended by signal 9";
    assert_eq!(objections(|record| record.end = End::Signal(9)), [killed]);
    let end = |record: &mut Record| record.end = End::NotStarted("no such file".to_owned());
    let absent = "the scanner could not be started: no such file";
    assert_eq!(objections(end), [absent]);
}

#[test]
fn a_gate_counts_what_is_not_clean() {
    let score = score(
        &[
            host("192.0.2.1", "23", "22,24", "", ""),
            host("2001:db8::1", "22", "23,25", "24", ""),
            host("192.0.2.2", "22-25", "", "", ""),
            end(0),
        ]
        .concat(),
    );
    let both = [
        "2 ports said to be closed that are not",
        "1 ports never mentioned",
    ];
    assert_eq!(score.objections(true), both);
    let open = "1 ports said to be open that the wire does not show";
    assert_eq!(score.objections(false), [&[open], &both[..]].concat());
}

#[test]
fn a_record_of_another_world_is_refused() {
    let reading = read("192.0.2.1:22\n");
    let error = Score::new(&world(), 2, &reading, Some(&record())).unwrap_err();
    assert!(matches!(error, ScoreError::OtherWorld { .. }), "{error}");
}

#[test]
fn a_record_of_the_scenario_as_it_was_is_refused() {
    let reading = read("192.0.2.1:22\n");
    let mut record = record();
    record.digest = Some(world().digest);
    let changed = WORLD.replace("\"22\", is = \"open\"", "\"23\", is = \"open\"");
    let changed = from_text(Path::new("world.toml"), &changed).unwrap();
    let score =
        |scenario: &Scenario, record: &Record| Score::new(scenario, 1, &reading, Some(record));
    score(&world(), &record).unwrap();
    let error = score(&changed, &record).unwrap_err();
    assert_eq!(error, ScoreError::Changed("world".to_owned()));
    // A record that does not say is believed.
    record.digest = None;
    score(&changed, &record).unwrap();
}

#[test]
fn too_large_a_plan_is_refused() {
    let text = WORLD.replace("\"192.0.2.2/32\"", "\"2001:db8::/96\"");
    let scenario = from_text(Path::new("world.toml"), &text).unwrap();
    let error = Score::new(&scenario, 1, &read("192.0.2.1:22\n"), None).unwrap_err();
    assert!(matches!(error, ScoreError::TooLarge(..)), "{error}");
}

#[test]
fn who_asks_for_an_end_gets_no_score() {
    let reading = read("192.0.2.1:22\n");
    let stop = AtomicBool::new(true);
    let stopped = Score::stoppable(&world(), 1, &reading, None, &stop);
    assert_eq!(stopped, Err(ScoreError::Stopped));
}

#[test]
fn people_can_read_it() {
    let clean = score(
        &[
            host("192.0.2.1", "22", "23", "24-25", ""),
            host("2001:db8::1", "", "22-23,25", "24", ""),
            host("192.0.2.2", "22-25", "", "", ""),
            end(0),
        ]
        .concat(),
    );
    let mut poor = record();
    poor.end = End::Bound;
    poor.lab.overruns = 3;
    let reading = read("192.0.2.1:22\n192.0.2.1:23\n192.0.2.2:25\n192.0.2.2:2");
    let poor = Score::new(&world(), 1, &reading, Some(&poor)).unwrap();
    let text = format!("{clean}---\n{poor}");
    assert!(text.lines().all(|line| line.chars().count() <= 80));
    insta::assert_snapshot!(text);
}

#[test]
fn a_score_survives_json() {
    let score = score("192.0.2.1:22\n");
    let json = serde_json::to_string(&score).unwrap();
    assert_eq!(serde_json::from_str::<Score>(&json).unwrap(), score);
}

proptest! {
    /// Each planned port is judged, untested or unaccounted for, whatever was said.
    #[test]
    fn the_counts_add_up(
        said in proptest::collection::vec((1_u8..4, 20_u16..28, 0_u8..4), 0..40),
    ) {
        let words = ["open", "closed", "filtered", "untested"];
        let line = |(host, port, word): &(u8, u16, u8)| {
            let word = words[*word as usize];
            format!("{{\"type\":\"port\",\"ip\":\"192.0.2.{host}\",\"port\":{port},\"state\":\"{word}\"}}\n")
        };
        let text = said.iter().map(line).collect::<Vec<_>>().concat();
        let reading = reading::read(Some(Format::Picaporte), Cursor::new(text)).unwrap();
        let score = Score::new(&world(), 1, &reading, None).unwrap();
        let judged = Planned::new(&world()).addresses().filter_map(|ip| reading.of(ip)).map(|said| {
            u64::from((22..=25).filter(|port| said.words(*port).judged()).count() as u32)
        }).sum::<u64>();
        prop_assert_eq!(judged + score.untested + score.unaccounted.unwrap(), 12);
        prop_assert!(score.found <= score.open && score.false_open_answered <= score.false_open);
    }
}
