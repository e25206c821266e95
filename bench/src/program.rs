//! The programs compared: how each is called for a row, and how its findings are read from what it prints. It knows
//! nothing of namespaces, rounds or tables.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::once::{End, Outcome};
use crate::row::Row;

/// One column of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    Picaporte,
    /// The same, its scans kept.
    PicaporteKept,
    Bare,
    BareFresh,
    Nmap,
    RustScan,
    RustScanWide,
}

/// Where the programs are that are not found by their name.
#[derive(Debug)]
pub(crate) struct Paths {
    pub(crate) picaporte: PathBuf,
    /// This program.
    pub(crate) bench: PathBuf,
    /// The file for scans that are kept; not there until one is.
    pub(crate) store: PathBuf,
    /// Cores that this process may use.
    pub(crate) cores: usize,
}

impl Paths {
    /// Picaporte is taken from beside this program, where `cargo build` puts it, unless `picaporte` says otherwise.
    ///
    /// # Errors
    /// When this program can't find itself.
    pub(crate) fn find(picaporte: Option<&Path>) -> Result<Self> {
        let bench = env::current_exe().context("finding this program's own path")?;
        let beside = bench.with_file_name("picaporte");
        let cores = std::thread::available_parallelism()
            .context("counting the cores")?
            .get();
        Ok(Self {
            picaporte: picaporte.map_or(beside, Path::to_owned),
            bench,
            store: env::temp_dir().join("picaporte-bench.db"),
            cores,
        })
    }
}

/// What a program says it found, and whatever is wrong with it.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    pub(crate) open: u64,
    /// Probes made, where the program says so.
    pub(crate) tested: Option<u64>,
    /// Why this run is no fair sample: one line.
    pub(crate) fault: Option<String>,
}

impl Program {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Picaporte => "picaporte",
            Self::PicaporteKept => "picaporte --store FILE",
            Self::Bare => "bare loop (the limit)",
            Self::BareFresh => "bare loop, fresh sockets",
            Self::Nmap => "nmap -sT -T4",
            Self::RustScan => "rustscan",
            Self::RustScanWide => "rustscan -b 15000",
        }
    }

    /// Whether a run takes more than a minute, so that it is not repeated in every round.
    pub(crate) fn is_slow(self, row: Row) -> bool {
        self == Self::Nmap && row == Row::Silent
    }

    /// The command line for `row`, the program first.
    pub(crate) fn command(self, row: Row, paths: &Paths) -> Vec<String> {
        let (target, ports) = (row.target(), row.ports());
        match self {
            Self::Picaporte | Self::PicaporteKept => {
                let program = paths.picaporte.to_string_lossy();
                let file = paths.store.to_string_lossy();
                let kept = self == Self::PicaporteKept;
                let store = if kept { &*file } else { "none" };
                let mut line = words(&program, "scan --progress none --format jsonl");
                line.extend(["--store", store, "-p", ports, target].map(str::to_owned));
                line
            }
            Self::Bare | Self::BareFresh => {
                let threads = row.threads(paths.cores);
                let fresh = if self == Self::BareFresh {
                    "--fresh"
                } else {
                    ""
                };
                let rest =
                    format!("bare --target {target} --ports {ports} --threads {threads} {fresh}");
                words(&paths.bench.to_string_lossy(), &rest)
            }
            Self::Nmap => {
                let six = if row == Row::ClosedIpv6 { "-6" } else { "" };
                words(
                    "nmap",
                    &format!("{six} -sT -n -Pn -T4 -p {ports} -oG - {target}"),
                )
            }
            Self::RustScan | Self::RustScanWide => {
                let batch = if self == Self::RustScanWide {
                    "-b 15000"
                } else {
                    ""
                };
                let rest = format!(
                    "--no-config --no-banner --scripts none -g {batch} -a {target} -r {ports}"
                );
                words("rustscan", &rest)
            }
        }
    }

    /// Reads the findings, and holds them against what the row has to be found.
    pub(crate) fn read(self, row: Row, outcome: &Outcome) -> Reading {
        let mut reading = match self {
            Self::Picaporte | Self::PicaporteKept => read_picaporte(row, &outcome.stdout),
            Self::Bare | Self::BareFresh => read_bare(&outcome.stdout),
            Self::Nmap => plain(outcome.stdout.matches("/open/tcp").count()),
            Self::RustScan | Self::RustScanWide => {
                plain(outcome.stdout.lines().map(count_in_brackets).sum())
            }
        };
        let wrong = wrong(row, &reading);
        reading.fault = end_fault(row, outcome).or(reading.fault).or(wrong);
        reading
    }
}

fn words(program: &str, rest: &str) -> Vec<String> {
    std::iter::once(program)
        .chain(rest.split_whitespace())
        .map(str::to_owned)
        .collect()
}

fn plain(open: usize) -> Reading {
    Reading {
        open: open as u64,
        tested: None,
        fault: None,
    }
}

/// `probes 65535 refused 65535 open 0 seconds 0.4 rate 160000`
fn read_bare(stdout: &str) -> Reading {
    let mut words = stdout.split_whitespace();
    let mut number_after = |name: &str| {
        words
            .by_ref()
            .skip_while(|w| *w != name)
            .nth(1)
            .and_then(|w| w.parse().ok())
    };
    let (tested, open) = (number_after("probes"), number_after("open"));
    let fault = open
        .is_none()
        .then(|| "its line could not be read".to_owned());
    Reading {
        open: open.unwrap_or_default(),
        tested,
        fault,
    }
}

/// `192.0.2.2 -> [22,131,262]`
fn count_in_brackets(line: &str) -> usize {
    let inside = line
        .split_once("-> [")
        .and_then(|(_, rest)| rest.strip_suffix(']'));
    inside.map_or(0, |ports| {
        ports
            .split(',')
            .filter(|port| !port.trim().is_empty())
            .count()
    })
}

fn read_picaporte(row: Row, stdout: &str) -> Reading {
    let (mut open, mut end) = (0, None);
    for line in stdout.lines() {
        let Ok(value) = serde_json::from_str::<Value>(line) else {
            return Reading {
                open,
                tested: None,
                fault: Some(format!("not JSON: {}", shortened(line))),
            };
        };
        match value["type"].as_str() {
            Some("port") if value["state"] == "open" => open += 1,
            Some("end") => end = Some(value),
            _ => {}
        }
    }
    let Some(end) = end else {
        return Reading {
            open,
            tested: None,
            fault: Some("no `end` line".to_owned()),
        };
    };
    Reading {
        open,
        tested: end["tested"].as_u64(),
        fault: end_line_fault(row, open, &end),
    }
}

/// The `end` line has to agree with the lines before it, and with the plan where the plan was carried out.
fn end_line_fault(row: Row, open: u64, end: &Value) -> Option<String> {
    let names = [
        "planned", "tested", "untested", "open", "closed", "filtered",
    ];
    let counts = names.map(|name| end[name].as_u64());
    let [
        Some(planned),
        Some(tested),
        Some(untested),
        Some(said),
        Some(closed),
        Some(filtered),
    ] = counts
    else {
        return Some("a count is missing from the `end` line".to_owned());
    };
    if planned != tested + untested || tested != said + closed + filtered {
        return Some(format!("the `end` line does not add up: {end}"));
    }
    if said != open {
        return Some(format!("{open} open in lines, {said} in the `end` line"));
    }
    let probes = row.probes()?;
    (tested != probes || end["complete"] != true).then(|| format!("tested {tested} of {probes}"))
}

fn end_fault(row: Row, outcome: &Outcome) -> Option<String> {
    let said = || shortened(outcome.stderr.trim().lines().last().unwrap_or_default());
    match outcome.end {
        End::Code(0) => row
            .interrupt_s()
            .map(|_| "ended before it was interrupted".to_owned()),
        End::Interrupted(130) => None,
        End::Code(code) | End::Interrupted(code) => Some(format!("exit code {code}: {}", said())),
        End::Signal(signal) => Some(format!("ended by signal {signal}: {}", said())),
        End::TimedOut => Some("timed out".to_owned()),
        End::NotStarted => Some(format!("not installed: {}", said())),
    }
}

fn wrong(row: Row, reading: &Reading) -> Option<String> {
    let (found, there) = (reading.open, row.open());
    (found != there).then(|| format!("found {found} open, there are {there}"))
}

fn shortened(line: &str) -> String {
    line.chars().filter(|c| !c.is_control()).take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rustscan_lists_ports_in_brackets() {
        assert_eq!(count_in_brackets("192.0.2.2 -> [22,131,262]"), 3);
        assert_eq!(count_in_brackets("192.0.2.2 -> []"), 0);
        assert_eq!(count_in_brackets("anything else"), 0);
    }

    #[test]
    fn the_bare_loop_says_probes_and_open() {
        let reading = read_bare("probes 65535 refused 65534 open 1 seconds 0.41 rate 159000\n");
        assert_eq!(
            (reading.tested, reading.open, reading.fault),
            (Some(65_535), 1, None)
        );
        assert!(read_bare("").fault.is_some());
    }

    #[test]
    fn an_end_line_that_does_not_add_up_is_a_fault() {
        let end = |tested, untested| {
            format!(
                "{{\"type\":\"end\",\"planned\":65535,\"tested\":{tested},\"untested\":{untested},\"open\":0,\
                 \"closed\":{tested},\"filtered\":0,\"complete\":true}}"
            )
        };
        assert_eq!(read_picaporte(Row::Closed, &end(65_535, 0)).fault, None);
        assert!(read_picaporte(Row::Closed, &end(65_534, 0)).fault.is_some());
        assert!(read_picaporte(Row::Closed, &end(65_534, 1)).fault.is_some());
        assert!(read_picaporte(Row::Closed, "").fault.is_some());
        assert!(
            read_picaporte(Row::Wide, "{\"type\":\"end\"}")
                .fault
                .is_some()
        );
    }
}
