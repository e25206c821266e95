//! The command `history`: which scans are kept. It knows filters and the order of things; the store finds them, a report
//! writes them.

use anyhow::{Result, anyhow, bail};
use jiff::Timestamp;
use picaporte_core::target::What;
use picaporte_core::{Address, Target};
use picaporte_store::{Filter, Listed, UnixMillis};

use super::args::HistoryArgs;
use super::exit::Exit;
use super::machine::Machine;
use super::stdout::flush;
use super::{message, store};
use crate::report::HistoryReport;

/// What is longer is written at once.
const BUFFER: usize = 1 << 16;
/// How wide a table is: as the others are where they are read by a program.
const WIDTH: u16 = 80;

/// Lists.
///
/// # Errors
/// One sentence for standard error.
pub(crate) fn run(args: &HistoryArgs) -> Result<Exit> {
    let filter = filter(args)?;
    let store = store::open(&args.kept)?;
    let found = match &store {
        Some(store) => store.list(&filter)?,
        None => Vec::new(),
    };
    if found.is_empty() {
        message::note(match store {
            Some(_) if filter != Filter::default() => "no scan that is kept is of this kind",
            _ => "no scan is kept yet",
        });
    }
    write(args, &found)?;
    Ok(Exit::Done)
}

fn filter(args: &HistoryArgs) -> Result<Filter> {
    let since = args.since.map(|since| since.moment(Timestamp::now()));
    Ok(Filter {
        host: args.host.as_deref().map(address).transpose()?,
        since: since.map(|since| UnixMillis(since.as_millisecond())),
        open: args.open,
        limit: args.limit,
    })
}

/// One address; a zone is one of this machine's.
fn address(text: &str) -> Result<Address> {
    let target = Target::parse(text, &Machine).map_err(|error| anyhow!("--host: {error}"))?;
    match target {
        Target {
            what: What::One(address),
            ports: None,
        } => Ok(address),
        _ => bail!(
            "--host '{text}' is not one address; write it like 192.0.2.7, and a port with --open"
        ),
    }
}

fn write(args: &HistoryArgs, found: &[Listed]) -> Result<()> {
    let mut out = Vec::new();
    let mut report = HistoryReport::begin(args.format.into(), WIDTH, found, &mut out);
    for scan in found {
        report.scan(scan, &mut out);
        if out.len() >= BUFFER && !flush(&mut out)? {
            return Ok(());
        }
    }
    report.end(&mut out);
    flush(&mut out).map(|_| ())
}
