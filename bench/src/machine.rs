//! What a reader must know of the machine to judge the figures: kernel, cores, memory, descriptors, versions, date, and
//! whether it was busy with something else.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use nix::sys::resource::{Resource, getrlimit};
use nix::sys::utsname::uname;

use crate::program::Paths;

/// Facts as pairs of a name and a value, in the order of the table.
#[derive(Debug)]
pub(crate) struct Machine(pub(crate) Vec<(&'static str, String)>);

impl Machine {
    /// # Errors
    /// When the kernel's name or the limit on descriptors can't be read.
    pub(crate) fn look(paths: &Paths) -> Result<Self> {
        let kernel = uname().context("reading the kernel's name")?;
        let (descriptors, _) =
            getrlimit(Resource::RLIMIT_NOFILE).context("reading the limit on descriptors")?;
        Ok(Self(vec![
            (
                "date",
                jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
            ),
            (
                "kernel",
                format!(
                    "{} {}",
                    kernel.sysname().display(),
                    kernel.release().display()
                ),
            ),
            (
                "processor",
                format!(
                    "{} × {}",
                    paths.cores,
                    value_in("/proc/cpuinfo", "model name")
                ),
            ),
            ("memory", value_in("/proc/meminfo", "MemTotal")),
            ("descriptors", descriptors.to_string()),
            ("load before", first_word("/proc/loadavg")),
            ("picaporte", version(&paths.picaporte.to_string_lossy())),
            ("nmap", version("nmap")),
            ("rustscan", version("rustscan")),
        ]))
    }
}

fn value_in(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.trim() == name);
    line.map_or("unknown".to_owned(), |(_, value)| value.trim().to_owned())
}

fn first_word(path: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace()
        .next()
        .unwrap_or("unknown")
        .to_owned()
}

fn version(program: &str) -> String {
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    let Ok(output) = output else {
        return "not installed".to_owned();
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let number = text
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    number.unwrap_or("unknown").to_owned()
}
