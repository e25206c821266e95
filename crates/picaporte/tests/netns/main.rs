//! The finished program against networks of its own: what must be seen to hold on the wire, in the outputs and
//! in the exit codes. Needs `ip`, `nft`, `setpriv` and `prlimit`; a system that forbids namespaces fails the run,
//! it never skips a test.

#![forbid(unsafe_code)]

#[path = "../apart/mod.rs"]
mod apart;
mod dns;
mod frame;
mod names;
mod outcome;
mod report;
mod scanner;
mod server;
mod shown;
mod talker;
mod tls;
mod wire;
mod world;

use std::process::ExitCode;

fn main() -> ExitCode {
    apart::run("namespace tests", shown::trials)
}
