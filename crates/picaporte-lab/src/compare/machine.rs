//! What a reader must know of the machine to judge the figures: date, kernel, cores, memory, whether it was busy with
//! something else, and the versions of all scanners.

use std::fs;
use std::thread;

use nix::sys::utsname::uname;

use super::{KNOWN, Scanner};

/// Facts as pairs of a name and a value, in the order of the table.
#[derive(Clone, Debug)]
pub struct Machine(pub Vec<(String, String)>);

impl Machine {
    /// This machine, with these scanners.
    pub fn look(scanners: &[Scanner]) -> Self {
        let cores = thread::available_parallelism().map_or(0, std::num::NonZero::get);
        let kernel = uname().map_or("unknown".to_owned(), |it| {
            format!("{} {}", it.sysname().display(), it.release().display())
        });
        let date = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
        let processor = format!("{cores} × {}", value_in("/proc/cpuinfo", "model name"));
        let mut facts: Vec<(String, String)> = [
            ("date", date),
            ("kernel", kernel),
            ("processor", processor),
            ("memory", value_in("/proc/meminfo", "MemTotal")),
            ("load before", first_word("/proc/loadavg")),
            ("lab", env!("CARGO_PKG_VERSION").to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        facts.extend(versions(scanners));
        Self(facts)
    }
}

fn versions(scanners: &[Scanner]) -> Vec<(String, String)> {
    let known = KNOWN.iter().map(|name| (*name).to_owned());
    let others = scanners.iter().map(|scanner| scanner.name.clone());
    let others = others.filter(|name| !KNOWN.contains(&&**name));
    known
        .chain(others)
        .map(|name| {
            let version = match scanners.iter().find(|scanner| scanner.name == name) {
                Some(scanner) => scanner.version.as_deref().unwrap_or("unknown"),
                None => "not compared",
            };
            (name, version.to_owned())
        })
        .collect()
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
