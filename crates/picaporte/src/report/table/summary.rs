//! The end of the table: every count, whether anything was left untested, and why.

use std::fmt::Write as _;

use picaporte_core::policy::Policy;
use picaporte_core::tally::Tally;
use picaporte_core::{Reason, State};

use super::super::firewalls::Firewalls;
use super::super::{Header, Style, Trailer, encode, scope};
use super::host;
use super::paint::Paint;
use super::text::{columns, joined, wrap};
use super::words;
use crate::report::Lang;
use crate::words::nouns::{HOST, MORE_PORTS, OTHER_KIND, PORT, PROBE};

/// Where the counts begin: after the longest label.
const fn labels(lang: Lang) -> usize {
    match lang {
        Lang::En => 10,
        Lang::Es => 15,
    }
}

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

    fn lang(&self) -> Lang {
        self.style.lang
    }

    fn counts(&mut self) {
        let (lang, tally) = (self.lang(), self.tally().clone());
        let counts = &tally.counts;
        let planned = lang.number(tally.planned);
        let figures = columns(&planned);
        let probes = format!("{planned} {}", lang.word(tally.planned, PROBE));
        let sum = words::sum(lang, &probes, counts, tally.balances());
        self.line(lang.either("planned", "previstas"), None, &sum);
        for state in State::ALL {
            let all = counts.in_state(state);
            let count = lang.number(all);
            let why = words::why(lang, &tally, state);
            self.line(
                lang.states(state, 2),
                Some(state),
                &format!("{count:>figures$}{why}"),
            );
        }
    }

    /// Who rejected, and what is done by default.
    fn firewalls(&mut self) {
        let Some(firewalls) = self.told.firewalls else {
            return;
        };
        let lang = self.lang();
        let rejects = firewalls.rejects();
        let more = (
            rejects.len().saturating_sub(KINDS) as u64,
            firewalls.untold(),
        );
        let rejects = rejects.take(KINDS).map(|kind| {
            say!(
                lang,
                "{by}: {ports} of {hosts}",
                "{by}: {ports} de {hosts}",
                by = host::rejection(self.header, lang, &kind.icmp),
                ports = lang.count(kind.ports, PORT),
                hosts = lang.count(kind.hosts, HOST)
            )
        });
        let mut rejects: Vec<_> = rejects.collect();
        match more {
            (0, 0) => {}
            (0, ports) => rejects.push(say!(
                lang,
                "and {ports}",
                "y {ports}",
                ports = lang.count(ports, MORE_PORTS)
            )),
            (kinds, _) => rejects.push(say!(
                lang,
                "and more, of {kinds}",
                "y más, de {kinds}",
                kinds = lang.count(kinds, OTHER_KIND)
            )),
        }
        if !rejects.is_empty() {
            self.line(
                lang.either("rejected", "rechazos"),
                None,
                &rejects.join(", "),
            );
        }
        let policies = firewalls.policies().filter(|(_, hosts)| *hosts > 0);
        let policies: Vec<_> = policies.collect();
        if policies.iter().any(|(policy, _)| *policy != Policy::Reset) {
            let text = words::policies(lang, &policies);
            self.line(lang.either("policy", "política"), None, &text);
        }
    }

    /// How the scan went about it.
    fn course(&mut self) {
        let seed = self.header.plan.settings().seed;
        for (label, text) in words::course(self.lang(), seed, self.trailer, self.told.slowed) {
            self.line(label, None, &text);
        }
    }

    /// Whether everything was tested, and what was not and why.
    fn judgement(&mut self) {
        let tally = self.tally().clone();
        let untested = tally.counts.in_state(State::Untested);
        self.out.push('\n');
        let lang = self.lang();
        if !tally.balances() {
            self.alarm(lang.either(
                "FAULT: the counts do not add up to what was planned. This is an error in Picaporte; please report it with this output.",
                "FALLO: las cuentas no cuadran con lo previsto. Es un error de Picaporte; comuníquelo y adjunte esta salida.",
            ));
        }
        if tally.complete() && untested == 0 {
            let complete = lang.either(
                "Complete: every planned probe was tested.",
                "Completo: se comprobaron todas las sondas previstas.",
            );
            self.sentence(complete, 0);
        } else if tally.complete() {
            self.sentence(&format!("{}:", words::complete_but(lang, untested)), 0);
        } else {
            let incomplete = say!(
                lang,
                "INCOMPLETE: {missing}.",
                "INCOMPLETO: {missing}.",
                missing = words::not_tested(lang, untested, tally.planned)
            );
            self.alarm(&incomplete);
        }
        for (reason, count) in tally.counts.of_state(State::Untested) {
            self.because(reason, count);
        }
        let planned = self.header.plan.planned_hosts();
        let unbegun = planned.saturating_sub(self.told.hosts);
        if unbegun > 0 {
            let text = format!("- {}.", words::never_begun(lang, unbegun, planned));
            self.sentence(&text, 2);
        }
        if let Some(unasked) = self.trailer.unasked(lang) {
            self.alarm(&format!("{unasked}."));
        }
    }

    /// Where it is kept, and what proves that it is still the same.
    fn kept(&mut self) {
        if let Some(kept) = &self.trailer.kept {
            let text = say!(
                self.lang(),
                "Kept as {id}, SHA-256 {digest}",
                "Guardado como {id}, SHA-256 {digest}",
                id = encode::terminal(&kept.id),
                digest = encode::terminal(&kept.digest)
            );
            self.sentence(&text, 2);
        }
    }

    /// `- 100 interrupted: the scan was stopped before their turn. …`
    fn because(&mut self, reason: Reason, count: u64) {
        let lang = self.lang();
        let mut text = format!("- {} {}", lang.number(count), reason.name());
        if reason == Reason::Unresolved && !self.header.plan.unresolved().is_empty() {
            let _ = write!(text, ", {}", self.unresolved());
        }
        if reason == Reason::OutOfScope
            && let Some(outside) = scope::outside(self.header, lang)
        {
            let _ = write!(text, " ({outside})");
        }
        let _ = write!(text, ": {}", lang.untested_because(reason));
        self.sentence(&text, 2);
    }

    /// The names without an address.
    fn unresolved(&self) -> String {
        let names = self.header.plan.unresolved();
        let told = names.iter().take(NAMES);
        let told = told.map(|unresolved| joined(&encode::terminal(&unresolved.name)));
        let told = told.collect::<Vec<_>>().join(", ");
        words::and_more(self.lang(), told, names.len().saturating_sub(NAMES) as u64)
    }

    fn line(&mut self, label: &str, state: Option<State>, text: &str) {
        let paint = Paint {
            color: self.style.color,
        };
        let at = labels(self.lang());
        let label = format!("{label:<at$}");
        let label = state.map_or_else(|| paint.title(&label), |state| paint.state(state, &label));
        let text = wrap(text, at, at, usize::from(self.style.width));
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
