//! How far an open port can be believed: services of real kernels are confirmed, whatever their manners; boxes that only
//! complete the handshake are not.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use picaporte_lab::{run, scenario};
use serde_json::{Value, json};

use super::per_family;
use crate::outcome::must;
use crate::report::Report;
use crate::scanner::Scan;
use crate::server::{Manner, Server};
use crate::world::{FAR_V4, FAR_V6, Netns, World};

/// A port for each manner that a service may have.
const MANNERS: [(u16, Manner); 8] = [
    (1001, Manner::Silent),
    (1002, Manner::Banner),
    (1003, Manner::CloseAtOnce),
    (1004, Manner::ResetOnAccept),
    (1005, Manner::CloseLate(Duration::from_secs(3))),
    (1006, Manner::Firehose),
    (1007, Manner::HoldOpen),
    (1008, Manner::NeverAccept),
];
/// The ports of a host with many services.
const MANY: std::ops::Range<u16> = 2000..2100;

pub(super) fn trials() -> Vec<Trial> {
    let mut trials = per_family("opens_services_are_confirmed_whatever_they_do", services);
    trials.extend(per_family(
        "opens_syn_proxy_is_confirmed_by_its_backend_alone",
        syn_proxy,
    ));
    trials.extend(per_family(
        "opens_syn_proxy_without_options_is_no_suspect_once_it_has_a_window",
        bare_syn_proxy,
    ));
    trials.extend(per_family(
        "opens_nothing_after_the_handshake_is_handshake_only",
        deaf,
    ));
    trials.extend(per_family(
        "opens_icmp_errors_after_the_handshake_are_no_answer",
        rejected_afterwards,
    ));
    trials.push(Trial::test(
        "opens_tarpit_without_options_and_window_is_suspect",
        tarpit,
    ));
    trials.push(Trial::test(
        "opens_window_that_opens_late_takes_the_suspicion_away",
        late_window,
    ));
    trials
}

/// The grade of every listed port.
fn must_be(report: &Report, target: IpAddr, port: u16, grade: &str) -> Result<(), Failed> {
    let line = report.port(target, port)?;
    must(
        line["state"] == "open" && line["evidence"]["open"] == grade,
        format_args!("not {grade}: {line}"),
    )
}

/// The graded counts of the end and of the host agree.
fn must_count(report: &Report, counts: [u64; 3]) -> Result<(), Failed> {
    let [confirmed, handshake_only, suspect] = counts;
    let expected =
        json!({"confirmed": confirmed, "handshake-only": handshake_only, "suspect": suspect});
    let of_host = &report.hosts[0]["graded"];
    must(
        report.end["graded"] == expected && *of_host == expected,
        format_args!(
            "{} in all, {of_host} of the host, expected {expected}",
            report.end["graded"]
        ),
    )
}

fn services(target: IpAddr) -> Result<(), Failed> {
    let world = World::new()?;
    let mut servers = vec![Server::start(&world.target, Manner::Silent, MANY)?];
    for (port, manner) in MANNERS {
        servers.push(Server::start(&world.target, manner, [port])?);
    }
    let report = Scan::new(&world.scanner, &target)
        .with("-p 1001-1008,2000-2099")
        .unprivileged()
        .report(0)?;
    let manners = MANNERS.map(|(port, _)| port);
    for port in manners.into_iter().chain(MANY) {
        must_be(&report, target, port, "confirmed")?;
    }
    must_count(&report, [108, 0, 0])?;
    must_tell_the_peer(report.port(target, 1001)?)
}

/// Both ends are Linux over Ethernet: options as it offers them, and room for data.
fn must_tell_the_peer(line: &Value) -> Result<(), Failed> {
    let peer = &line["evidence"]["peer"];
    let scale = peer["window_scale"].as_u64();
    let (mss, window) = (peer["mss"].as_u64(), peer["window"].as_u64());
    must(
        peer["options"] == json!(["timestamps", "sack", "window-scale"])
            && scale.is_some_and(|scale| (1..=14).contains(&scale))
            && mss.is_some_and(|mss| (1_400..=1_448).contains(&mss))
            && window.is_some_and(|window| window > 10_000),
        format_args!("not what Linux says of itself: {line}"),
    )
}

/// A router that answers every SYN for the target, and asks it only then. A service is on port 80; 81 swallows, 82 refuses.
fn proxied(family: IpAddr, options: &str) -> Result<(World, Server, Report), Failed> {
    let (target, ip): (IpAddr, &str) = if family.is_ipv4() {
        (FAR_V4.into(), "ip")
    } else {
        (FAR_V6.into(), "ip6")
    };
    let world = World::routed()?;
    let server = Server::start(&world.target, Manner::Banner, [80])?;
    world.target.filter_input("tcp dport 81 drop;")?;
    let router = world.router.as_ref().ok_or("a routed world has a router")?;
    // As in nft(8), SYNPROXY STATEMENT.
    router.nft(&format!(
        "table inet t {{
            chain raw {{ type filter hook prerouting priority raw; policy accept;
                {ip} daddr {target} tcp flags & (fin|syn|rst|ack) == syn notrack\n }}
            chain forward {{ type filter hook forward priority filter; policy accept;
                tcp dport 80-82 ct state invalid,untracked synproxy mss 1460 {options}
                tcp sport 80-82 ct state invalid,untracked synproxy mss 1460 {options}
                ct state invalid drop\n }}
        }}\n"
    ))?;
    router.sysctl("netfilter/nf_conntrack_tcp_loose", "0")?;
    router.sysctl("ipv4/tcp_syncookies", "1")?;
    let report = Scan::new(&world.scanner, &target)
        .with("-p 80-82")
        .unprivileged()
        .report(0)?;
    Ok((world, server, report))
}

fn far(family: IpAddr) -> IpAddr {
    if family.is_ipv4() {
        FAR_V4.into()
    } else {
        FAR_V6.into()
    }
}

fn syn_proxy(family: IpAddr) -> Result<(), Failed> {
    let (_world, _server, report) = proxied(family, "wscale 7 timestamp sack-perm")?;
    must_be(&report, far(family), 80, "confirmed")?;
    must_be(&report, far(family), 81, "handshake-only")?;
    // What a refusing backend does looks like a service that turns us away.
    must_be(&report, far(family), 82, "confirmed")?;
    let close = &report.port(far(family), 82)?["evidence"]["close"];
    must(*close == "reset", format_args!("closed by {close}"))?;
    must_count(&report, [2, 1, 0])
}

/// Without options and, until the backend has answered, without a window. What has a backend is no suspect.
fn bare_syn_proxy(family: IpAddr) -> Result<(), Failed> {
    let (_world, _server, report) = proxied(family, "")?;
    let peer = &report.port(far(family), 81)?["evidence"]["peer"];
    must(
        peer["options"] == json!([]) && peer["window"] == 0,
        format_args!("not bare: {peer}"),
    )?;
    must_be(&report, far(family), 80, "confirmed")?;
    must_be(&report, far(family), 81, "suspect")
}

/// A filter lets SYNs through and nothing that comes after them.
fn deaf(target: IpAddr) -> Result<(), Failed> {
    let world = World::new()?;
    let _server = Server::start(&world.target, Manner::Silent, MANY)?;
    world
        .target
        .filter_input("tcp dport 2000-2099 tcp flags & syn == 0 drop;")?;
    let report = Scan::new(&world.scanner, &target)
        .with("-p 2000-2099")
        .report(0)?;
    for port in MANY {
        must_be(&report, target, port, "handshake-only")?;
    }
    must_count(&report, [0, 100, 0])
}

/// A filter rejects what comes after the SYN: an error, but none that the peer of the connection sent.
fn rejected_afterwards(target: IpAddr) -> Result<(), Failed> {
    let world = World::new()?;
    let _server = Server::start(&world.target, Manner::Silent, [80, 81])?;
    world.target.filter_input(
        "tcp dport 80 tcp flags & syn == 0 reject with icmpx admin-prohibited; \
         tcp dport 81 tcp flags & syn == 0 reject with icmpx port-unreachable;",
    )?;
    let report = Scan::new(&world.scanner, &target)
        .with("-p 80,81")
        .report(0)?;
    for port in [80, 81] {
        must_be(&report, target, port, "handshake-only")?;
        let close = &report.port(target, port)?["evidence"]["close"];
        must(*close == "fin", format_args!("closed by {close}"))?;
    }
    Ok(())
}

/// Scans ports 1 to 30 of hosts 1 and 2, over IPv4 and IPv6, in a simulated world.
fn simulated(netns: &Netns, hosts: &str) -> Result<Report, Failed> {
    let text = format!(
        "about = 'A test.'\nsource = 'none'\n[scan]\ntargets = ['198.18.0.1']\nports = '1'\n\
         [paths.way]\nhops = 2\nrtt = '40ms'\n{hosts}"
    );
    let world = scenario::from_text(Path::new("hosts.toml"), &text)?;
    let playing = netns
        .inside(|| run::play(&Arc::new(world), 1, None))?
        .map_err(|e| format!("{e:#}"))?;
    let report = Scan::new(netns, "198.18.0.1-2")
        .with("2001:db8:18::1-2001:db8:18::2 -p 1-30")
        .unprivileged()
        .report(0)?;
    playing.stop().map_err(|e| format!("{e:#}"))?;
    Ok(report)
}

/// The lab's tarpit, beside an ordinary host.
fn tarpit() -> Result<(), Failed> {
    let text = "[[hosts]]\naddresses = ['198.18.0.1', '2001:db8:18::1']\npath = 'way'\nstack = 'tarpit'\n\
        [[hosts]]\naddresses = ['198.18.0.2', '2001:db8:18::2']\npath = 'way'\nports = [{ ports = '1-30', is = 'open' }]\n";
    let report = simulated(&Netns::new("scanner")?, text)?;
    for family in ["198.18.0.", "2001:db8:18::"] {
        for port in 1..=30 {
            let (tarpit, host) = (format!("{family}1").parse()?, format!("{family}2").parse()?);
            must_be(&report, tarpit, port, "suspect")?;
            must_be(&report, host, port, "confirmed")?;
            let why = &report.port(tarpit, port)?["evidence"]["suspect"];
            must(
                *why == "no-options-no-window",
                format_args!("suspect of {why}"),
            )?;
        }
    }
    let expected = json!({"confirmed": 60, "handshake-only": 0, "suspect": 60});
    must(
        report.end["graded"] == expected,
        format_args!("{} in all, expected {expected}", report.end["graded"]),
    )
}

/// A scanner that offers no time stamps leaves a SYN proxy no place for options, and what the proxy answers with has no
/// window until its backend, a round trip away, has answered. One port swallows.
fn late_window() -> Result<(), Failed> {
    let netns = Netns::new("scanner")?;
    netns.sysctl("ipv4/tcp_timestamps", "0")?;
    let text = "[[hosts]]\naddresses = ['198.18.0.1', '198.18.0.2', '2001:db8:18::1', '2001:db8:18::2']\npath = 'way'\nproxy = { hop = 1 }\n\
        ports = [{ ports = '30', is = 'dropped' }, { ports = '1-29', is = 'open' }]\n";
    let report = simulated(&netns, text)?;
    for host in [
        "198.18.0.1",
        "198.18.0.2",
        "2001:db8:18::1",
        "2001:db8:18::2",
    ] {
        let host = host.parse()?;
        for port in 1..=29 {
            let peer = &report.port(host, port)?["evidence"]["peer"];
            must(
                peer["options"] == json!([]) && peer["window"] == 0,
                format_args!("not bare: {peer}"),
            )?;
            must_be(&report, host, port, "confirmed")?;
        }
        must_be(&report, host, 30, "suspect")?;
    }
    Ok(())
}
