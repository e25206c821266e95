//! The finished program against networks of its own: what must be seen to hold on the wire, in the outputs and
//! in the exit codes. Needs `ip`, `nft`, `setpriv` and `prlimit`; a system that forbids namespaces fails the run,
//! it never skips a test.

#![forbid(unsafe_code)]

mod dns;
mod frame;
mod names;
mod outcome;
mod report;
mod scanner;
mod server;
mod shown;
mod wire;
mod world;

use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = libtest_mimic::Arguments::from_args();
    if !arguments.list
        && let Err(refusal) = picaporte_lab::isolation::enter()
    {
        let _ = writeln!(
            std::io::stderr(),
            "namespace tests are never skipped: {refusal}"
        );
        return ExitCode::FAILURE;
    }
    libtest_mimic::run(&arguments, shown::trials()).exit_code()
}
