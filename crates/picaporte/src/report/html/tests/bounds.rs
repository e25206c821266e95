//! What is beyond a bound is counted, and the page says so.

use std::net::Ipv4Addr;

use super::super::evidence::{OF_A_HOST, OPEN, OTHER};
use super::super::hosts::{BATCH, Hosts, MOST_BYTES, OPEN_HOSTS, OTHER_HOSTS};
use super::super::map::{HOSTS, Map};
use super::super::words::Words;
use super::*;
use crate::report::Header;
use picaporte_core::locate::{Answer, By, Distance, Located, Place};
use picaporte_core::scan::HostReport;
use picaporte_core::tally::Tally;
use picaporte_core::{Address, Plan, Settings, Verdict};

mod bytes;
mod lists;

pub(super) fn address(n: u32) -> Address {
    Address::new(Ipv4Addr::from_bits(0x0a00_0000 + n).into())
}

/// A host with these ports open and one closed.
fn host(address: Address, open: impl IntoIterator<Item = u16>) -> HostReport {
    let mut host = HostReport::blank(0, address);
    host.open = PortSet::from_ports(open);
    host.closed = PortSet::from_ports([65_535]);
    host.counts.add_many(Reason::SynAck, host.open.len().into());
    host.counts.add(Reason::ConnRefused);
    host
}

pub(super) fn header() -> Header {
    let mut plan = Plan::builder(PortSet::from_ports([22]));
    plan.settings(Settings::default());
    plan.name("www.example.org", &[address(0)], None).unwrap();
    sample::header(plan.build().unwrap())
}

/// A page of these findings.
fn page_of(findings: impl IntoIterator<Item = Finding>) -> String {
    let mut report = in_lang(Lang::En);
    let mut out = Vec::new();
    report.begin(&header(), &mut out);
    for finding in findings {
        report.finding(&finding, &mut out);
    }
    report.end(&sample::interrupted(States::OPEN).trailer, &mut out);
    text(&out)
}

fn done(host: HostReport) -> Finding {
    Finding::Host(Box::new(host))
}

fn verdict(address: Address, port: u16, reason: Reason) -> Verdict {
    sample::verdict(address, port, reason, 1)
}

pub(super) fn section<'a>(page: &'a str, id: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("id=\"{id}\"")).unwrap();
    rest.split_once("</section>").unwrap().0
}

#[test]
fn up_to_so_many_hosts_are_drawn_and_one_more_folds_to_networks() {
    let quiet = |n| done(host(address(n), [80]));
    let at = page_of((0..HOSTS as u32).map(quiet));
    let map = section(&at, "map");
    assert!(
        map.contains("Folded: 4,096 hosts share 64 rows, by network."),
        "{map}"
    );
    assert!(
        map.contains("10.0.15.192/26 ×64") && map.contains(">80</text>"),
        "{map}"
    );
    let beyond = page_of((0..=HOSTS as u32).map(quiet));
    let map = section(&beyond, "map");
    assert!(map.contains("Folded: more than 4,096 hosts"), "{map}");
    assert!(
        map.contains("10.0.0.0/24 ×256") && map.contains("10.0.16.0/24"),
        "{map}"
    );
}

#[test]
fn networks_beyond_the_bound_share_a_row() {
    let far = |n: u32| done(host(address(n << 8), []));
    let page = page_of((0..4_098).map(far));
    assert!(section(&page, "map").contains("other networks ×2"));
    // They share rows by the longest prefix that makes few enough.
    let rows = section(&page, "map").matches("<line").count();
    assert_eq!(rows, 65);
}

#[test]
fn a_host_of_many_ranges_is_in_the_last_column_alone() {
    // Most ranges are closed, and those are not kept.
    let ragged = |open: u16| {
        let mut host = host(address(1), (1..=open).map(|n| 6 * n));
        host.filtered = PortSet::from_ports((1..=256).map(|n| 6 * n + 2));
        host.closed = PortSet::from_ports((1..=600).map(|n| 6 * n + 4));
        page_of([done(host)])
    };
    let at = ragged(256);
    assert!(!section(&at, "map").contains("too many separate ranges"));
    let beyond = ragged(257);
    assert!(section(&beyond, "map").contains("too many separate ranges to be drawn: 1 host."));
}

#[test]
fn a_port_of_the_most_common_state_is_drawn_in_it() {
    let mut other = host(address(0), []);
    other.closed = PortSet::from_ports([22]);
    let page = page_of([done(host(address(1), [22])), done(other)]);
    let text = read(&page);
    assert!(
        text.contains("10.0.0.1: 1 open, 1 closed; open ports 22"),
        "{text}"
    );
    // The column of port 22 begins after a label of eight letters.
    let map = section(&page, "map");
    assert!(map.contains("<path class=\"closed\" d=\"M69.0 "), "{map}");
}

#[test]
fn the_ports_open_on_most_hosts_have_a_column() {
    let hosts = [host(address(1), 1..=25), host(address(2), 2..=25)];
    let page = page_of(hosts.map(done));
    let map = section(&page, "map");
    assert!(
        map.contains("Of 25 ports that are open somewhere, the 24 open on most hosts"),
        "{map}"
    );
    assert!(
        map.contains(">25</text>") && !map.contains(">1</text>"),
        "{map}"
    );
}

#[test]
fn ports_by_number_end_with_how_many_more_there_are() {
    let page = page_of([done(host(address(1), 1..=33))]);
    assert!(section(&page, "ports").contains("Open on fewer hosts, and not listed here: 1 port."));
}

/// The section on ports of a page of these open ports, whose account counts them.
fn evidence_of(ports: impl Iterator<Item = (u32, u16)>) -> String {
    let mut trailer = sample::interrupted(States::OPEN).trailer;
    trailer.account.tally = Tally::default();
    let (mut report, mut out) = (in_lang(Lang::En), Vec::new());
    report.begin(&header(), &mut out);
    for (n, port) in ports {
        trailer.account.tally.counts.add(Reason::SynAck);
        let open = verdict(address(n), port, Reason::SynAck);
        report.finding(&Finding::Port(open), &mut out);
    }
    report.end(&trailer, &mut out);
    section(&text(&out), "ports").to_owned()
}

#[test]
fn evidence_ends_at_its_bound_and_says_so() {
    let hosts = OPEN.div_ceil(OF_A_HOST) as u32;
    let full = || (0..hosts).flat_map(|n| (1..=OF_A_HOST as u16).map(move |port| (n, port)));
    assert_eq!(full().count(), OPEN);
    let at = evidence_of(full());
    assert_eq!(at.matches("syn-ack; ").count(), OPEN);
    assert!(!at.contains("evidence stands here"));
    let beyond = evidence_of(full().chain([(hosts, 1)]));
    assert_eq!(beyond.matches("syn-ack; ").count(), OPEN);
    assert!(!beyond.contains(">10.0.1.0:1<"));
    assert!(beyond.contains("evidence stands here for 16,384 of 16,385 open ports."));
}

#[test]
fn evidence_of_one_host_ends_at_its_bound_and_says_so() {
    let of_one = |ports| evidence_of((1..=ports).map(|port| (0, port)));
    let at = of_one(OF_A_HOST as u16);
    assert!(at.contains(">10.0.0.0:64<") && !at.contains("evidence stands here"));
    let beyond = of_one(OF_A_HOST as u16 + 1);
    assert!(!beyond.contains(">10.0.0.0:65<"));
    assert!(beyond.contains("evidence stands here for 64 of 65 open ports."));
}

#[test]
fn other_listed_ports_end_at_their_bound_and_say_so() {
    let closed = |n| Finding::Port(verdict(address(n), 1, Reason::ConnRefused));
    let page = page_of((0..=OTHER as u32).map(closed));
    let ports = section(&page, "ports");
    assert_eq!(ports.matches("conn-refused; ").count(), OTHER);
    assert!(
        ports.contains("evidence stands here for 4,096 of 4,097 ports"),
        "{ports}"
    );
}

#[test]
fn located_ports_end_at_their_bound_and_say_so() {
    let mut report = in_lang(Lang::En);
    let mut out = Vec::new();
    report.begin(&header(), &mut out);
    for n in 0..=super::super::LOCATED as u32 {
        let found = Located {
            address: address(n),
            port: 80,
            answer: Answer::Silent,
            by: By::Unknown,
            place: Place::default(),
            host: Distance {
                exact: None,
                at_least: 0,
            },
            hops: Vec::new(),
            contradicts: false,
            attempts: 1,
        };
        report.located(&found, &mut out);
    }
    report.end(&sample::interrupted(States::OPEN).trailer, &mut out);
    let page = text(&out);
    assert!(section(&page, "firewalls").contains("512 ports are listed of 513."));
}

/// Hands so many hosts to the appendix alone.
fn appendix(hosts: u64, open: impl Fn(u64) -> Vec<u16>) -> (String, usize) {
    let (header, words) = (header(), Words::of(Lang::En));
    let (mut rows, mut out) = (Hosts::default(), Vec::new());
    let mut longest = 0;
    let mut page = String::new();
    for n in 0..hosts {
        rows.add(&header, words, &host(address(n as u32), open(n)), &mut out);
        longest = longest.max(out.len());
        page.push_str(&text(&out));
        out.clear();
    }
    rows.end(&header, words, &mut out);
    page.push_str(&text(&out));
    (page, longest)
}

#[test]
fn hosts_are_written_in_batches_and_in_order() {
    let (page, longest) = appendix(BATCH as u64, |_| vec![]);
    assert!(longest > 0);
    let (less, longest) = appendix(BATCH as u64 - 1, |_| vec![]);
    assert_eq!(longest, 0);
    assert_eq!(
        page.matches("<tr><th scope").count(),
        less.matches("<tr><th scope").count() + 1
    );
    assert_eq!(page.matches("<table").count(), 16);
    assert!(page.find(">10.0.0.9<") < page.find(">10.0.0.10<"));
}

#[test]
fn hosts_with_open_ports_have_rows_where_there_are_none_for_others() {
    let hosts = OTHER_HOSTS + 2;
    let (page, _) = appendix(hosts, |n| if n + 1 == hosts { vec![22] } else { vec![] });
    let last = "Folded: not listed one by one are 1 host, of which 0 with open ports (0 open ports in all).";
    assert!(page.contains(last));
    assert!(page.contains(">10.0.128.1<"));
}

#[test]
fn the_appendix_ends_at_so_many_hosts_with_open_ports() {
    let (page, _) = appendix(OPEN_HOSTS + 1, |_| vec![22, 80]);
    assert!(page.contains("Folded: not listed one by one are 1 host, of which 1 with open ports (2 open ports in all)."));
    assert!(page.len() < MOST_BYTES + (MOST_BYTES >> 4));
}

#[test]
fn the_appendix_ends_at_so_many_bytes() {
    let ragged: Vec<u16> = (20_001..20_129).step_by(2).collect();
    let (page, _) = appendix(44_000, |_| ragged.clone());
    assert!(page.contains("not listed one by one"));
    assert!(page.len() < MOST_BYTES + (MOST_BYTES >> 4));
}

#[test]
fn open_ports_of_a_host_that_never_ends_are_kept_to_a_bound_and_counted() {
    let ports = 1..=300;
    let page = page_of(ports.map(|port| Finding::Port(verdict(address(1), port, Reason::SynAck))));
    assert!(
        section(&page, "hosts").contains("1-256")
            && section(&page, "hosts").contains("and 44 more")
    );
}

#[test]
fn what_is_kept_for_the_map_does_not_grow_beyond_its_bound() {
    let mut map = Map::default();
    for n in 0..10_000 {
        map.add(&host(address(n << 8), [80]));
        assert!(map.kept() <= 2 * HOSTS);
    }
}
