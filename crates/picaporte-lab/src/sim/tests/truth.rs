//! The truth that a run is scored against, and what a client sees of the world: they are told by different code, and agree.

use super::*;
use crate::truth::{State, Truth};

/// What a connect scan would make of it.
fn seen(lab: &mut Lab, to: SocketAddr) -> State {
    for attempt in 0..3_u16 {
        lab.send(&syn_to(to, 40_000 + attempt));
        match lab.hear_by(lab.now + Duration::from_secs(5)) {
            Some(Heard::Tcp(segment)) if segment.syn => return State::Open,
            Some(Heard::Tcp(_)) => return State::Closed,
            Some(Heard::Icmp(..)) => return State::Filtered,
            None => {}
        }
    }
    State::Filtered
}

fn agrees(scenario: &Scenario, seed: u64, addresses: &[IpAddr], ports: std::ops::Range<u16>) {
    for &ip in addresses {
        for port in ports.clone() {
            let mut lab = Lab::seeded(scenario.clone(), seed);
            let truth = Truth::new(scenario, seed).of(ip, port);
            assert_eq!(
                seen(&mut lab, (ip, port).into()),
                truth.wire,
                "{ip} {port} {truth:?}"
            );
        }
    }
}

#[test]
fn the_wire_shows_what_the_truth_says_it_shows() {
    let acts = "ports = [\n\
        { ports = \"1\", is = \"open\" }, { ports = \"2\", is = \"dropped\" }, { ports = \"3\", is = \"dropped\", at = 1 },\n\
        { ports = \"4\", is = \"dropped\", at = 3 }, { ports = \"5\", is = \"reset\", at = 2 }, { ports = \"6\", is = \"reset\", at = 4 },\n\
        { ports = \"7\", is = \"rejected\", icmp = \"3/13\" }, { ports = \"8\", is = \"rejected\", icmp = \"3/13\", at = 4 },\n\
        { ports = \"9\", is = \"closed\" }, { ports = \"10-20\", share = 0.5, is = \"open\" }]\n";
    let stacks = [
        "",
        "stack = \"tarpit\"",
        "stack = \"portspoof\"",
        "alive = 0.5\nabsent = \"host-unreachable\"",
        "answers_from = 2",
    ];
    let proxies = [
        "",
        "proxy = { hop = 3 }",
        "proxy = { hop = 2, then = \"reset\" }",
        "proxy = { hop = 4, then = \"ignore\" }",
    ];
    let otherwise = [
        "",
        "otherwise = { is = \"dropped\" }",
        "otherwise = { is = \"rejected\", icmp = \"port-unreach\" }",
    ];
    let addresses: Vec<IpAddr> = vec![
        target(0).ip(),
        [198, 18, 0, 8].into(),
        target6(0).ip(),
        [192, 0, 2, 1].into(),
    ];
    for stack in stacks {
        for proxy in proxies {
            for otherwise in otherwise {
                let scenario = one("hops = 4", &format!("{acts}{stack}\n{proxy}\n{otherwise}"));
                agrees(&scenario, 3, &addresses, 1..25);
            }
        }
    }
}
