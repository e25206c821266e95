//! Delay: where a packet is when, what a narrow place does to it, and which packets may overtake which.

use super::*;

/// Nanoseconds from a SYN to what comes back.
fn round_trip(lab: &mut Lab, segment: &Segment) -> u64 {
    let sent = lab.now;
    lab.send(segment);
    assert!(lab.hear().is_some());
    lab.now.since(sent).as_nanos()
}

#[test]
fn half_of_the_round_trip_goes_each_way() {
    let mut lab = Lab::new(one("hops = 3\nrtt = \"101ms\"", ""));
    assert_eq!(round_trip(&mut lab, &syn(1)), 101_000_000);
    // An outage that begins when the answer is half way shows where the half is.
    for (from, heard) in [(50, false), (51, false), (101, false), (102, true)] {
        let path =
            format!("rtt = \"101ms\"\noutages = [{{ from = \"{from}ms\", lasts = \"1s\" }}]");
        let mut lab = Lab::new(one(&path, ""));
        lab.send(&syn(1));
        assert_eq!(lab.hear().is_some(), heard, "{from}");
    }
}

#[test]
fn a_hop_is_as_far_as_its_place_on_the_path() {
    for hop in 1..=4_u8 {
        let mut lab = Lab::new(one("hops = 4\nrtt = \"100ms\"", ""));
        let mut syn = syn(1);
        syn.ttl = hop;
        assert_eq!(round_trip(&mut lab, &syn), u64::from(hop) * 20_000_000);
    }
    let rejected = "ports = [{ ports = \"1\", is = \"rejected\", icmp = \"3/13\", at = 2 }, { ports = \"2\", is = \"reset\", at = 3 }]";
    let mut lab = Lab::new(one("hops = 4\nrtt = \"100ms\"", rejected));
    assert_eq!(round_trip(&mut lab, &syn(1)), 40_000_000);
    assert_eq!(round_trip(&mut lab, &syn(2)), 60_000_000);
}

#[test]
fn jitter_keeps_its_bound_and_its_shape_in_each_direction() {
    for (shape, mean, below_sixteenth) in [("even", 0.5, 1.0 / 16.0), ("long-tail", 0.2, 0.5)] {
        let path = format!("rtt = \"10ms\"\njitter = {{ up_to = \"80ms\", shape = \"{shape}\" }}");
        let mut lab = Lab::new(one(&path, ""));
        let (mut sum, mut small) = (0.0, 0);
        let packets = 4_000;
        for n in 0..packets {
            let extra = round_trip(&mut lab, &syn(n + 1)) as f64 / 1e6 - 10.0;
            assert!((0.0..160.0).contains(&extra), "{extra}");
            sum += extra / 80.0;
            small += u32::from(extra < 5.0);
        }
        let got = sum / f64::from(packets);
        assert!((got - 2.0 * mean).abs() < 0.05, "{shape}: {got}");
        // What comes is the sum of both ways: below a sixteenth it is rarer than one way alone, and not never.
        let share = f64::from(small) / f64::from(packets);
        assert!(
            share < below_sixteenth && share > 0.0005,
            "{shape}: {share}"
        );
    }
}

#[test]
fn the_median_of_a_long_tail_is_a_sixteenth() {
    let path = crate::scenario::Path {
        jitter: crate::scenario::Jitter {
            up_to: Span::from_ms(16),
            shape: crate::scenario::Shape::LongTail,
        },
        ..crate::scenario::Path::default()
    };
    let delays = |draws: u32| -> Vec<u64> {
        (0..draws)
            .map(|n| {
                super::super::passage::jitter_of(&path, f64::from(n) / f64::from(draws)).as_nanos()
            })
            .collect()
    };
    let all = delays(1_000);
    assert_eq!(all[500], 1_000_000);
    assert!(all.iter().all(|&ns| ns < 16_000_000));
}

#[test]
fn a_narrow_place_takes_its_time_for_every_packet() {
    // A SYN of a Linux client has 60 bytes, a RST 40: 480 and 320 bits, at 64 kbit/s 7.5 ms and 5 ms.
    let mut lab = Lab::new(one(
        "rtt = \"20ms\"\nbandwidth = { rate = \"64kbit/s\", queue = \"1s\" }",
        "",
    ));
    for port in 1..=4 {
        lab.send(&syn(port));
    }
    let moments: Vec<u64> = lab
        .all_by(ms(1_000))
        .iter()
        .map(|(at, _)| at.as_nanos())
        .collect();
    assert_eq!(moments, [32_500_000, 40_000_000, 47_500_000, 55_000_000]);
}

#[test]
fn a_full_queue_drops_what_comes_last() {
    // 7.5 ms for each: the fifth would wait 30 ms, the sixth longer than that.
    let mut lab = Lab::new(one(
        "bandwidth = { rate = \"64kbit/s\", queue = \"30ms\" }",
        "",
    ));
    for port in 1..=10 {
        lab.send(&syn(port));
    }
    let mut ports = Vec::new();
    for (_, heard) in lab.all_by(ms(500)) {
        ports.push(heard.segment().from.port());
    }
    assert_eq!(ports, [1, 2, 3, 4, 5]);
    // What was dropped does not take the place of what comes later.
    assert_eq!(round_trip(&mut lab, &syn(11)), 12_500_000);
}

#[test]
fn an_answer_that_is_late_does_not_block_the_narrow_place_before_it_is_sent() {
    let hosts = "ports = [{ ports = \"1\", is = \"open\", after = \"2s\" }]";
    let mut lab = Lab::new(one(
        "bandwidth = { rate = \"64kbit/s\", queue = \"100ms\" }",
        hosts,
    ));
    lab.send(&syn(1));
    lab.now = ms(100);
    assert_eq!(round_trip(&mut lab, &syn(2)), 12_500_000);
}

#[test]
fn an_absence_that_is_told_late_does_not_block_the_narrow_place() {
    let path = "hops = 1\nbandwidth = { rate = \"64kbit/s\", queue = \"100ms\" }";
    let text = format!(
        "about = \"a\"\nsource = \"a\"\n[scan]\ntargets = [\"198.18.0.0/24\"]\nports = \"1-1000\"\n[paths.p]\n{path}\n\
         [[hosts]]\naddresses = [\"198.18.0.7\"]\nalive = 0.0\nabsent = \"host-unreachable\"\n\
         [[hosts]]\naddresses = [\"198.18.0.8\"]\n"
    );
    let mut lab = Lab::new(scenario(&text));
    lab.send(&syn(1));
    lab.now = ms(100);
    let to = SocketAddr::from(([198, 18, 0, 8], 1));
    assert_eq!(round_trip(&mut lab, &syn_to(to, 40_000)), 12_500_000);
}

#[test]
fn segments_of_a_connection_keep_their_order_under_jitter_both_ways() {
    let hosts = format!(
        "ports = [{{ ports = \"7\", is = \"open\", echoes = true }}, {{ ports = \"8\", is = \"open\", says = \"{}\" }}]",
        "x".repeat(16_000)
    );
    let scenario = one("rtt = \"20ms\"\njitter = { up_to = \"300ms\" }", &hosts);
    let mut lab = Lab::new(scenario.clone());
    let mut client = lab.connect(7);
    // All at once: whatever came out of turn would be answered by an acknowledgement alone, and sent back twice.
    let said: Vec<Segment> = (0..20_u8).map(|n| client.says(&[n; 10])).collect();
    for segment in &said {
        lab.send(segment);
    }
    let mut got = Vec::new();
    while got.len() < 200 {
        let echo = lab.segment();
        assert!(!echo.payload.is_empty());
        client.takes(&echo);
        got.extend(echo.payload);
    }
    assert_eq!(got, (0..20_u8).flat_map(|n| [n; 10]).collect::<Vec<u8>>());
    let mut lab = Lab::new(scenario);
    let mut client = lab.connect(8);
    let mut bytes = 0;
    while bytes < 16_000 {
        let segment = lab.segment();
        client.takes(&segment);
        bytes += segment.payload.len();
    }
}

#[test]
fn reordering_reorders_segments_of_a_connection_too() {
    let says = format!(
        "ports = [{{ ports = \"8\", is = \"open\", says = \"{}\" }}]",
        "x".repeat(16_000)
    );
    let (mut overtaken, mut held_back) = (0, 0);
    for seed in 0..20 {
        let path = "rtt = \"20ms\"\nreorder = { share = 0.3, by = \"15ms\" }";
        let mut lab = Lab::seeded(one(path, &says), seed);
        let first = lab.connect(8).plain.ack_number;
        let end = lab.now + Duration::from_millis(100);
        let mut highest = 0;
        for (_, heard) in lab.all_by(end) {
            let segment = heard.segment();
            let off = segment.seq.wrapping_sub(first);
            held_back += u32::from(off < highest);
            overtaken += u32::from(off > highest);
            highest = highest.max(off);
        }
    }
    assert!(held_back > 20 && overtaken > 20, "{held_back} {overtaken}");
}

#[test]
fn a_packet_that_is_held_back_comes_by_so_much_later_and_no_other_does() {
    let mut lab = Lab::new(one(
        "rtt = \"20ms\"\nreorder = { share = 0.5, by = \"7ms\" }",
        "",
    ));
    let mut seen = std::collections::BTreeSet::new();
    for port in 1..100 {
        seen.insert(round_trip(&mut lab, &syn(port)) / 1_000_000);
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [20, 27, 34]);
}

#[test]
fn the_next_moment_is_never_after_what_is_due() {
    let mut lab = Lab::new(rich());
    for port in 1..50 {
        lab.send(&syn_to(
            ([198, 18, 0, (port % 8) as u8], port % 6).into(),
            40_000 + port,
        ));
    }
    while let Some(at) = lab.world.next_at() {
        assert!(at >= lab.now);
        lab.now = at;
        let before = lab.world.receive(at - Duration::from_nanos(1));
        assert!(before.is_none_or(|packet| packet.due < at));
        while let Some(packet) = lab.world.receive(at) {
            assert_eq!(packet.due, at);
        }
    }
}
