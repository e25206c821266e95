//! Any sequence of outcomes, late, twice or out of turn: planned = tested + untested at the end.
#![no_main]

use std::sync::Arc;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use picaporte_core::block::Part;
use picaporte_core::pace::Pace;
use picaporte_core::scan::System;
use picaporte_core::sim::script::{self, Line};
use picaporte_core::tally::Tally;
use picaporte_core::target::{NoLookup, Target};
use picaporte_core::{Plan, PortSet, Reason, Scan, Settings};

#[derive(Arbitrary, Debug)]
struct Input {
    seed: u64,
    attempts: Option<u8>,
    max_inflight: u8,
    host_inflight: u8,
    script: Vec<(u8, u16, u16)>,
}

fuzz_target!(|input: Input| {
    let pace = Pace {
        max_inflight: u32::from(input.max_inflight).max(1),
        host_inflight: u32::from(input.host_inflight).max(1),
        ..Pace::NORMAL
    };
    let attempts = input.attempts.map(|n| n % 4 + 1);
    let mut builder = Plan::builder(PortSet::from_ranges(vec![(1, 25)]));
    builder.settings(Settings { seed: input.seed, attempts, pace, ..Settings::default() });
    for text in ["192.0.2.0/30", "2001:db8::1"] {
        let target = Target::parse(text, &NoLookup).expect("a valid target");
        builder.target(&target).expect("an ordinary address");
    }
    let plan = Arc::new(builder.build().expect("a valid plan"));
    let mut scan = Scan::new(plan.clone(), Part::WHOLE, System::default());
    let lines: Vec<Line> = input
        .script
        .iter()
        .map(|&(outcome, delay, attempt)| Line { outcome, delay: delay % 500, attempt })
        .collect();
    assert!(script::play(&mut scan, &lines).is_some(), "the scan did not end: {:?}", scan.tally());
    let whole = Tally::of_scan(&plan, [scan.tally()], Reason::Interrupted);
    assert!(whole.balances(), "{whole:?}");
});
