//! A whole network that is played by this program: what the scanner's machine sends goes in, what comes back goes out, each
//! with the moment at which it is due. Knows no device and no clock: bytes and time are handed in, and the same bytes at
//! the same moments give the same answers, from the seed.

mod agenda;
mod by_port;
mod hosts;
mod icmp;
mod limits;
mod packet;
mod passage;
mod people;
mod replies;
mod tcp;
#[cfg(test)]
mod tests;
mod unreal;
mod ways;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use picaporte_core::{Duration, Instant};

use crate::record::Wire;
use crate::scenario::{Absent, Act, Hosts, Icmp, Scenario, Span, Target};
use agenda::{Agenda, Arrival, Event};
use icmp::Echo;
use packet::{NoSegment, Segment};
use people::Population;
use ways::{Reply, Ways};

/// What Linux gives a packet to live.
const INITIAL_TTL: u8 = 64;
/// More packets than this at once are not kept, on their way or ready for the scanner; see [`World::overflowed`].
const MOST_IN_FLIGHT: usize = if cfg!(test) { 1 << 12 } else { 1 << 21 };

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
    agenda: Agenda,
    ready: VecDeque<Packet>,
    wire: Wire,
    overflowed: u64,
    out: Vec<Segment>,
}

/// Where an address lies.
#[derive(Clone, Copy, Debug)]
struct Place {
    path: usize,
    /// The group that speaks for it.
    group: Option<usize>,
    /// Whether somebody is there.
    exists: bool,
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

impl World {
    /// The world of `scenario`, played with `seed`. Nothing has happened yet.
    pub fn new(scenario: Arc<Scenario>, seed: u64) -> Self {
        Self {
            ways: Ways::new(&scenario, seed),
            people: Population::new(&scenario, seed),
            scenario,
            seed,
            agenda: Agenda::default(),
            ready: VecDeque::new(),
            wire: Wire::default(),
            overflowed: 0,
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
            None => self.next_event(),
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

    /// Packets that were lost though the scenario did not say so, because there were too many at once.
    pub fn overflowed(&self) -> u64 {
        self.overflowed
    }

    fn next_event(&self) -> Option<Instant> {
        [self.agenda.next_at(), self.people.next_alarm()]
            .into_iter()
            .flatten()
            .min()
    }

    fn put_down(&mut self, due: Instant, event: Event) {
        if self.agenda.len() + self.ready.len() >= MOST_IN_FLIGHT {
            self.overflowed += 1;
            return;
        }
        self.agenda.put_down(due, event);
    }

    fn pass_time(&mut self, now: Instant) {
        while let Some(at) = self.next_event().filter(|&at| at <= now) {
            match self.agenda.take(at) {
                Some(event) => self.happen(at, event),
                None => self.look_after(at),
            }
        }
    }

    fn happen(&mut self, now: Instant, event: Event) {
        match event {
            Event::Arrives(arrival) => self.arrive(now, arrival),
            Event::Unreachable(arrival) => self.give_up(now, &arrival),
            Event::Asked(echo) => self.answer_echo(now, &echo),
            Event::Leaves(answer) => self.leave(now, *answer),
            Event::Returns(bytes, path, known) => {
                if self.ways.comes_home(now, path, known) {
                    self.ready.push_back(Packet { due: now, bytes });
                }
            }
        }
    }

    /// Where no group speaks for an address, the first path leads there.
    fn place_of(&self, ip: IpAddr) -> Place {
        let found = self.scenario.group_of(ip);
        Place {
            path: found.map_or(0, |(_, hosts)| hosts.path),
            group: found.map(|(group, _)| group),
            exists: found.is_some_and(|(_, hosts)| hosts.exists(self.seed, ip)),
        }
    }

    fn set_out(&mut self, now: Instant, segment: Segment, packet: &[u8]) {
        let to = segment.to;
        if segment.opens() {
            self.wire.syns += 1;
            self.wire.strays += u64::from(!self.is_planned(to));
        }
        let place = self.place_of(to.ip());
        let hosts = place.group.map(|group| &self.scenario.hosts[group]);
        let (stop, quotes) = match hosts.filter(|_| place.exists) {
            Some(hosts) => {
                let act = hosts.act(self.seed, to.ip(), to.port());
                let stop = self.stop_of(&segment, place.path, act.hop(), Some(hosts));
                (stop, matches!(act, Act::Rejected(..)))
            }
            None => (
                self.stop_of(&segment, place.path, None, None),
                hosts.is_some_and(|hosts| hosts.absent == Absent::HostUnreachable),
            ),
        };
        let flow = (segment.from, to);
        if !self
            .ways
            .leaves_home(now, place.path, flow, &segment, stop.hop_if_it_ends())
        {
            return;
        }
        let expires = matches!(stop, Stop::Expires(_));
        let arrival = Arrival {
            packet: if quotes || expires {
                packet.to_vec()
            } else {
                Vec::new()
            },
            segment,
            path: place.path,
            group: place.group.filter(|_| place.exists),
            stop,
        };
        self.go(now, flow, packet.len(), arrival);
    }

    /// Puts a segment on its way to where it stops.
    fn go(&mut self, now: Instant, flow: Flow, bytes: usize, arrival: Arrival) {
        let path = arrival.path;
        // Where nobody is, the last router is where it ends.
        let last = self.scenario.paths[path].hops;
        let nobody = arrival.group.is_none() && last > 0;
        let hop = arrival.stop.hop().or(nobody.then_some(last));
        let connection = self.people.connection(flow);
        let not_before = connection.map_or(Instant::ZERO, |connection| connection.last_out);
        let Some(arrives) = self.ways.out(now, path, flow.1, bytes, hop, not_before) else {
            return;
        };
        if let Some(connection) = self.people.connection(flow) {
            connection.last_out = arrives.in_turn;
        }
        let twin = arrives.copy.map(|at| (at, Box::new(arrival.clone())));
        self.put_down(arrives.at, Event::Arrives(Box::new(arrival)));
        if let Some((at, twin)) = twin {
            self.put_down(at, Event::Arrives(twin));
        }
    }

    fn set_out_echo(&mut self, now: Instant, echo: Echo, bytes: usize) {
        let place = self.place_of(echo.to);
        let hops = self.scenario.paths[place.path].hops;
        if !place.exists || hops > 0 && echo.ttl <= hops {
            return;
        }
        let to = (echo.to, 0).into();
        if let Some(arrives) = self
            .ways
            .out(now, place.path, to, bytes, None, Instant::ZERO)
        {
            self.put_down(arrives.at, Event::Asked(Box::new(echo)));
        }
    }

    fn answer_echo(&mut self, now: Instant, echo: &Echo) {
        let path = self.place_of(echo.to).path;
        if !self.ways.tolerates(now, path, false) {
            self.wire.banned += 1;
            return;
        }
        if let Some(bytes) = echo.reply(self.ttl_of(path, None)) {
            let reply = Reply::new((echo.to, 0).into(), None);
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
    fn stop_of(
        &self,
        segment: &Segment,
        path: usize,
        filter: Option<u8>,
        hosts: Option<&Hosts>,
    ) -> Stop {
        let hops = self.scenario.paths[path].hops;
        let expires = (hops > 0 && segment.ttl <= hops).then_some(segment.ttl.max(1));
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

    /// The time to live with which something from this hop, or from the host, arrives.
    fn ttl_of(&self, path: usize, hop: Option<u8>) -> u8 {
        match hop {
            Some(hop) => INITIAL_TTL - (hop - 1),
            None => INITIAL_TTL - self.scenario.paths[path].hops,
        }
    }

    fn arrive(&mut self, now: Instant, arrival: Box<Arrival>) {
        let opens = arrival.segment.opens();
        if !self.ways.tolerates(now, arrival.path, opens) {
            self.wire.banned += 1;
            return;
        }
        let scenario = Arc::clone(&self.scenario);
        let hosts = arrival.group.map(|group| &scenario.hosts[group]);
        match (arrival.stop, hosts) {
            (Stop::Expires(hop), _) => self.complain(now, &arrival, hop, TIME_EXCEEDED),
            (Stop::Filter(hop), Some(hosts)) => self.filter(now, &arrival, hop, hosts),
            (Stop::Proxy(hop), Some(hosts)) => self.meet_proxy(now, &arrival, hop, hosts),
            (Stop::Host, Some(hosts)) => self.meet_host(now, &arrival, hosts),
            (_, None) => self.meet_nobody(now, arrival),
        }
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

    /// The hop where the segment ends without having been forwarded there.
    fn hop_if_it_ends(self) -> Option<u8> {
        match self {
            Self::Expires(hop) | Self::Filter(hop) => Some(hop),
            Self::Proxy(_) | Self::Host => None,
        }
    }
}
