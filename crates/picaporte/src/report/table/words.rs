//! What a table says of counts, grades, loss and pace. The document in Markdown says the same.

use picaporte_core::State;
use picaporte_core::policy::Policy;
use picaporte_core::scan::Slowed;
use picaporte_core::tally::Counts;

use crate::report::Lang;
use crate::words::nouns::{ATTEMPT, HOST, PLANNED_PROBE, PROBE};

mod counts;
mod course;

pub(super) use counts::states;
pub(in crate::report) use counts::{answers_everything, doubt, reasons, why};
pub(in crate::report) use course::course;

/// The heads of the columns: port, state, service, round trip, reason.
pub(super) const fn heads(lang: Lang) -> [&'static str; 5] {
    match lang {
        Lang::En => ["PORT", "STATE", "SERVICE", "RTT", "REASON"],
        Lang::Es => ["PUERTO", "ESTADO", "SERVICIO", "RTT", "MOTIVO"],
    }
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
