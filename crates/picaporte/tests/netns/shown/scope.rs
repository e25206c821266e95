//! Not one packet leaves for what is outside the scope, whoever asks: targets, names, canaries, signs of life, ports asked for
//! comparison, the library. What was not sent is untested and says why.

use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;

use libtest_mimic::{Failed, Trial};
use tempfile::NamedTempFile;

use super::per_family;
use crate::outcome::{Outcome, must};
use crate::report::Report;
use crate::scanner::Scan;
use crate::server::{Manner, Server};
use crate::wire::{Capture, Packet, syns};
use crate::world::World;

mod addresses;
mod bounds;

pub(super) fn trials() -> Vec<Trial> {
    let mut trials = per_family("scope_lets_no_packet_out", targets);
    trials.extend(per_family("scope_ports_hold_for_whatever_is_asked", ports));
    trials.extend(per_family("scope_holds_for_locate", locate));
    trials.extend([
        Trial::test(
            "scope_pins_names_and_no_name_lets_an_exclusion_in",
            addresses::pinned_names,
        ),
        Trial::test("scope_holds_for_ipv4_written_as_ipv6", addresses::mapped),
        Trial::test("scope_asks_no_neighbour_outside", addresses::neighbours),
        Trial::test("scope_zones_are_links", addresses::zones),
        Trial::test("scope_holds_for_the_library", addresses::library),
        Trial::test("scope_of_a_24_in_an_8_costs_what_the_24_does", wide),
        Trial::test("scope_by_the_variable", bounds::variable),
        Trial::test("scope_limits_hold_on_the_wire", bounds::limits),
        Trial::test("scope_that_ends_stops_the_scan", bounds::ends),
        Trial::test("scope_that_ends_stops_locate", bounds::ends_for_locate),
        Trial::test(
            "scope_that_does_not_hold_now_sends_nothing",
            bounds::not_now,
        ),
    ]);
    trials
}

/// A scope file with this text.
fn file(text: &str) -> Result<NamedTempFile, Failed> {
    let file = NamedTempFile::new()?;
    fs::write(file.path(), text)?;
    Ok(file)
}

fn flag(file: &NamedTempFile) -> String {
    format!("--scope {}", file.path().display())
}

/// The TCP packets that the namespace sent elsewhere than `allowed`.
fn strays(packets: &[Packet], allowed: impl Fn(IpAddr, u16) -> bool) -> Vec<&Packet> {
    let sent = packets.iter().filter(|p| p.sent && p.icmp.is_none());
    sent.filter(|p| !allowed(p.to.ip(), p.to.port())).collect()
}

fn must_stay_inside(
    packets: &[Packet],
    allowed: impl Fn(IpAddr, u16) -> bool,
) -> Result<(), Failed> {
    let strays = strays(packets, allowed);
    must(
        strays.is_empty(),
        format_args!(
            "{} packets outside, the first: {:?}",
            strays.len(),
            strays.first()
        ),
    )
}

fn out_of_scope(report: &Report) -> u64 {
    report.end["reasons"]["out-of-scope"].as_u64().unwrap_or(0)
}

/// How many ports got a SYN.
fn asked(packets: &[Packet]) -> usize {
    let asked: BTreeSet<_> = syns(packets).map(|p| p.to).collect();
    asked.len()
}

/// A world whose target answers for 256 more addresses; the first of them, and the network.
fn wide_world(family: IpAddr) -> Result<(World, &'static str), Failed> {
    let world = World::new()?;
    if family.is_ipv4() {
        world.answer_for("10.80.0.0/24")?;
        return Ok((world, "10.80.0.0/24"));
    }
    world.target.ip("-6 route add local fd00:80::/120 dev lo")?;
    world
        .scanner
        .ip("-6 route add fd00:80::/120 via fd00:77::2")?;
    Ok((world, "fd00:80::/120"))
}

/// Half of a network is allowed, a part of that excluded; each host is accounted for.
fn targets(family: IpAddr) -> Result<(), Failed> {
    let (world, network) = wide_world(family)?;
    let (allowed, excluded) = match family {
        IpAddr::V4(_) => ("10.80.0.0/25", "10.80.0.64/26"),
        IpAddr::V6(_) => ("fd00:80::/121", "fd00:80::40/122"),
    };
    let scope = file(&format!(
        "authorised_by = 'Jane Doe'\ncontact = 'noc@example.org'\n[allowed]\nnetworks = ['{allowed}']\n[excluded]\nnetworks = ['{excluded}']\n"
    ))?;
    let capture = Capture::start(&world.scanner)?;
    let scan = Scan::new(&world.scanner, network).with("-p 1-5 --show all");
    let report = scan.with(&flag(&scope)).report(3)?;
    let packets = capture.finish()?;
    must_stay_inside(&packets, |ip, _| last_byte(ip) < 64)?;
    let asked = asked(&packets);
    must(asked == 64 * 5, format_args!("{asked} ports asked"))?;
    must(report.totals() == [0, 64 * 5, 0, 192 * 5], &report.end)?;
    must(out_of_scope(&report) == 192 * 5, &report.end)?;
    must(report.hosts.len() == 256, "not every host is told")?;
    for line in &report.ports {
        let inside = crate::report::address(line).is_some_and(|ip| last_byte(ip) < 64);
        let reason = if inside {
            "conn-refused"
        } else {
            "out-of-scope"
        };
        must(line["reason"] == reason, line)?;
    }
    told(&report, &scope)
}

fn last_byte(ip: IpAddr) -> u8 {
    match ip {
        IpAddr::V4(ip) => ip.octets()[3],
        IpAddr::V6(ip) => ip.octets()[15],
    }
}

/// The first line says by whose leave, and which file that was.
fn told(report: &Report, file: &NamedTempFile) -> Result<(), Failed> {
    let said = &report.scan["scope"];
    let sum = picaporte_lab::netns::tool(&["sha256sum", &file.path().display().to_string()])?;
    let digest = sum.split_whitespace().next();
    must(said["sha256"].as_str() == digest, said)?;
    must(
        said["authorised_by"] == "Jane Doe" && said["contact"] == "noc@example.org",
        said,
    )?;
    must(
        said["outside"]["probes"] == 192 * 5 && said["outside"]["hosts"] == 192,
        said,
    )
}

/// Canaries and signs of life are ports that nobody named; they are held to the scope as others are.
fn ports(target: IpAddr) -> Result<(), Failed> {
    let world = World::new()?;
    let _server = Server::start(&world.target, Manner::Silent, [22])?;
    let scope = file(&format!(
        "[allowed]\nnetworks = ['{target}']\nports = '1-100'\n[excluded]\nports = '80'\n"
    ))?;
    let capture = Capture::start(&world.scanner)?;
    let scan = Scan::new(&world.scanner, &target).with("-p 1-200 --discover");
    let report = scan.with(&flag(&scope)).report(3)?;
    must_stay_inside(&capture.finish()?, |_, port| port <= 100 && port != 80)?;
    must(report.totals() == [1, 98, 0, 101], &report.end)?;
    must(out_of_scope(&report) == 101, &report.end)?;
    let untested = &report.hosts[0]["ports"]["untested"];
    must(untested == "80,101-200", untested)
}

/// The port in question, those asked for comparison, and a host that is wholly outside.
fn locate(target: IpAddr) -> Result<(), Failed> {
    let (world, _) = wide_world(target)?;
    let _server = Server::start(&world.target, Manner::Silent, [22])?;
    let (inside, outside) = match target {
        IpAddr::V4(ip) => (ip.to_string(), "10.80.0.7".to_owned()),
        IpAddr::V6(ip) => (format!("[{ip}]"), "[fd00:80::7]".to_owned()),
    };
    let scope = file(&format!(
        "[allowed]\nnetworks = ['{target}']\nports = '22,23'\n"
    ))?;
    let capture = Capture::start(&world.scanner)?;
    let scan = Scan::locate(&world.scanner, &format!("{inside}:22,24 {outside}:22"));
    let outcome = scan.with(&flag(&scope)).run()?;
    let packets = capture.finish()?;
    must_stay_inside(&packets, |ip, port| ip == target && port == 22)?;
    outcome.must_exit(3)?;
    must(syns(&packets).count() > 0, "nothing was located")?;
    let lines = lines(&outcome)?;
    let reasons: Vec<_> = lines
        .iter()
        .filter(|l| l["type"] == "located")
        .map(|l| &l["reason"])
        .collect();
    outcome.must(
        reasons == ["syn-ack", "out-of-scope", "out-of-scope"],
        format_args!("{reasons:?}"),
    )?;
    outcome.must(
        lines[0]["scope"]["outside"]["probes"] == 2,
        "the scope is not told",
    )
}

fn lines(outcome: &Outcome) -> Result<Vec<serde_json::Value>, Failed> {
    let lines = outcome.stdout.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().map_err(|e| outcome.fail(e))
}

/// 16 million hosts, 256 of them in scope: no connect call for the others, and no line either.
fn wide() -> Result<(), Failed> {
    let world = World::new()?;
    world.answer_for("10.80.0.0/24")?;
    let scope = file("[allowed]\nnetworks = ['10.80.0.0/24']\n")?;
    let capture = Capture::start(&world.scanner)?;
    let scan = Scan::new(&world.scanner, "10.0.0.0/8").with("-p 80,81");
    let outcome = scan.with(&flag(&scope)).run()?;
    let packets = capture.finish()?;
    outcome.must_exit(3)?;
    must_stay_inside(&packets, |ip, _| ip.to_string().starts_with("10.80.0."))?;
    must(asked(&packets) == 512, "not 512 ports asked")?;
    let report = Report::parse(&outcome.stdout).map_err(|why| outcome.fail(why))?;
    // All but the broadcast address of the scanner's own link.
    let all = 2 * ((1u64 << 24) - 1);
    outcome.must(report.totals() == [0, 512, 0, all - 512], &report.end)?;
    outcome.must(report.hosts.len() == 256, "hosts outside have lines")
}
