//! How much memory a report takes does not grow with the scan: each format writes two scans of the same kind, a small and a large
//! one, each in a process of its own, and at its peak the large one has no more memory than the small one, and a margin.
//!
//! What a format may keep (ARCHITECTURE.md, "Bounds") is kept whole by the small scan already, so that its bounds are met in both.

#![forbid(unsafe_code)]

mod keeping;
mod many;
mod peak;

use std::process::ExitCode;

use libtest_mimic::Arguments;

fn main() -> ExitCode {
    // The same program writes, and tells its peak.
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [first, order @ ..] = &words[..]
        && first == peak::WRITE
    {
        return peak::write(order);
    }
    libtest_mimic::run(&Arguments::from_args(), peak::trials()).exit_code()
}
