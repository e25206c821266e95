//! The command `history`: which scans are kept. It knows filters and the order of things; the store finds them, a report
//! writes them.

use anyhow::Result;
use jiff::Timestamp;
use picaporte_core::target::What;
use picaporte_core::{Address, Target};
use picaporte_store::{Filter, Listed, Store, UnixMillis};

use super::args::HistoryArgs;
use super::exit::Exit;
use super::machine::Machine;
use super::speech::language;
use super::stdout::flush;
use super::{message, scan, store};
use crate::report::{HistoryReport, Lang, Style};
use crate::words::errors::Spanish as _;
use crate::words::said::Said;

/// What is longer is written at once.
const BUFFER: usize = 1 << 16;
/// Damaged scans that are told one by one.
const DAMAGED_TOLD: usize = 4;

/// Lists.
///
/// # Errors
/// One sentence for standard error.
pub(crate) fn run(args: &HistoryArgs) -> Result<Exit> {
    let lang = language(args.speech.lang);
    let filter = filter(args)?;
    let store = store::open(&args.kept)?;
    let (found, damaged) = match &store {
        Some(store) => listed(store, &filter, lang)?,
        None => (Vec::new(), 0),
    };
    if found.is_empty() && damaged == 0 {
        let nothing = match store {
            Some(_) if filter != Filter::default() => lang.either(
                "no scan that is kept is of this kind",
                "ningún escaneo guardado es así",
            ),
            _ => lang.either(
                "no scan is kept yet",
                "todavía no hay ningún escaneo guardado",
            ),
        };
        message::note(lang, nothing);
    }
    write(args, &found)?;
    Ok(match damaged {
        0 => Exit::Done,
        _ => Exit::Error,
    })
}

/// Those that can be read, and how many can't: the others are listed all the same.
fn listed(store: &Store, filter: &Filter, lang: Lang) -> Result<(Vec<Listed>, usize)> {
    let (mut found, mut damaged) = (Vec::new(), 0);
    for scan in store.list_each(filter)? {
        match scan {
            Ok(scan) => found.push(scan),
            Err(why) => {
                damaged += 1;
                if damaged <= DAMAGED_TOLD {
                    message::error(&say!(
                        lang,
                        "a scan is left out: {why}",
                        "se omite un escaneo: {why}",
                        why = why.told(lang)
                    ));
                }
            }
        }
    }
    Ok((found, damaged))
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
    let target = Target::parse(text, &Machine);
    let target =
        target.map_err(|error| Said::new(|lang| format!("--host: {}", error.told(lang))))?;
    match target {
        Target {
            what: What::One(address),
            ports: None,
        } => Ok(address),
        _ => refuse!(
            "--host '{text}' is not one address; write it like 192.0.2.7, and a port with --open",
            "--host '{text}' no es una sola dirección; escríbala como 192.0.2.7, y un puerto con --open",
            text = text
        ),
    }
}

fn write(args: &HistoryArgs, found: &[Listed]) -> Result<()> {
    let mut out = Vec::new();
    let style = Style {
        width: scan::stdout_width(),
        lang: language(args.speech.lang),
        ..Style::default()
    };
    let mut report = HistoryReport::begin(args.speech.format.into(), style, found, &mut out);
    for scan in found {
        report.scan(scan, &mut out);
        if out.len() >= BUFFER && !flush(&mut out)? {
            return Ok(());
        }
    }
    report.end(&mut out);
    flush(&mut out).map(|_| ())
}
