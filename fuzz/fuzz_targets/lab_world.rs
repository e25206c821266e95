//! Any packets at any moments into a simulated world that has a little of everything: it never falls over, what comes out
//! of it are sound packets in the order of time, and the same again from the same.
#![no_main]

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, LazyLock};

use arbitrary::Arbitrary;
use etherparse::{PacketBuilder, SlicedPacket};
use libfuzzer_sys::fuzz_target;
use picaporte_core::{Duration, Instant};
use picaporte_lab::scenario::{SCANNER_V4, SCANNER_V6, Scenario, from_text};
use picaporte_lab::sim::World;

static RICH: LazyLock<Arc<Scenario>> = LazyLock::new(|| {
    let text = include_str!("../../crates/picaporte-lab/src/sim/tests/rich.toml");
    Arc::new(from_text(Path::new("rich.toml"), text).expect("a sound scenario"))
});

#[derive(Arbitrary, Debug)]
enum Step {
    /// Bytes as they are.
    Bytes(u16, Vec<u8>),
    /// A sound segment to one of the world's hosts.
    Segment(Sound),
    /// One that answers what was heard last from there.
    Reply(u16, u8, u16, Vec<u8>),
    /// Time passes, in 10 ms.
    Wait(u16),
}

#[derive(Arbitrary, Debug)]
struct Sound {
    gap: u16,
    v6: bool,
    host: u8,
    port: u8,
    ttl: u8,
    flags: u8,
    seq: u32,
    ack: u32,
    window: u16,
    options: Vec<u8>,
    payload: Vec<u8>,
}

#[derive(Arbitrary, Debug)]
struct Input {
    seed: u8,
    steps: Vec<Step>,
}

/// Whom a segment of the client goes to, and its numbers.
struct Place {
    to: SocketAddr,
    ttl: u8,
    seq: u32,
    ack: u32,
    window: u16,
}

fn segment(place: &Place, flags: u8, options: &[u8], payload: &[u8]) -> Vec<u8> {
    let ip = match place.to.ip() {
        IpAddr::V4(to) => PacketBuilder::ipv4(SCANNER_V4.octets(), to.octets(), place.ttl),
        IpAddr::V6(to) => PacketBuilder::ipv6(SCANNER_V6.octets(), to.octets(), place.ttl),
    };
    let mut tcp = ip.tcp(40_000, place.to.port(), place.seq, place.window);
    if flags & 1 != 0 {
        tcp = tcp.syn();
    }
    if flags & 2 != 0 {
        tcp = tcp.fin();
    }
    if flags & 4 != 0 {
        tcp = tcp.rst();
    }
    if flags & 8 != 0 {
        tcp = tcp.ack(place.ack);
    }
    let options = &options[..options.len().min(40)];
    let tcp = match tcp.options_raw(options) {
        Ok(tcp) => tcp,
        Err(_) => return Vec::new(),
    };
    let mut bytes = Vec::new();
    tcp.write(&mut bytes, payload).expect("it is short enough");
    bytes
}

fn host(v6: bool, host: u8, port: u8) -> SocketAddr {
    let port = u16::from(port % 8);
    if v6 {
        ([0x2001, 0xdb8, 1, 0, 0, 0, 0, u16::from(host % 9)], port).into()
    } else {
        ([198, 18, 0, host % 9], port).into()
    }
}

/// The segment that would follow what was heard, if that was one.
fn follow(heard: &[u8], window: u16) -> Option<Place> {
    let sliced = SlicedPacket::from_ip(heard).ok()?;
    let etherparse::TransportSlice::Tcp(tcp) = sliced.transport? else {
        return None;
    };
    let from: IpAddr = match sliced.net? {
        etherparse::NetSlice::Ipv4(ip) => ip.header().source_addr().into(),
        etherparse::NetSlice::Ipv6(ip) => ip.header().source_addr().into(),
        etherparse::NetSlice::Arp(_) => return None,
    };
    let length = tcp.payload().len() as u32 + u32::from(tcp.syn()) + u32::from(tcp.fin());
    Some(Place {
        to: (from, tcp.source_port()).into(),
        ttl: 64,
        seq: tcp.acknowledgment_number(),
        ack: tcp.sequence_number().wrapping_add(length),
        window,
    })
}

struct Player {
    world: World,
    now: Instant,
    heard: Vec<(Instant, Vec<u8>)>,
}

impl Player {
    fn wait(&mut self, wait: Duration) {
        self.now += wait;
        while let Some(packet) = self.world.receive(self.now) {
            assert!(packet.due <= self.now, "early");
            assert!(self.heard.last().is_none_or(|(at, _)| *at <= packet.due), "out of turn");
            SlicedPacket::from_ip(&packet.bytes).expect("a sound packet");
            self.heard.push((packet.due, packet.bytes));
        }
        assert!(self.world.next_at().is_none_or(|at| at > self.now));
    }

    fn step(&mut self, step: &Step) {
        let bytes = match step {
            Step::Wait(wait) => {
                self.wait(Duration::from_millis(u64::from(*wait) * 10));
                return;
            }
            Step::Bytes(gap, bytes) => {
                self.wait(Duration::from_micros(u64::from(*gap)));
                bytes.clone()
            }
            Step::Segment(it) => {
                self.wait(Duration::from_micros(u64::from(it.gap)));
                let to = host(it.v6, it.host, it.port);
                let place = Place { to, ttl: it.ttl, seq: it.seq, ack: it.ack, window: it.window };
                segment(&place, it.flags, &it.options, &it.payload)
            }
            Step::Reply(gap, flags, window, payload) => {
                self.wait(Duration::from_micros(u64::from(*gap)));
                let last = self.heard.last().and_then(|(_, heard)| follow(heard, *window));
                last.map_or(Vec::new(), |place| segment(&place, *flags, &[], payload))
            }
        };
        self.world.send(self.now, &bytes);
    }
}

fn play(input: &Input) -> (Vec<(Instant, Vec<u8>)>, String) {
    let world = World::new(Arc::clone(&RICH), u64::from(input.seed));
    let mut player = Player { world, now: Instant::ZERO, heard: Vec::new() };
    for step in &input.steps {
        player.step(step);
    }
    player.wait(Duration::from_secs(3_600));
    assert_eq!(player.world.overflowed(), 0);
    assert_eq!(player.world.wire().received, player.heard.len() as u64);
    (player.heard, format!("{:?}", player.world.wire()))
}

fuzz_target!(|input: Input| {
    assert_eq!(play(&input), play(&input));
});
