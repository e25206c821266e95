//! Chance: the same seed plays the same world, the fate of a packet hangs on nothing but itself, and shares come out.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::sim::by_port::MOST_COUNTED;

/// What comes back for a SYN to each of these ports, sent a millisecond apart: the moments after the SYN, by port.
fn answers(scenario: &Scenario, seed: u64, ports: &[u16]) -> BTreeMap<u16, Vec<u64>> {
    let mut lab = Lab::seeded(scenario.clone(), seed);
    let mut sent = BTreeMap::new();
    let mut heard: BTreeMap<u16, Vec<u64>> = BTreeMap::new();
    for &port in ports {
        lab.send(&syn(port));
        sent.insert(port, lab.now);
        let end = lab.now + Duration::from_millis(1);
        for (at, answer) in lab.all_by(end) {
            let port = answer.segment().from.port();
            heard
                .entry(port)
                .or_default()
                .push(at.since(sent[&port]).as_nanos());
        }
    }
    let end = lab.now + Duration::from_secs(10);
    for (at, answer) in lab.all_by(end) {
        let port = answer.segment().from.port();
        heard
            .entry(port)
            .or_default()
            .push(at.since(sent[&port]).as_nanos());
    }
    heard
}

fn share_heard(path: &str) -> f64 {
    let ports: Vec<u16> = (1..=4_000).collect();
    let scenario = one(path, "");
    let heard: usize = (0..5)
        .map(|seed| answers(&scenario, seed, &ports).len())
        .sum();
    heard as f64 / 20_000.0
}

#[test]
fn loss_comes_out_in_each_direction() {
    // Standard error of a share of 20,000: below 0.0035.
    for (path, share) in [
        ("loss_out = 0.2", 0.8),
        ("loss_back = 0.2", 0.8),
        ("loss = 0.2", 0.64),
        ("loss_out = 0.05\nloss_back = 0.5", 0.475),
        ("loss_out = 1.0", 0.0),
        ("loss_back = 1.0", 0.0),
        ("loss = 0.0", 1.0),
    ] {
        let heard = share_heard(path);
        assert!((heard - share).abs() < 0.015, "{path}: {heard}");
    }
}

#[test]
fn copies_come_out_in_each_direction() {
    let ports: Vec<u16> = (1..=4_000).collect();
    let heard = answers(&one("duplicate = 0.1", ""), 3, &ports);
    let copies: usize = heard.values().map(|all| all.len() - 1).sum();
    // One in ten SYNs makes two answers, and one in ten answers is doubled.
    let share = copies as f64 / 4_000.0;
    assert!((share - 0.21).abs() < 0.03, "{share}");
    assert!(
        heard
            .values()
            .flatten()
            .all(|at| [0, 50_000, 100_000].contains(at))
    );
}

#[test]
fn the_fate_of_a_packet_does_not_hang_on_what_else_is_sent() {
    let path = "loss = 0.3\njitter = { up_to = \"200ms\" }\nduplicate = 0.2\nreorder = { share = 0.2, by = \"70ms\" }";
    let scenario = one(path, "");
    let up: Vec<u16> = (1..=500).collect();
    let down: Vec<u16> = (1..=500).rev().collect();
    let some: Vec<u16> = (1..=500).step_by(7).collect();
    let all = answers(&scenario, 9, &up);
    assert_eq!(all, answers(&scenario, 9, &down));
    let of_some = answers(&scenario, 9, &some);
    assert!(!of_some.is_empty() && of_some.iter().all(|(port, at)| all[port] == *at));
    assert_ne!(all, answers(&scenario, 10, &up));
}

#[test]
fn the_fate_of_a_packet_hangs_on_which_of_its_ports_it_is() {
    let scenario = one("loss_out = 0.5", "");
    let pattern = |seed, port| -> Vec<bool> {
        let mut lab = Lab::seeded(scenario.clone(), seed);
        (0..64)
            .map(|_| {
                lab.now += Duration::from_millis(1);
                lab.knock(port).is_some()
            })
            .collect()
    };
    let one = pattern(1, 80);
    assert_eq!(one, pattern(1, 80));
    assert_ne!(one, pattern(2, 80));
    assert_ne!(one, pattern(1, 81));
    assert!(one.contains(&true) && one.contains(&false));
}

#[test]
fn the_fate_of_a_packet_hangs_on_its_path_and_address() {
    let text = "about = \"a\"\nsource = \"a\"\n[scan]\ntargets = [\"198.18.0.0/24\"]\nports = \"1-1000\"\n\
                [paths]\na = { loss_out = 0.5 }\nb = { loss_out = 0.5 }\n\
                [[hosts]]\naddresses = [\"198.18.0.0/24\"]\npath = \"a\"\n";
    let lost = |text: &str, host: u8| -> Vec<bool> {
        let mut lab = Lab::new(scenario(text));
        (1..=64)
            .map(|port| {
                let to = SocketAddr::from(([198, 18, 0, host], port));
                lab.send(&syn_to(to, 40_000));
                lab.hear_by(lab.now).is_some()
            })
            .collect()
    };
    assert_eq!(lost(text, 7), lost(text, 7));
    assert_ne!(lost(text, 7), lost(text, 8));
    assert_ne!(
        lost(text, 7),
        lost(&text.replace("path = \"a\"", "path = \"b\""), 7)
    );
}

#[test]
fn beyond_the_most_counted_ports_chance_goes_by_number() {
    let scenario = one("loss_out = 0.5", "");
    let most = u16::try_from(MOST_COUNTED).unwrap();
    let heard = |lab: &mut Lab, port| {
        lab.send(&syn(port));
        lab.hear_by(lab.now).is_some()
    };
    let after = |first: &[u16]| -> Vec<bool> {
        let mut lab = Lab::new(scenario.clone());
        for port in 1..=most {
            heard(&mut lab, port);
        }
        for &port in first {
            heard(&mut lab, port);
        }
        (10_000..10_064).map(|port| heard(&mut lab, port)).collect()
    };
    // What is counted is still itself; the others hang on what went before.
    assert_eq!(after(&[]), after(&[]));
    assert_ne!(after(&[]), after(&[20_000]));
    let mut lab = Lab::new(scenario.clone());
    let before: Vec<bool> = (1..=most).map(|port| heard(&mut lab, port)).collect();
    for port in 10_000..10_100 {
        heard(&mut lab, port);
    }
    assert_eq!(lab.world.ways.counted(), MOST_COUNTED);
    let mut alone = Lab::new(scenario.clone());
    for port in 1..=64 {
        assert_eq!(heard(&mut alone, port), before[usize::from(port) - 1]);
        assert_eq!(
            heard(&mut alone, port),
            heard(&mut lab, port),
            "the second packet of {port}"
        );
    }
}

#[test]
fn bursts_have_their_share_and_their_mean_length() {
    for (share, mean) in [(0.05, 3.0), (0.3, 10.0), (0.5, 1.0), (0.2, 1.5)] {
        let path = format!("bursts_out = {{ share = {share}, mean = {mean:?} }}");
        let (mut lost, mut runs, mut was) = (0, 0, false);
        let mut lab = Lab::new(one(&path, ""));
        let packets = 60_000;
        for n in 0..packets {
            lab.send(&syn(n as u16));
            let is = lab.hear_by(lab.now).is_none();
            lost += u32::from(is);
            runs += u32::from(is && !was);
            was = is;
        }
        let got = f64::from(lost) / f64::from(packets);
        let length = f64::from(lost) / f64::from(runs);
        // Runs of this mean make the error of the share √(2·mean − 1) times that of single losses, at most; four of these.
        let error = 4.0 * (share * (2.0 * mean - 1.0) / f64::from(packets)).sqrt();
        assert!((got - share).abs() < error, "{path}: share {got}");
        let error = 4.0 * mean / f64::from(runs).sqrt();
        assert!((length - mean).abs() < error, "{path}: runs of {length}");
    }
}

#[test]
fn nothing_at_all_passes_in_an_outage_either_way() {
    let path = "rtt = \"100ms\"\njitter = { up_to = \"30ms\" }\nduplicate = 0.3\n\
                outages = [{ from = \"1s\", lasts = \"500ms\" }, { from = \"2s\", lasts = \"100ms\" }]";
    let mut lab = Lab::new(one(path, ""));
    // Counted from the first packet, not from the beginning.
    lab.now = ms(7_000);
    let start = lab.now;
    let down = |since: u64| (1_000..1_500).contains(&since) || (2_000..2_100).contains(&since);
    let (mut sent, mut heard) = (BTreeMap::new(), Vec::new());
    for n in 0..3_000_u64 {
        lab.send(&syn(n as u16 + 1));
        sent.insert(n as u16 + 1, n);
        let end = start + Duration::from_millis(n + 1);
        heard.extend(lab.all_by(end));
    }
    let end = lab.now + Duration::from_secs(1);
    heard.extend(lab.all_by(end));
    let mut answered = std::collections::BTreeSet::new();
    for (at, answer) in heard {
        let since = at.since(start).as_nanos();
        assert!(!down(since / 1_000_000), "heard at {since}");
        let port = answer.segment().from.port();
        assert!(!down(sent[&port]), "sent at {}", sent[&port]);
        answered.insert(port);
    }
    // Everything that can neither leave nor arrive in an outage came back.
    let sure = |n: u64| !down(n) && (100..=160).all(|later| !down(n + later));
    for (port, n) in sent {
        assert!(!sure(n) || answered.contains(&port), "{n}");
    }
}

/// A packet of a client that does as it likes.
fn any_segment() -> impl Strategy<Value = (u64, Segment)> {
    let flags = any::<(bool, bool, bool, bool)>();
    let place = (0..4_u16, 1..6_u16, any::<bool>(), 1..70_u8);
    let numbers = (
        0..50_000_000_u64,
        0..3_000_u32,
        0..3_u32,
        0..600_u16,
        0..200_usize,
    );
    (flags, place, numbers).prop_map(
        |((syn, ack, fin, rst), (host, port, v6, ttl), (gap, seq, ackn, window, bytes))| {
            let to = if v6 {
                SocketAddr::from(([0x2001, 0xdb8, 1, 0, 0, 0, 0, host], port))
            } else {
                SocketAddr::from(([198, 18, 0, host as u8], port))
            };
            let mut segment = syn_to(to, 40_000 + port % 2);
            (segment.syn, segment.ack, segment.fin, segment.rst) = (syn, ack, fin, rst);
            segment.seq = seq;
            segment.ack_number = ackn;
            segment.window = window;
            segment.ttl = ttl;
            if !syn {
                segment.options = Options::default();
                segment.payload = vec![b'x'; bytes];
            }
            (gap, segment)
        },
    )
}

fn played(
    scenario: &Scenario,
    seed: u64,
    packets: &[(u64, Segment)],
) -> (Vec<(Instant, Vec<u8>)>, crate::record::Wire) {
    let mut world = World::new(Arc::new(scenario.clone()), seed);
    let (mut now, mut heard) = (Instant::ZERO, Vec::new());
    for (gap, segment) in packets {
        now += Duration::from_nanos(*gap);
        world.send(now, &segment.bytes());
        while let Some(packet) = world.receive(now) {
            heard.push((packet.due, packet.bytes));
        }
    }
    while let Some(packet) = world.receive(now + Duration::from_secs(30)) {
        heard.push((packet.due, packet.bytes));
    }
    (heard, world.wire())
}

proptest! {
    #[test]
    fn the_same_packets_at_the_same_moments_get_the_same_answers(
        packets in prop::collection::vec(any_segment(), 1..200),
        seed in 0..3_u64,
    ) {
        let scenario = rich();
        let first = played(&scenario, seed, &packets);
        prop_assert!(first.0.is_sorted_by_key(|(at, _)| *at));
        for (_, bytes) in &first.0 {
            read(bytes);
        }
        prop_assert_eq!(first, played(&scenario, seed, &packets));
    }
}
