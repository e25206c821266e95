//! Boxes that answer for services which are not there: a tarpit, a spoofer of services, a SYN proxy.

use std::net::SocketAddr;

use picaporte_core::Instant;

use super::packet::Segment;
use super::tcp::{self, answer_to};
use super::ways::Reply;
use super::{Arrival, World};
use crate::random::Draws;
use crate::scenario::{Act, Hosts, Service, Then};

/// What the draws below are for.
const BANNER: u64 = 20;

/// Beginnings of greetings, in the manner of the protocols that have one; what follows is made up.
const GREETINGS: [&str; 8] = [
    "SSH-2.0-",
    "220 ",
    "+OK ",
    "* OK ",
    "HTTP/1.1 200 OK\r\nServer: ",
    "-ERR ",
    "RFB 003.00",
    "",
];

/// A service that is not there, as a spoofer makes it up for this port.
pub(super) fn service(seed: u64, port: SocketAddr) -> Service {
    let [high, low] = crate::random::address_parts(port.ip());
    let mut draws = Draws::new(&[seed, BANNER, high, low, u64::from(port.port())]);
    let mut says = GREETINGS[draws.bits() as usize % GREETINGS.len()]
        .as_bytes()
        .to_vec();
    let length = 4 + draws.bits() as usize % 28;
    says.extend(
        (0..length)
            .map(|_| b"abcdefghijklmnopqrstuvwxyz0123456789._- "[draws.bits() as usize % 40]),
    );
    says.extend(b"\r\n");
    Service {
        says,
        spoofed: true,
        ..Service::default()
    }
}

impl World {
    /// A tarpit: every SYN is answered, with no option and a window of zero; whatever else comes is acknowledged up to
    /// where it began, with a window of zero; a FIN is not heard.
    pub(super) fn hold_on(&mut self, now: Instant, arrival: &Arrival) {
        let segment = &arrival.segment;
        if segment.rst || segment.fin {
            return;
        }
        let mut answer = Segment::new(segment.to, segment.from, self.ttl_of(arrival.path, None));
        answer.ack = true;
        if segment.opens() {
            answer.syn = true;
            answer.seq = self.people.initial((segment.from, segment.to));
            answer.ack_number = segment.seq.wrapping_add(1);
        } else if segment.payload.is_empty() {
            // The end of the handshake, or a bare acknowledgement: nothing to say.
            return;
        } else {
            answer.seq = segment.ack_number;
            answer.ack_number = segment.seq;
        }
        self.send_segment(now, arrival.path, Reply::new(segment.to, None), &answer);
    }

    /// A SYN proxy: it keeps nothing until the handshake is done. Its SYN-ACK has the options of the SYN and a window of
    /// zero, as nftables' `synproxy` has (measured).
    pub(super) fn meet_proxy(&mut self, now: Instant, arrival: &Arrival, hop: u8, hosts: &Hosts) {
        let segment = &arrival.segment;
        let flow = (segment.from, segment.to);
        let act = hosts.act(self.seed, segment.to.ip(), segment.to.port());
        if self.people.connection(flow).is_some() {
            if let Act::Open(service) = act {
                self.meet_service(now, arrival, hosts, service, None);
            }
            return;
        }
        let cookie = self.people.initial(flow);
        if segment.opens() {
            let mut answer = Segment::new(
                segment.to,
                segment.from,
                self.ttl_of(arrival.path, Some(hop)),
            );
            answer.syn = true;
            answer.ack = true;
            answer.seq = cookie;
            answer.ack_number = segment.seq.wrapping_add(1);
            answer.options = answer_to(segment);
            self.send_segment(
                now,
                arrival.path,
                Reply::new(segment.to, Some(hop)),
                &answer,
            );
        } else if segment.ack && !segment.rst && segment.ack_number == cookie.wrapping_add(1) {
            self.after_handshake(now, arrival, hop, hosts, act);
        }
    }

    fn after_handshake(
        &mut self,
        now: Instant,
        arrival: &Arrival,
        hop: u8,
        hosts: &Hosts,
        act: &Act,
    ) {
        let then = hosts.proxy.map(|proxy| proxy.then).unwrap_or_default();
        match (then, act) {
            (Then::Backend, Act::Open(service)) => self.join(now, arrival, service),
            (Then::Backend, Act::Closed) | (Then::Reset, _) => {
                let ttl = self.ttl_of(arrival.path, Some(hop));
                if let Some(reset) = tcp::reset(&arrival.segment, ttl) {
                    self.send_segment(now, arrival.path, Reply::new(reset.from, Some(hop)), &reset);
                }
            }
            _ => {}
        }
    }
}
