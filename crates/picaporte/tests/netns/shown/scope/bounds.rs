//! By the variable, how fast, and until when.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use libtest_mimic::Failed;
use tempfile::NamedTempFile;

use super::{file, flag, lines, must_stay_inside, out_of_scope};
use crate::outcome::must;
use crate::scanner::Scan;
use crate::wire::{Capture, most_within, syns};
use crate::world::{TARGET_V4, TARGET_V6, World};

pub(super) fn variable() -> Result<(), Failed> {
    let world = World::new()?;
    let scope = file("[allowed]\nnetworks = ['10.80.0.0/24']\n")?;
    let other = file("[allowed]\nnetworks = ['10.77.0.0/24']\n")?;
    let path = scope.path().display().to_string();
    let capture = Capture::start(&world.scanner)?;
    let scan = Scan::new(&world.scanner, &TARGET_V4)
        .with("-p 1-3")
        .in_scope(&path);
    let report = scan.report(3)?;
    must_stay_inside(&capture.finish()?, |_, _| false)?;
    must(out_of_scope(&report) == 3, &report.end)?;
    // The flag goes before the variable; an empty variable is not as if there were none.
    scan.with(&flag(&other)).report(0)?;
    let outcome = Scan::new(&world.scanner, &TARGET_V4)
        .with("-p 1-3")
        .in_scope("")
        .run()?;
    outcome.must_exit(2)?;
    outcome.must(
        outcome.stderr.contains("PICAPORTE_SCOPE is set and empty"),
        "not said so",
    )
}

/// The scope's rate goes before a higher one of the command line, and so does its cap on what is in flight.
pub(super) fn limits() -> Result<(), Failed> {
    let world = World::new()?;
    world.target.filter_input("tcp dport 1-65535 drop;")?;
    let scope =
        file("[allowed]\nnetworks = ['10.77.0.2']\n[limits]\nrate = 40\nmax_inflight = 20\n")?;
    let capture = Capture::start(&world.scanner)?;
    let scan = Scan::new(&world.scanner, &TARGET_V4).with("-p 1-60 --rate 1000 --attempts 2");
    let report = scan.with(&flag(&scope)).report(0)?;
    let packets = capture.finish()?;
    let times: Vec<_> = syns(&packets).map(|p| p.at).collect();
    let most = most_within(Duration::from_secs(1), &times);
    must(most <= 40, format_args!("{most} SYNs in a second"))?;
    let lowered = &report.scan["scope"]["lowered"];
    must(
        lowered[0]["limit"] == "rate" && lowered[0]["asked"] == 1000 && lowered[0]["allowed"] == 40,
        lowered,
    )?;
    must(lowered[1]["limit"] == "max_inflight", lowered)
}

/// A scope that holds for this long from now on.
fn scope_for(length: SignedDuration) -> Result<(NamedTempFile, Timestamp), Failed> {
    let until = Timestamp::now() + length;
    let text = format!("valid_until = {until:.3}\n[allowed]\nnetworks = ['10.77.0.2']\n");
    Ok((file(&text)?, until))
}

/// 3,000 ports at 100 a second take half a minute; the scope ends long before that.
pub(super) fn ends() -> Result<(), Failed> {
    let world = World::new()?;
    let (scope, until) = scope_for(SignedDuration::from_secs(4))?;
    let capture = Capture::start(&world.scanner)?;
    let scan = Scan::new(&world.scanner, &TARGET_V4).with("-p 1-3000 --rate 100");
    let report = scan.with(&flag(&scope)).report(3)?;
    let packets = capture.finish()?;
    let [_, closed, _, untested] = report.totals();
    must(
        closed > 0 && untested > 0 && closed + untested == 3000,
        &report.end,
    )?;
    must(out_of_scope(&report) == untested, &report.end)?;
    let end = Duration::from_millis(u64::try_from(until.as_millisecond())?);
    // What was let through right before may take a moment to the wire.
    let late = syns(&packets).filter(|p| p.at > end + Duration::from_secs(1));
    must(late.count() == 0, "SYNs after the end of the scope")
}

pub(super) fn ends_for_locate() -> Result<(), Failed> {
    let world = World::new()?;
    world.target.filter_input("tcp dport 1-65535 drop;")?;
    let (scope, _) = scope_for(SignedDuration::from_secs(4))?;
    let scan = Scan::locate(&world.scanner, &format!("{TARGET_V4}:1-20")).with(&flag(&scope));
    let outcome = scan.run()?;
    outcome.must_exit(3)?;
    let lines = lines(&outcome)?;
    let left = lines
        .iter()
        .filter(|l| l["reason"] == "out-of-scope")
        .count();
    outcome.must(left >= 10, format_args!("{left} ports are left"))
}

pub(super) fn not_now() -> Result<(), Failed> {
    let world = World::new()?;
    let capture = Capture::start(&world.scanner)?;
    for period in [
        "valid_until = 2020-01-01T00:00:00Z",
        "valid_from = 2999-01-01T00:00:00Z",
    ] {
        let scope = file(&format!(
            "{period}\n[allowed]\nnetworks = ['10.77.0.2', 'fd00:77::2']\n"
        ))?;
        for scan in [
            Scan::new(&world.scanner, &TARGET_V4).with("-p 1-3"),
            Scan::new(&world.scanner, &TARGET_V6).with("-p 1-3 --dry-run"),
            Scan::locate(&world.scanner, &format!("{TARGET_V4}:1")),
        ] {
            let outcome = scan.with(&flag(&scope)).run()?;
            outcome.must_exit(2)?;
            let path = scope.path().display().to_string();
            let one_line = outcome.stderr.lines().count() == 1 && outcome.stderr.contains(&path);
            outcome.must(
                one_line && outcome.stdout.is_empty(),
                "not one line that names the file",
            )?;
        }
    }
    must_stay_inside(&capture.finish()?, |_, _| false)
}
