//! The peak memory of one report: a child process writes a scan and says how much it had at most.

use std::error::Error;
use std::fs;
use std::io::{self, Write as _};
use std::process::{Command, ExitCode};

use libtest_mimic::{Failed, Trial};
use picaporte::report::Format;

use crate::keeping::Keeping;
use crate::many::Many;

/// The word that makes a child of this program.
pub(crate) const WRITE: &str = "write";
/// In place of a format: a report that keeps something of every open port.
const KEEPING: &str = "keeping";
/// By how much a peak may be higher. Ten runs of one format differed by up to 300 KiB, with what the allocator keeps for later;
/// to keep 100 bytes of each host is beyond it.
const MARGIN_KIB: u64 = 1_024;
/// Hosts of a block, which are under way together: fewer than a scan's, so that small scans have several.
const BLOCK: u32 = 512;
const SMALL: u32 = 2_048;
/// The page and Markdown have rows of 4,096 hosts before anything is written or folded.
const SMALL_OF_ROWS: u32 = 5_120;
const LARGE: u32 = 16_384;

/// One for each format.
pub(crate) fn trials() -> Vec<Trial> {
    let trial = |format: Format| {
        let small = match format {
            Format::Html | Format::Markdown => SMALL_OF_ROWS,
            _ => SMALL,
        };
        Trial::test(format.name(), move || does_not_grow(format.name(), small))
    };
    let seen = Trial::test("what_grows_is_seen", what_grows_is_seen);
    Format::ALL.into_iter().map(trial).chain([seen]).collect()
}

fn does_not_grow(report: &str, small: u32) -> Result<(), Failed> {
    let (before, after) = (peak_kib(report, small)?, peak_kib(report, LARGE)?);
    if after <= before + MARGIN_KIB {
        return Ok(());
    }
    Err(format!(
        "{report} grows: {before} KiB for {small} hosts, {after} KiB for {LARGE}; margin {MARGIN_KIB} KiB"
    )
    .into())
}

fn what_grows_is_seen() -> Result<(), Failed> {
    match does_not_grow(KEEPING, SMALL) {
        Err(why) if why.message().is_some_and(|text| text.contains("grows")) => Ok(()),
        other => Err(format!("a report that keeps every open port: {other:?}").into()),
    }
}

/// The most resident memory, in KiB, of a process that writes a scan so.
fn peak_kib(report: &str, hosts: u32) -> Result<u64, Failed> {
    let mut child = Command::new(std::env::current_exe()?);
    child.args([WRITE, report, &hosts.to_string()]);
    let output = child.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().map_err(|why| {
        let error = String::from_utf8_lossy(&output.stderr);
        format!("{child:?}: {why} in '{text}'; {error}").into()
    })
}

/// Writes a scan where nobody keeps it, and prints the peak.
pub(crate) fn write(order: &[String]) -> ExitCode {
    match written(order) {
        Ok(kib) => {
            let _ = writeln!(io::stdout(), "{kib}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            let _ = writeln!(io::stderr(), "{why}");
            ExitCode::FAILURE
        }
    }
}

fn written(order: &[String]) -> Result<u64, Box<dyn Error>> {
    let [report, hosts] = order else {
        return Err("a format and a number of hosts are missing".into());
    };
    let scan = Many {
        hosts: hosts.parse()?,
        block: BLOCK,
    };
    if report == KEEPING {
        scan.report(&mut Keeping::default(), &mut io::sink())?;
    } else {
        scan.write(Format::by_name(report)?, &mut io::sink())?;
    }
    most_resident_kib()
}

/// Of this process, since it was executed (proc(5)).
fn most_resident_kib() -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(kib.ok_or("no VmHWM in /proc/self/status")?.parse()?)
}
