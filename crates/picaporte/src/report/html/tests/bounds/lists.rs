//! Names and lists end at their bounds, and say how many more there are.

use super::super::super::coverage::NAMES as UNRESOLVED;
use super::super::super::hosts::NAMES;
use super::super::super::scope::{TOLD, section as scope_section};
use super::*;
use crate::report::tests::scope;

#[test]
fn names_of_a_host_end_at_their_bound_and_say_so() {
    let named = |names: usize| {
        let mut plan = Plan::builder(PortSet::from_ports([22]));
        for n in 0..names {
            plan.name(&format!("n{n:02}.example"), &[address(0)], None)
                .unwrap();
        }
        let header = sample::header(plan.build().unwrap());
        let (mut rows, mut out) = (Hosts::default(), Vec::new());
        let words = Words::of(Lang::En);
        rows.add(&header, words, &host(address(0), [22]), &mut out);
        rows.end(&header, words, &mut out);
        text(&out)
    };
    let at = named(NAMES);
    assert!(at.contains("n07.example") && !at.contains(" more"), "{at}");
    let beyond = named(NAMES + 1);
    assert!(beyond.contains("n07.example</bdi> and 1 more<"), "{beyond}");
}

#[test]
fn names_without_an_address_end_at_their_bound_in_the_coverage() {
    let unresolved = |names: usize| {
        let mut plan = Plan::builder(PortSet::from_ports([22]));
        plan.name("www.example.org", &[address(0)], None).unwrap();
        for n in 0..names {
            plan.name(&format!("n{n:02}.example"), &[], None).unwrap();
        }
        let plan = plan.build().unwrap();
        let mut sample = sample::interrupted(States::OPEN);
        sample.trailer.account.tally = Tally::of_scan(&plan, [], Reason::Interrupted);
        sample.header = sample::header(plan);
        section(&page(&sample, Lang::En), "coverage").to_owned()
    };
    let at = unresolved(UNRESOLVED);
    assert!(at.contains("n19.example") && !at.contains(" more"), "{at}");
    let beyond = unresolved(UNRESOLVED + 1);
    assert!(
        !beyond.contains("n20.example") && beyond.contains("and 1 more"),
        "{beyond}"
    );
}

/// The section on a scope with so many excluded networks, of a plan of which so many hosts lie outside, none beside another.
fn scope_of(networks: usize, hosts: usize) -> String {
    let excluded: Vec<String> = (0..networks).map(|n| format!("'10.9.0.{n}'")).collect();
    let ports: Vec<String> = (0..networks).map(|n| (2 * n + 1001).to_string()).collect();
    let text = format!(
        "[allowed]\nnetworks = ['192.0.2.0/24']\n[excluded]\nnetworks = [{}]\nports = '{}'\n",
        excluded.join(", "),
        ports.join(",")
    );
    let targets: Vec<String> = (0..hosts).map(|n| format!("10.8.0.{}", 2 * n)).collect();
    let mut targets: Vec<&str> = targets.iter().map(String::as_str).collect();
    targets.push("192.0.2.1");
    let header = scope::header(&targets, &text, Vec::new());
    let section = scope_section(&header, Words::of(Lang::En));
    section.into_string()
}

#[test]
fn lists_of_a_scope_end_at_their_bound_and_say_so() {
    let at = scope_of(TOLD, TOLD);
    assert!(
        at.contains("10.9.0.63<") && at.contains("10.8.0.126<") && at.contains("1127<"),
        "{at}"
    );
    assert!(!at.contains(" more"), "{at}");
    let beyond = scope_of(TOLD + 1, TOLD + 1);
    assert!(
        !beyond.contains("10.9.0.64") && !beyond.contains("10.8.0.128") && !beyond.contains("1129")
    );
    assert_eq!(beyond.matches("and 1 more").count(), 3, "{beyond}");
}
