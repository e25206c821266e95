//! ICMP and ICMPv6: who says what, what is quoted, and how often.

use super::*;
use crate::scenario::Path;

type Number = (u8, u8);

/// The names of ICMP errors, with IPv4's and IPv6's type and code: RFC 792, RFC 1812 (section 5.2.7.1), RFC 4443 (section 3).
const NAMES: [(&str, Number, Number); 8] = [
    ("net-unreach", (3, 0), (1, 0)),
    ("host-unreach", (3, 1), (1, 3)),
    ("proto-unreach", (3, 2), (4, 1)),
    ("port-unreach", (3, 3), (1, 4)),
    ("net-prohibited", (3, 9), (1, 5)),
    ("host-prohibited", (3, 10), (1, 6)),
    ("admin-prohibited", (3, 13), (1, 1)),
    ("time-exceeded", (11, 0), (3, 0)),
];

fn icmp(heard: Option<Heard>) -> (IpAddr, u8, (u8, u8), Vec<u8>) {
    match heard {
        Some(Heard::Icmp(from, ttl, number, quote)) => (from, ttl, number, quote),
        other => panic!("no ICMP: {other:?}"),
    }
}

/// The quoted packet is the one that was sent, but for its time to live, and sound.
fn assert_quotes(quote: &[u8], sent: &Segment, ttl: u8) {
    let quoted = Segment::parse(quote).expect("the whole segment is quoted, and sound");
    assert_eq!(
        quoted,
        Segment {
            ttl,
            ..sent.clone()
        }
    );
}

#[test]
fn every_hop_answers_in_its_own_name_when_a_packet_dies_there() {
    for to in [target(80), target6(80)] {
        for ttl in 1..=6_u8 {
            let mut lab = Lab::new(one("hops = 5\nsilent_hops = [2]", ""));
            let mut syn = syn_to(to, 40_000);
            syn.ttl = ttl;
            lab.send(&syn);
            let heard = lab.hear();
            match ttl {
                2 => assert!(heard.is_none()),
                6 => assert!(heard.unwrap().segment().rst),
                _ => {
                    let (from, arrives_with, number, quote) = icmp(heard);
                    assert_eq!(from, Path::router(0, ttl, to.is_ipv6()));
                    assert_eq!(arrives_with, 64 - (ttl - 1));
                    assert_eq!(number, if to.is_ipv6() { (3, 0) } else { (11, 0) });
                    assert_quotes(&quote, &syn, 1);
                }
            }
        }
    }
}

#[test]
fn routers_have_addresses_of_their_own() {
    let mut all = std::collections::BTreeSet::new();
    for v6 in [false, true] {
        for path in 0..crate::scenario::MOST_PATHS {
            for hop in 2..=crate::scenario::MOST_HOPS {
                assert!(all.insert(Path::router(path, hop, v6)), "{path} {hop}");
            }
        }
        // The nearest is the scanner's gateway on every path.
        assert!(all.insert(Path::router(3, 1, v6)));
        assert_eq!(Path::router(3, 1, v6), Path::router(0, 1, v6));
    }
}

#[test]
fn every_error_comes_from_hop_and_host_with_its_type_and_code() {
    for (at, place, quoted_ttl, arrives_with) in [("at = 2", 2, 63, 63), ("", 4, 61, 61)] {
        for (name, v4, v6) in NAMES {
            let hosts = format!("otherwise = {{ is = \"rejected\", icmp = \"{name}\", {at} }}")
                .replace(", }", " }");
            let mut lab = Lab::new(one("hops = 3", &hosts));
            for to in [target(80), target6(80)] {
                let sent = syn_to(to, 40_000);
                lab.send(&sent);
                let (from, ttl, number, quote) = icmp(lab.hear());
                assert_eq!(number, if to.is_ipv6() { v6 } else { v4 }, "{name}");
                let speaker = if place == 4 {
                    to.ip()
                } else {
                    Path::router(0, place, to.is_ipv6())
                };
                assert_eq!((from, ttl), (speaker, arrives_with));
                assert_quotes(&quote, &sent, quoted_ttl);
            }
        }
    }
}

#[test]
fn any_type_and_code_can_be_said() {
    for number in [
        (3, 4),
        (3, 200),
        (5, 1),
        (0, 0),
        (8, 0),
        (11, 1),
        (12, 0),
        (128, 0),
        (129, 0),
        (2, 0),
        (255, 255),
    ] {
        let hosts = format!(
            "otherwise = {{ is = \"rejected\", icmp = \"{}/{}\" }}",
            number.0, number.1
        );
        let mut lab = Lab::new(one("", &hosts));
        for to in [target(80), target6(80)] {
            lab.send(&syn_to(to, 40_000));
            let bytes = loop {
                if let Some(packet) = lab.world.receive(lab.now) {
                    break packet.bytes;
                }
            };
            let header = if to.is_ipv6() { 40 } else { 20 };
            assert_eq!((bytes[header], bytes[header + 1]), number);
            // The sum over everything, its own field included, is all ones (RFC 1071; RFC 4443 adds the addresses).
            if to.is_ipv6() {
                assert_eq!(
                    sum(&[&bytes[8..40], &[0, 0], &bytes[4..6], &[0, 58], &bytes[40..]].concat()),
                    0xffff
                );
            } else {
                assert_eq!(sum(&bytes[20..]), 0xffff);
                assert_eq!(sum(&bytes[..20]), 0xffff);
            }
        }
    }
}

/// The one's complement sum of RFC 1071.
fn sum(bytes: &[u8]) -> u16 {
    let words = bytes
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0)));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

#[test]
fn a_quote_is_bounded() {
    for (to, most) in [(target(80), 576), (target6(80), 1_280)] {
        let mut lab = Lab::new(one("hops = 1", ""));
        let mut long = syn_to(to, 40_000);
        (long.syn, long.ack, long.ttl) = (false, true, 1);
        long.payload = vec![b'x'; 1_400];
        lab.world.send(lab.now, &long.bytes());
        let packet = lab.world.receive(lab.now).unwrap();
        assert_eq!(packet.bytes.len(), most);
        // What Linux needs to find the socket: both ports and the number.
        let header = if to.is_ipv6() { 40 } else { 20 };
        let quoted = &packet.bytes[header + 8..];
        assert_eq!(quoted[header..header + 8], long.bytes()[header..header + 8]);
    }
}

#[test]
fn padding_of_the_link_is_not_quoted() {
    for to in [target(80), target6(80)] {
        let mut lab = Lab::new(one("hops = 1", ""));
        let mut syn = syn_to(to, 40_000);
        syn.ttl = 1;
        let length = syn.bytes().len();
        lab.world
            .send(lab.now, &[&syn.bytes()[..], &[0; 6]].concat());
        let packet = lab.world.receive(lab.now).unwrap();
        let header = if to.is_ipv6() { 40 } else { 20 };
        assert_eq!(packet.bytes.len(), header + 8 + length);
    }
}

#[test]
fn at_one_hop_expiry_comes_before_the_filter_and_the_filter_before_the_proxy() {
    let hosts = "proxy = { hop = 3 }\nports = [{ ports = \"1\", is = \"rejected\", icmp = \"3/13\", at = 3 }, \
                 { ports = \"2\", is = \"open\" }, { ports = \"3\", is = \"rejected\", icmp = \"3/13\", at = 4 }, \
                 { ports = \"4\", is = \"reset\", at = 2 }]";
    let ask = |port, ttl| {
        let mut lab = Lab::new(one("hops = 4", hosts));
        let mut syn = syn(port);
        syn.ttl = ttl;
        lab.send(&syn);
        lab.hear().unwrap()
    };
    assert_eq!(icmp(Some(ask(1, 3))).2, (11, 0));
    assert_eq!(icmp(Some(ask(1, 4))).2, (3, 13));
    assert_eq!(icmp(Some(ask(2, 3))).2, (11, 0));
    assert!(ask(2, 4).segment().syn);
    assert!(
        ask(3, 64).segment().syn,
        "the proxy answers before what filters behind it"
    );
    let reset = ask(4, 64).segment();
    assert!(reset.rst && reset.ttl == 63);
}

#[test]
fn answers_arrive_with_what_is_left_of_64() {
    let mut lab = Lab::new(one(
        "hops = 9",
        "ports = [{ ports = \"7\", is = \"open\" }]",
    ));
    assert_eq!(lab.knock(1).unwrap().segment().ttl, 55);
    assert_eq!(lab.knock(7).unwrap().segment().ttl, 55);
    let mut lab = Lab::new(one("", ""));
    assert_eq!(lab.knock(1).unwrap().segment().ttl, 64);
}

#[test]
fn a_packet_with_nothing_left_to_live_comes_to_a_neighbour_and_dies_at_the_first_hop() {
    let mut syn = syn(1);
    syn.ttl = 0;
    let mut lab = Lab::new(one("", ""));
    lab.send(&syn);
    assert!(lab.segment().rst);
    let mut lab = Lab::new(one("hops = 2", ""));
    lab.send(&syn);
    let (from, _, number, quote) = icmp(lab.hear());
    assert_eq!((from, number), (Path::router(0, 1, false), (11, 0)));
    assert_quotes(&quote, &syn, 0);
}

#[test]
fn absence_is_told_after_three_seconds_by_the_last_router_or_not_at_all() {
    let absent = "alive = 0.0\nabsent = \"host-unreachable\"";
    for to in [target(80), target6(80)] {
        let mut lab = Lab::new(one("hops = 4\nrtt = \"100ms\"", absent));
        let sent = syn_to(to, 40_000);
        lab.send(&sent);
        let (from, ttl, number, quote) = icmp(lab.hear());
        assert_eq!(lab.now.as_millis(), 3_080);
        assert_eq!((from, ttl), (Path::router(0, 4, to.is_ipv6()), 61));
        assert_eq!(number, if to.is_ipv6() { (1, 3) } else { (3, 1) });
        assert_quotes(&quote, &sent, 61);
    }
    let mut lab = Lab::new(one("hops = 4", "alive = 0.0"));
    assert!(lab.knock(80).is_none());
}

#[test]
fn an_address_that_no_group_speaks_for_is_silent_and_a_stray() {
    let mut lab = Lab::new(one("hops = 2", ""));
    lab.send(&syn_to(SocketAddr::from(([192, 0, 2, 1], 80)), 40_000));
    assert!(lab.silent_for(100));
    assert_eq!((lab.world.wire().syns, lab.world.wire().strays), (1, 1));
    lab.send(&syn(1_001));
    lab.send(&syn(1_000));
    assert_eq!((lab.world.wire().syns, lab.world.wire().strays), (3, 2));
}

#[test]
fn a_router_says_no_more_than_it_may() {
    // As Linux: six at once and then one a second to one peer.
    let path = "hops = 3\nicmp_limit = { per_peer = { per_second = 1, burst = 6 } }";
    let mut lab = Lab::new(one(
        path,
        "otherwise = { is = \"rejected\", icmp = \"3/13\", at = 2 }",
    ));
    assert_eq!(heard_of(&mut lab, 10, 0), 6);
    // The other routers have allowances of their own.
    let mut dying = syn(1);
    dying.ttl = 1;
    lab.send(&dying);
    assert_eq!(icmp(lab.hear()).2, (11, 0));
    for _ in 0..5 {
        lab.now += Duration::from_millis(999);
        assert_eq!(heard_of(&mut lab, 3, 0), 0);
        lab.now += Duration::from_millis(1);
        assert_eq!(heard_of(&mut lab, 3, 0), 1);
    }
    lab.now += Duration::from_secs(60);
    assert_eq!(heard_of(&mut lab, 10, 0), 6);
}

#[test]
fn small_steps_of_time_make_whole_allowances() {
    let path = "hops = 1\nicmp_limit = { per_peer = { per_second = 1, burst = 1 } }";
    let mut lab = Lab::new(one(
        path,
        "otherwise = { is = \"rejected\", icmp = \"3/13\", at = 1 }",
    ));
    assert_eq!(heard_of(&mut lab, 1, 0), 1);
    for _ in 0..9 {
        assert_eq!(heard_of(&mut lab, 1, 100), 0);
    }
    assert_eq!(heard_of(&mut lab, 1, 100), 1);
}

#[test]
fn the_narrower_of_two_limits_counts_and_neither_is_used_up_by_the_other() {
    let path = "hops = 1\nicmp_limit = { per_peer = { per_second = 100, burst = 5 }, in_all = { per_second = 1, burst = 3 } }";
    let hosts = "otherwise = { is = \"rejected\", icmp = \"3/13\", at = 1 }";
    let mut lab = Lab::new(one(path, hosts));
    assert_eq!(heard_of(&mut lab, 10, 0), 3);
    lab.now += Duration::from_secs(1);
    assert_eq!(heard_of(&mut lab, 10, 0), 1);
}

#[test]
fn hosts_have_limits_of_their_own_each() {
    let hosts = "icmp_limit = { per_peer = { per_second = 1, burst = 6 }, in_all = { per_second = 1000, burst = 50 } }\n\
                 otherwise = { is = \"rejected\", icmp = \"port-unreach\" }";
    let mut lab = Lab::new(one("", hosts));
    assert_eq!(heard_of(&mut lab, 20, 0), 6);
    lab.send(&syn_to(SocketAddr::from(([198, 18, 0, 8], 1)), 40_000));
    assert!(lab.hear_by(lab.now).is_some());
    lab.now += Duration::from_secs(2);
    assert_eq!(heard_of(&mut lab, 20, 0), 2);
}

#[test]
fn what_is_said_late_does_not_refill_an_allowance() {
    let path = "hops = 1\nicmp_limit = { per_peer = { per_second = 1, burst = 2 } }";
    let mut lab = Lab::new(one(path, "alive = 0.0\nabsent = \"host-unreachable\""));
    let mut dying = syn(1);
    dying.ttl = 1;
    let mut heard = 0;
    for _ in 0..100 {
        lab.send(&dying);
        lab.send(&syn(1));
        lab.now += Duration::from_millis(100);
        heard += lab.all_by(lab.now).len();
    }
    // Ten seconds: two at once and one a second.
    assert!((11..=12).contains(&heard), "{heard}");
}

/// Sends so many SYNs to ports of their own, each after so many milliseconds, and counts the errors that come at once.
fn heard_of(lab: &mut Lab, syns: u16, after: u64) -> usize {
    (0..syns)
        .filter(|n| {
            lab.now += Duration::from_millis(after);
            lab.send(&syn(n + 1));
            lab.hear_by(lab.now).is_some()
        })
        .count()
}

#[test]
fn an_echo_is_answered_by_who_is_there() {
    for to in [target(0).ip(), target6(0).ip()] {
        let mut lab = Lab::new(one("hops = 2\nrtt = \"10ms\"", ""));
        let request = echo_request(to, 64);
        lab.world.send(lab.now, &request);
        let (from, ttl, number, payload) = icmp(lab.hear());
        assert_eq!((from, ttl, lab.now), (to, 62, ms(10)));
        assert_eq!(number, if to.is_ipv6() { (129, 0) } else { (0, 0) });
        assert_eq!(payload, b"are you there?");
        // Nobody answers what is broken, or dies on the way, or where nobody is.
        let mut broken = request.clone();
        *broken.last_mut().unwrap() ^= 1;
        lab.world.send(lab.now, &broken);
        lab.world.send(lab.now, &echo_request(to, 2));
        assert!(lab.silent_for(10));
        let mut lab = Lab::new(one("", "alive = 0.0"));
        lab.world.send(lab.now, &request);
        assert!(lab.silent_for(10));
    }
}

pub(super) fn echo_request(to: IpAddr, ttl: u8) -> Vec<u8> {
    let payload = b"are you there?";
    let builder = match to {
        IpAddr::V4(to) => etherparse::PacketBuilder::ipv4(SCANNER_V4.octets(), to.octets(), ttl)
            .icmpv4_echo_request(1, 2),
        IpAddr::V6(to) => {
            let builder = etherparse::PacketBuilder::ipv6(SCANNER_V6.octets(), to.octets(), ttl)
                .icmpv6_echo_request(1, 2);
            let mut bytes = Vec::new();
            builder.write(&mut bytes, payload).unwrap();
            return bytes;
        }
    };
    let mut bytes = Vec::new();
    builder.write(&mut bytes, payload).unwrap();
    bytes
}
