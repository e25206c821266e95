//! What a real firewall does by default is told, which ports differ, and who rejected them.

use std::net::IpAddr;

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use super::per_family;
use crate::outcome::must;
use crate::scanner::Scan;
use crate::server::{Manner, Server};
use crate::world::World;

/// A firewall's rules for TCP ports from 1 to 400, of which 22 and 80 are open: what the host line has to say of its policy.
struct Firewall {
    rules: &'static str,
    policy: Value,
    differ: Value,
}

pub(super) fn trials() -> Vec<Trial> {
    let mut trials = per_family("policies_silent_with_exceptions", |target| {
        let firewall = Firewall {
            rules: "tcp dport { 22, 80, 100-102 } accept; tcp dport 113 reject with tcp reset; \
                    tcp dport 7 reject with icmpx admin-prohibited; tcp dport 1-400 drop;",
            policy: json!("silent"),
            differ: json!("7,22,80,100-102,113"),
        };
        told(target, &firewall)
    });
    trials.extend(per_family("policies_reject_with_exceptions", |target| {
        let firewall = Firewall {
            rules: "tcp dport { 22, 80, 100-102 } accept; tcp dport 200 drop; \
                    tcp dport 1-400 reject with icmpx admin-prohibited;",
            policy: json!("reject"),
            differ: json!("22,80,100-102,200"),
        };
        told(target, &firewall)
    }));
    trials.extend(per_family("policies_reset_with_exceptions", |target| {
        let firewall = Firewall {
            rules: "tcp dport 135-139 drop; tcp dport 25 reject with icmpx port-unreachable;",
            policy: json!("reset"),
            differ: json!("22,25,80,135-139"),
        };
        told(target, &firewall)
    }));
    trials.extend(per_family(
        "policies_none_without_a_clear_majority",
        |target| {
            let firewall = Firewall {
                rules: "tcp dport 201-400 drop;",
                policy: Value::Null,
                differ: Value::Null,
            };
            told(target, &firewall)
        },
    ));
    trials.extend(per_family(
        "policies_rejections_that_the_kernel_rations_are_no_silence",
        rationed,
    ));
    trials
}

fn told(target: IpAddr, firewall: &Firewall) -> Result<(), Failed> {
    let world = World::new()?;
    world.target.filter_input(firewall.rules)?;
    let _server = Server::start(&world.target, Manner::Silent, [22, 80])?;
    let report = Scan::new(&world.scanner, &target)
        .with("-p 1-400 --rate 1000")
        .report(0)?;
    let host = &report.hosts[0];
    must(
        host["policy"] == firewall.policy
            && host["differ"] == firewall.differ
            && host["rationed"].is_null(),
        format_args!("{} with {}: {host}", firewall.policy, firewall.differ),
    )?;
    let hosts = |policy: &str| u64::from(firewall.policy == policy);
    let policies =
        json!({"silent": hosts("silent"), "reject": hosts("reject"), "reset": hosts("reset")});
    must(
        report.end["policies"] == policies,
        format_args!("in all: {}", report.end["policies"]),
    )?;
    must_be_summed_up(host, &report.end)
}

/// The rejections of the scan are those of its only host.
fn must_be_summed_up(host: &Value, end: &Value) -> Result<(), Failed> {
    let of_host = host["rejects"].as_array().cloned().unwrap_or_default();
    let of_scan = end["rejects"].as_array().cloned().unwrap_or_default();
    let summed = of_host.into_iter().map(|mut kind| {
        kind["hosts"] = json!(1);
        kind
    });
    must(
        summed.collect::<Vec<_>>() == of_scan,
        format_args!("{} of the host, {} in all", host["rejects"], end["rejects"]),
    )
}

/// As Linux is set by default: one ICMP error a second to each peer, after a burst of six.
fn rationed(target: IpAddr) -> Result<(), Failed> {
    let world = World::new()?;
    world.target.sysctls(&[
        ("ipv4/icmp_ratelimit", "1000"),
        ("ipv4/icmp_ratemask", "6168"),
        ("ipv6/icmp/ratelimit", "1000"),
        ("ipv6/icmp/ratemask", "0-1,3-127"),
    ])?;
    world.target.filter_input(
        "tcp dport { 22, 80 } accept; tcp dport 1-1000 reject with icmpx port-unreachable;",
    )?;
    let _server = Server::start(&world.target, Manner::Silent, [22, 80])?;
    let report = Scan::new(&world.scanner, &target)
        .with("-p 1-1000")
        .report(0)?;
    let host = &report.hosts[0];
    let silent = host["reasons"]["no-response"].as_u64();
    must(
        silent.is_some_and(|silent| silent > 900),
        format_args!("not rationed: {host}"),
    )?;
    must(
        host["policy"] == "reject" && host["rationed"] == true && host["differ"] == "22,80",
        format_args!("not told: {host}"),
    )
}
