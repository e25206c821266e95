//! Bytes between the scripted client and an open port, segment by segment: RFC 9293, and Linux where it goes its own way.

use super::*;

const ECHO: &str = "ports = [{ ports = \"7\", is = \"open\", echoes = true }]";
const SILENT: &str = "ports = [{ ports = \"7\", is = \"open\" }]";

/// An answer longer than any one segment, from a service that then closes.
fn answering(bytes: usize) -> String {
    format!(
        "ports = [{{ ports = \"7\", is = \"open\", answers = \"{}\" }}]",
        "x".repeat(bytes)
    )
}

#[test]
fn bytes_come_in_segments_that_fit_the_peer_and_are_whole() {
    for (mss, timestamps, most) in [
        (Some(1_460), true, 1_448),
        (Some(1_460), false, 1_460),
        (Some(9_000), false, 1_460),
        (Some(600), true, 588),
        (None, false, 536),
    ] {
        let mut lab = Lab::new(one("", &answering(5_000)));
        let mut syn = syn(7);
        syn.options.mss = mss;
        syn.options.timestamps = syn.options.timestamps.filter(|_| timestamps);
        let mut client = lab.connect_with(&syn);
        lab.send(&client.says(b"?"));
        let (mut sizes, mut fin) = (Vec::new(), false);
        for _ in 0..=5_000_usize.div_ceil(most) {
            let segment = lab.segment();
            client.takes(&segment);
            assert!(!fin, "nothing follows the FIN");
            fin |= segment.fin;
            if !segment.payload.is_empty() {
                sizes.push(segment.payload.len());
            }
        }
        assert!(fin);
        assert_eq!(sizes.iter().sum::<usize>(), 5_000);
        assert!(
            sizes.iter().rev().skip(1).all(|&size| size == most),
            "{most}: {sizes:?}"
        );
    }
}

#[test]
fn without_a_word_on_its_size_a_segment_over_ipv6_has_1220_bytes() {
    let mut lab = Lab::new(one("", &answering(5_000)));
    let mut syn = syn_to(target6(7), 40_000);
    syn.options = Options::default();
    let mut client = lab.connect_with(&syn);
    client.plain.window = 10_000;
    lab.send(&client.says(b"?"));
    assert_eq!(lab.segment().payload.len(), 1_220);
}

#[test]
fn no_more_is_sent_than_the_window_takes() {
    for (scale, window, takes) in [
        (Some(7), 10, 1_280),
        (None, 2_000, 2_000),
        (Some(0), 3_000, 3_000),
    ] {
        let mut lab = Lab::new(one("", &answering(10_000)));
        let mut syn = syn(7);
        syn.options.window_scale = scale;
        let mut client = lab.connect_with(&syn);
        client.plain.window = window;
        let request = client.says(b"?");
        lab.send(&request);
        let end = lab.now + Duration::from_millis(100);
        let sent: usize = lab
            .all_by(end)
            .into_iter()
            .map(|(_, heard)| heard.segment().payload.len())
            .sum();
        assert_eq!(sent, takes);
    }
}

#[test]
fn what_is_not_acknowledged_is_sent_again_with_growing_waits_and_then_given_up() {
    let mut lab = Lab::new(one("", ECHO));
    let mut client = lab.connect(7);
    lab.send(&client.says(b"echo"));
    let all = lab.all_by(ms(600_000));
    let moments: Vec<_> = all.iter().map(|(at, _)| at.as_millis()).collect();
    assert_eq!(
        moments,
        [0, 200, 600, 1_400, 3_000, 6_200, 12_600, 25_400, 51_000]
    );
    for (_, heard) in all {
        let segment = heard.segment();
        assert_eq!(
            (segment.seq, &segment.payload[..]),
            (client.plain.ack_number, &b"echo"[..])
        );
    }
    assert_eq!(lab.world.people.count(), 0);
}

#[test]
fn waits_begin_anew_once_something_is_acknowledged() {
    let mut lab = Lab::new(one("", ECHO));
    let mut client = lab.connect(7);
    for _ in 0..3 {
        lab.send(&client.says(b"echo"));
        let began = lab.now;
        let segment = lab.segment();
        let _ = lab.segment();
        assert_eq!(lab.now.since(began), Duration::from_millis(200));
        let _ = lab.segment();
        assert_eq!(lab.now.since(began), Duration::from_millis(600));
        client.takes(&segment);
        lab.send(&client.ack());
    }
}

#[test]
fn waits_follow_the_round_trip_unless_the_syn_ack_had_to_be_sent_again() {
    let rtt = "rtt = \"300ms\"";
    for (late, wait) in [(false, 900), (true, 3_000)] {
        let mut lab = Lab::new(one(rtt, ECHO));
        let syn_ack = lab.knock(7).unwrap().segment();
        let mut client = Client::of(&syn(7), &syn_ack);
        if late {
            let _ = lab.segment();
        }
        lab.send(&client.says(b"echo"));
        let _ = lab.segment();
        let first = lab.now;
        let _ = lab.segment();
        assert_eq!(lab.now.since(first).as_millis(), wait);
    }
}

#[test]
fn a_closed_window_is_probed_until_it_opens() {
    let mut lab = Lab::new(one("", &answering(3_000)));
    let mut client = lab.connect(7);
    client.plain.window = 0;
    lab.send(&client.says(b"?"));
    let acknowledgement = lab.segment();
    assert!(acknowledgement.payload.is_empty() && !acknowledgement.fin);
    let began = lab.now;
    let mut moments = Vec::new();
    for _ in 0..12 {
        // As Linux probes: nothing, one byte before what has been acknowledged.
        let probe = lab.segment();
        assert_eq!(probe.seq, client.plain.ack_number.wrapping_sub(1));
        assert!(probe.ack && probe.payload.is_empty());
        moments.push(lab.now.since(began).as_millis());
        lab.send(&client.ack());
    }
    assert_eq!(moments[..5], [200, 600, 1_400, 3_000, 6_200]);
    assert_eq!(
        moments[11] - moments[10],
        120_000,
        "Linux waits no longer (TCP_RTO_MAX)"
    );
    client.plain.window = 502;
    lab.send(&client.ack());
    let mut got = 0;
    while got < 3_001 {
        let segment = lab.segment();
        client.takes(&segment);
        got += segment.length();
    }
    // What is now lost is sent again as soon as ever.
    let last = lab.now;
    let _ = lab.segment();
    assert_eq!(lab.now.since(last).as_millis(), 200);
}

#[test]
fn a_probe_that_nobody_answers_ends() {
    let mut lab = Lab::new(one("", &answering(3_000)));
    let mut client = lab.connect(7);
    client.plain.window = 0;
    lab.send(&client.says(b"?"));
    assert_eq!(lab.all_by(ms(600_000)).len(), 9);
    assert_eq!(lab.world.people.count(), 0);
}

#[test]
fn what_is_sent_again_is_what_was_sent_before() {
    let mut lab = Lab::new(one("", ECHO));
    let mut client = lab.connect(7);
    client.plain.window = 1;
    lab.send(&client.says(&[b'a'; 128]));
    assert_eq!(lab.segment().payload.len(), 128);
    lab.send(&client.says(&[b'b'; 128]));
    let acknowledgement = lab.segment();
    assert!(acknowledgement.payload.is_empty());
    let again = lab.segment();
    assert_eq!(again.payload, [b'a'; 128]);
}

#[test]
fn a_segment_out_of_turn_is_acknowledged_and_not_taken() {
    let mut lab = Lab::new(one("", ECHO));
    let mut client = lab.connect(7);
    let first = client.says(b"first");
    let second = client.says(b"second");
    lab.send(&second);
    let answer = lab.segment();
    assert!(answer.payload.is_empty() && answer.ack_number == first.seq);
    lab.send(&first);
    let echo = lab.segment();
    assert_eq!(
        (echo.ack_number, &echo.payload[..]),
        (second.seq, &b"first"[..])
    );
    client.takes(&echo);
    // Twice, and then both in one.
    for repeated in [first.clone(), first.clone()] {
        lab.send(&repeated);
        let answer = lab.segment();
        assert!(
            answer.payload.is_empty() && answer.ack_number == second.seq,
            "{answer:?}"
        );
    }
    let mut both = first;
    both.payload.extend(b"second");
    both.ack_number = client.plain.ack_number;
    lab.send(&both);
    assert_eq!(lab.segment().payload, b"second");
}

#[test]
fn a_keep_alive_is_answered() {
    let mut lab = Lab::new(one("", SILENT));
    let client = lab.connect(7);
    let mut keep_alive = client.ack();
    keep_alive.seq -= 1;
    lab.send(&keep_alive);
    let answer = lab.segment();
    assert!(answer.ack && answer.payload.is_empty());
    assert_eq!(
        (answer.seq, answer.ack_number),
        (client.plain.ack_number, client.plain.seq)
    );
    // Nothing is said to a bare acknowledgement in turn.
    lab.send(&client.ack());
    assert!(lab.silent_for(100));
}

#[test]
fn an_acknowledgement_of_what_was_never_sent_is_only_answered() {
    let mut lab = Lab::new(one("", ECHO));
    let mut client = lab.connect(7);
    let mut wild = client.ack();
    wild.ack_number = wild.ack_number.wrapping_add(1_000);
    lab.send(&wild);
    let answer = lab.segment();
    assert_eq!(
        (answer.seq, answer.ack_number),
        (client.plain.ack_number, client.plain.seq)
    );
    lab.send(&client.says(b"still here"));
    assert_eq!(lab.segment().payload, b"still here");
}

#[test]
fn an_echo_that_nobody_reads_closes_its_window_and_opens_it_again() {
    let mut lab = Lab::new(one("", ECHO));
    let mut client = lab.connect(7);
    client.plain.window = 0;
    let mut taken = 0;
    let narrow = loop {
        lab.send(&client.says(&[b'x'; 1_024]));
        let answer = lab.segment();
        if answer.ack_number != client.plain.seq {
            client.plain.seq = answer.ack_number;
            break answer;
        }
        taken += 1_024;
    };
    assert_eq!((taken, narrow.window), (super::super::tcp::MOST_WAITING, 0));
    client.plain.window = 502;
    lab.send(&client.ack());
    let (mut got, mut last) = (0, narrow);
    while got < taken {
        last = lab.segment();
        client.takes(&last);
        got += last.payload.len();
        lab.send(&client.ack());
    }
    assert_eq!(got, taken);
    assert!(last.window > 0);
    lab.send(&client.says(b"more"));
    assert_eq!(lab.segment().payload, b"more");
}
