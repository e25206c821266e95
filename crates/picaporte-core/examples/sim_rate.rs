//! How many probes a second the core decides on one core, against a simulated network.
use std::sync::Arc;

use picaporte_core::block::Part;
use picaporte_core::scan::System;
use picaporte_core::sim::{self, World};
use picaporte_core::target::{NoLookup, Target};
use picaporte_core::{Duration, Plan, PortSet, Scan};

fn main() {
    let mut builder = Plan::builder(PortSet::from_ranges(vec![(1, 1000)]));
    builder.target(&Target::parse("10.0.0.0/20", &NoLookup).unwrap()).unwrap();
    let plan = Arc::new(builder.build().unwrap());
    let world = World { silent: 32_768, loss: 3277, open: 60, seed: 3, ..World::default() };
    let mut scan = Scan::new(plan.clone(), Part::WHOLE, System::default());
    let start = std::time::Instant::now();
    let run = sim::run(&mut scan, world, Duration::from_secs(3600), &mut |_| {});
    let took = start.elapsed().as_secs_f64();
    println!("{} ports, {} attempts in {took:.2} s: {:.2} M ports/s, {:.2} M attempts/s; virtual {}",
        plan.planned(), scan.tally().attempts, plan.planned() as f64 / took / 1e6, scan.tally().attempts as f64 / took / 1e6, run.elapsed);
}
