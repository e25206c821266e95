//! The simulated world against the rules that it claims to follow: packets in, packets out, no device. Here is the
//! scripted client that the tests share; what they hold against the world stands in the files beside.

mod bounds;
mod chance;
mod closing;
mod delay;
mod handshake;
mod hostile;
mod icmp;
mod limits;
mod nat;
mod ports;
mod segments;
mod service;
mod truth;
mod unreal;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use etherparse::{NetSlice, SlicedPacket, TransportSlice};
use picaporte_core::{Duration, Instant};

use super::World;
use super::packet::{Options, Segment};
use crate::scenario::{SCANNER_V4, SCANNER_V6, Scenario, Span, scenario};

/// A moment so many milliseconds after the beginning.
fn ms(n: u64) -> Instant {
    Instant::ZERO + Duration::from_millis(n)
}

/// One path and one group of hosts on it, `198.18.0.0/16` and `2001:db8:1::/64`.
fn one(path: &str, hosts: &str) -> Scenario {
    scenario(&format!(
        "about = \"a test\"\nsource = \"none\"\n\
         [scan]\ntargets = [\"198.18.0.0/24\"]\nports = \"1-1000\"\n\
         [paths.p]\n{path}\n\
         [[hosts]]\naddresses = [\"198.18.0.0/16\", \"2001:db8:1::/64\"]\n{hosts}\n"
    ))
}

/// What came back, read by etherparse alone.
#[derive(Clone, Debug, PartialEq)]
enum Heard {
    Tcp(Segment),
    /// From, time to live, type, code, the quoted packet.
    Icmp(IpAddr, u8, (u8, u8), Vec<u8>),
}

impl Heard {
    fn segment(self) -> Segment {
        match self {
            Self::Tcp(segment) => segment,
            Self::Icmp(..) => panic!("no segment: {self:?}"),
        }
    }
}

/// Reads a packet and holds every checksum against etherparse's own.
fn read(bytes: &[u8]) -> Heard {
    let sliced = SlicedPacket::from_ip(bytes).expect("a sound packet");
    let (from, ttl): (IpAddr, u8) = match sliced.net.as_ref().expect("an IP header") {
        NetSlice::Ipv4(ip) => {
            let header = ip.header().to_header();
            assert_eq!(header.header_checksum, header.calc_header_checksum());
            assert!(header.dont_fragment && header.identification == 0);
            assert_eq!(usize::from(header.total_len), bytes.len());
            (ip.header().source_addr().into(), header.time_to_live)
        }
        NetSlice::Ipv6(ip) => {
            let header = ip.header().to_header();
            assert_eq!(usize::from(header.payload_length) + 40, bytes.len());
            (ip.header().source_addr().into(), header.hop_limit)
        }
        NetSlice::Arp(_) => panic!("ARP in an IP packet"),
    };
    match sliced.transport.as_ref().expect("a transport header") {
        TransportSlice::Icmpv4(icmp) => {
            let payload = icmp.payload().to_vec();
            let header = icmp.header();
            let kind = header.icmp_type;
            assert_eq!(header.checksum, kind.calc_checksum(&payload));
            Heard::Icmp(from, ttl, (icmp.type_u8(), icmp.code_u8()), payload)
        }
        TransportSlice::Icmpv6(icmp) => {
            let Some(NetSlice::Ipv6(ip)) = &sliced.net else {
                panic!("ICMPv6 in IPv4")
            };
            assert!(icmp.is_checksum_valid(ip.header().source(), ip.header().destination()));
            let number = (icmp.type_u8(), icmp.code_u8());
            Heard::Icmp(from, ttl, number, icmp.payload().to_vec())
        }
        // `Segment::parse` refuses a wrong checksum.
        _ => Heard::Tcp(Segment::parse(bytes).expect("a sound segment")),
    }
}

/// A world and the client's clock.
struct Lab {
    world: World,
    now: Instant,
}

impl Lab {
    fn new(scenario: Scenario) -> Self {
        Self::seeded(scenario, 1)
    }

    fn seeded(scenario: Scenario, seed: u64) -> Self {
        Self {
            world: World::new(Arc::new(scenario), seed),
            now: Instant::ZERO,
        }
    }

    fn send(&mut self, segment: &Segment) {
        self.world.send(self.now, &segment.bytes());
    }

    /// The next packet, whenever it comes; the clock goes on to it. Nothing when nothing comes for two minutes.
    fn hear(&mut self) -> Option<Heard> {
        self.hear_by(self.now + Duration::from_secs(120))
    }

    fn hear_by(&mut self, end: Instant) -> Option<Heard> {
        loop {
            if let Some(packet) = self.world.receive(self.now) {
                assert!(packet.due <= self.now, "early");
                return Some(read(&packet.bytes));
            }
            match self.world.next_at() {
                Some(at) if at <= end => self.now = self.now.max(at),
                _ => {
                    self.now = self.now.max(end);
                    return None;
                }
            }
        }
    }

    fn segment(&mut self) -> Segment {
        self.hear().expect("something is heard").segment()
    }

    /// Everything that is heard by then, with the moments.
    fn all_by(&mut self, end: Instant) -> Vec<(Instant, Heard)> {
        let mut all = Vec::new();
        while let Some(heard) = self.hear_by(end) {
            all.push((self.now, heard));
        }
        all
    }

    fn silent_for(&mut self, seconds: u64) -> bool {
        let end = self.now + Duration::from_secs(seconds);
        self.hear_by(end).is_none()
    }

    /// A SYN, and what comes of it.
    fn knock(&mut self, port: u16) -> Option<Heard> {
        self.send(&syn(port));
        self.hear()
    }

    /// The handshake with a port; both ends are at ease afterwards.
    fn connect(&mut self, port: u16) -> Client {
        self.connect_with(&syn(port))
    }

    fn connect_with(&mut self, syn: &Segment) -> Client {
        self.send(syn);
        let syn_ack = self.segment();
        assert!(syn_ack.syn && syn_ack.ack, "{syn_ack:?}");
        let client = Client::of(syn, &syn_ack);
        self.send(&client.ack());
        client
    }
}

fn target(port: u16) -> SocketAddr {
    SocketAddr::from(([198, 18, 0, 7], port))
}

fn target6(port: u16) -> SocketAddr {
    SocketAddr::from(([0x2001, 0xdb8, 1, 0, 0, 0, 0, 7], port))
}

/// The SYN of a Linux client.
fn syn(port: u16) -> Segment {
    syn_to(target(port), 40_000)
}

fn syn_to(to: SocketAddr, from: u16) -> Segment {
    let (own, mss): (IpAddr, u16) = if to.is_ipv6() {
        (SCANNER_V6.into(), 1_440)
    } else {
        (SCANNER_V4.into(), 1_460)
    };
    let mut syn = Segment::new((own, from).into(), to, 64);
    syn.syn = true;
    syn.seq = 1_000_000;
    syn.window = 64_240;
    syn.options = Options {
        mss: Some(mss),
        window_scale: Some(7),
        sack_permitted: true,
        timestamps: Some((77, 0)),
    };
    syn
}

/// The client's end of a connection: what it would send next.
#[derive(Clone, Debug)]
struct Client {
    plain: Segment,
}

impl Client {
    fn of(syn: &Segment, syn_ack: &Segment) -> Self {
        let mut plain = Segment::new(syn.from, syn.to, 64);
        plain.ack = true;
        plain.seq = syn.seq.wrapping_add(1);
        plain.ack_number = syn_ack.seq.wrapping_add(1);
        plain.window = 502;
        plain.options.timestamps = syn_ack.options.timestamps.map(|(value, _)| (78, value));
        Self { plain }
    }

    fn ack(&self) -> Segment {
        self.plain.clone()
    }

    fn says(&mut self, bytes: &[u8]) -> Segment {
        let mut segment = self.ack();
        segment.payload = bytes.to_vec();
        segment.psh = true;
        self.plain.seq = self.plain.seq.wrapping_add(bytes.len() as u32);
        segment
    }

    fn fin(&mut self) -> Segment {
        let mut segment = self.ack();
        segment.fin = true;
        self.plain.seq = self.plain.seq.wrapping_add(1);
        segment
    }

    fn rst(&self) -> Segment {
        let mut segment = self.ack();
        segment.rst = true;
        segment.options = Options::default();
        segment
    }

    /// Takes a segment of the host that follows what has come; answers with nothing.
    fn takes(&mut self, segment: &Segment) {
        assert_eq!(segment.seq, self.plain.ack_number, "{segment:?}");
        self.plain.ack_number = segment.seq.wrapping_add(segment.length());
    }
}

/// A world with a little of everything.
fn rich() -> Scenario {
    scenario(include_str!("tests/rich.toml"))
}
