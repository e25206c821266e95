//! Handshakes with the scripted client, and what is said to segments of no connection: RFC 9293, and Linux where it goes its
//! own way.

use super::*;

const ECHO: &str = "ports = [{ ports = \"7\", is = \"open\", echoes = true }]";
const SILENT: &str = "ports = [{ ports = \"7\", is = \"open\" }]";

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
