//! Whole paths, played: what is said of a port holds, whatever the path does to the packets.

use super::sim::{Act, Boxed, Path, Run, host, router, run};
use super::*;
use crate::grade::Suspicion;
use crate::scope::Limits;

mod hostile;

fn locate(path: &Path, ports: &[u16]) -> Run {
    let sought = sought(ports, &[443, 80, 22, 40_001, 51_234]);
    run(&mut Locate::new(&sought, &Settings::default()), path)
}

fn sought(ports: &[u16], compared: &[u16]) -> Vec<Sought> {
    let ports: Vec<(Address, u16)> = ports.iter().map(|&p| (host(), p)).collect();
    Sought::by_host(&ports, compared)
}

fn one(path: &Path, port: u16) -> Located {
    locate(path, &[port]).found.remove(0).0
}

fn boxed(hop: u8, act: Act) -> Boxed {
    Boxed {
        hop,
        bridge: false,
        act,
        ports: (1000, 1999),
    }
}

/// What is wrong with what is said; `None` if all of it holds.
fn wrong(path: &Path, found: &Located) -> Option<&'static str> {
    let (truth, hop, act) = path.truth(found.port);
    let kind = matches!(
        (act, found.answer),
        (Act::Accept, Answer::Accepted)
            | (Act::Reset, Answer::Reset)
            | (Act::Reject, Answer::Rejected(_))
            | (Act::Drop, Answer::Silent)
    );
    let far = found.host.at_least > path.host || found.host.exact.is_some_and(|e| e != path.host);
    match found.by {
        _ if !kind => Some("another answer"),
        _ if !found.place.holds(hop) => Some("another place"),
        By::Host if truth.is_some() => Some("it is not the host"),
        By::Firewall if truth.is_none() => Some("it is the host"),
        By::Behind => Some("nothing is behind"),
        _ if far => Some("the host is not there"),
        _ => None,
    }
}

/// Paths as the goal has them: 1 to 12 hops, 5 % loss each way, rationed errors, silent routers, a box
/// somewhere that does anything.
fn path_of(seed: u64) -> (Path, u16) {
    let draw = |what: u64, below: u64| crate::order::mix(seed, what) % below;
    let host = 1 + draw(1, 12) as u8;
    let acts = [Act::Accept, Act::Reset, Act::Reject, Act::Drop];
    let act = |n: u64| acts[n as usize];
    let has_box = host > 1 && draw(2, 4) > 0;
    let boxed = has_box.then(|| Boxed {
        hop: 1 + draw(3, u64::from(host) - 1) as u8,
        bridge: draw(4, 3) == 0,
        act: act(draw(5, 4)),
        ports: (1000, 1999),
    });
    let silent = (1..host).filter(|&hop| draw(20 + u64::from(hop), 8) == 0);
    let path = Path {
        seed,
        loss: 3277,
        rtt: Duration::from_millis(2 + draw(6, 200)),
        jitter: Duration::from_millis(draw(7, 20)),
        rationed: true,
        silent: silent.collect(),
        boxed,
        open: [vec![22], vec![80, 443], vec![22, 1500], vec![]][draw(8, 4) as usize].clone(),
        otherwise: acts[1 + draw(9, 3) as usize],
        initial: [64, 128, 255][draw(10, 3) as usize],
        ..Path::quiet(host)
    };
    (path, if draw(11, 4) == 0 { 80 } else { 1500 })
}

#[test]
fn what_is_said_holds_on_three_thousand_lossy_paths() {
    let seeds = 3_000;
    let mut vague = 0;
    for seed in 0..seeds {
        let (path, port) = path_of(seed);
        let (found, took) = locate(&path, &[port]).found.remove(0);
        assert_eq!(
            wrong(&path, &found),
            None,
            "seed {seed}: {path:?}\n{found:#?}"
        );
        assert!(took <= Duration::from_secs(5), "seed {seed}: {took}");
        // A place without an end says little, unless nothing else answers.
        vague += u64::from(found.place.until.is_none() && path.otherwise != Act::Drop);
    }
    assert!(vague * 100 <= seeds, "{vague} of {seeds} have no end");
}

#[test]
fn without_loss_every_place_is_as_narrow_as_it_can_be() {
    for host in 2..=12 {
        for hop in 1..host {
            let with = |act| Path {
                boxed: Some(boxed(hop, act)),
                ..Path::quiet(host)
            };
            let found = one(&with(Act::Reject), 1500);
            assert_eq!(
                (found.by, found.place),
                (By::Firewall, Place::at(hop)),
                "{hop} of {host}"
            );
            let found = one(&with(Act::Drop), 1500);
            let between = Place {
                after: hop,
                until: Some(hop + 1),
            };
            assert_eq!(
                (found.answer, found.place),
                (Answer::Silent, between),
                "{hop} of {host}"
            );
            for act in [Act::Reset, Act::Accept] {
                let found = one(&with(act), 1500);
                assert_eq!(found.by, By::Firewall, "{hop} of {host}");
                assert!(
                    found.place == between || found.place == Place::at(hop),
                    "{found:?}"
                );
                assert_eq!(found.host.exact, Some(host));
            }
        }
        for port in [22, 1500] {
            let found = one(&Path::quiet(host), port);
            assert_eq!((found.by, found.place), (By::Host, Place::at(host)));
            let heard: Vec<u8> = found.hops.iter().map(|hop| hop.distance).collect();
            assert_eq!(heard, (1..host).collect::<Vec<_>>());
            assert_eq!(found.speaker(1), Some(router(1)));
        }
    }
}

#[test]
fn a_port_that_the_host_passes_on_is_answered_behind_it() {
    let path = Path {
        passed_on: Some(80),
        ..Path::quiet(5)
    };
    let found = one(&path, 80);
    assert_eq!((found.by, found.host.exact), (By::Behind, Some(5)));
    assert_eq!(found.place.until, Some(6));
    // What the host itself answers is not taken for a firewall's, though SYNs to port 80 go farther.
    let other = one(&path, 22);
    assert_eq!((other.by, other.host.exact), (By::Host, Some(5)));
}

#[test]
fn paths_of_different_lengths_are_uncertain_and_never_a_firewall() {
    let mut contradicts = 0;
    for seed in 0..200 {
        let path = Path {
            seed,
            balanced: true,
            ..Path::quiet(5)
        };
        let found = one(&path, 22);
        assert_ne!(found.by, By::Firewall, "seed {seed}: {found:?}");
        assert!(
            found.place.holds(5) || found.place.holds(6),
            "seed {seed}: {found:?}"
        );
        contradicts += u32::from(found.contradicts);
    }
    assert!(contradicts > 20, "{contradicts}");
}

#[test]
fn a_host_that_is_not_there_is_swallowed_after_the_last_router() {
    let path = Path {
        open: Vec::new(),
        otherwise: Act::Drop,
        ..Path::quiet(4)
    };
    let found = one(&path, 22);
    assert_eq!(found.answer, Answer::Silent);
    assert_eq!(
        found.place,
        Place {
            after: 3,
            until: None
        }
    );
    assert_eq!(found.host.at_least, 4);
}

#[test]
fn never_more_in_flight_nor_of_a_router_than_allowed() {
    let mut most = 0;
    for seed in 0..200 {
        let (path, _) = path_of(seed);
        let ports: Vec<u16> = (1_490..1_510).chain([22, 80]).collect();
        let played = locate(&path, &ports);
        assert_eq!(played.found.len(), 22);
        assert!(played.most_inflight <= MOST_INFLIGHT, "seed {seed}");
        most = most.max(played.most_inflight);
    }
    assert!(most >= 10, "{most}");
}

#[test]
fn routers_are_asked_for_six_errors_at_once_and_one_a_second() {
    let path = Path {
        otherwise: Act::Drop,
        open: Vec::new(),
        ..Path::quiet(8)
    };
    let ports: Vec<u16> = (1..=40).collect();
    let played = locate(&path, &ports);
    let at_one: Vec<Instant> = played
        .sent
        .iter()
        .filter(|s| s.1 == 1)
        .map(|s| s.0)
        .collect();
    assert!(at_one.len() >= 40);
    for (i, first) in at_one.iter().enumerate() {
        let within = at_one[i..]
            .iter()
            .filter(|t| t.since(*first) < Duration::from_secs(10));
        assert!(within.count() <= 16, "from {first:?}");
    }
}

#[test]
fn a_rate_is_kept() {
    let settings = Settings {
        rate: Some(10),
        not_before: Duration::from_secs(1),
        ..Settings::default()
    };
    let mut locate = Locate::new(&sought(&[1500], &[443, 80, 22]), &settings);
    let played = run(&mut locate, &Path::quiet(6));
    assert_eq!(locate.attempts(), played.sent.len() as u64);
    assert!(played.sent[0].0 >= Instant::ZERO + Duration::from_secs(1));
    for (i, (first, _)) in played.sent.iter().enumerate() {
        let within = played.sent[i..]
            .iter()
            .filter(|s| s.0.since(*first) < Duration::from_secs(1));
        assert!(within.count() <= 10, "from {first:?}");
    }
    assert_eq!(played.found[0].0.by, By::Host);
}

#[test]
fn no_more_are_under_way_than_asked_for() {
    for (most, seen) in [(Some(0), 1), (Some(3), 3)] {
        let mut locate = Locate::new(&sought(&[1500, 22], &[443, 80]), &Settings::default());
        locate.keep_within(Limits {
            max_inflight: most,
            ..Limits::default()
        });
        let (mut now, mut flying, mut peak) = (Instant::ZERO, Vec::new(), 0);
        loop {
            match locate.poll(now) {
                Step::Connect { id, .. } => flying.push(id),
                Step::Abort(id) => {
                    flying.retain(|flies| *flies != id);
                    locate.handle(now, id, Outcome::ABORTED);
                }
                Step::Report(_) => {}
                Step::Done => break,
                Step::Wait(until) => {
                    now = until.expect("a moment to go on at");
                    locate.harvested(now);
                }
            }
            peak = peak.max(flying.len());
        }
        assert_eq!(peak, seen);
    }
}

#[test]
fn what_a_time_limit_leaves_is_untested() {
    let settings = Settings {
        max_time: Some(Duration::from_millis(2_500)),
        ..Settings::default()
    };
    let mut locate = Locate::new(&sought(&[1500, 1501, 1502], &[443]), &settings);
    let mut path = Path::quiet(6);
    path.boxed = Some(boxed(3, Act::Drop));
    let played = run(&mut locate, &path);
    let answers: Vec<_> = played.found.iter().map(|found| found.0.answer).collect();
    assert_eq!(answers.last(), Some(&Answer::Untested(Reason::TimeLimit)));
    assert_eq!(answers.len(), 3);
    let last = played.sent.last().unwrap().0;
    assert!(last < Instant::ZERO + Duration::from_millis(2_500));
}

#[test]
fn a_syn_ack_from_nearer_speaks_against_a_port() {
    let mut path = Path::quiet(6);
    path.boxed = Some(boxed(2, Act::Accept));
    let forged = one(&path, 1500);
    assert_eq!(forged.suspicion(), Some(Suspicion::Nearer));
    assert_eq!(one(&path, 22).suspicion(), None);
    path.boxed = Some(boxed(2, Act::Reset));
    assert_eq!(one(&path, 1500).suspicion(), None);
}

#[test]
fn ports_are_sought_host_by_host_and_once() {
    let pairs = [(host(), 22), (router(1), 80), (host(), 443), (host(), 22)];
    let hosts = Sought::by_host(&pairs, &[9]);
    let ports: Vec<_> = hosts.iter().map(|h| (h.address, h.ports.clone())).collect();
    assert_eq!(ports, [(host(), vec![22, 443]), (router(1), vec![80])]);
    let nothing = Sought {
        address: host(),
        ports: Vec::new(),
        compared: vec![9],
    };
    let mut locate = Locate::new(&[nothing], &Settings::default());
    assert_eq!(locate.poll(Instant::ZERO), Step::Done);
}

#[test]
fn the_same_seed_gives_the_same_steps() {
    for seed in 0..20 {
        let (path, port) = path_of(seed);
        assert_eq!(locate(&path, &[port]).log, locate(&path, &[port]).log);
    }
}
