//! What was seen of one port: how SYNs fared that might take so many hops. Facts only; what they
//! mean is told in [`conclude`](super::conclude).

use crate::outcome::{Icmp, LocalError, Outcome};
use crate::target::Address;
use crate::time::{Duration, Instant};
use crate::verdict::{Reason, icmp_reason};

use super::located::Answer;
use super::{FAILURES, FULL, MAX_HOPS, MOST_ADDRESSES};

/// SYNs of one port with one time to live.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    pub(super) sent: u8,
    pub(super) flying: u8,
    pub(super) answered: u8,
    pub(super) silent: u8,
    /// Time-exceeded that came.
    pub(super) expired: u8,
    /// When the last one left.
    pub(super) last: Instant,
    /// Times that this port was silent here, and another that was asked right after it was not.
    pub(super) outdone: u8,
    pub(super) speakers: Vec<Address>,
}

impl Cell {
    /// Whether anything came back.
    pub(super) fn is_heard(&self) -> bool {
        self.answered + self.expired > 0
    }

    /// Whether it was asked and all that was asked is over.
    pub(super) fn is_over(&self) -> bool {
        self.sent > 0 && self.flying == 0
    }
}

/// Which of this machine's SYNs: how far it may go, and from how far its answer may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reach {
    /// The SYN's time to live: 1 to [`MAX_HOPS`], or [`FULL`].
    pub(super) ttl: u8,
    /// The least time to live that its answer must arrive with to be seen; 0 for any.
    pub(super) min_ttl: u8,
}

/// Everything seen of one port.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    pub(super) port: u16,
    /// By time to live; those beyond [`MAX_HOPS`] stand at 0.
    cells: Vec<Cell>,
    /// What came back of the port itself.
    pub(super) answer: Option<Answer>,
    /// Answers seen through a floor on their time to live: (floor, answered, silent, last).
    pub(super) floors: Vec<(u8, Cell)>,
    pub(super) attempts: u32,
    /// Attempts that this machine could not make, in a row.
    pub(super) failed: u8,
    pub(super) lacking: Option<LocalError>,
    /// The shortest time to an answer of any kind.
    pub(super) rtt: Option<Duration>,
}

impl Trace {
    pub(super) fn new(port: u16) -> Self {
        Self {
            port,
            cells: vec![Cell::default(); usize::from(MAX_HOPS) + 1],
            answer: None,
            floors: Vec::new(),
            attempts: 0,
            failed: 0,
            lacking: None,
            rtt: None,
        }
    }

    pub(super) fn at(&self, ttl: u8) -> &Cell {
        let place = if ttl > MAX_HOPS { 0 } else { ttl };
        &self.cells[usize::from(place)]
    }

    pub(super) fn at_mut(&mut self, ttl: u8) -> &mut Cell {
        let place = if ttl > MAX_HOPS { 0 } else { ttl };
        &mut self.cells[usize::from(place)]
    }

    pub(super) fn full(&self) -> &Cell {
        self.at(FULL)
    }

    fn cell(&mut self, reach: Reach) -> &mut Cell {
        if reach.min_ttl == 0 {
            return self.at_mut(reach.ttl);
        }
        let place = self.floors.iter().position(|f| f.0 == reach.min_ttl);
        let place = place.unwrap_or_else(|| {
            self.floors.push((reach.min_ttl, Cell::default()));
            self.floors.len() - 1
        });
        &mut self.floors[place].1
    }

    /// What is known of answers that arrive with at least this time to live.
    pub(super) fn floor(&self, min_ttl: u8) -> Cell {
        let known = self.floors.iter().find(|f| f.0 == min_ttl);
        known.map(|f| f.1.clone()).unwrap_or_default()
    }

    pub(super) fn sends(&mut self, now: Instant, reach: Reach) {
        self.attempts += 1;
        let cell = self.cell(reach);
        cell.sent = cell.sent.saturating_add(1);
        cell.flying += 1;
        cell.last = now;
    }

    /// What came of an attempt that left at `sent`.
    pub(super) fn take(&mut self, now: Instant, sent: Instant, reach: Reach, outcome: &Outcome) {
        self.cell(reach).flying -= 1;
        if let Outcome::Local(error) = outcome {
            self.failed = self.failed.saturating_add(1);
            self.lacking = Some(*error);
            self.unask(reach);
            return;
        }
        let answer = match outcome {
            Outcome::Connected { .. } | Outcome::ConnectedThenReset { .. } => Answer::Accepted,
            Outcome::Refused { .. } => Answer::Reset,
            Outcome::Rejected {
                icmp: Some(icmp), ..
            } if icmp_reason(icmp) == Reason::TimeExceeded => {
                self.timed(now, sent);
                return self.expires(reach, icmp);
            }
            Outcome::Rejected { icmp, .. } => Answer::Rejected(*icmp),
            // Whether a RST or an ICMP error, the system does not tell.
            Outcome::RefusedSomehow { .. } => Answer::Rejected(None),
            Outcome::NoNeighbour => Answer::NoNeighbour,
            Outcome::Aborted { .. } | Outcome::Closed { .. } => {
                let cell = self.cell(reach);
                cell.silent = cell.silent.saturating_add(1);
                return;
            }
            Outcome::SelfConnected | Outcome::Local(_) => return self.unask(reach),
            Outcome::OutOfScope => {
                // It is not asked again, and nothing is held against it.
                self.failed = FAILURES;
                self.answer = Some(Answer::Untested(Reason::OutOfScope));
                return self.unask(reach);
            }
        };
        self.timed(now, sent);
        self.failed = 0;
        let cell = self.cell(reach);
        cell.answered = cell.answered.saturating_add(1);
        // What the port itself says goes before what was said on the way.
        if matches!(self.answer, None | Some(Answer::Loop(_))) {
            self.answer = Some(answer);
        }
    }

    fn timed(&mut self, now: Instant, sent: Instant) {
        let took = now.since(sent);
        self.rtt = Some(self.rtt.map_or(took, |best| best.min(took)));
    }

    /// Nothing was asked of anybody.
    fn unask(&mut self, reach: Reach) {
        let cell = self.cell(reach);
        cell.sent = cell.sent.saturating_sub(1);
        self.attempts = self.attempts.saturating_sub(1);
    }

    fn expires(&mut self, reach: Reach, icmp: &Icmp) {
        self.failed = 0;
        if reach.ttl > MAX_HOPS {
            self.answer = self.answer.or(Some(Answer::Loop(icmp.from)));
        }
        let cell = self.cell(reach);
        cell.expired = cell.expired.saturating_add(1);
        if let Some(from) = icmp.from
            && !cell.speakers.contains(&from)
            && cell.speakers.len() < MOST_ADDRESSES
        {
            cell.speakers.push(from);
        }
    }

    /// The smallest time to live with which the port's own answer came.
    pub(super) fn lowest_answer(&self) -> Option<u8> {
        (1..=MAX_HOPS).find(|&ttl| self.at(ttl).answered > 0)
    }

    /// The last hop below this one that SYNs of this port came to; 0 is this machine.
    pub(super) fn last_expired_below(&self, ttl: u8) -> u8 {
        (1..ttl)
            .rev()
            .find(|&ttl| self.at(ttl).expired > 0)
            .unwrap_or(0)
    }

    /// The last hop that SYNs of this port came to.
    pub(super) fn last_expired(&self) -> u8 {
        self.last_expired_below(MAX_HOPS + 1)
    }

    /// Whether the port was asked without a limit so often that its silence is no chance.
    pub(super) fn is_silent(&self, times: u8) -> bool {
        self.answer.is_none() && self.full().is_over() && self.full().silent >= times
    }
}
