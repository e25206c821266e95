//! A network that never was: hosts, loss, delay and rate limits, all from a seed.
//!
//! [`run`] plays it against a [`Scan`] in virtual time. The same seed and plan give the same
//! events, byte for byte, so any fault that a simulation finds replays from its seed.

pub mod script;

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::order::mix;
use crate::outcome::{Departure, Icmp, LocalError, Outcome, ProbeId};
use crate::scan::{Report, Scan, Step};
use crate::target::Address;
use crate::time::{Duration, Instant};
use crate::verdict::{Close, Reason, State};
use crate::wheel::Wheel;

/// What the network is like. Shares are out of 65,536.
#[derive(Clone, Copy, Debug)]
pub struct World {
    /// Chooses every port's state and every packet's fate.
    pub seed: u64,
    /// Hosts that answer nothing at all.
    pub dead: u32,
    /// Ports of live hosts that are open.
    pub open: u32,
    /// Ports of live hosts that swallow SYNs.
    pub silent: u32,
    /// Ports of live hosts that a firewall rejects (admin-prohibited).
    pub rejected: u32,
    /// Packets lost, in each direction.
    pub loss: u32,
    /// The shortest round trip.
    pub delay: Duration,
    /// How much longer a round trip can be.
    pub jitter: Duration,
    /// RSTs that one host sends in a second, if it limits them.
    pub rst_limit: Option<u32>,
    /// Attempts that fail on this machine.
    pub local_failures: u32,
}

impl Default for World {
    /// A quiet network at 1 ms where everything is closed.
    fn default() -> Self {
        Self {
            seed: 0,
            dead: 0,
            open: 0,
            silent: 0,
            rejected: 0,
            loss: 0,
            delay: Duration::from_millis(1),
            jitter: Duration::from_micros(200),
            rst_limit: None,
            local_failures: 0,
        }
    }
}

impl World {
    /// The true state of a port: what a scan without loss must find.
    pub fn truth(&self, address: Address, port: u16) -> Reason {
        let host = mix(self.seed, address_bits(address));
        if (mix(host, 0xdead) & 0xffff) < u64::from(self.dead) {
            return Reason::NoResponse;
        }
        let at = (mix(host, u64::from(port) | 1 << 20) & 0xffff) as u32;
        match at {
            n if n < self.open => Reason::SynAck,
            n if n < self.open + self.silent => Reason::NoResponse,
            n if n < self.open + self.silent + self.rejected => Reason::AdminProhibited,
            _ => Reason::ConnRefused,
        }
    }
}

/// What a simulated scan did.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// When the last event was, in virtual time.
    pub elapsed: Duration,
    /// SYNs that left, the system's retransmissions included.
    pub syns: u64,
    /// The most attempts open at a time.
    pub most_inflight: u32,
}

/// Something that happened, for a log.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// The scan said what to do.
    Step(Instant, &'a Step),
    /// The network answered.
    Outcome(Instant, ProbeId, Outcome),
}

/// Plays `scan` against `world` to its end, or until `limit` of virtual time; `log` sees
/// everything that happens, in order.
pub fn run(scan: &mut Scan, world: World, limit: Duration, log: &mut dyn FnMut(Event<'_>)) -> Run {
    let mut net = Net::new(world);
    let mut now = Instant::ZERO;
    loop {
        let step = scan.poll(now);
        log(Event::Step(now, &step));
        match step {
            Step::Connect { id, address, port } => {
                if let Some(outcome) = net.connect(now, id, address, port) {
                    log(Event::Outcome(now, id, outcome));
                    scan.handle(now, id, outcome);
                }
                net.run.most_inflight = net.run.most_inflight.max(scan.inflight());
            }
            Step::Abort(id) => {
                let outcome = net.abort(id);
                log(Event::Outcome(now, id, outcome));
                scan.handle(now, id, outcome);
            }
            Step::Departs { host, .. } => scan.departs(now, host, Departure::Leaves),
            Step::Report(_) => {}
            Step::Done => break,
            Step::Wait(until) => {
                let next = net.next().into_iter().chain(until).min();
                match next {
                    Some(at) if at <= Instant::ZERO + limit => now = now.max(at),
                    _ => break,
                }
                while let Some((id, outcome)) = net.due(now) {
                    log(Event::Outcome(now, id, outcome));
                    scan.handle(now, id, outcome);
                }
                scan.harvested(now);
            }
        }
    }
    net.run.elapsed = now.since(Instant::ZERO);
    net.run
}

/// Compares what a scan reported with the truth: ports whose reason differs.
pub fn misses(world: &World, reports: &[Report]) -> Vec<(Address, u16, Reason)> {
    let verdicts = reports.iter().filter_map(|r| match r {
        Report::Port(v) => Some(v),
        _ => None,
    });
    verdicts
        .filter(|v| v.state() != State::Untested && v.reason != world.truth(v.address, v.port))
        .map(|v| (v.address, v.port, v.reason))
        .collect()
}

fn address_bits(address: Address) -> u64 {
    match address.ip {
        IpAddr::V4(a) => a.to_bits().into(),
        IpAddr::V6(a) => (a.to_bits() as u64) ^ (a.to_bits() >> 64) as u64,
    }
}

/// One attempt as the network sees it.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    generation: u32,
    sent: Instant,
    retransmits: u8,
    address: Address,
    port: u16,
    /// What the network does for it next, and when.
    next: (Instant, Kind),
}

struct Net {
    world: World,
    /// When something happens to each attempt. Ready in batches of 1 ms, as epoll would tell.
    events: Wheel,
    attempts: Vec<Attempt>,
    resets: BTreeMap<Address, (u64, u32)>,
    packets: u64,
    run: Run,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Answer,
    Resend,
    Close,
}

impl Net {
    fn new(world: World) -> Self {
        Self {
            world,
            events: Wheel::default(),
            attempts: Vec::new(),
            resets: BTreeMap::new(),
            packets: 0,
            run: Run::default(),
        }
    }

    fn connect(
        &mut self,
        now: Instant,
        id: ProbeId,
        address: Address,
        port: u16,
    ) -> Option<Outcome> {
        if self.chance(self.world.local_failures) {
            return Some(Outcome::Local(LocalError::Limit));
        }
        let next = (Instant::NEVER, Kind::Resend);
        let attempt = Attempt {
            generation: id.generation,
            sent: now,
            retransmits: 0,
            address,
            port,
            next,
        };
        match self.attempts.get_mut(id.slot as usize) {
            Some(old) => *old = attempt,
            None => self.attempts.push(attempt),
        }
        self.syn(now, id);
        None
    }

    /// One SYN leaves; its answer, or the system's next SYN, becomes an event.
    fn syn(&mut self, now: Instant, id: ProbeId) {
        self.run.syns += 1;
        let Attempt { address, port, .. } = self.attempts[id.slot as usize];
        let truth = self.world.truth(address, port);
        let lost = self.chance(self.world.loss) || self.chance(self.world.loss);
        let limited = truth == Reason::ConnRefused && self.limited(now, address);
        if truth == Reason::NoResponse || lost || limited {
            self.at(now + Duration::from_secs(1), id.slot, Kind::Resend);
        } else {
            let jitter = self.world.jitter.as_nanos().max(1);
            let delay = self.world.delay
                + Duration::from_nanos(mix(self.world.seed, self.packets) % jitter);
            self.at(now + delay, id.slot, Kind::Answer);
        }
    }

    fn abort(&mut self, id: ProbeId) -> Outcome {
        let retransmits = self.attempts[id.slot as usize].retransmits;
        self.events.cancel(id.slot);
        Outcome::Aborted { retransmits }
    }

    fn next(&self) -> Option<Instant> {
        self.events.next()
    }

    fn due(&mut self, now: Instant) -> Option<(ProbeId, Outcome)> {
        while let Some(slot) = self.events.pop(now) {
            let attempt = self.attempts[slot as usize];
            let id = ProbeId {
                slot,
                generation: attempt.generation,
            };
            let (at, kind) = attempt.next;
            match kind {
                Kind::Resend => {
                    self.attempts[slot as usize].retransmits += 1;
                    self.syn(at, id);
                }
                Kind::Close => return Some((id, Outcome::Closed { close: Close::Fin })),
                Kind::Answer => return Some((id, self.answer(at, id, attempt))),
            }
        }
        None
    }

    fn answer(&mut self, at: Instant, id: ProbeId, attempt: Attempt) -> Outcome {
        let retransmits = attempt.retransmits;
        let rtt = (retransmits == 0).then(|| at.since(attempt.sent));
        match self.world.truth(attempt.address, attempt.port) {
            Reason::SynAck => {
                self.at(at + self.world.delay, id.slot, Kind::Close);
                Outcome::Connected { rtt, retransmits }
            }
            Reason::AdminProhibited => {
                let from = Some(attempt.address);
                Outcome::Rejected {
                    icmp: Some(Icmp {
                        v6: false,
                        kind: 3,
                        code: 13,
                        from,
                    }),
                    rtt,
                    retransmits,
                }
            }
            _ => Outcome::Refused { rtt, retransmits },
        }
    }

    /// Whether this host has sent all the RSTs of this second.
    fn limited(&mut self, now: Instant, address: Address) -> bool {
        let Some(limit) = self.world.rst_limit else {
            return false;
        };
        let second = now.as_millis() / 1000;
        let sent = self.resets.entry(address).or_default();
        if sent.0 != second {
            *sent = (second, 0);
        }
        sent.1 += 1;
        sent.1 > limit
    }

    fn chance(&mut self, share: u32) -> bool {
        if share == 0 {
            return false;
        }
        self.packets += 1;
        (mix(self.world.seed ^ 0xfa7e, self.packets) & 0xffff) < u64::from(share)
    }

    fn at(&mut self, at: Instant, slot: u32, kind: Kind) {
        self.packets += 1;
        self.attempts[slot as usize].next = (at, kind);
        self.events.set(slot, at);
    }
}
