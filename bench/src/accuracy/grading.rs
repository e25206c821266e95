//! What it costs to grade open ports, on hosts that have nothing to hide: the same scans of the same simulated networks with
//! canaries and without. Virtual time only, no sockets.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use picaporte_core::sim::World;
use picaporte_core::{Duration, Settings, canary};
use picaporte_lab::page::Marks;

use super::play::{Seen, Work};
use super::worlds::share;

const MARKS: Marks = Marks("grading");
const SEEDS: u64 = 20;
/// At most so much of what a scan without grading takes.
const GOAL: f64 = 1.05;

/// What it costs to grade open ports, in simulated networks without fakes
#[derive(Debug, Args)]
pub(crate) struct Grading {
    /// Put the table between the `grading` marks of this file
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

struct Row {
    name: &'static str,
    prefix: u8,
    ports: u16,
    world: World,
}

/// SYNs and virtual time of all seeds together.
#[derive(Clone, Copy, Default)]
struct Cost {
    syns: u64,
    time: Duration,
}

pub(crate) fn run(order: &Grading) -> Result<()> {
    if let Some(file) = &order.write {
        MARKS.check(file)?;
    }
    let rows = rows().into_iter().map(|row| {
        let (without, with) = (play(&row, false)?, play(&row, true)?);
        Ok((row.name, without, with))
    });
    let table = table(&rows.collect::<Result<Vec<_>>>()?);
    println!("{table}");
    if let Some(file) = &order.write {
        MARKS.write(file, &table)?;
    }
    Ok(())
}

fn rows() -> Vec<Row> {
    let row = |name, prefix, ports, open, silent, loss| Row {
        name,
        prefix,
        ports,
        world: World {
            open: share(open),
            silent: share(silent),
            loss: share(loss),
            delay: Duration::from_millis(20),
            jitter: Duration::from_millis(2),
            ..World::default()
        },
    };
    vec![
        row(
            "a host, 60 ports, 3 open, the rest closed",
            32,
            60,
            0.05,
            0.0,
            0.0,
        ),
        row(
            "a host, 60 ports, 3 open, the rest silent",
            32,
            60,
            0.05,
            0.95,
            0.0,
        ),
        row(
            "a host, 1,000 ports, 5 open, the rest closed",
            32,
            1000,
            0.005,
            0.0,
            0.0,
        ),
        row(
            "a host, 1,000 ports, 5 open, the rest silent",
            32,
            1000,
            0.005,
            0.995,
            0.0,
        ),
        row(
            "a host, 65,535 ports, 33 open, the rest closed",
            32,
            65_535,
            0.0005,
            0.0,
            0.0,
        ),
        row(
            "254 hosts, 100 ports, 2 open, the rest closed",
            24,
            100,
            0.02,
            0.0,
            0.0,
        ),
        row(
            "254 hosts, 100 ports, 2 open, half of the rest silent, 1 % loss each way",
            24,
            100,
            0.02,
            0.49,
            0.01,
        ),
        row(
            "a host, 1,000 ports, 5 open, the rest closed, 5 % loss each way",
            32,
            1000,
            0.005,
            0.0,
            0.05,
        ),
    ]
}

fn play(row: &Row, graded: bool) -> Result<Cost> {
    let mut seen = Seen::default();
    for seed in 1..=SEEDS {
        let ordinary = |port| graded && port > row.ports.min(19_999);
        let work = Work {
            prefix: row.prefix,
            ports: row.ports,
            settings: Settings {
                canaries: canary::choose(seed, ordinary),
                ..Settings::default()
            },
            world: row.world,
        };
        work.play(seed, &mut seen)?;
    }
    let sum = |cost: Cost, run: &super::play::Once| Cost {
        syns: cost.syns + run.syns,
        time: cost.time + run.elapsed,
    };
    Ok(seen.runs.iter().fold(Cost::default(), sum))
}

fn table(rows: &[(&str, Cost, Cost)]) -> String {
    let mut text = String::from(
        "Repeat with `cargo build --release -p picaporte-bench` and `target/release/picaporte-bench grading --write BENCHMARKS.md`.\n\n\
         | what is scanned, 20 seeds each | SYNs without | with | ratio | virtual s without | with | ratio | goal: ≤ 1.05 each |\n\
         | --- | --: | --: | --: | --: | --: | --: | --- |\n",
    );
    for (name, without, with) in rows {
        let syns = with.syns as f64 / without.syns as f64;
        let time = with.time.as_secs_f64() / without.time.as_secs_f64();
        let met = if syns <= GOAL && time <= GOAL {
            "met"
        } else {
            "NOT MET"
        };
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {syns:.3} | {:.3} | {:.3} | {time:.3} | {met} |",
            without.syns,
            with.syns,
            without.time.as_secs_f64(),
            with.time.as_secs_f64(),
        );
    }
    text
}
