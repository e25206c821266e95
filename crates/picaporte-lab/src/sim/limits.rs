//! What runs out: allowances of RSTs and ICMP errors, places in a listen queue, entries of a connection table, the patience
//! of an IPS. All arithmetic on the time that is handed in.

use std::collections::{BTreeSet, HashMap, VecDeque};

use picaporte_core::{Duration, Instant};

use super::Flow;
use super::packet::Segment;
use crate::scenario::{IcmpLimit, Ips, Limit, ListenQueue, Nat};

/// A token that has grown in many small steps is still one.
const WHOLE: f64 = 1.0 - 1e-9;

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
        self.filled = self.filled.max(now);
    }

    fn has(&mut self, now: Instant) -> bool {
        self.fill(now);
        self.tokens >= WHOLE
    }

    /// Whether nothing of it is missing.
    pub(super) fn is_full(&mut self, now: Instant) -> bool {
        self.fill(now);
        self.tokens >= f64::from(self.limit.burst)
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

    /// Whether nothing of it is missing.
    pub(super) fn is_full(&mut self, now: Instant) -> bool {
        self.buckets.iter_mut().all(|bucket| bucket.is_full(now))
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

    /// Whether nobody waits in it.
    pub(super) fn is_empty(&mut self, now: Instant) -> bool {
        let taken_out = now.since(self.looked).as_secs_f64() * self.limit.per_second.get();
        self.waiting = (self.waiting - taken_out).max(0.0);
        self.looked = self.looked.max(now);
        self.waiting == 0.0
    }

    /// One more connection, if it fits.
    pub(super) fn enter(&mut self, now: Instant) -> bool {
        self.is_empty(now);
        let fits = self.waiting + WHOLE <= f64::from(self.limit.length);
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

    #[cfg(test)]
    pub(super) fn remembered(&self) -> usize {
        self.syns.len()
    }
}

/// How long an entry of an established connection stays (RFC 5382, REQ-5: at least 2 hours and 4 minutes).
const ESTABLISHED: Duration = Duration::from_secs(7_440);

/// No table has room for more connections than this, whatever the scenario says.
pub(super) const MOST_ENTRIES: usize = if cfg!(test) { 1 << 8 } else { 1 << 21 };

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    SynSent,
    Established,
    /// After a RST, or both FINs.
    Closed,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    state: State,
    fin_out: bool,
    fin_back: bool,
    expires: Instant,
}

/// A connection table at the first hop. A new connection that finds it full is dropped, packet by packet.
#[derive(Debug)]
pub(super) struct Table {
    limit: Nat,
    entries: HashMap<Flow, Entry>,
    /// When entries expire, each once.
    expiries: BTreeSet<(Instant, Flow)>,
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
            expiries: BTreeSet::new(),
            others: VecDeque::new(),
            next_other: Instant::ZERO,
            refused: 0,
            others_refused: 0,
        }
    }

    fn full(&self) -> bool {
        let most = (self.limit.entries as usize).min(MOST_ENTRIES);
        self.entries.len() + self.others.len() >= most
    }

    /// Lets entries go whose time has come, and the others' new connections in, in the order of time.
    fn pass_time(&mut self, now: Instant) {
        if let Some(rate) = self.limit.others_per_second {
            let stay = Duration::from_nanos(self.limit.others_stay.ns());
            while self.next_other <= now && self.next_other < Instant::NEVER {
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
        while let Some(&(_, flow)) = self.expiries.first().filter(|&&(at, _)| at <= now) {
            self.expiries.pop_first();
            self.entries.remove(&flow);
        }
    }

    /// A segment on its way out: whether it passes.
    pub(super) fn out(&mut self, now: Instant, flow: Flow, segment: &Segment) -> bool {
        self.pass_time(now);
        let opens = segment.opens();
        if !self.entries.contains_key(&flow) {
            if !opens {
                return false;
            }
            if self.full() {
                self.refused += 1;
                return false;
            }
            self.enter(now, flow);
        }
        let syn_sent = Duration::from_nanos(self.limit.syn_sent.ns());
        self.change(now, flow, Flags::from(segment), |entry, flags| {
            if opens && entry.state != State::Established {
                // A SYN prolongs what waits for its answer, and begins anew what has ended.
                entry.state = State::SynSent;
                (entry.fin_out, entry.fin_back) = (false, false);
                entry.expires = now + syn_sent;
            }
            entry.fin_out |= flags.fin;
        });
        true
    }

    fn enter(&mut self, now: Instant, flow: Flow) {
        let expires = now + Duration::from_nanos(self.limit.syn_sent.ns());
        let entry = Entry {
            state: State::SynSent,
            fin_out: false,
            fin_back: false,
            expires,
        };
        self.entries.insert(flow, entry);
        self.expiries.insert((expires, flow));
    }

    /// A segment on its way back, or an ICMP error (`None`): whether anybody inside knows of it.
    pub(super) fn back(&mut self, now: Instant, flow: Flow, segment: Option<Flags>) -> bool {
        self.pass_time(now);
        if !self.entries.contains_key(&flow) {
            return false;
        }
        if let Some(flags) = segment {
            self.change(now, flow, flags, |entry, flags| {
                if flags.syn && entry.state == State::SynSent {
                    entry.state = State::Established;
                    entry.expires = now + ESTABLISHED;
                }
                entry.fin_back |= flags.fin;
            });
        }
        true
    }

    /// Changes an entry, and with it the moment at which it expires; what has ended lives shorter.
    fn change(
        &mut self,
        now: Instant,
        flow: Flow,
        flags: Flags,
        change: impl FnOnce(&mut Entry, Flags),
    ) {
        let Some(entry) = self.entries.get_mut(&flow) else {
            return;
        };
        let before = entry.expires;
        change(entry, flags);
        if flags.rst || (entry.fin_out && entry.fin_back) {
            entry.state = State::Closed;
            entry.expires = now + Duration::from_nanos(self.limit.closed.ns());
        }
        if entry.expires != before {
            self.expiries.remove(&(before, flow));
            self.expiries.insert((entry.expires, flow));
        }
    }

    /// Entries, the others', and moments at which entries expire.
    #[cfg(test)]
    pub(super) fn counts(&self) -> (usize, usize, usize) {
        (self.entries.len(), self.others.len(), self.expiries.len())
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
