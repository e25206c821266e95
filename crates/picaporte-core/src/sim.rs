//! A network that never was: hosts, loss, delay, outages and limits, all from a seed.
//!
//! [`run`] plays it against a [`Scan`] in virtual time. The same seed and plan give the same
//! events, byte for byte, so any fault that a simulation finds replays from its seed.
//!
//! A packet passes, in this order: the connection table of the first hop, a narrow link, the path, an IPS, and
//! the limits of the host; the answer passes the path again. Where it falls short of a real
//! network, it is the harder one for a scan: a SYN-ACK that is lost is not sent again by the host
//! (only the SYN is, by this machine), and an answer to an attempt that was given up is never seen.

mod limits;
mod net;
pub mod script;
mod table;
#[cfg(test)]
mod tests;
mod ways;

use std::net::IpAddr;

pub use limits::{Ips, Limit, ListenQueue};
pub use table::Nat;
pub use ways::{Bursts, Outage, Queue};

use net::Net;

use crate::order::mix;
use crate::outcome::{Departure, Outcome, ProbeId};
use crate::scan::{Report, Scan, Step};
use crate::target::Address;
use crate::time::{Duration, Instant};
use crate::verdict::{Reason, State};

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
    /// Packets lost, in each direction, each for itself.
    pub loss: u32,
    /// Packets lost on the way back, where that differs.
    pub loss_back: Option<u32>,
    /// Loss in bursts on the way there, in place of `loss`.
    pub bursts_there: Option<Bursts>,
    /// Loss in bursts on the way back, in place of `loss` and `loss_back`.
    pub bursts_back: Option<Bursts>,
    /// When nothing passes.
    pub outage: Option<Outage>,
    /// The shortest round trip.
    pub delay: Duration,
    /// How much longer a round trip can be.
    pub jitter: Duration,
    /// How many SYNs pass the narrowest link of the path; the rest is dropped there.
    pub link: Option<Limit>,
    /// The same, if SYNs wait for it, and what ends a handshake too.
    pub queue: Option<Queue>,
    /// RSTs that one host sends in a second, counted anew with every second (FreeBSD's
    /// `net.inet.icmp.icmplim`).
    pub rst_limit: Option<u32>,
    /// RSTs that one host sends, as a token bucket.
    pub rst_bucket: Option<Limit>,
    /// ICMP errors that one host sends; the rest of its rejected ports is silent.
    pub icmp_bucket: Option<Limit>,
    /// The listen queue of each host.
    pub listen_queue: Option<ListenQueue>,
    /// The IPS before each host.
    pub ips: Option<Ips>,
    /// The connection table at the first hop.
    pub nat: Option<Nat>,
    /// Connections of which nothing is heard after the handshake.
    pub mute: u32,
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
            loss_back: None,
            bursts_there: None,
            bursts_back: None,
            outage: None,
            delay: Duration::from_millis(1),
            jitter: Duration::from_micros(200),
            link: None,
            queue: None,
            rst_limit: None,
            rst_bucket: None,
            icmp_bucket: None,
            listen_queue: None,
            ips: None,
            nat: None,
            mute: 0,
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
    /// SYNs that found no room on the narrowest link.
    pub link_dropped: u64,
    /// SYNs that found the connection table full, and were dropped there.
    pub table_refused: u64,
    /// Connections that others tried through that table until the scan was over.
    pub others: u64,
    /// Those among them that found it full.
    pub others_refused: u64,
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
    let mut net = Net::new(&world);
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
    net.end(now)
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
