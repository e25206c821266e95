//! What hosts answer to a segment that has come to them, and what the last router says when nobody is there.

use picaporte_core::{Duration, Instant};

use super::agenda::{Arrival, Event};
use super::icmp::icmp_error;
use super::packet::Segment;
use super::tcp::{self, Connection};
use super::ways::Reply;
use super::{Flow, INITIAL_TTL, World, unreal};
use crate::scenario::{Act, At, Hosts, Icmp, Service, Stack};

/// How long a router asks for the link address of somebody who is not there (Linux: three requests, one a second).
const ARP_FAILS_AFTER: Duration = Duration::from_secs(3);
const HOST_UNREACHABLE: Icmp = Icmp::Named((3, 1), (1, 3));

impl World {
    /// Nobody is at the address. Where the last router says so, it does when it has asked in vain.
    pub(super) fn meet_nobody(&mut self, now: Instant, arrival: Box<Arrival>) {
        if !arrival.packet.is_empty() && self.scenario.paths[arrival.path].hops > 0 {
            self.put_down(now + ARP_FAILS_AFTER, Event::Unreachable(arrival));
        }
    }

    pub(super) fn give_up(&mut self, now: Instant, arrival: &Arrival) {
        let hops = self.scenario.paths[arrival.path].hops;
        self.complain(now, arrival, hops, HOST_UNREACHABLE);
    }

    /// A segment has come to the host it is for.
    pub(super) fn meet_host(&mut self, now: Instant, arrival: &Arrival, hosts: &Hosts) {
        let segment = &arrival.segment;
        if segment.opens() && !self.people.notices(segment, hosts) {
            return;
        }
        let act = hosts.act(self.seed, segment.to.ip(), segment.to.port());
        match (hosts.stack, act) {
            (Stack::Tarpit, _) => self.hold_on(now, arrival),
            (_, Act::Open(service)) => {
                self.meet_service(now, arrival, hosts, service, Duration::ZERO);
            }
            (Stack::Portspoof, _) => {
                let service = unreal::service(self.seed, segment.to);
                self.meet_service(now, arrival, hosts, &service, Duration::ZERO);
            }
            (_, Act::Rejected(icmp, At::Host)) => self.reject(now, arrival, hosts, *icmp),
            (_, Act::Closed) => self.refuse(now, arrival, hosts, Duration::ZERO),
            _ => {}
        }
    }

    /// Sends the RST of a host, `after` so much time.
    pub(super) fn refuse(
        &mut self,
        now: Instant,
        arrival: &Arrival,
        hosts: &Hosts,
        after: Duration,
    ) {
        let ttl = self.ttl_of(arrival.path, None);
        let Some(reset) = tcp::reset(&arrival.segment, ttl) else {
            return;
        };
        if self.people.may_reset(now, reset.from.ip(), hosts) {
            let reply = Reply::new(reset.from, None).after(after);
            self.send_segment(now, arrival.path, reply, &reset);
        }
    }

    fn reject(&mut self, now: Instant, arrival: &Arrival, hosts: &Hosts, icmp: Icmp) {
        let (from, to) = (arrival.segment.from, arrival.segment.to);
        if !self.people.may_complain(now, to.ip(), hosts) {
            return;
        }
        let ttl = self.ttl_of(arrival.path, None);
        let quoted_ttl = arrival.segment.ttl.saturating_sub(INITIAL_TTL - ttl);
        let number = icmp.number(to.is_ipv6());
        if let Some(bytes) = icmp_error(to.ip(), ttl, number, &arrival.packet, quoted_ttl) {
            let reply = Reply::new(to, None);
            self.send_back(now, arrival.path, reply, bytes, Some(((from, to), None)));
        }
    }

    /// The port is open. What comes by way of a SYN proxy has `farther` to go from there to the host.
    pub(super) fn meet_service(
        &mut self,
        now: Instant,
        arrival: &Arrival,
        hosts: &Hosts,
        service: &Service,
        farther: Duration,
    ) {
        let segment = &arrival.segment;
        let flow = (segment.from, segment.to);
        if let Some(connection) = self.people.connection(flow)
            && segment.opens()
            && connection.gives_way_to(segment)
        {
            self.people.forget(flow);
        }
        let mut out = std::mem::take(&mut self.out);
        let known = self.people.touch(flow, |connection, room| {
            connection.receive(now, segment, room, &mut out);
        });
        // A listener drops what neither opens nor acknowledges (RFC 9293, section 3.10.7.2), and Linux a SYN with FIN.
        if known.is_none() && segment.opens() && !segment.fin {
            self.open(now, arrival, hosts, service, &mut out);
        } else if known.is_none() && segment.ack {
            self.refuse(now, arrival, hosts, Duration::ZERO);
        }
        let is_syn_ack = out.first().is_some_and(|segment| segment.syn);
        let slow = if is_syn_ack {
            service.after.into()
        } else {
            Duration::ZERO
        };
        let reply = Reply::new(segment.to, None).after(farther + slow);
        self.say(now, arrival.path, reply, flow, out);
    }

    /// A new connection, and its SYN-ACK; nothing where there is no room for it.
    fn open(
        &mut self,
        now: Instant,
        arrival: &Arrival,
        hosts: &Hosts,
        service: &Service,
        out: &mut Vec<Segment>,
    ) {
        let segment = &arrival.segment;
        let Some(group) = arrival.group else { return };
        if !self.people.takes_in(now, segment.to.ip(), hosts, service) {
            return;
        }
        let shared = self.people.shared(group, hosts, service);
        let initial = self.people.initial((segment.from, segment.to));
        let ttl = self.ttl_of(arrival.path, None);
        let at = now + service.after.into();
        let connection = Connection::accept(at, segment, shared, ttl, initial);
        out.push(connection.syn_ack(at));
        self.people.add(connection);
    }

    /// Sends what a connection has to say, and keeps the connection or forgets it.
    pub(super) fn say(
        &mut self,
        now: Instant,
        path: usize,
        reply: Reply,
        flow: Flow,
        mut out: Vec<Segment>,
    ) {
        for segment in out.drain(..) {
            self.send_segment(now, path, reply, &segment);
        }
        self.out = out;
        self.people.settle(flow);
    }

    /// A connection may have something to send again, or may be over.
    pub(super) fn look_after(&mut self, now: Instant) {
        let Some(flow) = self.people.take_alarm(now) else {
            return;
        };
        let mut out = std::mem::take(&mut self.out);
        self.people
            .touch(flow, |connection, _| connection.time_out(now, &mut out));
        let path = self.place_of(flow.1.ip()).path;
        self.say(now, path, Reply::new(flow.1, None), flow, out);
    }
}
