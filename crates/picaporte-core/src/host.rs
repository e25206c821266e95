//! What the scan keeps of one active host: counters, one bit per port, and its own pace.
//!
//! A host that is finished leaves only its [`HostReport`].

use std::collections::VecDeque;

use crate::bits::Bits;
use crate::block::HostShare;
use crate::grade::Graded;
use crate::hearing::Ear;
use crate::link::NONE;
use crate::order::Permutation;
use crate::outcome::ProbeId;
use crate::port::{PortList, PortSet};
use crate::rate::Rate;
use crate::scan::canary::Canaries;
use crate::scan::discover::Search;
use crate::scan::doubt::Doubts;
use crate::scan::{HostReport, Slowed};
use crate::seen::Seen;
use crate::tally::Counts;
use crate::throttle::Throttle;
use crate::time::{Duration, Instant};
use crate::timing::{Measured, Rtt};
use crate::verdict::{REASONS, Reason, State};
use crate::window::Window;

/// The most ports of one host that rest before a further attempt; then new ports wait.
pub(crate) const MAX_RESTING: usize = 65_536;

/// Moments of silence that are further apart than this have nothing to do with each other.
const CALM: Duration = Duration::from_secs(2);
/// So many of them may follow each other by chance.
const MOST_BRIEF: u8 = 3;

/// A port that is to be asked again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retry {
    pub port: u32,
    /// Attempts made so far.
    pub attempts: u8,
    /// How many of them count.
    pub counted: u8,
    pub retransmits: u8,
    pub ready: Instant,
    /// The earlier attempt, where it is still held; slot `NONE` if not.
    pub held: ProbeId,
}

impl Retry {
    pub(crate) const NO_SLOT: ProbeId = ProbeId {
        slot: NONE,
        generation: 0,
    };

    /// A port that has not been asked yet.
    pub(crate) fn first(port: u32) -> Self {
        Self {
            port,
            attempts: 0,
            counted: 0,
            retransmits: 0,
            ready: Instant::ZERO,
            held: Self::NO_SLOT,
        }
    }
}

/// One active host of one part of the scan.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    pub share: HostShare,
    /// Position of the block that brought it.
    pub block: u64,
    order: Permutation,
    /// How many of its ports have been taken from the order.
    next: u32,
    pub decided: Bits,
    closed: Bits,
    untested: Bits,
    open_ports: Vec<u32>,
    counts: [u32; REASONS],
    pub done: u32,
    pub retries: VecDeque<Retry>,
    /// How many of those have been decided while they rested, by a late answer.
    pub stale: u32,
    /// What an earlier run had decided; without any, nothing.
    known: Bits,
    /// How many of those have been passed over in the order.
    passed: u32,
    /// Attempts that wait for an answer, before their deadline or until their silence can be judged.
    pub asking: u32,
    /// Open attempts, whatever they do.
    pub open: u32,
    pub held: u32,
    pub window: Window,
    pub rtt: Rtt,
    pub rate: Option<Rate>,
    /// Its pace since it showed a limit.
    pub throttle: Option<Box<Throttle>>,
    pub hearing: Ear,
    /// It is a witness of the path.
    pub witness: bool,
    /// It is done and reported, and kept as a witness.
    pub retired: bool,
    /// Whether it answers everything.
    pub canaries: Canaries,
    /// Open ports that are asked again.
    pub doubts: Doubts,
    /// It is not known yet whether it lives.
    pub search: Option<Search>,
    /// Slots of its controls, while they are open.
    pub controls: Vec<u32>,
    /// How often it fell silent and was asked more slowly, and the slowest pace since, in attempts a second.
    slowdowns: u32,
    slowest: u32,
    /// When it last was silent for a moment only, and how often it was, one time soon after the other.
    brief: (Instant, u8),
    /// What was seen of firewalls and services; few hosts show any, and there are many hosts.
    pub seen: Option<Box<Seen>>,
    /// SYNs to its ports that answered, and how many of them were lost.
    pub loss: Measured,
    /// Its network's number.
    pub network: u32,
    /// It stands in the queue of hosts that are due a control.
    pub control_queued: bool,
    /// It waits for room in its network's window.
    pub waits: bool,
    /// It stands in the ring of hosts that may send.
    pub queued: bool,
    /// It sends nothing more; this is the reason of what is left: why it is untested, or that nobody is there.
    pub stop: Option<Reason>,
    pub began: Option<Instant>,
    /// Since when this machine has had no way to it.
    pub failing: Option<Instant>,
    pub backoff: Duration,
    /// When to try again.
    pub retry_at: Instant,
    /// A probe has left for it.
    pub reached: bool,
    /// Its estimates will be told to the other parts.
    pub in_news: bool,
    /// The most attempts that may be open at a time.
    pub cap: u32,
    /// It has given a sign of life.
    pub alive: bool,
    /// Probes are known to leave for it: it answered, or its link address is known.
    pub departs: bool,
    /// When its link address was last asked for in vain.
    pub missing: Option<Instant>,
    /// How often that was.
    pub missed: u8,
    /// When to ask (again) whether they leave.
    pub ask_departure: Instant,
    /// When its link address became known, after it had to be asked for.
    pub departed: Instant,
}

impl Host {
    pub(crate) fn new(share: HostShare, seed: u64, window: Window, rate: Option<Rate>) -> Self {
        Self {
            share,
            block: 0,
            order: share.order(seed),
            next: 0,
            decided: Bits::default(),
            closed: Bits::default(),
            untested: Bits::default(),
            open_ports: Vec::new(),
            counts: [0; REASONS],
            done: 0,
            retries: VecDeque::new(),
            stale: 0,
            known: Bits::default(),
            passed: 0,
            asking: 0,
            open: 0,
            held: 0,
            window,
            rtt: Rtt::default(),
            rate,
            throttle: None,
            hearing: Ear::default(),
            controls: Vec::new(),
            witness: false,
            retired: false,
            canaries: Canaries::default(),
            doubts: Doubts::default(),
            search: None,
            slowdowns: 0,
            brief: (Instant::ZERO, 0),
            slowest: u32::MAX,
            seen: None,
            loss: Measured::default(),
            network: 0,
            control_queued: false,
            queued: false,
            waits: false,
            stop: None,
            began: None,
            failing: None,
            backoff: Duration::ZERO,
            retry_at: Instant::ZERO,
            reached: false,
            in_news: false,
            cap: u32::MAX,
            alive: false,
            departs: false,
            missing: None,
            missed: 0,
            ask_departure: Instant::ZERO,
            departed: Instant::ZERO,
        }
    }

    /// Takes over what an earlier run had decided: these ports are neither asked nor reported.
    pub(crate) fn resume(&mut self, known: Bits) {
        self.done = known.count();
        self.decided = known.clone();
        self.known = known;
    }

    /// Whether a port is left to be asked, now or later.
    pub(crate) fn has_work(&self) -> bool {
        self.stop.is_none()
            && (self.next < self.share.count || self.retries.len() > self.stale as usize)
    }

    /// The port to ask next, if one may be asked now; `Err` says when, if time alone is missing.
    pub(crate) fn work(&mut self, now: Instant) -> Result<Retry, Option<Instant>> {
        while let Some(&retry) = self.retries.front() {
            // The bits are far away in memory: they are looked at only if there is a reason to.
            let stale = self.stale > 0 && self.decided.get(retry.port);
            if !stale && retry.ready > now {
                break;
            }
            self.retries.pop_front();
            if !stale {
                return Ok(retry);
            }
            self.stale -= 1;
        }
        let resting = self.retries.front().map(|r| r.ready);
        if self.retries.len() < MAX_RESTING {
            while self.next < self.share.count {
                let port = self.order.get(self.next.into()) as u32;
                self.next += 1;
                if !self.known.get(port) {
                    return Ok(Retry::first(port));
                }
                self.passed += 1;
            }
        }
        Err(resting)
    }

    /// Puts back what could not be sent.
    pub(crate) fn put_back(&mut self, retry: Retry) {
        self.retries.push_front(retry);
    }

    /// Notes what a port is. Each port is decided once.
    pub(crate) fn decide(&mut self, port: u32, reason: Reason) {
        debug_assert!(!self.decided.get(port), "port index {port} decided twice");
        let len = self.share.count;
        self.decided.set(port, len);
        self.done += 1;
        self.counts[reason as usize] += 1;
        match reason.state() {
            State::Open => self.open_ports.push(port),
            State::Closed => self.closed.set(port, len),
            State::Untested => self.untested.set(port, len),
            State::Filtered => {}
        }
    }

    /// The ports that have not been decided.
    pub(crate) fn undecided(&self) -> Vec<u32> {
        (0..self.share.count)
            .filter(|&j| !self.decided.get(j))
            .collect()
    }

    /// It was silent for a moment. Says whether that may be chance: it is not if it happens again and again.
    pub(crate) fn is_brief_by_chance(&mut self, now: Instant) -> bool {
        let (before, times) = self.brief;
        let times = if now.since(before) < CALM {
            times + 1
        } else {
            1
        };
        self.brief = (now, times.min(MOST_BRIEF + 1));
        times <= MOST_BRIEF
    }

    /// It fell silent, and is asked at this pace from now on.
    pub(crate) fn slowed(&mut self, per_second: f64) {
        self.slowdowns += 1;
        self.slowest = self.slowest.min(per_second.ceil() as u32);
    }

    /// How many of its ports have this reason.
    pub(crate) fn count(&self, reason: Reason) -> u32 {
        self.counts[reason as usize]
    }

    /// How many of its ports answered with a SYN-ACK or a RST.
    pub(crate) fn answered(&self) -> u32 {
        self.count(Reason::SynAck) + self.count(Reason::ConnRefused)
    }

    /// Whether silence is the exception: more than half of what was asked answered.
    pub(crate) fn mostly_answers(&self) -> bool {
        self.answered().saturating_mul(2) > self.next - self.passed
    }

    /// Whether nothing is left to do for it.
    pub(crate) fn finished(&self) -> bool {
        let asks = matches!(self.canaries, Canaries::Asked(_)) || !self.doubts.is_empty();
        self.done == self.share.count && self.open == 0 && !asks
    }

    /// The number of the port with this index in the share.
    pub(crate) fn port(&self, list: &PortList, j: u32) -> u16 {
        list[self.share.rank(j) as usize]
    }

    /// What is kept of it once it is finished.
    pub(crate) fn report(&self, list: &PortList) -> HostReport {
        let mut open = self.open_ports.clone();
        open.sort_unstable();
        let of = |wanted: &dyn Fn(u32) -> bool| {
            PortSet::from_ports(
                self.decided
                    .ones()
                    .filter(|&j| wanted(j) && !self.known.get(j))
                    .map(|j| self.port(list, j)),
            )
        };
        let filtered = |j: u32| {
            !self.closed.get(j) && !self.untested.get(j) && open.binary_search(&j).is_err()
        };
        let seen = self.seen.as_deref();
        let mut counts = Counts::default();
        for (&reason, &n) in Reason::ALL.iter().zip(&self.counts) {
            counts.add_many(reason, n.into());
        }
        HostReport {
            index: self.share.index,
            address: self.share.address,
            parts: self.share.parts,
            counts,
            open: PortSet::from_ports(open.iter().map(|&j| self.port(list, j))),
            closed: of(&|j| self.closed.get(j)),
            filtered: of(&filtered),
            untested: of(&|j| self.untested.get(j)),
            graded: seen.map_or_else(Graded::default, |seen| seen.graded),
            answers_everything: self.canaries.is_fake(),
            rejected: of(&|j| seen.is_some_and(|seen| seen.rejected.get(j))),
            first_rejected: seen.map_or(0, |seen| seen.first_rejected),
            rejects: seen.map_or_else(Vec::new, |seen| seen.rejects.clone()),
            slowed: (self.slowdowns > 0).then_some(Slowed {
                times: self.slowdowns,
                per_second: self.slowest,
            }),
        }
    }
}

/// The active hosts, by number; a number is used again when its host is finished.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hosts {
    slab: Vec<Option<Box<Host>>>,
    generations: Vec<u32>,
    free: Vec<u32>,
    active: u64,
}

impl Hosts {
    pub(crate) fn active(&self) -> u64 {
        self.active
    }

    pub(crate) fn add(&mut self, host: Host) -> u32 {
        self.active += 1;
        if let Some(id) = self.free.pop() {
            self.slab[id as usize] = Some(Box::new(host));
            return id;
        }
        self.slab.push(Some(Box::new(host)));
        self.generations.push(0);
        self.slab.len() as u32 - 1
    }

    pub(crate) fn remove(&mut self, id: u32) -> Option<Box<Host>> {
        let host = self.slab[id as usize].take()?;
        self.generations[id as usize] += 1;
        self.free.push(id);
        self.active -= u64::from(!host.retired);
        Some(host)
    }

    /// A host is done, and kept; it no longer counts as active.
    pub(crate) fn retire(&mut self, id: u32) {
        self.at(id).retired = true;
        self.active -= 1;
    }

    /// An active host; slots and rings name only active ones.
    pub(crate) fn at(&mut self, id: u32) -> &mut Host {
        self.slab[id as usize]
            .as_mut()
            .expect("a slot's host is active until its slots are free")
    }

    pub(crate) fn is_active(&self, id: u32) -> bool {
        self.slab[id as usize].is_some()
    }

    pub(crate) fn generation(&self, id: u32) -> u32 {
        self.generations[id as usize]
    }

    /// The number of some active host.
    pub(crate) fn any(&self) -> Option<u32> {
        self.slab.iter().position(Option::is_some).map(|i| i as u32)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Host)> {
        self.slab
            .iter()
            .enumerate()
            .filter_map(|(i, h)| Some((i as u32, h.as_deref()?)))
    }
}
