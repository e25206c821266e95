//! The end of the document: who rejects, every count, what was not tested and why, and the line that says whether this is all.

use std::fmt::Write as _;

use picaporte_core::policy::Policy;
use picaporte_core::tally::Tally;
use picaporte_core::{Reason, State};

use super::super::firewalls::Firewalls;
use super::super::table::host::icmp_error;
use super::super::table::text::{JOINED, counted, length, number, per_second};
use super::super::table::words;
use super::super::{Header, Trailer, scope};
use super::code;
use super::hosts::Told;

/// Up to how many names without an address are told; JSON has them all.
const NAMES: usize = 20;

/// Which devices reject, and what is done by default.
pub(super) fn firewalls(header: &Header, firewalls: &Firewalls, text: &mut String) {
    let rejects = firewalls.rejects();
    let policies: Vec<_> = firewalls
        .policies()
        .filter(|(policy, hosts)| *hosts > 0 && *policy != Policy::Reset)
        .map(|(policy, hosts)| {
            format!(
                "{} by default {}",
                counted(hosts, "host"),
                words::policy(policy)
            )
        })
        .collect();
    if rejects.len() == 0 && policies.is_empty() {
        return;
    }
    text.push_str("\n## Firewalls\n");
    if rejects.len() > 0 {
        text.push_str("\n| rejects with | ports | hosts |\n| --- | ---: | ---: |\n");
        for kind in rejects {
            let error = code(&icmp_error(header, &kind.icmp));
            let (ports, hosts) = (number(kind.ports), number(kind.hosts));
            let _ = writeln!(text, "| {error} | {ports} | {hosts} |");
        }
        if firewalls.untold() > 0 {
            let ports = number(firewalls.untold());
            let _ = writeln!(text, "| more kinds than are kept apart | {ports} | |");
        }
    }
    if !policies.is_empty() {
        let _ = writeln!(text, "\n{}.", policies.join(", "));
    }
}

/// Every count, and the last line.
pub(super) fn write(header: &Header, trailer: &Trailer, told: Told, text: &mut String) {
    untested(header, &trailer.account.tally, told, text);
    text.push_str("\n## Summary\n\n| | |\n| --- | --- |\n");
    let tally = &trailer.account.tally;
    for (label, cell) in counts(tally).chain(course(header, trailer, told)) {
        let _ = writeln!(text, "| {label} | {} |", cell.replace(JOINED, " "));
    }
    if !tally.balances() {
        text.push_str("\n**FAULT**: the counts do not add up to what was planned. This is an error in Picaporte; please report it with this document.\n");
    }
    let _ = writeln!(text, "\n{}", judgement(trailer));
}

fn counts(tally: &Tally) -> impl Iterator<Item = (&'static str, String)> {
    let counts = &tally.counts;
    let sign = if tally.balances() { "=" } else { "is NOT" };
    let planned = format!(
        "{} {sign} {} tested + {} untested",
        counted(tally.planned, "probe"),
        number(counts.tested()),
        number(counts.in_state(State::Untested))
    );
    let states = State::ALL.map(|state| {
        let count = counts.in_state(state);
        let why = match state {
            State::Open => words::grades(&tally.graded, count),
            _ => words::reasons(counts, state),
        };
        (state.name(), format!("{}{why}", number(count)))
    });
    std::iter::once(("planned", planned)).chain(states)
}

/// How the scan went about it.
fn course(
    header: &Header,
    trailer: &Trailer,
    told: Told,
) -> impl Iterator<Item = (&'static str, String)> {
    let account = &trailer.account;
    let tally = &account.tally;
    let rate = per_second(tally.attempts, account.elapsed);
    let rate = rate.map_or(String::new(), |n| format!(", {}/s", counted(n, "attempt")));
    let sent = format!(
        "{} in {}{rate}, seed {}",
        counted(tally.attempts, "attempt"),
        length(account.elapsed),
        header.plan.settings().seed
    );
    let extra =
        (tally.extra > 0).then(|| format!("{} outside the plan", counted(tally.extra, "probe")));
    let slowed = (told.slowed > 0).then(|| {
        let hosts = counted(told.slowed, "host");
        format!("{hosts} fell silent for a while and got fewer attempts a second from then on")
    });
    let kept = trailer.kept.as_ref();
    let kept = kept.map(|kept| format!("{}, SHA-256 {}", code(&kept.id), code(&kept.digest)));
    [
        ("sent", Some(sent)),
        ("extra", extra),
        ("located", trailer.sampled.map(words::sampled)),
        ("names", trailer.reverse.map(words::reverse)),
        (
            "loss",
            Some(words::loss(account.loss, tally.missed_millionths)),
        ),
        ("path", tally.outages.map(words::outages)),
        ("slowed", slowed),
        ("kept", kept),
    ]
    .into_iter()
    .filter_map(|(label, cell)| Some((label, cell?)))
}

/// What was not tested, and why; nothing where that is nothing.
fn untested(header: &Header, tally: &Tally, told: Told, text: &mut String) {
    let reasons: Vec<_> = tally.counts.of_state(State::Untested).collect();
    if reasons.is_empty() {
        return;
    }
    text.push_str("\n## Not tested\n\n| reason | probes | why |\n| --- | ---: | --- |\n");
    for (reason, count) in reasons {
        let (name, count) = (reason.name(), number(count));
        let _ = writeln!(text, "| {name} | {count} | {} |", because(header, reason));
    }
    let planned = header.plan.planned_hosts();
    let unbegun = planned.saturating_sub(told.hosts);
    if unbegun > 0 {
        let (unbegun, planned) = (number(unbegun), counted(planned, "host"));
        let _ = writeln!(
            text,
            "\nNever begun: {unbegun} of {planned}, their ports counted above."
        );
    }
}

/// Backticks in our own sentences are code here too.
fn because(header: &Header, reason: Reason) -> String {
    let mut why = words::untested_because(reason).to_owned();
    if reason == Reason::Unresolved {
        let names = header.plan.unresolved();
        let told: Vec<_> = names.iter().take(NAMES).map(|u| code(&u.name)).collect();
        let _ = write!(why, " {}", told.join(", "));
        if names.len() > NAMES {
            let _ = write!(why, " and {} more", number((names.len() - NAMES) as u64));
        }
    }
    if reason == Reason::OutOfScope
        && let Some(outside) = scope::outside(header)
    {
        let _ = write!(why, " {}", code(&outside));
    }
    why
}

/// The last line.
fn judgement(trailer: &Trailer) -> String {
    let tally = &trailer.account.tally;
    let untested = tally.counts.in_state(State::Untested);
    let missing = words::not_tested(untested, tally.planned);
    match (tally.complete(), trailer.account.interrupted) {
        (true, _) if untested == 0 => "**Complete**: every planned probe was tested.".to_owned(),
        (true, _) => format!(
            "**Complete**, but for {} left out as was asked for.",
            counted(untested, "probe")
        ),
        (false, true) => format!("**Cut**: the scan was interrupted; {missing}."),
        (false, false) => format!("**Incomplete**: {missing}."),
    }
}
