//! `locate` says where a port is answered, rejected or swallowed: over simulated paths with loss, rationed errors and
//! silent routers, and through the forward chains of real kernels. The truth is the scenario's own.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use nix::sys::signal::Signal;
use picaporte_lab::netns::Netns;
use picaporte_lab::real::RealWorld;
use picaporte_lab::{run, scenario};
use serde_json::Value;

use crate::outcome::{Outcome, must};
use crate::scanner::Scan;
use crate::wire::{Capture, most_within, syns};
use crate::world::{TARGET_V4, World};

pub(super) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("locate_holds_over_lossy_paths_of_1_to_12_hops", lossy_paths),
        Trial::test("locate_finds_the_firewalls_of_kernels_ipv4", || {
            kernels("198.18.9.1")
        }),
        Trial::test("locate_finds_the_firewalls_of_kernels_ipv6", || {
            kernels("[2001:db8:9::1]")
        }),
        Trial::test("locate_tells_shipped_worlds_apart", shipped),
        Trial::test("locate_without_a_route_is_untested", no_route),
        Trial::test("locate_ctrl_c_keeps_what_was_found", interrupted),
        Trial::test("locate_in_a_scan_asks_one_port_of_each_kind", in_a_scan),
        Trial::test("locate_in_a_scan_keeps_its_caps", within_caps),
        Trial::test("locate_in_a_scan_ctrl_c_keeps_the_scan", scan_interrupted),
    ]
}

fn text_of(error: impl std::fmt::Display) -> Failed {
    format!("{error:#}").into()
}

fn world_of(text: &str) -> Result<scenario::Scenario, Failed> {
    let head = "about = \"a test\"\nsource = \"none\"\n";
    Ok(scenario::from_text(
        Path::new("test.toml"),
        &format!("{head}{text}"),
    )?)
}

/// Plays a simulated world before a scanner's namespace of its own, and locates there, without privileges.
fn in_simulated(world: scenario::Scenario, targets: &str) -> Result<Outcome, Failed> {
    let scanner = Netns::new("scanner")?;
    let world = Arc::new(world);
    let playing = scanner
        .inside(|| run::play(&world, 1, None))?
        .map_err(text_of)?;
    let outcome = Scan::locate(&scanner, targets).unprivileged().run();
    let (_, lab) = playing.stop().map_err(text_of)?;
    must(lab.overruns == 0, "the lab lost packets")?;
    outcome
}

fn located(outcome: &Outcome) -> Result<Vec<Value>, Failed> {
    let lines: Result<Vec<Value>, _> = outcome.stdout.lines().map(serde_json::from_str).collect();
    let lines = lines.map_err(|e| outcome.fail(e))?;
    let whole = lines.first().is_some_and(|l| l["type"] == "locate")
        && lines.last().is_some_and(|l| l["type"] == "end");
    outcome.must(whole, "it does not begin and end")?;
    Ok(lines
        .into_iter()
        .filter(|l| l["type"] == "located")
        .collect())
}

/// What must be said of one port: the answer, who answers (`None`: nobody is to be named), and the hop of it in truth.
struct Truth {
    port: u16,
    answer: &'static str,
    by: Option<&'static str>,
    hop: u64,
}

impl Truth {
    const fn of(port: u16, answer: &'static str, by: Option<&'static str>, hop: u64) -> Self {
        Self {
            port,
            answer,
            by,
            hop,
        }
    }

    /// Nothing may be wrong; how much is told is for [`is_narrow`](Self::is_narrow).
    fn holds(&self, said: &Value) -> bool {
        let after = said["after"].as_u64().unwrap_or(u64::MAX);
        let until = said["until"].as_u64().unwrap_or(u64::MAX);
        let named = said["by"].as_str().filter(|by| *by != "host-or-before");
        said["answer"] == self.answer
            && (after..=until).contains(&self.hop)
            && named.is_none_or(|by| Some(by) == self.by)
    }

    /// At one hop, or at two that follow each other (three where it is swallowed: what tells is rationed), and by somebody.
    fn is_narrow(&self, said: &Value) -> bool {
        let (after, until) = (said["after"].as_u64(), said["until"].as_u64());
        let most = if self.answer == "silent" { 2 } else { 1 };
        let narrow = after
            .zip(until)
            .is_some_and(|(after, until)| until - after <= most);
        narrow && said["by"].as_str() == self.by
    }
}

fn find(lines: &[Value], port: u16) -> Result<&Value, Failed> {
    let line = lines.iter().find(|l| l["port"] == port);
    line.ok_or_else(|| format!("nothing is said of port {port}").into())
}

fn lossy_paths() -> Result<(), Failed> {
    let paths = [(0, 0), (1, 1), (3, 2), (6, 4), (9, 3), (11, 10)];
    let threads: Vec<_> = paths
        .into_iter()
        .map(|(hops, at)| thread::spawn(move || lossy_path(hops, at)))
        .collect();
    for thread in threads {
        thread.join().map_err(|_| "a path's test panicked")??;
    }
    Ok(())
}

/// A path of so many routers, 5 % loss each way and a silent router among those of long ones, with firewalls on one of
/// them.
fn lossy_path(hops: u64, at: u64) -> Result<(), Failed> {
    let silent = if hops > 5 { "silent_hops = [5]\n" } else { "" };
    let firewalls = match at {
        0 => String::new(),
        _ => format!(
            "{{ ports = \"1000\", is = \"dropped\", at = {at} }},\n\
             {{ ports = \"1001\", is = \"rejected\", icmp = \"admin-prohibited\", at = {at} }},\n\
             {{ ports = \"1002\", is = \"reset\", at = {at} }},\n"
        ),
    };
    let world = world_of(&format!(
        "[scan]\ntargets = [\"198.18.9.1\"]\nports = \"1-2000\"\nbound = \"90s\"\n\
         [paths.lossy]\nhops = {hops}\nrtt = \"20ms\"\njitter = {{ up_to = \"4ms\" }}\nloss = 0.05\n{silent}\
         icmp_limit = {{ per_peer = {{ per_second = 1, burst = 6 }} }}\n\
         [[hosts]]\naddresses = [\"198.18.9.1\"]\nports = [{{ ports = \"22\", is = \"open\" }},\n\
         {{ ports = \"1003\", is = \"dropped\" }},\n{firewalls}]\n"
    ))?;
    let mut truth = vec![
        Truth::of(22, "accepted", Some("host"), hops + 1),
        Truth::of(1003, "silent", None, hops + 1),
        Truth::of(1999, "reset", Some("host"), hops + 1),
    ];
    if at > 0 {
        truth.extend([
            Truth::of(1000, "silent", None, at),
            Truth::of(1001, "rejected", Some("firewall"), at),
            Truth::of(1002, "reset", Some("firewall"), at),
        ]);
    }
    let ports: Vec<String> = truth.iter().map(|t| t.port.to_string()).collect();
    let outcome = in_simulated(world, &format!("198.18.9.1:{}", ports.join(",")))?;
    outcome.must_exit(0)?;
    let lines = located(&outcome)?;
    for truth in &truth {
        let said = find(&lines, truth.port)?;
        outcome.must(
            truth.holds(said),
            format_args!("{hops} hops, wrong: {said}"),
        )?;
    }
    Ok(())
}

/// Three routers; each port is refused by the forward chain of one of them, or by the host.
fn routed() -> Result<scenario::Scenario, Failed> {
    world_of(
        "world = \"real\"\n[scan]\ntargets = [\"198.18.9.1\", \"2001:db8:9::1\"]\nports = \"1-2000\"\n\
         [paths.routed]\nhops = 3\n\
         [[hosts]]\naddresses = [\"198.18.9.1\", \"2001:db8:9::1\"]\nports = [\n\
         { ports = \"22\", is = \"open\" },\n\
         { ports = \"1001\", is = \"dropped\", at = 1 },\n{ ports = \"1002\", is = \"dropped\", at = 2 },\n\
         { ports = \"1003\", is = \"rejected\", icmp = \"admin-prohibited\", at = 1 },\n\
         { ports = \"1004\", is = \"rejected\", icmp = \"port-unreach\", at = 3 },\n\
         { ports = \"1005\", is = \"rejected\", icmp = \"port-unreach\" },\n\
         { ports = \"1006\", is = \"reset\", at = 2 },\n{ ports = \"1007\", is = \"reset\", at = 3 },\n\
         { ports = \"1008\", is = \"dropped\" },\n]\n",
    )
}

fn kernels(target: &str) -> Result<(), Failed> {
    let world = routed()?;
    let scanner = Netns::new("scanner")?;
    let real = scanner.inside(|| RealWorld::build(&world, 1))??;
    let outcome = Scan::locate(&scanner, &format!("{target}:22,1001-1009"))
        .unprivileged()
        .run()?;
    real.finish().map_err(text_of)?;
    outcome.must_exit(0)?;
    let lines = located(&outcome)?;
    let firewall = Some("firewall");
    for truth in [
        Truth::of(22, "accepted", Some("host"), 4),
        Truth::of(1001, "silent", None, 1),
        Truth::of(1002, "silent", None, 2),
        Truth::of(1003, "rejected", firewall, 1),
        Truth::of(1004, "rejected", firewall, 3),
        Truth::of(1005, "rejected", Some("host"), 4),
        Truth::of(1006, "reset", firewall, 2),
        Truth::of(1007, "reset", firewall, 3),
        Truth::of(1008, "silent", None, 4),
        Truth::of(1009, "reset", Some("host"), 4),
    ] {
        let said = find(&lines, truth.port)?;
        let good = truth.holds(said) && truth.is_narrow(said);
        outcome.must(good, format_args!("wrong: {said}"))?;
    }
    Ok(())
}

/// Worlds that come with the lab: what stands where, as their files say.
fn shipped() -> Result<(), Failed> {
    let firewall = Some("firewall");
    for (name, target, truth) in [
        (
            "forged-rst",
            "198.18.13.1",
            Truth::of(101, "reset", firewall, 3),
        ),
        (
            "admin-prohibited",
            "198.18.11.1",
            Truth::of(100, "rejected", firewall, 4),
        ),
        (
            "cloud-security-group",
            "198.18.10.1",
            Truth::of(3, "silent", None, 10),
        ),
    ] {
        let world = picaporte_lab::library::find(name).map_err(text_of)?;
        let outcome = in_simulated(world, &format!("{target}:{}", truth.port))?;
        outcome.must_exit(0)?;
        let lines = located(&outcome)?;
        let said = find(&lines, truth.port)?;
        let good = truth.holds(said) && truth.is_narrow(said);
        outcome.must(good, format_args!("{name}, wrong: {said}"))?;
    }
    Ok(())
}

fn no_route() -> Result<(), Failed> {
    let scanner = Netns::new("scanner")?;
    let outcome = Scan::locate(&scanner, "198.18.9.1:22").run()?;
    outcome.must_exit(3)?;
    let lines = located(&outcome)?;
    let said = find(&lines, 22)?;
    outcome.must(
        said["answer"] == "untested" && said["reason"] == "local-route",
        format_args!("wrong: {said}"),
    )
}

/// All ports are silent, and take seconds each; the signal comes with the first of them.
fn interrupted() -> Result<(), Failed> {
    let world = World::new()?;
    world.target.filter_input("tcp dport 1-65535 drop;")?;
    let capture = Capture::start(&world.scanner)?;
    let running = Scan::locate(&world.scanner, &format!("{TARGET_V4}:1-20")).start()?;
    capture.wait_for_syns(20)?;
    running.signal(Signal::SIGINT)?;
    let outcome = running.wait()?;
    capture.finish()?;
    outcome.must_exit(130)?;
    let lines = located(&outcome)?;
    let stopped = lines
        .iter()
        .filter(|l| l["reason"] == "interrupted")
        .count();
    outcome.must(lines.len() == 20 && stopped >= 10, "not all ports are told")
}

/// Of ten ports, one of each kind, and no port that was not planned.
fn in_a_scan() -> Result<(), Failed> {
    let world = routed()?;
    let scanner = Netns::new("scanner")?;
    let real = scanner.inside(|| RealWorld::build(&world, 1))??;
    let capture = Capture::start(&scanner)?;
    let scan = Scan::new(&scanner, "198.18.9.1").with("-p 22,1001-1009 --locate");
    let report = scan.unprivileged().report(0)?;
    let packets = capture.finish()?;
    real.finish().map_err(text_of)?;
    let firewall = Some("firewall");
    let kinds = [
        Truth::of(1006, "reset", firewall, 2),
        Truth::of(22, "accepted", Some("host"), 4),
        Truth::of(1003, "rejected", firewall, 1),
        Truth::of(1001, "silent", None, 1),
    ];
    for truth in &kinds {
        let said = find(&report.located, truth.port)?;
        let good = truth.holds(said) && truth.is_narrow(said);
        must(good, format_args!("wrong: {said}"))?;
    }
    must(
        report.located.len() == kinds.len() && report.end["located"]["ports"] == kinds.len(),
        format_args!("not {} ports: {:?}", kinds.len(), report.located),
    )?;
    must(report.count("extra") > 0, "its SYNs are not counted")?;
    let planned = |port| port == 22 || (1001..=1009).contains(&port);
    must(
        syns(&packets).all(|packet| planned(packet.to.port())),
        "a port was asked that was not planned",
    )
}

fn within_caps() -> Result<(), Failed> {
    let world = World::new()?;
    world.target.filter_input("tcp dport 1-20 drop;")?;
    let capture = Capture::start(&world.scanner)?;
    let scan = Scan::new(&world.scanner, &TARGET_V4).with("-p 1-200 --rate 100 --locate");
    let report = scan.report(0)?;
    let packets = capture.finish()?;
    let times: Vec<_> = syns(&packets).map(|packet| packet.at).collect();
    let (second, short) = (
        most_within(Duration::from_secs(1), &times),
        most_within(Duration::from_millis(10), &times),
    );
    must(report.located.len() == 2, "not two kinds")?;
    must(
        second <= 100 && short <= 2,
        format_args!("{second} SYNs in one second, {short} in 10 ms"),
    )
}

/// The one port of the scan is silent, and asked twice; what comes then is to locate it.
fn scan_interrupted() -> Result<(), Failed> {
    let world = World::new()?;
    world.target.filter_input("tcp dport 1-65535 drop;")?;
    let capture = Capture::start(&world.scanner)?;
    let scan = Scan::new(&world.scanner, &TARGET_V4);
    let scan = scan.with("-p 1 --attempts 2 --timeout 300ms --locate");
    let running = scan.start()?;
    capture.wait_for_syns(8)?;
    running.signal(Signal::SIGINT)?;
    let outcome = running.wait()?;
    capture.finish()?;
    outcome.must_exit(130)?;
    let report = outcome.report()?;
    let kept = report.end["complete"] == true && report.end["located"]["untested"] == 1;
    outcome.must(kept, "the scan itself was complete")?;
    let said = find(&report.located, 1)?;
    outcome.must(said["reason"] == "interrupted", "not interrupted")
}
