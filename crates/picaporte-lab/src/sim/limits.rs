//! What runs out: allowances of RSTs and ICMP errors, places in a listen queue, entries of a connection table, the patience
//! of an IPS. All arithmetic on the time that is handed in.

use std::cmp::Reverse;
use std::collections::hash_map::Entry as Slot;
use std::collections::{BinaryHeap, HashMap, VecDeque};

use picaporte_core::{Duration, Instant};

use super::Flow;
use super::packet::Segment;
use crate::scenario::{IcmpLimit, Ips, Limit, ListenQueue, Nat};

/// A token bucket, full at first.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    limit: Limit,
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    pub(super) fn new(limit: Limit) -> Self {
        Self {
            limit,
            tokens: f64::from(limit.burst),
            filled: Instant::ZERO,
        }
    }

    fn fill(&mut self, now: Instant) {
        let gained = now.since(self.filled).as_secs_f64() * self.limit.per_second.get();
        self.tokens = (self.tokens + gained).min(f64::from(self.limit.burst));
        self.filled = now;
    }

    fn has(&mut self, now: Instant) -> bool {
        self.fill(now);
        self.tokens >= 1.0
    }

    /// Takes one, if there is one.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let taken = self.has(now);
        self.tokens -= f64::from(u8::from(taken));
        taken
    }
}

/// A device's allowance of ICMP errors. There is one scanner, so one peer.
#[derive(Clone, Debug)]
pub(super) struct IcmpAllowance {
    buckets: Vec<Bucket>,
}

impl IcmpAllowance {
    pub(super) fn new(limit: Option<IcmpLimit>) -> Self {
        let limit = limit.unwrap_or_default();
        Self {
            buckets: [limit.per_peer, limit.in_all]
                .into_iter()
                .flatten()
                .map(Bucket::new)
                .collect(),
        }
    }

    /// One error, if every bucket has it.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let all = self.buckets.iter_mut().all(|bucket| bucket.has(now));
        all && self.buckets.iter_mut().all(|bucket| bucket.take(now))
    }
}

/// How full a listen queue is.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    limit: ListenQueue,
    waiting: f64,
    looked: Instant,
}

impl Queue {
    pub(super) fn new(limit: ListenQueue) -> Self {
        Self {
            limit,
            waiting: 0.0,
            looked: Instant::ZERO,
        }
    }

    /// One more connection, if it fits.
    pub(super) fn enter(&mut self, now: Instant) -> bool {
        let taken_out = now.since(self.looked).as_secs_f64() * self.limit.per_second.get();
        self.waiting = (self.waiting - taken_out).max(0.0);
        self.looked = now;
        let fits = self.waiting + 1.0 <= f64::from(self.limit.length);
        self.waiting += f64::from(u8::from(fits));
        fits
    }
}

/// What an IPS remembers of the one source that there is.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    limit: Ips,
    /// When SYNs came, no more than the limit of them.
    syns: VecDeque<Instant>,
    silent_until: Instant,
}

impl Watch {
    pub(super) fn new(limit: Ips) -> Self {
        Self {
            limit,
            syns: VecDeque::new(),
            silent_until: Instant::ZERO,
        }
    }

    /// Whether a packet passes at this time; a SYN that does not is not counted again.
    pub(super) fn passes(&mut self, now: Instant, opens: bool) -> bool {
        if now < self.silent_until {
            return false;
        }
        if !opens {
            return true;
        }
        let within = Duration::from_nanos(self.limit.within.ns());
        while self.syns.front().is_some_and(|&at| now.since(at) >= within) {
            self.syns.pop_front();
        }
        self.syns.push_back(now);
        if self.syns.len() > self.limit.syns as usize {
            self.syns.clear();
            self.silent_until = now + Duration::from_nanos(self.limit.silences.ns());
            return false;
        }
        true
    }
}

/// How long an entry of an established connection stays (RFC 5382, REQ-5: at least 2 hours and 4 minutes).
const ESTABLISHED: Duration = Duration::from_secs(7_440);

#[derive(Clone, Copy, Debug)]
struct Entry {
    expires: Instant,
    fin_out: bool,
    fin_back: bool,
}

/// A connection table at the first hop. A new connection that finds it full is dropped, packet by packet.
#[derive(Debug)]
pub(super) struct Table {
    limit: Nat,
    entries: HashMap<Flow, Entry>,
    /// When to look at an entry again; it may have been prolonged since.
    expiries: BinaryHeap<Reverse<(Instant, Flow)>>,
    others: VecDeque<Instant>,
    next_other: Instant,
    pub(super) refused: u64,
    pub(super) others_refused: u64,
}

impl Table {
    pub(super) fn new(limit: Nat) -> Self {
        Self {
            limit,
            entries: HashMap::new(),
            expiries: BinaryHeap::new(),
            others: VecDeque::new(),
            next_other: Instant::ZERO,
            refused: 0,
            others_refused: 0,
        }
    }

    fn full(&self) -> bool {
        self.entries.len() + self.others.len() >= self.limit.entries as usize
    }

    /// Lets entries go whose time has come, and the others' new connections in, in the order of time.
    fn pass_time(&mut self, now: Instant) {
        if let Some(rate) = self.limit.others_per_second {
            let stay = Duration::from_nanos(self.limit.others_stay.ns());
            while self.next_other <= now {
                let at = self.next_other;
                self.expire(at);
                if self.full() {
                    self.others_refused += 1;
                } else {
                    self.others.push_back(at + stay);
                }
                self.next_other = at + Duration::from_secs_f64(1.0 / rate.get());
            }
        }
        self.expire(now);
    }

    fn expire(&mut self, now: Instant) {
        while self.others.front().is_some_and(|&at| at <= now) {
            self.others.pop_front();
        }
        while let Some(&Reverse((at, flow))) = self.expiries.peek() {
            if at > now {
                return;
            }
            self.expiries.pop();
            if let Slot::Occupied(slot) = self.entries.entry(flow) {
                if slot.get().expires <= now {
                    slot.remove();
                } else {
                    self.expiries.push(Reverse((slot.get().expires, flow)));
                }
            }
        }
    }

    /// A segment on its way out: whether it passes.
    pub(super) fn out(&mut self, now: Instant, flow: Flow, segment: &Segment) -> bool {
        self.pass_time(now);
        if !self.entries.contains_key(&flow) {
            if !segment.opens() {
                return false;
            }
            if self.full() {
                self.refused += 1;
                return false;
            }
            let expires = now + Duration::from_nanos(self.limit.syn_sent.ns());
            self.entries.insert(
                flow,
                Entry {
                    expires,
                    fin_out: false,
                    fin_back: false,
                },
            );
            self.expiries.push(Reverse((expires, flow)));
        }
        let entry = self.entries.get_mut(&flow).expect("it was put in above");
        entry.fin_out |= segment.fin;
        self.settle(now, flow, segment.rst);
        true
    }

    /// A segment on its way back, or an ICMP error (`None`): whether anybody inside knows of it.
    pub(super) fn back(&mut self, now: Instant, flow: Flow, segment: Option<Flags>) -> bool {
        self.pass_time(now);
        let Some(entry) = self.entries.get_mut(&flow) else {
            return false;
        };
        let Some(flags) = segment else { return true };
        entry.fin_back |= flags.fin;
        if flags.syn {
            entry.expires = now + ESTABLISHED;
        }
        self.settle(now, flow, flags.rst);
        true
    }

    /// Shortens the life of what has ended.
    fn settle(&mut self, now: Instant, flow: Flow, reset: bool) {
        let Some(entry) = self.entries.get_mut(&flow) else {
            return;
        };
        if reset || (entry.fin_out && entry.fin_back) {
            entry.expires = now + Duration::from_nanos(self.limit.closed.ns());
            self.expiries.push(Reverse((entry.expires, flow)));
        }
    }
}

/// What a connection table looks at in a segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flags {
    pub(super) syn: bool,
    pub(super) fin: bool,
    pub(super) rst: bool,
}

impl From<&Segment> for Flags {
    fn from(segment: &Segment) -> Self {
        Self {
            syn: segment.syn,
            fin: segment.fin,
            rst: segment.rst,
        }
    }
}
