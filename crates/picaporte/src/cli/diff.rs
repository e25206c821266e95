//! The command `diff`: two files are read, held against each other, and what is different is written. It knows files and the
//! order of things; reading, comparing and writing are done elsewhere.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use anyhow::{Result, anyhow, bail};
use picaporte_diff::{Changes, Limits, Snapshot, Wanted, compare};

use super::args::DiffArgs;
use super::exit::Exit;
use super::files::is_standard;
use super::message::{self, reason};
use super::scan;
use super::stdout::flush;
use crate::report::{ChangesReport, Compared, Side};

/// What is longer is written at once.
const BUFFER: usize = 1 << 16;

/// Compares.
///
/// # Errors
/// One sentence for standard error that names the file and the place.
pub(crate) fn run(args: &DiffArgs) -> Result<Exit> {
    if is_standard(&args.old) && is_standard(&args.new) {
        bail!(
            "OLD and NEW are both '-'; standard input can be read once, name a file for one of them"
        );
    }
    let wanted = Wanted {
        evidence: args.evidence,
    };
    let old = read("OLD", &args.old, wanted)?;
    let new = read("NEW", &args.new, wanted)?;
    let changes = compare(&old, &new);
    write(args, [&old, &new], &changes)?;
    Ok(if changes.is_empty() {
        Exit::Done
    } else {
        Exit::Differs
    })
}

/// Reads the scan that an argument names; `which` is what the argument is called.
///
/// # Errors
/// One sentence that names the argument, the file and the place.
pub(crate) fn read(which: &str, path: &Path, wanted: Wanted) -> Result<Snapshot> {
    let called = if is_standard(path) {
        format!("{which} (standard input)")
    } else {
        format!("{which} '{}'", path.display())
    };
    let input: Box<dyn Read> = if is_standard(path) {
        Box::new(io::stdin().lock())
    } else {
        Box::new(open(path).map_err(|why| anyhow!("{called} {why}"))?)
    };
    let read = picaporte_diff::read(input, wanted, &Limits::default());
    read.map_err(|error| match error.place {
        picaporte_diff::Place::Whole => {
            anyhow!("{called} {}", message::without_number(&error.what))
        }
        place => anyhow!(
            "{called}, {place}: {}",
            message::without_number(&error.what)
        ),
    })
}

/// Why a file can't be opened goes after its name.
fn open(path: &Path) -> Result<File, String> {
    match File::open(path) {
        Ok(file) if file.metadata().is_ok_and(|file| file.is_dir()) => {
            Err("is a directory; name a file that a scan was written to".to_owned())
        }
        Ok(file) => Ok(file),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(
            "is no file; scans can be named by file: what 'picaporte scan -o' wrote, or nmap -oX"
                .to_owned(),
        ),
        Err(error) => Err(format!("can't be read: {}", reason(&error))),
    }
}

fn write(args: &DiffArgs, [old, new]: [&Snapshot; 2], changes: &Changes) -> Result<()> {
    let files = [&args.old, &args.new].map(|path| path.to_string_lossy());
    let compared = Compared {
        version: env!("CARGO_PKG_VERSION"),
        old: Side {
            file: &files[0],
            about: &old.about,
        },
        new: Side {
            file: &files[1],
            about: &new.about,
        },
        evidence: args.evidence,
    };
    let mut out = Vec::new();
    let mut report = ChangesReport::begin(
        compared,
        args.format.into(),
        scan::style(args.color),
        &mut out,
    );
    for host in &changes.hosts {
        report.host(host, &mut out);
        if out.len() >= BUFFER && !flush(&mut out)? {
            return Ok(());
        }
    }
    report.end(changes, &mut out);
    flush(&mut out).map(|_| ())
}
