//! The command `scan`: everything is checked before anything is sent or written, then the scan
//! runs to its end. It knows the order of things; each thing is done elsewhere.

use std::ffi::OsString;
use std::fs::File;
use std::io::IsTerminal as _;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use anyhow::Result;
use jiff::Timestamp;
use picaporte_core::{Known, Plan, State};
use picaporte_engine::{Network, Running, interfaces};
use ulid::Ulid;

use super::args::{Choice, KeptIn, Meanwhile, ProgressKind, ScanArgs};
use super::exit::Exit;
use super::follow::{Follower, Sampling};
use super::keep::{self, Keeper};
use super::machine::Machine;
use super::names::System;
use super::output::{self, Outputs, formats, has_totals, tells_reverse, tells_services};
use super::planning::{self, Planned, Scoped, Surroundings};
use super::progress::Display;
use super::samples::Samples;
use super::signals::Watch;
use super::speech::language;
use super::{documents, dry_run, earlier, files, identify, message, pace, reverse, terminal};
use crate::kept::How;
use crate::report::{Earlier, Format, Header, Identified, Lang, Reverse, Style};
use crate::words::errors;
use crate::words::said::Said;

/// How many warnings of the same moment are told one by one.
const WARNINGS: usize = 10;

/// Scans, or does what stands in its place.
///
/// # Errors
/// One sentence for standard error; nothing was sent and nothing written.
pub(crate) fn run(args: &ScanArgs, words: &[OsString]) -> Result<Exit> {
    if let Some(list) = &args.list_ports {
        return documents::port_list(list);
    }
    let lang = language(args.reports.lang);
    consistent(args)?;
    has_place_for_ways(args)?;
    has_place_for_names(args, formats(&args.reports))?;
    has_place_for_services(args, formats(&args.reports))?;
    let watch = watch(lang)?;
    let earlier = earlier(args)?;
    let machine = Machine;
    let around = surroundings(&machine);
    let planned = planning::plan(args, pace::settings(args), &around)?;
    earlier::fits(&args.reports, &planned.plan)?;
    if args.dry_run {
        warn(&planned.warnings, args.meanwhile.quiet, lang);
        if let Some(wanted) = identify::of(args)? {
            warn(wanted.warning.as_slice(), args.meanwhile.quiet, lang);
        }
        let width = terminal::width(&std::io::stdout());
        let text = dry_run::describe(&planned, args, lang, width);
        return documents::print(text.as_bytes());
    }
    let outputs = Outputs::open(&args.reports, style(args.look.color), earlier)?;
    scan(args, words, planned, &watch, outputs)
}

/// Scans for somebody who reads what was found: in place of standard output it goes to a file without a name, as JSON Lines.
///
/// # Errors
/// As [`run`]; and options that print something else.
pub(super) fn into_file(args: &ScanArgs, words: &[OsString]) -> Result<(Exit, File)> {
    if args.list_ports.is_some() || args.dry_run || args.reports.format != Format::Table {
        refuse!(
            "after --: --list-ports, --dry-run and --format can't be used here: standard output has the answers",
            "tras --: aquí no se pueden usar --list-ports, --dry-run ni --format: por la salida estándar van las respuestas"
        );
    }
    let lang = language(args.reports.lang);
    consistent(args)?;
    // Nobody but this program reads the lines in place of standard output.
    has_place_for_names(args, formats(&args.reports).skip(1))?;
    has_place_for_services(args, formats(&args.reports))?;
    let watch = watch(lang)?;
    let earlier = earlier(args)?;
    let machine = Machine;
    let planned = planning::plan(args, pace::settings(args), &surroundings(&machine))?;
    earlier::fits(&args.reports, &planned.plan)?;
    let (outputs, file) = Outputs::to_file(&args.reports, earlier)?;
    Ok((scan(args, words, planned, &watch, outputs)?, file))
}

/// The scan of `--since`; read before anything is sent or written.
fn earlier(args: &ScanArgs) -> Result<Option<Arc<Earlier>>> {
    let kept = KeptIn {
        store: args.store.clone(),
    };
    earlier::read(&args.reports, &kept)
}

/// What can be said of the arguments before anything is looked up.
fn consistent(args: &ScanArgs) -> Result<()> {
    contradictions(args)?;
    files::check(args)?;
    if let Some(store) = keep::file(args.store.as_deref()) {
        files::check_outputs(&args.reports.output, [("--store", &*store)])?;
    }
    output::check(&args.reports)
}

/// Signals are watched from now on.
pub(super) fn watch(lang: Lang) -> Result<Watch> {
    let watch = Watch::begin(lang);
    watch.map_err(|error| {
        let says = said!(
            |lang| "signals can't be watched: {why}",
            "no se pueden atender las señales: {why}",
            why = errors::reason(lang, &error)
        );
        says.into()
    })
}

/// What this machine tells about names, ports and its own networks.
pub(super) fn surroundings(machine: &Machine) -> Surroundings<'_> {
    Surroundings {
        lookup: machine,
        broadcasts: interfaces::broadcasts(),
        resolver: &System,
        scope: std::env::var_os(super::scope::VARIABLE),
    }
}

/// What every report of this run begins with.
pub(super) fn header(
    plan: Plan,
    scope: Option<&Scoped>,
    words: &[OsString],
    source: Option<IpAddr>,
) -> Header {
    Header {
        id: Ulid::new().to_string(),
        version: env!("CARGO_PKG_VERSION").into(),
        started: crate::kept::whole(Timestamp::now()),
        args: words
            .iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect(),
        plan: Arc::new(plan),
        zones: interfaces::zones(),
        scope: scope.map(|scoped| scoped.told.clone()),
        reverse: Reverse::default(),
        identified: Identified::default(),
        from: Some(crate::kept::who(source)),
    }
}

fn contradictions(args: &ScanArgs) -> Result<()> {
    if args.targets.is_empty() && args.targets_file.is_empty() {
        refuse!(
            "no target: write picaporte scan TARGET, or use --targets-file",
            "ningún objetivo: escriba picaporte scan TARGET, o use --targets-file"
        );
    }
    identify::is_asked_for(args)?;
    quiet_shows_nothing(args.meanwhile)
}

/// That nothing and something is to be shown can't be meant.
pub(super) fn quiet_shows_nothing(meanwhile: Meanwhile) -> Result<()> {
    let shown = matches!(meanwhile.progress, ProgressKind::Bar | ProgressKind::Json);
    if meanwhile.quiet && shown {
        refuse!(
            "--quiet can't be used together with --progress: it means to show none",
            "--quiet no se puede usar junto con --progress: significa no mostrar nada"
        );
    }
    Ok(())
}

fn scan(
    args: &ScanArgs,
    words: &[OsString],
    planned: Planned,
    watch: &Watch,
    mut outputs: Outputs,
) -> Result<Exit> {
    let identify = identify::of(args)?;
    let lang = language(args.reports.lang);
    let (store, warning) = keep::to_begin(args.store.as_deref())?;
    let header = header(planned.plan, planned.scope.as_ref(), words, args.source);
    let network = Network {
        source: args.source,
        interface: args.interface.clone(),
        scope: planned.scope.as_ref().map(|scoped| scoped.scope.clone()),
        ..Network::default()
    };
    let network = identify::network(network, args.identify);
    picaporte_engine::check(&network)?;
    // Before the first probe: a store may have to be waited for, and whatever is found then is kept.
    let keeper = store.map(|store| {
        let how = How {
            pins: planned
                .scope
                .as_ref()
                .map_or_else(Vec::new, |scoped| scoped.pins.clone()),
            source: args.source,
            interface: args.interface.clone(),
            locate: args.locate,
            reverse_dns: args.reverse_dns,
            identify: args.identify,
            nmap_probes: args.nmap_probes.clone(),
            fragile: args.fragile,
        };
        let scope = planned.scope.as_ref().map(|scoped| &*scoped.text);
        Keeper::begin(&store, &header, scope, &how, args.store.as_deref())
    });
    let mut keeper = keeper.transpose();
    if keep::is_named(args.store.as_deref()) {
        keeper = Ok(keeper?);
    }
    let mut plan = header.plan.clone();
    if identify.is_some() {
        plan = identify::leaving_room(&plan);
    }
    let running = match &keeper {
        Ok(Some(_)) => crate::start_kept(plan.clone(), &network, Known::default()),
        _ => crate::scan_from(plan.clone(), &network),
    };
    let running = running?;
    outputs.begin(&header);
    warn(&planned.warnings, args.meanwhile.quiet, lang);
    warn(warning.as_slice(), args.meanwhile.quiet, lang);
    if let Some(wanted) = identify {
        warn(wanted.warning.as_slice(), args.meanwhile.quiet, lang);
        identify::begin(&mut outputs, &header, &network, wanted)?;
    }
    if args.reverse_dns {
        reverse::ask_names(&mut outputs, &header, args.meanwhile.quiet, lang);
    }
    let started = Started {
        running,
        outputs,
        plan,
        network,
        locate: args.locate,
        lang,
        keeper,
    };
    Ok(follow(
        started,
        args.meanwhile.progress,
        args.meanwhile.quiet,
        watch,
    ))
}

/// A scan that has begun, or was gone on with, and where it goes.
pub(super) struct Started {
    pub(super) running: Running,
    pub(super) outputs: Outputs,
    pub(super) plan: Arc<Plan>,
    pub(super) network: Network,
    pub(super) locate: bool,
    pub(super) lang: Lang,
    pub(super) keeper: Result<Option<Keeper>>,
}

/// To its end.
pub(super) fn follow(started: Started, progress: ProgressKind, quiet: bool, watch: &Watch) -> Exit {
    let outputs = Arc::new(Mutex::new(started.outputs));
    watch.running(started.running.control(), outputs.clone());
    let display = Display::new(progress, quiet, started.lang);
    let sampling = started.locate.then(|| Sampling {
        samples: Samples::default(),
        plan: started.plan,
        network: started.network,
    });
    Follower::new(started.running, outputs, display, watch, quiet, sampling)
        .in_language(started.lang)
        .keeping(started.keeper)
        .run()
}

/// Somewhere it must be told what addresses are called, or nobody is to be asked.
fn has_place_for_names(args: &ScanArgs, mut formats: impl Iterator<Item = Format>) -> Result<()> {
    if args.reverse_dns && !formats.any(tells_reverse) {
        refuse!(
            "--reverse-dns has no place in {format}: add -o FILE.jsonl, or choose a format that tells names",
            "--reverse-dns no tiene sitio en {format}: añada -o FILE.jsonl, o elija un formato que diga nombres",
            format = args.reports.format.name()
        );
    }
    Ok(())
}

/// Somewhere it must be told what listens, and of ports that are listed.
fn has_place_for_services(
    args: &ScanArgs,
    mut formats: impl Iterator<Item = Format>,
) -> Result<()> {
    if args.identify && !formats.any(tells_services) {
        refuse!(
            "--identify has no place in {format}: add -o FILE.jsonl, or choose a format that tells services",
            "--identify no cabe en {format}: añada -o FICHERO.jsonl, o elija un formato que diga los servicios",
            format = args.reports.format.name()
        );
    }
    if args.identify && !args.show.contains(State::Open) {
        refuse!(
            "--identify asks open ports, and --show leaves them out: add 'open' to it",
            "--identify pregunta a los puertos abiertos, y --show los omite: añádale 'open'"
        );
    }
    Ok(())
}

/// Somewhere it must be told where ports are answered.
fn has_place_for_ways(args: &ScanArgs) -> Result<()> {
    if args.locate && !formats(&args.reports).any(has_totals) {
        refuse!(
            "--locate has no place in {format}: add -o FILE.jsonl, or choose the table, jsonl, json, xml, html or md",
            "--locate no tiene sitio en {format}: añada -o FILE.jsonl, o elija la tabla, jsonl, json, xml, html o md",
            format = args.reports.format.name()
        );
    }
    Ok(())
}

fn warn(warnings: &[Said], quiet: bool, lang: Lang) {
    if quiet {
        return;
    }
    warnings
        .iter()
        .take(WARNINGS)
        .for_each(|warning| message::warning(lang, warning.text(lang)));
    if let Some(more @ 1..) = warnings.len().checked_sub(WARNINGS) {
        let says = say!(
            lang,
            "and {more} more of this kind",
            "y {more} más de este tipo",
            more = more
        );
        message::warning(lang, &says);
    }
}

/// How wide a table on standard output is; [`Style::default`]'s where programs read it.
pub(super) fn stdout_width() -> u16 {
    terminal::width(&std::io::stdout()).unwrap_or(Style::default().width)
}

/// How standard output looks.
pub(super) fn style(choice: Choice) -> Style {
    let terminal = std::io::stdout().is_terminal();
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let color = match choice {
        Choice::Always => true,
        Choice::Never => false,
        Choice::Auto => terminal && !set("NO_COLOR") && !dumb,
    };
    Style {
        color,
        width: stdout_width(),
        ..Style::default()
    }
}
