//! Limits, outages and loss, on simulated networks: what goes unanswered because of them is asked again, and in the end every
//! port is what it is.

use super::*;
use crate::sim::{Bursts, Ips, Limit, ListenQueue, Nat, Outage};

/// A share out of 65,536 from one in so many.
pub(super) fn one_in(n: u32) -> u32 {
    65_536 / n
}

pub(super) struct Played {
    /// Ports whose reason differs from the truth.
    pub wrong: usize,
    pub counts: Counts,
    pub reports: Vec<Report>,
    pub run: sim::Run,
    pub planned: u64,
}

pub(super) fn played(targets: &[&str], ports: &str, settings: Settings, world: World) -> Played {
    let plan = plan_with(targets, ports, settings);
    let mut scan = scan(&plan);
    let (reports, _, run) = play(&mut scan, world);
    check_accounts(&plan, &scan, &reports);
    Played {
        wrong: sim::misses(&world, &reports).len(),
        counts: scan.tally().counts.clone(),
        planned: plan.planned(),
        reports,
        run,
    }
}

/// The same for many seeds of the world and of the scan.
pub(super) fn all_right(targets: &[&str], ports: &str, world: World) {
    for seed in 0..20 {
        let world = World { seed, ..world };
        let settings = Settings { seed, ..settings() };
        let played = played(targets, ports, settings, world);
        assert_eq!(played.wrong, 0, "seed {seed}: {:?}", played.counts);
        assert_eq!(played.counts.tested(), played.planned, "seed {seed}");
    }
}

#[test]
fn a_limit_on_resets_of_200_a_second_makes_nothing_filtered() {
    let world = World {
        open: one_in(100),
        delay: Duration::from_millis(5),
        rst_bucket: Some(Limit {
            per_second: 200,
            burst: 200,
        }),
        ..World::default()
    };
    all_right(&["192.0.2.1"], "1-4000", world);
}

#[test]
fn a_limit_without_a_burst_makes_nothing_filtered() {
    let world = World {
        open: one_in(100),
        delay: Duration::from_millis(20),
        rst_bucket: Some(Limit {
            per_second: 300,
            burst: 5,
        }),
        ..World::default()
    };
    all_right(&["192.0.2.1"], "1-2000", world);
}

#[test]
fn a_full_listen_queue_hides_no_open_port() {
    let world = World {
        open: 52_429,
        delay: Duration::from_millis(8),
        jitter: Duration::from_millis(1),
        listen_queue: Some(ListenQueue {
            length: 64,
            per_second: 250,
        }),
        ..World::default()
    };
    all_right(&["192.0.2.1"], "1-2500", world);
}

#[test]
fn a_full_table_of_connections_hides_nothing() {
    let world = World {
        open: one_in(20),
        delay: Duration::from_millis(25),
        jitter: Duration::from_millis(3),
        nat: Some(Nat::of(1024)),
        ..World::default()
    };
    all_right(&["192.0.2.1-2"], "1-1000", world);
}

#[test]
fn a_ban_is_waited_for_and_the_pace_is_found() {
    let world = World {
        open: one_in(20),
        delay: Duration::from_millis(20),
        ips: Some(Ips {
            syns: 100,
            within: Duration::from_secs(1),
            silences: Duration::from_secs(10),
        }),
        ..World::default()
    };
    all_right(&["192.0.2.1"], "1-1000", world);
}

#[test]
fn an_outage_of_two_seconds_changes_nothing() {
    let world = World {
        open: one_in(10),
        silent: one_in(4),
        delay: Duration::from_millis(30),
        outage: Some(Outage {
            from: Duration::from_millis(150),
            lasts: Duration::from_secs(2),
            every: None,
        }),
        ..World::default()
    };
    all_right(&["192.0.2.1-4"], "1-1000", world);
}

#[test]
fn bursts_of_loss_change_nothing() {
    let bursts = Bursts {
        share: one_in(20),
        mean: 50,
    };
    let world = World {
        open: one_in(8),
        delay: Duration::from_millis(60),
        bursts_there: Some(bursts),
        ..World::default()
    };
    all_right(&["192.0.2.1-2"], "1-2000", world);
}

#[test]
fn rationed_rejects_are_a_policy_and_not_a_loss() {
    let world = World {
        open: one_in(50),
        rejected: 60_000,
        delay: Duration::from_millis(12),
        icmp_bucket: Some(Limit {
            per_second: 1,
            burst: 6,
        }),
        ..World::default()
    };
    let played = played(&["192.0.2.1-3"], "1-1000", settings(), world);
    let asked = verdicts(&played.reports);
    let silent = asked.values().filter(|v| v.reason == Reason::NoResponse);
    assert!(silent.clone().count() > 2000);
    assert!(silent.into_iter().all(|v| v.attempts <= 3));
    assert!(played.run.elapsed < Duration::from_secs(5));
    // How many ports gave which error, and from where.
    for report in &played.reports {
        if let Report::Host(host) = report {
            let (icmp, ports) = host.rejects[0];
            assert_eq!((icmp.kind, icmp.code), (3, 13));
            assert_eq!(u64::from(ports), host.counts.of(Reason::AdminProhibited));
            assert!(ports >= 6);
        }
    }
}

#[test]
fn a_host_that_bans_for_good_is_said_to() {
    let world = World {
        delay: Duration::from_millis(20),
        ips: Some(Ips {
            syns: 100,
            within: Duration::from_secs(1),
            silences: HOUR,
        }),
        ..World::default()
    };
    let played = played(&["192.0.2.1"], "1-1000", settings(), world);
    assert_eq!(played.wrong, 0);
    assert!(played.counts.of(Reason::HostBanned) > 850);
    assert_eq!(played.counts.in_state(State::Filtered), 0);
    assert!(played.run.elapsed < Duration::from_secs(40));
}

#[test]
fn a_path_that_stays_down_is_said_to() {
    let world = World {
        delay: Duration::from_millis(30),
        outage: Some(Outage {
            from: Duration::from_millis(150),
            lasts: HOUR,
            every: None,
        }),
        ..World::default()
    };
    let played = played(&["192.0.2.1-4"], "1-20000", settings(), world);
    assert_eq!(played.wrong, 0);
    assert!(
        played.counts.of(Reason::PathDown) > 3000,
        "{:?}",
        played.counts
    );
    assert_eq!(played.counts.in_state(State::Filtered), 0);
    assert!(played.run.elapsed < Duration::from_secs(40));
}

#[test]
fn what_was_slowed_down_for_is_told() {
    let world = World {
        delay: Duration::from_millis(5),
        rst_bucket: Some(Limit {
            per_second: 200,
            burst: 200,
        }),
        ..World::default()
    };
    let played = played(&["192.0.2.1"], "1-4000", settings(), world);
    let slowed = played.reports.iter().find_map(|r| match r {
        Report::Host(host) => host.slowed,
        _ => None,
    });
    let slowed = slowed.unwrap();
    assert!(
        slowed.times >= 1 && (50..2000).contains(&slowed.per_second),
        "{slowed:?}"
    );
    // The ceiling is kept to, not fallen below: 4,000 ports take 19 s at 200 a second after a burst of 200.
    assert!(
        played.run.elapsed < Duration::from_secs(24),
        "{}",
        played.run.elapsed
    );
}

#[test]
fn whoever_gives_no_sign_of_life_is_left_when_that_was_asked_for() {
    let world = World {
        dead: 50_000,
        open: one_in(100),
        silent: 30_000,
        ..World::default()
    };
    let settings = Settings {
        discover: vec![80, 443, 22, 3389, 445, 8080, 21, 23],
        ..settings()
    };
    let found = played(&["192.0.2.0/25"], "1-100", settings, world);
    let silent = found.counts.of(Reason::HostSilent);
    assert!(silent > 8000 && silent.is_multiple_of(100), "{silent}");
    assert_eq!(found.wrong, 0);
    // Eight SYNs for a host that is left, and no more than twice each port of the others.
    assert!(found.run.syns < silent / 100 * 9 + (12_800 - silent) * 3);
}

/// When the first of them failed late, another that had been asked since was asked a second time in its place.
#[test]
fn each_port_of_a_search_is_asked_whatever_this_machine_fails_at() {
    let ports = vec![80, 443, 22, 3389, 445, 8080, 21, 23];
    let settings = Settings {
        discover: ports.clone(),
        ..settings()
    };
    let plan = plan_with(&["192.0.2.1"], "1-100", settings);
    let mut scan = scan(&plan);
    let (mut now, mut asked, mut first) = (Instant::ZERO, BTreeMap::new(), None);
    loop {
        match scan.poll(now) {
            Step::Connect { id, port, .. } => {
                if asked.is_empty() {
                    first = Some((id, port));
                }
                *asked.entry(port).or_insert(0) += 1;
            }
            Step::Abort(id) => scan.handle(now, id, Outcome::ABORTED),
            Step::Departs { host, .. } => scan.departs(now, host, Departure::Leaves),
            Step::Report(_) => {}
            Step::Wait(until) => {
                if let Some((id, port)) = first.filter(|_| asked.len() == 4) {
                    scan.handle(now, id, Outcome::Local(LocalError::Limit));
                    *asked.get_mut(&port).unwrap() -= 1;
                    first = None;
                }
                now = until.expect("it does not wait for ever");
                scan.harvested(now);
            }
            Step::Done => break,
        }
    }
    let once: BTreeMap<_, _> = ports.into_iter().map(|port| (port, 1)).collect();
    assert_eq!(asked, once);
}

#[test]
fn every_syn_to_a_silent_port_is_stated() {
    let world = World {
        open: one_in(10),
        silent: one_in(4),
        loss: 13_107,
        delay: Duration::from_millis(20),
        ..World::default()
    };
    let plan = plan_with(&["192.0.2.1-27"], "1-4000", settings());
    let mut scan = scan(&plan);
    let (mut sent, mut to, mut stated) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    sim::run(&mut scan, world, HOUR, &mut |event| match event {
        Event::Step(_, &Step::Connect { id, address, port }) => {
            *sent.entry((address, port)).or_insert(0) += 1u32;
            to.insert(id, (address, port));
        }
        Event::Outcome(_, id, Outcome::Aborted { retransmits }) => {
            *sent.get_mut(&to[&id]).unwrap() += u32::from(retransmits);
        }
        Event::Step(_, Step::Report(Report::Port(v))) if v.reason == Reason::NoResponse => {
            let syns = u32::from(v.attempts) + u32::from(v.evidence.retransmits);
            stated.insert((v.address, v.port), syns);
        }
        _ => {}
    });
    assert!(stated.len() > 20_000);
    for (port, syns) in stated {
        assert_eq!(sent[&port], syns, "{port:?}");
    }
}

/// Of a table that is full nobody tells: it is noticed by those that answered before.
#[test]
fn a_full_table_is_noticed_within_2000_probes() {
    for seed in 0..20 {
        let world = World {
            seed,
            open: one_in(20),
            delay: Duration::from_millis(25),
            jitter: Duration::from_millis(3),
            nat: Some(Nat::of(1024)),
            ..World::default()
        };
        let plan = plan_with(&["192.0.2.1-2"], "1-20000", settings());
        let mut scan = scan(&plan);
        // Until the first entries expire, after 10 s, whatever is sent beyond the table's size is refused.
        let run = sim::run(&mut scan, world, Duration::from_secs(9), &mut |_| {});
        assert!(
            run.table_refused <= 2000,
            "seed {seed}: {}",
            run.table_refused
        );
        assert!(scan.tally().attempts > 2000);
    }
}

/// A table of this machine that stays full is a shortage here, and no verdict on anybody.
#[test]
fn a_crowded_table_of_this_machine_is_waited_for() {
    for full_for in [5, 3600] {
        let plan = plan_with(&["192.0.2.1"], "1-1000", settings());
        let mut scan = scan(&plan);
        let (mut now, mut sent) = (Instant::ZERO, Vec::new());
        let until = Instant::ZERO + Duration::from_secs(full_for);
        scan.crowded(now);
        loop {
            match scan.poll(now) {
                Step::Connect { id, .. } => {
                    sent.push(now);
                    let (rtt, retransmits) = (None, 0);
                    scan.handle(now, id, Outcome::Refused { rtt, retransmits });
                }
                Step::Abort(id) => scan.handle(now, id, Outcome::ABORTED),
                Step::Departs { host, .. } => scan.departs(now, host, Departure::Leaves),
                Step::Report(_) => {}
                Step::Wait(_) => {
                    now += Duration::from_millis(100);
                    scan.harvested(now);
                    if now < until {
                        scan.crowded(now);
                    }
                }
                Step::Done => break,
            }
        }
        let counts = &scan.tally().counts;
        if full_for == 5 {
            assert!(sent[0] >= until);
            assert_eq!(counts.of(Reason::ConnRefused), 1000);
        } else {
            assert!(sent.is_empty() && now.as_millis() < 31_000);
            let whole = Tally::of_scan(&plan, [scan.tally()], Reason::LocalLimit);
            assert_eq!(whole.counts.of(Reason::LocalLimit), 1000);
        }
    }
}

/// A single service that stops answering, while everything else is dropped, is no ban of the host.
#[test]
fn one_port_that_falls_silent_is_no_ban() {
    let plan = plan_with(&["192.0.2.1"], "1-3000", settings());
    let mut scan = scan(&plan);
    let (mut now, mut asked, mut answers) = (Instant::ZERO, Vec::new(), 0);
    for _ in 0..1_000_000 {
        match scan.poll(now) {
            // Port 22 answers three times, then never again.
            Step::Connect { id, port: 22, .. } if answers < 3 => {
                answers += 1;
                scan.handle(now, id, connected());
                scan.handle(now, id, Outcome::Closed(Ending::IN_ORDER));
            }
            Step::Connect { id, .. } => asked.push(id),
            Step::Abort(id) => scan.handle(now, id, Outcome::ABORTED),
            Step::Departs { host, .. } => scan.departs(now, host, Departure::Leaves),
            Step::Report(_) => {}
            Step::Wait(until) => {
                now = until.unwrap_or(now).max(now + Duration::from_millis(1));
                scan.harvested(now);
            }
            Step::Done => break,
        }
    }
    let counts = &scan.tally().counts;
    assert_eq!(counts.of(Reason::SynAck), 1);
    assert_eq!(counts.of(Reason::NoResponse), 2999, "{counts:?}");
    assert!(now.as_millis() < 45_000);
}

/// Where all ports that answer belong to another part, silence is held against those.
#[test]
fn a_part_asks_the_ports_that_another_part_knows() {
    let plan = plan_with(&["192.0.2.1"], "1-128", settings());
    let parts = [0, 1].map(|i| Scan::new(plan.clone(), Part::new(i, 2, false), System::default()));
    let [mut knows, mut learns] = parts;
    let at = Instant::ZERO + Duration::from_millis(5);
    let Step::Connect { id, port, .. } = knows.poll(Instant::ZERO) else {
        panic!("an attempt is made at once");
    };
    let rtt = Some(Duration::from_millis(5));
    knows.handle(
        at,
        id,
        Outcome::Refused {
            rtt,
            retransmits: 0,
        },
    );
    while let Step::Connect { port: other, .. } = learns.poll(Instant::ZERO) {
        assert_ne!(other, port);
    }
    learns.learn(&[knows.share()]);
    let (mut now, mut asked) = (at, Vec::new());
    for _ in 0..100 {
        now += Duration::from_millis(10);
        learns.harvested(now);
        loop {
            match learns.poll(now) {
                Step::Connect { port, .. } => asked.push(port),
                Step::Abort(id) => learns.handle(now, id, Outcome::ABORTED),
                Step::Departs { host, .. } => learns.departs(now, host, Departure::Leaves),
                _ => break,
            }
        }
    }
    assert!(asked.contains(&port));
    assert_eq!(learns.tally().counts.tested(), 0);
}

/// With 36 % of the controls lost by chance, and answers that come after the controls have had their time, a host must not be
/// slowed to nothing: it was, to one attempt a second, with seeds 7 and 12.
#[test]
fn much_loss_on_a_long_way_is_not_taken_for_a_limit() {
    for seed in 0..60 {
        let world = World {
            seed,
            open: one_in(8),
            loss: 13_107,
            delay: Duration::from_millis(180),
            jitter: Duration::from_millis(40),
            ..World::default()
        };
        let settings = Settings { seed, ..settings() };
        let played = played(&["192.0.2.1"], "1-1000", settings, world);
        assert!(
            played.run.elapsed < Duration::from_secs(15),
            "seed {seed}: {}",
            played.run.elapsed
        );
    }
}

fn connected() -> Outcome {
    Outcome::Connected {
        rtt: None,
        retransmits: 0,
        peer: None,
    }
}
