//! Ports by state, each with its reasons or grades, and what speaks against an open one.

use picaporte_core::tally::{Counts, Tally};
use picaporte_core::{Grade, Graded, State, Suspicion};

use crate::report::Lang;
use crate::report::table::text::JOINED;
use crate::words::nouns::OPEN_PORT;

/// `3 open, 997 closed (conn-refused), 12 filtered (10 no-response, 2 admin-prohibited)`.
/// Open ports are graded where not all of them are confirmed.
pub(in crate::report::table) fn states(lang: Lang, counts: &Counts, graded: &Graded) -> String {
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

/// ` (3 confirmed, 1 suspect)`, with those of `open` ports that have no grade; ` (confirmed)` where all are the same.
fn grades(lang: Lang, graded: &Graded, open: u64) -> String {
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

#[cfg(test)]
mod tests;
