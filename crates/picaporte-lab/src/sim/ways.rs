//! The paths of a world at work: how long packets take to where on them, which are lost, and what stands on the way and
//! keeps a state: a connection table, an IPS, the routers' allowances of ICMP errors.

use std::net::SocketAddr;
use std::sync::Arc;

use picaporte_core::{Duration, Instant};

use super::Flow;
use super::agenda::Known;
use super::by_port::ByPort;
use super::limits::{IcmpAllowance, Table, Watch};
use super::packet::Segment;
use super::passage::{Direction, Fate, in_outage};
use crate::random::{Draws, address_parts};
use crate::scenario::{Path, Scenario};

/// How much later than a packet its copy comes.
const COPY_AFTER: Duration = Duration::from_micros(50);

/// What the draws below are for.
const OUT: u64 = 10;
const BACK: u64 = 11;
const CHAIN_OUT: u64 = 12;
const CHAIN_BACK: u64 = 13;

#[derive(Debug)]
pub(super) struct Ways {
    scenario: Arc<Scenario>,
    seed: u64,
    each: Vec<Way>,
    /// Packets from and to every port so far: the fate of a packet depends on which of its port's it is, or which of its path's
    /// where there are too many.
    counts: ByPort<[u32; 2]>,
    /// When the scanner's first packet came; outages are counted from there.
    first: Option<Instant>,
}

#[derive(Debug)]
struct Way {
    out: Direction,
    back: Direction,
    packets: u64,
    table: Option<Table>,
    watch: Option<Watch>,
    allowances: Vec<IcmpAllowance>,
    /// Nothing is left to chance on it, so that its packets need not be counted by port.
    certain: bool,
}

/// Where an answer comes from, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reply {
    /// In whose name: chance goes by it.
    pub(super) from: SocketAddr,
    /// From which hop; `None` is the host.
    pub(super) hop: Option<u8>,
    /// So much later than what it answers.
    pub(super) after: Duration,
}

/// When a packet arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arrives {
    pub(super) at: Instant,
    /// And its copy, if there is one.
    pub(super) copy: Option<Instant>,
    /// The packets of its connection that follow do not arrive before this. It is earlier than the arrival where that is
    /// to be overtaken.
    pub(super) in_turn: Instant,
}

impl Reply {
    pub(super) fn new(from: SocketAddr, hop: Option<u8>) -> Self {
        Self {
            from,
            hop,
            after: Duration::ZERO,
        }
    }

    /// The same, so much later.
    pub(super) fn after(self, after: Duration) -> Self {
        Self { after, ..self }
    }
}

impl Ways {
    pub(super) fn new(scenario: &Arc<Scenario>, seed: u64) -> Self {
        let way = |(index, path): (usize, &Path)| Way {
            out: Direction::new(path.loss_out, &[seed, CHAIN_OUT, index as u64]),
            back: Direction::new(path.loss_back, &[seed, CHAIN_BACK, index as u64]),
            packets: 0,
            table: path.nat.clone().map(Table::new),
            watch: path.ips.map(Watch::new),
            allowances: vec![IcmpAllowance::new(path.icmp_limit); usize::from(path.hops)],
            certain: path.is_certain(),
        };
        Self {
            scenario: Arc::clone(scenario),
            seed,
            each: scenario.paths.iter().enumerate().map(way).collect(),
            counts: ByPort::new(),
            first: None,
        }
    }

    /// Connections that full tables have refused: the scanner's, packet by packet, and the others'.
    pub(super) fn refused(&self) -> (u64, u64) {
        let tables = self.each.iter().filter_map(|way| way.table.as_ref());
        tables.fold((0, 0), |sum, table| {
            (sum.0 + table.refused, sum.1 + table.others_refused)
        })
    }

    /// Whether a segment gets past the connection table of the first hop; what `ends` there is never entered in it.
    pub(super) fn leaves_home(
        &mut self,
        now: Instant,
        path: usize,
        flow: Flow,
        segment: &Segment,
        ends: Option<u8>,
    ) -> bool {
        self.first.get_or_insert(now);
        if ends == Some(1) {
            return true;
        }
        self.each[path]
            .table
            .as_mut()
            .is_none_or(|table| table.out(now, flow, segment))
    }

    /// Whether an answer gets past it on its way back.
    pub(super) fn comes_home(&mut self, now: Instant, path: usize, known: Option<Known>) -> bool {
        match (&mut self.each[path].table, known) {
            (Some(table), Some((flow, flags))) => table.back(now, flow, flags),
            _ => true,
        }
    }

    /// Whether an IPS, if there is one, lets the segment pass.
    pub(super) fn tolerates(&mut self, now: Instant, path: usize, opens: bool) -> bool {
        self.each[path]
            .watch
            .as_mut()
            .is_none_or(|watch| watch.passes(now, opens))
    }

    /// Whether router `hop` may send an ICMP error now.
    pub(super) fn may_complain(
        &mut self,
        now: Instant,
        path: usize,
        hop: u8,
        expired: bool,
    ) -> bool {
        if expired && self.scenario.paths[path].silent_hops.contains(&hop) {
            return false;
        }
        self.each[path].allowances[usize::from(hop) - 1].take(now)
    }

    /// How long a packet takes from hop to host, without jitter and queues.
    pub(super) fn behind(&self, path: usize, hop: u8) -> Duration {
        let shape = &self.scenario.paths[path];
        one_way(shape, None) - one_way(shape, Some(hop))
    }

    /// Sends a packet towards a port, as far as `hop` or to the host: when it arrives, if it does. What breaks in an outage
    /// is the scanner's own line: nothing gets out at its end in that time, and nothing comes in.
    pub(super) fn out(
        &mut self,
        now: Instant,
        path: usize,
        to: SocketAddr,
        bytes: usize,
        hop: Option<u8>,
        not_before: Instant,
    ) -> Option<Arrives> {
        let chance = self.chance(path, to, 0);
        let since_first = now.since(*self.first.get_or_insert(now));
        let shape = &self.scenario.paths[path];
        let cut = in_outage(shape, since_first);
        let way = &mut self.each[path];
        let fate = way.out.pass(now, cut, bytes, shape, chance);
        arrival(fate, now + one_way(shape, hop), not_before)
    }

    /// The same back to the scanner, from where `reply` says, now.
    pub(super) fn back(
        &mut self,
        now: Instant,
        path: usize,
        reply: Reply,
        bytes: usize,
        not_before: Instant,
    ) -> Option<Arrives> {
        let chance = self.chance(path, reply.from, 1);
        let first = self.first.unwrap_or(now);
        let shape = &self.scenario.paths[path];
        let way = &mut self.each[path];
        let fate = way.back.pass(now, false, bytes, shape, chance);
        let cut = |at: Instant| in_outage(shape, at.since(first));
        let mut arrives = arrival(fate, now + one_way(shape, reply.hop), not_before)?;
        arrives.copy = arrives.copy.filter(|&at| !cut(at));
        if cut(arrives.at) {
            arrives.at = arrives.copy.take()?;
        }
        Some(arrives)
    }

    /// How many SYNs the IPS of a path remembers.
    #[cfg(test)]
    pub(super) fn remembered(&self, path: usize) -> usize {
        self.each[path].watch.as_ref().map_or(0, Watch::remembered)
    }

    /// The connection table of a path that has one.
    #[cfg(test)]
    pub(super) fn table(&self, path: usize) -> &Table {
        self.each[path].table.as_ref().expect("it has one")
    }

    /// How many ports are counted.
    #[cfg(test)]
    pub(super) fn counted(&self) -> usize {
        self.counts.len()
    }

    /// The draws of one packet: which of its port's it is in this direction, or which of the path's when too many ports
    /// have been seen.
    fn chance(&mut self, path: usize, port: SocketAddr, direction: usize) -> Draws {
        self.each[path].packets += 1;
        if self.each[path].certain {
            return Draws::new(&[]);
        }
        let number = match self.counts.entry(port) {
            Some(counts) => {
                counts[direction] = counts[direction].wrapping_add(1);
                u64::from(counts[direction])
            }
            None => self.each[path].packets << 16,
        };
        let [high, low] = address_parts(port.ip());
        let purpose = if direction == 0 { OUT } else { BACK };
        Draws::new(&[
            self.seed,
            purpose,
            path as u64,
            high,
            low,
            u64::from(port.port()),
            number,
        ])
    }
}

/// Half of the round trip, in the proportion of the hops that lie between.
fn one_way(path: &Path, hop: Option<u8>) -> Duration {
    let whole = u64::from(path.hops) + 1;
    let part = hop.map_or(whole, u64::from);
    Duration::from_nanos(path.rtt.ns() / 2 * part / whole)
}

fn arrival(fate: Fate, due: Instant, not_before: Instant) -> Option<Arrives> {
    let Fate::Passes {
        delay,
        held,
        doubled,
    } = fate
    else {
        return None;
    };
    let in_turn = (due + delay).max(not_before);
    let at = in_turn + held;
    Some(Arrives {
        at,
        copy: doubled.then(|| at + COPY_AFTER),
        in_turn,
    })
}
