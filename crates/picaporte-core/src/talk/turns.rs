//! Whose turn it is to open a connection, when many talks want one: within the caps in all and of each host, in the order in which they asked, hosts in turn. Who has
//! begun goes before who has not, so that no more are in the midst of a talk than may have a connection: what they have heard so far takes memory. Knows no socket; a talk is a number.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

use crate::pace::{Share, Shares};
use crate::rate::Rate;
use crate::target::Address;
use crate::time::{Duration, Instant};

/// SYNs that one connection can cause: the system sends the first again after 1 s and 3 s (RFC 6298, section 2), and is given [`PATIENCE`].
const SYNS: u32 = 3;
/// How long a handshake may take.
pub const PATIENCE: Duration = Duration::from_millis(3_900);
/// What a scan sent last still counts in this time: caps hold for any second.
const SETTLES: Duration = Duration::from_millis(1_000);

/// Turns to connect.
#[derive(Debug)]
pub struct Turns {
    shares: Shares,
    all: Gate,
    hosts: BTreeMap<Address, Host>,
    /// Hosts where somebody waits and may go, as far as the host's caps say.
    ready: VecDeque<Address>,
    /// Hosts where somebody waits for this moment.
    later: BinaryHeap<Reverse<(Instant, Address)>>,
}

/// Caps of one host, or of all.
#[derive(Debug)]
struct Gate {
    rate: Option<Rate>,
    /// None while nothing may go.
    inflight: Option<u32>,
    standing: u32,
    from: Instant,
}

impl Gate {
    fn new(share: Option<Share>) -> Self {
        let mut gate = Self {
            rate: None,
            inflight: None,
            standing: 0,
            from: Instant::ZERO,
        };
        if let Some(share) = share {
            gate.open(share, Instant::ZERO);
        }
        gate
    }

    /// These caps hold from now on.
    fn open(&mut self, share: Share, now: Instant) {
        if share.rate.is_some() && now > Instant::ZERO {
            self.from = now + SETTLES;
        }
        self.rate = share.rate.map(|rate| Rate::new(rate, SYNS));
        self.inflight = Some(share.inflight);
    }

    fn has_room(&self) -> bool {
        self.inflight.is_some_and(|most| self.standing < most)
    }

    fn ready_at(&self) -> Instant {
        (self.rate.as_ref()).map_or(self.from, |rate| rate.ready_at().max(self.from))
    }

    fn take(&mut self, now: Instant) {
        self.standing += 1;
        if let Some(rate) = &mut self.rate {
            rate.take(now);
        }
    }

    fn give_back(&mut self) {
        self.standing -= 1;
        if let Some(rate) = &mut self.rate {
            rate.give_back();
        }
    }
}

#[derive(Debug)]
struct Host {
    gate: Gate,
    /// Those who have had a connection, and want another.
    going_on: VecDeque<u64>,
    waiting: VecDeque<u64>,
    /// Its talks that are not over.
    talks: u32,
    /// It stands in `ready` or in `later`.
    listed: bool,
}

impl Host {
    fn next(&mut self) -> Option<u64> {
        (self.going_on.pop_front()).or_else(|| self.waiting.pop_front())
    }

    fn is_waited_for(&self) -> bool {
        !self.going_on.is_empty() || !self.waiting.is_empty()
    }
}

impl Turns {
    /// Nobody waits yet, and the scan goes on.
    pub fn new(shares: Shares) -> Self {
        Self {
            shares,
            all: Gate::new(shares.during_scan),
            hosts: BTreeMap::new(),
            ready: VecDeque::new(),
            later: BinaryHeap::new(),
        }
    }

    /// A talk with a port of the host begins.
    pub fn begins(&mut self, address: Address) {
        let share = self.shares.during_host;
        let host = self.hosts.entry(address).or_insert_with(|| Host {
            gate: Gate::new(share),
            going_on: VecDeque::new(),
            waiting: VecDeque::new(),
            talks: 0,
            listed: false,
        });
        host.talks += 1;
    }

    /// A talk is over; its connections may still stand, and it waits for none.
    pub fn is_over(&mut self, address: Address) {
        if let Some(host) = self.hosts.get_mut(&address) {
            host.talks -= 1;
        }
        self.forget(address);
    }

    /// The talk wants a connection to its port of the host, which [`begins`](Self::begins) named.
    pub fn wants(&mut self, address: Address, talk: u64) {
        if let Some(host) = self.hosts.get_mut(&address) {
            host.waiting.push_back(talk);
            self.list(address);
        }
    }

    /// The same for a talk that has had a connection.
    pub fn goes_on(&mut self, address: Address, talk: u64) {
        if let Some(host) = self.hosts.get_mut(&address) {
            host.going_on.push_back(talk);
            self.list(address);
        }
    }

    /// The scan asks nothing of this host any more: all of the host's caps are here.
    pub fn host_done(&mut self, now: Instant, address: Address) {
        let share = self.shares.after_host;
        if let Some(host) = self.hosts.get_mut(&address) {
            host.gate.open(share, now);
            self.list(address);
        }
    }

    /// The scan is over: all caps are here.
    pub fn scan_over(&mut self, now: Instant) {
        self.all.open(self.shares.after_scan, now);
        for address in self.hosts.keys().copied().collect::<Vec<_>>() {
            self.host_done(now, address);
        }
        self.shares.during_host = Some(self.shares.after_host);
    }

    /// The next whose turn it is, which has taken it: it stands until [`ended`](Self::ended), or [`put_back`](Self::put_back).
    pub fn next(&mut self, now: Instant) -> Option<(Address, u64)> {
        while let Some(&Reverse((at, address))) = self.later.peek()
            && at <= now
        {
            self.later.pop();
            self.ready.push_back(address);
        }
        if !self.all.has_room() || self.all.ready_at() > now {
            return None;
        }
        while let Some(address) = self.ready.pop_front() {
            let Some(host) = self.hosts.get_mut(&address) else {
                continue;
            };
            host.listed = false;
            if host.gate.has_room() && host.gate.ready_at() > now {
                host.listed = true;
                let at = host.gate.ready_at();
                self.later.push(Reverse((at, address)));
                continue;
            }
            if host.gate.has_room()
                && let Some(talk) = host.next()
            {
                host.gate.take(now);
                self.all.take(now);
                self.list(address);
                return Some((address, talk));
            }
        }
        None
    }

    /// When it is somebody's turn by time alone; `None` where nobody waits for it.
    pub fn next_at(&self) -> Option<Instant> {
        if !self.all.has_room() {
            return None;
        }
        let later = self.later.peek().map(|Reverse((at, _))| *at);
        let now = (!self.ready.is_empty()).then_some(Instant::ZERO);
        let host = later.into_iter().chain(now).min()?;
        Some(host.max(self.all.ready_at()))
    }

    /// The turn came to nothing for want of something here: the talk is the next again.
    pub fn put_back(&mut self, address: Address, talk: u64) {
        self.all.give_back();
        if let Some(host) = self.hosts.get_mut(&address) {
            host.gate.give_back();
            host.going_on.push_front(talk);
            self.list(address);
        }
    }

    /// A connection to the host does not stand any more.
    pub fn ended(&mut self, address: Address) {
        self.all.standing -= 1;
        if let Some(host) = self.hosts.get_mut(&address) {
            host.gate.standing -= 1;
            self.list(address);
        }
        self.forget(address);
    }

    /// Lists a host where somebody may go.
    fn list(&mut self, address: Address) {
        if let Some(host) = self.hosts.get_mut(&address)
            && !host.listed
            && host.is_waited_for()
            && host.gate.has_room()
        {
            host.listed = true;
            self.ready.push_back(address);
        }
    }

    fn forget(&mut self, address: Address) {
        if let Some(host) = self.hosts.get(&address)
            && host.talks == 0
            && host.gate.standing == 0
        {
            self.hosts.remove(&address);
        }
    }
}

#[cfg(test)]
mod tests;
