//! The caps hold on the wire. Every bound here is an upper one: a slow machine cannot break it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use libtest_mimic::{Failed, Trial};

use crate::outcome::must;
use crate::scanner::Scan;
use crate::server::{Manner, Server};
use crate::wire::{Capture, Packet, most_within, syns};
use crate::world::{TARGET_V4, World};

const SECOND: Duration = Duration::from_secs(1);
const TEN_MILLIS: Duration = Duration::from_millis(10);

pub(super) fn trials() -> Vec<Trial> {
    vec![
        Trial::test(
            "caps_rate_holds_in_any_second_and_any_10ms_closed_ports",
            || rate(false),
        ),
        Trial::test(
            "caps_rate_holds_in_any_second_and_any_10ms_silent_ports",
            || rate(true),
        ),
        Trial::test("caps_low_rate_holds", low_rate),
        Trial::test("caps_host_rate_holds_for_every_host", host_rate),
        Trial::test("caps_max_inflight_holds_for_silent_ports", || {
            silent_inflight("--max-inflight 10", 10, false)
        }),
        Trial::test("caps_host_inflight_holds_for_silent_ports", || {
            silent_inflight("--host-inflight 5", 5, true)
        }),
        Trial::test("caps_max_inflight_counts_connections_that_drain", || {
            draining_inflight("--max-inflight 4", 4, false)
        }),
        Trial::test("caps_host_inflight_counts_connections_that_drain", || {
            draining_inflight("--host-inflight 2", 2, true)
        }),
        Trial::test("caps_inflight_of_one_is_enough", inflight_of_one),
    ]
}

fn scan(
    world: &World,
    target: &(impl std::fmt::Display + ?Sized),
    options: &str,
) -> Result<(crate::report::Report, Vec<Packet>), Failed> {
    let capture = Capture::start(&world.scanner)?;
    let report = Scan::new(&world.scanner, target).with(options).report(0)?;
    Ok((report, capture.finish()?))
}

/// At most `rate` in any second and `burst` in any 10 ms.
pub(super) fn must_keep(rate: usize, burst: usize, times: &[Duration]) -> Result<(), Failed> {
    let (second, short) = (most_within(SECOND, times), most_within(TEN_MILLIS, times));
    must(
        second <= rate,
        format_args!(
            "{second} SYNs in one second, {rate} allowed ({} in all)",
            times.len()
        ),
    )?;
    must(
        short <= burst,
        format_args!(
            "{short} SYNs in 10 ms, {burst} allowed ({} in all)",
            times.len()
        ),
    )
}

fn rate(silent: bool) -> Result<(), Failed> {
    let world = World::new()?;
    let (options, totals) = if silent {
        world.target.filter_input("tcp dport 1001-5000 drop;")?;
        (
            "-p 1001-3500 --rate 1000 --timeout 700ms --attempts 2",
            [0, 0, 2500, 0],
        )
    } else {
        ("-p 1001-5000 --rate 1000", [0, 4000, 0, 0])
    };
    let (report, packets) = scan(&world, &TARGET_V4, options)?;
    must(
        report.totals() == totals,
        format_args!("expected {totals:?}: {}", report.end),
    )?;
    must_keep(
        1000,
        20,
        &syns(&packets).map(|syn| syn.at).collect::<Vec<_>>(),
    )
}

/// Below 50 a second the burst is one.
fn low_rate() -> Result<(), Failed> {
    let world = World::new()?;
    let (report, packets) = scan(&world, &TARGET_V4, "-p 1001-1100 --rate 20")?;
    must(
        report.totals() == [0, 100, 0, 0],
        format_args!("not 100 closed ports: {}", report.end),
    )?;
    must_keep(20, 1, &syns(&packets).map(|syn| syn.at).collect::<Vec<_>>())
}

fn host_rate() -> Result<(), Failed> {
    let world = World::new()?;
    world.answer_for("10.80.0.0/16")?;
    let (report, packets) = scan(
        &world,
        "10.80.0.1-10.80.0.4",
        "-p 1001-1600 --host-rate 200",
    )?;
    must(
        report.totals() == [0, 2400, 0, 0],
        format_args!("not 2,400 closed ports: {}", report.end),
    )?;
    for (host, times) in syns_by_host(&packets) {
        must_keep(200, 4, &times)
            .map_err(|e| format!("{host}: {}", e.message().unwrap_or_default()))?;
    }
    Ok(())
}

fn syns_by_host(packets: &[Packet]) -> BTreeMap<IpAddr, Vec<Duration>> {
    let mut by_host: BTreeMap<IpAddr, Vec<Duration>> = BTreeMap::new();
    for syn in syns(packets) {
        by_host.entry(syn.to.ip()).or_default().push(syn.at);
    }
    by_host
}

/// With one attempt of 500 ms for each silent port, a slot is taken that long, so no more SYNs than slots fit in
/// 400 ms (the rest is room for the way from the decision to the wire).
fn silent_inflight(option: &str, cap: usize, per_host: bool) -> Result<(), Failed> {
    let world = World::new()?;
    world.answer_for("10.80.0.0/16")?;
    world
        .target
        .filter_input("ip daddr 10.80.0.0/16 tcp flags syn drop;")?;
    let options = format!("-p 1001-1020 --timeout 500ms --attempts 1 {option}");
    let (report, packets) = scan(&world, "10.80.0.1-10.80.0.3", &options)?;
    must(
        report.totals() == [0, 0, 60, 0],
        format_args!("not 60 filtered ports: {}", report.end),
    )?;
    let by_host = syns_by_host(&packets);
    let groups: Vec<Vec<Duration>> = if per_host {
        by_host.into_values().collect()
    } else {
        vec![syns(&packets).map(|syn| syn.at).collect()]
    };
    for times in groups {
        let most = most_within(Duration::from_millis(400), &times);
        must(
            most <= cap,
            format_args!("{most} attempts within 400 ms of attempts that take 500 ms, cap {cap}"),
        )?;
    }
    Ok(())
}

/// The server closes a while after us: until then the connection drains, and counts.
fn draining_inflight(option: &str, cap: usize, per_host: bool) -> Result<(), Failed> {
    let world = World::new()?;
    world.answer_for("10.80.0.0/16")?;
    let _server = Server::start(
        &world.target,
        Manner::CloseLate(Duration::from_millis(200)),
        1001..1021,
    )?;
    let options = format!("-p 1001-1020 {option}");
    let (report, packets) = scan(&world, "10.80.0.1-10.80.0.3", &options)?;
    must(
        report.totals() == [60, 0, 0, 0],
        format_args!("not 60 open ports: {}", report.end),
    )?;
    let hosts: BTreeSet<IpAddr> = packets
        .iter()
        .filter(|packet| packet.icmp.is_none())
        .map(|packet| packet.peer().ip())
        .collect();
    let groups: Vec<Option<IpAddr>> = if per_host {
        hosts.into_iter().map(Some).collect()
    } else {
        vec![None]
    };
    for host in groups {
        let most = most_connections(
            packets
                .iter()
                .filter(|packet| host.is_none_or(|host| packet.peer().ip() == host)),
        );
        must(
            most <= cap,
            format_args!("{most} connections at a time, draining ones included, cap {cap}"),
        )?;
    }
    Ok(())
}

/// The most connections at a time; one lasts from our SYN to the server's FIN or anybody's RST.
fn most_connections<'a>(packets: impl Iterator<Item = &'a Packet>) -> usize {
    let mut alive: BTreeSet<(SocketAddr, SocketAddr)> = BTreeSet::new();
    let mut most = 0;
    for packet in packets {
        let connection = (packet.own(), packet.peer());
        if packet.sent && packet.is_syn() {
            alive.insert(connection);
        } else if packet.flags.rst || (!packet.sent && packet.flags.fin) {
            alive.remove(&connection);
        }
        most = most.max(alive.len());
    }
    most
}

/// The smallest caps still let a scan of several hosts end.
fn inflight_of_one() -> Result<(), Failed> {
    let world = World::new()?;
    world.answer_for("10.80.0.0/16")?;
    let _server = Server::start(&world.target, Manner::Banner, [1001])?;
    let (report, packets) = scan(
        &world,
        "10.80.0.1-10.80.0.5",
        "-p 1001-1020 --max-inflight 1 --host-inflight 1",
    )?;
    must(
        report.totals() == [5, 95, 0, 0],
        format_args!("not 5 open and 95 closed ports: {}", report.end),
    )?;
    let most = most_connections(packets.iter());
    must(
        most == 1,
        format_args!("{most} connections at a time, cap 1"),
    )
}
