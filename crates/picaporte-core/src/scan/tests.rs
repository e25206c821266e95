use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::grade::{Ending, Graded};
use crate::outcome::{Departure, LocalError};
use crate::pace::Pace;
use crate::plan::Settings;
use crate::sim::script::{self, Line};
use crate::sim::{self, Event, World};
use crate::target::{NoLookup, Target};
use crate::verdict::{State, States};

mod canaries;
mod doubts;
mod evidence;
mod kept;
mod limits;
mod loss;
mod machine;
mod narrow;
mod neighbours;
mod scope;
mod sweeps;

const HOUR: Duration = Duration::from_secs(3600);

fn plan_with(targets: &[&str], ports: &str, settings: Settings) -> Arc<Plan> {
    let mut builder = Plan::builder(PortSet::parse(ports, &|_| None).unwrap());
    builder.settings(settings);
    for text in targets {
        builder
            .target(&Target::parse(text, &NoLookup).unwrap())
            .unwrap();
    }
    Arc::new(builder.build().unwrap())
}

fn settings() -> Settings {
    Settings {
        show: States::ALL,
        seed: 5,
        ..Settings::default()
    }
}

fn scan(plan: &Arc<Plan>) -> Scan {
    Scan::new(plan.clone(), Part::WHOLE, System::default())
}

/// Runs to the end; every report, and the log of all that happened.
fn play(scan: &mut Scan, world: World) -> (Vec<Report>, String, sim::Run) {
    let (mut reports, mut log) = (Vec::new(), String::new());
    let run = sim::run(scan, world, HOUR, &mut |event| {
        if let Event::Step(_, Step::Report(report)) = &event {
            reports.push(report.clone());
        }
        writeln!(log, "{event:?}").unwrap();
    });
    (reports, log, run)
}

/// Plays a scan to its end without a network: `asked` answers each attempt, or leaves it to be given up. Every report, and when it ended.
fn drive(
    scan: &mut Scan,
    mut asked: impl FnMut(&mut Scan, Instant, ProbeId, (Address, u16)),
) -> (Vec<Report>, Instant) {
    let (mut now, mut reports) = (Instant::ZERO, Vec::new());
    loop {
        match scan.poll(now) {
            Step::Connect { id, address, port } => asked(scan, now, id, (address, port)),
            Step::Abort(id) => scan.handle(now, id, Outcome::ABORTED),
            Step::Departs { host, .. } => scan.departs(now, host, Departure::Leaves),
            Step::Report(report) => reports.push(report),
            Step::Wait(until) => {
                now = until.expect("it never waits for ever");
                scan.harvested(now);
            }
            Step::Done => return (reports, now),
        }
    }
}

fn verdicts(reports: &[Report]) -> BTreeMap<(Address, u16), Verdict> {
    let mut seen = BTreeMap::new();
    for report in reports {
        if let Report::Port(v) = report {
            assert!(
                seen.insert((v.address, v.port), *v).is_none(),
                "{v:?} reported twice"
            );
        }
    }
    seen
}

/// Every output says the same: tally, verdicts and host reports.
fn check_accounts(plan: &Plan, scan: &Scan, reports: &[Report]) {
    let whole = Tally::of_scan(plan, [scan.tally()], Reason::Interrupted);
    assert!(whole.balances(), "{whole:?}");
    let (mut counts, mut graded) = (Counts::default(), Graded::default());
    for v in verdicts(reports).values() {
        counts.add(v.reason);
        graded.add(v.evidence.grade);
        assert!(
            v.evidence.grade.is_none() || v.state() == State::Open,
            "{v:?}"
        );
    }
    assert_eq!(counts, scan.tally().counts);
    assert_eq!(graded, scan.tally().graded);
    let (mut by_host, mut graded_by_host) = (Counts::default(), Graded::default());
    for report in reports {
        if let Report::Host(h) = report {
            by_host.merge(&h.counts);
            graded_by_host.merge(&h.graded);
            assert!(h.graded.all() <= h.open.len().into(), "{h:?}");
            assert_eq!(h.rejected.minus(&h.filtered), PortSet::default(), "{h:?}");
            for (state, set) in [
                (State::Open, &h.open),
                (State::Closed, &h.closed),
                (State::Filtered, &h.filtered),
                (State::Untested, &h.untested),
            ] {
                assert_eq!(
                    h.counts.in_state(state),
                    u64::from(set.len()),
                    "{state:?} of {h:?}"
                );
            }
        }
    }
    assert_eq!(by_host, scan.tally().counts);
    assert_eq!(graded_by_host, scan.tally().graded);
}

#[test]
fn a_quiet_network_is_found_as_it_is() {
    let plan = plan_with(&["192.0.2.0/26", "2001:db8::/122"], "1-300", settings());
    let world = World {
        open: 900,
        silent: 9000,
        rejected: 3000,
        dead: 4000,
        ..World::default()
    };
    let mut scan = scan(&plan);
    let (reports, _, run) = play(&mut scan, world);
    check_accounts(&plan, &scan, &reports);
    assert_eq!(sim::misses(&world, &reports), []);
    assert_eq!(verdicts(&reports).len() as u64, plan.planned());
    assert!(Tally::of_scan(&plan, [scan.tally()], Reason::Interrupted).complete());
    // Without loss nothing is asked a third time.
    assert!(verdicts(&reports).values().all(|v| v.attempts <= 2));
    assert!(run.syns <= 2 * plan.planned());
}

#[test]
fn the_same_seed_gives_the_same_scan_byte_for_byte() {
    let world = World {
        open: 900,
        silent: 20_000,
        loss: 3000,
        local_failures: 500,
        ..World::default()
    };
    let log = |seed| {
        let plan = plan_with(&["192.0.2.0/28"], "1-200", Settings { seed, ..settings() });
        play(&mut scan(&plan), world).1
    };
    assert_eq!(log(7), log(7));
    assert_ne!(log(7), log(8));
}

#[test]
fn a_lossy_network_is_asked_more_often() {
    let plan = plan_with(&["192.0.2.0/27"], "1-1000", settings());
    let world = World {
        open: 3000,
        silent: 3000,
        loss: 3277,
        ..World::default()
    };
    let mut scan = scan(&plan);
    let (reports, _, _) = play(&mut scan, world);
    check_accounts(&plan, &scan, &reports);
    let wrong = sim::misses(&world, &reports);
    // Lost four times or more at 5 % each way: one in ten thousand, and only called filtered.
    assert!(wrong.len() < 60, "{} wrong", wrong.len());
    assert!(wrong.iter().all(|w| w.2 == Reason::NoResponse));
    assert!(verdicts(&reports).values().any(|v| v.attempts > 3));
}

#[test]
fn a_dropped_outcome_keeps_the_scan_from_ending() {
    let plan = plan_with(&["192.0.2.1"], "1-50", settings());
    let mut scan = scan(&plan);
    let (mut now, mut done) = (Instant::ZERO, false);
    for _ in 0..10_000 {
        match scan.poll(now) {
            Step::Departs { host, .. } => scan.departs(now, host, Departure::Leaves),
            // Every answer for port 7 is dropped, that to the abort too.
            Step::Connect { id, port, .. } if port != 7 => {
                scan.handle(
                    now,
                    id,
                    Outcome::Refused {
                        rtt: None,
                        retransmits: 0,
                    },
                );
            }
            // The engine forgets to answer for it.
            Step::Connect { .. } | Step::Abort(_) | Step::Report(_) => {}
            Step::Wait(_) => {
                now += Duration::from_millis(100);
                scan.harvested(now);
            }
            Step::Done => done = true,
        }
    }
    assert!(!done);
    let tally = Tally::of_scan(&plan, [scan.tally()], Reason::Interrupted);
    assert!(!tally.complete() && !tally.balances(), "{tally:?}");
}

#[test]
fn an_answer_after_the_timeout_counts_while_the_slot_is_free() {
    let settings = Settings {
        timeout: Some(Duration::from_millis(50)),
        attempts: Some(1),
        ..settings()
    };
    let plan = plan_with(&["192.0.2.1"], "1-2", settings);
    let mut scan = scan(&plan);
    let Step::Connect { id: first, .. } = scan.poll(Instant::ZERO) else {
        panic!()
    };
    let Step::Connect { id: second, .. } = scan.poll(Instant::ZERO) else {
        panic!()
    };
    // No port is known to answer for itself: there is nothing that could be asked meanwhile.
    scan.handle(
        Instant::ZERO,
        second,
        Outcome::Rejected {
            icmp: None,
            rtt: None,
            retransmits: 0,
        },
    );
    let late = Instant::ZERO + Duration::from_millis(60);
    scan.harvested(late);
    // Nobody else needs the slot, but nothing else is to be done either: one last look, and that
    // look finds the answer.
    let mut steps = Vec::new();
    loop {
        match scan.poll(late) {
            Step::Departs { host, .. } => scan.departs(late, host, Departure::Leaves),
            Step::Wait(_) => break,
            step => steps.push(step),
        }
    }
    assert!(steps.contains(&Step::Abort(first)), "{steps:?}");
    scan.handle(
        late,
        first,
        Outcome::Refused {
            rtt: None,
            retransmits: 0,
        },
    );
    let Step::Report(Report::Port(v)) = scan.poll(late) else {
        panic!()
    };
    assert_eq!(v.reason, Reason::ConnRefused);
}

#[test]
fn a_held_attempt_gives_way_when_its_slot_is_needed() {
    let pace = Pace {
        max_inflight: 1,
        ..Pace::NORMAL
    };
    let timeout = Some(Duration::from_millis(50));
    let settings = Settings {
        pace,
        timeout,
        attempts: Some(1),
        ..settings()
    };
    let plan = plan_with(&["192.0.2.1"], "1-5", settings);
    let mut scan = scan(&plan);
    let world = World {
        silent: 65_536,
        ..World::default()
    };
    let (reports, _, run) = play(&mut scan, world);
    assert_eq!(run.most_inflight, 1);
    assert_eq!(verdicts(&reports).len(), 5);
    assert!(run.elapsed < Duration::from_millis(350), "{}", run.elapsed);
}

#[test]
fn a_long_timeout_counts_the_systems_own_syns() {
    let timeout = Some(Duration::from_millis(2500));
    let plan = plan_with(
        &["192.0.2.1"],
        "1-5",
        Settings {
            timeout,
            attempts: Some(2),
            ..settings()
        },
    );
    let mut scan = scan(&plan);
    let (reports, _, run) = play(
        &mut scan,
        World {
            silent: 65_536,
            ..World::default()
        },
    );
    let said: u64 = verdicts(&reports)
        .values()
        .map(|v| u64::from(v.attempts) + u64::from(v.evidence.retransmits))
        .sum();
    assert_eq!(said, run.syns);
    assert!(run.syns >= 5 * 2 * 3, "{run:?}");
}

#[test]
fn no_more_than_16384_hosts_are_active() {
    let plan = plan_with(
        &["10.0.0.0/8"],
        "1-1000",
        Settings {
            show: States::OPEN,
            ..settings()
        },
    );
    // Slow hosts, and room for many: the bound on active hosts is what is reached.
    let world = World {
        delay: Duration::from_secs(3),
        ..World::default()
    };
    let mut scan = scan(&plan);
    scan.window = WideWindow::new(2_000_000, 2_000_000);
    scan.cap = 2_000_000;
    sim::run(&mut scan, world, Duration::from_millis(500), &mut |_| {});
    assert_eq!(scan.hosts.active(), crate::cursor::ACTIVE_HOSTS);
}

#[test]
fn hosts_that_limit_their_resets_are_accounted_for() {
    let plan = plan_with(&["192.0.2.0/26"], "1-400", settings());
    let world = World {
        rst_limit: Some(100),
        ..World::default()
    };
    let mut scan = scan(&plan);
    let (reports, _, _) = play(&mut scan, world);
    check_accounts(&plan, &scan, &reports);
}

#[test]
fn parts_of_one_host_share_the_work_and_merge() {
    let plan = plan_with(&["192.0.2.1"], "1-1001", settings());
    let world = World {
        open: 3000,
        ..World::default()
    };
    let (mut tallies, mut host): (Vec<Tally>, Option<HostReport>) = (Vec::new(), None);
    for index in 0..3 {
        let mut scan = Scan::new(plan.clone(), Part::new(index, 3, false), System::default());
        let (reports, _, _) = play(&mut scan, world);
        assert!(scan.tally().planned >= 333);
        for report in reports {
            if let Report::Host(part) = report {
                assert_eq!(part.parts, 3);
                match &mut host {
                    None => host = Some(*part),
                    Some(host) => host.merge(&part),
                }
            }
        }
        tallies.push(scan.tally().clone());
    }
    let host = host.unwrap();
    assert_eq!(host.open.union(&host.closed).to_string(), "1-1001");
    assert!(Tally::of_scan(&plan, &tallies, Reason::Interrupted).complete());
}

#[test]
fn max_time_and_host_timeout_leave_the_rest_untested() {
    let world = World {
        silent: 65_536,
        ..World::default()
    };
    let limit = Some(Duration::from_secs(2));
    for settings in [
        Settings {
            max_time: limit,
            ..settings()
        },
        Settings {
            host_timeout: limit,
            ..settings()
        },
    ] {
        let pace = Pace {
            max_inflight: 10,
            ..Pace::NORMAL
        };
        let plan = plan_with(&["192.0.2.1"], "1-2000", Settings { pace, ..settings });
        let mut scan = scan(&plan);
        let (reports, _, run) = play(&mut scan, world);
        check_accounts(&plan, &scan, &reports);
        assert!(scan.tally().counts.of(Reason::TimeLimit) > 1900);
        assert!(run.elapsed < Duration::from_millis(2100));
    }
}

/// On loopback, `connect()` itself can bring the answer: the host was gone before the next poll,
/// and the scan panicked.
#[test]
fn an_answer_that_comes_with_the_connect_may_be_the_hosts_last() {
    let plan = plan_with(&["127.0.0.1"], "1-100", settings());
    let mut scan = scan(&plan);
    let mut reports = Vec::new();
    loop {
        match scan.poll(Instant::ZERO) {
            Step::Connect { id, .. } => {
                scan.handle(
                    Instant::ZERO,
                    id,
                    Outcome::Refused {
                        rtt: None,
                        retransmits: 0,
                    },
                );
            }
            Step::Report(report) => reports.push(report),
            Step::Done => break,
            step => panic!("{step:?}"),
        }
    }
    check_accounts(&plan, &scan, &reports);
    assert_eq!(scan.tally().counts.of(Reason::ConnRefused), 100);
}

/// Found by the fuzzer: an answer to an attempt that had been given up twice over hid a retry of
/// another port, and the scan never ended.
#[test]
fn a_late_answer_to_the_attempt_before_last_hides_no_retry() {
    let settings = Settings {
        seed: 0xffff_ffff_ff41_0128,
        attempts: Some(4),
        pace: Pace {
            max_inflight: 255,
            host_inflight: 255,
            ..Pace::NORMAL
        },
        ..settings()
    };
    let plan = plan_with(&["192.0.2.0/30", "2001:db8::1"], "1-25", settings);
    let script = [
        (5, 285, 1285),
        (0, 280, 23387),
        (5, 285, 23387),
        (5, 387, 6939),
        (27, 323, 7003),
        (91, 439, 0),
    ];
    let script = script.map(|(outcome, delay, attempt)| Line {
        outcome,
        delay,
        attempt,
    });
    let mut scan = scan(&plan);
    let reports = script::play(&mut scan, &script).expect("the scan ends");
    check_accounts(&plan, &scan, &reports);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn caps_hold(
        seed: u64, max in 1u32..60, per_host in 1u32..20, silent in 0u32..40_000, loss in 0u32..9000,
    ) {
        let pace = Pace { max_inflight: max, host_inflight: per_host, ..Pace::NORMAL };
        let plan = plan_with(&["192.0.2.0/29"], "1-40", Settings { seed, pace, ..settings() });
        let world = World { seed, silent, loss, open: 5000, ..World::default() };
        let mut scan = scan(&plan);
        let (mut reports, mut open) = (Vec::new(), BTreeMap::new());
        sim::run(&mut scan, world, HOUR, &mut |event| match event {
            Event::Step(_, Step::Report(r)) => reports.push(r.clone()),
            Event::Step(_, Step::Connect { id, address, .. }) => {
                open.insert(*id, *address);
                assert!(open.len() as u32 <= max, "{} of {max} in all", open.len());
                let here = open.values().filter(|a| *a == address).count();
                assert!(here as u32 <= per_host, "{here} of {per_host} per host");
            }
            Event::Outcome(_, _, Outcome::Connected { .. }) | Event::Step(..) => {}
            Event::Outcome(_, id, _) => { open.remove(&id); }
        });
        check_accounts(&plan, &scan, &reports);
        prop_assert!(open.is_empty());
    }

    #[test]
    fn stopping_at_any_moment_accounts_for_every_port(
        seed: u64, steps in 0usize..4000, silent in 0u32..40_000, loss in 0u32..9000,
    ) {
        let plan = plan_with(&["192.0.2.0/29"], "1-60", Settings { seed, ..settings() });
        let mut scan = scan(&plan);
        let world = World { seed, silent, loss, open: 5000, ..World::default() };
        let (mut reports, mut left) = (Vec::new(), steps);
        let mut keep = |event: Event<'_>| if let Event::Step(_, Step::Report(r)) = event { reports.push(r.clone()) };
        // A scan that is stopped and one that runs to its end go through the same door.
        let limit = Duration::from_micros(left as u64 * 100);
        sim::run(&mut scan, world, limit, &mut keep);
        scan.stop(Reason::Interrupted);
        left = 0;
        let now = Instant::ZERO + limit;
        loop {
            left += 1;
            prop_assert!(left < 100_000);
            match scan.poll(now) {
                Step::Abort(id) => scan.handle(now, id, Outcome::ABORTED),
                Step::Report(r) => reports.push(r),
                Step::Departs { host, .. } => scan.departs(now, host, Departure::Leaves),
                Step::Connect { .. } => prop_assert!(false, "sent after the stop"),
                Step::Wait(_) => for slot in scan.flight.all() {
                    let id = scan.flight.id(slot);
                    scan.handle(now, id, Outcome::Closed(Ending::IN_ORDER));
                },
                Step::Done => break,
            }
        }
        check_accounts(&plan, &scan, &reports);
        prop_assert_eq!(scan.tally().planned, if scan.cursor.position() == 0 { 0 } else { plan.planned() });
    }

    #[test]
    fn any_sequence_of_outcomes_is_accounted_for(
        seed: u64,
        lines in proptest::collection::vec((any::<u8>(), 0u16..400, any::<u16>()), 1..600),
        attempts in proptest::option::of(1u8..4),
    ) {
        let script: Vec<Line> = lines
            .into_iter()
            .map(|(outcome, delay, attempt)| Line { outcome, delay, attempt })
            .collect();
        let pace = Pace { max_inflight: 12, host_inflight: 7, ..Pace::NORMAL };
        let settings = Settings { seed, pace, attempts, ..settings() };
        let plan = plan_with(&["192.0.2.0/30", "2001:db8::1"], "1-25", settings);
        let mut scan = scan(&plan);
        let reports = script::play(&mut scan, &script);
        prop_assert!(reports.is_some(), "the scan did not end: {:?}", scan.tally());
        check_accounts(&plan, &scan, &reports.unwrap());
    }
}
