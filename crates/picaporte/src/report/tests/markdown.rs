//! Markdown, read back by a parser that is not ours.

use picaporte_core::verdict::States;
use picaporte_core::{Plan, PortSet, Reason};
use picaporte_engine::Finding;
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::super::markdown::{HELD, OPEN, OTHERS};
use super::super::{Style, report};
use super::sample::{self, Sample};
use super::{Format, plain};

/// A table, with the heading above it.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) heading: String,
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

/// What a document consists of.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) tables: Vec<Table>,
    /// Paragraphs outside tables.
    pub(super) paragraphs: Vec<String>,
}

impl Read {
    /// The table beneath this heading.
    pub(super) fn table(&self, heading: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.heading == heading)
    }
}

/// Reads a document, and holds it against what ours consist of: headings, paragraphs, tables, emphasis, text and code.
pub(super) fn read(text: &str) -> Read {
    let mut read = Read::default();
    let (mut heading, mut plain, mut cells) = (String::new(), String::new(), Vec::new());
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Text(text) | Event::Code(text) => plain.push_str(&text),
            Event::SoftBreak => plain.push(' '),
            Event::Start(Tag::Table(_)) => read.tables.push(Table {
                heading: heading.clone(),
                ..Table::default()
            }),
            Event::Start(
                Tag::Heading { .. }
                | Tag::Paragraph
                | Tag::TableHead
                | Tag::TableRow
                | Tag::TableCell
                | Tag::Strong,
            )
            | Event::End(TagEnd::Table | TagEnd::Strong) => {}
            Event::End(TagEnd::Heading(_)) => heading = std::mem::take(&mut plain),
            Event::End(TagEnd::Paragraph) => read.paragraphs.push(std::mem::take(&mut plain)),
            Event::End(TagEnd::TableCell) => cells.push(std::mem::take(&mut plain)),
            Event::End(end @ (TagEnd::TableHead | TagEnd::TableRow)) => {
                let (cells, table) = (std::mem::take(&mut cells), read.tables.last_mut());
                let table = table.expect("a row stands in a table");
                if end == TagEnd::TableHead {
                    table.head = cells;
                } else {
                    assert_eq!(cells.len(), table.head.len(), "{cells:?}");
                    table.rows.push(cells);
                }
            }
            other => panic!("{other:?} in\n{text}"),
        }
    }
    read
}

#[test]
fn markdown_lists_what_is_open() {
    let text = plain(&sample::interrupted(States::OPEN), Format::Markdown);
    read(&text);
    insta::assert_snapshot!(text);
}

#[test]
fn markdown_lists_everything_when_asked() {
    let text = plain(&sample::interrupted(States::ALL), Format::Markdown);
    read(&text);
    insta::assert_snapshot!(text);
}

#[test]
fn the_last_line_says_how_the_scan_ended() {
    let mut sample = sample::interrupted(States::OPEN);
    let last = |sample: &Sample| {
        let text = plain(sample, Format::Markdown);
        text.lines().last().unwrap_or_default().to_owned()
    };
    let cut = last(&sample);
    assert!(
        cut.starts_with("**Cut**: the scan was interrupted; "),
        "{cut}"
    );
    sample.trailer.account.interrupted = false;
    let incomplete = last(&sample);
    assert!(incomplete.starts_with("**Incomplete**: "), "{incomplete}");
    let tally = &mut sample.trailer.account.tally;
    tally.counts = picaporte_core::tally::Counts::default();
    tally.counts.add_many(Reason::SynAck, tally.planned - 1);
    tally.counts.add(Reason::HostSilent);
    assert_eq!(
        last(&sample),
        "**Complete**, but for 1 probe left out as was asked for."
    );
    let tally = &mut sample.trailer.account.tally;
    tally.counts = picaporte_core::tally::Counts::default();
    tally.counts.add_many(Reason::SynAck, tally.planned);
    assert_eq!(
        last(&sample),
        "**Complete**: every planned probe was tested."
    );
    let tally = &mut sample.trailer.account.tally;
    tally.planned += 1;
    assert!(plain(&sample, Format::Markdown).contains("**FAULT**"));
}

#[test]
fn what_was_found_is_told_even_if_its_host_never_ends() {
    let sample = sample::interrupted(States::OPEN).without_hosts();
    let read = read(&plain(&sample, Format::Markdown));
    assert_eq!(
        read.table("Open ports").map(|table| table.rows.len()),
        Some(3)
    );
    assert!(read.table("Hosts").is_none());
    assert!(read.paragraphs.iter().any(|text| text == "None is done."));
}

#[test]
fn a_host_that_answers_everything_has_one_row() {
    let sample = sample::interrupted(States::OPEN).answering_everything();
    let text = plain(&sample, Format::Markdown);
    assert!(read(&text).table("Open ports").is_none(), "{text}");
    assert!(text.contains("answers on every port tried"), "{text}");
}

/// One port more than is held back.
#[test]
fn ports_beyond_the_bound_are_written_before_their_hosts_are_done() {
    let sample = sample::interrupted(States::ALL);
    let mut report = report(Format::Markdown, Style::default());
    let mut out = Vec::new();
    report.begin(&sample.header, &mut out);
    let verdict = |n: usize| {
        let address = picaporte_core::Address::new([192, 0, 2, (n % 2) as u8].into());
        sample::verdict(address, n as u16 + 1, Reason::ConnRefused, 1)
    };
    let begun = out.len();
    for n in 0..HELD - 1 {
        report.finding(&Finding::Port(verdict(n)), &mut out);
    }
    assert_eq!(out.len(), begun);
    report.finding(&Finding::Port(verdict(HELD - 1)), &mut out);
    assert!(out.len() > begun);
    let last = verdict(HELD);
    report.finding(&Finding::Port(last), &mut out);
    report.finding(&sample::host(&[last]), &mut out);
    report.end(&sample.trailer, &mut out);
    let read = read(&String::from_utf8(out).unwrap());
    // The four of a name without an address stand before them.
    assert_eq!(
        read.table("Ports").map(|table| table.rows.len()),
        Some(4 + HELD + 1)
    );
}

/// One host more than have rows, of each kind.
#[test]
fn hosts_beyond_the_bounds_are_counted_and_said_to_be() {
    let address = |n: u32| {
        picaporte_core::Address::new(std::net::Ipv4Addr::from_bits(0xc612_0000 + n).into())
    };
    let mut sample = sample::interrupted(States::NONE);
    let all = OPEN + 2 + OTHERS + 3;
    sample.findings = (0..all as u32)
        .map(|n| {
            let reason = if n < OPEN as u32 + 2 {
                Reason::SynAck
            } else {
                Reason::NoResponse
            };
            sample::host(&[sample::verdict(address(n), 22, reason, 1)])
        })
        .collect();
    let read = read(&plain(&sample, Format::Markdown));
    let hosts = read.table("Hosts").expect("a table");
    assert_eq!(hosts.rows.len(), OPEN + OTHERS + 2);
    let last: Vec<_> = hosts.rows[OPEN + OTHERS..]
        .iter()
        .map(|row| row.join(" / "))
        .collect();
    insta::assert_snapshot!(last.join("\n"));
}

proptest! {
    /// The parser finds what we wrote and nothing else: `read` knows neither links nor pictures nor tags.
    #[test]
    fn no_name_is_more_than_code(name in "[a`|\\\\<\\[\\]()!*_#&;:/\n\t\u{1b}\u{202e}é -]{1,24}", zone in "[`|<\\[!a]{1,6}") {
        let address = sample::address("fe80::7%2");
        let mut plan = Plan::builder(PortSet::from_ports([22]));
        plan.settings(picaporte_core::Settings { show: States::ALL, ..Default::default() });
        plan.name(&name, &[address], None).unwrap();
        plan.name(&name, &[], None).unwrap();
        let mut header = sample::header(plan.build().unwrap());
        header.zones.insert(2, zone);
        header.args.push(name);
        let verdict = sample::verdict(address, 22, Reason::SynAck, 100);
        let findings = vec![Finding::Port(verdict), sample::host(&[verdict])];
        let trailer = sample::interrupted(States::OPEN).trailer;
        let text = plain(&Sample { header, findings, trailer }, Format::Markdown);
        let read = read(&text);
        prop_assert_eq!(read.table("Ports").map(|table| table.rows.len()), Some(2), "{}", text);
        prop_assert_eq!(read.table("Hosts").map(|table| table.rows.len()), Some(1), "{}", text);
    }
}
