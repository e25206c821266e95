//! How connections end: RFC 9293, and Linux where it goes its own way.

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
fn a_fin_takes_its_place_in_the_window() {
    let mut lab = Lab::new(one("", SILENT));
    let mut syn = syn(7);
    syn.options.window_scale = None;
    let mut client = lab.connect_with(&syn);
    lab.send(&client.says(b"x"));
    assert_eq!(lab.segment().window, 65_160);
    lab.send(&client.fin());
    assert_eq!(lab.segment().window, 65_159);
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
    lab.now += Duration::from_secs(1);
    lab.send(&client.ack());
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
fn a_syn_into_a_connection_is_only_acknowledged() {
    let mut lab = Lab::new(one("", SILENT));
    let client = lab.connect(7);
    lab.send(&syn(7));
    let answer = lab.segment();
    assert!(!answer.syn && answer.ack && answer.ack_number == client.plain.seq);
}
