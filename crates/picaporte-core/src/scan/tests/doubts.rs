//! Second opinions: a lost acknowledgement demotes no service, and who never answers is asked a few times only.

use super::*;
use crate::grade::Grade;

fn grades(ports: &str, world: World) -> (Vec<Grade>, Scan) {
    let plan = plan_with(&["192.0.2.1"], ports, settings());
    let mut scan = scan(&plan);
    let (reports, _, _) = play(&mut scan, world);
    check_accounts(&plan, &scan, &reports);
    let verdicts = verdicts(&reports);
    let open = verdicts.values().filter(|v| v.state() == State::Open);
    (open.filter_map(|v| v.evidence.grade).collect(), scan)
}

#[test]
fn an_acknowledgement_that_was_lost_demotes_no_service() {
    let mut believed = 0;
    for seed in 0..40 {
        let world = World {
            seed,
            open: 6554,
            loss: 3277,
            mute: 3277,
            delay: Duration::from_millis(300),
            ..World::default()
        };
        let (grades, _) = grades("1-1000", world);
        assert!(grades.iter().all(|&g| g == Grade::Confirmed), "seed {seed}");
        believed += grades.len();
    }
    assert!(believed > 3000);
}

/// What could not be asked was counted as asked.
#[test]
fn what_this_machine_could_not_ask_demotes_no_service() {
    for seed in 0..40 {
        let world = World {
            seed,
            open: 6554,
            loss: 3277,
            mute: 3277,
            local_failures: 39_322,
            delay: Duration::from_millis(30),
            ..World::default()
        };
        let (grades, _) = grades("1-400", world);
        assert!(grades.iter().all(|&g| g == Grade::Confirmed), "seed {seed}");
        assert!(grades.len() > 20);
    }
}

#[test]
fn who_says_nothing_is_asked_six_times_more_at_most() {
    let world = World {
        open: 3277,
        mute: 65_536,
        ..World::default()
    };
    let (grades, scan) = grades("1-1000", world);
    let (open, extra) = (grades.len() as u64, scan.tally().extra);
    assert!(open > 20 && grades.iter().all(|&g| g == Grade::HandshakeOnly));
    assert_eq!(scan.tally().graded.handshake_only, open);
    assert!((open..=open * 6).contains(&extra), "{extra}");
}

#[test]
fn of_one_host_no_more_than_256_ports_are_asked_again() {
    let world = World {
        open: 65_536,
        mute: 65_536,
        ..World::default()
    };
    let (grades, scan) = grades("1-1000", world);
    let extra = scan.tally().extra;
    assert_eq!(grades.len(), 1000);
    assert!((256..=256 * 6).contains(&extra), "{extra}");
}
