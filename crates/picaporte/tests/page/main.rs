//! The page as a browser lays it out: headless Chromium opens pages of scans that never were at three widths, in both schemes
//! and for a printer, in a network of its own that leads nowhere. What a machine can tell is asserted; with `SCREENSHOTS`
//! naming a folder, pictures and PDFs are left there for a person to look at.
//!
//! Needs Chromium; without it, or without namespaces, the run fails, and no test is ever skipped.

#![forbid(unsafe_code)]

#[path = "../apart/mod.rs"]
mod apart;
mod browser;
mod checks;
mod looks;
#[path = "../../examples/page/never/mod.rs"]
mod never;

use std::process::ExitCode;

fn main() -> ExitCode {
    apart::run("tests of the page", looks::trials)
}
