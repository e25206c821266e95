//! The command `diff`: two scans are read, held against each other, and what is different is written. It knows the order of
//! things; reading, comparing and writing are done elsewhere.

use anyhow::Result;
use picaporte_diff::{Changes, Snapshot, Wanted, compare};

use super::args::DiffArgs;
use super::exit::Exit;
use super::files::is_standard;
use super::speech::language;
use super::stdout::flush;
use super::{scan, side};
use crate::report::{ChangesReport, Compared, Side, Style};

/// What is longer is written at once.
const BUFFER: usize = 1 << 16;

/// Compares.
///
/// # Errors
/// One sentence for standard error that names the file and the place.
pub(crate) fn run(args: &DiffArgs) -> Result<Exit> {
    if is_standard(&args.old) && is_standard(&args.new) {
        refuse!(
            "OLD and NEW are both '-'; standard input can be read once, name a file for one of them",
            "OLD y NEW son los dos '-'; la entrada estándar se puede leer una vez, indique un fichero para uno de ellos"
        );
    }
    let wanted = Wanted {
        evidence: args.evidence,
    };
    let old = side::read("OLD", &args.old, &args.kept, wanted)?;
    let new = side::read("NEW", &args.new, &args.kept, wanted)?;
    let changes = compare(&old, &new);
    write(args, [&old, &new], &changes)?;
    Ok(if changes.is_empty() {
        Exit::Done
    } else {
        Exit::Differs
    })
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
        args.speech.format.into(),
        Style {
            lang: language(args.speech.lang),
            ..scan::style(args.look.color)
        },
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
