//! TCP between the scripted client and an open port, segment by segment: RFC 9293, and Linux where it goes its own way.

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
fn the_syn_ack_offers_what_the_syn_offers() {
    for bits in 0..16_u8 {
        for to in [target(7), target6(7)] {
            let mut lab = Lab::new(one("", SILENT));
            let mut syn = syn_to(to, 40_000);
            let all = syn.options;
            syn.options = Options {
                mss: all.mss.filter(|_| bits & 1 != 0),
                window_scale: all.window_scale.filter(|_| bits & 2 != 0),
                sack_permitted: bits & 4 != 0,
                timestamps: all.timestamps.filter(|_| bits & 8 != 0),
            };
            lab.send(&syn);
            let answer = lab.segment();
            assert!(answer.syn && answer.ack && !answer.rst && !answer.fin && !answer.psh);
            assert_eq!(answer.ack_number, syn.seq + 1);
            assert_eq!((answer.from, answer.to), (syn.to, syn.from));
            let options = answer.options;
            assert_eq!(options.mss, Some(if to.is_ipv6() { 1_440 } else { 1_460 }));
            assert_eq!(options.window_scale, syn.options.window_scale);
            assert_eq!(options.sack_permitted, syn.options.sack_permitted);
            let echoed = options.timestamps.map(|(_, echo)| echo);
            assert_eq!(echoed, syn.options.timestamps.map(|(value, _)| value));
            // What Linux offers on Ethernet: whole segments in 64 KiB.
            let window = match (to.is_ipv6(), bits & 8 != 0) {
                (false, false) => 64_240,
                (false, true) => 65_160,
                (true, false) => 64_800,
                (true, true) => 64_260,
            };
            assert_eq!(answer.window, window);
        }
    }
}

#[test]
fn the_window_is_scaled_after_the_handshake_and_not_without_the_option() {
    for scale in [None, Some(7)] {
        let mut lab = Lab::new(one("", ECHO));
        let mut syn = syn(7);
        syn.options.window_scale = scale;
        let mut client = lab.connect_with(&syn);
        lab.send(&client.says(b"x"));
        let window = lab.segment().window;
        assert_eq!(window, if scale.is_some() { 510 } else { 65_160 });
    }
}

#[test]
fn a_syn_ack_is_sent_again_at_1_3_7_15_and_31_s_and_then_forgotten() {
    let mut lab = Lab::new(one("", SILENT));
    lab.send(&syn(7));
    let all = lab.all_by(ms(200_000));
    let moments: Vec<_> = all.iter().map(|(at, _)| at.as_millis()).collect();
    assert_eq!(moments, [0, 1_000, 3_000, 7_000, 15_000, 31_000]);
    let first = all[0].1.clone().segment();
    for (_, again) in all {
        let again = again.segment();
        assert!(
            again.syn
                && again.ack
                && (again.seq, again.ack_number) == (first.seq, first.ack_number)
        );
    }
    assert_eq!(lab.world.people.count(), 0);
    // The end of the handshake comes too late.
    let late = Client::of(&syn(7), &first).ack();
    lab.send(&late);
    let reset = lab.segment();
    assert!(reset.rst && !reset.ack);
    assert_eq!(reset.seq, late.ack_number);
}

#[test]
fn a_syn_that_comes_again_gets_the_same_syn_ack() {
    let mut lab = Lab::new(one("", SILENT));
    let first = lab.knock(7).unwrap().segment();
    let again = lab.knock(7).unwrap().segment();
    assert_eq!((first.seq, first.ack_number), (again.seq, again.ack_number));
    assert!(again.syn && again.ack);
    // It does not start the waits anew.
    let moments: Vec<_> = lab
        .all_by(ms(200_000))
        .iter()
        .map(|(at, _)| at.as_millis())
        .collect();
    assert_eq!(moments, [1_000, 3_000, 7_000, 15_000, 31_000]);
}

#[test]
fn another_syn_into_a_handshake_is_only_acknowledged() {
    let mut lab = Lab::new(one("", SILENT));
    let first = lab.knock(7).unwrap().segment();
    let mut other = syn(7);
    other.seq += 100_000_000;
    lab.send(&other);
    let answer = lab.segment();
    assert!(answer.ack && !answer.syn && !answer.rst, "{answer:?}");
    assert_eq!(answer.ack_number, first.ack_number);
}

#[test]
fn a_wrong_acknowledgement_in_the_handshake_gets_a_rst_and_leaves_it_alone() {
    let mut lab = Lab::new(one("", ECHO));
    let syn_ack = lab.knock(7).unwrap().segment();
    let mut client = Client::of(&syn(7), &syn_ack);
    let mut wrong = client.ack();
    for off in [-1, 1, 0x4000_0000] {
        wrong.ack_number = client.plain.ack_number.wrapping_add_signed(off);
        lab.send(&wrong);
        let reset = lab.segment();
        assert!(reset.rst && reset.seq == wrong.ack_number, "{reset:?}");
    }
    lab.send(&client.ack());
    lab.send(&client.says(b"there"));
    assert_eq!(lab.segment().payload, b"there");
}

#[test]
fn an_acknowledgement_of_nothing_gets_a_rst() {
    let mut lab = Lab::new(one("", SILENT));
    for port in [7, 8] {
        let mut ack = Client::of(&syn(port), &syn(port)).ack();
        ack.ack_number = 123;
        lab.send(&ack);
        let reset = lab.segment();
        assert!(reset.rst && !reset.ack && reset.seq == 123 && reset.window == 0);
    }
}

#[test]
fn what_neither_opens_nor_acknowledges_is_not_answered_where_something_listens() {
    // RFC 9293, section 3.10.7.2: a listener drops it. A closed port resets it.
    let flags = [(false, false), (true, false), (true, true)];
    for (fin, psh) in flags {
        let mut lab = Lab::new(one("", SILENT));
        let mut odd = Segment::new(syn(7).from, target(7), 64);
        (odd.fin, odd.psh, odd.seq) = (fin, psh, 5);
        lab.send(&odd);
        assert!(lab.silent_for(100), "fin {fin} psh {psh}");
        odd.to = target(8);
        lab.send(&odd);
        let reset = lab.segment();
        assert!(reset.rst && reset.ack && reset.ack_number == 5 + u32::from(fin));
    }
    // Linux drops a SYN that also closes.
    let mut lab = Lab::new(one("", SILENT));
    let mut odd = syn(7);
    odd.fin = true;
    lab.send(&odd);
    assert!(lab.silent_for(100));
    assert_eq!(lab.world.people.count(), 0);
}

#[test]
fn a_rst_is_never_answered() {
    let mut lab = Lab::new(one("", SILENT));
    for port in [7, 8] {
        lab.send(&Client::of(&syn(port), &syn(port)).rst());
    }
    assert!(lab.silent_for(100));
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
        for _ in 0..5_000_usize.div_ceil(most) + 1 {
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
fn a_fin_is_answered_by_a_fin_and_then_all_is_forgotten() {
    let mut lab = Lab::new(one("", SILENT));
    let mut client = lab.connect(7);
    lab.send(&client.fin());
    let fin = lab.segment();
    assert!(fin.fin && fin.ack && fin.ack_number == client.plain.seq);
    client.takes(&fin);
    assert_eq!(lab.world.people.count(), 1);
    lab.send(&client.ack());
    assert!(lab.silent_for(100));
    assert_eq!(lab.world.people.count(), 0);
    lab.send(&client.ack());
    assert!(lab.segment().rst);
}

#[test]
fn a_fin_that_is_not_acknowledged_is_sent_again() {
    let mut lab = Lab::new(one("", SILENT));
    let mut client = lab.connect(7);
    lab.send(&client.fin());
    let all = lab.all_by(ms(600_000));
    assert_eq!(all.len(), 9);
    assert!(all.into_iter().all(|(_, heard)| heard.segment().fin));
    assert_eq!(lab.world.people.count(), 0);
}

#[test]
fn bytes_and_fin_in_one_segment_are_both_taken() {
    let mut lab = Lab::new(one("", ECHO));
    let mut client = lab.connect(7);
    let mut last = client.says(b"bye");
    last.fin = true;
    client.plain.seq += 1;
    lab.send(&last);
    let echo = lab.segment();
    assert_eq!(
        (echo.ack_number, &echo.payload[..]),
        (client.plain.seq, &b"bye"[..])
    );
    client.takes(&echo);
    let fin = lab.segment();
    assert!(fin.fin);
}

#[test]
fn who_closes_first_remembers_for_a_minute() {
    let mut lab = Lab::new(one("", &answering(10)));
    let mut client = lab.connect(7);
    lab.send(&client.says(b"?"));
    for _ in 0..2 {
        let segment = lab.segment();
        client.takes(&segment);
    }
    let fin = client.fin();
    lab.send(&fin);
    let last = lab.segment();
    assert!(last.ack && !last.fin && last.ack_number == client.plain.seq);
    let began = lab.now;
    // The FIN again, and a SYN from before: both are acknowledged. Neither prolongs it.
    lab.send(&fin);
    assert_eq!(lab.segment().ack_number, client.plain.seq);
    lab.send(&syn(7));
    let answer = lab.segment();
    assert!(answer.ack && !answer.syn);
    lab.hear_by(began + Duration::from_millis(59_999));
    assert_eq!(lab.world.people.count(), 1);
    lab.hear_by(began + Duration::from_secs(60));
    assert_eq!(lab.world.people.count(), 0);
}

#[test]
fn a_new_syn_opens_over_what_is_only_remembered() {
    let mut lab = Lab::new(one("", &answering(10)));
    let mut client = lab.connect(7);
    lab.send(&client.says(b"?"));
    for _ in 0..2 {
        let segment = lab.segment();
        client.takes(&segment);
    }
    lab.send(&client.fin());
    let _ = lab.segment();
    let mut anew = syn(7);
    anew.seq = client.plain.seq + 10;
    let mut client = lab.connect_with(&anew);
    lab.send(&client.says(b"?"));
    assert_eq!(lab.segment().payload.len(), 10);
}

#[test]
fn who_closes_second_does_not_wait() {
    let mut lab = Lab::new(one("", &answering(10)));
    let mut client = lab.connect(7);
    let mut last = client.says(b"?");
    last.fin = true;
    client.plain.seq += 1;
    lab.send(&last);
    for _ in 0..2 {
        let segment = lab.segment();
        client.takes(&segment);
    }
    lab.send(&client.ack());
    assert!(lab.silent_for(10));
    assert_eq!(lab.world.people.count(), 0);
}

#[test]
fn a_client_that_never_closes_is_forgotten_a_minute_after_the_service_has_closed() {
    let mut lab = Lab::new(one("", &answering(10)));
    let mut client = lab.connect(7);
    lab.send(&client.says(b"?"));
    for _ in 0..2 {
        let segment = lab.segment();
        client.takes(&segment);
    }
    lab.send(&client.ack());
    assert!(lab.silent_for(61));
    assert_eq!(lab.world.people.count(), 0);
}

#[test]
fn a_rst_in_place_kills_one_beside_is_asked_about_one_outside_is_ignored() {
    // RFC 9293, section 3.10.7.4.
    for (off, answered, gone) in [
        (0, false, true),
        (100, true, false),
        (65_000, true, false),
        (100_000, false, false),
        (-1, false, false),
    ] {
        let mut lab = Lab::new(one("", SILENT));
        let client = lab.connect(7);
        let mut rst = client.rst();
        rst.seq = rst.seq.wrapping_add_signed(off);
        lab.send(&rst);
        assert_eq!(lab.silent_for(1), !answered, "{off}");
        assert_eq!(lab.world.people.count() == 0, gone, "{off}");
    }
}

#[test]
fn a_rst_in_the_window_ends_a_handshake() {
    let mut lab = Lab::new(one("", SILENT));
    let syn_ack = lab.knock(7).unwrap().segment();
    let mut rst = Client::of(&syn(7), &syn_ack).rst();
    rst.seq += 200_000;
    lab.send(&rst);
    assert_eq!(lab.world.people.count(), 1);
    rst.seq -= 200_000;
    lab.send(&rst);
    assert!(lab.silent_for(100));
    assert_eq!(lab.world.people.count(), 0);
}

#[test]
fn a_syn_into_a_connection_is_only_acknowledged() {
    let mut lab = Lab::new(one("", SILENT));
    let client = lab.connect(7);
    lab.send(&syn(7));
    let answer = lab.segment();
    assert!(!answer.syn && answer.ack && answer.ack_number == client.plain.seq);
}

#[test]
fn numbers_go_round() {
    for start in [u32::MAX, u32::MAX - 1, u32::MAX - 3, u32::MAX - 700] {
        let mut lab = Lab::new(one("", ECHO));
        let mut syn = syn(7);
        syn.seq = start;
        let mut client = lab.connect_with(&syn);
        for _ in 0..5 {
            lab.send(&client.says(&[b'x'; 300]));
            let echo = lab.segment();
            assert_eq!(echo.payload.len(), 300);
            assert_eq!(echo.ack_number, client.plain.seq);
            client.takes(&echo);
        }
        lab.send(&client.fin());
        let fin = lab.segment();
        assert!(fin.fin && fin.ack_number == client.plain.seq);
    }
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
