//! What a table says of counts, grades, loss and pace. The document in Markdown says the same.

use std::time::Duration;

use picaporte_core::policy::Policy;
use picaporte_core::scan::Slowed;
use picaporte_core::tally::{Counts, Outages, Tally};
use picaporte_core::timing::Loss;
use picaporte_core::{Grade, Graded, State, Suspicion};

use super::super::identified::words::counts;
use super::super::{ReverseCounts, Sampled, Trailer};
use super::text::JOINED;
use crate::report::Lang;
use crate::words::nouns::{ADDRESS, ATTEMPT, HOST, OPEN_PORT, PLANNED_PROBE, PORT, PROBE};
use crate::words::numbers::per_second;

/// The heads of the columns: port, state, service, round trip, reason.
pub(super) const fn heads(lang: Lang) -> [&'static str; 5] {
    match lang {
        Lang::En => ["PORT", "STATE", "SERVICE", "RTT", "REASON"],
        Lang::Es => ["PUERTO", "ESTADO", "SERVICIO", "RTT", "MOTIVO"],
    }
}

/// `3 open, 997 closed (conn-refused), 12 filtered (10 no-response, 2 admin-prohibited)`.
/// Open ports are graded where not all of them are confirmed.
pub(super) fn states(lang: Lang, counts: &Counts, graded: &Graded) -> String {
    let open = counts.in_state(State::Open);
    let states = State::ALL.into_iter().filter_map(|state| {
        let count = counts.in_state(state);
        let why = match state {
            State::Open if graded.confirmed < open => grades(lang, graded, open),
            _ => reasons(lang, counts, state),
        };
        let named = lang.states(state, count);
        (count > 0).then(|| format!("{}{JOINED}{named}{why}", lang.number(count)))
    });
    states.collect::<Vec<_>>().join(", ")
}

/// ` (conn-refused)`, or a count with each of several reasons; nothing for open ports, which have
/// only one.
pub(in crate::report) fn reasons(lang: Lang, counts: &Counts, state: State) -> String {
    let mut those = counts.of_state(state);
    match (state, those.next(), those.next()) {
        (State::Open, ..) | (_, None, _) => String::new(),
        (_, Some((only, _)), None) => format!(" ({})", only.name()),
        _ => {
            let those = counts.iter().filter(|(reason, _)| reason.state() == state);
            let each =
                those.map(|(reason, n)| format!("{}{JOINED}{}", lang.number(n), reason.name()));
            format!(" ({})", each.collect::<Vec<_>>().join(", "))
        }
    }
}

/// What stands behind the number of ports in this state: their grades where they are open, or else their reasons.
pub(in crate::report) fn why(lang: Lang, tally: &Tally, state: State) -> String {
    let counts = &tally.counts;
    match state {
        State::Open => grades(lang, &tally.graded, counts.in_state(state)),
        _ => reasons(lang, counts, state),
    }
}

/// What speaks against an open port, or is missing for it; nothing of an ordinary one.
pub(in crate::report) const fn doubt(lang: Lang, grade: Option<Grade>) -> Option<&'static str> {
    Some(match grade {
        Some(Grade::Confirmed) => return None,
        Some(Grade::HandshakeOnly) => lang.either(
            "handshake only: nothing came after it",
            "solo saludo: después no llegó nada",
        ),
        Some(Grade::Suspect(Suspicion::NoOptionsNoWindow)) => lang.either(
            "suspect: it took up no options, and has no window for data",
            "sospechoso: no aceptó opciones ni tiene ventana para datos",
        ),
        Some(Grade::Suspect(Suspicion::AnswersEverything)) => lang.either(
            "suspect: the host answers everything",
            "sospechoso: el equipo responde a todo",
        ),
        Some(Grade::Suspect(Suspicion::Nearer)) => lang.either(
            "suspect: something nearer than the host answers",
            "sospechoso: responde algo más cercano que el equipo",
        ),
        Some(Grade::Suspect(_)) => lang.either("suspect", "sospechoso"),
        None => lang.either("not watched to its end", "sin observar hasta el final"),
    })
}

/// In place of the open ports of a host that answers everything.
pub(in crate::report) fn answers_everything(lang: Lang, open: u64) -> String {
    say!(
        lang,
        "answers on every port tried, also where nothing plausible listens: {its} {ports} {say} nothing, and only the other formats list {them}",
        "responde en todos los puertos probados, incluso donde no es verosímil que haya un servicio: {its} {ports} no {say} nada, y solo los demás formatos {them} listan",
        its = lang.agree(open, ["its", "its"], ["su", "sus"]),
        ports = lang.count(open, OPEN_PORT),
        say = lang.agree(open, ["says", "say"], ["significa", "significan"]),
        them = lang.agree(open, ["it", "them"], ["lo", "los"])
    )
}

/// ` (3 confirmed, 1 suspect)`, with those of `open` ports that have no grade; ` (confirmed)` where all are the same.
pub(in crate::report) fn grades(lang: Lang, graded: &Graded, open: u64) -> String {
    let suspect = Grade::Suspect(Suspicion::AnswersEverything);
    let those = [
        (graded.confirmed, Some(Grade::Confirmed)),
        (graded.handshake_only, Some(Grade::HandshakeOnly)),
        (graded.suspect, Some(suspect)),
        (open.saturating_sub(graded.all()), None),
    ];
    let those: Vec<_> = those.into_iter().filter(|(n, _)| *n > 0).collect();
    match those[..] {
        [] => String::new(),
        [(n, only)] => format!(" ({})", lang.grades(only, n)),
        _ => {
            let each = those
                .iter()
                .map(|&(n, grade)| format!("{}{JOINED}{}", lang.number(n), lang.grades(grade, n)));
            format!(" ({})", each.collect::<Vec<_>>().join(", "))
        }
    }
}

/// What was looked at once more.
fn sampled(lang: Lang, sampled: Sampled) -> String {
    let mut text = say!(
        lang,
        "{ports}, one of each kind of a host",
        "{ports}, uno de cada clase por equipo",
        ports = lang.count(sampled.located, PORT)
    );
    let n = sampled.untested;
    if n > 0 {
        text.push_str(&say!(
            lang,
            "; {n} could not {be}",
            "; {n} no se {be} localizar",
            n = lang.number(n),
            be = lang.agree(n, ["be", "be"], ["pudo", "pudieron"])
        ));
    }
    let n = sampled.left_out;
    if n > 0 {
        text.push_str(&say!(
            lang,
            "; {n} {left_out}, as too many",
            "; {n} {left_out} por ser demasiados",
            n = lang.number(n),
            left_out = lang.agree(n, ["left out", "left out"], ["omitido", "omitidos"])
        ));
    }
    text
}

/// What became of the questions to the reverse DNS.
fn reverse(lang: Lang, counts: ReverseCounts) -> String {
    let mut text = say!(
        lang,
        "reverse DNS: {addresses} {asked}",
        "DNS inverso: {addresses} {asked}",
        addresses = lang.count(counts.asked, ADDRESS),
        asked = lang.agree(
            counts.asked,
            ["asked", "asked"],
            ["consultada", "consultadas"]
        ),
    );
    let joined = JOINED.to_string();
    for (count, en, es) in [
        (counts.named, "named", "con nombre"),
        (counts.unnamed, "without a name", "sin nombre"),
        (counts.failed, "failed", "con error"),
        (counts.unanswered, "not answered", "sin respuesta"),
    ] {
        if count > 0 {
            let what = lang.either(en, es).replace(' ', &joined);
            text.extend([", ", &lang.number(count), &joined, &what]);
        }
    }
    if counts.left_out > 0 {
        text.push_str(&say!(
            lang,
            "; {hosts} left out",
            "; {hosts} sin consultar",
            hosts = lang.count(counts.left_out, HOST)
        ));
    }
    text
}

/// `1.50 % of SYNs to ports that answered in the end (6 of 400); 0.02 open ports are expected to be missed`.
fn loss(lang: Lang, loss: Loss, missed_millionths: u64) -> String {
    if loss.asked == 0 {
        let unknown = lang.either(
            "not measured: no port answered with a SYN-ACK or a RST",
            "no se midió: ningún puerto respondió con SYN-ACK o RST",
        );
        return unknown.to_owned();
    }
    let missed = missed_millionths as f64 / 1e6;
    let missed = if missed < 0.005 {
        let least = lang.decimal(0.01, 2);
        say!(
            lang,
            "fewer than {least}",
            "menos de {least}",
            least = least
        )
    } else if missed < 1_000.0 {
        lang.decimal(missed, 2)
    } else {
        lang.number(missed.round() as u64)
    };
    say!(
        lang,
        "{share} % of SYNs to ports that answered in the end ({lost} of {asked}), without those sent while nothing came back; {missed} open ports are expected to be missed",
        "{share} % de los SYN a puertos que al final respondieron ({lost} de {asked}), sin los enviados mientras no volvía nada; se espera haber pasado por alto {missed} puertos abiertos",
        share = lang.decimal(loss.lost as f64 * 100.0 / loss.asked as f64, 2),
        lost = lang.number(loss.lost),
        asked = lang.number(loss.asked),
        missed = missed
    )
}

/// `nothing came back from anybody twice, 4.1 s in all; what was asked then was asked again`.
fn outages(lang: Lang, outages: Outages) -> String {
    let slower = outages.per_second.map_or(String::new(), |pace| {
        say!(
            lang,
            ", more slowly: {pace} a second at the slowest",
            ", más despacio: {pace} por segundo como mínimo",
            pace = lang.count(pace.into(), ATTEMPT)
        )
    });
    say!(
        lang,
        "nothing came back from anybody {times}, {silent} in all; what was asked then was asked again{slower}",
        "no volvió nada de nadie {times}, {silent} en total; lo preguntado entonces se volvió a preguntar{slower}",
        times = lang.times(outages.times.into()),
        silent = lang.length(outages.silent.into()),
        slower = slower
    )
}

/// `fell silent twice, and was asked more slowly from then on: 80 attempts a second at the slowest`.
pub(in crate::report) fn slowed(lang: Lang, slowed: Slowed) -> String {
    say!(
        lang,
        "fell silent {times}, and was asked more slowly from then on: {pace} a second at the slowest",
        "calló {times} y desde entonces se le preguntó más despacio: {pace} por segundo como mínimo",
        times = lang.times(slowed.times.into()),
        pace = lang.count(slowed.per_second.into(), ATTEMPT)
    )
}

/// `2 hosts fell silent for a while and got fewer attempts a second from then on`.
fn slowed_hosts(lang: Lang, hosts: u64) -> String {
    say!(
        lang,
        "{hosts} {fell} silent for a while and got fewer attempts a second from then on",
        "{hosts} {fell} durante un tiempo, con menos intentos por segundo desde entonces",
        hosts = lang.count(hosts, HOST),
        fell = lang.agree(hosts, ["fell", "fell"], ["calló", "callaron"])
    )
}

/// `2 of 800 planned probes were not tested`.
pub(in crate::report) fn not_tested(lang: Lang, untested: u64, planned: u64) -> String {
    say!(
        lang,
        "{untested} of {planned} {were} not tested",
        "{were} sin comprobar {untested} de {planned}",
        untested = lang.number(untested),
        were = match lang {
            Lang::En => lang.agree(planned, ["was", "were"], ["", ""]),
            Lang::Es => lang.agree(untested, ["", ""], ["quedó", "quedaron"]),
        },
        planned = match lang {
            Lang::Es if planned != 1 => format!("las {}", lang.count(planned, PLANNED_PROBE)),
            _ => lang.count(planned, PLANNED_PROBE),
        }
    )
}

/// `never begun: 1 of 9 hosts, their ports counted above`.
pub(in crate::report) fn never_begun(lang: Lang, unbegun: u64, planned: u64) -> String {
    say!(
        lang,
        "never begun: {unbegun} of {planned}, their ports counted above",
        "sin empezar: {unbegun} de {planned}; sus puertos están contados arriba",
        unbegun = lang.number(unbegun),
        planned = lang.count(planned, HOST)
    )
}

/// `40 probes = 26 tested + 14 untested`, of which `planned` are the first words; that counts do not add up is said.
pub(in crate::report) fn sum(lang: Lang, planned: &str, counts: &Counts, balances: bool) -> String {
    let sign = if balances {
        "="
    } else {
        lang.either("is NOT", "NO es")
    };
    let (tested, untested) = (counts.tested(), counts.in_state(State::Untested));
    say!(
        lang,
        "{planned} {sign} {tested} {words} + {untested} untested",
        "{planned} {sign} {tested} {words} + {untested} sin comprobar",
        planned = planned,
        sign = sign,
        tested = lang.number(tested),
        words = lang.agree(tested, ["tested", "tested"], ["comprobada", "comprobadas"]),
        untested = lang.number(untested)
    )
}

/// How the scan went about it, line by line, each with its label; `slowed` hosts were asked more slowly.
pub(in crate::report) fn course(
    lang: Lang,
    seed: u64,
    trailer: &Trailer,
    slowed: u64,
) -> impl Iterator<Item = (&'static str, String)> {
    let account = &trailer.account;
    let tally = &account.tally;
    let lines = [
        (
            lang.either("sent", "enviado"),
            Some(sent(lang, tally.attempts, account.elapsed, seed)),
        ),
        (
            lang.either("extra", "además"),
            Some(trailer.extra_probes())
                .filter(|&n| n > 0)
                .map(|n| extra(lang, n)),
        ),
        (
            lang.either("located", "localizados"),
            trailer.sampled.map(|of| sampled(lang, of)),
        ),
        (
            lang.either("names", "nombres"),
            trailer.reverse.map(|counts| reverse(lang, counts)),
        ),
        (
            lang.either("services", "servicios"),
            trailer.identified.map(|of| counts(lang, &of)),
        ),
        (
            lang.either("loss", "pérdida"),
            Some(loss(lang, account.loss, tally.missed_millionths)),
        ),
        (
            lang.either("path", "camino"),
            tally.outages.map(|of| outages(lang, of)),
        ),
        (
            lang.either("slowed", "más despacio"),
            (slowed > 0).then(|| slowed_hosts(lang, slowed)),
        ),
    ];
    let told = |(label, text): (_, Option<String>)| Some((label, text?));
    lines.into_iter().filter_map(told)
}

/// `40 attempts in 1.25 s, 32 attempts/s, seed 7`.
fn sent(lang: Lang, attempts: u64, elapsed: Duration, seed: u64) -> String {
    let rate = per_second(attempts, elapsed);
    let rate = rate.map_or(String::new(), |n| format!(", {}/s", lang.count(n, ATTEMPT)));
    say!(
        lang,
        "{attempts} in {elapsed}{rate}, seed {seed}",
        "{attempts} en {elapsed}{rate}, semilla {seed}",
        attempts = lang.count(attempts, ATTEMPT),
        elapsed = lang.length(elapsed),
        rate = rate,
        seed = seed
    )
}

/// `3 probes outside the plan`.
fn extra(lang: Lang, extra: u64) -> String {
    say!(
        lang,
        "{probes} outside the plan",
        "{probes} aparte de lo previsto",
        probes = lang.count(extra, PROBE)
    )
}

/// `by default 2 hosts silent, 1 host rejecting`.
pub(in crate::report) fn policies(lang: Lang, policies: &[(Policy, u64)]) -> String {
    let each = policies.iter().map(|&(policy, hosts)| {
        say!(
            lang,
            "{hosts} {policy}",
            "{policy} en {hosts}",
            hosts = lang.count(hosts, HOST),
            policy = lang.policy(policy)
        )
    });
    let each = each.collect::<Vec<_>>().join(", ");
    say!(
        lang,
        "by default {each}",
        "por defecto, {each}",
        each = each
    )
}

/// `Complete, but for 1 probe left out as was asked for`.
pub(in crate::report) fn complete_but(lang: Lang, left_out: u64) -> String {
    say!(
        lang,
        "Complete, but for {probes} left out as {were} asked for",
        "Completo, salvo {probes} que se {were} sin comprobar porque así se pidió",
        probes = lang.count(left_out, PROBE),
        were = lang.agree(left_out, ["was", "was"], ["dejó", "dejaron"])
    )
}

/// A list whose first entries are told: `a, b and 2 more`.
pub(in crate::report) fn and_more(lang: Lang, told: String, more: u64) -> String {
    match more {
        0 => told,
        n => say!(
            lang,
            "{told} and {n} more",
            "{told} y {n} más",
            told = told,
            n = lang.number(n)
        ),
    }
}

#[cfg(test)]
mod tests;
