//! Planning with a machine and name servers that are made up: nothing is asked of the real ones.

use std::cell::RefCell;
use std::io::Write as _;
use std::net::IpAddr;

use clap::Parser as _;
use picaporte_core::Reason;

use super::*;
use crate::cli::args::{Args, Command};
use crate::cli::family::Family;
use crate::cli::names::Answer;
use crate::cli::{pace, ports};
use crate::report::Lang;
use crate::words::{english, errors};

mod scope;

/// A machine with the zone eth0, number 7.
struct MadeUp;

impl Lookup for MadeUp {
    fn service(&self, name: &str) -> Option<Vec<u16>> {
        ports::by_name(name)
    }

    fn zone(&self, name: &str) -> Option<u32> {
        (name == "eth0").then_some(7)
    }
}

/// Name servers that know a few names, and remember what they were asked.
#[derive(Default)]
struct Known {
    asked: RefCell<Vec<String>>,
}

impl Resolve for Known {
    fn resolve(&self, names: &[String], family: Option<Family>) -> Vec<Answer> {
        self.asked.borrow_mut().extend_from_slice(names);
        names.iter().map(|name| answer(name, family)).collect()
    }
}

fn answer(name: &str, family: Option<Family>) -> Answer {
    let all: &[&str] = match name {
        "www.example.org" => &["192.0.2.7", "192.0.2.8", "2001:db8::7"],
        "six.example.org" => &["2001:db8::9"],
        "sink.example.org" => &["0.0.0.0"],
        "half.example.org" => &["192.0.2.7", "0.0.0.0", "fe80::1"],
        "rebound.example.org" => &["127.0.0.1", "169.254.169.254", "192.0.2.66"],
        "localhost" => &["127.0.0.2"],
        _ => &[],
    };
    let all = all.iter().map(|text| text.parse::<IpAddr>().unwrap());
    let addresses: Vec<_> = all
        .filter(|ip| family.is_none_or(|f| f == Family::of(*ip)))
        .collect();
    let trouble = addresses
        .is_empty()
        .then(|| said!("there is no such name", "ese nombre no existe"));
    Answer { addresses, trouble }
}

fn planned_with(line: &str, resolver: &Known) -> Result<Planned> {
    let words = ["picaporte", "scan"]
        .into_iter()
        .chain(line.split_whitespace());
    let Command::Scan(args) = Args::try_parse_from(words)?.command else {
        anyhow::bail!("not a scan")
    };
    let broadcasts = vec![Address::new([198, 51, 100, 255].into())];
    let around = Surroundings {
        lookup: &MadeUp,
        broadcasts,
        resolver,
        scope: None,
    };
    plan(&args, pace::settings(&args), &around)
}

fn planned(line: &str) -> Planned {
    planned_with(line, &Known::default()).unwrap()
}

fn refused(line: &str) -> String {
    let error = planned_with(line, &Known::default()).unwrap_err();
    let spanish = errors::whole(&error, Lang::Es);
    assert_eq!(english::left(&spanish), None, "{spanish}");
    format!("{error:#}")
}

/// The warnings in English; in Spanish none of that is left in them.
fn warned(planned: &Planned) -> Vec<String> {
    for warning in &planned.warnings {
        assert_eq!(english::left(warning.text(Lang::Es)), None, "{warning:?}");
    }
    planned.warnings.iter().map(ToString::to_string).collect()
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn address(text: &str) -> Address {
    Address::new(text.parse().unwrap())
}

#[test]
fn a_name_stands_for_every_address() {
    let planned = planned("www.example.org -p 80,443");
    assert_eq!(
        (planned.plan.hosts(), planned.plan.planned(), planned.names),
        (3, 6, 1)
    );
    assert_eq!(
        &*planned.plan.names(address("2001:db8::7"))[0],
        "www.example.org"
    );
    assert!(planned.warnings.is_empty());
}

#[test]
fn a_name_is_asked_for_once() {
    let known = Known::default();
    let line = "www.example.org WWW.example.org:22 192.0.2.1 --exclude www.example.org -p 80";
    assert_eq!(planned_with(line, &known).unwrap().plan.hosts(), 1);
    assert_eq!(*known.asked.borrow(), ["www.example.org"]);
}

#[test]
fn a_name_without_address_does_not_end_the_scan_of_others() {
    let planned = planned("nowhere.example.org 192.0.2.1 -p 80,443");
    assert_eq!(
        (planned.plan.planned(), planned.plan.planned_addresses()),
        (4, 2)
    );
    assert_eq!(
        warned(&planned),
        ["'nowhere.example.org' does not resolve: there is no such name"]
    );
    assert_eq!(Reason::Unresolved.name(), "unresolved");
}

#[test]
fn names_alone_without_address_are_an_error() {
    let says = refused("nowhere.example.org nor.example.org");
    assert!(
        says.contains("'nor.example.org' does not resolve: there is no such name (and 1 more)"),
        "{says}"
    );
    let says = refused("sink.example.org");
    assert!(
        says.contains("'sink.example.org' resolves to 0.0.0.0, which is never scanned"),
        "{says}"
    );
}

#[test]
fn what_a_name_server_says_is_held_against_the_same_rules() {
    let planned = planned("half.example.org -p 80");
    assert_eq!(planned.plan.hosts(), 1);
    assert_eq!(planned.warnings.len(), 2, "{:?}", planned.warnings);
}

#[test]
fn a_family_leaves_the_other_out() {
    assert_eq!(planned("www.example.org -4 -p 80").plan.hosts(), 2);
    assert_eq!(planned("www.example.org -6 -p 80").plan.hosts(), 1);
    let mixed = planned("192.0.2.1 2001:db8::1 2001:db8::/126 -4 -p 80");
    assert_eq!(mixed.plan.hosts(), 1);
    assert_eq!(warned(&mixed), ["-4 leaves out '2001:db8::1' and 1 more"]);
    let says = refused("2001:db8::1 -4");
    assert!(
        says.contains("-4 leaves no target: it leaves out '2001:db8::1'"),
        "{says}"
    );
    assert!(refused("six.example.org -4").contains("'six.example.org' does not resolve"));
}

#[test]
fn a_source_implies_its_family() {
    assert_eq!(
        planned("www.example.org --source 192.0.2.99 -p 80")
            .plan
            .hosts(),
        2
    );
    assert!(
        refused("2001:db8::1 --source 192.0.2.99").contains("--source 192.0.2.99 leaves no target")
    );
    assert!(refused("192.0.2.1 --source 192.0.2.99 -6").contains("--source '192.0.2.99'"));
}

#[test]
fn a_link_local_target_needs_a_zone() {
    assert!(refused("fe80::1").contains("'fe80::1' is link-local and needs a zone"));
    assert!(refused("fe80::/120").contains("'fe80::/120'"));
    let zone = |line| {
        planned(line).plan.contains(
            Address {
                scope: 7,
                ..address("fe80::1")
            },
            80,
        )
    };
    assert!(zone("fe80::1%eth0 -p 80") && zone("fe80::1 --interface eth0 -p 80"));
    assert!(refused("fe80::1%nozone").contains("'nozone'"));
}

#[test]
fn what_is_never_scanned_is_skipped_in_ranges_and_refused_alone() {
    let planned = planned("198.51.100.0/24 -p 80");
    assert_eq!(planned.plan.hosts(), 255);
    assert!(
        warned(&planned)[0].starts_with("skipped 198.51.100.255"),
        "{:?}",
        planned.warnings
    );
    for target in [
        "198.51.100.255",
        "224.0.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "ff02::1",
    ] {
        let says = refused(target);
        assert!(
            says.contains(target) && says.contains("never scanned"),
            "{says}"
        );
    }
}

#[test]
fn exclusions_hold_for_names_files_and_ports() {
    let list = file("192.0.2.0/25 # the lower half\n192.0.2.200\n");
    let line = format!(
        "192.0.2.0/24 --exclude-file {} --exclude 192.0.2.201,192.0.2.202",
        list.path().display()
    );
    let planned = planned(&format!(
        "{line} --exclude www.example.org --exclude-ports 22 -p 22,80"
    ));
    assert_eq!((planned.plan.hosts(), planned.plan.planned()), (125, 125));
    assert!(!planned.plan.contains(address("192.0.2.7"), 80));
}

#[test]
fn an_exclusion_that_cannot_be_carried_out_is_refused() {
    assert!(refused("192.0.2.1 --exclude nowhere.example.org").contains("'nowhere.example.org'"));
    assert!(
        refused("192.0.2.1 --exclude 192.0.2.1:80")
            .contains("--exclude: '192.0.2.1:80' has a port")
    );
    assert!(refused("192.0.2.1 --exclude 300.1.1.1").starts_with("--exclude: '300.1.1.1'"));
}

#[test]
fn nothing_left_names_the_flags() {
    assert!(refused("192.0.2.1 --exclude 192.0.2.0/24").starts_with("--exclude: nothing is left"));
    let says = refused("192.0.2.1 -p 80 --exclude-ports 80");
    assert!(
        says.contains("--exclude-ports '80' leaves no port of --ports '80'"),
        "{says}"
    );
    assert_eq!(
        planned("192.0.2.1:22 -p 80 --exclude-ports 80")
            .plan
            .planned(),
        1
    );
}

#[test]
fn a_file_of_a_million_lines_names_the_bad_one() {
    let mut text = String::new();
    for i in 0..1_000_000u32 {
        let line = if i == 777_776 {
            "10.0.0.300\n".to_owned()
        } else {
            format!("{}\n", IpAddr::from((0x0a00_0000 + i).to_be_bytes()))
        };
        text.push_str(&line);
    }
    let list = file(&text);
    let says = refused(&format!("--targets-file {}", list.path().display()));
    assert!(
        says.contains("line 777777: '10.0.0.300' is not an IPv4 address"),
        "{says}"
    );
}
