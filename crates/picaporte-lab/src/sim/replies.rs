//! What comes back: the words of routers and firewalls on the way, and how any packet gets to the scanner.

use picaporte_core::{Duration, Instant};

use super::agenda::{Answer, Arrival, Event, Known};
use super::icmp::icmp_error;
use super::limits::Flags;
use super::packet::Segment;
use super::ways::Reply;
use super::{TIME_EXCEEDED, World, tcp};
use crate::scenario::{Act, At, Hosts, Icmp, Path};

impl World {
    pub(super) fn filter(&mut self, now: Instant, arrival: &Arrival, hop: u8, hosts: &Hosts) {
        let to = arrival.segment.to;
        match hosts.act(self.seed, to.ip(), to.port()) {
            Act::Rejected(icmp, At::Hop(_)) => self.complain(now, arrival, hop, *icmp),
            Act::Reset(_) => self.forge_reset(now, arrival, hop),
            _ => {}
        }
    }

    /// A router at `hop` says by ICMP what it can't or won't do.
    pub(super) fn complain(&mut self, now: Instant, arrival: &Arrival, hop: u8, icmp: Icmp) {
        let (path, segment) = (arrival.path, &arrival.segment);
        if !self
            .ways
            .may_complain(now, path, hop, icmp == TIME_EXCEEDED)
        {
            return;
        }
        let v6 = segment.to.is_ipv6();
        let router = Path::router(path, hop, v6);
        let quoted_ttl = segment.ttl.saturating_sub(hop - 1);
        let ttl = self.ttl_of(path, Some(hop));
        if let Some(bytes) = icmp_error(router, ttl, icmp.number(v6), &arrival.packet, quoted_ttl) {
            let reply = Reply::new(segment.to, Some(hop));
            let known = ((segment.from, segment.to), None);
            // The first hop does not ask its own table.
            self.send_back(now, path, reply, bytes, Some(known).filter(|_| hop > 1));
        }
    }

    pub(super) fn forge_reset(&mut self, now: Instant, arrival: &Arrival, hop: u8) {
        let ttl = self.ttl_of(arrival.path, Some(hop));
        if let Some(reset) = tcp::reset(&arrival.segment, ttl) {
            let reply = Reply::new(reset.from, Some(hop));
            let known = ((reset.to, reset.from), Some(Flags::from(&reset)));
            self.send_back(
                now,
                arrival.path,
                reply,
                reset.bytes(),
                Some(known).filter(|_| hop > 1),
            );
        }
    }

    pub(super) fn send_segment(
        &mut self,
        now: Instant,
        path: usize,
        reply: Reply,
        segment: &Segment,
    ) {
        let known = ((segment.to, segment.from), Some(Flags::from(segment)));
        self.send_back(now, path, reply, segment.bytes(), Some(known));
    }

    /// Sends a packet to the scanner, when `reply` says.
    pub(super) fn send_back(
        &mut self,
        now: Instant,
        path: usize,
        reply: Reply,
        bytes: Vec<u8>,
        known: Option<Known>,
    ) {
        let answer = Answer {
            path,
            reply,
            bytes,
            known,
        };
        if reply.after == Duration::ZERO {
            self.leave(now, answer);
        } else {
            self.put_down(now + reply.after, Event::Leaves(Box::new(answer)));
        }
    }

    /// Puts a packet on its way to the scanner, now.
    pub(super) fn leave(&mut self, now: Instant, answer: Answer) {
        let Answer {
            path,
            reply,
            bytes,
            known,
        } = answer;
        let flow = known.and_then(|(flow, flags)| flags.map(|_| flow));
        let connection = flow.and_then(|flow| self.people.connection(flow));
        let not_before = connection.map_or(Instant::ZERO, |connection| connection.last_back);
        let Some(arrives) = self.ways.back(now, path, reply, bytes.len(), not_before) else {
            return;
        };
        if let Some(connection) = flow.and_then(|flow| self.people.connection(flow)) {
            connection.last_back = arrives.in_turn;
        }
        let copy = arrives.copy.map(|at| (at, bytes.clone()));
        self.put_down(arrives.at, Event::Returns(bytes, path, known));
        if let Some((at, bytes)) = copy {
            self.put_down(at, Event::Returns(bytes, path, known));
        }
    }
}
