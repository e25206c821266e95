//! The command `resume`: goes on with a scan that was cut off, at the port at which it was. What was kept is told again, so
//! that its outputs hold the whole scan; what was not kept is asked, and nothing else.

use std::sync::Arc;

use anyhow::Result;
use jiff::Timestamp;
use picaporte_core::known::Known;
use picaporte_core::scan::HostReport;
use picaporte_core::{Plan, Reason};
use picaporte_engine::{Finding, Network, interfaces};
use picaporte_store::{
    Filter, Kept, Listed, PendingHost, ResumeState, ScanId, ScanMeta, Stage, State, Store,
};

use super::args::ResumeArgs;
use super::exit::Exit;
use super::keep::Keeper;
use super::output::{self, Outputs};
use super::scan::{self, Started};
use super::speech::language;
use super::{earlier, files, identify, message, reverse, scope, store};
use crate::kept::progress::Beside;
use crate::kept::{self, How, KeptError, Recall, Teller};
use crate::report::{Header, Lang};
use crate::words::errors::Spanish as _;
use crate::words::nouns::PORT;
use crate::words::said::Said;

/// A scan that was written so short a time ago may still run. It commits about once a second.
const ALIVE: i64 = 10_000;
/// How often it is looked whether more can be told again, while too many open ports are being asked what they are.
const LOOK: std::time::Duration = std::time::Duration::from_millis(10);

/// Goes on with a scan.
///
/// # Errors
/// One sentence for standard error; nothing was sent, and what is kept is as it was.
pub(crate) fn run(args: &ResumeArgs) -> Result<Exit> {
    let lang = language(args.reports.lang);
    output::check(&args.reports)?;
    scan::quiet_shows_nothing(args.meanwhile)?;
    let watch = scan::watch(lang)?;
    let store = store::must_open(&args.kept)?;
    let since = earlier::file(&args.reports);
    let read = [("--store", store.path())].into_iter().chain(since);
    files::check_outputs(&args.reports.output, read)?;
    let id = which(&store, args)?.id;
    let meta = store.meta(id)?;
    let (header, how) = kept::begun(&meta).map_err(|why| of_scan(id, &why))?;
    same_zones(&meta)?;
    same_scope(args, &meta)?;
    let network = network(&header, &how);
    picaporte_engine::check(&network)?;
    store.verify(id)?;
    let identify = (how.identify && output::formats(&args.reports).any(output::tells_services))
        .then(|| identify::wanted(how.nmap_probes.as_deref(), how.fragile));
    let identify = identify.transpose()?;
    let earlier = earlier::read(&args.reports, &args.kept)?;
    let mut outputs = Outputs::open(&args.reports, scan::style(args.look.color), earlier)?;
    // From here on whoever wrote it before can't any more, and what is read is the last word.
    let writer = store.go_on(id)?;
    let state = store.resume_state(id)?;
    outputs.begin(&header);
    if how.reverse_dns && output::formats(&args.reports).any(output::tells_reverse) {
        reverse::ask_names(&mut outputs, &header, args.meanwhile.quiet, lang);
    }
    // Before ports are told again: those that are open, and were not asked what they are, are asked now.
    let mut plan = header.plan.clone();
    if let Some(wanted) = identify {
        plan = identify::leaving_room(&plan);
        identify::begin(&mut outputs, &header, &network, wanted)?;
    }
    let known = told_again(&store, &state, (&header, &how), &mut |finding| {
        while outputs.is_full() && !watch.interrupted() {
            outputs.release();
            std::thread::sleep(LOOK);
        }
        outputs.finding(finding);
    })?;
    if !args.meanwhile.quiet {
        message::note(lang, &going_on(lang, id, &header.plan, &known));
    }
    let since = Timestamp::now().as_millisecond() - state.meta.started.0;
    let since = std::time::Duration::from_millis(since.max(0).unsigned_abs());
    let known = known.begun(since.into());
    let running = crate::start_kept(plan.clone(), &network, known)?;
    let started = Started {
        running,
        outputs,
        plan,
        network,
        locate: how.locate,
        lang,
        keeper: Ok(Some(Keeper::new(id, writer, args.kept.store.as_deref()))),
    };
    Ok(scan::follow(
        started,
        args.meanwhile.progress,
        args.meanwhile.quiet,
        &watch,
    ))
}

fn going_on(lang: Lang, id: ScanId, plan: &Plan, known: &Known) -> String {
    let done = known.tally().planned;
    let left = plan.planned_addresses().saturating_sub(done);
    say!(
        lang,
        "going on with {id}: {done} known, {left} to be asked",
        "se continúa {id}: se conocen {done}, quedan por sondear {left}",
        id = id,
        done = lang.count(done, PORT),
        left = lang.count(left, PORT)
    )
}

/// What is wrong with a scan, behind its name.
fn of_scan(id: ScanId, why: &KeptError) -> Said {
    said!(
        |lang| "the scan {id}: {why}",
        "el escaneo {id}: {why}",
        id = id,
        why = why.told(lang)
    )
}

/// The scan that is named, or else the newest one that can be gone on with.
fn which(store: &Store, args: &ResumeArgs) -> Result<Listed> {
    if let Some(wanted) = &args.scan {
        return Ok(store.find(wanted)?);
    }
    let all = store.list(&Filter::default())?;
    let place = store.path().display();
    let Some(newest) = all.first().map(|scan| scan.id) else {
        refuse!(
            "there is no scan in the store '{place}' to go on with; 'picaporte scan' begins one",
            "no hay ningún escaneo en el almacén '{place}' que continuar; 'picaporte scan' empieza uno",
            place = place
        );
    };
    let mut open = (all.into_iter()).filter(|scan| scan.state != State::Complete);
    let Some(scan) = open.next() else {
        refuse!(
            "every scan in the store '{place}' is complete: there is nothing to resume; the newest is {newest}, 'picaporte show' prints it",
            "todos los escaneos del almacén '{place}' están completos: no hay nada que continuar; el último es {newest}, 'picaporte show' lo muestra",
            place = place,
            newest = newest
        );
    };
    let age = Timestamp::now().as_millisecond() - scan.written.0;
    if scan.state == State::Running && (0..ALIVE).contains(&age) {
        refuse!(
            "the scan {id} was written to {age} s ago, and may still be running; if it is not, write picaporte resume {id}",
            "en el escaneo {id} se escribió hace {age} s, y puede que siga en marcha; si no es así, escriba picaporte resume {id}",
            age = age / 1000,
            id = scan.id
        );
    }
    Ok(scan)
}

/// A link-local address means another machine when its zone's number does.
fn same_zones(meta: &ScanMeta) -> Result<()> {
    let now = interfaces::zones();
    let used = |number| meta.targets.iter().any(|range| range.scope == number);
    for (number, name) in meta.zones.iter().filter(|(number, _)| used(*number)) {
        if now.get(number) != Some(name) {
            refuse!(
                "the scan {id} can't be gone on with: interface '{name}' had the number {number} then, and has not now, so that its link-local addresses are others; scan again",
                "el escaneo {id} no se puede continuar: la interfaz '{name}' tenía entonces el número {number}, y ahora no, así que sus direcciones de enlace local son otras; vuelva a escanear",
                id = meta.id,
                name = name,
                number = number
            );
        }
    }
    Ok(())
}

/// The same source, interface and scope, with the scope's names pinned to what they were.
fn network(header: &Header, how: &How) -> Network {
    let addresses = |name: &str| {
        let pinned = how.pins.iter().find(|(pinned, _)| pinned == name);
        pinned.map_or_else(Vec::new, |(_, addresses)| addresses.clone())
    };
    let scope = header.scope.as_ref();
    let network = Network {
        source: how.source,
        interface: how.interface.clone(),
        scope: scope.map(|scoped| Arc::new(scoped.file.scope(&addresses))),
        ..Network::default()
    };
    identify::network(network, how.identify)
}

/// A scope that is set now must be the one that was set then: a scan is not to be gone on with under another.
fn same_scope(args: &ResumeArgs, meta: &ScanMeta) -> Result<()> {
    let machine = super::machine::Machine;
    let variable = std::env::var_os(scope::VARIABLE);
    let given = scope::given(args.scope.as_deref(), variable, &machine)?;
    let Some(given) = given else {
        return Ok(());
    };
    if meta.scope.as_deref() == Some(&*given.text) {
        return Ok(());
    }
    let what = said!(
        |lang| "the scan {id} was begun with {was}, and can't be gone on with under this one; scan again, or leave it out",
        "el escaneo {id} empezó {was}, y con este no se puede continuar; vuelva a escanear, o quítelo",
        id = meta.id,
        was = match meta.scope {
            Some(_) => lang.either("another scope", "con otro alcance"),
            None => lang.either("no scope", "sin alcance"),
        }
    );
    Err(given.says(&what).into())
}

/// What was kept, as findings; gives what is known by it.
fn told_again(
    store: &Store,
    state: &ResumeState,
    (header, how): (&Header, &How),
    tell: &mut dyn FnMut(&Finding),
) -> Result<Known> {
    let plan = &header.plan;
    let mut teller = Teller::new(plan, tell);
    let beside = Beside::of(state).map_err(|why| of_scan(state.meta.id, &why))?;
    let mut recall = Recall::begin(store, state.meta.id, header, how)
        .map_err(|why| of_scan(state.meta.id, &why))?;
    let mut known = Known::new(state.done.clone(), beside.spent);
    for kept in store.load(state.meta.id)? {
        match kept? {
            Kept::Port(verdict) if verdict.reason.is_resumable() => {}
            // Told again with its host, if that is done.
            Kept::Port(verdict) if verdict.reason == Reason::OutOfScope => {}
            Kept::Port(verdict) => {
                recall
                    .port(&verdict)
                    .map_err(|why| of_scan(state.meta.id, &why))?;
                teller.port(verdict);
            }
            Kept::Host(_, Stage::CutOff) => {}
            Kept::Host(host, Stage::Done) => {
                known.count_done(&host, plan);
                let outside = plan.outside_verdicts(host.index, host.address);
                outside.for_each(|verdict| teller.port(verdict));
                teller.host(host);
            }
        }
    }
    for pending in &state.pending {
        let host = restored(pending, &beside, plan)?;
        teller.opened(&host);
        known.add_host(host);
    }
    Ok(known)
}

fn restored(pending: &PendingHost, beside: &Beside, plan: &Plan) -> Result<HostReport> {
    let address = plan.address_of(pending.host);
    let address = address.ok_or_else(|| {
        said!(
            "a host is kept that is not in the plan; the store is damaged: scan again",
            "hay guardado un equipo que no está en el plan; el almacén está dañado: vuelva a escanear"
        )
    })?;
    Ok(beside.host(pending.host, address, &pending.ports))
}
