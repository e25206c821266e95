//! Takes turns: every round runs every program of a row once, each round beginning with another one, so that a machine
//! that grows slower or faster does so for all. It knows nothing of tables and goals.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::network::Network;
use crate::once::{End, Outcome};
use crate::program::{Paths, Program, Reading};
use crate::row::Row;
use crate::server::Server;

/// How often, and for how long at most.
#[derive(Debug)]
pub(crate) struct Turns {
    pub(crate) rounds: u16,
    pub(crate) slow_rounds: u16,
    pub(crate) timeout_s: u64,
}

/// One run.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) seconds: f64,
    pub(crate) peak_kib: u64,
    pub(crate) reading: Reading,
    /// Whether it ran to its end, or to its interruption; its time counts only then.
    pub(crate) ended: bool,
}

/// All runs of one program in one row.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) program: Program,
    pub(crate) samples: Vec<Sample>,
}

/// Everything seen in one row.
#[derive(Debug)]
pub(crate) struct RowResult {
    pub(crate) row: Row,
    pub(crate) series: Vec<Series>,
}

impl RowResult {
    /// The runs of `program`, when it took part.
    pub(crate) fn of(&self, program: Program) -> Option<&Series> {
        self.series.iter().find(|series| series.program == program)
    }
}

impl Series {
    fn seconds(&self) -> Vec<f64> {
        let mut all: Vec<f64> = self
            .samples
            .iter()
            .filter(|s| s.ended)
            .map(|s| s.seconds)
            .collect();
        all.sort_by(f64::total_cmp);
        all
    }

    /// The middle of the times, in seconds; of an even number the mean of the middle two.
    pub(crate) fn median(&self) -> Option<f64> {
        let all = self.seconds();
        let (&low, &high) = (
            all.get(all.len().checked_sub(1)? / 2)?,
            all.get(all.len() / 2)?,
        );
        Some(f64::midpoint(low, high))
    }

    /// The shortest and the longest time, in seconds.
    pub(crate) fn range(&self) -> Option<(f64, f64)> {
        let all = self.seconds();
        Some((*all.first()?, *all.last()?))
    }

    /// The largest peak of memory of all runs, in KiB.
    pub(crate) fn peak_kib(&self) -> Option<u64> {
        self.samples
            .iter()
            .filter(|s| s.ended)
            .map(|s| s.peak_kib)
            .max()
    }

    /// The fewest and the most open ports found.
    pub(crate) fn open(&self) -> Option<(u64, u64)> {
        let open = || {
            self.samples
                .iter()
                .filter(|s| s.ended)
                .map(|s| s.reading.open)
        };
        Some((open().min()?, open().max()?))
    }

    /// How many runs are no fair sample.
    pub(crate) fn faults(&self) -> usize {
        let faults = self.samples.iter().filter(|s| s.reading.fault.is_some());
        faults.count()
    }

    /// Probes a second: those of the plan, or those that the program says it made where the run was cut short.
    pub(crate) fn rate(&self, row: Row) -> Option<f64> {
        let mut tested: Vec<u64> = self
            .samples
            .iter()
            .filter_map(|s| s.reading.tested)
            .collect();
        tested.sort_unstable();
        let probes = row
            .probes()
            .or_else(|| tested.get(tested.len() / 2).copied())?;
        Some(probes as f64 / self.median()?)
    }
}

/// Prepares the far side for `row` and measures it.
///
/// # Errors
/// When the far side can't be prepared or a run can't be watched. That a program fails is no error: it is in the result.
pub(crate) fn row(row: Row, turns: &Turns, network: &Network, paths: &Paths) -> Result<RowResult> {
    network.load_rules(&row.rules())?;
    let _server = Server::start(network, &row.listeners())?;
    let mut series: Vec<Series> = row
        .programs()
        .iter()
        .map(|&program| Series {
            program,
            samples: Vec::new(),
        })
        .collect();
    for round in 0..turns.rounds {
        let first = usize::from(round) % series.len();
        series.rotate_left(first);
        for one in &mut series {
            if one.is_due(row, round, turns) {
                one.samples.push(sample(one.program, row, turns, paths)?);
                one.tell(row, round, turns);
            }
        }
        series.rotate_right(first);
    }
    Ok(RowResult { row, series })
}

impl Series {
    /// A program that could not be started, or was too slow for its limit, is not tried again.
    fn is_due(&self, row: Row, round: u16, turns: &Turns) -> bool {
        let given_up = self.samples.iter().any(|s| !s.ended);
        !given_up && (!self.program.is_slow(row) || round < turns.slow_rounds)
    }

    fn tell(&self, row: Row, round: u16, turns: &Turns) {
        let Some(sample) = self.samples.last() else {
            return;
        };
        let fault = sample.reading.fault.as_deref().unwrap_or("");
        let (title, name, rounds) = (row.title(), self.program.name(), turns.rounds);
        eprintln!(
            "{title} · round {} of {rounds} · {name}: {:.3} s {fault}",
            round + 1,
            sample.seconds
        );
    }
}

fn sample(program: Program, row: Row, turns: &Turns, paths: &Paths) -> Result<Sample> {
    let outcome = run(&program.command(row, paths), row, turns, paths)?;
    let ended = matches!(outcome.end, End::Code(_) | End::Interrupted(_));
    let reading = program.read(row, &outcome);
    Ok(Sample {
        seconds: outcome.seconds,
        peak_kib: outcome.peak_kib,
        reading,
        ended,
    })
}

fn run(command: &[String], row: Row, turns: &Turns, paths: &Paths) -> Result<Outcome> {
    let mut held = vec![format!("--timeout-s={}", turns.timeout_s)];
    held.extend(row.interrupt_s().map(|s| format!("--interrupt-s={s}")));
    held.extend(row.one_core().then(|| "--core=0".to_owned()));
    watched(&paths.bench, &held, command)
}

/// Runs a command under `once`, which is held as these options say. Its standard input stays open for as long as the run is wanted.
///
/// # Errors
/// When the run can't be watched. That the command fails is no error: it is in the outcome.
pub(crate) fn watched(bench: &Path, held: &[String], command: &[String]) -> Result<Outcome> {
    let tried = || format!("running `{}`", command.join(" "));
    let mut once = Command::new(bench);
    once.arg("once").args(held);
    once.arg("--")
        .args(command)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = once.spawn().with_context(tried)?;
    let wanted = child.stdin.take();
    let output = child.wait_with_output().with_context(tried)?;
    drop(wanted);
    ensure!(
        output.status.success(),
        "{}: the run could not be watched ({})",
        tried(),
        output.status
    );
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("{}: reading the outcome", tried()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(seconds: &[f64]) -> Series {
        let reading = Reading {
            open: 0,
            tested: None,
            fault: None,
        };
        let sample = |&seconds: &f64| Sample {
            seconds,
            peak_kib: 1,
            reading: reading.clone(),
            ended: true,
        };
        Series {
            program: Program::Nmap,
            samples: seconds.iter().map(sample).collect(),
        }
    }

    #[test]
    fn the_median_is_the_middle_or_the_mean_of_two() {
        assert_eq!(series(&[3.0, 1.0, 2.0]).median(), Some(2.0));
        assert_eq!(series(&[4.0, 1.0, 2.0, 3.0]).median(), Some(2.5));
        assert_eq!(series(&[]).median(), None);
    }

    #[test]
    fn a_run_that_did_not_end_has_no_time() {
        let mut series = series(&[1.0, 180.0]);
        series.samples[1].ended = false;
        assert_eq!(series.range(), Some((1.0, 1.0)));
    }
}
