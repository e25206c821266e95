//! The peak memory of one format: a child process writes a scan and says how much it had at most.

use std::error::Error;
use std::fs;
use std::io::{self, Write as _};
use std::process::{Command, ExitCode};

use libtest_mimic::{Failed, Trial};
use picaporte::report::Format;

use crate::many::Many;

/// The word that makes a child of this program.
pub(crate) const WRITE: &str = "write";
/// By how much the peak of a process varies from run to run and with what the allocator keeps for later. To keep 80 bytes of
/// each host, or 8 of each open port, is beyond it.
const MARGIN_KIB: u64 = 1_024;
/// Hosts of a block, which are under way together: fewer than a scan's, so that small scans have several.
const BLOCK: u32 = 512;
const LARGE: u32 = 16_384;

/// From how many hosts on a format keeps no more: the page and Markdown keep rows of 4,096 hosts.
const fn small(format: Format) -> u32 {
    match format {
        Format::Html | Format::Markdown => 5_120,
        _ => 2_048,
    }
}

/// One for each format.
pub(crate) fn trials() -> Vec<Trial> {
    let trial = |format: Format| Trial::test(format.name(), move || does_not_grow(format));
    Format::ALL.into_iter().map(trial).collect()
}

fn does_not_grow(format: Format) -> Result<(), Failed> {
    let [before, after] = [small(format), LARGE].map(|hosts| peak_kib(format, hosts));
    let (before, after) = (before?, after?);
    if std::env::var_os("VOLUME_SHOW").is_some() {
        eprintln!("{} {before} {after}", format.name());
    }
    if after <= before + MARGIN_KIB {
        return Ok(());
    }
    let (name, small) = (format.name(), small(format));
    Err(format!("{name}: {before} KiB for {small} hosts, {after} KiB for {LARGE}").into())
}

/// The most resident memory, in KiB, of a process that writes a scan in this format.
fn peak_kib(format: Format, hosts: u32) -> Result<u64, Failed> {
    let mut child = Command::new(std::env::current_exe()?);
    child.args([WRITE, format.name(), &hosts.to_string()]);
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
    let [format, hosts] = order else {
        return Err("a format and a number of hosts are missing".into());
    };
    let scan = Many {
        hosts: hosts.parse()?,
        block: BLOCK,
    };
    scan.write(Format::by_name(format)?, &mut io::sink())?;
    // proc(5): the peak of the resident set, since the program was executed.
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(kib.ok_or("no VmHWM in /proc/self/status")?.parse()?)
}
