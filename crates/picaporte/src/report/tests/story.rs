//! All formats tell the same story: each is read back by a parser that is not ours, and held against JSON Lines port by port.
//! What services say of themselves (`--identify`) is held against each other in `services`.
//!
//! A new format joins in [`read_back`], which has an arm for each; nmap's two, which have
//! no word for untested, are held against it in `totals`, and the page in its own tests.

use std::collections::BTreeMap;

use picaporte_core::verdict::States;
use picaporte_core::{Reason, State};
use proptest::prelude::*;
use serde_json::Value;

use super::sample::{self, Sample};
use super::{Format, lines, markdown, plain, services, totals};

/// Where a port is: its address with its zone, or its name where it has no address.
type Place = (String, u16);

/// What a format tells.
#[derive(Debug, Default, PartialEq)]
struct Story {
    /// State and reason of each listed port.
    ports: BTreeMap<Place, (String, String)>,
    /// Ports in each state, in all.
    said: Option<[u64; 4]>,
    /// Whether everything was tested.
    complete: Option<bool>,
}

/// What a format has no place for.
#[derive(Clone, Copy, PartialEq)]
enum Lacks {
    Nothing,
    /// Ports that have no address.
    NoAddress,
    /// Everything but the ports.
    Ending,
    /// Everything but open ports.
    AllButOpen,
}

fn read_back(format: Format, text: &str) -> (Story, Lacks) {
    match format {
        Format::JsonLines => (json(&lines(text)), Lacks::Nothing),
        Format::Json => (document(text), Lacks::Nothing),
        Format::Markdown => (document_in_markdown(text), Lacks::Nothing),
        Format::Table => (table(text), Lacks::NoAddress),
        Format::Csv => (csv(text), Lacks::Ending),
        Format::HostPort => (hostport(text), Lacks::AllButOpen),
        Format::Naabu => (naabu(text), Lacks::AllButOpen),
        Format::Masscan => (masscan(text), Lacks::AllButOpen),
        Format::Xml | Format::Grepable => {
            unreachable!("held against JSON in `totals`, host by host")
        }
        Format::Html => unreachable!("held against JSON by the page's own tests"),
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn json(objects: &[Value]) -> Story {
    let mut story = Story::default();
    for port in objects.iter().filter(|object| object["type"] == "port") {
        let place = if port["ip"].is_null() {
            &port["name"]
        } else {
            &port["ip"]
        };
        story.add(
            text_of(place),
            &port["port"],
            &text_of(&port["state"]),
            &text_of(&port["reason"]),
        );
    }
    let end = objects.last().expect("an end");
    story.said = Some(State::ALL.map(|state| end[state.name()].as_u64().expect("a count")));
    story.complete = end["complete"].as_bool();
    story
}

fn document(text: &str) -> Story {
    let document: Value = serde_json::from_str(text).expect("JSON");
    let mut objects = document["findings"].as_array().expect("a list").clone();
    objects.push(document["end"].clone());
    json(&objects)
}

fn document_in_markdown(text: &str) -> Story {
    let read = markdown::read(text);
    let mut story = Story::default();
    let ports = read.table("Ports").or(read.table("Open ports"));
    for row in ports.map_or(&[][..], |table| &table.rows[..]) {
        let place = row[0].split(' ').next().unwrap_or_default();
        story.add(place.to_owned(), &row[1], &row[2], &row[5]);
    }
    let summary = read.table("Summary").expect("a summary");
    let said = |state: State| {
        let row = summary.rows.iter().find(|row| row[0] == state.name());
        number(
            row.and_then(|row| row[1].split(' ').next())
                .expect("a count"),
        )
    };
    story.said = Some(State::ALL.map(said));
    let last = read.paragraphs.last().expect("a last line");
    story.complete = Some(last.starts_with("Complete"));
    story
}

/// Of `60,990`.
fn number(text: &str) -> u64 {
    text.replace(',', "").parse().expect("a number")
}

/// Rows of ports stand between their heads and an empty line, beneath a line with the host; the summary's lines begin with the state.
fn table(text: &str) -> Story {
    let (mut story, mut host, mut in_rows) = (Story::default(), String::new(), false);
    let (mut said, mut complete) = (BTreeMap::new(), false);
    for line in text.lines() {
        let words: Vec<_> = line.split_whitespace().collect();
        match words[..] {
            [] => in_rows = false,
            ["PORT", "STATE", ..] => in_rows = true,
            [port, state, ..] if in_rows && is_state(state) => {
                let reason = words.iter().map(|word| word.trim_end_matches(','));
                let reason = reason.clone().find(|word| is_reason(word));
                story.add(host.clone(), port, state, reason.expect("a reason"));
            }
            [name, count, ..] if is_state(name) && !line.starts_with(' ') => {
                said.insert(name.to_owned(), number(count));
            }
            [first, ..] if !line.starts_with(' ') => {
                complete |= first.starts_with("Complete");
                first.clone_into(&mut host);
            }
            _ => {}
        }
    }
    story.said = Some(State::ALL.map(|state| said[state.name()]));
    story.complete = Some(complete);
    story
}

fn is_state(word: &str) -> bool {
    State::ALL.iter().any(|state| state.name() == word)
}

fn is_reason(word: &str) -> bool {
    Reason::ALL.iter().any(|reason| reason.name() == word)
}

fn csv(text: &str) -> Story {
    let mut story = Story::default();
    for row in ::csv::Reader::from_reader(text.as_bytes()).records() {
        let row = row.expect("a row");
        let place = if row[0].is_empty() { &row[1] } else { &row[0] };
        story.add(place.to_owned(), &row[2], &row[4], &row[5]);
    }
    story
}

fn hostport(text: &str) -> Story {
    let mut story = Story::default();
    for line in text.lines() {
        let (host, port) = line.rsplit_once(':').expect("a port");
        story.add(
            host.trim_matches(['[', ']']).to_owned(),
            port,
            "open",
            "syn-ack",
        );
    }
    story
}

/// One line for each name of an address.
fn naabu(text: &str) -> Story {
    let mut story = Story::default();
    for line in lines(text) {
        assert_eq!(line["protocol"], "tcp");
        let place = (text_of(&line["ip"]), port(&line["port"]));
        story
            .ports
            .insert(place, ("open".to_owned(), "syn-ack".to_owned()));
    }
    story
}

fn masscan(text: &str) -> Story {
    let mut story = Story::default();
    let list: Vec<Value> = serde_json::from_str(text).expect("a list");
    for record in list {
        for open in record["ports"].as_array().expect("ports") {
            story.add(
                text_of(&record["ip"]),
                &open["port"],
                &text_of(&open["status"]),
                &text_of(&open["reason"]),
            );
        }
    }
    story
}

fn port(text: &impl ToString) -> u16 {
    text.to_string().parse().expect("a port")
}

impl Story {
    fn add(&mut self, host: String, number: &(impl ToString + ?Sized), state: &str, reason: &str) {
        let place = (host, number.to_string().parse().expect("a port"));
        let before = self
            .ports
            .insert(place, (state.to_owned(), reason.to_owned()));
        assert_eq!(before, None, "told twice");
    }

    /// What a format can tell of it.
    fn without(&self, lacks: Lacks, sample: &Sample) -> Self {
        let unresolved = |place: &Place| {
            sample
                .header
                .plan
                .unresolved()
                .iter()
                .any(|u| *u.name == *place.0)
        };
        let ending = matches!(lacks, Lacks::Nothing | Lacks::NoAddress);
        let ports = self.ports.iter().filter(|(place, (state, _))| match lacks {
            Lacks::Nothing | Lacks::Ending => true,
            Lacks::NoAddress => !unresolved(place),
            Lacks::AllButOpen => state == "open",
        });
        Self {
            ports: ports
                .map(|(place, said)| (place.clone(), said.clone()))
                .collect(),
            said: self.said.filter(|_| ending),
            complete: self.complete.filter(|_| ending),
        }
    }
}

/// Holds every format of a scan against JSON Lines.
fn agree(sample: &Sample) {
    let (whole, _) = read_back(Format::JsonLines, &plain(sample, Format::JsonLines));
    let counts = &sample.trailer.account.tally.counts;
    assert_eq!(
        whole.said,
        Some(State::ALL.map(|state| counts.in_state(state)))
    );
    totals::as_nmap(sample);
    let apart = [Format::Xml, Format::Grepable, Format::Html];
    for format in Format::ALL.into_iter().filter(|f| !apart.contains(f)) {
        let (story, lacks) = read_back(format, &plain(sample, format));
        assert_eq!(story, whole.without(lacks, sample), "{}", format.name());
    }
}

#[test]
fn every_format_tells_the_same_story() {
    let all = sample::interrupted(States::ALL);
    agree(&all);
    agree(&sample::interrupted(States::OPEN));
    // What services say, all formats say the same of: `services`.
    agree(&services::sample(States::ALL));
    let (whole, _) = read_back(Format::JsonLines, &plain(&all, Format::JsonLines));
    assert_eq!(whole.ports.len(), 36);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn every_format_tells_the_same_story_of_any_scan((world, limit) in sample::any_world()) {
        agree(&sample::simulated(&world, limit));
    }
}
