//! Boxes that answer for services which are not there: a tarpit, a spoofer of services, a SYN proxy.

use std::net::SocketAddr;

use picaporte_core::{Duration, Instant};

use super::World;
use super::agenda::Arrival;
use super::packet::{Options, Segment};
use super::tcp::{self, Connection, answer_to, stamp};
use super::ways::Reply;
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

/// The segment sizes that a cookie can hold, for IPv4 and IPv6: those of Linux's SYN cookies (`net/ipv4/syncookies.c`,
/// `net/ipv6/syncookies.c`).
const COOKIE_SIZES: [[u16; 4]; 2] = [[536, 1_300, 1_440, 1_460], [1_220, 1_420, 1_440, 8_940]];
/// The bits of a time stamp in which a SYN proxy keeps the options of the SYN (`net/netfilter/nf_synproxy_core.c`).
const COOKIE_BITS: u32 = 0x3f;
const COOKIE_UNSCALED: u32 = 0xf;
const COOKIE_SACK: u32 = 0x10;

/// What a SYN proxy answers to a SYN, options apart from the number: without time stamps there is no place to remember the
/// scale and the rest, so they are not taken up.
fn offered(now: Instant, syn: &Segment) -> Options {
    let all = answer_to(syn);
    let Some((_, echo)) = all.timestamps else {
        return Options {
            mss: all.mss,
            ..Options::default()
        };
    };
    let scale = syn
        .options
        .window_scale
        .map_or(COOKIE_UNSCALED, |scale| u32::from(scale.min(14)));
    let sack = if all.sack_permitted { COOKIE_SACK } else { 0 };
    let time = stamp(now, syn.to);
    let kept = time & !COOKIE_BITS | scale | sack;
    // Never ahead of the time.
    let kept = if kept > time {
        kept.wrapping_sub(COOKIE_BITS + 1)
    } else {
        kept
    };
    Options {
        timestamps: Some((kept, echo)),
        ..all
    }
}

/// The options of the SYN, from what the end of the handshake brings back.
fn remembered(ack: &Segment) -> Options {
    let sizes = COOKIE_SIZES[usize::from(ack.to.is_ipv6())];
    let mss = Some(sizes[(ack.ack_number.wrapping_sub(1) & 3) as usize]);
    let Some((value, kept)) = ack.options.timestamps else {
        return Options {
            mss,
            ..Options::default()
        };
    };
    let scale = kept & COOKIE_UNSCALED;
    Options {
        mss,
        window_scale: (scale != COOKIE_UNSCALED).then_some(scale as u8),
        sack_permitted: kept & COOKIE_SACK != 0,
        timestamps: Some((value, 0)),
    }
}

impl World {
    /// A tarpit: every SYN is answered, with no option and a window of zero. It keeps no state: its number is the client's
    /// and what the connection hashes to, so that every later segment tells where the client began. All but the end of the
    /// handshake is acknowledged up to there, with a window of zero, window probes too; a FIN is not heard.
    pub(super) fn hold_on(&mut self, now: Instant, arrival: &Arrival) {
        let segment = &arrival.segment;
        let opens = segment.opens();
        if segment.rst || segment.fin || segment.syn != opens || !opens && !segment.ack {
            return;
        }
        let offset = self.people.initial((segment.from, segment.to));
        let began = if opens {
            segment.seq
        } else {
            segment.ack_number.wrapping_sub(1).wrapping_sub(offset)
        };
        let expected = began.wrapping_add(1);
        if !opens && segment.payload.is_empty() && segment.seq == expected {
            return;
        }
        let mut answer = Segment::new(segment.to, segment.from, self.ttl_of(arrival.path, None));
        answer.ack = true;
        answer.syn = opens;
        answer.seq = began.wrapping_add(offset).wrapping_add(u32::from(!opens));
        answer.ack_number = expected;
        self.send_segment(now, arrival.path, Reply::new(segment.to, None), &answer);
    }

    /// A SYN proxy: it keeps nothing until the handshake is done. Its SYN-ACK has a window of zero, as nftables' `synproxy`
    /// has (measured).
    pub(super) fn meet_proxy(&mut self, now: Instant, arrival: &Arrival, hop: u8, hosts: &Hosts) {
        let segment = &arrival.segment;
        let flow = (segment.from, segment.to);
        let act = hosts.act(self.seed, segment.to.ip(), segment.to.port());
        if self.people.connection(flow).is_some() {
            if let Act::Open(service) = act {
                let farther = self.ways.behind(arrival.path, hop);
                self.meet_service(now, arrival, hosts, service, farther);
            }
        } else if segment.opens() {
            self.send_cookie(now, arrival, hop);
        } else if segment.ack && !segment.syn && !segment.rst && self.is_cookie(segment) {
            self.after_handshake(now, arrival, hop, hosts, act);
        }
    }

    /// The number of a SYN-ACK, its last two bits aside: the client's number and what the connection hashes to. It is
    /// another for every number of the client's, so that a window probe is not taken for the end of the handshake.
    fn cookie(&self, flow: super::Flow, began: u32) -> u32 {
        self.people.initial(flow).wrapping_add(began << 2) & !3
    }

    fn is_cookie(&self, ack: &Segment) -> bool {
        let cookie = self.cookie((ack.from, ack.to), ack.seq.wrapping_sub(1));
        ack.ack_number.wrapping_sub(1) & !3 == cookie
    }

    fn send_cookie(&mut self, now: Instant, arrival: &Arrival, hop: u8) {
        let segment = &arrival.segment;
        let sizes = COOKIE_SIZES[usize::from(segment.to.is_ipv6())];
        let size = segment.options.mss.unwrap_or(0);
        let place = sizes.iter().rposition(|&each| each <= size).unwrap_or(0);
        let ttl = self.ttl_of(arrival.path, Some(hop));
        let mut answer = Segment::new(segment.to, segment.from, ttl);
        answer.syn = true;
        answer.ack = true;
        answer.seq = self.cookie((segment.from, segment.to), segment.seq) | place as u32;
        answer.ack_number = segment.seq.wrapping_add(1);
        answer.options = offered(now, segment);
        let reply = Reply::new(segment.to, Some(hop));
        self.send_segment(now, arrival.path, reply, &answer);
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
        let farther = self.ways.behind(arrival.path, hop);
        match (then, act) {
            (Then::Backend, Act::Open(service)) => self.join(now, arrival, hosts, service, farther),
            // The SYN of the proxy goes to the host, the RST comes back all the way.
            (Then::Backend, Act::Closed) => self.refuse(now, arrival, hosts, farther),
            (Then::Reset, _) => {
                let ttl = self.ttl_of(arrival.path, Some(hop));
                if let Some(reset) = tcp::reset(&arrival.segment, ttl) {
                    self.send_segment(now, arrival.path, Reply::new(reset.from, Some(hop)), &reset);
                }
            }
            _ => {}
        }
    }

    /// The handshake was made by the proxy, which now makes another with the host: there, back, and there again. Only then
    /// does the client hear of a window, and what the service says first.
    fn join(
        &mut self,
        now: Instant,
        arrival: &Arrival,
        hosts: &Hosts,
        service: &Service,
        farther: Duration,
    ) {
        let segment = &arrival.segment;
        let flow = (segment.from, segment.to);
        let Some(group) = arrival.group else { return };
        if !self.people.takes_in(now, segment.to.ip(), hosts, service) {
            return;
        }
        let shared = self.people.shared(group, hosts, service);
        let ttl = self.ttl_of(arrival.path, None);
        let connection = Connection::adopt(now, segment, remembered(segment), shared, ttl);
        self.people.add(connection);
        let mut out = std::mem::take(&mut self.out);
        self.people.touch(flow, |connection, room| {
            connection.receive(now, segment, room, &mut out);
            if out.is_empty() {
                out.push(connection.bare(now));
            }
        });
        let reply = Reply::new(segment.to, None).after(farther.times(3) + service.after.into());
        self.say(now, arrival.path, reply, flow, out);
    }
}
