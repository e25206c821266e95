//! The deciding half alone, on one core, against a simulated network: how many probes a second it decides.
//! No sockets, no namespaces, no peers.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use clap::Args;
use picaporte_core::block::Part;
use picaporte_core::scan::System;
use picaporte_core::sim::{self, World};
use picaporte_core::target::{NoLookup, Target};
use picaporte_core::{Duration, Plan, PortSet, Scan};

const TITLE: &str =
    "the core alone on `sim`: 4,096 hosts × 1,000 ports, half of them silent, 5 % loss each way";
/// Probes a second that the first release is to reach.
const GOAL: f64 = 2e6;

/// Only the core on the simulated network
#[derive(Debug, Args)]
pub(crate) struct Core {
    /// Rounds
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    rounds: u16,
}

/// What was measured: the same scan, several times.
#[derive(Debug)]
pub(crate) struct Measured {
    ports: u64,
    probes: u64,
    seconds: Vec<f64>,
}

pub(crate) fn run(core: &Core) -> Result<()> {
    println!("{}", measure(core.rounds)?.text());
    Ok(())
}

/// Runs the simulated scan this often.
///
/// # Errors
/// Never in practice: the plan is fixed.
pub(crate) fn measure(rounds: u16) -> Result<Measured> {
    let mut builder = Plan::builder(PortSet::from_ranges(vec![(1, 1000)]));
    builder.target(&Target::parse("10.0.0.0/20", &NoLookup)?)?;
    let plan = Arc::new(builder.build()?);
    let world = World {
        seed: 3,
        silent: 65_536 / 2,
        loss: 65_536 / 20,
        open: 65,
        ..World::default()
    };
    let mut measured = Measured {
        ports: plan.planned(),
        probes: 0,
        seconds: Vec::new(),
    };
    for _ in 0..rounds {
        let mut scan = Scan::new(plan.clone(), Part::WHOLE, System::default());
        let start = Instant::now();
        sim::run(&mut scan, world, Duration::from_secs(3600), &mut |_| {});
        measured.seconds.push(start.elapsed().as_secs_f64());
        measured.probes = scan.tally().attempts;
    }
    measured.seconds.sort_by(f64::total_cmp);
    Ok(measured)
}

impl Measured {
    fn median(&self) -> f64 {
        self.seconds[self.seconds.len() / 2]
    }

    /// For a terminal.
    pub(crate) fn text(&self) -> String {
        let [probes, ports, median, range, goal] = self.cells();
        format!(
            "{TITLE}\n  {probes} probes ({ports} ports a second decided), median {median} s ({range}): {goal}\n"
        )
    }

    /// For BENCHMARKS.md.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("\n### {TITLE}\n\n");
        let _ = writeln!(
            text,
            "| probes | ports decided a second | median s | min–max s | goal: 2,000,000 probes a second |"
        );
        let _ = writeln!(text, "| --: | --: | --: | --: | --- |");
        let _ = writeln!(text, "| {} |", self.cells().join(" | "));
        text
    }

    fn cells(&self) -> [String; 5] {
        let median = self.median();
        let rate = self.probes as f64 / median;
        let met = if rate >= GOAL { "met" } else { "NOT MET" };
        let (first, last) = (self.seconds[0], self.seconds[self.seconds.len() - 1]);
        [
            self.probes.to_string(),
            format!("{:.0}", self.ports as f64 / median),
            format!("{median:.3}"),
            format!("{first:.3}–{last:.3}"),
            format!("{rate:.0} a second, {met}"),
        ]
    }
}
