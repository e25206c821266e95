//! A whole network that is played by this program: what the scanner's machine sends goes in, what comes back goes out, each
//! with the moment at which it is due. Knows no device and no clock: bytes and time are handed in, and the same bytes at
//! the same moments give the same answers, from the seed.

mod hosts;
mod limits;
mod packet;
mod passage;
mod tcp;
#[cfg(test)]
mod tests;
mod unreal;
mod ways;

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use picaporte_core::{Duration, Instant};

use crate::record::Wire;
use crate::scenario::{Act, At, Hosts, Icmp, Scenario, Span, Target};
use hosts::Population;
use limits::Flags;
use packet::{Echo, NoSegment, Segment, icmp_error};
use ways::{Reply, Ways};

/// What Linux gives a packet to live.
const INITIAL_TTL: u8 = 64;

/// A connection as the scanner's side sees it: its own end and the other.
pub(crate) type Flow = (SocketAddr, SocketAddr);

impl From<Span> for Duration {
    fn from(span: Span) -> Self {
        Self::from_nanos(span.ns())
    }
}

/// A packet on its way to the scanner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// When it is due.
    pub due: Instant,
    /// An IP packet.
    pub bytes: Vec<u8>,
}

/// A network at work.
#[derive(Debug)]
pub struct World {
    scenario: Arc<Scenario>,
    seed: u64,
    ways: Ways,
    people: Population,
    agenda: BinaryHeap<Item>,
    /// How many items there have been: what is due at the same moment goes in the order in which it was put down.
    items: u64,
    ready: VecDeque<Packet>,
    wire: Wire,
    out: Vec<Segment>,
}

/// Something that is to happen.
#[derive(Debug)]
struct Item {
    due: Instant,
    number: u64,
    event: Event,
}

#[derive(Debug)]
enum Event {
    /// A segment of the scanner has come to where it stops.
    Arrives(Box<Arrival>),
    /// An echo request has come to its host.
    Asked(Box<Echo>),
    /// A packet comes to the first hop on its way back, and to the scanner.
    Returns(Vec<u8>, usize, Option<(Flow, Option<Flags>)>),
    /// Something about this connection may be due.
    Due(Flow),
}

/// A segment, and where it stops.
#[derive(Debug)]
struct Arrival {
    segment: Segment,
    /// The packet as it was sent; only where it will be quoted.
    packet: Vec<u8>,
    path: usize,
    stop: Stop,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// Its time to live runs out at this hop.
    Expires(u8),
    /// A device at this hop acts on it.
    Filter(u8),
    /// A SYN proxy at this hop takes it.
    Proxy(u8),
    /// It comes to its host, if there is one.
    Host,
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Item {}
impl PartialOrd for Item {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
/// The earliest is the greatest, as a heap wants it.
impl Ord for Item {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.due, other.number).cmp(&(self.due, self.number))
    }
}

impl World {
    /// The world of `scenario`, played with `seed`. Nothing has happened yet.
    pub fn new(scenario: Arc<Scenario>, seed: u64) -> Self {
        Self {
            ways: Ways::new(&scenario, seed),
            people: Population::new(seed),
            scenario,
            seed,
            agenda: BinaryHeap::new(),
            items: 0,
            ready: VecDeque::new(),
            wire: Wire::default(),
            out: Vec::new(),
        }
    }

    /// Takes an IP packet that the scanner's machine has sent. Moments never go back.
    pub fn send(&mut self, now: Instant, packet: &[u8]) {
        self.pass_time(now);
        self.wire.sent += 1;
        match Segment::parse(packet) {
            Ok(segment) => self.set_out(now, segment, packet),
            Err(NoSegment::Other) => {
                if let Some(echo) = Echo::parse(packet) {
                    self.set_out_echo(now, echo, packet.len());
                }
            }
            Err(NoSegment::Broken) => {}
        }
    }

    /// The next packet for the scanner that is due by `now`.
    pub fn receive(&mut self, now: Instant) -> Option<Packet> {
        self.pass_time(now);
        let packet = self.ready.pop_front()?;
        self.wire.received += 1;
        Some(packet)
    }

    /// When to look again; `None` when nothing is to come unless something is sent.
    pub fn next_at(&self) -> Option<Instant> {
        match self.ready.front() {
            Some(packet) => Some(packet.due),
            None => self.agenda.peek().map(|item| item.due),
        }
    }

    /// What has been seen so far.
    pub fn wire(&self) -> Wire {
        let (nat_refused, others_refused) = self.ways.refused();
        Wire {
            others_refused,
            nat_refused,
            ..self.wire
        }
    }

    fn put_down(&mut self, due: Instant, event: Event) {
        self.items += 1;
        self.agenda.push(Item {
            due,
            number: self.items,
            event,
        });
    }

    fn pass_time(&mut self, now: Instant) {
        while self.agenda.peek().is_some_and(|item| item.due <= now) {
            let Some(Item { due, event, .. }) = self.agenda.pop() else {
                return;
            };
            match event {
                Event::Arrives(arrival) => self.arrive(due, &arrival),
                Event::Asked(echo) => self.answer_echo(due, &echo),
                Event::Returns(bytes, path, flow) => {
                    if self.ways.comes_home(due, path, flow) {
                        self.ready.push_back(Packet { due, bytes });
                    }
                }
                Event::Due(flow) => self.look_after(due, flow),
            }
        }
    }

    /// The path to an address, and who is there, if anybody is. Where no group speaks for an address, the first path
    /// leads there.
    fn way_to(&self, ip: IpAddr) -> (usize, Option<usize>) {
        match self.scenario.group_of(ip) {
            Some((group, hosts)) if hosts.exists(self.seed, ip) => (hosts.path, Some(group)),
            Some((_, hosts)) => (hosts.path, None),
            None => (0, None),
        }
    }

    fn set_out(&mut self, now: Instant, segment: Segment, packet: &[u8]) {
        let to = segment.to;
        if segment.opens() {
            self.wire.syns += 1;
            self.wire.strays += u64::from(!self.is_planned(to));
        }
        let (path, group) = self.way_to(to.ip());
        let flow = (segment.from, to);
        if !self.ways.leaves_home(now, path, flow, &segment) {
            return;
        }
        let stop = self.stop_of(
            &segment,
            path,
            group.map(|group| &self.scenario.hosts[group]),
        );
        let quotes = matches!(stop, Stop::Expires(_)) || self.may_be_rejected(to, group);
        let arrival = Arrival {
            packet: if quotes { packet.to_vec() } else { Vec::new() },
            segment,
            path,
            stop,
        };
        let not_before = self
            .people
            .connection(flow)
            .map(|connection| connection.last_out);
        let Some((due, copy)) = self
            .ways
            .out(now, path, to, packet.len(), stop.hop(), not_before)
        else {
            return;
        };
        if let Some(connection) = self.people.connection(flow) {
            connection.last_out = due;
        }
        if let Some(copy) = copy {
            let twin = Arrival {
                segment: arrival.segment.clone(),
                packet: arrival.packet.clone(),
                ..arrival
            };
            self.put_down(copy, Event::Arrives(Box::new(twin)));
        }
        self.put_down(due, Event::Arrives(Box::new(arrival)));
    }

    fn set_out_echo(&mut self, now: Instant, echo: Echo, bytes: usize) {
        let (path, group) = self.way_to(echo.to);
        let hops = self.scenario.paths[path].hops;
        if group.is_none() || echo.ttl <= hops {
            return;
        }
        if let Some((due, _)) = self
            .ways
            .out(now, path, (echo.to, 0).into(), bytes, None, None)
        {
            self.put_down(due, Event::Asked(Box::new(echo)));
        }
    }

    fn answer_echo(&mut self, now: Instant, echo: &Echo) {
        let (path, _) = self.way_to(echo.to);
        if let Some(bytes) = echo.reply(self.ttl_of(path, None)) {
            let reply = Reply {
                from: (echo.to, 0).into(),
                hop: None,
                after: Duration::ZERO,
                not_before: None,
            };
            self.send_back(now, path, reply, bytes, None);
        }
    }

    fn is_planned(&self, to: SocketAddr) -> bool {
        let order = &self.scenario.scan;
        order.ports.contains(to.port())
            && order.targets.iter().any(|target| match target {
                Target::Net(net) => net.contains(&to.ip()),
                Target::Name(name) => self
                    .scenario
                    .names
                    .get(name)
                    .is_some_and(|ips| ips.contains(&to.ip())),
            })
    }

    /// The first thing on the way that takes hold of the segment.
    fn stop_of(&self, segment: &Segment, path: usize, hosts: Option<&Hosts>) -> Stop {
        let hops = self.scenario.paths[path].hops;
        let expires = (segment.ttl <= hops).then_some(segment.ttl.max(1));
        let to = segment.to;
        let filter = hosts.and_then(|hosts| hosts.act(self.seed, to.ip(), to.port()).hop());
        let proxy = hosts.and_then(|hosts| hosts.proxy).map(|proxy| proxy.hop);
        // At one hop: what forwards decides first that the packet is dead, then what filters, then what answers.
        let stops = [
            expires.map(Stop::Expires),
            filter.map(Stop::Filter),
            proxy.map(Stop::Proxy),
        ];
        let first = stops.into_iter().flatten().min_by_key(|stop| stop.hop());
        first.unwrap_or(Stop::Host)
    }

    fn may_be_rejected(&self, to: SocketAddr, group: Option<usize>) -> bool {
        group.is_none_or(|group| {
            matches!(
                self.scenario.hosts[group].act(self.seed, to.ip(), to.port()),
                Act::Rejected(..)
            )
        })
    }

    /// The time to live with which something from this hop, or from the host, arrives.
    fn ttl_of(&self, path: usize, hop: Option<u8>) -> u8 {
        match hop {
            Some(hop) => INITIAL_TTL - (hop - 1),
            None => INITIAL_TTL - self.scenario.paths[path].hops,
        }
    }

    fn arrive(&mut self, now: Instant, arrival: &Arrival) {
        let Arrival {
            segment,
            path,
            stop,
            ..
        } = arrival;
        if !self.ways.tolerates(now, *path, segment) {
            self.wire.banned += 1;
            return;
        }
        let scenario = Arc::clone(&self.scenario);
        let (_, group) = self.way_to(segment.to.ip());
        let hosts = group.map(|group| &scenario.hosts[group]);
        match (*stop, hosts) {
            (Stop::Expires(hop), _) => self.complain(now, arrival, hop, TIME_EXCEEDED),
            (Stop::Filter(hop), Some(hosts)) => {
                match hosts.act(self.seed, segment.to.ip(), segment.to.port()) {
                    Act::Rejected(icmp, At::Hop(_)) => self.complain(now, arrival, hop, *icmp),
                    Act::Reset(_) => self.forge_reset(now, arrival, hop),
                    _ => {}
                }
            }
            (Stop::Proxy(hop), Some(hosts)) => self.meet_proxy(now, arrival, hop, hosts),
            (Stop::Host, Some(hosts)) => self.meet_host(now, arrival, hosts),
            (_, None) => self.meet_nobody(now, arrival),
        }
    }

    /// A router at `hop` says by ICMP what it can't or won't do.
    fn complain(&mut self, now: Instant, arrival: &Arrival, hop: u8, icmp: Icmp) {
        if !self
            .ways
            .may_complain(now, arrival.path, hop, icmp == TIME_EXCEEDED)
        {
            return;
        }
        let segment = &arrival.segment;
        let v6 = segment.to.is_ipv6();
        let router = crate::scenario::Path::router(arrival.path, hop, v6);
        let quoted_ttl = segment.ttl.saturating_sub(hop - 1);
        let ttl = self.ttl_of(arrival.path, Some(hop));
        if let Some(bytes) = icmp_error(router, ttl, icmp.number(v6), &arrival.packet, quoted_ttl) {
            let reply = Reply::new(segment.to, Some(hop));
            self.send_back(
                now,
                arrival.path,
                reply,
                bytes,
                Some(((segment.from, segment.to), None)),
            );
        }
    }

    fn forge_reset(&mut self, now: Instant, arrival: &Arrival, hop: u8) {
        let ttl = self.ttl_of(arrival.path, Some(hop));
        if let Some(reset) = tcp::reset(&arrival.segment, ttl) {
            self.send_segment(now, arrival.path, Reply::new(reset.from, Some(hop)), &reset);
        }
    }

    fn send_segment(&mut self, now: Instant, path: usize, reply: Reply, segment: &Segment) {
        self.send_in_order(now, path, reply, segment);
    }

    /// Sends a segment; when it arrives, if it does.
    fn send_in_order(
        &mut self,
        now: Instant,
        path: usize,
        reply: Reply,
        segment: &Segment,
    ) -> Option<Instant> {
        let flow = (segment.to, segment.from);
        self.send_back(
            now,
            path,
            reply,
            segment.bytes(),
            Some((flow, Some(Flags::from(segment)))),
        )
    }

    /// Puts a packet on its way to the scanner; when it arrives, if it does.
    fn send_back(
        &mut self,
        now: Instant,
        path: usize,
        reply: Reply,
        bytes: Vec<u8>,
        flow: Option<(Flow, Option<Flags>)>,
    ) -> Option<Instant> {
        let (due, copy) = self.ways.back(now, path, reply, bytes.len())?;
        if let Some(copy) = copy {
            self.put_down(copy, Event::Returns(bytes.clone(), path, flow));
        }
        self.put_down(due, Event::Returns(bytes, path, flow));
        Some(due)
    }
}

const TIME_EXCEEDED: Icmp = Icmp::Named((11, 0), (3, 0));

impl Stop {
    /// `None` is the host, behind every hop.
    fn hop(self) -> Option<u8> {
        match self {
            Self::Expires(hop) | Self::Filter(hop) | Self::Proxy(hop) => Some(hop),
            Self::Host => None,
        }
    }
}
