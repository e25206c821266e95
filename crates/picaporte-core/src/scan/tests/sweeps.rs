//! Sweeps of one port: hosts that answer are done at once, and nobody but witnesses can tell whether the path is there.

use super::limits::{all_right, one_in, played};
use super::*;
use crate::sim::{Nat, Outage};

/// One port in five hosts, or in fifty, is alive.
fn sweep(of: u32) -> World {
    World {
        dead: 65_536 - one_in(of),
        open: one_in(2),
        delay: Duration::from_millis(30),
        ..World::default()
    }
}

#[test]
fn an_outage_changes_nothing() {
    // At 35 ms the first answers are there, and their connections are still open: nobody is done yet.
    for (of, from) in [(5, 35), (5, 300), (50, 500)] {
        let outage = Some(Outage {
            from: Duration::from_millis(from),
            lasts: Duration::from_secs(2),
            every: None,
        });
        let world = World {
            outage,
            ..sweep(of)
        };
        all_right(&["198.18.0.0/19"], "443", world);
    }
}

/// The outage costs its own length, and not much more: what was sent before it is noticed is not lost by chance. It was taken for that, and
/// each silent host was asked six times more, or eight: 9 SYNs a port.
#[test]
fn an_outage_costs_little_more_than_its_time() {
    for (seed, from) in [35, 60, 150, 300, 500].into_iter().enumerate() {
        let seed = seed as u64;
        let outage = Some(Outage {
            from: Duration::from_millis(from),
            lasts: Duration::from_secs(2),
            every: None,
        });
        let world = World {
            seed,
            outage,
            ..sweep(5)
        };
        let settings = Settings { seed, ..settings() };
        let played = played(&["198.18.0.0/19"], "443", settings, world);
        assert_eq!(played.wrong, 0, "{from} ms: {:?}", played.counts);
        assert!(
            played.run.elapsed < Duration::from_secs(4) && played.run.syns < 5 * played.planned,
            "{from} ms: {:?}",
            played.run
        );
    }
}

#[test]
fn a_path_that_stays_down_is_said_to() {
    let outage = Some(Outage {
        from: Duration::from_millis(300),
        lasts: HOUR,
        every: None,
    });
    let world = World { outage, ..sweep(5) };
    let played = played(&["198.18.0.0/19"], "443", settings(), world);
    assert_eq!(played.wrong, 0);
    assert!(played.counts.of(Reason::PathDown) > 2000);
    assert!(played.run.elapsed < Duration::from_secs(40));
}

#[test]
fn a_full_table_of_connections_hides_nothing() {
    let world = World {
        nat: Some(Nat::of(1024)),
        ..sweep(1)
    };
    // Where most hosts are silent no sweep is possible: each holds its entry for 120 s.
    all_right(&["198.18.0.0/20"], "443", world);
}

#[test]
fn witnesses_are_few_and_seldom_asked() {
    let world = sweep(50);
    let plan = plan_with(&["198.18.0.0/19"], "443", settings());
    let mut scan = scan(&plan);
    let (reports, _, _) = play(&mut scan, world);
    check_accounts(&plan, &scan, &reports);
    assert!(scan.tally().extra > 0);
    assert!(
        scan.tally().extra * 100 <= scan.tally().attempts,
        "{:?}",
        scan.tally()
    );
    assert_eq!(scan.tally().outages, None);
}

#[test]
fn outages_are_told() {
    let outage = Some(Outage {
        from: Duration::from_millis(300),
        lasts: Duration::from_secs(2),
        every: None,
    });
    let world = World { outage, ..sweep(5) };
    let plan = plan_with(&["198.18.0.0/19"], "443", settings());
    let mut scan = scan(&plan);
    play(&mut scan, world);
    let outages = scan.tally().outages.unwrap();
    assert_eq!((outages.times, outages.per_second), (1, None));
    let seconds = outages.silent.as_secs_f64();
    assert!((1.9..2.6).contains(&seconds), "{seconds}");
}
