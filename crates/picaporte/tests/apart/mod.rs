//! Runs tests in a network of their own. A system that forbids that fails the run: no test is ever skipped.

use std::io::Write as _;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

/// Runs the tests of this name.
pub(crate) fn run(called: &str, trials: fn() -> Vec<Trial>) -> ExitCode {
    let arguments = Arguments::from_args();
    if !arguments.list
        && let Err(refusal) = picaporte_lab::isolation::enter()
    {
        let _ = writeln!(std::io::stderr(), "{called} are never skipped: {refusal}");
        return ExitCode::FAILURE;
    }
    libtest_mimic::run(&arguments, trials()).exit_code()
}
