//! Boxes that answer for what is not there: SYN proxies, a tarpit, a spoofer of services.

use super::*;

/// A SYN proxy at hop 2 of 4; 100 ms there and back, so 10 ms from hop to hop. Ports: 1 open with a banner, 2 echoes,
/// 3 silent, 4 closed, 5 dropped.
fn proxied(then: &str) -> Lab {
    let hosts = format!(
        "proxy = {{ hop = 2, then = \"{then}\" }}\nports = [{{ ports = \"1\", is = \"open\", says = \"hello\" }}, \
         {{ ports = \"2\", is = \"open\", echoes = true }}, {{ ports = \"3\", is = \"open\" }}, {{ ports = \"5\", is = \"dropped\" }}, \
         {{ ports = \"6\", is = \"open\", answers = \"{}\" }}]",
        "x".repeat(9_000)
    );
    Lab::new(one("hops = 4\nrtt = \"100ms\"", &hosts))
}

#[test]
fn a_proxy_answers_every_syn_from_its_hop_and_keeps_nothing() {
    for then in ["backend", "reset", "ignore"] {
        let mut lab = proxied(then);
        for port in 1..=5 {
            let began = lab.now;
            let answer = lab.knock(port).unwrap().segment();
            assert!(answer.syn && answer.ack && answer.window == 0 && answer.ttl == 63);
            assert_eq!(answer.ack_number, 1_000_001);
            assert_eq!(lab.now.since(began).as_millis(), 40);
            // The same SYN gets the same number.
            assert_eq!(lab.knock(port).unwrap().segment().seq, answer.seq);
        }
        assert_eq!(lab.world.people.count(), 0);
        assert!(lab.silent_for(100), "it sends nothing again");
    }
}

#[test]
fn a_proxy_joins_the_client_to_an_open_port() {
    let mut lab = proxied("backend");
    let mut client = lab.connect(1);
    let began = lab.now;
    let hello = lab.segment();
    client.takes(&hello);
    // To the proxy 20 ms, thrice between proxy and host 30 ms each, and 50 ms back.
    assert_eq!(
        (&hello.payload[..], lab.now.since(began).as_millis()),
        (&b"hello"[..], 160)
    );
    assert!(hello.window > 0 && hello.ttl == 60);
    lab.send(&client.fin());
    let began = lab.now;
    let fin = lab.segment();
    assert!(fin.fin);
    assert_eq!(lab.now.since(began).as_millis(), 100, "a whole round trip");
    client.takes(&fin);
    lab.send(&client.ack());
    assert!(lab.silent_for(10));
    assert_eq!(lab.world.people.count(), 0);
}

#[test]
fn a_proxy_opens_the_window_when_the_host_is_reached() {
    let mut lab = proxied("backend");
    let mut client = lab.connect(3);
    let update = lab.segment();
    assert!(update.window > 0 && update.payload.is_empty() && !update.syn);
    assert_eq!(
        (update.seq, update.ack_number),
        (client.plain.ack_number, client.plain.seq)
    );
    lab.send(&client.says(b"hello?"));
    assert_eq!(lab.segment().ack_number, client.plain.seq);
}

#[test]
fn options_survive_a_proxy_with_time_stamps_and_only_with_them() {
    for (timestamps, scale, mss) in [
        (true, Some(7), 1_460),
        (true, None, 1_440),
        (true, Some(0), 536),
        (false, Some(7), 1_460),
    ] {
        let mut lab = proxied("backend");
        let mut syn = syn(6);
        syn.options.mss = Some(mss);
        syn.options.window_scale = scale;
        syn.options.timestamps = syn.options.timestamps.filter(|_| timestamps);
        lab.send(&syn);
        let answer = lab.segment();
        assert_eq!(answer.options.timestamps.is_some(), timestamps);
        assert_eq!(
            answer.options.window_scale.is_some(),
            timestamps && scale.is_some()
        );
        assert_eq!(answer.options.sack_permitted, timestamps);
        let mut client = Client::of(&syn, &answer);
        client.plain.window = if timestamps && scale == Some(7) {
            502
        } else {
            64_000
        };
        lab.send(&client.ack());
        let update = lab.segment();
        let scaled = timestamps && scale.is_some();
        assert_eq!(
            update.window,
            match (scaled, timestamps) {
                (true, _) => 510,
                (false, true) => 65_160,
                (false, false) => 64_240,
            }
        );
        lab.send(&client.says(b"?"));
        let (mut bytes, mut largest) = (0, 0);
        let mut stamp = answer.options.timestamps.map_or(0, |(value, _)| value);
        while bytes < 9_000 {
            let segment = lab.segment();
            client.takes(&segment);
            bytes += segment.payload.len();
            largest = largest.max(segment.payload.len());
            // A client drops what is older than what it has seen (RFC 7323, section 5).
            let value = segment.options.timestamps.map_or(0, |(value, _)| value);
            assert!(value.wrapping_sub(stamp).cast_signed() >= 0);
            stamp = value;
        }
        assert_eq!(largest, usize::from(mss) - if timestamps { 12 } else { 0 });
    }
}

#[test]
fn the_time_stamp_that_keeps_the_options_is_never_ahead_of_the_time() {
    for later in 0..64 {
        let mut lab = proxied("backend");
        lab.now = ms(later);
        lab.send(&syn(3));
        let answer = lab.segment();
        let client = Client::of(&syn(3), &answer);
        lab.send(&client.ack());
        let stamps = [answer, lab.segment()].map(|segment| segment.options.timestamps.unwrap().0);
        // There and back and to the host: 140 ms after the proxy's answer at the latest, whose last six bits are not time.
        let passed = stamps[1].wrapping_sub(stamps[0]);
        assert!((1..=40 + 90 + 128).contains(&passed), "{later}: {passed}");
        assert!(stamps[0].wrapping_sub(host_stamp(later + 20)).cast_signed() <= 0);
    }
}

/// What the host's clock says so many milliseconds after the beginning.
fn host_stamp(at: u64) -> u32 {
    super::super::tcp::stamp(ms(at), target(3))
}

#[test]
fn a_proxy_lets_nobody_in_who_has_not_been_answered() {
    let mut lab = proxied("backend");
    let answer = lab.knock(1).unwrap().segment();
    let client = Client::of(&syn(1), &answer);
    for (seq, ack) in [
        (1, 0),
        (u32::MAX, 0),
        (0, 8),
        (0, u32::MAX - 3),
        (5_000, 1_000),
    ] {
        let mut wrong = client.ack();
        wrong.seq = wrong.seq.wrapping_add(seq);
        wrong.ack_number = wrong.ack_number.wrapping_add(ack);
        lab.send(&wrong);
        assert!(lab.silent_for(10), "{seq} {ack}");
    }
    assert_eq!(lab.world.people.count(), 0);
}

#[test]
fn behind_a_proxy_a_closed_port_resets_from_the_host_and_a_silent_one_is_silent() {
    let mut lab = proxied("backend");
    let client = lab.connect(4);
    let began = lab.now;
    let reset = lab.segment();
    assert!(reset.rst && reset.ttl == 60 && reset.seq == client.plain.ack_number);
    assert_eq!(lab.now.since(began).as_millis(), 20 + 30 + 50);
    lab.connect(5);
    assert!(lab.silent_for(100));
}

#[test]
fn a_proxy_may_reset_or_ignore_whatever_stands_behind() {
    for port in 1..=5 {
        let mut lab = proxied("reset");
        let client = lab.connect(port);
        let began = lab.now;
        let reset = lab.segment();
        assert!(reset.rst && reset.ttl == 63 && reset.seq == client.plain.ack_number);
        assert_eq!(lab.now.since(began).as_millis(), 40);
        let mut lab = proxied("ignore");
        let mut client = lab.connect(port);
        lab.send(&client.says(b"hello?"));
        assert!(lab.silent_for(100));
        assert_eq!(lab.world.people.count(), 0);
    }
}

#[test]
fn a_tarpit_answers_on_every_port_and_never_lets_go() {
    let mut lab = Lab::new(one(
        "",
        "stack = \"tarpit\"\nports = [{ ports = \"2\", is = \"closed\" }]",
    ));
    for to in [target(1), target(2), target6(3)] {
        let mut syn = syn_to(to, 40_000);
        syn.seq = u32::MAX - 1;
        lab.send(&syn);
        let answer = lab.segment();
        assert!(answer.syn && answer.ack && answer.window == 0);
        assert_eq!(
            (answer.options, answer.ack_number),
            (Options::default(), u32::MAX)
        );
        let mut client = Client::of(&syn, &answer);
        lab.send(&client.ack());
        assert!(
            lab.silent_for(10),
            "to the end of the handshake there is nothing to say"
        );
        // A window probe of Linux, a byte, and a FIN.
        let mut probe = client.ack();
        probe.seq = probe.seq.wrapping_sub(1);
        let expected = client.plain.seq;
        for segment in [probe, client.says(b"x"), client.says(b"yz")] {
            lab.send(&segment);
            let held = lab.segment();
            assert!(held.ack && !held.syn && held.window == 0 && held.payload.is_empty());
            assert_eq!(
                (held.seq, held.ack_number),
                (client.plain.ack_number, expected)
            );
        }
        lab.send(&client.fin());
        lab.send(&client.rst());
        assert!(lab.silent_for(10));
    }
    assert_eq!(lab.world.people.count(), 0);
}

#[test]
fn a_spoofer_has_a_banner_for_every_port_and_the_same_again() {
    let banners = |seed: u64, host: u8| -> Vec<Vec<u8>> {
        let mut lab = Lab::seeded(
            one(
                "",
                "stack = \"portspoof\"\nports = [{ ports = \"5\", is = \"open\", says = \"real\" }]",
            ),
            seed,
        );
        (1..=60)
            .map(|port| {
                let to = SocketAddr::from(([198, 18, 0, host], port));
                lab.connect_with(&syn_to(to, 40_000 + port));
                lab.segment().payload
            })
            .collect()
    };
    let all = banners(1, 7);
    assert_eq!(all, banners(1, 7));
    assert_ne!(all, banners(2, 7));
    assert_ne!(all, banners(1, 8));
    assert_eq!(all[4], b"real");
    let distinct: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(distinct.len(), 60);
    assert!(
        all.iter()
            .all(|banner| banner.len() < 100 && banner.is_ascii())
    );
}
