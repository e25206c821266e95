//! A connection table at the first hop: how many it holds, for how long, and what passes because of it.

use super::*;

/// A table of 4, short-lived; ports 1-100 are closed, 501-600 open, 601-700 silent, 701-800 rejected.
fn behind(nat: &str) -> Lab {
    let hosts = "ports = [{ ports = \"501-600\", is = \"open\" }, { ports = \"601-700\", is = \"dropped\" }, \
                 { ports = \"701-800\", is = \"rejected\", icmp = \"3/13\", at = 2 }, { ports = \"801-900\", is = \"dropped\", at = 1 }, \
                 { ports = \"901\", is = \"rejected\", icmp = \"3/13\", at = 1 }, { ports = \"902\", is = \"reset\", at = 1 }, \
                 { ports = \"950\", is = \"open\", after = \"5s\" }, \
                 { ports = \"951\", is = \"open\", after = \"500ms\" }]";
    let path =
        format!("hops = 2\nnat = {{ entries = 4, syn_sent = \"3s\", closed = \"1s\"{nat} }}");
    Lab::new(one(&path, hosts))
}

/// A SYN from a port of its own.
fn knock(lab: &mut Lab, port: u16) -> Option<Heard> {
    lab.send(&syn_to(target(port), 40_000 + port));
    lab.hear_by(lab.now)
}

fn refused(lab: &Lab) -> u64 {
    lab.world.wire().nat_refused
}

#[test]
fn a_table_holds_so_many_and_refuses_the_others_packet_by_packet() {
    let mut lab = behind("");
    for port in 601..=604 {
        assert!(knock(&mut lab, port).is_none());
    }
    assert_eq!(refused(&lab), 0);
    for _ in 0..3 {
        assert!(knock(&mut lab, 501).is_none());
    }
    assert_eq!(refused(&lab), 3);
    // Who is in it goes on.
    assert!(knock(&mut lab, 601).is_none());
    assert_eq!(refused(&lab), 3);
}

#[test]
fn an_entry_without_an_answer_stays_for_its_time_after_the_last_syn() {
    let mut lab = behind("");
    for port in 601..=604 {
        knock(&mut lab, port);
    }
    lab.now = ms(2_000);
    knock(&mut lab, 604);
    lab.now = ms(2_999);
    assert!(knock(&mut lab, 501).is_none());
    lab.now = ms(3_000);
    for port in 501..=503 {
        assert!(knock(&mut lab, port).is_some(), "{port}");
    }
    assert!(knock(&mut lab, 504).is_none());
    lab.now = ms(5_000);
    assert!(knock(&mut lab, 504).is_some());
}

#[test]
fn an_entry_after_a_rst_stays_for_a_shorter_time() {
    let mut lab = behind("");
    for port in 1..=4 {
        assert!(knock(&mut lab, port).is_some());
    }
    lab.now = ms(999);
    assert!(knock(&mut lab, 5).is_none());
    lab.now = ms(1_000);
    assert!(knock(&mut lab, 5).is_some());
}

#[test]
fn an_established_entry_stays_until_both_have_closed_or_one_resets() {
    let mut lab = behind("");
    let mut clients = Vec::new();
    for port in 501..=504 {
        let syn = syn_to(target(port), 40_000 + port);
        clients.push(lab.connect_with(&syn));
    }
    lab.now += Duration::from_secs(3_600);
    assert!(knock(&mut lab, 505).is_none());
    let fin = clients[0].fin();
    lab.send(&fin);
    let fin = lab.segment();
    assert!(fin.fin);
    clients[0].takes(&fin);
    lab.send(&clients[0].ack());
    lab.send(&clients[1].rst());
    lab.now += Duration::from_millis(999);
    assert!(knock(&mut lab, 505).is_none());
    lab.now += Duration::from_millis(1);
    assert!(knock(&mut lab, 505).is_some());
    assert!(knock(&mut lab, 506).is_some());
    assert!(knock(&mut lab, 507).is_none());
}

#[test]
fn a_syn_over_an_entry_that_has_ended_begins_it_anew() {
    let mut lab = behind("");
    assert!(knock(&mut lab, 1).is_some());
    // A silent port now, from the same place: the entry has to stay as long as any that waits.
    lab.now = ms(900);
    lab.send(&syn_to(target(1), 40_001));
    assert!(lab.hear_by(lab.now).is_some());
    lab.now = ms(1_500);
    assert_eq!(lab.world.ways.table(0).counts().0, 1);
    lab.now = ms(1_900);
    knock(&mut lab, 2);
    assert_eq!(lab.world.ways.table(0).counts().0, 1);
    // A half-open scan: SYN-ACK and RST; then a real connection from the same port, which must not die early.
    let syn = syn_to(target(501), 41_000);
    lab.send(&syn);
    let client = Client::of(&syn, &lab.segment());
    lab.send(&client.rst());
    lab.now += Duration::from_millis(500);
    let client = lab.connect_with(&syn);
    lab.now += Duration::from_secs(2);
    let mut keep_alive = client.ack();
    keep_alive.seq -= 1;
    lab.send(&keep_alive);
    assert!(lab.hear_by(lab.now).is_some());
}

#[test]
fn a_syn_ack_after_a_rst_does_not_revive_an_entry() {
    let mut lab = behind("");
    // The SYN-ACK is half a second late; the client has reset before that, without the host hearing of it.
    let syn = syn_to(target(951), 41_000);
    lab.send(&syn);
    let mut rst = syn.clone();
    (rst.syn, rst.rst) = (false, true);
    rst.seq += 500_000;
    lab.send(&rst);
    lab.now = ms(500);
    assert!(lab.segment().syn);
    lab.now = ms(999);
    for (port, entries) in [(601, 2), (602, 2)] {
        knock(&mut lab, port);
        assert_eq!(lab.world.ways.table(0).counts().0, entries, "{port}");
        lab.now = ms(1_000);
    }
}

#[test]
fn what_belongs_to_no_entry_does_not_pass_in_either_direction() {
    let mut lab = behind("");
    let stray = Client::of(&syn(1), &syn(1)).ack();
    lab.send(&stray);
    assert!(lab.hear_by(lab.now).is_none());
    assert_eq!(refused(&lab), 0);
    // The answer of a port that takes five seconds comes after the entry's three.
    assert!(knock(&mut lab, 950).is_none());
    assert!(lab.silent_for(4));
    assert!(lab.silent_for(100));
}

#[test]
fn icmp_errors_come_back_only_to_who_has_an_entry() {
    let mut lab = behind("");
    let Some(Heard::Icmp(..)) = knock(&mut lab, 701) else {
        panic!("the error did not come back")
    };
    // The error does not end the entry.
    assert_eq!(lab.world.ways.table(0).counts().0, 1);
    // What dies behind the table, of a connection that has none, was not even let out.
    let mut dying = Client::of(&syn(1), &syn(1)).ack();
    dying.ttl = 2;
    lab.send(&dying);
    assert!(lab.hear_by(lab.now).is_none());
}

#[test]
fn what_ends_at_the_first_hop_takes_no_entry_and_is_answered() {
    let mut lab = behind("");
    for port in 1..=100 {
        let mut dying = syn(port);
        dying.ttl = 1;
        lab.send(&dying);
        assert!(matches!(lab.hear(), Some(Heard::Icmp(..))));
    }
    for port in 801..=900 {
        assert!(knock(&mut lab, port).is_none());
    }
    assert!(matches!(knock(&mut lab, 901), Some(Heard::Icmp(..))));
    assert!(knock(&mut lab, 902).unwrap().segment().rst);
    assert_eq!((lab.world.ways.table(0).counts().0, refused(&lab)), (0, 0));
}

#[test]
fn others_take_places_and_are_refused_when_there_are_none() {
    let mut lab = behind(", others_per_second = 10, others_stay = \"150ms\"");
    // One every 100 ms: from then on for 50 ms there are two of them, and then one.
    lab.now = ms(1_060);
    for port in 601..=603 {
        assert!(knock(&mut lab, port).is_none());
    }
    assert_eq!(refused(&lab), 0);
    assert!(knock(&mut lab, 604).is_none());
    assert_eq!((refused(&lab), lab.world.wire().others_refused), (1, 0));
    // The next of the others, at 1.1 s, finds it full; when the last one has gone, the scanner takes its place.
    lab.now = ms(1_160);
    assert!(knock(&mut lab, 604).is_none());
    assert_eq!((refused(&lab), lab.world.wire().others_refused), (1, 1));
    assert_eq!(lab.world.ways.table(0).counts(), (4, 0, 4));
    // At 1.2, 1.3 … 2.0 s.
    lab.now = ms(2_000);
    assert!(knock(&mut lab, 605).is_none());
    assert_eq!((refused(&lab), lab.world.wire().others_refused), (2, 10));
}

#[test]
fn echoes_pass_without_an_entry() {
    let mut lab = behind("");
    for port in 601..=604 {
        knock(&mut lab, port);
    }
    lab.world
        .send(lab.now, &icmp::echo_request(target(0).ip(), 64));
    assert!(matches!(lab.hear(), Some(Heard::Icmp(..))));
}
