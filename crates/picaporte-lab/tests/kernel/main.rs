//! The Linux kernel as a client of simulated worlds: its own `connect`, `read`, `write` and `close` on a device of the lab,
//! each test in a network namespace of its own. Nothing here sends a packet to the machine's network.

#![allow(clippy::print_stderr, reason = "a test program's output")]

mod client;
mod frames;
mod handshake;
mod leaves_nothing;
mod talks;
mod world;

use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> std::process::ExitCode {
    let arguments = Arguments::from_args();
    if let Err(refusal) = picaporte_lab::isolation::enter() {
        eprintln!("these tests are never skipped: {refusal}");
        return std::process::ExitCode::FAILURE;
    }
    let all = [talks::TESTS, handshake::TESTS, leaves_nothing::TESTS].concat();
    let trials = all
        .into_iter()
        .map(|(name, test)| Trial::test(name, move || world::apart(test)))
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A test and its name.
type Test = (&'static str, fn() -> Result<(), Failed>);

/// Fails with `why` unless `holds`.
fn must(holds: bool, why: impl std::fmt::Display) -> Result<(), Failed> {
    if holds {
        Ok(())
    } else {
        Err(why.to_string().into())
    }
}
