//! Where on the way to a port it is answered, rejected, forged or swallowed: SYNs that may take only
//! so many hops, and whoever says that their time ran out.
//!
//! The protocol is that of a [`Scan`](crate::Scan): [`Locate::poll`] until [`Step::Wait`] or
//! [`Step::Done`], answer through [`Locate::handle`], and tell [`Locate::harvested`]. Every
//! [`Step::Connect`] and every [`Step::Abort`] is answered, [`Outcome::Connected`] once more by
//! [`Outcome::Closed`]. It decides; it knows no socket and no clock.
//!
//! What it rests on: a SYN whose time to live runs out at a router brings time-exceeded from there
//! (RFC 1812, section 5.3.1), so the smallest time to live with which the port itself answers says
//! where that is, give or take the hop before: a router looks at the time to live before it filters.
//! How far away the host is comes from other ports of it, never from the one in question.

use std::collections::VecDeque;

use crate::outcome::{LocalError, Outcome, ProbeId};
use crate::rate::Rate;
use crate::target::Address;
use crate::time::{Duration, Instant};
use crate::verdict::Reason;

mod budget;
mod conclude;
mod flying;
mod job;
mod limits;
mod located;
mod returns;
#[cfg(test)]
mod sim;
mod sought;
#[cfg(test)]
mod tests;
mod trace;

pub use located::{Answer, By, Distance, Hop, Located, Place};
pub use sought::Sought;

use budget::Budget;
use flying::{Flight, Flying, Pair};
use job::{Ask, Job};
use limits::asking;
use trace::Reach;

/// The most hops that are looked at; a host farther away is only said to be farther.
pub const MAX_HOPS: u8 = 30;
/// The time to live of a SYN that is to come through: what Linux sends by itself.
pub const FULL: u8 = 64;
/// Attempts under way at a time, in all.
pub const MOST_INFLIGHT: usize = 64;
/// Addresses that are kept of one hop.
pub const MOST_ADDRESSES: usize = 8;

/// No new question about a port after this long; the last answers take less than 1 s more.
const ASKING: Duration = Duration::from_millis(3_900);
/// How long an answer may take: between these, and by the longest that was seen. The system sends a SYN
/// again after 1 s (RFC 6298), which must not happen here: two SYNs may meet different ends.
const SHORTEST: Duration = Duration::from_millis(300);
const UNKNOWN: Duration = Duration::from_millis(700);
const LONGEST: Duration = Duration::from_millis(900);
/// After a failure of this machine, and how many in a row end it.
const BREATH: Duration = Duration::from_millis(50);
const FAILURES: u8 = 8;

/// How to locate.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// At most so many SYNs in any second; at least 1.
    pub rate: Option<u32>,
    /// Nothing is sent before: where something else under the same caps has just ended, its last second counts.
    pub not_before: Duration,
    /// From then on nothing is begun: what is left is untested, `time-limit`.
    pub max_time: Option<Duration>,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Begin an attempt.
    Connect {
        /// How to name it in the answer.
        id: ProbeId,
        /// Where to.
        address: Address,
        /// Which port, never 0.
        port: u16,
        /// The SYN's time to live or hop limit.
        ttl: u8,
        /// The least with which an answer must arrive to be seen; 0 for any.
        min_ttl: u8,
    },
    /// Look once more whether an answer has come, and give the attempt up if not.
    Abort(ProbeId),
    /// All that was found out about a port.
    Report(Box<Located>),
    /// Nothing to do until an outcome comes, or until this moment.
    Wait(Option<Instant>),
    /// Every port is reported, and nothing is in flight.
    Done,
}

/// Locates ports, one after the other, in the order in which they were given.
#[derive(Debug)]
pub struct Locate {
    jobs: Vec<(Address, Job)>,
    current: usize,
    /// When the current port was begun.
    begun: Option<Instant>,
    flights: Vec<Flight>,
    pairs: Vec<Pair>,
    next_pair: u32,
    /// The second halves of pairs, to be sent at once.
    seconds: VecDeque<(usize, u8, u32)>,
    budgets: Vec<Budget>,
    per_second: Option<u32>,
    rate: Option<Rate>,
    asking: Duration,
    most_inflight: usize,
    sent: u64,
    /// After a failure of this machine, or what was asked for.
    not_before: Instant,
    not_after: Option<Instant>,
    horizon: Instant,
    stopped: Option<Reason>,
}

impl Locate {
    /// Locates the ports of these hosts.
    pub fn new(hosts: &[Sought], settings: &Settings) -> Self {
        let hosts = hosts.iter().filter(|host| !host.ports.is_empty());
        let job = |host: &Sought| (host.address, Job::new(&host.ports, &host.compared));
        Self {
            jobs: hosts.map(job).collect(),
            current: 0,
            begun: None,
            flights: Vec::new(),
            pairs: Vec::new(),
            next_pair: 0,
            seconds: VecDeque::new(),
            budgets: vec![Budget::default(); usize::from(MAX_HOPS) + 1],
            per_second: settings.rate,
            rate: settings.rate.map(|n| Rate::new(n, 1)),
            asking: asking(settings.rate),
            most_inflight: MOST_INFLIGHT,
            sent: 0,
            not_before: Instant::ZERO + settings.not_before,
            not_after: settings.max_time.map(|limit| Instant::ZERO + limit),
            horizon: Instant::ZERO,
            stopped: None,
        }
    }

    /// How many ports are located in all.
    pub fn planned(&self) -> usize {
        self.jobs.iter().map(|(_, job)| job.wanted).sum()
    }

    /// How many attempts were made so far, those at ports asked for comparison among them.
    pub const fn attempts(&self) -> u64 {
        self.sent
    }

    /// Stops asking; what is left is [`Answer::Untested`].
    pub fn stop(&mut self, why: Reason) {
        self.stopped = self.stopped.or(Some(why));
    }

    /// Everything up to this moment was gathered; deadlines are judged up to there.
    pub fn harvested(&mut self, horizon: Instant) {
        self.horizon = self.horizon.max(horizon);
    }

    /// What to do next.
    pub fn poll(&mut self, now: Instant) -> Step {
        if self.not_after.is_some_and(|limit| limit <= now) {
            self.stop(Reason::TimeLimit);
        }
        if let Some(id) = self.due(now) {
            return Step::Abort(id);
        }
        if self.current == self.jobs.len() {
            return self.wind_up();
        }
        let begun = *self.begun.get_or_insert(now);
        if self.stopped.is_some() {
            return self.report();
        }
        match self.next(now, begun) {
            Ask::Over => self.report(),
            Ask::Await => self.wait(None),
            Ask::Later(at) => self.wait(Some(at.min(begun + self.asking))),
            ask => self.held_back(now).unwrap_or_else(|| self.launch(now, ask)),
        }
    }

    /// The next question about the current port.
    fn next(&self, now: Instant, begun: Instant) -> Ask {
        let job = &self.jobs[self.current].1;
        if let Some(&(trace, ttl, _)) = self.seconds.front() {
            return Ask::One(trace, Reach { ttl, min_ttl: 0 });
        }
        let over = now.since(begun) >= self.asking || job.port().failed >= FAILURES;
        match over {
            true if self.flies_for_port() => Ask::Await,
            true => Ask::Over,
            false => job.next(now, &self.budgets),
        }
    }

    /// What happened to an attempt.
    pub fn handle(&mut self, now: Instant, id: ProbeId, outcome: Outcome) {
        let Some(flight) = self.flights.get_mut(id.slot as usize) else {
            return;
        };
        if flight.generation != id.generation || flight.state == Flying::Free {
            return;
        }
        let was_closing = flight.state == Flying::Closing;
        flight.state = match outcome {
            Outcome::Connected { .. } => Flying::Closing,
            _ => Flying::Free,
        };
        if was_closing {
            return;
        }
        let flight = *flight;
        match outcome {
            Outcome::Local(_) => self.not_before = now + BREATH,
            Outcome::OutOfScope => self.rate.iter_mut().for_each(Rate::give_back),
            _ => {}
        }
        self.sent -= u64::from(matches!(outcome, Outcome::Local(_) | Outcome::OutOfScope));
        let job = &mut self.jobs[flight.job].1;
        let trace = &mut job.traces[flight.trace];
        let expired = trace.at(flight.reach.ttl).expired;
        trace.take(now, flight.sent, flight.reach, &outcome);
        if outcome == Outcome::Local(LocalError::Route) {
            trace.failed = trace.failed.max(FAILURES - 1);
        }
        let expired = trace.at(flight.reach.ttl).expired > expired;
        let silent = matches!(outcome, Outcome::Aborted { .. } | Outcome::OutOfScope);
        if silent && let Some(hop) = flight.purse {
            // Most of what is silent never came to where it would have cost something.
            self.budgets[usize::from(hop)].give_back();
        }
        if !silent {
            let took = now.since(flight.sent);
            job.rtt = Some(job.rtt.map_or(took, |longest| longest.max(took)));
        }
        if let Some(pair) = flight.pair {
            self.pair(pair, flight, silent, expired);
        }
    }

    fn pair(&mut self, name: u32, flight: Flight, silent: bool, expired: bool) {
        let Some(place) = self.pairs.iter().position(|p| p.name == name) else {
            return;
        };
        let job = &mut self.jobs[flight.job].1;
        let pair = &mut self.pairs[place];
        if flight.trace == job.current {
            pair.first_is_silent = Some(silent);
        } else {
            pair.second_expired = Some(expired);
        }
        if let (Some(first), Some(second)) = (pair.first_is_silent, pair.second_expired) {
            let ttl = pair.ttl;
            self.pairs.swap_remove(place);
            if first && second {
                let current = job.current;
                job.traces[current].at_mut(ttl).outdone += 1;
            }
        }
    }

    fn flies_for_port(&self) -> bool {
        let asks = |f: &Flight| matches!(f.state, Flying::Asking | Flying::Aborting);
        self.flights.iter().any(asks)
    }

    /// The next attempt whose time is over, or whose port is reported.
    fn due(&mut self, now: Instant) -> Option<ProbeId> {
        let until = self.horizon.min(now);
        let stopped = self.stopped.is_some();
        let over = |f: &Flight| f.state == Flying::Asking && (f.deadline <= until || stopped);
        let slot = self.flights.iter().position(over)?;
        self.flights[slot].state = Flying::Aborting;
        Some(ProbeId {
            slot: slot as u32,
            generation: self.flights[slot].generation,
        })
    }

    /// Why no attempt may begin now, if none may.
    fn held_back(&self, now: Instant) -> Option<Step> {
        let rate = self.rate.as_ref().map_or(Instant::ZERO, Rate::ready_at);
        let from = rate.max(self.not_before);
        if from > now {
            return Some(self.wait(Some(from)));
        }
        let busy = self.flights.iter().filter(|f| f.state != Flying::Free);
        (busy.count() >= self.most_inflight).then(|| self.wait(None))
    }

    fn launch(&mut self, now: Instant, ask: Ask) -> Step {
        let (trace, reach, pair) = match (ask, self.seconds.pop_front()) {
            (_, Some((trace, ttl, pair))) => (trace, Reach { ttl, min_ttl: 0 }, Some(pair)),
            (Ask::Pair(first, second, ttl), None) => {
                self.next_pair = self.next_pair.wrapping_add(1);
                self.seconds.push_back((second, ttl, self.next_pair));
                self.pairs.push(Pair {
                    name: self.next_pair,
                    ttl,
                    first_is_silent: None,
                    second_expired: None,
                });
                (first, Reach { ttl, min_ttl: 0 }, Some(self.next_pair))
            }
            (Ask::One(trace, reach), None) => (trace, reach, None),
            (Ask::Later(_) | Ask::Await | Ask::Over, None) => return self.wait(None),
        };
        let first_of_pair = pair.is_some() && !self.seconds.is_empty();
        // The first of a pair is believed to be swallowed before it could cost anything.
        let purse = self.jobs[self.current]
            .1
            .purse(trace, reach)
            .filter(|_| !first_of_pair);
        self.pay(now, purse);
        let (address, job) = &mut self.jobs[self.current];
        let (address, port) = (*address, job.traces[trace].port);
        job.traces[trace].sends(now, reach);
        self.sent += 1;
        let patience = job
            .rtt
            .map_or(UNKNOWN, |rtt| rtt.times(3) + Duration::from_millis(100));
        let flight = Flight {
            generation: 0,
            job: self.current,
            trace,
            reach,
            sent: now,
            deadline: now + patience.clamp(SHORTEST, LONGEST),
            pair,
            purse,
            state: Flying::Asking,
        };
        Step::Connect {
            id: self.take_slot(flight),
            address,
            port,
            ttl: reach.ttl,
            min_ttl: reach.min_ttl,
        }
    }

    /// Counts what a SYN costs: of the rate, and of the ICMP errors that a router has left.
    fn pay(&mut self, now: Instant, purse: Option<u8>) {
        if let Some(rate) = &mut self.rate {
            rate.take(now);
        }
        if let Some(hop) = purse {
            self.budgets[usize::from(hop)].take(now);
        }
    }

    fn take_slot(&mut self, mut flight: Flight) -> ProbeId {
        let free = self.flights.iter().position(|f| f.state == Flying::Free);
        let slot = free.unwrap_or(self.flights.len());
        if slot == self.flights.len() {
            self.flights.push(flight);
        } else {
            flight.generation = self.flights[slot].generation.wrapping_add(1);
            self.flights[slot] = flight;
        }
        ProbeId {
            slot: slot as u32,
            generation: flight.generation,
        }
    }

    /// Reports the current port and goes on to the next.
    fn report(&mut self) -> Step {
        if self.flies_for_port() {
            return self.wait(None);
        }
        let (address, job) = &mut self.jobs[self.current];
        let located = conclude::conclude(job, *address, self.stopped);
        self.begun = None;
        self.pairs.clear();
        self.seconds.clear();
        job.current += 1;
        if job.current == job.wanted {
            self.current += 1;
        }
        Step::Report(Box::new(located))
    }

    fn wind_up(&self) -> Step {
        let over = self.flights.iter().all(|f| f.state == Flying::Free);
        if over { Step::Done } else { self.wait(None) }
    }

    fn wait(&self, until: Option<Instant>) -> Step {
        let asking = self.flights.iter().filter(|f| f.state == Flying::Asking);
        let deadline = asking.map(|f| f.deadline).min();
        let limit = self.not_after.filter(|_| self.stopped.is_none());
        Step::Wait(until.into_iter().chain(deadline).chain(limit).min())
    }
}
