//! Small worlds and what is true of them.

use std::net::IpAddr;

use super::{Port, State, Truth, Why};
use crate::scenario::{Scenario, scenario};

use State::{Closed, Filtered, Open};

/// A world of one group at 198.18.0.0/24, on a path of three hops, with these lines more.
fn world(lines: &str) -> Scenario {
    scenario(&format!(
        "about = 'a'\nsource = 's'\n[scan]\ntargets = ['198.18.0.0/24']\nports = '1-1000'\n[paths.p]\nhops = 3\n\
         [[hosts]]\naddresses = ['198.18.0.0/24']\n{lines}"
    ))
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// What is so, what the wire shows, and why, of port 1 of a host.
fn of(lines: &str) -> (State, State, Why) {
    let Port { state, wire, why } = Truth::new(&world(lines), 1).of(ip("198.18.0.7"), 1);
    (state, wire, why)
}

#[test]
fn every_act_has_its_state() {
    let port = |words: &str| of(&format!("ports = [{{ ports = '1', {words} }}]\n"));
    let table = [
        ("is = 'open'", (Open, Open, Why::Listens)),
        (
            "is = 'open', says = 'x', after = '5s'",
            (Open, Open, Why::Listens),
        ),
        ("is = 'closed'", (Closed, Closed, Why::NothingListens)),
        ("is = 'dropped'", (Filtered, Filtered, Why::Dropped)),
        ("is = 'dropped', at = 2", (Filtered, Filtered, Why::Dropped)),
        (
            "is = 'rejected', icmp = 'port-unreach'",
            (Filtered, Filtered, Why::Rejected),
        ),
        (
            "is = 'rejected', icmp = '3/13', at = 1",
            (Filtered, Filtered, Why::Rejected),
        ),
        ("is = 'reset', at = 3", (Filtered, Closed, Why::ForgedRst)),
    ];
    for (words, truth) in table {
        assert_eq!(port(words), truth, "{words}");
    }
}

#[test]
fn what_no_rule_names_is_closed_or_what_otherwise_says() {
    assert_eq!(of(""), (Closed, Closed, Why::NothingListens));
    assert_eq!(
        of("otherwise = { is = 'dropped' }\n"),
        (Filtered, Filtered, Why::Dropped)
    );
    // The first rule that holds the port speaks for it.
    let rules = "ports = [{ ports = '1-5', is = 'open' }, { ports = '1-9', is = 'dropped' }]\n";
    assert_eq!(of(rules), (Open, Open, Why::Listens));
    assert_eq!(
        of(&rules.replace("'1-5'", "'2-5'")),
        (Filtered, Filtered, Why::Dropped)
    );
}

#[test]
fn where_nobody_is_nothing_answers() {
    let nobody = Port {
        state: Filtered,
        wire: Filtered,
        why: Why::NoHost,
    };
    let here = world("ports = [{ ports = '1-1000', is = 'open' }]\n");
    assert_eq!(Truth::new(&here, 1).of(ip("198.18.1.1"), 1), nobody);
    let dead =
        world("alive = 0\nabsent = 'host-unreachable'\nstack = 'tarpit'\nproxy = { hop = 1 }\n");
    assert_eq!(Truth::new(&dead, 1).of(ip("198.18.0.7"), 1), nobody);
}

#[test]
fn boxes_that_answer_everything_are_told_from_services() {
    let with =
        |more: &str, words: &str| of(&format!("{more}\nports = [{{ ports = '1', {words} }}]\n"));
    let table = [
        (
            "stack = 'tarpit'",
            "is = 'closed'",
            (Closed, Open, Why::Tarpit),
        ),
        (
            "stack = 'tarpit'",
            "is = 'open'",
            (Closed, Open, Why::Tarpit),
        ),
        (
            "stack = 'portspoof'",
            "is = 'closed'",
            (Closed, Open, Why::Portspoof),
        ),
        (
            "stack = 'portspoof'",
            "is = 'open'",
            (Open, Open, Why::Listens),
        ),
        (
            "proxy = { hop = 2 }",
            "is = 'open'",
            (Open, Open, Why::Listens),
        ),
        (
            "proxy = { hop = 2 }",
            "is = 'closed'",
            (Closed, Open, Why::SynProxy),
        ),
        (
            "proxy = { hop = 2 }",
            "is = 'dropped'",
            (Filtered, Open, Why::SynProxy),
        ),
        (
            "proxy = { hop = 2, then = 'ignore' }",
            "is = 'open'",
            (Filtered, Open, Why::SynProxy),
        ),
        (
            "proxy = { hop = 2, then = 'reset' }",
            "is = 'closed'",
            (Filtered, Open, Why::SynProxy),
        ),
    ];
    for (more, words, truth) in table {
        assert_eq!(with(more, words), truth, "{more}, {words}");
    }
}

#[test]
fn what_comes_first_on_the_way_speaks() {
    let with =
        |more: &str, words: &str| of(&format!("{more}\nports = [{{ ports = '1', {words} }}]\n"));
    let table = [
        // Before the proxy or at it: the SYN never gets to be answered by it.
        (
            "proxy = { hop = 2 }",
            "is = 'dropped', at = 1",
            (Filtered, Filtered, Why::Dropped),
        ),
        (
            "proxy = { hop = 2 }",
            "is = 'reset', at = 2",
            (Filtered, Closed, Why::ForgedRst),
        ),
        // Behind it: the proxy has answered already.
        (
            "proxy = { hop = 2 }",
            "is = 'dropped', at = 3",
            (Filtered, Open, Why::SynProxy),
        ),
        (
            "proxy = { hop = 2 }",
            "is = 'rejected', icmp = '3/13', at = 3",
            (Filtered, Open, Why::SynProxy),
        ),
        // Any hop is before a tarpit or a portspoof.
        (
            "stack = 'tarpit'",
            "is = 'dropped', at = 3",
            (Filtered, Filtered, Why::Dropped),
        ),
        (
            "stack = 'portspoof'",
            "is = 'reset', at = 1",
            (Filtered, Closed, Why::ForgedRst),
        ),
    ];
    for (more, words, truth) in table {
        assert_eq!(with(more, words), truth, "{more}, {words}");
    }
}

#[test]
fn the_first_group_that_holds_an_address_speaks_for_it() {
    let two = scenario(
        "about = 'a'\nsource = 's'\n[scan]\ntargets = ['198.18.0.0/24']\nports = '1'\n\
         [[hosts]]\naddresses = ['198.18.0.7']\nports = [{ ports = '1', is = 'open' }]\n\
         [[hosts]]\naddresses = ['198.18.0.0/24']\n",
    );
    let truth = Truth::new(&two, 1);
    assert_eq!(truth.of(ip("198.18.0.7"), 1).state, Open);
    assert_eq!(truth.of(ip("198.18.0.8"), 1).state, Closed);
}

#[test]
fn every_port_of_the_order_has_its_line() {
    let named = scenario(
        "about = 'a'\nsource = 's'\n[scan]\ntargets = ['198.18.0.0/30', 'www.lab.test', '2001:db8::1']\nports = '1,5-6'\n\
         [names]\n'www.lab.test' = ['198.18.0.2', '2001:db8::2']\n[[hosts]]\naddresses = ['198.18.0.2']\n",
    );
    let lines: Vec<_> = Truth::new(&named, 1).lines().collect();
    // One address of the name is among the prefix already.
    assert_eq!(lines.len(), (4 + 1 + 1) * 3);
    assert_eq!(lines[0].ip, ip("198.18.0.0"));
    let ports: Vec<u16> = lines[..3].iter().map(|line| line.port).collect();
    assert_eq!(ports, [1, 5, 6]);
    let json = serde_json::to_string(&lines[6]).unwrap();
    assert_eq!(
        json,
        r#"{"ip":"198.18.0.2","port":1,"state":"closed","wire":"closed","why":"nothing-listens"}"#
    );
}

/// How many lines have this state, and which, in the world of a seed.
fn count(world: &Scenario, seed: u64, state: State) -> (usize, Vec<(IpAddr, u16)>) {
    let truth = Truth::new(world, seed);
    let lines = truth.lines().filter(|line| line.truth.state == state);
    let which: Vec<_> = lines.map(|line| (line.ip, line.port)).collect();
    (which.len(), which)
}

#[test]
fn shares_of_ports_come_out_by_the_seed() {
    let world = world("ports = [{ ports = '1-1000', share = 0.05, is = 'open' }]\n");
    let (open, which) = count(&world, 1, Open);
    // 256,000 draws of 5 %: five standard deviations are 551.
    assert!((12_249..=13_351).contains(&open), "{open}");
    assert_eq!(which, count(&world, 1, Open).1);
    assert_ne!(which, count(&world, 2, Open).1);
    // Hosts of a group do not have the same ports open.
    let of = |host: &str| -> Vec<u16> {
        let of_host = which.iter().filter(|(at, _)| *at == ip(host));
        of_host.map(|(_, port)| *port).collect()
    };
    assert_ne!(of("198.18.0.1"), of("198.18.0.2"));
}

#[test]
fn shares_of_hosts_come_out_by_the_seed() {
    let world = scenario(
        "about = 'a'\nsource = 's'\n[scan]\ntargets = ['10.0.0.0/16']\nports = '1'\n\
         [[hosts]]\naddresses = ['10.0.0.0/16']\nalive = 0.01\n",
    );
    let (alive, which) = count(&world, 1, Closed);
    // 65,536 draws of 1 %: five standard deviations are 128.
    assert!((528..=783).contains(&alive), "{alive}");
    assert_eq!(which, count(&world, 1, Closed).1);
    assert_ne!(which, count(&world, 2, Closed).1);
}

#[test]
fn all_and_none_are_exact() {
    let every = world("ports = [{ ports = '1-1000', share = 1.0, is = 'open' }]\n");
    assert_eq!(count(&every, 3, Open).0, 256_000);
    let none = world("ports = [{ ports = '1-1000', share = 0, is = 'open' }]\n");
    assert_eq!(count(&none, 3, Open).0, 0);
    let dead = world("alive = 0\n");
    assert_eq!(count(&dead, 3, Filtered).0, 256_000);
}

#[test]
fn the_scanners_own_address_is_a_host_where_nothing_listens() {
    let lan = scenario(
        "about = 'a'\nsource = 's'\nlink = 'ethernet'\n[scan]\ntargets = ['198.18.0.0/24']\nports = '1'\n\
         own_addresses = ['198.18.0.9/24']\n[[hosts]]\naddresses = ['198.18.0.0/24']\nalive = 0\n",
    );
    let truth = Truth::new(&lan, 1);
    assert_eq!(truth.of(ip("198.18.0.9"), 1).state, Closed);
    assert_eq!(truth.of(ip("198.18.0.8"), 1).why, Why::NoHost);
}

#[test]
fn a_port_that_is_named_twice_is_told_once() {
    let scenario = scenario(
        "about = 'a'\nsource = 's'\n[scan]\ntargets = ['198.18.0.1', '198.18.0.0/30']\nports = '22'\n\
         [[hosts]]\naddresses = ['198.18.0.0/24']\n",
    );
    let ips: Vec<_> = Truth::new(&scenario, 1)
        .lines()
        .map(|line| line.ip.to_string())
        .collect();
    assert_eq!(
        ips,
        ["198.18.0.0", "198.18.0.1", "198.18.0.2", "198.18.0.3"]
    );
}
