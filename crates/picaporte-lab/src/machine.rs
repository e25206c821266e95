//! What a reader must know of a machine to judge figures that were taken on it.

use std::fs;
use std::thread;

use nix::sys::utsname::uname;

/// Date, kernel, processor, memory, and whether it is busy with something else: a name and a value each.
pub fn facts() -> Vec<(&'static str, String)> {
    let cores = thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let kernel = uname().map_or("unknown".to_owned(), |it| {
        format!("{} {}", it.sysname().display(), it.release().display())
    });
    let date = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    let processor = format!("{cores} × {}", value_in("/proc/cpuinfo", "model name"));
    vec![
        ("date", date),
        ("kernel", kernel),
        ("processor", processor),
        ("memory", value_in("/proc/meminfo", "MemTotal")),
        ("load before", first_word("/proc/loadavg")),
    ]
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
