//! nmap's formats: what they look like, and that nobody who reads them is told what was not found out.

use picaporte_core::scan::HostReport;
use picaporte_core::tally::Counts;
use picaporte_core::verdict::States;
use picaporte_core::{Icmp, Plan, PortSet, Reason, Settings, State, Verdict};
use picaporte_engine::Finding;
use proptest::prelude::*;
use roxmltree::Document;

use super::sample::{self, Sample, address};
use super::{Format, Style, hostile, lines, plain, report, written};

mod readers;

use readers::{attribute, options};
pub(super) use readers::{in_grepable, in_json, in_xml, must_be_valid, parse};

#[test]
fn xml() {
    insta::assert_snapshot!(plain(&sample::interrupted(States::OPEN), Format::Xml));
}

#[test]
fn xml_of_everything() {
    insta::assert_snapshot!(plain(&sample::interrupted(States::ALL), Format::Xml));
}

#[test]
fn grepable() {
    insta::assert_snapshot!(plain(&sample::interrupted(States::OPEN), Format::Grepable));
}

#[test]
fn grepable_of_everything() {
    insta::assert_snapshot!(plain(&sample::interrupted(States::ALL), Format::Grepable));
}

pub(super) fn strict() -> Style {
    Style {
        xml_strict: true,
        ..Style::default()
    }
}

#[test]
fn strict_changes_the_scanner_alone() {
    let sample = sample::interrupted(States::ALL);
    let (own, strict) = (
        plain(&sample, Format::Xml),
        written(&sample, Format::Xml, strict()),
    );
    assert!(own.contains("<nmaprun scanner=\"picaporte\" "));
    assert_eq!(
        own.replace("scanner=\"picaporte\"", "scanner=\"nmap\""),
        strict
    );
}

#[test]
fn xml_is_valid_by_the_dtd() {
    let mut cut_short = sample::interrupted(States::ALL);
    cut_short
        .findings
        .retain(|finding| !matches!(finding, Finding::Host(_)));
    let mut nothing = sample::interrupted(States::OPEN);
    nothing.findings.clear();
    let samples = [
        sample::interrupted(States::OPEN),
        sample::interrupted(States::ALL),
        sample::interrupted(States::NONE),
        hostile(),
        mixed(),
        cut_short,
        nothing,
    ];
    for sample in samples {
        must_be_valid(&written(&sample, Format::Xml, strict()));
    }
}

#[test]
#[should_panic(expected = "nmaprun")]
fn the_dtd_knows_no_other_scanner() {
    must_be_valid(&plain(&sample::interrupted(States::OPEN), Format::Xml));
}

/// A host that was rejected for two reasons, was silent, and was not asked everything.
fn mixed() -> Sample {
    use Reason::{AdminProhibited, ConnRefused, HostProhibited, NoResponse, TimeLimit};
    let host = address("192.0.2.7");
    let reasons = [
        AdminProhibited,
        HostProhibited,
        NoResponse,
        ConnRefused,
        TimeLimit,
    ];
    let verdicts: Vec<_> = (1..)
        .zip(reasons)
        .map(|(port, reason)| sample::verdict(host, port, reason, 1))
        .collect();
    let mut report = sample::host_report(&verdicts);
    report.rejected = PortSet::from_ports([1, 2]);
    with_host(report, &verdicts)
}

/// A scan of one host, of which these are told.
fn with_host(report: HostReport, verdicts: &[Verdict]) -> Sample {
    let mut plan = Plan::builder(PortSet::from_ports(verdicts.iter().map(|v| v.port)));
    plan.settings(Settings::default());
    plan.name("www.example.org", &[report.address], None)
        .unwrap();
    let mut sample = sample::interrupted(States::OPEN);
    sample.header = sample::header(plan.build().unwrap());
    let tally = &mut sample.trailer.account.tally;
    tally.planned = verdicts.len() as u64;
    tally.counts = report.counts.clone();
    sample.findings = vec![Finding::Host(Box::new(report))];
    sample
}

#[test]
fn no_port_gets_a_reason_that_may_be_another_ones() {
    let xml = plain(&mixed(), Format::Xml);
    let host = xml
        .split("<host")
        .nth(1)
        .unwrap()
        .split("</host>")
        .next()
        .unwrap();
    insta::assert_snapshot!(host);
    let json = in_json(&lines(&plain(&mixed(), Format::JsonLines)));
    assert_eq!(in_xml(&xml), json);
}

fn status(reasons: &[Reason], icmp: Option<Icmp>) -> (String, String, Option<String>) {
    let host = address("192.0.2.7");
    let verdicts = (1..).zip(reasons).map(|(port, &reason)| {
        let mut verdict = sample::verdict(host, port, reason, 1);
        verdict.evidence.icmp = icmp;
        verdict
    });
    let verdicts: Vec<_> = verdicts.collect();
    let sample = with_host(sample::host_report(&verdicts), &verdicts);
    let xml = plain(&sample, Format::Xml);
    let document = parse(&xml);
    let status = document
        .descendants()
        .find(|n| n.has_tag_name("status"))
        .unwrap();
    let grepable = plain(&sample, Format::Grepable);
    let line = grepable
        .lines()
        .find_map(|line| line.split_once("Status: "));
    let said = |name| attribute(status, name).to_owned();
    (
        said("state"),
        said("reason"),
        line.map(|(_, status)| status.to_owned()),
    )
}

#[test]
fn a_host_is_up_as_nmap_says_it() {
    use Reason::{AdminProhibited, ConnRefused, HostSilent, Interrupted, NoResponse, SynAck};
    let is = |reasons: &[Reason]| status(reasons, None);
    let said = |state: &str, reason: &str, line: Option<&str>| {
        (state.to_owned(), reason.to_owned(), line.map(str::to_owned))
    };
    assert_eq!(
        is(&[ConnRefused, SynAck]),
        said("up", "syn-ack", Some("Up"))
    );
    assert_eq!(
        is(&[NoResponse, ConnRefused]),
        said("up", "conn-refused", Some("Up"))
    );
    // Nothing of its own came: as with -Pn, nobody but the user said that it is there.
    assert_eq!(
        is(&[NoResponse, Interrupted]),
        said("up", "user-set", Some("Up"))
    );
    let icmp = Icmp {
        v6: false,
        kind: 3,
        code: 13,
        from: Some(address("192.0.2.1")),
    };
    assert_eq!(
        status(&[AdminProhibited], Some(icmp)),
        said("up", "user-set", Some("Up"))
    );
    assert_eq!(
        is(&[HostSilent, Interrupted]),
        said("down", "no-response", Some("Down"))
    );
    assert_eq!(is(&[Interrupted]), said("unknown", "interrupted", None));
}

#[test]
fn open_ports_stand_one_by_one_even_where_they_are_only_counted() {
    let closed = States::NONE.with(State::Closed);
    for show in [States::NONE, States::OPEN, closed, States::ALL] {
        let sample = sample::interrupted(show);
        let all = in_json(&lines(&plain(&sample, Format::JsonLines)));
        assert_eq!(in_xml(&plain(&sample, Format::Xml)), all);
    }
    let open = |format| plain(&sample::interrupted(closed), format);
    let listed = in_grepable(&open(Format::Grepable));
    assert_eq!((listed["open"], listed["closed"]), (3, 11));
}

#[test]
fn what_was_found_is_told_even_if_its_host_never_ends() {
    let sample = sample::interrupted(States::ALL).without_hosts();
    let xml = plain(&sample, Format::Xml);
    let open: u32 = in_xml(&xml).values().map(|states| states[0].len()).sum();
    assert_eq!(open, 3);
    assert!(xml.contains("<elem key=\"unfinished\">true</elem>"));
    assert!(xml.contains("not finished: its other ports are not told"));
    let grepable = plain(&sample, Format::Grepable);
    assert_eq!(in_grepable(&grepable)["open"], 3);
    assert!(
        grepable.contains("# 192.0.2.7: not finished: "),
        "{grepable}"
    );
}

#[test]
fn a_host_is_written_when_it_is_done_and_nothing_of_it_is_kept() {
    for format in [Format::Xml, Format::Grepable] {
        let sample = sample::interrupted(States::ALL);
        let mut report = report(format, Style::default());
        let mut out = Vec::new();
        report.begin(&sample.header, &mut out);
        for finding in &sample.findings {
            out.clear();
            report.finding(finding, &mut out);
            assert_eq!(
                !out.is_empty(),
                matches!(finding, Finding::Host(_)),
                "{finding:?}"
            );
        }
        out.clear();
        report.end(&sample.trailer, &mut out);
        let end = String::from_utf8(out).unwrap();
        assert!(!end.contains("<host>") && !end.contains("Host: "), "{end}");
    }
}

#[test]
fn a_complete_scan_is_a_success_and_any_other_is_none() {
    let ends = |sample: &Sample| {
        let xml = plain(sample, Format::Xml);
        let document = parse(&xml);
        let finished = document
            .descendants()
            .find(|n| n.has_tag_name("finished"))
            .unwrap();
        let grepable = plain(sample, Format::Grepable);
        let last = grepable.lines().last().unwrap().to_owned();
        (
            attribute(finished, "exit").to_owned(),
            finished.attribute("errormsg").map(str::to_owned),
            last,
        )
    };
    let mut sample = mixed();
    let (exit, why, last) = ends(&sample);
    assert_eq!(exit, "error");
    assert_eq!(
        why.as_deref(),
        Some("interrupted: 1 of 5 planned probes were not tested (time-limit 1)")
    );
    assert!(
        last.starts_with("# Picaporte NOT done at Thu Jan  1 00:00:01 2026 -- interrupted: 1 of 5"),
        "{last}"
    );
    sample.trailer.account.interrupted = false;
    assert!(
        ends(&sample)
            .1
            .is_some_and(|why| why.starts_with("incomplete: "))
    );
    let tally = &mut sample.trailer.account.tally;
    tally.planned = 4;
    tally.counts = Counts::default();
    tally.counts.add_many(Reason::ConnRefused, 4);
    let (exit, why, last) = ends(&sample);
    assert_eq!((&*exit, why), ("success", None));
    assert!(last.starts_with("# Picaporte done at "), "{last}");
}

#[test]
fn a_document_that_was_cut_is_none() {
    let text = plain(&sample::interrupted(States::ALL), Format::Xml);
    assert!(text.ends_with("</nmaprun>\n"));
    for (at, _) in text
        .match_indices('\n')
        .filter(|(at, _)| at + 1 < text.len())
    {
        assert!(Document::parse_with_options(&text[..at], options()).is_err());
    }
}

proptest! {
    #[test]
    fn any_name_gives_a_document_with_that_name_in_it(
        name in proptest::collection::vec(any::<char>(), 1..40),
        zone in "[ -~]{1,8}",
    ) {
        let name: String = name.into_iter().collect();
        let mut sample = hostile();
        let host = address("fe80::7%2");
        let mut plan = Plan::builder(PortSet::from_ports([22]));
        plan.name(&name, &[host], None).unwrap();
        plan.name(&name, &[], None).unwrap();
        sample.header = sample::header(plan.build().unwrap());
        sample.header.args = vec![name.clone()];
        sample.header.zones.insert(2, zone.clone());
        let text = plain(&sample, Format::Xml);
        let document = parse(&text);
        let names = document.descendants().filter(|n| n.has_tag_name("hostname"));
        let names: Vec<_> = names.map(|n| attribute(n, "name").to_owned()).collect();
        prop_assert_eq!(names, [super::encode::xml(&name)]);
        let told = document.descendants().find(|n| n.attribute("key") == Some("zone"));
        prop_assert_eq!(told.and_then(|n| n.text()), Some(&*zone));
        let grepable = plain(&sample, Format::Grepable);
        let hosts: Vec<_> = grepable.lines().filter(|line| !line.starts_with("# ")).collect();
        prop_assert_eq!(hosts.len(), 2, "{}", grepable);
        prop_assert!(hosts.iter().all(|line| line.matches('\t').count() == 1 && line.matches('(').count() == 1));
    }
}
