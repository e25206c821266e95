//! The listed ports of a host, a line for each, in columns.

use std::borrow::Cow;
use std::fmt::Write as _;

use picaporte_core::{Close, Duration, Grade, Icmp, Reason, State, Verdict};

use super::super::{Header, Style, identified};
use super::host::rejection;
use super::paint::Paint;
use super::service::Told;
use super::text::{columns, wrap};
use super::words;
use crate::report::Lang;
use crate::words::nouns::{ATTEMPT, RETRANSMIT};

/// Columns of a port, with those before it, and between one column and the next.
const PORTS: usize = 7;
const GAP: usize = 2;
/// Columns that a reason needs beside the others: the longest, `admin-prohibited,`, in which no line can end.
const REASON: usize = 17;

/// What is kept of a listed port until its host is done.
pub(super) struct Row {
    port: u16,
    reason: Reason,
    attempts: u8,
    retransmits: u8,
    rtt_micros: Option<u64>,
    icmp: Option<Box<Icmp>>,
    neighbour: bool,
    reset: bool,
    grade: Option<Grade>,
    ambiguous: bool,
    service: Option<Box<Told>>,
}

impl Row {
    pub(super) fn new(header: &Header, lang: Lang, verdict: &Verdict) -> Self {
        let evidence = verdict.evidence;
        Self {
            port: verdict.port,
            reason: verdict.reason,
            attempts: verdict.attempts,
            retransmits: evidence.retransmits,
            rtt_micros: verdict.rtt.map(Duration::as_micros),
            icmp: evidence.icmp.map(Box::new),
            neighbour: evidence.neighbour,
            reset: evidence.close == Some(Close::Reset),
            grade: evidence.grade,
            ambiguous: evidence.ambiguous,
            service: Told::of(header, lang, verdict),
        }
    }

    pub(super) fn state(&self) -> State {
        self.reason.state()
    }

    /// What was found to listen there, or else the usual name of the port; a dash where that has none.
    fn service(&self, header: &Header) -> Cow<'_, str> {
        let name = match &self.service {
            Some(told) => told.name().map(Cow::Borrowed),
            None => identified::words::called(header, None, (self.port, self.state())),
        };
        name.unwrap_or(Cow::Borrowed("-"))
    }

    fn round_trip(&self, lang: Lang) -> String {
        let rtt = self.rtt_micros;
        rtt.map_or("-".to_owned(), |micros| lang.round_trip(micros))
    }

    /// The reason and what proves it: `admin-prohibited, icmp 3/13 from 192.0.2.1`.
    fn why(&self, header: &Header, lang: Lang) -> String {
        let mut why = self.reason.name().to_owned();
        if let Some(icmp) = &self.icmp {
            let _ = write!(why, ", {}", rejection(header, lang, icmp));
        }
        if self.neighbour {
            why.push_str(lang.either(", no neighbour", ", sin vecino"));
        }
        if self.ambiguous {
            why.push_str(lang.either(
                " or port-unreach, which this system does not tell",
                " o port-unreach: este sistema no los distingue",
            ));
        }
        if self.reset {
            why.push_str(lang.either(", reset after the handshake", ", reset tras el saludo"));
        }
        if self.reason.state() == State::Open
            && let Some(doubt) = words::doubt(lang, self.grade)
        {
            let _ = write!(why, ", {doubt}");
        }
        if self.attempts > 1 {
            let _ = write!(why, ", {}", lang.count(self.attempts.into(), ATTEMPT));
        }
        if self.retransmits > 0 {
            let _ = write!(why, ", {}", lang.count(self.retransmits.into(), RETRANSMIT));
        }
        if let Some(told) = &self.service {
            why.push_str(&told.says());
        }
        why
    }
}

/// Writes ports in their order.
pub(super) fn write(header: &Header, style: Style, rows: &mut [Row], out: &mut String) {
    rows.sort_unstable_by_key(|row| row.port);
    if !rows.is_empty() {
        Grid::of(header, style, rows).write(header, rows, out);
    }
}

/// How wide the columns of a host's ports are.
struct Grid {
    style: Style,
    state: usize,
    service: usize,
    rtt: usize,
    /// Round trip and reason stand on a line of their own, beneath the state.
    folded: bool,
}

impl Grid {
    fn of(header: &Header, style: Style, rows: &[Row]) -> Self {
        let lang = style.lang;
        let [_, state, service, rtt, _] = words::heads(lang);
        let widest = |head: &str, size: &dyn Fn(&Row) -> usize| {
            rows.iter().map(size).max().unwrap_or(0).max(columns(head))
        };
        let mut grid = Self {
            style,
            state: widest(state, &|row| columns(lang.state(row.state()))),
            service: widest(service, &|row| columns(&row.service(header))),
            rtt: widest(rtt, &|row| columns(&row.round_trip(lang))),
            folded: false,
        };
        grid.folded = grid.reasons_at() + REASON > style.width.into();
        grid
    }

    /// The column that reasons begin at.
    fn reasons_at(&self) -> usize {
        let before = if self.folded {
            0
        } else {
            self.state + GAP + self.service + GAP
        };
        PORTS + GAP + before + self.rtt + GAP
    }

    fn write(&self, header: &Header, rows: &[Row], out: &mut String) {
        let (paint, lang) = (
            Paint {
                color: self.style.color,
            },
            self.style.lang,
        );
        let [port, state, service, rtt, reason] = words::heads(lang);
        let padded = format!("{state:<0$}", self.state);
        let heads = self.line(port, &padded, service, rtt, reason);
        for line in heads.lines() {
            let _ = writeln!(out, "{}", paint.heads(line));
        }
        let at = self.reasons_at();
        for row in rows {
            let state = row.state();
            let padded = format!("{:<1$}", lang.state(state), self.state);
            let why = wrap(&row.why(header, lang), at, at, self.style.width.into());
            let line = self.line(
                &row.port.to_string(),
                &paint.state(state, &padded),
                &row.service(header),
                &row.round_trip(lang),
                &why,
            );
            for line in line.lines() {
                let _ = writeln!(out, "{}", line.trim_end());
            }
            let notes = row.service.as_ref().map(|told| told.notes());
            if let Some(notes) = notes.filter(|notes| !notes.is_empty()) {
                let notes = wrap(&notes, at, at, self.style.width.into());
                let _ = writeln!(out, "{:at$}{notes}", "");
            }
        }
    }

    /// Cells side by side; the state is as wide as its column already, as it may be coloured.
    fn line(&self, port: &str, state: &str, service: &str, rtt: &str, why: &str) -> String {
        let (services, rtts) = (self.service, self.rtt);
        if self.folded {
            let (hang, width) = (PORTS + GAP, self.style.width.into());
            let service = wrap(service, hang + self.state + GAP, hang, width);
            return format!(
                "{port:>PORTS$}  {state}  {service}\n{:hang$}{rtt:>rtts$}  {why}",
                ""
            );
        }
        format!("{port:>PORTS$}  {state}  {service:<services$}  {rtt:>rtts$}  {why}")
    }
}
