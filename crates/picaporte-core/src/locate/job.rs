//! What is asked of one host, and in which order: first how far the port in question answers, then
//! how far others do, then whatever the two leave open. Nothing is remembered of the order: each
//! question follows from what was seen.

use crate::time::{Duration, Instant};

use super::budget::Budget;
use super::located::Answer;
use super::returns::{self, Return};
use super::trace::{Reach, Trace};
use super::{FULL, MAX_HOPS};

mod compared;

/// Attempts of one port under way that may go only so far, while it is not known how far it is.
const AHEAD: usize = 6;
/// Beyond the last hop that spoke, so many silent ones are asked of a port that does not answer.
const BLIND: u8 = 5;
/// How often a port is asked without a limit before it is silent; and one that is asked for
/// comparison only.
const SILENT_AFTER: u8 = 4;
const COMPARED_AFTER: u8 = 2;
/// How often a hop that is silent is asked, of the port in question.
const TRIES: u8 = 4;
/// Answers that must have come over the same number of hops before a box in front is believed in,
/// and time-exceeded from beyond: paths of different lengths would have shown by then.
pub(super) const CONFIRMED: u8 = 8;
pub(super) const BEYOND: u32 = 5;
/// The least distance between tries of the same; it grows with each.
const BETWEEN: Duration = Duration::from_millis(150);
/// Ports that are traced for comparison, beside those that were asked for before.
const COMPARED: usize = 2;

/// Hops at which a silent port is held against another: each has errors of its own left.
const PAIRED: usize = 4;

/// What to ask next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// This port.
    One(usize, Reach),
    /// This port, and right after it another, over so many hops.
    Pair(usize, usize, u8),
    /// Nothing before this moment.
    Later(Instant),
    /// Nothing before something under way is over.
    Await,
    /// Everything was asked.
    Over,
}

/// What is known of one host.
#[derive(Debug)]
pub(super) struct Job {
    /// The ports in question first, in their order; then those asked for comparison.
    pub(super) traces: Vec<Trace>,
    pub(super) wanted: usize,
    /// Which of the wanted ones is asked now.
    pub(super) current: usize,
    /// The longest time to an answer.
    pub(super) rtt: Option<Duration>,
}

/// Something that could be asked, and from when.
struct Wish(Reach, usize, Instant);

impl Job {
    pub(super) fn new(wanted: &[u16], compared: &[u16]) -> Self {
        let others = compared.iter().filter(|port| !wanted.contains(port));
        Self {
            traces: wanted
                .iter()
                .chain(others)
                .map(|&p| Trace::new(p))
                .collect(),
            wanted: wanted.len(),
            current: 0,
            rtt: None,
        }
    }

    pub(super) fn port(&self) -> &Trace {
        &self.traces[self.current]
    }

    /// The farthest hop that anything is known of.
    fn known(&self) -> u8 {
        let reach = |t: &Trace| t.last_expired().max(t.lowest_answer().unwrap_or(0));
        self.traces.iter().map(reach).max().unwrap_or(0)
    }

    /// The next question at this moment.
    pub(super) fn next(&self, now: Instant, budgets: &[Budget]) -> Ask {
        let mut later: Option<Instant> = None;
        let mut ready = |at: Instant| {
            if at > now {
                later = Some(later.map_or(at, |l| l.min(at)));
            }
            at <= now
        };
        for Wish(reach, trace, from) in self.wishes() {
            let purse = self.purse(trace, reach);
            let from = purse.map_or(from, |p| from.max(budgets[usize::from(p)].ready_at(1)));
            if ready(from) {
                return Ask::One(trace, reach);
            }
        }
        for (hop, other, from) in self.pairs(budgets) {
            if ready(from) {
                return Ask::Pair(self.current, other, hop);
            }
        }
        match later {
            Some(at) => Ask::Later(at),
            None if self.is_flying() => Ask::Await,
            None => Ask::Over,
        }
    }

    /// Of whose ICMP errors the attempt may cost one: the hop's where its time runs out, or that of whoever rejects.
    pub(super) fn purse(&self, at: usize, reach: Reach) -> Option<u8> {
        let trace = &self.traces[at];
        let last = trace.last_expired();
        if matches!(trace.answer, Some(Answer::Rejected(_))) && reach.ttl > last {
            return Some((last + 1).min(MAX_HOPS));
        }
        let answers = trace
            .lowest_answer()
            .is_some_and(|answer| answer <= reach.ttl);
        (reach.ttl <= MAX_HOPS && !answers).then_some(reach.ttl)
    }

    fn is_flying(&self) -> bool {
        let flies = |t: &Trace| {
            t.full().flying > 0
                || (1..=MAX_HOPS).any(|ttl| t.at(ttl).flying > 0)
                || t.floors.iter().any(|f| f.1.flying > 0)
        };
        self.traces.iter().any(flies)
    }

    /// Everything worth asking, the most telling first.
    fn wishes(&self) -> Vec<Wish> {
        let mut wishes = Vec::new();
        let port = self.current;
        self.without_limit(port, SILENT_AFTER, &mut wishes);
        self.sweep(port, 1, &mut wishes);
        self.survey(&mut wishes);
        if !wishes.iter().any(|w| w.1 == port && w.0.ttl <= MAX_HOPS) {
            self.compare(&mut wishes);
        }
        self.below(port, TRIES, &mut wishes);
        self.confirm(&mut wishes);
        self.come_back(port, &mut wishes);
        for other in self.compared() {
            self.come_back(other, &mut wishes);
        }
        self.fill_in(&mut wishes);
        wishes
    }

    /// Whether the port answers at all.
    fn without_limit(&self, at: usize, times: u8, wishes: &mut Vec<Wish>) {
        let trace = &self.traces[at];
        let cell = trace.full();
        if trace.answer.is_none() && cell.sent < times && cell.flying == 0 {
            wishes.push(self.again(at, FULL));
        }
    }

    /// How far the port's SYNs must be let go until it answers.
    fn sweep(&self, at: usize, from: u8, wishes: &mut Vec<Wish>) {
        let trace = &self.traces[at];
        let blind = match trace.answer {
            Some(Answer::Loop(_) | Answer::NoNeighbour) => 0,
            Some(_) => MAX_HOPS,
            None => (self.known() + BLIND).min(MAX_HOPS),
        };
        let end = trace.lowest_answer().unwrap_or(blind + 1).min(blind + 1);
        let flying =
            (from..end).filter(|&ttl| trace.at(ttl).flying > 0 && !trace.at(ttl).is_heard());
        let ahead = if at == self.current { AHEAD } else { AHEAD / 2 };
        let room = ahead.saturating_sub(flying.count());
        let unasked = (from..end).filter(|&ttl| trace.at(ttl).sent == 0);
        wishes.extend(unasked.take(room).map(|ttl| self.again(at, ttl)));
    }

    /// Whether SYNs to other ports go farther than this one's.
    fn compare(&self, wishes: &mut Vec<Wish>) {
        let port = self.port();
        let from = match port.lowest_answer() {
            Some(answer) => answer.saturating_sub(1).max(1),
            None => port.last_expired().max(1),
        };
        for other in self.compared() {
            self.sweep(other, from, wishes);
            self.below(other, TRIES - 1, wishes);
        }
    }

    /// From which hops right before the answer time-exceeded comes after all.
    fn below(&self, at: usize, tries: u8, wishes: &mut Vec<Wish>) {
        let trace = &self.traces[at];
        let Some(answer) = trace.lowest_answer() else {
            let last = trace.last_expired();
            if at == self.current && trace.answer.is_none() {
                self.retry(
                    at,
                    last + 1..(last + 3).min(MAX_HOPS + 1),
                    tries / 2,
                    wishes,
                );
            }
            return;
        };
        self.retry(
            at,
            trace.last_expired_below(answer) + 1..answer,
            tries,
            wishes,
        );
    }

    fn retry(&self, at: usize, hops: std::ops::Range<u8>, tries: u8, wishes: &mut Vec<Wish>) {
        let due = |cell: &super::trace::Cell| cell.is_over() && cell.sent < tries;
        // From both ends: the first tells how far the SYNs come, the last where they are answered.
        let first = hops.clone().find(|&ttl| due(self.traces[at].at(ttl)));
        let others = hops.rev().filter(|&ttl| due(self.traces[at].at(ttl)));
        wishes.extend(
            first
                .into_iter()
                .chain(others)
                .map(|ttl| self.again(at, ttl)),
        );
    }

    /// Where something seems to answer in front of the host, chance and balanced paths are ruled out.
    fn confirm(&self, wishes: &mut Vec<Wish>) {
        let Some(answer) = self.port().lowest_answer() else {
            return;
        };
        let beyond = |t: &Trace| t.last_expired() >= answer;
        let Some(other) = self
            .compared()
            .into_iter()
            .find(|&i| beyond(&self.traces[i]))
        else {
            return;
        };
        let once_more = |at| {
            Wish(
                Reach {
                    ttl: answer,
                    min_ttl: 0,
                },
                at,
                Instant::ZERO,
            )
        };
        let cell = self.port().at(answer);
        if cell.flying < 2 && cell.answered < CONFIRMED && cell.sent < 2 * CONFIRMED {
            wishes.push(once_more(self.current));
        }
        let cell = self.traces[other].at(answer);
        let beyond = (answer..=MAX_HOPS).map(|ttl| u32::from(self.traces[other].at(ttl).expired));
        if cell.flying < 2 && beyond.sum::<u32>() < BEYOND && u32::from(cell.sent) < 2 * BEYOND {
            wishes.push(once_more(other));
        }
    }

    /// Over how many hops the answers come back.
    fn come_back(&self, at: usize, wishes: &mut Vec<Wish>) {
        let trace = &self.traces[at];
        let Some(answer) = trace.lowest_answer().filter(|&hops| hops > 1) else {
            return;
        };
        // Below it nothing is left to be asked, or the distance may still change.
        let settled = (1..answer).all(|ttl| trace.at(ttl).flying == 0);
        if let Return::Ask(min_ttl) = returns::of(trace, answer)
            && settled
            && trace.floor(min_ttl).flying < 3
        {
            let reach = Reach { ttl: FULL, min_ttl };
            wishes.push(Wish(reach, at, Instant::ZERO));
        }
    }

    /// The hops on the way that nobody has heard of yet.
    fn fill_in(&self, wishes: &mut Vec<Wish>) {
        let trace = self.port();
        let last = trace.last_expired();
        let unheard = |&ttl: &u8| !self.traces.iter().any(|t| t.at(ttl).expired > 0);
        for ttl in (1..last).filter(unheard) {
            let cell = trace.at(ttl);
            if cell.is_over() && cell.sent < TRIES - 1 {
                wishes.push(self.again(self.current, ttl));
            }
        }
    }

    /// A few hops right beyond the last that this port's SYNs came to, of which others heard; whom to ask
    /// there, and from when.
    fn pairs(&self, budgets: &[Budget]) -> Vec<(u8, usize, Instant)> {
        let port = self.port();
        if !port.is_silent(COMPARED_AFTER) {
            return Vec::new();
        }
        let last = port.last_expired();
        let other = |ttl| {
            (0..self.traces.len())
                .find(|&i| i != self.current && self.traces[i].at(ttl).expired > 0)
        };
        let heard = (last + 1..=MAX_HOPS).filter_map(|ttl| Some((ttl, other(ttl)?)));
        let mut pairs = Vec::new();
        let mut outdone = 0;
        for (ttl, other) in heard.take(PAIRED) {
            let cell = port.at(ttl);
            outdone += cell.outdone;
            let tries = cell.sent < 4 * self.needed();
            if outdone < self.needed() && tries && cell.flying == 0 {
                // Two at least, should the second of a pair come first; farther hops keep some for the next port.
                let left = if pairs.is_empty() { 2 } else { 4 };
                let ready = budgets[usize::from(ttl)].ready_at(left);
                pairs.push((ttl, other, ready.max(cell.last + BETWEEN)));
            }
        }
        pairs
    }

    /// How often a port must be silent, and another not, until that is no chance: less than one of 100,000
    /// at the loss that is seen, which is taken for 10 % at least.
    pub(super) fn needed(&self) -> u8 {
        let (mut lost, mut asked) = (0u32, 0u32);
        for trace in &self.traces {
            let Some(answer) = trace.lowest_answer() else {
                continue;
            };
            for ttl in (answer..=MAX_HOPS).chain([FULL]) {
                lost += u32::from(trace.at(ttl).silent);
                asked += u32::from(trace.at(ttl).silent) + u32::from(trace.at(ttl).answered);
            }
        }
        // A few losses among a few attempts say little.
        let loss = (f64::from(lost) / f64::from(asked.max(20))).clamp(0.1, 0.3);
        (1e-5f64.ln() / loss.ln()).ceil() as u8
    }

    fn again(&self, at: usize, ttl: u8) -> Wish {
        let cell = self.traces[at].at(ttl);
        let tries = u64::from(cell.sent);
        let from = if tries == 0 {
            Instant::ZERO
        } else {
            cell.last + Duration::from_nanos(BETWEEN.as_nanos() * tries)
        };
        Wish(Reach { ttl, min_ttl: 0 }, at, from)
    }
}
