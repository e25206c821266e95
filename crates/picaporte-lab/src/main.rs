//! The lab's program: worlds whose truth is known, for any scanner. It never sends a packet outside the namespaces that
//! it makes.
#![forbid(unsafe_code)]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program's output"
)]

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
