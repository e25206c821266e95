//! Scans this machine's own loopback for its open ports: a plan, a scan, its findings.
//!
//! `cargo run --release --example findings -- 127.0.0.1 22,80,443`

#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use picaporte::{Finding, NoLookup, Plan, PortSet, Target};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let target = args.next().unwrap_or_else(|| "127.0.0.1".to_owned());
    let ports = args.next().unwrap_or_else(|| "22,80,443,8080".to_owned());

    let mut plan = Plan::builder(PortSet::parse(&ports, &|_| None)?);
    plan.target(&Target::parse(&target, &NoLookup)?)?;

    for finding in picaporte::scan(plan.build()?)? {
        match finding {
            Finding::Port(verdict) => println!(
                "{} {} is {}",
                verdict.address,
                verdict.port,
                verdict.state().name()
            ),
            Finding::End(account) => println!(
                "{} of {} ports tested in {:?}",
                account.tally.counts.tested(),
                account.tally.planned,
                account.elapsed
            ),
            Finding::Opened { .. } | Finding::Host(_) | Finding::Decided(_) => {}
        }
    }
    Ok(())
}
