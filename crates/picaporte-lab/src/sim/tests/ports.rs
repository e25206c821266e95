//! What the ports of ordinary hosts do with a SYN.

use super::*;

#[test]
fn each_port_does_what_the_scenario_says() {
    let hosts = "ports = [\n\
        { ports = \"1\", is = \"open\" },\n\
        { ports = \"2\", is = \"closed\" },\n\
        { ports = \"3\", is = \"dropped\" },\n\
        { ports = \"4\", is = \"dropped\", at = 1 },\n\
        { ports = \"5\", is = \"reset\", at = 1 },\n\
        { ports = \"6\", is = \"rejected\", icmp = \"admin-prohibited\" }]\notherwise = { is = \"dropped\" }";
    let mut lab = Lab::new(one("hops = 2", hosts));
    for to in [target(0), target6(0)] {
        let mut ask = |port| {
            let mut to = to;
            to.set_port(port);
            lab.send(&syn_to(to, 40_000));
            lab.hear_by(lab.now)
        };
        let open = ask(1).unwrap().segment();
        assert!(open.syn && open.ack && open.ttl == 62);
        let closed = ask(2).unwrap().segment();
        assert!(closed.rst && closed.ack && closed.seq == 0 && closed.ack_number == 1_000_001);
        assert!(closed.window == 0 && closed.options == Options::default() && closed.ttl == 62);
        assert_eq!(ask(3), None);
        assert_eq!(ask(4), None);
        let forged = ask(5).unwrap().segment();
        assert!(
            forged.rst && forged.ttl == 64 && forged.from.ip() == to.ip(),
            "{forged:?}"
        );
        assert!(matches!(ask(6), Some(Heard::Icmp(..))));
        assert_eq!(ask(7), None);
    }
}

#[test]
fn without_a_word_ports_are_closed() {
    let mut lab = Lab::new(one("", ""));
    assert!(lab.knock(1).unwrap().segment().rst);
}

#[test]
fn a_share_of_hosts_is_alive_and_stays_so() {
    let scenario = one("", "alive = 0.25");
    let alive = |seed| -> Vec<bool> {
        let mut lab = Lab::seeded(scenario.clone(), seed);
        (0..2_000_u16)
            .map(|n| {
                let [high, low] = n.to_be_bytes();
                lab.send(&syn_to(SocketAddr::from(([198, 18, high, low], 1)), 40_000));
                lab.hear_by(lab.now).is_some()
            })
            .collect()
    };
    let first = alive(1);
    let count = first.iter().filter(|&&alive| alive).count();
    // Standard error 19.
    assert!((420..580).contains(&count), "{count}");
    assert_eq!(first, alive(1));
    assert_ne!(first, alive(2));
}

#[test]
fn a_slow_port_sends_its_syn_ack_late_every_time() {
    let hosts = "ports = [{ ports = \"1\", is = \"open\", after = \"1500ms\", says = \"hello\" }]";
    let mut lab = Lab::new(one("rtt = \"100ms\"", hosts));
    lab.send(&syn(1));
    lab.now = ms(1_000);
    lab.send(&syn(1));
    let first = lab.segment();
    assert_eq!((lab.now, first.syn), (ms(1_600), true));
    let client = Client::of(&syn(1), &first);
    assert_eq!((lab.segment().syn, lab.now), (true, ms(2_600)));
    // The waits for the end of the handshake begin when the SYN-ACK goes out.
    assert_eq!((lab.segment().syn, lab.now), (true, ms(2_600)));
    lab.send(&client.ack());
    let hello = lab.segment();
    assert_eq!((&hello.payload[..], lab.now), (&b"hello"[..], ms(2_700)));
}

#[test]
fn a_slow_port_is_slow_also_when_its_first_answer_is_lost() {
    let hosts = "ports = [{ ports = \"1-1000\", is = \"open\", after = \"1500ms\" }]";
    let scenario = one("loss_back = 0.5", hosts);
    let mut lab = Lab::new(scenario);
    for port in 1..200 {
        let began = lab.now;
        lab.send(&syn(port));
        lab.now += Duration::from_millis(1_000);
        lab.send(&syn(port));
        if lab.hear().is_some() {
            assert!(lab.now.since(began).as_millis() >= 1_500);
        }
        // Let the rest of it pass.
        let end = lab.now + Duration::from_secs(60);
        lab.all_by(end);
    }
}

#[test]
fn a_port_may_notice_only_a_later_syn() {
    for first in 1..=4_usize {
        for port in [1, 2] {
            let hosts =
                format!("answers_from = {first}\nports = [{{ ports = \"1\", is = \"open\" }}]");
            let mut lab = Lab::new(one("", &hosts));
            for n in 1..=6 {
                lab.send(&syn(port));
                assert_eq!(
                    lab.hear_by(lab.now).is_some(),
                    n >= first,
                    "SYN {n} of port {port}"
                );
            }
            // Every port counts for itself.
            lab.send(&syn(port + 10));
            assert_eq!(lab.hear_by(lab.now).is_some(), first == 1);
        }
    }
}

#[test]
fn a_quiet_world_has_nothing_to_come() {
    let mut lab = Lab::new(one("", "otherwise = { is = \"dropped\" }"));
    assert_eq!(lab.world.next_at(), None);
    lab.send(&syn(1));
    assert!(lab.silent_for(1));
    assert_eq!(lab.world.next_at(), None);
}

#[test]
fn what_was_on_the_wire_is_counted() {
    let mut lab = Lab::new(one("", ""));
    lab.send(&syn(1));
    lab.send(&syn(2));
    lab.world.send(lab.now, b"not a packet");
    assert_eq!(lab.all_by(ms(10)).len(), 2);
    let wire = lab.world.wire();
    assert_eq!(
        (wire.syns, wire.sent, wire.received, wire.strays),
        (2, 3, 2, 0)
    );
}
