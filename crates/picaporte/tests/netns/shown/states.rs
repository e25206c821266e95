//! What refuses a probe is told apart: a closed port from a firewall that pretends, one ICMP error from another,
//! a missing neighbour from a missing route. With privileges and without, over IPv4 and IPv6.

use std::net::IpAddr;

use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use super::per_family;
use crate::outcome::must;
use crate::report::Report;
use crate::scanner::Scan;
use crate::server::{Manner, Server};
use crate::world::{FAR_V4, FAR_V6, LINK, ROUTER_V4, ROUTER_V6, TARGET_LINK_LOCAL, World};

/// nftables' name of a rejection, the reason expected, ICMP type and code.
type Rejection = (&'static str, &'static str, u8, u8);

/// Every type that `reject with icmp` and `icmpx` offer; codes of RFC 792 and RFC 1812.
const ICMP: [Rejection; 11] = [
    ("icmp type net-unreachable", "net-unreach", 3, 0),
    ("icmp type host-unreachable", "host-unreach", 3, 1),
    ("icmp type prot-unreachable", "proto-unreach", 3, 2),
    ("icmp type port-unreachable", "port-unreach", 3, 3),
    ("icmp type net-prohibited", "net-prohibited", 3, 9),
    ("icmp type host-prohibited", "host-prohibited", 3, 10),
    ("icmp type admin-prohibited", "admin-prohibited", 3, 13),
    ("icmpx type no-route", "net-unreach", 3, 0),
    ("icmpx type host-unreachable", "host-unreach", 3, 1),
    ("icmpx type port-unreachable", "port-unreach", 3, 3),
    ("icmpx type admin-prohibited", "admin-prohibited", 3, 13),
];

/// Every type that `reject with icmpv6` and `icmpx` offer; codes of RFC 4443, which calls 5 and 6 subsets of 1, prohibited.
const ICMPV6: [Rejection; 10] = [
    ("icmpv6 type no-route", "net-unreach", 1, 0),
    ("icmpv6 type admin-prohibited", "admin-prohibited", 1, 1),
    ("icmpv6 type addr-unreachable", "host-unreach", 1, 3),
    ("icmpv6 type port-unreachable", "port-unreach", 1, 4),
    ("icmpv6 type policy-fail", "admin-prohibited", 1, 5),
    ("icmpv6 type reject-route", "admin-prohibited", 1, 6),
    ("icmpx type no-route", "net-unreach", 1, 0),
    ("icmpx type host-unreachable", "host-unreach", 1, 3),
    ("icmpx type port-unreachable", "port-unreach", 1, 4),
    ("icmpx type admin-prohibited", "admin-prohibited", 1, 1),
];

/// The first port with a rejection; each type has a few, so that a race with the harvest has a chance to show.
const FIRST_PORT: u16 = 6000;
const PORTS_PER_TYPE: u16 = 20;
const RESET_PORT: u16 = 5999;

pub(super) fn trials() -> Vec<Trial> {
    let mut trials = vec![
        Trial::test("states_time_exceeded_of_a_routing_loop", routing_loop),
        Trial::test("states_link_local_with_zone_id", link_local),
        Trial::test(
            "states_link_local_without_zone_id_is_refused",
            link_local_without_zone,
        ),
    ];
    trials.extend(per_family(
        "states_icmp_errors_are_filtered_each_with_its_reason",
        |ip| rejections(ip, false),
    ));
    trials.extend(per_family(
        "states_icmp_errors_are_told_apart_without_privileges",
        |ip| rejections(ip, true),
    ));
    trials.extend(per_family(
        "states_evidence_names_the_router_that_refused",
        router_refuses,
    ));
    trials.extend(per_family(
        "states_missing_neighbour_is_filtered_host_unreach",
        missing_neighbour,
    ));
    trials.extend(per_family(
        "states_missing_route_is_untested_local_route",
        missing_route,
    ));
    trials.push(Trial::test(
        "states_own_address_is_scanned_and_broadcast_is_not",
        own_address,
    ));
    trials.extend(per_family(
        "states_source_and_interface_are_used",
        source_and_interface,
    ));
    trials
}

fn kinds(target: IpAddr) -> &'static [Rejection] {
    if target.is_ipv4() { &ICMP } else { &ICMPV6 }
}

fn first_port(kind: usize) -> u16 {
    FIRST_PORT + u16::try_from(kind).unwrap_or(0) * PORTS_PER_TYPE
}

fn rules(target: IpAddr) -> String {
    let rules = kinds(target).iter().enumerate().map(|(kind, (with, ..))| {
        let first = first_port(kind);
        format!(
            "tcp dport {first}-{} reject with {with};\n",
            first + PORTS_PER_TYPE - 1
        )
    });
    rules
        .chain([format!("tcp dport {RESET_PORT} reject with tcp reset;\n")])
        .collect()
}

/// Slower than the thousand ICMP errors a second that older kernels allow for all peers together.
fn scan_rejections(world: &World, target: IpAddr, unprivileged: bool) -> Result<Report, Failed> {
    let last = first_port(kinds(target).len()) - 1;
    let scan = Scan::new(&world.scanner, &target)
        .with(&format!("--show all --rate 500 -p {RESET_PORT}-{last}"));
    if unprivileged {
        scan.unprivileged()
    } else {
        scan
    }
    .report(0)
}

/// Every rejected port is filtered with reason and evidence; a failure lists every port that is not.
fn must_tell_apart(report: &Report, target: IpAddr, from: IpAddr) -> Result<(), Failed> {
    let mut wrong = Vec::new();
    for (kind, (with, reason, icmp_type, code)) in kinds(target).iter().enumerate() {
        for port in first_port(kind)..first_port(kind + 1) {
            let line = report.port(target, port)?;
            let evidence = json!({"type": icmp_type, "code": code, "from": from.to_string()});
            if line["state"] != "filtered"
                || line["reason"] != *reason
                || line["evidence"]["icmp"] != evidence
            {
                wrong.push(format!(
                    "  {with}, expected {reason} with {evidence}: {line}"
                ));
            }
        }
    }
    let first = wrong
        .iter()
        .step_by(usize::from(PORTS_PER_TYPE / 2))
        .cloned()
        .collect::<Vec<_>>();
    must(
        wrong.is_empty(),
        format_args!(
            "{} ports told wrong, some of them:\n{}",
            wrong.len(),
            first.join("\n")
        ),
    )
}

fn must_be(line: &Value, state: &str, reason: &str) -> Result<(), Failed> {
    must(
        line["state"] == state && line["reason"] == reason,
        format_args!("not {state} by {reason}: {line}"),
    )
}

fn rejections(target: IpAddr, unprivileged: bool) -> Result<(), Failed> {
    let world = World::new()?;
    world.target.filter_input(&rules(target))?;
    let report = scan_rejections(&world, target, unprivileged)?;
    must_tell_apart(&report, target, target)?;
    must_be(report.port(target, RESET_PORT)?, "closed", "conn-refused")
}

fn router_refuses(family: IpAddr) -> Result<(), Failed> {
    let (target, router): (IpAddr, IpAddr) = if family.is_ipv4() {
        (FAR_V4.into(), ROUTER_V4.into())
    } else {
        (FAR_V6.into(), ROUTER_V6.into())
    };
    let world = World::routed()?;
    let rules = rules(target);
    let chain = format!(
        "table inet t {{ chain forward {{ type filter hook forward priority 0; {rules}\n}}\n}}\n"
    );
    world
        .router
        .as_ref()
        .ok_or("a routed world has a router")?
        .nft(&chain)?;
    let report = scan_rejections(&world, target, false)?;
    must_tell_apart(&report, target, router)?;
    // A RST names nobody: the router's is told like the target's.
    must_be(report.port(target, RESET_PORT)?, "closed", "conn-refused")
}

/// The target hands everything back to the router, which hands it back again.
fn routing_loop() -> Result<(), Failed> {
    let world = World::routed()?;
    let router = world.router.as_ref().ok_or("a routed world has a router")?;
    world.target.sysctl("ipv4/ip_forward", "1")?;
    router.ip("route add 10.79.0.0/24 via 10.78.0.2")?;
    let lost = IpAddr::from([10, 79, 0, 7]);
    let report = Scan::new(&world.scanner, &lost)
        .with("--show all -p 80")
        .report(0)?;
    let line = report.port(lost, 80)?;
    must_be(line, "filtered", "time-exceeded")?;
    let icmp = &line["evidence"]["icmp"];
    must(
        icmp["type"] == 11 && icmp["code"] == 0 && icmp["from"].is_string(),
        format_args!("no evidence of it: {line}"),
    )
}

fn link_local() -> Result<(), Failed> {
    let target = IpAddr::from(TARGET_LINK_LOCAL);
    let world = World::new()?;
    let _server = Server::start(&world.target, Manner::Banner, [80])?;
    world
        .target
        .filter_input("tcp dport 82 reject with icmpv6 type port-unreachable;")?;
    let zoned = format!("{TARGET_LINK_LOCAL}%{LINK}");
    let report = Scan::new(&world.scanner, &zoned)
        .with("--show all -p 80-82")
        .report(0)?;
    must_be(report.port(target, 80)?, "open", "syn-ack")?;
    must_be(report.port(target, 81)?, "closed", "conn-refused")?;
    must_be(report.port(target, 82)?, "filtered", "port-unreach")?;
    let told = &report.port(target, 80)?["ip"];
    must(*told == *zoned, format_args!("the zone is lost: {told}"))
}

/// Without a zone no interface is meant: wrong usage, or nothing tested, but never a verdict.
fn link_local_without_zone() -> Result<(), Failed> {
    let world = World::new()?;
    let outcome = Scan::new(&world.scanner, &TARGET_LINK_LOCAL)
        .with("-p 80")
        .run()?;
    match outcome.code {
        Some(2) => outcome.must(
            outcome.stderr.contains("fe80::2"),
            "the message does not name the target",
        ),
        Some(3) => must(
            outcome.report()?.totals() == [0, 0, 0, 1],
            "a verdict without a zone",
        ),
        _ => Err(outcome.fail("exit code 2 or 3 expected")),
    }
}

/// Two of them with many ports: the kernel's own limit on ICMP errors keeps most sockets from hearing of it.
fn missing_neighbour(family: IpAddr) -> Result<(), Failed> {
    let absent: [IpAddr; 2] = if family.is_ipv4() {
        ["10.77.0.98".parse()?, "10.77.0.99".parse()?]
    } else {
        ["fd00:77::98".parse()?, "fd00:77::99".parse()?]
    };
    let world = World::new()?;
    let report = Scan::new(&world.scanner, &absent[0])
        .with(&absent[1].to_string())
        .with("--show all -p 1001-1150")
        .report(0)?;
    for address in absent {
        for port in 1001..1151 {
            let line = report.port(address, port)?;
            must_be(line, "filtered", "host-unreach")?;
            must(
                line["evidence"]["origin"] == "neighbour",
                format_args!("no origin: {line}"),
            )?;
        }
    }
    Ok(())
}

/// An interface without a broadcast address is listed with its own in that place: that one is scanned. The last
/// address of its network is a broadcast address all the same, and is not.
fn own_address() -> Result<(), Failed> {
    let world = World::new()?;
    let report = Scan::new(&world.scanner, "10.77.0.1")
        .with("-p 80")
        .report(0)?;
    must(
        report.totals() == [0, 1, 0, 0],
        "its own address is not scanned",
    )?;
    let outcome = Scan::new(&world.scanner, "10.77.0.255")
        .with("-p 80")
        .run()?;
    outcome.must_exit(2)?;
    outcome.must(
        outcome.stderr.contains("'10.77.0.255'"),
        "the broadcast address is not refused by name",
    )
}

fn missing_route(family: IpAddr) -> Result<(), Failed> {
    let nowhere: IpAddr = if family.is_ipv4() {
        "10.99.0.1"
    } else {
        "fd00:99::1"
    }
    .parse()?;
    let world = World::new()?;
    let report = Scan::new(&world.scanner, &nowhere)
        .with("--show all -p 80-89")
        .report(3)?;
    for port in 80..90 {
        must_be(report.port(nowhere, port)?, "untested", "local-route")?;
    }
    Ok(())
}

/// A second address of the scanner is used when asked for, as the server sees it.
fn source_and_interface(target: IpAddr) -> Result<(), Failed> {
    let world = World::new()?;
    world.scanner.ip("addr add 10.77.0.11/24 dev veth0")?;
    world
        .scanner
        .ip("-6 addr add fd00:77::11/64 dev veth0 nodad")?;
    let source = if target.is_ipv4() {
        "10.77.0.11"
    } else {
        "fd00:77::11"
    };
    let capture = crate::wire::Capture::start(&world.scanner)?;
    let scan = Scan::new(&world.scanner, &target)
        .with("-p 80-99 --interface")
        .with(LINK)
        .with("--source")
        .with(source);
    let report = scan.report(0)?;
    must(
        report.totals() == [0, 20, 0, 0],
        format_args!("not 20 closed ports: {}", report.end),
    )?;
    let packets = capture.finish()?;
    let own: IpAddr = source.parse()?;
    must(crate::wire::syns(&packets).count() == 20, "not 20 SYNs")?;
    must(
        crate::wire::syns(&packets).all(|syn| syn.from.ip() == own),
        "a SYN from another address",
    )
}
