//! How long a list takes of a store with 1,000 scans of 1,000 hosts each. Every list is the first after its file was opened, and
//! nothing of the file is in memory then: so a user meets it.

use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
use picaporte_core::PortSet;
use picaporte_store::{Filter, Findings, Options, Stage, Store};

use super::sample::{address, end, host, meta, open, started};

const SCANS: u32 = 1_000;
const HOSTS: u32 = 1_000;
/// Scans begin so many addresses apart, and begin anew with the first address after so many scans.
const APART: u32 = 500;
const PLACES: u32 = 50;
/// In one scan of so many a port is open that is open in no other.
const RARE_EVERY: u32 = 10;
const RARE: u16 = 8443;
/// Seconds that a list may take.
const GOAL: f64 = 0.1;

/// Times of one list, in seconds.
struct Row {
    words: &'static str,
    found: usize,
    seconds: Vec<f64>,
}

/// Makes the store, lists it so many times by every filter, and says what it took.
pub(super) fn measure(rounds: u16, folder: &Path) -> Result<String> {
    let path = folder.join("list.db");
    let begun = Instant::now();
    fill(&path)?;
    let (filled, bytes) = (begun.elapsed().as_secs_f64(), path.metadata()?.len());
    let mut rows = Vec::new();
    for (words, filter) in filters() {
        let mut row = Row {
            words,
            found: 0,
            seconds: Vec::new(),
        };
        for _ in 0..rounds {
            forget(&path)?;
            let begun = Instant::now();
            row.found = Store::open(&path, Options::default())?.list(&filter)?.len();
            row.seconds.push(begun.elapsed().as_secs_f64());
        }
        row.seconds.sort_by(f64::total_cmp);
        rows.push(row);
    }
    let mut text = table(&rows);
    let mib = bytes as f64 / f64::from(1 << 20);
    let _ = writeln!(
        text,
        "\nThe file has {mib:.0} MiB, and was written in {filled:.1} s, scan by scan."
    );
    Ok(text)
}

fn fill(path: &Path) -> Result<()> {
    let store = Store::create(path, Options::default())?;
    for number in 0..SCANS {
        let first = number % PLACES * APART;
        let scan = meta(number, first, HOSTS);
        let writer = store.begin(&scan)?;
        writer.tell(findings(number, first));
        writer.finish(end(&scan))?;
    }
    Ok(())
}

/// Every host has port 22 open, and 99 more closed.
fn findings(number: u32, first: u32) -> Findings {
    let mut findings = Findings::default();
    let rare = number.is_multiple_of(RARE_EVERY).then_some(RARE);
    let ports = PortSet::from_ports([22].into_iter().chain(rare));
    let closed = PortSet::from_ranges(vec![(1, 21), (23, 100)]);
    for n in first..first + HOSTS {
        for port in ports.iter() {
            findings.port(&open(n, port));
        }
        findings.host(&host(n, ports.clone(), closed.clone()), Stage::Done);
    }
    findings
}

fn filters() -> [(&'static str, Filter); 9] {
    let any = Filter::default();
    let host = Some(address(PLACES / 2 * APART + 7));
    let since = Some(started(SCANS / 2));
    let open = |open| Filter {
        open: Some(open),
        ..any
    };
    [
        ("all of them", any),
        (
            "the newest 20",
            Filter {
                limit: Some(20),
                ..any
            },
        ),
        ("by day", Filter { since, ..any }),
        ("by host", Filter { host, ..any }),
        ("by a port that is open in all", open(22)),
        ("by a port that is open in some", open(RARE)),
        ("by a port that is open in none", open(23)),
        (
            "by host and a port that is open there",
            Filter { host, ..open(22) },
        ),
        (
            "by day, host and port",
            Filter {
                host,
                since,
                ..open(22)
            },
        ),
    ]
}

/// Has the system write the file out and forget what it read of it.
fn forget(path: &Path) -> Result<()> {
    let tried = || format!("forgetting {}", path.display());
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    ensure!(
        !Path::new(&log).exists(),
        "the store's log is still there: it is open elsewhere"
    );
    let file = File::open(path).with_context(tried)?;
    file.sync_all().with_context(tried)?;
    posix_fadvise(&file, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED).with_context(tried)
}

fn table(rows: &[Row]) -> String {
    let mut text = format!(
        "| {SCANS} scans, listed | found | median ms | min–max ms | goal: {:.0} ms |\n| --- | --: | --: | --: | --- |\n",
        GOAL * 1e3
    );
    for row in rows {
        let (first, last) = (row.seconds[0], row.seconds[row.seconds.len() - 1]);
        let median = row.seconds[row.seconds.len() / 2];
        let met = if last <= GOAL { "met" } else { "NOT MET" };
        let _ = writeln!(
            text,
            "| {} | {} | {:.1} | {:.1}–{:.1} | {met} |",
            row.words,
            row.found,
            median * 1e3,
            first * 1e3,
            last * 1e3
        );
    }
    text
}
