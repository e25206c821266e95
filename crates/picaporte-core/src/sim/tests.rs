//! Whole scans in worlds with one peculiarity each: it is there, and it is no more than that. What
//! a scan makes of it is tested elsewhere; here each port is asked by fixed settings.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::block::Part;
use crate::pace::Pace;
use crate::plan::{Plan, Settings};
use crate::port::PortSet;
use crate::scan::System;
use crate::target::{NoLookup, Target};
use crate::verdict::States;

const HOUR: Duration = Duration::from_secs(3600);

/// Every port of one host is asked once, all at the same moment, and given up before the system
/// sends its SYN again. Gives how many ports have each reason.
fn ask_once(world: World, ports: u16) -> (BTreeMap<Reason, u64>, Run) {
    ask(world, ports, 1, Duration::from_millis(900))
}

fn ask(world: World, ports: u16, attempts: u8, timeout: Duration) -> (BTreeMap<Reason, u64>, Run) {
    let mut plan = Plan::builder(PortSet::from_ranges(vec![(1, ports)]));
    plan.settings(Settings {
        timeout: Some(timeout),
        attempts: Some(attempts),
        pace: Pace::FAST,
        show: States::ALL,
        ..Settings::default()
    });
    plan.target(&Target::parse("192.0.2.1", &NoLookup).unwrap())
        .unwrap();
    let mut scan = Scan::new(
        Arc::new(plan.build().unwrap()),
        Part::WHOLE,
        System::default(),
    );
    let run = run(&mut scan, world, HOUR, &mut |_| {});
    (scan.tally().counts.iter().collect(), run)
}

fn of(counts: &BTreeMap<Reason, u64>, reason: Reason) -> u64 {
    counts.get(&reason).copied().unwrap_or(0)
}

#[test]
fn loss_may_differ_on_the_way_back() {
    let world = World {
        loss_back: Some(65_536 / 4),
        ..World::default()
    };
    let (counts, _) = ask_once(world, 40_000);
    let lost = of(&counts, Reason::NoResponse);
    assert!((9_600..10_400).contains(&lost), "{lost} lost");
}

#[test]
fn bursts_lose_their_share_in_each_direction() {
    let bursts = Some(Bursts {
        share: 65_536 / 10,
        mean: 5,
    });
    for (there, back, expected) in [
        (bursts, None, 0.1),
        (None, bursts, 0.1),
        (bursts, bursts, 0.19),
    ] {
        let world = World {
            bursts_there: there,
            bursts_back: back,
            ..World::default()
        };
        let (counts, _) = ask_once(world, 60_000);
        let lost = of(&counts, Reason::NoResponse) as f64 / 60_000.0;
        assert!((lost - expected).abs() < 0.02, "{lost} lost");
    }
}

#[test]
fn nothing_passes_in_an_outage_and_everything_before_and_after() {
    let down = |from, lasts| {
        let (from, lasts) = (Duration::from_millis(from), Duration::from_millis(lasts));
        let every = None;
        Some(Outage { from, lasts, every })
    };
    let lost = |outage| {
        let world = World {
            delay: Duration::from_millis(10),
            jitter: Duration::ZERO,
            outage,
            ..World::default()
        };
        of(&ask_once(world, 1).0, Reason::NoResponse) == 1
    };
    // The SYN goes at once, and its answer sets out after 5 ms.
    assert!(lost(down(0, 1)));
    assert!(!lost(down(1, 4)));
    assert!(lost(down(5, 1)));
    assert!(!lost(down(6, 900)));
}

#[test]
fn a_syn_that_is_sent_again_gets_through_after_the_outage() {
    let world = World {
        outage: Some(Outage {
            from: Duration::ZERO,
            lasts: Duration::from_millis(500),
            every: None,
        }),
        ..World::default()
    };
    let (counts, run) = ask(world, 1, 1, Duration::from_secs(2));
    assert_eq!(of(&counts, Reason::ConnRefused), 1);
    assert_eq!(run.syns, 2);
}

#[test]
fn a_host_answers_as_far_as_its_limits_go() {
    let limit = |burst| {
        Some(Limit {
            per_second: 0,
            burst,
        })
    };
    let resets = World {
        rst_bucket: limit(60),
        ..World::default()
    };
    let errors = World {
        rejected: 65_536,
        icmp_bucket: limit(6),
        ..World::default()
    };
    let queue = World {
        open: 65_536,
        listen_queue: Some(ListenQueue {
            length: 33,
            per_second: 0,
        }),
        ..World::default()
    };
    assert_eq!(of(&ask_once(resets, 64).0, Reason::ConnRefused), 60);
    assert_eq!(of(&ask_once(errors, 64).0, Reason::AdminProhibited), 6);
    assert_eq!(of(&ask_once(queue, 64).0, Reason::SynAck), 33);
}

#[test]
fn a_lost_syn_costs_no_reset() {
    let world = World {
        loss: 65_536,
        loss_back: Some(0),
        rst_bucket: Some(Limit {
            per_second: 0,
            burst: 1,
        }),
        ..World::default()
    };
    let (counts, _) = ask_once(world, 50);
    assert_eq!(of(&counts, Reason::NoResponse), 50);
    let open_path = World { loss: 0, ..world };
    assert_eq!(of(&ask_once(open_path, 50).0, Reason::ConnRefused), 1);
}

#[test]
fn an_ips_silences_what_comes_after_its_limit() {
    let ips = Some(Ips {
        syns: 40,
        within: HOUR,
        silences: HOUR,
    });
    let world = World {
        ips,
        ..World::default()
    };
    let (counts, _) = ask_once(world, 64);
    assert_eq!(of(&counts, Reason::ConnRefused), 40);
    assert_eq!(of(&counts, Reason::HostBanned), 24);
}

#[test]
fn a_full_table_drops_the_scan_and_the_others() {
    let nat = Nat {
        reset: HOUR,
        others_per_second: 10,
        others_stay: HOUR,
        ..Nat::of(50)
    };
    let world = World {
        nat: Some(nat),
        ..World::default()
    };
    let (counts, run) = ask_once(world, 64);
    // At least one place is taken by somebody else, at the very beginning.
    let answered = of(&counts, Reason::ConnRefused);
    assert!((40..50).contains(&answered), "{answered} answered");
    assert_eq!(run.table_refused, run.syns - answered);
    assert_eq!(run.others - run.others_refused, 50 - answered);
    assert!(run.others_refused > 0);
    let roomy = World {
        nat: Some(Nat {
            entries: 1000,
            ..nat
        }),
        ..world
    };
    let (counts, run) = ask_once(roomy, 64);
    assert_eq!(of(&counts, Reason::ConnRefused), 64);
    assert_eq!((run.table_refused, run.others_refused), (0, 0));
}

/// Each attempt is a connection of its own, and holds its place after it has been given up.
#[test]
fn unanswered_attempts_fill_the_table() {
    let world = World {
        silent: 65_536,
        nat: Some(Nat::of(100)),
        ..World::default()
    };
    let (_, run) = ask(world, 60, 2, Duration::from_millis(100));
    assert_eq!(run.table_refused, run.syns - 100);
    assert!(run.syns >= 120);
}

#[test]
fn the_same_seed_gives_the_same_run_with_everything_on() {
    let bursts = Some(Bursts {
        share: 3000,
        mean: 10,
    });
    let limit = Some(Limit {
        per_second: 50,
        burst: 20,
    });
    let world = |seed| World {
        seed,
        open: 9000,
        silent: 9000,
        rejected: 9000,
        bursts_there: bursts,
        bursts_back: bursts,
        outage: Some(Outage {
            from: Duration::from_millis(50),
            lasts: Duration::from_millis(100),
            every: Some(Duration::from_secs(2)),
        }),
        rst_bucket: limit,
        icmp_bucket: limit,
        listen_queue: Some(ListenQueue {
            length: 10,
            per_second: 50,
        }),
        ips: Some(Ips {
            syns: 500,
            within: Duration::from_secs(1),
            silences: Duration::from_secs(3),
        }),
        nat: Some(Nat::of(400)),
        ..World::default()
    };
    let play = |seed| {
        let (counts, run) = ask(world(seed), 1000, 3, Duration::from_millis(300));
        (counts, format!("{run:?}"))
    };
    assert_eq!(play(1), play(1));
    assert_ne!(play(1), play(2));
}
