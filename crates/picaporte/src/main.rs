//! The program: the command line of the library beside it, and its exit code.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    picaporte::cli::run(std::env::args_os()).into()
}
