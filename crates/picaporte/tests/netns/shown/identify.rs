//! What listens: right where it is known, and never a guess; within the caps, on the wire; and hostile services cost no more than their bound.

use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use libtest_mimic::{Failed, Trial};
use nix::sys::signal::Signal;
use serde_json::Value;

use super::caps::must_keep;
use super::per_family;
use crate::outcome::must;
use crate::report::Report;
use crate::scanner::Scan;
use crate::talker::{self, Serve, TARPITTED, Talker};
use crate::wire::{Capture, syns};
use crate::world::{TARGET_V4, World};

/// The most that one port may cost (docs/identify.md).
const CONNECTIONS: u64 = 14;
const TEN_MILLIS: Duration = Duration::from_millis(10);

pub(super) fn trials() -> Vec<Trial> {
    let mut trials = per_family("identify_says_what_listens_on_unusual_ports", services);
    trials.extend([
        Trial::test("identify_never_guesses", never_guesses),
        Trial::test("identify_rate_holds_with_the_scan", rate),
        Trial::test("identify_low_rate_holds_after_the_scan", low_rate),
        Trial::test("identify_host_rate_holds", host_rate),
        Trial::test("identify_nothing_of_a_service_acts", hostile),
        Trial::test("identify_ends_at_once_when_interrupted", interrupted),
        Trial::test("identify_ends_with_the_time_that_a_scan_may_take", max_time),
        Trial::test("identify_a_thousand_open_ports_in_64_mib", thousand),
        Trial::test("identify_with_few_descriptors", few_descriptors),
    ]);
    trials
}

/// The service of a port.
fn service(report: &Report, target: IpAddr, port: u16) -> Result<&Value, Failed> {
    Ok(&report.port(target, port)?["service"])
}

fn must_be(service: &Value, expected: [Option<&str>; 3]) -> Result<(), Failed> {
    let found = ["name", "product", "version"].map(|field| service[field].as_str());
    must(
        found == expected,
        format_args!("expected {expected:?}: {service}"),
    )
}

/// The end counts what was told, and what was sent.
fn must_count(report: &Report, identified: u64, unknown: u64) -> Result<(), Failed> {
    let counts = &report.end["identified"];
    must(
        counts["asked"] == identified + unknown
            && counts["identified"] == identified
            && counts["unknown"] == unknown
            && counts["connections"].as_u64() <= Some(report.count("extra")),
        format_args!("expected {identified} and {unknown}: {}", report.end),
    )
}

fn services(target: IpAddr) -> Result<(), Failed> {
    let world = World::new()?;
    let _ssh = Talker::start(&world.target, talker::ssh, [22, 4321])?;
    let _web = Talker::start(&world.target, talker::web, [80, 4322])?;
    let capture = Capture::start(&world.scanner)?;
    // Under a rate no attempt is left standing until the system would send its SYN again, which nobody counts.
    let report = Scan::new(&world.scanner, &target)
        .with("-p 1-100,4000-5000 -V --rate 5000")
        .unprivileged()
        .report(0)?;
    let sent = syns(&capture.finish()?).count() as u64;
    for (ports, expected) in [
        ([22, 4321], ["ssh", "OpenSSH", "9.2p1"]),
        ([80, 4322], ["http", "nginx", "1.22.1"]),
    ] {
        for port in ports {
            must_be(service(&report, target, port)?, expected.map(Some))?;
        }
    }
    must_count(&report, 4, 0)?;
    must(
        report.count("attempts") == sent,
        format_args!("{sent} SYNs on the wire: {}", report.end),
    )
}

/// Whatever a port does that is no service of ours, it is told what came and no more.
fn never_guesses() -> Result<(), Failed> {
    let world = World::new()?;
    let traps: [(u16, Serve, Option<&str>); 6] = [
        (2001, talker::noise, None),
        (2002, talker::echo, Some("echo")),
        (2003, talker::discard, None),
        (2004, talker::chargen, Some("chargen")),
        (2005, talker::tarpit, None),
        (2006, talker::page_for_all, None),
    ];
    let mut running = Vec::new();
    for (port, serve, _) in traps {
        running.push(Talker::start(&world.target, serve, [port])?);
    }
    let target = IpAddr::V4(TARGET_V4);
    let report = Scan::new(&world.scanner, &target)
        .with("-p 2001-2100 -V")
        .report(0)?;
    for (port, _, right) in traps {
        let service = service(&report, target, port)?;
        must(
            service["name"].is_null() || service["name"].as_str() == right,
            format_args!("a guess about {port}: {service}"),
        )?;
        must(
            service["connections"].as_u64() <= Some(CONNECTIONS) && service["product"].is_null(),
            format_args!("too much: {service}"),
        )?;
    }
    must(
        report.end["identified"]["asked"] == 6,
        format_args!("{}", report.end),
    )
}

fn times(capture: Capture) -> Result<Vec<Duration>, Failed> {
    Ok(syns(&capture.finish()?).map(|syn| syn.at).collect())
}

/// At most this many SYNs in any second, those of the scan and those of the questions together.
fn with_rate(options: &str, rate: usize, burst: usize, ports: u16) -> Result<(), Failed> {
    let world = World::new()?;
    let _web = Talker::start(&world.target, talker::web, 3001..3001 + ports)?;
    let capture = Capture::start(&world.scanner)?;
    let report = Scan::new(&world.scanner, &TARGET_V4)
        .with(options)
        .report(0)?;
    must_count(&report, ports.into(), 0)?;
    must_keep(rate, burst, &times(capture)?)
}

fn rate() -> Result<(), Failed> {
    with_rate("-p 3001-4000 -V --rate 400", 400, 8, 100)
}

fn low_rate() -> Result<(), Failed> {
    with_rate("-p 3001-3100 -V --rate 40", 40, 1, 20)
}

fn host_rate() -> Result<(), Failed> {
    with_rate("-p 3001-3400 -V --host-rate 200", 200, 4, 50)
}

/// Bytes of a service reach a terminal, a cell and a document through an encoder alone.
fn hostile() -> Result<(), Failed> {
    let world = World::new()?;
    let _hostile = Talker::start(&world.target, talker::hostile, [21, 2121])?;
    let _resets = Talker::start(&world.target, talker::resets, [2222])?;
    for format in [
        "table", "jsonl", "json", "csv", "xml", "gnmap", "md", "html",
    ] {
        let outcome = Scan::in_format(&world.scanner, &TARGET_V4, format)
            .with("-p 21,2121,2222 -V")
            .run()?;
        outcome.must_exit(0)?;
        let acts = |c: char| (c.is_control() && !"\n\r\t".contains(c)) || c == '\u{202e}';
        must(
            !outcome.stdout.contains(acts) && !outcome.stdout.contains("<script>alert"),
            format_args!("something acts in {format}: {}", outcome.stdout),
        )?;
    }
    Ok(())
}

fn interrupted() -> Result<(), Failed> {
    let world = World::new()?;
    let _tarpit = Talker::start(&world.target, talker::watched_tarpit, [2001, 2002])?;
    let _ssh = Talker::start(&world.target, talker::ssh, [22])?;
    let scan = Scan::new(&world.scanner, &TARGET_V4)
        .with("-p 22,2001-2100 -V")
        .start()?;
    // Both by the scan, which has let go of them a second later, and to be asked for many seconds. The rest is told by then.
    let began = Instant::now();
    while TARPITTED.load(Ordering::SeqCst) < 4 {
        must(
            began.elapsed() < Duration::from_secs(30),
            format_args!("the tarpits are not asked"),
        )?;
        std::thread::sleep(TEN_MILLIS);
    }
    let asked = Instant::now();
    scan.signal(Signal::SIGINT)?;
    let outcome = scan.wait()?;
    let took = asked.elapsed();
    let report = outcome.report()?;
    must(
        report.ports.len() == 3 && report.count("tested") == 101,
        format_args!("not all was told: {}", report.end),
    )?;
    must_be(
        service(&report, TARGET_V4.into(), 22)?,
        ["ssh", "OpenSSH", "9.2p1"].map(Some),
    )?;
    must(
        report.end["identified"]["not_asked"] == 2 && took < Duration::from_secs(8),
        format_args!("after {took:?}: {}", report.end),
    )
}

fn max_time() -> Result<(), Failed> {
    let world = World::new()?;
    let _tarpit = Talker::start(&world.target, talker::tarpit, [2001])?;
    let report = Scan::new(&world.scanner, &TARGET_V4)
        .with("-p 2001-2100 -V --max-time 2s")
        .report(0)?;
    must(
        report.ports.len() == 1 && report.end["identified"]["not_asked"] == 1,
        format_args!("{}", report.end),
    )
}

/// Private and writable memory is what the kernel counts here (`RLIMIT_DATA`, getrlimit(2)): stacks of threads too, so that less than the bound is resident.
fn thousand() -> Result<(), Failed> {
    let world = World::new()?;
    world.answer_for("10.80.0.0/24")?;
    let _web = Talker::start(&world.target, talker::web, 3001..3026)?;
    let report = Scan::new(&world.scanner, "10.80.0.1-10.80.0.40")
        .with("-p 3001-3100 -V")
        .with_memory(64 << 20)
        .report(0)?;
    must_count(&report, 1_000, 0)
}

fn few_descriptors() -> Result<(), Failed> {
    let world = World::new()?;
    let _web = Talker::start(&world.target, talker::web, 3001..3041)?;
    let report = Scan::new(&world.scanner, &TARGET_V4)
        .with("-p 3001-4000 -V")
        .with_descriptors(40)
        .report(0)?;
    must_count(&report, 40, 0)
}
