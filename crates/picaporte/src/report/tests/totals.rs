//! What one format counts, every other one counts too: for the scan made by hand, and for simulated ones.

use std::collections::BTreeMap;

use picaporte_core::State;
use picaporte_core::verdict::States;
use proptest::prelude::*;
use serde_json::Value;

use super::sample::{self, Sample};
use super::{Format, lines, nmap, plain};

/// Counts by state: how many ports each format lists, and what each says in all.
#[derive(Debug, PartialEq)]
pub(super) struct Totals {
    pub(super) listed: BTreeMap<String, usize>,
    said: [u64; 4],
}

fn json(objects: &[Value], end: &Value) -> Totals {
    let mut listed = BTreeMap::new();
    for port in objects.iter().filter(|o| o["type"] == "port") {
        *listed
            .entry(port["state"].as_str().unwrap().to_owned())
            .or_default() += 1;
    }
    let said = State::ALL.map(|state| end[state.name()].as_u64().unwrap());
    assert_eq!(
        end["tested"].as_u64().unwrap(),
        said[..3].iter().sum::<u64>()
    );
    assert_eq!(end["planned"].as_u64().unwrap(), said.iter().sum::<u64>());
    let reasons = end["reasons"].as_object().unwrap().values();
    assert_eq!(
        reasons.filter_map(Value::as_u64).sum::<u64>(),
        said.iter().sum::<u64>()
    );
    Totals { listed, said }
}

fn csv(text: &str) -> BTreeMap<String, usize> {
    let mut listed = BTreeMap::new();
    for row in ::csv::Reader::from_reader(text.as_bytes()).records() {
        *listed.entry(row.unwrap()[4].to_owned()).or_default() += 1;
    }
    listed
}

/// Rows of ports begin with three blanks (the ports here are short) and the port; the summary's lines with the state.
pub(super) fn table(text: &str) -> Totals {
    let mut listed = BTreeMap::new();
    let mut said = BTreeMap::new();
    for line in text.lines() {
        let words: Vec<_> = line.split_whitespace().collect();
        let [first, second, ..] = words[..] else {
            continue;
        };
        let state = |word: &str| State::ALL.iter().any(|state| state.name() == word);
        if state(second)
            && line.starts_with("   ")
            && words.len() > 4
            && first.parse::<u16>().is_ok()
        {
            *listed.entry(second.to_owned()).or_default() += 1;
        } else if state(first) && !line.starts_with(' ') {
            said.insert(first.to_owned(), second.replace(',', "").parse().unwrap());
        }
    }
    Totals {
        listed,
        said: State::ALL.map(|state| said[state.name()]),
    }
}

/// Holds nmap's formats against JSON Lines: they have no word for untested, and no zones.
pub(super) fn as_nmap(sample: &Sample) {
    let objects = lines(&plain(sample, Format::JsonLines));
    let xml = plain(sample, Format::Xml);
    assert_eq!(nmap::in_xml(&xml), nmap::in_json(&objects));
    let mut tested = json(&objects, objects.last().unwrap()).listed;
    tested.remove(State::Untested.name());
    assert_eq!(nmap::in_grepable(&plain(sample, Format::Grepable)), tested);
}

/// Holds all formats of one scan with every port listed against each other.
fn agree(sample: &Sample) {
    let objects = lines(&plain(sample, Format::JsonLines));
    let totals = json(&objects, objects.last().unwrap());
    let document: Value = serde_json::from_str(&plain(sample, Format::Json)).unwrap();
    assert_eq!(
        json(document["findings"].as_array().unwrap(), &document["end"]),
        totals
    );
    assert_eq!(csv(&plain(sample, Format::Csv)), totals.listed);
    as_nmap(sample);
    let in_table = table(&plain(sample, Format::Table));
    assert_eq!(in_table.said, totals.said);
    let open = plain(sample, Format::HostPort).lines().count();
    assert_eq!(open as u64, totals.said[0]);
    for (index, state) in State::ALL.into_iter().enumerate().take(3) {
        let listed =
            |all: &Totals| all.listed.get(state.name()).copied().unwrap_or_default() as u64;
        assert_eq!(
            (listed(&totals), listed(&in_table)),
            (totals.said[index], totals.said[index])
        );
    }
    let counts = &sample.trailer.account.tally.counts;
    assert_eq!(totals.said, State::ALL.map(|state| counts.in_state(state)));
}

#[test]
fn totals_are_the_same_in_every_format() {
    agree(&sample::interrupted(States::ALL));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn totals_of_any_scan_are_the_same_in_every_format((world, limit) in sample::any_world()) {
        agree(&sample::simulated(&world, limit));
    }
}
