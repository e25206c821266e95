//! The end of the table: every count, whether anything was left untested, and why.

use std::fmt::Write as _;

use picaporte_core::policy::Policy;
use picaporte_core::tally::Tally;
use picaporte_core::{Reason, State};

use super::super::firewalls::Firewalls;
use super::super::{Header, Style, Trailer, encode, scope};
use super::host;
use super::text::{counted, length, number, per_second, wrap};
use super::words::{self, Paint};

/// Where the counts begin.
const LABELS: usize = 10;

/// Up to how many names without an address are told; JSON has them all.
const NAMES: usize = 20;

/// Up to how many kinds of rejection are told; JSON has more.
const KINDS: usize = 5;

/// What the hosts showed that were told.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    /// How many they are.
    pub(super) hosts: u64,
    /// How many of them were slowed down for.
    pub(super) slowed: u64,
    /// What stands before them; `None` where that has been told already.
    pub(super) firewalls: Option<&'a Firewalls>,
}

/// Writes the summary.
pub(super) fn write(
    header: &Header,
    style: Style,
    trailer: &Trailer,
    told: Told<'_>,
    out: &mut String,
) {
    let mut summary = Summary {
        header,
        style,
        trailer,
        told,
        out,
    };
    summary.counts();
    summary.firewalls();
    summary.course();
    summary.judgement();
    summary.kept();
}

struct Summary<'a> {
    header: &'a Header,
    style: Style,
    trailer: &'a Trailer,
    told: Told<'a>,
    out: &'a mut String,
}

impl Summary<'_> {
    fn tally(&self) -> &Tally {
        &self.trailer.account.tally
    }

    fn counts(&mut self) {
        let tally = self.tally().clone();
        let counts = &tally.counts;
        let figures = number(tally.planned).len();
        let (tested, untested) = (counts.tested(), counts.in_state(State::Untested));
        let sign = if tally.balances() { "=" } else { "is NOT" };
        let sum = format!(
            "{:>figures$} {} {sign} {} tested + {} untested",
            number(tally.planned),
            if tally.planned == 1 {
                "probe"
            } else {
                "probes"
            },
            number(tested),
            number(untested)
        );
        self.line("planned", None, &sum);
        for state in State::ALL {
            let count = number(counts.in_state(state));
            let reasons = match state {
                State::Open => words::grades(&tally.graded, counts.in_state(state)),
                _ => words::reasons(counts, state),
            };
            self.line(
                state.name(),
                Some(state),
                &format!("{count:>figures$}{reasons}"),
            );
        }
    }

    /// Who rejected, and what is done by default.
    fn firewalls(&mut self) {
        let Some(firewalls) = self.told.firewalls else {
            return;
        };
        let rejects = firewalls.rejects();
        let more = (
            rejects.len().saturating_sub(KINDS) as u64,
            firewalls.untold(),
        );
        let rejects = rejects.take(KINDS).map(|kind| {
            let by = host::icmp_error(self.header, &kind.icmp);
            let (ports, hosts) = (counted(kind.ports, "port"), counted(kind.hosts, "host"));
            format!("{by}: {ports} of {hosts}")
        });
        let mut rejects: Vec<_> = rejects.collect();
        match more {
            (0, 0) => {}
            (0, ports) => rejects.push(format!("and {}", counted(ports, "more port"))),
            (kinds, _) => rejects.push(format!("and more, of {}", counted(kinds, "other kind"))),
        }
        if !rejects.is_empty() {
            self.line("rejected", None, &rejects.join(", "));
        }
        let policies = firewalls.policies().filter(|(_, hosts)| *hosts > 0);
        let policies: Vec<_> = policies.collect();
        if policies.iter().any(|(policy, _)| *policy != Policy::Reset) {
            let each = policies.iter().map(|(policy, hosts)| {
                format!("{} {}", counted(*hosts, "host"), words::policy(*policy))
            });
            let each = each.collect::<Vec<_>>().join(", ");
            self.line("policy", None, &format!("by default {each}"));
        }
    }

    /// How the scan went about it.
    fn course(&mut self) {
        let account = &self.trailer.account;
        let mut sent = format!(
            "{} in {}",
            counted(account.tally.attempts, "attempt"),
            length(account.elapsed)
        );
        if let Some(rate) = per_second(account.tally.attempts, account.elapsed) {
            let _ = write!(sent, ", {}/s", counted(rate, "attempt"));
        }
        let _ = write!(sent, ", seed {}", self.header.plan.settings().seed);
        let extra = (account.tally.extra > 0)
            .then(|| format!("{} outside the plan", counted(account.tally.extra, "probe")));
        let sampled = self.trailer.sampled.map(words::sampled);
        let names = self.trailer.reverse.map(words::reverse);
        let loss = Some(words::loss(account.loss, account.tally.missed_millionths));
        let slowed = (self.told.slowed > 0).then(|| {
            format!(
                "{} fell silent for a while and got fewer attempts a second from then on",
                counted(self.told.slowed, "host")
            )
        });
        let outages = account.tally.outages.map(words::outages);
        self.line("sent", None, &sent);
        for (label, text) in [
            ("extra", extra),
            ("located", sampled),
            ("names", names),
            ("loss", loss),
            ("path", outages),
            ("slowed", slowed),
        ] {
            if let Some(text) = text {
                self.line(label, None, &text);
            }
        }
    }

    /// Whether everything was tested, and what was not and why.
    fn judgement(&mut self) {
        let tally = self.tally().clone();
        let untested = tally.counts.in_state(State::Untested);
        self.out.push('\n');
        if !tally.balances() {
            self.alarm("FAULT: the counts do not add up to what was planned. This is an error in Picaporte; please report it with this output.");
        }
        if tally.complete() && untested == 0 {
            self.sentence("Complete: every planned probe was tested.", 0);
        } else if tally.complete() {
            let left = counted(untested, "probe");
            self.sentence(
                &format!("Complete, but for {left} left out as was asked for:"),
                0,
            );
        } else {
            let missing = words::not_tested(untested, tally.planned);
            self.alarm(&format!("INCOMPLETE: {missing}."));
        }
        for (reason, count) in tally.counts.of_state(State::Untested) {
            self.because(reason, count);
        }
        let plan = &self.header.plan;
        let planned = plan.planned_hosts();
        let unbegun = planned.saturating_sub(self.told.hosts);
        if unbegun > 0 {
            let (unbegun, planned) = (number(unbegun), counted(planned, "host"));
            let text = format!("- never begun: {unbegun} of {planned}, their ports counted above.");
            self.sentence(&text, 2);
        }
    }

    /// Where it is kept, and what proves that it is still the same.
    fn kept(&mut self) {
        if let Some(kept) = &self.trailer.kept {
            let (id, digest) = (encode::terminal(&kept.id), encode::terminal(&kept.digest));
            self.sentence(&format!("Kept as {id}, SHA-256 {digest}"), 2);
        }
    }

    /// `- 100 interrupted: the scan was stopped before their turn. …`
    fn because(&mut self, reason: Reason, count: u64) {
        let mut text = format!("- {} {}", number(count), reason.name());
        if reason == Reason::Unresolved {
            let _ = write!(text, ", {}", self.unresolved());
        }
        if reason == Reason::OutOfScope
            && let Some(outside) = scope::outside(self.header)
        {
            let _ = write!(text, " ({outside})");
        }
        let _ = write!(text, ": {}", words::untested_because(reason));
        self.sentence(&text, 2);
    }

    /// The names without an address.
    fn unresolved(&self) -> String {
        let names = self.header.plan.unresolved();
        let told = names.iter().take(NAMES).map(|u| encode::terminal(&u.name));
        let mut text = told.collect::<Vec<_>>().join(", ");
        if names.len() > NAMES {
            let _ = write!(text, " and {} more", number((names.len() - NAMES) as u64));
        }
        text
    }

    fn line(&mut self, label: &str, state: Option<State>, text: &str) {
        let paint = Paint {
            color: self.style.color,
        };
        let label = format!("{label:<LABELS$}");
        let label = state.map_or_else(|| paint.title(&label), |state| paint.state(state, &label));
        let text = wrap(text, LABELS, LABELS, usize::from(self.style.width));
        let _ = writeln!(self.out, "{label}{text}");
    }

    fn sentence(&mut self, text: &str, hang: usize) {
        let text = wrap(text, 0, hang, usize::from(self.style.width));
        let _ = writeln!(self.out, "{text}");
    }

    /// A sentence that nobody may overlook.
    fn alarm(&mut self, text: &str) {
        let paint = Paint {
            color: self.style.color,
        };
        for line in wrap(text, 0, 0, usize::from(self.style.width)).lines() {
            let _ = writeln!(self.out, "{}", paint.state(State::Untested, line));
        }
    }
}
