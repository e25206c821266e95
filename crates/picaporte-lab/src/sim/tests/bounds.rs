//! Every table of the world has a bound. Each is reached here, and what happens then is what is said beside it.

use super::*;
use crate::sim::MOST_IN_FLIGHT;
use crate::sim::by_port::MOST_COUNTED;
use crate::sim::limits::MOST_ENTRIES;
use crate::sim::people::{MOST_CONNECTIONS, MOST_HELD, MOST_HOSTS};
use crate::sim::tcp::MOST_WAITING;

fn host(n: usize) -> SocketAddr {
    let [.., high, low] = (n as u32).to_be_bytes();
    SocketAddr::from(([198, 18, high, low], 1))
}

#[test]
fn connections_beyond_the_most_are_not_made_and_others_go_on() {
    let mut lab = Lab::new(one(
        "",
        "ports = [{ ports = \"1-10\", is = \"open\", echoes = true }]",
    ));
    let mut clients: Vec<Client> = (0..MOST_CONNECTIONS)
        .map(|n| lab.connect_with(&syn_to(host(n), 40_000)))
        .collect();
    assert_eq!(lab.world.people.count(), MOST_CONNECTIONS);
    lab.send(&syn_to(host(MOST_CONNECTIONS), 40_000));
    assert!(lab.silent_for(10));
    lab.send(&clients[0].says(b"still here"));
    assert_eq!(lab.segment().payload, b"still here");
    lab.send(&clients[1].rst());
    lab.connect_with(&syn_to(host(MOST_CONNECTIONS), 40_000));
    assert_eq!(lab.world.people.count(), MOST_CONNECTIONS);
}

#[test]
fn a_proxy_joins_no_more_than_the_most_connections() {
    let mut lab = Lab::new(one(
        "hops = 1",
        "proxy = { hop = 1 }\nports = [{ ports = \"1\", is = \"open\" }]",
    ));
    for n in 0..MOST_CONNECTIONS + 20 {
        lab.connect_with(&syn_to(host(n), 40_000));
        lab.all_by(lab.now);
    }
    assert_eq!(lab.world.people.count(), MOST_CONNECTIONS);
}

#[test]
fn half_open_handshakes_go_by_themselves_and_so_do_their_alarms() {
    let mut lab = Lab::new(one("", "ports = [{ ports = \"1\", is = \"open\" }]"));
    for n in 0..MOST_CONNECTIONS * 2 {
        lab.send(&syn_to(host(n), 40_000));
        lab.send(&syn_to(host(n), 40_000));
    }
    assert_eq!(
        lab.world.people.counts(),
        (MOST_CONNECTIONS, MOST_CONNECTIONS, 0)
    );
    lab.all_by(ms(70_000));
    assert_eq!(lab.world.people.counts(), (0, 0, 0));
    assert_eq!(lab.world.next_at(), None);
}

#[test]
fn a_connection_has_one_alarm_whatever_it_is_sent() {
    let mut lab = Lab::new(one(
        "",
        "ports = [{ ports = \"7\", is = \"open\", echoes = true }]",
    ));
    let mut client = lab.connect(7);
    for _ in 0..1_000 {
        lab.send(&client.says(b"x"));
        lab.send(&client.ack());
        lab.send(&syn(7));
    }
    assert_eq!(lab.world.people.counts().1, 1);
    lab.send(&client.rst());
    // And none of one that is gone.
    lab.all_by(lab.now);
    let mut client = lab.connect(7);
    for _ in 0..1_000 {
        lab.send(&client.says(b"x"));
        lab.send(&client.rst());
        lab.all_by(lab.now);
        client = lab.connect(7);
    }
    lab.all_by(lab.now);
    assert_eq!(lab.world.people.counts().1, 0);
    assert_eq!(lab.world.agenda.len(), 0);
}

#[test]
fn bytes_held_for_clients_that_do_not_read_are_bounded() {
    let mut lab = Lab::new(one(
        "",
        "ports = [{ ports = \"1\", is = \"open\", echoes = true }, { ports = \"2\", is = \"open\", says = \"hello\" }]",
    ));
    for n in 0..MOST_HELD / MOST_WAITING + 3 {
        let mut client = lab.connect_with(&syn_to(host(n), 40_000));
        client.plain.window = 0;
        for _ in 0..MOST_WAITING / 1_024 + 5 {
            lab.send(&client.says(&[b'x'; 1_024]));
        }
        lab.all_by(lab.now);
    }
    let held = lab.world.people.counts().2;
    assert!((MOST_HELD..MOST_HELD + 1_024).contains(&held), "{held}");
    // Nobody new who would be told something; who would not, is taken in.
    lab.send(&syn(2));
    assert!(lab.hear_by(lab.now).is_none());
    lab.send(&syn(1));
    assert!(lab.hear_by(lab.now).is_some());
    // In the end they are given up, and all is free again.
    lab.all_by(ms(3_600_000));
    assert_eq!(lab.world.people.counts().2, 0);
    assert!(lab.knock(2).is_some());
}

#[test]
fn hosts_are_counted_up_to_the_most_and_forgotten_when_that_changes_nothing() {
    let mut lab = Lab::new(one("", "rst_limit = { per_second = 1, burst = 1 }"));
    let answered = |lab: &mut Lab, n: usize| {
        lab.send(&syn_to(host(n), 40_000));
        lab.hear_by(lab.now).is_some()
    };
    for n in 0..MOST_HOSTS {
        assert!(answered(&mut lab, n) && !answered(&mut lab, n));
    }
    // All are used up, so none is forgotten, and one more is not limited.
    for _ in 0..3 {
        assert!(answered(&mut lab, MOST_HOSTS));
    }
    assert_eq!(lab.world.people.counted().0, MOST_HOSTS);
    assert!(!answered(&mut lab, 0), "who is counted stays limited");
    lab.now += Duration::from_secs(1);
    assert!(answered(&mut lab, MOST_HOSTS) && !answered(&mut lab, MOST_HOSTS));
    assert_eq!(lab.world.people.counted().0, 1);
}

#[test]
fn listen_queues_are_forgotten_when_they_are_empty() {
    let mut lab = Lab::new(one(
        "",
        "listen_queue = { length = 2, per_second = 1 }\nports = [{ ports = \"1\", is = \"open\" }]",
    ));
    for n in 0..MOST_HOSTS * 3 {
        let client = lab.connect_with(&syn_to(host(n), 40_000));
        lab.send(&client.rst());
        lab.now += Duration::from_millis(10);
    }
    assert!(lab.world.people.counted().0 <= MOST_HOSTS);
}

#[test]
fn syns_are_counted_for_so_many_ports_and_the_others_notice_the_first() {
    let mut lab = Lab::new(one("", "answers_from = 2"));
    for n in 0..MOST_COUNTED {
        lab.send(&syn_to(host(n), 40_000));
    }
    assert!(lab.hear_by(lab.now).is_none());
    lab.send(&syn_to(host(MOST_COUNTED), 40_000));
    assert!(lab.hear_by(lab.now).is_some());
    lab.send(&syn_to(host(0), 40_000));
    assert!(lab.hear_by(lab.now).is_some());
    assert_eq!(lab.world.people.counted().1, MOST_COUNTED);
}

#[test]
fn packets_in_flight_are_bounded_and_the_loss_is_told() {
    for path in ["rtt = \"10s\"", "rtt = \"0s\""] {
        let mut lab = Lab::new(one(path, ""));
        for n in 0..MOST_IN_FLIGHT + 100 {
            lab.send(&syn_to(host(n), 40_000));
        }
        assert!(lab.world.agenda.len() + lab.world.ready.len() <= MOST_IN_FLIGHT);
        assert!(lab.world.overflowed() >= 99, "{}", lab.world.overflowed());
        let heard = lab.all_by(ms(60_000)).len();
        assert_eq!(
            heard as u64 + lab.world.overflowed(),
            MOST_IN_FLIGHT as u64 + 100
        );
    }
}

#[test]
fn a_table_has_room_for_no_more_than_the_most_entries_and_its_moments_are_theirs() {
    let mut lab = Lab::new(one(
        "hops = 1\nnat = { entries = 1000000, closed = \"0s\" }",
        "otherwise = { is = \"dropped\" }",
    ));
    for n in 0..MOST_ENTRIES + 10 {
        lab.send(&syn_to(host(n), 40_000));
    }
    assert_eq!(
        lab.world.ways.table(0).counts(),
        (MOST_ENTRIES, 0, MOST_ENTRIES)
    );
    assert_eq!(lab.world.wire().nat_refused, 10);
    // Opened and reset over and over: nothing is left behind.
    let mut lab = Lab::new(one("hops = 1\nnat = { entries = 8, closed = \"0s\" }", ""));
    for n in 0..1_000 {
        lab.now = ms(n);
        lab.send(&syn(1));
        assert!(lab.hear_by(lab.now).is_some());
    }
    assert_eq!(lab.world.wire().nat_refused, 0);
    assert!(lab.world.ways.table(0).counts().2 <= 1);
}

#[test]
fn an_ips_remembers_no_more_syns_than_it_tolerates() {
    let mut lab = Lab::new(one(
        "hops = 1\nips = { syns = 50, within = \"60min\", silences = \"1s\" }",
        "otherwise = { is = \"dropped\" }",
    ));
    for n in 0..1_000 {
        lab.now = ms(n * 100);
        lab.send(&syn(1));
        assert!(lab.hear_by(lab.now).is_none());
        assert!(lab.world.ways.remembered(0) <= 50);
    }
}
