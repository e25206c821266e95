//! What is planned before anything is sent: shards that share out a scan, a dry run that sends nothing.

use std::collections::BTreeSet;
use std::net::IpAddr;

use libtest_mimic::{Failed, Trial};

use crate::outcome::must;
use crate::scanner::Scan;
use crate::wire::{Capture, syns};
use crate::world::{Netns, TARGET_V4, World};

pub(super) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("planned_shards_are_disjoint_and_whole", shards),
        Trial::test("planned_dry_run_sends_nothing", dry_run),
    ]
}

/// ICMPv6 type and code (RFC 3810, section 5.2).
const MULTICAST_LISTENER_REPORT: (u8, u8) = (143, 0);

/// More than one block of 4,096 hosts, so that the shards have something to share out.
fn shards() -> Result<(), Failed> {
    let world = World::new()?;
    world.answer_for("10.80.0.0/16")?;
    let part = |shard: &str| -> Result<BTreeSet<(IpAddr, u16)>, Failed> {
        let report = Scan::new(&world.scanner, "10.80.0.0/18")
            .with("-p 80 --seed 7")
            .with(shard)
            .report(0)?;
        let probes: BTreeSet<_> = report.states()?.into_keys().collect();
        must(
            probes.len() as u64 == report.count("planned"),
            format_args!("{shard}: not all planned is told: {}", report.end),
        )?;
        Ok(probes)
    };
    let parts = [
        part("--shard 1/3")?,
        part("--shard 2/3")?,
        part("--shard 3/3")?,
    ];
    let whole = part("")?;
    let sum: usize = parts.iter().map(BTreeSet::len).sum();
    let union: BTreeSet<_> = parts.iter().flatten().copied().collect();
    must(
        sum == union.len(),
        format_args!(
            "the shards overlap: {sum} probes, {} different",
            union.len()
        ),
    )?;
    must(
        union == whole,
        format_args!(
            "the shards are not the whole: {} of {}",
            union.len(),
            whole.len()
        ),
    )?;
    must(
        parts.iter().all(|part| part.len() < whole.len()),
        "one shard is the whole",
    )
}

fn dry_run() -> Result<(), Failed> {
    let world = World::new()?;
    world.answer_for("10.80.0.0/16")?;
    let capture = Capture::start(&world.scanner)?;
    let outcome = Scan::in_format(&world.scanner, "10.80.0.0/24", "table")
        .with("-p 1-1000 --dry-run")
        .run()?;
    outcome.must_exit(0)?;
    let mut packets = capture.finish()?;
    // The kernel tells its router, on its own account, which groups a new interface joins.
    packets.retain(|packet| packet.icmp != Some(MULTICAST_LISTENER_REPORT));
    outcome.must(
        packets.is_empty(),
        format_args!("{} packets were sent or came: {packets:?}", packets.len()),
    )?;
    let told: String = format!("{}{}", outcome.stdout, outcome.stderr)
        .replace([',', ' ', '_', '\u{202f}', '.'], "");
    outcome.must(told.contains("256000"), "the number of probes is not told")?;
    must_notice_a_scan(&world.scanner)
}

/// The capture that saw nothing is one that would have seen a scan.
fn must_notice_a_scan(scanner: &Netns) -> Result<(), Failed> {
    let capture = Capture::start(scanner)?;
    Scan::new(scanner, &TARGET_V4).with("-p 1-10").report(0)?;
    must(
        syns(&capture.finish()?).count() == 10,
        "not 10 SYNs of a scan of 10 ports",
    )
}
