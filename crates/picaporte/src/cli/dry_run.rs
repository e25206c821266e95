//! `--dry-run`: how much would be asked of whom, and about how long it would take. It sends
//! nothing; its times are arithmetic on the caps, not a promise.

use std::fmt::Write as _;
use std::time::Duration;

use picaporte_core::timing::{FIRST, MIN_ATTEMPTS};
use picaporte_core::{Plan, Settings};

use super::args::ScanArgs;
use super::planning::{Planned, Scoped};
use super::terminal::{beside, message};
use super::text::{counted, grouped, time};

/// What one machine reaches where every port answers at once: two threads on two cores, refused
/// connections on reused sockets (BENCHMARKS.md).
const FULL_SPEED: f64 = 100_000.0;

/// What `--reverse-dns` would do.
const ASKS: &str =
    "this system's name servers what addresses that answer are called; they learn which";

/// The text for standard output, wrapped where that is a terminal of so many columns.
pub(crate) fn describe(planned: &Planned, args: &ScanArgs, width: Option<u16>) -> String {
    let plan = &planned.plan;
    let mut text = String::new();
    let mut line = |title: &str, says: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", beside(&format!("{title:<8}"), &says, width));
    };
    line("hosts", hosts(plan));
    line("probes", probes(plan));
    if let Some(scoped) = &planned.scope {
        line("scope", scope(plan, scoped));
    }
    line("seed", plan.settings().seed.to_string());
    let (least, most) = estimate(plan);
    let (least, most) = (time(least), time(most));
    line(
        "time",
        format!("about {least} if every port answers at once, {most} if none does"),
    );
    line("writes", writes(args));
    line("keeps", keeps(args));
    if args.reverse_dns {
        line("asks", ASKS.to_owned());
    }
    let names = match planned.names {
        0 => String::new(),
        n => format!("; {} resolved", counted(n as u64, "name")),
    };
    let end = format!("A dry run: no probe was sent and no file written{names}.");
    let _ = writeln!(text, "{}", message(&end, width));
    text
}

fn hosts(plan: &Plan) -> String {
    let shard = plan.settings().shard;
    let all = grouped(plan.hosts());
    if shard.count() == 1 {
        return grouped(plan.hosts() + plan.outside_hosts());
    }
    let own = grouped(plan.shard_hosts());
    format!(
        "{own} of {all}, shard {}/{}",
        shard.index() + 1,
        shard.count()
    )
}

fn probes(plan: &Plan) -> String {
    let all = grouped(plan.planned());
    let unresolved = plan.planned() - plan.planned_addresses() - plan.outside();
    if unresolved == 0 {
        return all;
    }
    let names = counted(plan.unresolved().len() as u64, "name");
    format!(
        "{all}, of which {} of {names} without an address",
        grouped(unresolved)
    )
}

fn scope(plan: &Plan, scoped: &Scoped) -> String {
    let hosts = match plan.outside_hosts() {
        0 => String::new(),
        n => format!(", all of {}", counted(n, "host")),
    };
    let outside = match plan.outside() {
        0 => "no probe lies outside".to_owned(),
        n => format!("{} outside{hosts}: never sent", counted(n, "probe")),
    };
    format!("{}; {outside}", scoped.told.path)
}

fn writes(args: &ScanArgs) -> String {
    let files = args
        .reports
        .output
        .iter()
        .map(|path| path.display().to_string());
    let all =
        std::iter::once(format!("{} on standard output", args.reports.format.name())).chain(files);
    super::message::line(&all.collect::<Vec<_>>().join(", "))
}

fn keeps(args: &ScanArgs) -> String {
    let file = super::keep::file(args.store.as_deref());
    file.map_or_else(
        || "nothing, so that it can't be resumed".to_owned(),
        |file| super::message::line(&format!("the scan in {}", file.display())),
    )
}

/// How long it takes where every port answers at once, and where none answers.
fn estimate(plan: &Plan) -> (Duration, Duration) {
    let (settings, hosts) = (plan.settings(), plan.shard_hosts() as f64);
    let probes = plan.planned_addresses() as f64;
    let rate = rate(settings, hosts);
    let least = probes / rate.min(FULL_SPEED);
    let attempts = f64::from(settings.attempts.unwrap_or(MIN_ATTEMPTS));
    let timeout = settings.timeout.unwrap_or(FIRST).as_secs_f64();
    let inflight =
        (hosts * f64::from(settings.pace.host_inflight)).min(settings.pace.max_inflight.into());
    let sent = probes * attempts;
    let most =
        (sent / rate.min(FULL_SPEED)).max(sent * timeout / inflight.max(1.0)) + attempts * timeout;
    let limit = settings
        .max_time
        .map_or(1e15, picaporte_core::Duration::as_secs_f64);
    let length = |seconds: f64| Duration::from_secs_f64(seconds.min(limit).min(1e15));
    (
        length(least),
        if probes > 0.0 {
            length(most)
        } else {
            Duration::ZERO
        },
    )
}

fn rate(settings: &Settings, hosts: f64) -> f64 {
    let all = settings.pace.rate.map_or(f64::INFINITY, f64::from);
    let by_host = settings
        .pace
        .host_rate
        .map_or(f64::INFINITY, |r| f64::from(r) * hosts.max(1.0));
    all.min(by_host)
}

#[cfg(test)]
mod tests {
    use picaporte_core::PortSet;
    use picaporte_core::pace::Pace;
    use picaporte_core::target::{NoLookup, Target};

    use super::*;

    fn plan(pace: Pace) -> Plan {
        let mut builder = Plan::builder(PortSet::from_ranges(vec![(1, 1000)]));
        builder.settings(Settings {
            pace,
            ..Settings::default()
        });
        builder
            .target(&Target::parse("192.0.2.0/24", &NoLookup).unwrap())
            .unwrap();
        builder.build().unwrap()
    }

    #[test]
    fn the_estimate_follows_the_caps() {
        let seconds = |pace| {
            let (least, most) = estimate(&plan(pace));
            (least.as_secs(), most.as_secs())
        };
        // 256,000 probes; two attempts of 0.95 s each, 20,000 at a time.
        assert_eq!(seconds(Pace::NORMAL), (2, 26));
        // 300 a second.
        assert_eq!(
            seconds(Pace {
                rate: Some(300),
                ..Pace::NORMAL
            }),
            (853, 1708)
        );
        // 256 hosts with 10 a second each.
        assert_eq!(
            seconds(Pace {
                host_rate: Some(10),
                ..Pace::NORMAL
            }),
            (100, 201)
        );
    }
}
