//! Scans that are cut off and gone on with, by the finished program: whatever ends it, nothing that was kept is lost, nothing is
//! left out, and no more is asked twice than one second holds.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use nix::sys::signal::Signal;
use picaporte_store::{Filter, Options, State, Store};
use tempfile::TempDir;

use crate::outcome::{Outcome, must, must_equal};
use crate::report::Report;
use crate::scanner::Scan;
use crate::server::{Manner, Server};
use crate::wire::{Capture, syns};
use crate::world::World;

/// Probes a second.
const RATE: usize = 4_000;
const HOSTS: usize = 256;
/// Ports of each host: enough for what is cut off once; for what is killed four times; and for 300,000 probes.
const PORTS: u16 = 64;
const MORE_PORTS: u16 = 128;
const MOST_PORTS: u16 = 1_172;
const PLANNED: usize = HOSTS * PORTS as usize;
const NETWORK: &str = "10.80.0.0/24";
/// Findings are laid down after 0.2 s, and committed 0.75 s later at most; what is in flight comes on top.
const ONE_SECOND: usize = RATE * 11 / 10;

pub(super) fn trials() -> Vec<Trial> {
    vec![
        Trial::test(
            "kept_scan_killed_again_and_again_goes_on_at_its_ports",
            killed,
        ),
        Trial::test("kept_scan_interrupted_by_ctrl_c_goes_on", interrupted),
        Trial::test("kept_open_ports_are_all_printed_for_pipes", for_pipes),
        Trial::test("kept_scan_is_resumed_in_its_scope_only", in_its_scope),
        Trial::test("kept_scan_goes_on_when_its_disk_is_full", disk_full),
        Trial::test("kept_scan_goes_on_when_its_file_may_not_grow", file_limited),
        Trial::test(
            "kept_scan_whose_store_is_taken_away_is_not_said_to_be_kept",
            taken_away,
        ),
        Trial::test("kept_scan_that_is_complete_is_not_resumed", complete),
    ]
}

/// How often the scan is killed: 4 times, or as often as this variable says, and then it is a longer one.
fn kills() -> (usize, u16) {
    let set = std::env::var("PICAPORTE_TEST_KILLS").ok();
    match set.and_then(|n| n.parse().ok()) {
        Some(kills) if kills > 4 => (kills, MOST_PORTS),
        kills => (kills.unwrap_or(4), MORE_PORTS),
    }
}

struct Kept {
    world: World,
    ports: u16,
    directory: TempDir,
    _server: Server,
}

impl Kept {
    fn new() -> Result<Self, Failed> {
        Self::with_ports(PORTS)
    }

    fn with_ports(ports: u16) -> Result<Self, Failed> {
        let world = World::new()?;
        world.answer_for(NETWORK)?;
        let server = Server::start(&world.target, Manner::Banner, [22, 50])?;
        Ok(Self {
            world,
            ports,
            directory: TempDir::new()?,
            _server: server,
        })
    }

    fn store(&self) -> PathBuf {
        self.directory.path().join("scans.db")
    }

    fn scan(&self) -> Scan {
        self.scan_into(&self.store())
    }

    fn scan_into(&self, store: &Path) -> Scan {
        let rate = format!("-p 1-{} --show all --seed 7 --rate {RATE}", self.ports);
        Scan::new(&self.world.scanner, NETWORK)
            .with(&rate)
            .kept_in(store)
    }

    fn resume(&self) -> Scan {
        let id = self.id().unwrap_or_default();
        Scan::resume(&self.world.scanner, &self.store(), &id)
    }

    fn id(&self) -> Result<String, Failed> {
        only_scan(&self.store())
    }

    fn state(&self) -> Result<State, Failed> {
        let store = Store::open(&self.store(), Options::default()).map_err(told)?;
        let scans = store.list(&Filter::default()).map_err(told)?;
        must(scans.len() == 1, "one scan is kept")?;
        store.verify(scans[0].id).map_err(told)?;
        Ok(scans[0].state)
    }
}

fn only_scan(store: &Path) -> Result<String, Failed> {
    let store = Store::open(store, Options::default()).map_err(told)?;
    let scans = store.list(&Filter::default()).map_err(told)?;
    let first = scans.first().ok_or("no scan is kept")?;
    Ok(first.id.to_string())
}

fn told(error: impl std::fmt::Display) -> Failed {
    error.to_string().into()
}

/// Every port of the network up to this one, as it is.
fn truth(last: u16) -> BTreeMap<(IpAddr, u16), &'static str> {
    let hosts = (0..=255).map(|n| IpAddr::from([10, 80, 0, n]));
    let ports = hosts.flat_map(|ip| (1..=last).map(move |port| (ip, port)));
    ports
        .map(|at| {
            (
                at,
                if at.1 == 22 || at.1 == 50 {
                    "open"
                } else {
                    "closed"
                },
            )
        })
        .collect()
}

fn must_be_whole(report: &Report) -> Result<(), Failed> {
    must_be_whole_up_to(PORTS, report)
}

fn must_be_whole_up_to(last: u16, report: &Report) -> Result<(), Failed> {
    let truth = truth(last);
    must_equal(&report.states()?, &truth)?;
    let (listed, planned) = (report.ports.len(), truth.len());
    must(
        listed == planned,
        format_args!("{listed} of {planned} ports are listed"),
    )
}

/// One line on standard error, and that is about this.
fn must_say_once(outcome: &Outcome, what: &str) -> Result<(), Failed> {
    let told: Vec<&str> = outcome.stderr.lines().collect();
    outcome.must(
        told.len() == 1 && told[0].contains(what),
        format_args!("one line says: {what}"),
    )
}

/// Killed at any moment.
fn killed() -> Result<(), Failed> {
    let (kills, ports) = kills();
    let kept = Kept::with_ports(ports)?;
    let capture = Capture::start(&kept.world.scanner)?;
    let mut random = Random(0x9e37_79b9);
    let mut scan = kept.scan();
    let mut rounds = 0;
    let report = loop {
        let running = scan.start()?;
        if rounds == kills {
            break running.wait()?;
        }
        if rounds == 0 {
            capture.wait_for_syns(1)?;
        }
        std::thread::sleep(random.moment());
        running.signal(Signal::SIGKILL)?;
        let outcome = running.wait()?;
        outcome.must(outcome.signal == Some(9), "it was killed before its end")?;
        rounds += 1;
        scan = kept.resume();
    };
    report.must_exit(0)?;
    must_be_whole_up_to(ports, &report.report()?)?;
    must(kept.state()? == State::Complete, "it is complete")?;
    let packets = capture.finish()?;
    let sent = syns(&packets).filter(|p| p.to.port() <= ports).count();
    let planned = HOSTS * usize::from(ports);
    let most = planned + kills * ONE_SECOND;
    must(
        sent <= most,
        format_args!("{sent} SYNs for {planned} ports and {kills} kills, at most {most}"),
    )
}

/// Moments at which a program is killed: before it has begun, before it has committed anything, and after.
struct Random(u64);

impl Random {
    fn moment(&mut self) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        Duration::from_millis((self.0 >> 33) % 1_300)
    }
}

/// Ctrl-C leaves nothing to be asked twice.
fn interrupted() -> Result<(), Failed> {
    let kept = Kept::new()?;
    let capture = Capture::start(&kept.world.scanner)?;
    let running = kept.scan().start()?;
    capture.wait_for_syns(PLANNED / 2)?;
    running.signal(Signal::SIGINT)?;
    let outcome = running.wait()?;
    outcome.must_exit(130)?;
    let id = kept.id()?;
    outcome.must(
        outcome
            .stderr
            .contains(&format!("picaporte resume {id} --store ")),
        "it says how to go on",
    )?;
    must(kept.state()? == State::Interrupted, "it is interrupted")?;
    let first = outcome.report()?;
    let report = kept.resume().report(0)?;
    must_be_whole(&report)?;
    must(
        report.scan["id"] == first.scan["id"],
        "its name is the same",
    )?;
    must(
        report.scan["seed"] == first.scan["seed"],
        "its seed is the same",
    )?;
    let packets = capture.finish()?;
    let mut asked = BTreeMap::new();
    for packet in syns(&packets) {
        *asked.entry(packet.to).or_insert(0) += 1;
    }
    let twice = asked.values().filter(|&&n| n > 1).count();
    // What was in flight at that moment.
    must(
        twice <= 1_024,
        format_args!("{twice} ports were asked twice"),
    )
}

/// `hostport` prints at the handshake: what was opened before the cut was left out.
fn for_pipes() -> Result<(), Failed> {
    let kept = Kept::new()?;
    let capture = Capture::start(&kept.world.scanner)?;
    let running = kept.scan().start()?;
    capture.wait_for_syns(PLANNED / 2)?;
    running.signal(Signal::SIGINT)?;
    running.wait()?.must_exit(130)?;
    let (store, id) = (kept.store(), kept.id()?);
    let resume = Scan::resume_in_format(&kept.world.scanner, &store, &id, "hostport");
    let outcome = resume.run()?;
    outcome.must_exit(0)?;
    let printed: BTreeSet<&str> = outcome.stdout.lines().collect();
    let open = truth(PORTS)
        .values()
        .filter(|&&state| state == "open")
        .count();
    outcome.must(
        printed.len() == open && outcome.stdout.lines().count() == open,
        format_args!("{} of {open} open ports are printed once", printed.len()),
    )
}

/// The scope with which it was begun holds; it is refused under another.
fn in_its_scope() -> Result<(), Failed> {
    let kept = Kept::new()?;
    let scope = kept.directory.path().join("scope.toml");
    let other = kept.directory.path().join("other.toml");
    fs::write(&scope, "[allowed]\nnetworks = ['10.80.0.0/25']\n")?;
    fs::write(&other, "[allowed]\nnetworks = ['10.80.0.0/24']\n")?;
    let capture = Capture::start(&kept.world.scanner)?;
    let with = format!("--scope {}", scope.display());
    let running = kept.scan().with(&with).start()?;
    capture.wait_for_syns(PLANNED / 5)?;
    running.signal(Signal::SIGKILL)?;
    running.wait()?;
    // The file may be gone or widened: what was allowed then is what holds.
    fs::copy(&other, &scope)?;
    for wider in [&scope, &other] {
        let with = format!("--scope {}", wider.display());
        let refused = kept.resume().with(&with).run()?;
        refused.must_exit(2)?;
        refused.must(
            refused.stderr.contains("was begun with another scope"),
            "it says why",
        )?;
    }
    let refused = kept.resume().in_scope(&other.display().to_string()).run()?;
    refused.must_exit(2)?;
    let report = kept.resume().report(3)?;
    must(
        report.end["reasons"]["out-of-scope"].as_u64() == Some(PLANNED as u64 / 2),
        &report.end,
    )?;
    let packets = capture.finish()?;
    let outside =
        syns(&packets).find(|p| matches!(p.to.ip(), IpAddr::V4(ip) if ip.octets()[3] >= 128));
    must(outside.is_none(), format_args!("{outside:?} is outside"))
}

/// What does not fit is told once, the outputs go on, and when there is room the scan can be resumed.
fn disk_full() -> Result<(), Failed> {
    let kept = Kept::new()?;
    let disk = kept.directory.path().join("disk");
    fs::create_dir(&disk)?;
    let none = None::<&str>;
    let flags = nix::mount::MsFlags::empty();
    nix::mount::mount(none, &disk, Some("tmpfs"), flags, Some("size=256k"))?;
    let store = disk.join("scans.db");
    let outcome = kept.scan_into(&store).with("-q").run()?;
    outcome.must_exit(2)?;
    must_be_whole(&outcome.report()?)?;
    must_say_once(&outcome, "the disk is full")?;
    let larger = nix::mount::MsFlags::MS_REMOUNT;
    nix::mount::mount(none, &disk, Some("tmpfs"), larger, Some("size=64m"))?;
    let id = only_scan(&store)?;
    let resumed = Scan::resume(&kept.world.scanner, &store, &id).run()?;
    let whole = resumed
        .must_exit(0)
        .and_then(|()| must_be_whole(&resumed.report()?));
    nix::mount::umount2(&disk, nix::mount::MntFlags::MNT_DETACH)?;
    whole
}

/// The signal of a limit on the size of files ended the program.
fn file_limited() -> Result<(), Failed> {
    let kept = Kept::new()?;
    let outcome = kept.scan().file_size(256 << 10).with("-q").run()?;
    outcome.must_exit(2)?;
    must_be_whole(&outcome.report()?)?;
    must_say_once(&outcome, "keeping findings in the store")?;
    let resumed = kept.resume().run()?;
    resumed.must_exit(0)?;
    must_be_whole(&resumed.report()?)
}

/// It was: with its digest, exit code 0 and, after Ctrl-C, how to resume it.
fn taken_away() -> Result<(), Failed> {
    let kept = Kept::new()?;
    let capture = Capture::start(&kept.world.scanner)?;
    let running = kept.scan().with("-q").start()?;
    capture.wait_for_syns(PLANNED / 4)?;
    fs::remove_file(kept.store())?;
    let outcome = running.wait()?;
    outcome.must_exit(2)?;
    let report = outcome.report()?;
    must_be_whole(&report)?;
    must(report.end["digest"].is_null(), "no digest is told")?;
    must_say_once(&outcome, "was removed, moved")
}

fn complete() -> Result<(), Failed> {
    let kept = Kept::new()?;
    let scan = Scan::new(&kept.world.scanner, "10.80.0.1").with("-p 1-64 --show all");
    scan.kept_in(&kept.store()).report(0)?;
    let refused: Outcome = kept.resume().run()?;
    refused.must_exit(2)?;
    refused.must(
        refused
            .stderr
            .contains("is complete: there is nothing to resume"),
        "it says so",
    )?;
    let newest = Scan::resume(&kept.world.scanner, &kept.store(), "").run()?;
    newest.must_exit(2)?;
    newest.must(
        newest
            .stderr
            .contains("is complete: there is nothing to resume"),
        "it says so",
    )
}
