//! Whatever a scanner sends: the world does not fall over, and stays within its bounds.

use proptest::prelude::*;

use super::*;

fn survives(packets: &[(u64, Vec<u8>)]) -> World {
    let mut world = World::new(Arc::new(rich()), 5);
    let mut now = Instant::ZERO;
    for (gap, packet) in packets {
        now += Duration::from_nanos(*gap);
        world.send(now, packet);
        while let Some(packet) = world.receive(now) {
            read_any(&packet.bytes);
        }
    }
    for _ in 0..1_000 {
        let Some(at) = world.next_at() else {
            break;
        };
        while let Some(packet) = world.receive(at) {
            read_any(&packet.bytes);
        }
    }
    world
}

/// Reads what comes back; to an echo request of any kind, anything sound will do.
fn read_any(bytes: &[u8]) {
    let sliced = SlicedPacket::from_ip(bytes).expect("a sound packet");
    assert!(sliced.transport.is_some());
}

/// A sound packet of the scanner with some bytes changed.
fn bent() -> impl Strategy<Value = Vec<u8>> {
    let kind = (0..6_u8, 0..5_u8, 1..6_u16, any::<bool>());
    let change = prop::collection::vec((0..80_usize, any::<u8>()), 0..4);
    (kind, change, 0..100_usize).prop_map(|((kind, host, port, v6), changes, cut)| {
        let to = if v6 {
            target6(port)
        } else {
            SocketAddr::from(([198, 18, 0, host], port))
        };
        let mut segment = syn_to(to, 40_000);
        match kind {
            0 => {}
            1 => (segment.syn, segment.ack) = (false, true),
            2 => (segment.syn, segment.fin, segment.payload) = (false, true, vec![b'x'; 100]),
            3 => segment.rst = true,
            4 => segment.ttl = host,
            _ => segment.options = Options::default(),
        }
        let mut bytes = if kind == 5 {
            icmp::echo_request(to.ip(), 64)
        } else {
            segment.bytes()
        };
        for (at, value) in changes {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        if cut < 60 {
            bytes.truncate(cut);
        }
        bytes
    })
}

proptest! {
    #[test]
    fn any_bytes_are_survived(packets in prop::collection::vec((0..1_000_000_000_u64, prop::collection::vec(any::<u8>(), 0..200)), 0..40)) {
        survives(&packets);
    }

    #[test]
    fn bent_packets_are_survived(packets in prop::collection::vec((0..200_000_000_u64, bent()), 0..60)) {
        survives(&packets);
    }

    #[test]
    fn any_moments_are_survived(moments in prop::collection::vec(any::<u64>(), 0..20)) {
        // Those of a clock that stands still, goes back, or has come to its end.
        let mut world = World::new(Arc::new(one("rtt = \"10ms\"", "ports = [{ ports = \"1\", is = \"open\" }]")), 5);
        for (n, &at) in moments.iter().enumerate() {
            world.send(Instant::from_nanos(at), &syn(n as u16 % 3).bytes());
            world.receive(Instant::from_nanos(at));
        }
        world.receive(Instant::NEVER);
    }
}

#[test]
fn a_table_and_others_survive_the_end_of_time() {
    let path = "hops = 1\nnat = { entries = 4, others_per_second = 0.001 }";
    let mut world = World::new(Arc::new(one(path, "")), 5);
    world.send(Instant::from_nanos(1_000_000_000), &syn(1).bytes());
    world.receive(Instant::NEVER);
}

#[test]
fn broken_packets_are_not_answered() {
    for to in [target(1), target6(1)] {
        let header = if to.is_ipv6() { 40 } else { 20 };
        let sound = syn_to(to, 40_000).bytes();
        let bend = |at: usize, value: u8| {
            let mut bytes = sound.clone();
            bytes[at] = value;
            bytes
        };
        let mut broken = vec![Vec::new(), vec![0x45], vec![0x60]];
        broken.extend((0..sound.len()).map(|length| sound[..length].to_vec()));
        // A data offset of none, of too little, and beyond the end; a wrong checksum; another version.
        broken.extend([
            bend(header + 12, 0),
            bend(header + 12, 0x40),
            bend(header + 12, 0xf0),
            bend(header + 16, 0x5a),
            bend(0, 0x75),
        ]);
        if !to.is_ipv6() {
            broken.push(bend(10, sound[10] ^ 1));
        }
        let mut lab = Lab::new(one("", ""));
        for bytes in broken {
            lab.world.send(lab.now, &bytes);
            assert!(lab.hear_by(lab.now).is_none(), "{bytes:?}");
        }
        lab.world.send(lab.now, &sound);
        assert!(lab.hear_by(lab.now).is_some());
    }
}

#[test]
fn a_packet_longer_than_any_is_dropped() {
    let mut lab = Lab::new(one("", ""));
    let mut bytes = icmp::echo_request(target6(0).ip(), 64);
    // An IPv6 header that leaves its length open.
    bytes[4..6].copy_from_slice(&[0, 0]);
    bytes.resize(70_000, 0);
    lab.world.send(lab.now, &bytes);
    assert!(lab.hear_by(lab.now).is_none());
}

#[test]
fn ip_options_are_read_over_and_quoted() {
    let plain = syn(1).bytes();
    let mut header = etherparse::Ipv4Header::from_slice(&plain).unwrap().0;
    header.options =
        etherparse::Ipv4Options::try_from([7, 7, 4, 0, 0, 0, 0, 0].as_slice()).unwrap();
    header.total_len += 8;
    for (ttl, hops) in [(64, 0), (1, 1)] {
        header.time_to_live = ttl;
        header.header_checksum = header.calc_header_checksum();
        let bytes = [&header.to_bytes()[..], &plain[20..]].concat();
        let mut lab = Lab::new(one(&format!("hops = {hops}"), ""));
        lab.world.send(lab.now, &bytes);
        match lab.hear_by(lab.now).unwrap() {
            Heard::Tcp(segment) => assert!(segment.rst && hops == 0),
            Heard::Icmp(_, _, _, quote) => assert_eq!(quote, bytes),
        }
    }
}

#[test]
fn extension_headers_of_ipv6_are_read_over() {
    let plain = syn_to(target6(1), 40_000).bytes();
    // A destination options header of eight bytes, all padding.
    let mut bytes = plain[..40].to_vec();
    bytes[6] = 60;
    bytes[5] += 8;
    bytes.extend([6, 0, 1, 4, 0, 0, 0, 0]);
    bytes.extend(&plain[40..]);
    let mut lab = Lab::new(one("", ""));
    lab.world.send(lab.now, &bytes);
    assert!(lab.segment().rst);
}

#[test]
fn fragments_are_not_answered() {
    let mut bytes = syn(1).bytes();
    let mut header = etherparse::Ipv4Header::from_slice(&bytes).unwrap().0;
    header.dont_fragment = false;
    for (more, offset) in [(true, 0), (true, 8), (false, 8)] {
        header.more_fragments = more;
        header.fragment_offset = etherparse::IpFragOffset::try_new(offset).unwrap();
        header.header_checksum = header.calc_header_checksum();
        bytes[..20].copy_from_slice(&header.to_bytes());
        let mut lab = Lab::new(one("", ""));
        lab.world.send(lab.now, &bytes);
        assert!(lab.hear_by(lab.now).is_none());
    }
    let plain = syn_to(target6(1), 40_000).bytes();
    let mut bytes = plain[..40].to_vec();
    bytes[6] = 44;
    bytes[5] += 8;
    bytes.extend([6, 0, 0, 1, 0, 0, 0, 1]);
    bytes.extend(&plain[40..]);
    let mut lab = Lab::new(one("", ""));
    lab.world.send(lab.now, &bytes);
    assert!(lab.hear_by(lab.now).is_none());
}

#[test]
fn other_protocols_are_not_answered() {
    let mut bytes = Vec::new();
    etherparse::PacketBuilder::ipv4(SCANNER_V4.octets(), [198, 18, 0, 7], 64)
        .udp(40_000, 53)
        .write(&mut bytes, b"hello?")
        .unwrap();
    let mut lab = Lab::new(one("", ""));
    lab.world.send(lab.now, &bytes);
    assert!(lab.hear_by(lab.now).is_none());
    assert_eq!(lab.world.wire().sent, 1);
}

/// Linux writes a checksum that comes out as zero with all bits set: one packet in 65,536.
#[test]
fn a_checksum_of_zero_may_be_written_either_way() {
    for (to, at) in [(target(9), 20 + 16), (target6(9), 40 + 16)] {
        let with = |seq: u32| {
            Segment {
                seq,
                ..syn_to(to, 40_000)
            }
            .bytes()
        };
        let mut packet = (0..1 << 20)
            .map(with)
            .find(|packet| [[0, 0], [0xff, 0xff]].contains(&[packet[at], packet[at + 1]]))
            .unwrap();
        for sum in [[0, 0], [0xff, 0xff]] {
            packet[at..at + 2].copy_from_slice(&sum);
            let mut world = World::new(Arc::new(one("", "")), 1);
            world.send(ms(1), &packet);
            let reset = world.receive(ms(1)).map(|packet| packet.bytes);
            assert!(reset.is_some(), "{to} {sum:?}");
        }
        // Any other is wrong.
        packet[at] ^= 1;
        let mut world = World::new(Arc::new(one("", "")), 1);
        world.send(ms(1), &packet);
        assert!(world.receive(ms(1)).is_none());
    }
}
