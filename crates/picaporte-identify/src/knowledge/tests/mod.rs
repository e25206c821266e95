//! The reader on small files of its own, and all files that are built in.

mod builtin;
mod mistakes;
mod small;

use super::Knowledge;

/// A file with one probe, and what else is written.
fn file(rest: &str) -> String {
    format!("about = \"a test\"\nsource = [\"none\"]\nservice = \"toy\"\nports = \"7000\"\n{rest}")
}

fn read(rest: &str) -> Knowledge {
    Knowledge::read(&[("toy.toml", &file(rest))]).unwrap_or_else(|error| panic!("{error}"))
}
