//! Worlds of real kernels, seen by a kernel's own client. The process leaves the machine's network first; a system that
//! forbids that fails the run, it never skips a test. Needs `ip` and `nft`.

#![forbid(unsafe_code)]

mod client;
mod ports;
mod shape;
mod shipped;

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use picaporte_lab::isolation;
use picaporte_lab::netns::Netns;
use picaporte_lab::real::RealWorld;
use picaporte_lab::scenario::{self, Scenario};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    if !arguments.list
        && let Err(refusal) = isolation::enter()
    {
        let _ = writeln!(std::io::stderr(), "{refusal}");
        return ExitCode::FAILURE;
    }
    let trials = [ports::trials(), shape::trials(), shipped::trials()];
    libtest_mimic::run(&arguments, trials.into_iter().flatten().collect()).exit_code()
}

type Tested = Result<(), Failed>;

fn trial(name: &str, run: fn() -> Tested) -> Trial {
    Trial::test(name, run)
}

/// A scenario with this text after its head; its order is `targets`, ports 1 to 9.
fn scenario(targets: &str, text: &str) -> Result<Scenario, Failed> {
    let head = format!(
        "about = \"a test\"\nsource = \"none\"\nworld = \"real\"\n[scan]\ntargets = [\"{targets}\"]\nports = \"1-9\"\n"
    );
    Ok(scenario::from_text(Path::new("test.toml"), &(head + text))?)
}

/// Builds the world before a scanner's machine of its own, and runs `test` there.
fn in_world(scenario: &Scenario, test: impl FnOnce(RealWorld) -> Tested + Send) -> Tested {
    Netns::new("scanner")?.inside(|| test(RealWorld::build(scenario, 1)?))?
}
