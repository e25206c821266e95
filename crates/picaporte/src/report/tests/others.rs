//! The formats of other scanners: what they write is read here by readers that were made for those.

use picaporte_core::State;
use picaporte_core::verdict::States;
use picaporte_engine::Finding;
use picaporte_lab::reading::{self, Word};

use super::super::{Style, report};
use super::sample;
use super::{Format, plain};

#[test]
fn naabu() {
    let text = plain(&sample::interrupted(States::ALL), Format::Naabu);
    insta::assert_snapshot!(text, @r#"
    {"host":"www.example.org","ip":"192.0.2.7","timestamp":"2026-01-01T00:00:00.100Z","port":443,"protocol":"tcp"}
    {"host":"example.org","ip":"192.0.2.7","timestamp":"2026-01-01T00:00:00.100Z","port":443,"protocol":"tcp"}
    {"host":"www.example.org","ip":"192.0.2.7","timestamp":"2026-01-01T00:00:00.100Z","port":22,"protocol":"tcp"}
    {"host":"example.org","ip":"192.0.2.7","timestamp":"2026-01-01T00:00:00.100Z","port":22,"protocol":"tcp"}
    {"host":"router.example","ip":"fe80::7%eth0","timestamp":"2026-01-01T00:00:00.200Z","port":22,"protocol":"tcp"}
    "#);
}

#[test]
fn masscan() {
    let text = plain(&sample::interrupted(States::ALL), Format::Masscan);
    insta::assert_snapshot!(text, @r#"
    [
    {"ip":"192.0.2.7","timestamp":"1767225600","ports":[{"port":443,"proto":"tcp","status":"open","reason":"syn-ack"}]}
    ,
    {"ip":"192.0.2.7","timestamp":"1767225600","ports":[{"port":22,"proto":"tcp","status":"open","reason":"syn-ack"}]}
    ,
    {"ip":"fe80::7%eth0","timestamp":"1767225600","ports":[{"port":22,"proto":"tcp","status":"open","reason":"syn-ack"}]}
    ]
    "#);
}

#[test]
fn open_ports_are_there_whichever_states_are_listed() {
    for format in [Format::Naabu, Format::Masscan] {
        let all = plain(&sample::interrupted(States::ALL), format);
        assert_eq!(plain(&sample::interrupted(States::OPEN), format), all);
        let none = plain(&sample::interrupted(States::NONE), format);
        assert_eq!(none.lines().count(), all.lines().count());
        assert!(!none.contains("timestamp"), "{none}");
        let others = States::NONE.with(State::Closed).with(State::Untested);
        assert_eq!(plain(&sample::interrupted(others), format), none);
    }
}

#[test]
fn a_list_without_open_ports_is_one() {
    let mut sample = sample::interrupted(States::ALL);
    sample.findings.clear();
    let text = plain(&sample, Format::Masscan);
    assert_eq!(text, "[\n]\n");
    assert_eq!(plain(&sample, Format::Naabu), "");
}

/// The lab reads what masscan itself writes.
#[test]
fn the_reader_of_masscans_lists_reads_ours() {
    let sample = sample::interrupted(States::OPEN);
    let text = plain(&sample, Format::Masscan);
    let read = reading::read(None, text.as_bytes()).expect("a list");
    assert_eq!(
        (read.format, read.cut.clone()),
        (reading::Format::Masscan, None)
    );
    let mut hosts = 0;
    for finding in &sample.findings {
        if let Finding::Host(host) = finding
            && !host.open.is_empty()
        {
            let said = read.of(host.address.ip).expect("the host");
            assert_eq!(said.of(Word::Open), &host.open);
            hosts += 1;
        }
    }
    assert_eq!((hosts, read.hosts().count()), (2, 2));
    assert_eq!(read.reasons.get("syn-ack"), Some(&3));
}

/// After `kill -9` the end is missing, and a reader can see that.
#[test]
fn a_list_that_was_cut_off_has_no_end() {
    let sample = sample::interrupted(States::OPEN);
    let mut report = report(Format::Masscan, Style::default());
    let mut out = Vec::new();
    report.begin(&sample.header, &mut out);
    for finding in &sample.findings {
        report.finding(finding, &mut out);
    }
    let read = reading::read(Some(reading::Format::Masscan), &out[..]).expect("records");
    assert_eq!(read.cut.as_deref(), Some("the array has no end"));
    assert_eq!(read.hosts().count(), 2);
}
