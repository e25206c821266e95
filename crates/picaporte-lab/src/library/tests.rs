//! What every scenario that comes with the lab has to hold.

use std::collections::BTreeSet;
use std::fs;

use super::{SCENARIOS, find, names};
use crate::scenario::{Scenario, Span, Target};
use crate::truth::{Line, State, Truth};

/// No order is larger than this, so that nothing runs away: the /24 with a thousand ports.
const MOST_PLANNED: u64 = 256_000;

fn every() -> impl Iterator<Item = Scenario> {
    names().map(|name| find(name).unwrap_or_else(|error| panic!("{error}")))
}

#[test]
fn every_file_is_listed_and_every_name_has_its_file() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let files: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let listed: BTreeSet<String> = names().map(|name| format!("{name}.toml")).collect();
    assert_eq!(files, listed);
    assert!(listed.len() >= 24);
    assert!(SCENARIOS.is_sorted_by(|a, b| a.0 < b.0));
}

#[test]
fn every_scenario_says_what_it_stands_for_and_where_that_is_written() {
    for scenario in every() {
        let name = &scenario.name;
        let title = scenario.about.trim().split_once(". ");
        let (title, rest) = title.unwrap_or_else(|| panic!("{name}: one sentence is too little"));
        assert!(title.chars().count() < 60, "{name}: '{title}' is no title");
        assert!(rest.chars().count() > 60, "{name}: what is hard about it?");
        assert!(scenario.source.chars().count() > 20, "{name}");
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(name.chars().all(kebab), "{name}");
    }
}

#[test]
fn every_order_is_bounded() {
    for scenario in every() {
        let (name, ports) = (&scenario.name, u64::from(scenario.scan.ports.len()));
        let planned = ports * scenario.addresses().take(1 << 17).count() as u64;
        assert!(planned <= MOST_PLANNED, "{name}: {planned}");
        let bound = scenario.scan.bound;
        assert!(
            (Span::from_ms(30_000)..=Span::from_ms(120_000)).contains(&bound),
            "{name}: {bound}"
        );
    }
}

#[test]
fn orders_name_addresses_of_the_file() {
    for scenario in every() {
        for ip in scenario.addresses() {
            assert!(
                scenario.group_of(ip).is_some(),
                "{}: {ip} is nobody's",
                scenario.name
            );
        }
        for target in &scenario.scan.targets {
            let known = |name: &str| scenario.names.contains_key(name);
            assert!(
                matches!(target, Target::Net(_))
                    || matches!(target, Target::Name(name) if known(name))
            );
        }
    }
}

#[test]
fn worlds_have_what_recall_is_measured_by() {
    for scenario in every() {
        let (mut open, mut seen_open, mut all) = (0, 0, 0);
        for line in Truth::new(&scenario, 1).lines() {
            all += 1;
            open += u32::from(line.truth.state == State::Open);
            seen_open += u32::from(line.truth.wire == State::Open);
        }
        let name = &scenario.name;
        assert_eq!(scenario.answers_everything, seen_open > open, "{name}");
        assert_eq!(
            name == "dead-network",
            open == 0,
            "{name}: {open} of {all} open"
        );
    }
}

#[test]
fn the_short_set_is_short() {
    let short: Vec<String> = every()
        .filter(|scenario| scenario.short)
        .map(|scenario| scenario.name)
        .collect();
    assert!((8..=12).contains(&short.len()), "{short:?}");
    assert!(every().all(|scenario| !(scenario.short && scenario.answers_everything)));
}

#[test]
fn the_figures_that_stand_in_the_words_are_so() {
    let open = |name: &str| {
        let scenario = find(name).unwrap();
        let truth = Truth::new(&scenario, 1);
        let is_open = |line: &Line| line.truth.state == State::Open;
        truth.lines().filter(is_open).count()
    };
    assert_eq!(open("cloud-security-group"), 501);
    assert_eq!(open("all-ports-loss-5"), 503);
    assert_eq!(open("listen-queue"), 2_000);
}

#[test]
fn names_and_files_are_told_apart() {
    let unknown = find("no-such-world").unwrap_err();
    assert!(unknown.what.contains("picaporte-lab list"), "{unknown}");
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/quiet-lan.toml");
    assert_eq!(find(file).unwrap().name, "quiet-lan");
    assert!(
        find("nowhere.toml")
            .unwrap_err()
            .what
            .contains("can't be read")
    );
}
