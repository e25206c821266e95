//! What this machine cannot do is never a verdict on a port: few descriptors, few local ports or none, an interface
//! that goes down. The probe is put back; only what could not be tested in the end is untested.

use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use socket2::{Domain, Socket, Type};

use crate::outcome::{Outcome, must};
use crate::report::Report;
use crate::scanner::{Running, Scan};
use crate::server::{Manner, Server};
use crate::wire::{Capture, Packet, syns};
use crate::world::{LINK, Netns, SCANNER_V4, TARGET_V4, TARGETS, World};

const OPEN: std::ops::Range<u16> = 1001..1101;
/// Ports 1001 to 5000: a hundred open, a hundred silent, the rest closed.
const SILENT: &str = "tcp dport 4901-5000 drop;";
const TOTALS: [u64; 4] = [100, 3800, 100, 0];

pub(super) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("limits_interface_down_for_good_ends_with_exit_3", || {
            interface_down(false)
        }),
        Trial::test("limits_interface_down_and_up_again_tests_all", || {
            interface_down(true)
        }),
        Trial::test(
            "limits_no_free_local_port_for_good_is_untested_local_limit",
            || no_local_port(false),
        ),
        Trial::test("limits_no_free_local_port_for_a_while_tests_all", || {
            no_local_port(true)
        }),
        Trial::test("limits_32_descriptors_are_enough", few_descriptors),
        Trial::test(
            "limits_8_descriptors_end_with_a_clear_account",
            hardly_any_descriptors,
        ),
        Trial::test("limits_100_local_ports_are_enough", few_local_ports),
        Trial::test(
            "limits_100_local_ports_with_a_source_address_are_enough",
            few_local_ports_with_source,
        ),
    ]
}

fn mixed_world() -> Result<(World, Server), Failed> {
    let world = World::new()?;
    world.target.filter_input(SILENT)?;
    let server = Server::start(&world.target, Manner::Banner, OPEN)?;
    Ok((world, server))
}

fn must_find_all(outcome: &Outcome) -> Result<(), Failed> {
    outcome.must_exit(0)?;
    let totals = outcome.report()?.totals();
    outcome.must(
        totals == TOTALS,
        format_args!("open, closed, filtered, untested: {totals:?}, expected {TOTALS:?}"),
    )
}

fn few_descriptors() -> Result<(), Failed> {
    let (world, _server) = mixed_world()?;
    let scan =
        Scan::new(&world.scanner, &TARGET_V4).with("-p 1001-5000 --timeout 300ms --attempts 2");
    must_find_all(&scan.with_descriptors(32).run()?)
}

/// Hardly enough to start: either it works, or it says what is missing; never a verdict, never a panic.
fn hardly_any_descriptors() -> Result<(), Failed> {
    let (world, _server) = mixed_world()?;
    let scan = Scan::new(&world.scanner, &TARGET_V4).with("-p 1001-1200");
    let outcome = scan.with_descriptors(8).run()?;
    outcome.must(!outcome.stderr.contains("panicked"), "a panic")?;
    match outcome.code {
        Some(0) => outcome.must(
            outcome.report()?.totals() == [100, 100, 0, 0],
            "wrong verdicts",
        ),
        Some(2) => outcome.must(!outcome.stderr.trim().is_empty(), "no message"),
        Some(3) => outcome.must(
            outcome.report()?.count("filtered") == 0,
            "a local limit became a verdict",
        ),
        _ => Err(outcome.fail("exit code 0, 2 or 3 expected")),
    }
}

fn few_local_ports() -> Result<(), Failed> {
    let (world, _server) = mixed_world()?;
    world
        .scanner
        .sysctl("ipv4/ip_local_port_range", "40000 40099")?;
    for target in TARGETS {
        let scan =
            Scan::new(&world.scanner, &target).with("-p 1001-5000 --timeout 300ms --attempts 2");
        must_find_all(&scan.run()?)?;
    }
    Ok(())
}

/// A bound source address takes a local port at bind, unless the engine asks the kernel to wait for connect.
fn few_local_ports_with_source() -> Result<(), Failed> {
    let (world, _server) = mixed_world()?;
    world
        .scanner
        .sysctl("ipv4/ip_local_port_range", "40000 40099")?;
    let scan =
        Scan::new(&world.scanner, &TARGET_V4).with("-p 1001-5000 --timeout 300ms --attempts 2");
    must_find_all(&scan.with(&format!("--source {SCANNER_V4}")).run()?)
}

/// Another process holds every local port. With `released` it lets go after a while.
fn no_local_port(released: bool) -> Result<(), Failed> {
    let (world, _server) = mixed_world()?;
    world
        .scanner
        .sysctl("ipv4/ip_local_port_range", "40000 40009")?;
    let held = hold_ports(&world.scanner, 40_000..=40_009)?;
    let capture = Capture::start(&world.scanner)?;
    let running = Scan::new(&world.scanner, &TARGET_V4)
        .with("-p 1001-1200")
        .start()?;
    if !released {
        let outcome = running.wait()?;
        drop(held);
        outcome.must_exit(3)?;
        let report = outcome.report()?;
        must(
            syns(&capture.finish()?).count() == 0,
            "a SYN left although no local port was free",
        )?;
        outcome.must(
            report.totals() == [0, 0, 0, 200],
            "a verdict without a probe",
        )?;
        return outcome.must(
            report.hosts[0]["reasons"]["local-limit"] == 200,
            "not `local-limit`",
        );
    }
    // The length of the shortage is part of the case; that the scan met it is checked below.
    thread::sleep(Duration::from_secs(2));
    let released_at = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    drop(held);
    let outcome = running.wait()?;
    outcome.must_exit(0)?;
    let first = syns(&capture.finish()?).map(|syn| syn.at).min();
    outcome.must(
        first > Some(released_at),
        "the first SYN left before a local port was free",
    )?;
    outcome.must(
        outcome.report()?.totals() == [100, 100, 0, 0],
        "not 100 open and 100 closed ports",
    )
}

/// A port that is bound by name is never picked by `connect`, whatever the destination.
fn hold_ports(
    netns: &Netns,
    ports: std::ops::RangeInclusive<u16>,
) -> Result<Vec<TcpListener>, Failed> {
    let hold = |port| {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&SocketAddr::from(([0, 0, 0, 0], port)).into())?;
        Ok(TcpListener::from(socket))
    };
    Ok(netns.inside(|| ports.map(hold).collect::<std::io::Result<Vec<_>>>())??)
}

fn interface_down(and_up: bool) -> Result<(), Failed> {
    let world = World::new()?;
    let _server = Server::start(&world.target, Manner::Banner, OPEN)?;
    let capture = Capture::start(&world.scanner)?;
    let running = Scan::new(&world.scanner, &TARGET_V4)
        .with("-p 1001-9000 --rate 2000")
        .start()?;
    capture.wait_for_syns(3000)?;
    world.scanner.ip(&format!("link set {LINK} down"))?;
    if and_up {
        up_again(&world, running, capture)
    } else {
        stays_down(running)
    }
}

fn up_again(world: &World, running: Running, capture: Capture) -> Result<(), Failed> {
    // The length of the outage is part of the case; that the scan met it is checked on the wire.
    thread::sleep(Duration::from_secs(3));
    world.scanner.ip(&format!("link set {LINK} up"))?;
    let outcome = running.wait()?;
    let packets = capture.finish()?;
    outcome.must(
        longest_silence(&packets) > Duration::from_secs(2),
        "the scan did not meet the outage",
    )?;
    outcome.must_exit(0)?;
    outcome.must(
        outcome.report()?.totals() == [100, 7900, 0, 0],
        "not 100 open and 7,900 closed ports",
    )
}

fn longest_silence(packets: &[Packet]) -> Duration {
    let times: Vec<Duration> = syns(packets).map(|syn| syn.at).collect();
    times
        .windows(2)
        .map(|pair| pair[1].saturating_sub(pair[0]))
        .max()
        .unwrap_or_default()
}

fn stays_down(running: Running) -> Result<(), Failed> {
    let outcome = running.wait()?;
    outcome.must_exit(3)?;
    let report: Report = outcome.report()?;
    outcome.must(
        report.count("tested") > 0 && report.count("untested") > 0,
        "not some tested and some not",
    )?;
    outcome.must(
        report.count("filtered") == 0,
        "what this machine could not do became a verdict",
    )
}
