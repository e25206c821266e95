//! How many verdicts a second a writer takes, and what that costs the scan's thread, the writer's and the disk. What is told is
//! made beforehand: only telling and keeping are timed.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use picaporte_core::order::Permutation;
use picaporte_core::scan::HostReport;
use picaporte_core::{PortSet, Reason, Verdict};
use picaporte_store::{Decided, Findings, Options, Stage, Store};

use super::sample::{end, host, meta, open};
use crate::machine::{processor_of_others, processor_of_this_thread};

/// How often a scan tells what it found.
const EVERY: Duration = Duration::from_millis(250);
/// How many verdicts a second a fast scan brings; it is also the goal.
const PACE: u64 = 150_000;
const BATCH: u64 = PACE * EVERY.as_millis() as u64 / 1000;
/// Hosts of a block, as many as a scan has at most.
const HOSTS: u32 = 4_096;
/// One port of so many is open.
const OPEN_EVERY: u32 = 64;
/// Bytes of the progress that a scan with two threads tells each time.
const PROGRESS: [u8; 40] = [7; 40];

/// Blocks of hosts, one after the other. Within one, every port of every host comes once, in no order: so most hosts are done
/// when their block nearly is.
#[derive(Clone, Copy)]
struct Load {
    words: &'static str,
    ports: u16,
    blocks: u32,
}

const LOADS: [Load; 2] = [
    Load {
        words: "256 ports of 4,096 hosts, three times",
        ports: 256,
        blocks: 3,
    },
    Load {
        words: "one port of 4,096 hosts, 256 times",
        ports: 1,
        blocks: 256,
    },
];

/// What is told at once.
#[derive(Default)]
struct Batch {
    decided: Vec<Decided>,
    open: Vec<Verdict>,
    done: Vec<HostReport>,
}

struct Row {
    words: &'static str,
    /// At the pace of a scan, or else as fast as it is taken.
    paced: bool,
    verdicts: u64,
    /// From the first word to the last on the disk.
    took: Duration,
    /// The longest that one telling took of that.
    longest: Duration,
    /// Seconds of processor that telling used, and the writer.
    telling: f64,
    writer: f64,
    bytes: u64,
}

/// Tells of every load at the pace of a fast scan, and then as fast as it is taken.
pub(super) fn measure(folder: &Path) -> Result<String> {
    let mut rows = Vec::new();
    for load in LOADS {
        let batches = load.batches();
        for paced in [true, false] {
            rows.push(told(load, &batches, paced, folder)?);
        }
    }
    Ok(table(&rows))
}

impl Load {
    fn verdicts(self) -> u64 {
        u64::from(HOSTS) * u64::from(self.ports) * u64::from(self.blocks)
    }

    fn batches(self) -> Vec<Batch> {
        let mut batches = Vec::new();
        let mut batch = Batch::default();
        for block in 0..self.blocks {
            let order = Permutation::new(u64::from(HOSTS) * u64::from(self.ports), block.into());
            let mut left = vec![self.ports; HOSTS as usize];
            for n in 0..order.len() {
                let at = order.get(n);
                let in_block = (at / u64::from(self.ports)) as usize;
                let port = (at % u64::from(self.ports)) as u16 + 1;
                left[in_block] -= 1;
                let host = block * HOSTS + in_block as u32;
                batch.add(host, port, (left[in_block] == 0).then_some(self.ports));
                if batch.decided.len() as u64 == BATCH {
                    batches.push(std::mem::take(&mut batch));
                }
            }
        }
        batches.push(batch);
        batches
    }
}

fn is_open(host: u32, port: u16) -> bool {
    (host + u32::from(port)).is_multiple_of(OPEN_EVERY)
}

impl Batch {
    /// Adds a port, and all of its host if that has so many ports and this was the last.
    fn add(&mut self, number: u32, port: u16, done: Option<u16>) {
        let reason = if is_open(number, port) {
            self.open.push(open(number, port));
            Reason::SynAck
        } else {
            Reason::ConnRefused
        };
        self.decided.push(Decided {
            host: number.into(),
            reason,
            port,
        });
        if let Some(ports) = done {
            let (open, closed): (Vec<u16>, Vec<u16>) =
                (1..=ports).partition(|&port| is_open(number, port));
            let [open, closed] = [open, closed].map(PortSet::from_ports);
            self.done.push(host(number, open, closed));
        }
    }

    fn findings(&self) -> Findings {
        let mut findings = Findings::default();
        self.open.iter().for_each(|port| findings.port(port));
        findings.decided(&self.decided);
        for host in &self.done {
            findings.host(host, Stage::Done);
        }
        for part in 0..2 {
            findings.progress(part, &PROGRESS);
        }
        findings
    }
}

fn told(load: Load, batches: &[Batch], paced: bool, folder: &Path) -> Result<Row> {
    let path = folder.join("write.db");
    let store = Store::create(&path, Options::default())?;
    let scan = meta(1, 0, HOSTS * load.blocks);
    let writer = store.begin(&scan)?;
    let pause = if paced { EVERY } else { Duration::ZERO };
    let before = processor_of_others()?;
    let (mut telling, mut longest) = (0.0, Duration::ZERO);
    let begun = Instant::now();
    for (n, batch) in (0..).zip(batches) {
        std::thread::sleep((pause * n).saturating_sub(begun.elapsed()));
        let (called, used) = (Instant::now(), processor_of_this_thread()?);
        writer.tell(batch.findings());
        longest = longest.max(called.elapsed());
        telling += processor_of_this_thread()? - used;
    }
    writer.finish(end(&scan)).context("keeping the scan")?;
    let took = begun.elapsed();
    let used = processor_of_others()? - before;
    drop(store);
    let bytes = path.metadata()?.len();
    std::fs::remove_file(&path)?;
    Ok(Row {
        words: load.words,
        paced,
        verdicts: load.verdicts(),
        took,
        longest,
        telling,
        writer: used,
        bytes,
    })
}

impl Row {
    fn rate(&self) -> f64 {
        self.verdicts as f64 / self.took.as_secs_f64()
    }

    /// In hundredths of one core.
    fn share(&self, seconds: f64) -> f64 {
        seconds / self.took.as_secs_f64() * 100.0
    }
}

fn table(rows: &[Row]) -> String {
    let mut text = format!(
        "| what is told | told a second | verdicts | kept a second | processor of the scan's threads | longest call | \
         processor of the writer | bytes a verdict | goal: {PACE} a second |\n\
         | --- | --: | --: | --: | --: | --: | --: | --: | --- |\n",
    );
    for row in rows {
        let told = if row.paced {
            PACE.to_string()
        } else {
            "all that is taken".to_owned()
        };
        let goal = match (row.paced, row.rate() >= PACE as f64) {
            (true, _) => "",
            (false, true) => "met",
            (false, false) => "NOT MET",
        };
        let _ = writeln!(
            text,
            "| {} | {told} | {} | {:.0} | {:.1} % | {:.1} ms | {:.1} % | {:.2} | {goal} |",
            row.words,
            row.verdicts,
            row.rate(),
            row.share(row.telling),
            row.longest.as_secs_f64() * 1e3,
            row.share(row.writer),
            row.bytes as f64 / row.verdicts as f64
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_port_is_told_once_and_every_host_with_all_of_them() {
        let load = Load {
            words: "",
            ports: 3,
            blocks: 4,
        };
        let batches = load.batches();
        let decided = batches.iter().flat_map(|batch| &batch.decided);
        let pairs: BTreeSet<_> = decided.map(|d| (d.host, d.port)).collect();
        assert_eq!(pairs.len() as u64, load.verdicts());
        let told: usize = batches.iter().map(|batch| batch.decided.len()).sum();
        assert_eq!(told as u64, load.verdicts());
        let hosts: Vec<_> = batches.iter().flat_map(|batch| &batch.done).collect();
        let numbers: BTreeSet<_> = hosts.iter().map(|host| host.index).collect();
        assert_eq!(numbers.len(), hosts.len());
        assert_eq!(hosts.len() as u32, HOSTS * load.blocks);
        assert!(hosts.iter().all(|host| host.counts.tested() == 3));
        let open: u64 = hosts.iter().map(|host| u64::from(host.open.len())).sum();
        let listed: usize = batches.iter().map(|batch| batch.open.len()).sum();
        assert_eq!(open, listed as u64);
    }
}
