//! The paths of a world at work: how long packets take to where on them, which are lost, and what stands on the way and
//! keeps a state: a connection table, an IPS, the routers' allowances of ICMP errors.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use picaporte_core::{Duration, Instant};

use super::Flow;
use super::limits::{Flags, IcmpAllowance, Table, Watch};
use super::packet::Segment;
use super::passage::{Direction, Fate};
use crate::random::{Draws, address_parts};
use crate::scenario::{Path, Scenario};

/// How many ports the lab counts packets for. Beyond them chance goes by the number of the packet on its path.
pub(super) const MOST_COUNTED: usize = 1 << 21;

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
    /// Packets from and to every port so far: the fate of a packet depends on which of its port's it is.
    counts: HashMap<SocketAddr, [u16; 2]>,
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
}

/// Where an answer comes from, and when at the earliest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reply {
    /// In whose name: chance goes by it.
    pub(super) from: SocketAddr,
    /// From which hop; `None` is the host.
    pub(super) hop: Option<u8>,
    /// So much later than what it answers.
    pub(super) after: Duration,
    /// It does not arrive before this.
    pub(super) not_before: Option<Instant>,
}

impl Reply {
    pub(super) fn new(from: SocketAddr, hop: Option<u8>) -> Self {
        Self {
            from,
            hop,
            after: Duration::ZERO,
            not_before: None,
        }
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
        };
        Self {
            scenario: Arc::clone(scenario),
            seed,
            each: scenario.paths.iter().enumerate().map(way).collect(),
            counts: HashMap::new(),
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

    /// Whether a segment gets past the connection table of the first hop.
    pub(super) fn leaves_home(
        &mut self,
        now: Instant,
        path: usize,
        flow: Flow,
        segment: &Segment,
    ) -> bool {
        self.first.get_or_insert(now);
        self.each[path]
            .table
            .as_mut()
            .is_none_or(|table| table.out(now, flow, segment))
    }

    /// Whether an answer gets past it on its way back.
    pub(super) fn comes_home(
        &mut self,
        now: Instant,
        path: usize,
        flow: Option<(Flow, Option<Flags>)>,
    ) -> bool {
        match (&mut self.each[path].table, flow) {
            (Some(table), Some((flow, flags))) => table.back(now, flow, flags),
            _ => true,
        }
    }

    /// Whether an IPS, if there is one, lets the segment pass.
    pub(super) fn tolerates(&mut self, now: Instant, path: usize, segment: &Segment) -> bool {
        self.each[path]
            .watch
            .as_mut()
            .is_none_or(|watch| watch.passes(now, segment.opens()))
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

    /// Sends a packet towards a port, as far as `hop` or to the host: when it arrives, and when its copy does, if at all.
    pub(super) fn out(
        &mut self,
        now: Instant,
        path: usize,
        to: SocketAddr,
        bytes: usize,
        hop: Option<u8>,
        not_before: Option<Instant>,
    ) -> Option<(Instant, Option<Instant>)> {
        let chance = self.chance(path, to, 0);
        let since_first = now.since(*self.first.get_or_insert(now));
        let shape = &self.scenario.paths[path];
        let fate = self.each[path]
            .out
            .pass(now, since_first, bytes, shape, chance);
        arrival(fate, now, one_way(shape, hop), not_before)
    }

    /// The same back to the scanner.
    pub(super) fn back(
        &mut self,
        now: Instant,
        path: usize,
        reply: Reply,
        bytes: usize,
    ) -> Option<(Instant, Option<Instant>)> {
        let chance = self.chance(path, reply.from, 1);
        let leaves = now + reply.after;
        let since_first = leaves.since(self.first.unwrap_or(now));
        let shape = &self.scenario.paths[path];
        let fate = self.each[path]
            .back
            .pass(leaves, since_first, bytes, shape, chance);
        arrival(fate, leaves, one_way(shape, reply.hop), reply.not_before)
    }

    /// The draws of one packet: which of its port's it is in this direction, or which of the path's when too many ports
    /// have been seen.
    fn chance(&mut self, path: usize, port: SocketAddr, direction: usize) -> Draws {
        self.each[path].packets += 1;
        let room = self.counts.len() < MOST_COUNTED;
        let count = if room {
            Some(self.counts.entry(port).or_default())
        } else {
            self.counts.get_mut(&port)
        };
        let number = match count {
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

fn arrival(
    fate: Fate,
    now: Instant,
    travels: Duration,
    not_before: Option<Instant>,
) -> Option<(Instant, Option<Instant>)> {
    match fate {
        Fate::Lost => None,
        Fate::Passes(extra, copy) => {
            let earliest = not_before.unwrap_or(Instant::ZERO);
            let due = (now + travels + extra).max(earliest);
            Some((due, copy.map(|copy| (now + travels + copy).max(due))))
        }
    }
}
