//! `--dry-run`: how much would be asked of whom, and about how long it would take. It sends
//! nothing; its times are arithmetic on the caps, not a promise.

use std::fmt::Write as _;
use std::time::Duration;

use picaporte_core::timing::{FIRST, MIN_ATTEMPTS};
use picaporte_core::{Plan, Settings};
use picaporte_identify::inquiry::Limits;

use super::args::ScanArgs;
use super::planning::{Planned, Scoped};
use super::terminal::{beside, message};
use super::text::time;
use crate::report::Lang;
use crate::words::nouns::{CONNECTION, HOST, NAME, PROBE, QUESTION, RESOLVED_NAME};

/// What one machine reaches where every port answers at once: two threads on two cores, refused
/// connections on reused sockets (BENCHMARKS.md).
const FULL_SPEED: f64 = 100_000.0;

/// The text for standard output, wrapped where that is a terminal of so many columns.
pub(crate) fn describe(
    planned: &Planned,
    args: &ScanArgs,
    lang: Lang,
    width: Option<u16>,
) -> String {
    let plan = &planned.plan;
    let mut text = String::new();
    let mut line = |en, es, says: String| {
        // Writing to a String cannot fail.
        let title = format!("{:<8}", lang.either(en, es));
        let _ = writeln!(text, "{}", beside(&title, &says, width));
    };
    line("hosts", "equipos", hosts(plan, lang));
    line("probes", "sondas", probes(plan, lang));
    if let Some(scoped) = &planned.scope {
        line("scope", "alcance", scope(plan, scoped, lang));
    }
    line("seed", "semilla", plan.settings().seed.to_string());
    line("time", "tiempo", how_long(plan, lang));
    line("writes", "escribe", writes(args, lang));
    line("keeps", "guarda", keeps(args, lang));
    if args.identify {
        line("asks", "pregunta", identifies(args, lang));
    }
    if args.locate {
        line("asks", "pregunta", locates(lang).to_owned());
    }
    if args.reverse_dns {
        line("asks", "pregunta", asks(lang).to_owned());
    }
    let names = match planned.names {
        0 => String::new(),
        n => format!("; {}", lang.count(n as u64, RESOLVED_NAME)),
    };
    let end = say!(
        lang,
        "A dry run: no probe was sent and no file written{names}.",
        "Un ensayo: no se envió ninguna sonda ni se escribió ningún fichero{names}.",
        names = names
    );
    let _ = writeln!(text, "{}", message(&end, width));
    text
}

fn hosts(plan: &Plan, lang: Lang) -> String {
    let shard = plan.settings().shard;
    if shard.count() == 1 {
        return lang.number(plan.hosts() + plan.outside_hosts());
    }
    say!(
        lang,
        "{own} of {all}, shard {part}/{parts}",
        "{own} de {all}, parte {part}/{parts}",
        own = lang.number(plan.shard_hosts()),
        all = lang.number(plan.hosts()),
        part = shard.index() + 1,
        parts = shard.count()
    )
}

fn probes(plan: &Plan, lang: Lang) -> String {
    let all = lang.number(plan.planned());
    let unresolved = plan.planned() - plan.planned_addresses() - plan.outside();
    if unresolved == 0 {
        return all;
    }
    say!(
        lang,
        "{all}, of which {some} of {names} without an address",
        "{all}, de ellas {some} de {names} sin dirección",
        all = all,
        some = lang.number(unresolved),
        names = lang.count(plan.unresolved().len() as u64, NAME)
    )
}

fn scope(plan: &Plan, scoped: &Scoped, lang: Lang) -> String {
    let hosts = match plan.outside_hosts() {
        0 => String::new(),
        n => say!(
            lang,
            ", all of {hosts}",
            ", todas las de {hosts}",
            hosts = lang.count(n, HOST)
        ),
    };
    let outside = match plan.outside() {
        0 => lang
            .either("no probe lies outside", "ninguna sonda queda fuera")
            .to_owned(),
        n => say!(
            lang,
            "{probes} outside{hosts}: never sent",
            "{probes} fuera{hosts}: no se envían nunca",
            probes = lang.count(n, PROBE),
            hosts = hosts
        ),
    };
    format!("{}; {outside}", scoped.told.path)
}

fn how_long(plan: &Plan, lang: Lang) -> String {
    let (least, most) = estimate(plan);
    say!(
        lang,
        "about {least} if every port answers at once, {most} if none does",
        "unos {least} si todos los puertos responden al instante, {most} si no responde ninguno",
        least = time(lang, least),
        most = time(lang, most)
    )
}

fn writes(args: &ScanArgs, lang: Lang) -> String {
    let stdout = say!(
        lang,
        "{format} on standard output",
        "{format} en la salida estándar",
        format = args.reports.format.name()
    );
    let files = args.reports.output.iter();
    let files = files.map(|path| path.display().to_string());
    let all = std::iter::once(stdout).chain(files);
    super::message::line(&all.collect::<Vec<_>>().join(", "))
}

fn keeps(args: &ScanArgs, lang: Lang) -> String {
    let Some(file) = super::keep::file(args.store.as_deref()) else {
        return lang
            .either(
                "nothing, so that it can't be resumed",
                "nada, así que no se podrá continuar",
            )
            .to_owned();
    };
    super::message::line(&say!(
        lang,
        "the scan in {file}",
        "el escaneo en {file}",
        file = file.display()
    ))
}

/// What `--identify` would do, and what it may cost at most, by the bounds that it has.
fn identifies(args: &ScanArgs, lang: Lang) -> String {
    let ours = Limits::default();
    let theirs = args.nmap_probes.as_ref().map(|_| ours.and_further());
    let limits = theirs.unwrap_or(ours);
    let fragile = if args.fragile {
        lang.either(
            ", of printers and industrial control too,",
            ", también de impresoras y de control industrial,",
        )
    } else {
        ""
    };
    let further = args.nmap_probes.as_ref().map_or_else(String::new, |path| {
        say!(
            lang,
            ", and by the probes of {file}",
            ", y con las sondas de {file}",
            file = path.display()
        )
    });
    super::message::line(&say!(
        lang,
        "open ports{fragile} what they are{further}: each by at most {connections}, {questions} and {time} of standing connections, which the time above leaves out",
        "a los puertos abiertos{fragile} qué son{further}: a cada uno con un máximo de {connections}, {questions} y {time} de conexiones en pie, que el tiempo de arriba no incluye",
        fragile = fragile,
        further = further,
        connections = lang.count(limits.connections.into(), CONNECTION),
        questions = lang.count(limits.questions.into(), QUESTION),
        time = time(lang, Duration::from_secs_f64(limits.port.as_secs_f64()))
    ))
}

/// What `--locate` would do.
const fn locates(lang: Lang) -> &'static str {
    lang.either(
        "when the scan is over, at which hop a port of each kind of each host is answered, rejected or swallowed",
        "al terminar el escaneo, en qué salto se responde, rechaza o descarta un puerto de cada clase de cada equipo",
    )
}

/// What `--reverse-dns` would do.
const fn asks(lang: Lang) -> &'static str {
    lang.either(
        "this system's name servers what addresses that answer are called; they learn which",
        "a los servidores de nombres de este sistema cómo se llaman las direcciones que responden; ellos se enteran de cuáles",
    )
}

/// How long it takes where every port answers at once, and where none answers.
fn estimate(plan: &Plan) -> (Duration, Duration) {
    let (settings, hosts) = (plan.settings(), plan.shard_hosts() as f64);
    let probes = plan.planned_addresses() as f64;
    let rate = rate(settings, hosts);
    let least = probes / rate.min(FULL_SPEED);
    let attempts = f64::from(settings.attempts.unwrap_or(MIN_ATTEMPTS));
    let timeout = settings.timeout.unwrap_or(FIRST).as_secs_f64();
    let inflight =
        (hosts * f64::from(settings.pace.host_inflight)).min(settings.pace.max_inflight.into());
    let sent = probes * attempts;
    let most =
        (sent / rate.min(FULL_SPEED)).max(sent * timeout / inflight.max(1.0)) + attempts * timeout;
    let limit = settings
        .max_time
        .map_or(1e15, picaporte_core::Duration::as_secs_f64);
    let length = |seconds: f64| Duration::from_secs_f64(seconds.min(limit).min(1e15));
    (
        length(least),
        if probes > 0.0 {
            length(most)
        } else {
            Duration::ZERO
        },
    )
}

fn rate(settings: &Settings, hosts: f64) -> f64 {
    let all = settings.pace.rate.map_or(f64::INFINITY, f64::from);
    let by_host = settings
        .pace
        .host_rate
        .map_or(f64::INFINITY, |r| f64::from(r) * hosts.max(1.0));
    all.min(by_host)
}

#[cfg(test)]
mod tests;
