//! The end of the document: who rejects, every count, what was not tested and why, and the line that says whether this is all.

use std::fmt::Write as _;

use picaporte_core::policy::Policy;
use picaporte_core::tally::Tally;
use picaporte_core::{Reason, State};

use super::super::firewalls::Firewalls;
use super::super::table::host::icmp_error;
use super::super::table::text::JOINED;
use super::super::table::words;
use super::super::{Header, Lang, Trailer, scope};
use super::code;
use super::hosts::Told;
use crate::words::nouns::{HOST, PROBE};

/// Up to how many names without an address are told; JSON has them all.
const NAMES: usize = 20;

/// Which devices reject, and what is done by default.
pub(super) fn firewalls(header: &Header, lang: Lang, firewalls: &Firewalls, text: &mut String) {
    let rejects = firewalls.rejects();
    let policies: Vec<_> = firewalls
        .policies()
        .filter(|(policy, hosts)| *hosts > 0 && *policy != Policy::Reset)
        .map(|(policy, hosts)| {
            say!(
                lang,
                "{hosts} by default {policy}",
                "{hosts}: por defecto, {policy}",
                hosts = lang.count(hosts, HOST),
                policy = lang.policy(policy)
            )
        })
        .collect();
    if rejects.len() == 0 && policies.is_empty() {
        return;
    }
    text.push_str(lang.either("\n## Firewalls\n", "\n## Cortafuegos\n"));
    if rejects.len() > 0 {
        text.push_str(lang.either(
            "\n| rejects with | ports | hosts |\n| --- | ---: | ---: |\n",
            "\n| rechaza con | puertos | equipos |\n| --- | ---: | ---: |\n",
        ));
        for kind in rejects {
            let error = code(&icmp_error(header, lang, &kind.icmp));
            let (ports, hosts) = (lang.number(kind.ports), lang.number(kind.hosts));
            let _ = writeln!(text, "| {error} | {ports} | {hosts} |");
        }
        if firewalls.untold() > 0 {
            let kinds = lang.either(
                "more kinds than are kept apart",
                "otras clases, que no se guardan por separado",
            );
            let ports = lang.number(firewalls.untold());
            let _ = writeln!(text, "| {kinds} | {ports} | |");
        }
    }
    if !policies.is_empty() {
        let between = lang.either(", ", "; ");
        let _ = writeln!(text, "\n{}.", policies.join(between));
    }
}

/// Every count, and the last line.
pub(super) fn write(header: &Header, lang: Lang, trailer: &Trailer, told: Told, text: &mut String) {
    untested(header, lang, &trailer.account.tally, told, text);
    text.push_str(lang.either(
        "\n## Summary\n\n| | |\n| --- | --- |\n",
        "\n## Resumen\n\n| | |\n| --- | --- |\n",
    ));
    let tally = &trailer.account.tally;
    for (label, cell) in counts(lang, tally).chain(course(header, lang, trailer, told)) {
        let _ = writeln!(text, "| {label} | {} |", cell.replace(JOINED, " "));
    }
    if !tally.balances() {
        text.push_str(lang.either(
            "\n**FAULT**: the counts do not add up to what was planned. This is an error in Picaporte; please report it with this document.\n",
            "\n**FALLO**: las cuentas no cuadran con lo previsto. Es un error de Picaporte; comuníquelo y adjunte este documento.\n",
        ));
    }
    let _ = writeln!(text, "\n{}", judgement(lang, trailer));
}

fn counts(lang: Lang, tally: &Tally) -> impl Iterator<Item = (&'static str, String)> {
    let counts = &tally.counts;
    let probes = lang.count(tally.planned, PROBE);
    let planned = words::sum(lang, &probes, counts, tally.balances());
    let states = State::ALL.map(|state| {
        let why = words::why(lang, tally, state);
        let count = lang.number(counts.in_state(state));
        (lang.states(state, 2), format!("{count}{why}"))
    });
    std::iter::once((lang.either("planned", "previstas"), planned)).chain(states)
}

/// How the scan went about it.
fn course(
    header: &Header,
    lang: Lang,
    trailer: &Trailer,
    told: Told,
) -> impl Iterator<Item = (&'static str, String)> {
    let kept = trailer.kept.as_ref();
    let kept = kept.map(|kept| format!("{}, SHA-256 {}", code(&kept.id), code(&kept.digest)));
    let kept = kept.map(|kept| (lang.either("kept", "guardado"), kept));
    let seed = header.plan.settings().seed;
    words::course(lang, seed, trailer, told.slowed).chain(kept)
}

/// What was not tested, and why; nothing where that is nothing.
fn untested(header: &Header, lang: Lang, tally: &Tally, told: Told, text: &mut String) {
    let reasons: Vec<_> = tally.counts.of_state(State::Untested).collect();
    if reasons.is_empty() {
        return;
    }
    text.push_str(lang.either(
        "\n## Not tested\n\n| reason | probes | why |\n| --- | ---: | --- |\n",
        "\n## Sin comprobar\n\n| motivo | sondas | por qué |\n| --- | ---: | --- |\n",
    ));
    for (reason, count) in reasons {
        let (name, count) = (reason.name(), lang.number(count));
        let because = because(header, lang, reason);
        let _ = writeln!(text, "| {name} | {count} | {because} |");
    }
    let planned = header.plan.planned_hosts();
    let unbegun = planned.saturating_sub(told.hosts);
    if unbegun > 0 {
        text.push_str(&say!(
            lang,
            "\nNever begun: {unbegun} of {planned}, their ports counted above.\n",
            "\nSin empezar: {unbegun} de {planned}; sus puertos están contados arriba.\n",
            unbegun = lang.number(unbegun),
            planned = lang.count(planned, HOST)
        ));
    }
}

/// Backticks in our own sentences are code here too.
fn because(header: &Header, lang: Lang, reason: Reason) -> String {
    let mut why = lang.untested_because(reason).to_owned();
    if reason == Reason::Unresolved {
        let names = header.plan.unresolved();
        let told: Vec<_> = names.iter().take(NAMES).map(|u| code(&u.name)).collect();
        let more = names.len().saturating_sub(NAMES) as u64;
        let _ = write!(why, " {}", words::and_more(lang, told.join(", "), more));
    }
    if reason == Reason::OutOfScope
        && let Some(outside) = scope::outside(header, lang)
    {
        let _ = write!(why, " {}", code(&outside));
    }
    why
}

/// The last line.
fn judgement(lang: Lang, trailer: &Trailer) -> String {
    let tested = tested(lang, trailer);
    match trailer.unasked(lang) {
        Some(unasked) => format!("{tested} {unasked}."),
        None => tested,
    }
}

/// Whether every planned probe was tested.
fn tested(lang: Lang, trailer: &Trailer) -> String {
    let tally = &trailer.account.tally;
    let untested = tally.counts.in_state(State::Untested);
    let missing = words::not_tested(lang, untested, tally.planned);
    match (tally.complete(), trailer.account.interrupted) {
        (true, _) if untested == 0 => lang
            .either(
                "**Complete**: every planned probe was tested.",
                "**Completo**: se comprobaron todas las sondas previstas.",
            )
            .to_owned(),
        (true, _) => say!(
            lang,
            "**Complete**, but for {left} left out as {was} asked for.",
            "**Completo**, salvo {left} que se {was} sin comprobar porque así se pidió.",
            left = lang.count(untested, PROBE),
            was = lang.agree(untested, ["was", "was"], ["dejó", "dejaron"])
        ),
        (false, true) => say!(
            lang,
            "**Cut**: the scan was interrupted; {missing}.",
            "**A medias**: el escaneo se interrumpió; {missing}.",
            missing = missing
        ),
        (false, false) => say!(
            lang,
            "**Incomplete**: {missing}.",
            "**Incompleto**: {missing}.",
            missing = missing
        ),
    }
}
