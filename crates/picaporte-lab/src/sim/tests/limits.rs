//! What runs out at hosts and on paths: RSTs, places in a listen queue, the patience of an IPS.

use super::*;

/// Sends so many SYNs at once, from ports of their own to ports from `port` on, and counts what comes at once.
fn answered(lab: &mut Lab, syns: u16, port: u16, host: u8) -> usize {
    (0..syns)
        .filter(|n| {
            let to = SocketAddr::from(([198, 18, 0, host], port + n));
            lab.send(&syn_to(to, 40_000 + n));
            let heard = lab
                .all_by(lab.now)
                .into_iter()
                .map(|(_, heard)| heard.segment());
            heard.filter(|segment| segment.from == to).count() == 1
        })
        .count()
}

#[test]
fn a_host_sends_no_more_rsts_than_it_may() {
    // As FreeBSD: 200 a second.
    let mut lab = Lab::new(one("", "rst_limit = { per_second = 200, burst = 200 }"));
    lab.now = ms(5_000);
    assert_eq!(answered(&mut lab, 500, 1, 7), 200);
    lab.now += Duration::from_millis(5);
    assert_eq!(answered(&mut lab, 500, 1, 7), 1);
    lab.now += Duration::from_millis(500);
    assert_eq!(answered(&mut lab, 500, 1, 7), 100);
    // Every host for itself.
    assert_eq!(answered(&mut lab, 500, 1, 8), 200);
    lab.now += Duration::from_secs(100);
    assert_eq!(answered(&mut lab, 500, 1, 7), 200);
}

#[test]
fn a_limit_on_rsts_does_not_touch_open_ports() {
    let hosts = "rst_limit = { per_second = 1, burst = 1 }\nports = [{ ports = \"501-600\", is = \"open\" }]";
    let mut lab = Lab::new(one("", hosts));
    assert_eq!(answered(&mut lab, 100, 1, 7), 1);
    assert_eq!(answered(&mut lab, 100, 501, 7), 100);
}

#[test]
fn a_full_listen_queue_drops_syns_until_somebody_is_taken_out() {
    let hosts = "listen_queue = { length = 8, per_second = 10 }\nports = [{ ports = \"1-1000\", is = \"open\" }]";
    let mut lab = Lab::new(one("", hosts));
    assert_eq!(answered(&mut lab, 50, 1, 7), 8);
    assert_eq!(lab.world.people.count(), 8);
    lab.now += Duration::from_millis(300);
    assert_eq!(answered(&mut lab, 50, 101, 7), 3);
    assert_eq!(answered(&mut lab, 50, 101, 8), 8, "every host for itself");
    lab.now += Duration::from_millis(800);
    assert_eq!(answered(&mut lab, 50, 201, 7), 8);
}

#[test]
fn a_syn_that_comes_again_needs_no_second_place_in_the_queue() {
    let hosts = "listen_queue = { length = 2, per_second = 1 }\nports = [{ ports = \"1-1000\", is = \"open\" }]";
    let mut lab = Lab::new(one("", hosts));
    for _ in 0..5 {
        assert!(lab.knock(1).unwrap().segment().syn);
    }
    assert!(lab.knock(2).unwrap().segment().syn);
    lab.send(&syn(3));
    assert!(lab.hear_by(lab.now).is_none());
}

#[test]
fn closed_ports_need_no_place_in_the_queue() {
    let hosts =
        "listen_queue = { length = 1, per_second = 1 }\nports = [{ ports = \"1\", is = \"open\" }]";
    let mut lab = Lab::new(one("", hosts));
    assert_eq!(answered(&mut lab, 100, 1, 7), 100);
}

const IPS: &str = "hops = 2\nips = { syns = 10, within = \"1s\", silences = \"5s\" }";

#[test]
fn an_ips_bans_after_so_many_syns_for_so_long() {
    let mut lab = Lab::new(one(IPS, "ports = [{ ports = \"500\", is = \"open\" }]"));
    let mut client = lab.connect(500);
    assert_eq!(answered(&mut lab, 9, 1, 7), 9);
    assert_eq!(lab.world.wire().banned, 0);
    // The eleventh within a second: it and all that follows, of whatever kind and to whomever.
    assert_eq!(answered(&mut lab, 1, 10, 8), 0);
    lab.now += Duration::from_millis(4_999);
    assert_eq!(answered(&mut lab, 5, 20, 7), 0);
    lab.send(&client.says(b"hello?"));
    lab.world
        .send(lab.now, &icmp::echo_request(target(0).ip(), 64));
    assert!(lab.hear_by(lab.now).is_none());
    assert_eq!(lab.world.wire().banned, 8);
    lab.now += Duration::from_millis(1);
    assert_eq!(answered(&mut lab, 10, 20, 7), 10, "it begins to count anew");
    assert_eq!(answered(&mut lab, 1, 30, 7), 0);
}

#[test]
fn an_ips_lets_pass_who_keeps_below_its_rate() {
    let mut lab = Lab::new(one(IPS, ""));
    for n in 0..200 {
        lab.now = ms(n * 100);
        assert_eq!(answered(&mut lab, 1, n as u16 + 1, 7), 1, "{n}");
    }
    lab.now += Duration::from_millis(99);
    assert_eq!(answered(&mut lab, 1, 300, 7), 0, "eleven in 999 ms");
}

#[test]
fn an_ips_counts_syns_alone() {
    let mut lab = Lab::new(one(
        IPS,
        "ports = [{ ports = \"500\", is = \"open\", echoes = true }]",
    ));
    let mut client = lab.connect(500);
    for _ in 0..100 {
        lab.send(&client.says(b"x"));
        let echo = lab.segment();
        client.takes(&echo);
    }
    assert_eq!(answered(&mut lab, 9, 1, 7), 9);
}

#[test]
fn paths_do_not_share_what_they_hold() {
    let text = "about = \"a\"\nsource = \"a\"\n[scan]\ntargets = [\"198.18.0.0/24\"]\nports = \"1-1000\"\n\
        [paths.a]\nhops = 2\nips = { syns = 3, within = \"1s\", silences = \"5s\" }\nnat = { entries = 5 }\n\
        icmp_limit = { in_all = { per_second = 1, burst = 1 } }\nbandwidth = { rate = \"10kbit/s\", queue = \"1s\" }\n\
        outages = [{ from = \"10s\", lasts = \"1s\" }]\n\
        [paths.b]\nhops = 2\nips = { syns = 3, within = \"1s\", silences = \"5s\" }\nnat = { entries = 5 }\n\
        icmp_limit = { in_all = { per_second = 1, burst = 1 } }\n\
        [[hosts]]\naddresses = [\"198.18.0.7\"]\npath = \"a\"\n[[hosts]]\naddresses = [\"198.18.0.8\"]\npath = \"b\"\n";
    let mut lab = Lab::new(scenario(text));
    for n in 1..=10 {
        lab.send(&syn(n));
    }
    let end = lab.now + Duration::from_secs(5);
    assert_eq!(lab.all_by(end).len(), 3);
    assert_eq!(lab.world.wire().nat_refused, 5);
    assert_eq!(lab.world.wire().banned, 2);
    // The other path: nothing is banned, full, narrow or used up.
    assert_eq!(answered(&mut lab, 3, 1, 8), 3);
    let mut dying = syn_to(SocketAddr::from(([198, 18, 0, 8], 1)), 40_000);
    dying.ttl = 1;
    lab.now += Duration::from_secs(2);
    lab.send(&dying);
    assert!(matches!(lab.hear(), Some(Heard::Icmp(..))));
    // And its lines hold when the first one's are down.
    lab.now = ms(10_500);
    assert_eq!(answered(&mut lab, 1, 50, 8), 1);
    lab.send(&syn(50));
    assert!(lab.silent_for(5));
}
