//! The command `locate`: the ports are planned as those of a scan are, then located one after the
//! other. It knows the order of things; each thing is done elsewhere.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use clap::{Args as _, Command, FromArgMatches as _};
use jiff::Timestamp;
use picaporte_core::locate::{Answer, Locate, MOST_INFLIGHT, Settings, Sought};
use picaporte_core::{Plan, Scope, Target};
use picaporte_engine::{Locating, Network};

use super::args::{LocateArgs, ScanArgs};
use super::exit::Exit;
use super::machine::Machine;
use super::planning;
use super::signals::Watch;
use super::speech::language;
use super::stdout::flush;
use super::{message, pace, scan};
use crate::report::{Header, LocatedEnd, LocatedReport, Style};
use crate::words::nouns::PORT;

/// The most ports of one run: at up to 5 s each, an hour and a half.
const MOST: u64 = 1024;
/// Ports of each host that are asked beside those that were named: services that are often there, and
/// two from the dynamic range (RFC 6335, section 6), where mostly nothing listens.
const COMPARED: [u16; 5] = [443, 80, 22, 50_321, 61_437];

/// Locates.
///
/// # Errors
/// One sentence for standard error; nothing was sent.
pub(crate) fn run(args: &LocateArgs, words: &[OsString]) -> Result<Exit> {
    for word in &args.targets {
        has_port(word)?;
    }
    let lang = language(args.speech.lang);
    let watch = scan::watch(lang)?;
    let machine = Machine;
    let around = scan::surroundings(&machine);
    let as_scan = as_scan(args)?;
    let planned = planning::plan(&as_scan, pace::settings(&as_scan), &around)?;
    few_enough(&planned.plan)?;
    let header = scan::header(planned.plan, planned.scope.as_ref(), words, args.source);
    let locating = begin(args, &header.plan, planned.scope.map(|scoped| scoped.scope))?;
    watch.locating(locating.control());
    for warning in &planned.warnings {
        message::warning(lang, warning.text(lang));
    }
    follow(args, header, locating, &watch)
}

fn has_port(word: &str) -> Result<()> {
    match Target::parse(word, &Machine)?.ports {
        Some(_) => Ok(()),
        None => {
            refuse!(
                "'{word}' has no port; write HOST:PORT, like 192.0.2.7:443 or [2001:db8::1]:443",
                "'{word}' no lleva puerto; escriba HOST:PORT, como 192.0.2.7:443 o [2001:db8::1]:443",
                word = word
            )
        }
    }
}

fn few_enough(plan: &Plan) -> Result<()> {
    let planned = plan.planned();
    if planned > MOST {
        refuse!(
            |lang| "{many} to locate, up to 5 s each; name at most {most}, one of each kind is enough",
            "{many} por localizar, hasta 5 s cada uno; indique {most} como mucho, basta uno de cada clase",
            many = lang.count(planned, PORT),
            most = MOST
        );
    }
    Ok(())
}

/// What plans a scan plans this too: everything that is not said here is as without a flag.
fn as_scan(args: &LocateArgs) -> Result<ScanArgs> {
    let unsaid = ScanArgs::augment_args(Command::new("locate")).try_get_matches_from(["locate"])?;
    Ok(ScanArgs {
        targets: args.targets.clone(),
        exclude: args.exclude.clone(),
        exclude_ports: args.exclude_ports.clone(),
        allowed: args.allowed.clone(),
        rate: args.rate,
        // What a scope lowers is told of what locating would go by.
        max_inflight: Some(MOST_INFLIGHT as u32),
        host_inflight: Some(MOST_INFLIGHT as u32),
        source: args.source,
        interface: args.interface.clone(),
        ..ScanArgs::from_arg_matches(&unsaid)?
    })
}

fn begin(args: &LocateArgs, plan: &Plan, scope: Option<Arc<Scope>>) -> Result<Locating> {
    let allowed = |port: &u16| !pace::excluded(args.exclude_ports.as_ref(), *port);
    let settings = Settings {
        rate: args.rate,
        ..Settings::default()
    };
    let ports: Vec<_> = plan.pairs().collect();
    let compared: Vec<_> = COMPARED.into_iter().filter(allowed).collect();
    let hosts = Sought::by_host(&ports, &compared);
    let network = Network {
        source: args.source,
        interface: args.interface.clone(),
        threads: Some(1),
        scope,
        ..Network::default()
    };
    Ok(crate::locate(Locate::new(&hosts, &settings), &network)?)
}

/// Writes each port as it is located; says how it ended.
fn follow(args: &LocateArgs, header: Header, locating: Locating, watch: &Watch) -> Result<Exit> {
    let begun = Instant::now();
    let plan = header.plan.clone();
    let mut out = Vec::new();
    let style = Style {
        width: scan::stdout_width(),
        lang: language(args.speech.lang),
        ..Style::default()
    };
    let mut report = LocatedReport::begin(header, args.speech.format.into(), style, &mut out);
    let (mut located, mut untested) = (0, 0);
    for name in plan.unresolved() {
        for port in name.ports.iter() {
            untested += 1;
            report.unresolved(&name.name, port, &mut out);
        }
    }
    let mut reader = true;
    for found in locating {
        match found.answer {
            Answer::Untested(_) => untested += 1,
            _ => located += 1,
        }
        report.located(&found, &mut out);
        reader = reader && flush(&mut out)?;
        if !reader {
            break;
        }
    }
    let end = LocatedEnd {
        finished: Timestamp::now(),
        elapsed: begun.elapsed(),
        located,
        untested,
    };
    report.end(&end, &mut out);
    if reader {
        flush(&mut out)?;
    }
    Ok(exit(watch, untested))
}

fn exit(watch: &Watch, untested: u64) -> Exit {
    match untested {
        _ if watch.interrupted() => Exit::Interrupted,
        0 => Exit::Done,
        _ => Exit::Untested,
    }
}
