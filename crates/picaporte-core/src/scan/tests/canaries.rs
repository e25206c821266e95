//! Canaries: who answers them answers anything, and whoever does not is not suspected.

use super::*;
use crate::canary::CANARIES;
use crate::grade::{Grade, Suspicion};

const PORTS: [u16; CANARIES] = [61_001, 61_002, 61_003];

fn with_canaries(seed: u64) -> Settings {
    Settings {
        seed,
        canaries: PORTS.to_vec(),
        ..settings()
    }
}

/// The host's report, its open ports' grades, and how often each canary was asked.
struct Found {
    host: HostReport,
    grades: Vec<Option<Grade>>,
    canaries: BTreeMap<u16, u32>,
    extra: u64,
    elapsed: Duration,
}

fn found(ports: &str, settings: Settings, world: World) -> Found {
    let plan = plan_with(&["192.0.2.1"], ports, settings);
    let mut scan = scan(&plan);
    let (mut reports, mut canaries) = (Vec::new(), BTreeMap::new());
    let run = sim::run(&mut scan, world, HOUR, &mut |event| match event {
        Event::Step(_, Step::Report(report)) => reports.push(report.clone()),
        Event::Step(_, &Step::Connect { port, .. }) if PORTS.contains(&port) => {
            *canaries.entry(port).or_insert(0) += 1;
        }
        _ => {}
    });
    check_accounts(&plan, &scan, &reports);
    let open = verdicts(&reports);
    let open = open.values().filter(|v| v.state() == State::Open);
    let host = reports.iter().find_map(|r| match r {
        Report::Host(host) => Some((**host).clone()),
        _ => None,
    });
    Found {
        host: host.unwrap(),
        grades: open.map(|v| v.evidence.grade).collect(),
        canaries,
        extra: scan.tally().extra,
        elapsed: run.elapsed,
    }
}

fn fake() -> World {
    World {
        open: 65_536,
        delay: Duration::from_millis(30),
        ..World::default()
    }
}

#[test]
fn all_ports_of_a_host_that_answers_everything_are_suspect() {
    for loss in [0, 3277] {
        for seed in 0..20 {
            let world = World {
                seed,
                loss,
                ..fake()
            };
            let found = found("1-2000", with_canaries(seed), world);
            let suspect = Some(Grade::Suspect(Suspicion::AnswersEverything));
            let believed = found.grades.iter().filter(|&&g| g != suspect).count();
            assert_eq!(found.grades.len(), 2000);
            assert_eq!(believed, 0, "{loss} {seed}");
            assert!(found.host.answers_everything);
            assert_eq!(found.host.graded.suspect, 2000);
            assert!(found.canaries.values().all(|&times| times <= 2));
        }
    }
}

#[test]
fn an_ordinary_host_is_not_suspected_and_its_ports_are_told_soon() {
    for seed in 0..20 {
        let world = World {
            seed,
            open: 2000,
            loss: 3277,
            ..fake()
        };
        let found = found("1-2000", with_canaries(seed), world);
        assert!(found.grades.iter().all(|&g| g == Some(Grade::Confirmed)));
        assert!(!found.host.answers_everything && found.grades.len() > 20);
        assert!(found.canaries.len() <= CANARIES);
    }
}

#[test]
fn ports_that_are_refused_stand_for_canaries() {
    let mut asked = 0;
    for seed in 0..100 {
        let world = World {
            seed,
            open: 1300,
            ..fake()
        };
        let found = found("1-300", with_canaries(seed), world);
        assert!(found.grades.iter().all(|&g| g == Some(Grade::Confirmed)));
        asked += found.extra;
    }
    // Only where an open port was among the first that answered.
    assert!(asked <= 60, "{asked}");
}

#[test]
fn a_host_that_accepts_more_than_it_refuses_is_asked_however_late() {
    let plan = plan_with(&["192.0.2.1"], "1-100", with_canaries(1));
    let mut scan = scan(&plan);
    let (mut now, mut planned, mut asked) = (Instant::ZERO, 0, 0);
    for _ in 0..2000 {
        match scan.poll(now) {
            Step::Connect { id, port, .. } => {
                // Five that refuse come first; then everything is accepted.
                planned += u32::from(!PORTS.contains(&port));
                asked += u32::from(PORTS.contains(&port));
                let (rtt, retransmits) = (Some(Duration::from_millis(1)), 0);
                if planned <= 5 {
                    scan.handle(now, id, Outcome::Refused { rtt, retransmits });
                } else {
                    let peer = None;
                    scan.handle(
                        now,
                        id,
                        Outcome::Connected {
                            rtt,
                            retransmits,
                            peer,
                        },
                    );
                    scan.handle(now, id, Outcome::Closed(Ending::IN_ORDER));
                }
                assert!(asked == 0 || planned >= 10);
            }
            Step::Abort(id) => scan.handle(now, id, Outcome::ABORTED),
            Step::Departs { host, .. } => scan.departs(now, host, Departure::Leaves),
            Step::Report(_) => {}
            Step::Done => break,
            Step::Wait(until) => {
                now = until.unwrap_or(now).max(now + Duration::from_millis(1));
                scan.harvested(now);
            }
        }
    }
    assert_eq!(asked, 3);
}

#[test]
fn silent_canaries_hold_nothing_back_for_longer_than_a_second() {
    // The only port that answers is open.
    let world = World {
        open: 0,
        silent: 65_536,
        ..fake()
    };
    let plan = plan_with(&["192.0.2.1"], "1-100", with_canaries(1));
    let mut scan = scan(&plan);
    let (mut opened, mut told, mut answered) = (None, None, false);
    sim::run(&mut scan, world, HOUR, &mut |_| {});
    assert_eq!(scan.tally().extra, 0, "nothing is open");
    let mut scan = super::scan(&plan);
    let (mut now, mut first) = (Instant::ZERO, None);
    while told.is_none() {
        match scan.poll(now) {
            Step::Connect { id, .. } => first = first.or(Some(id)),
            Step::Abort(id) => scan.handle(now, id, Outcome::ABORTED),
            Step::Departs { host, .. } => scan.departs(now, host, Departure::Leaves),
            Step::Report(Report::Opened { .. }) => opened = Some(now),
            Step::Report(Report::Port(v)) if v.state() == State::Open => told = Some(now),
            Step::Report(_) => {}
            Step::Done => panic!("the open port was never told"),
            Step::Wait(until) => {
                now = until.unwrap_or(now).max(now + Duration::from_millis(1));
                scan.harvested(now);
                if let Some(id) = first.filter(|_| !answered) {
                    answered = true;
                    let (rtt, retransmits) = (Some(Duration::from_millis(1)), 0);
                    scan.handle(
                        now,
                        id,
                        Outcome::Connected {
                            rtt,
                            retransmits,
                            peer: None,
                        },
                    );
                    scan.handle(now, id, Outcome::Closed(Ending::IN_ORDER));
                }
            }
        }
    }
    let waited = told.unwrap().since(opened.unwrap());
    assert!(waited <= Duration::from_secs(1), "{waited}");
}

#[test]
fn hosts_with_few_ports_or_none_open_are_not_asked() {
    let few = found("1-59", with_canaries(1), fake());
    assert_eq!((few.canaries.len(), few.extra), (0, 0));
    let enough = found("1-60", with_canaries(1), fake());
    assert_eq!((enough.canaries.len(), enough.extra), (3, 3));
    let closed = World { open: 0, ..fake() };
    assert_eq!(found("1-2000", with_canaries(1), closed).canaries.len(), 0);
    let none = found(
        "1-2000",
        Settings {
            canaries: Vec::new(),
            ..with_canaries(1)
        },
        fake(),
    );
    assert!(!none.host.answers_everything);
    assert!(none.elapsed < Duration::from_secs(2));
}

/// With two threads hosts of 100 ports were asked no canary, as each had 50.
#[test]
fn however_many_threads_there_are_hosts_with_60_ports_are_asked() {
    for (ports, parts) in [("1-60", 2), ("1-100", 2), ("1-1000", 16), ("1-1000", 17)] {
        let plan = plan_with(&["192.0.2.1-40"], ports, with_canaries(1));
        let (mut suspect, mut asked) = (0, 0);
        for index in 0..parts {
            let part = Part::new(index, parts, false);
            let mut scan = Scan::new(plan.clone(), part, System::default());
            sim::run(&mut scan, fake(), HOUR, &mut |event| match event {
                Event::Step(_, Step::Connect { port, .. }) => {
                    asked += u64::from(PORTS.contains(port));
                }
                Event::Step(_, Step::Report(Report::Host(host))) => {
                    assert!(host.answers_everything, "{ports}, {parts} parts");
                    suspect += host.graded.suspect;
                }
                _ => {}
            });
        }
        assert!(
            asked * 20 <= plan.planned(),
            "{ports}, {parts} parts: {asked}"
        );
        assert_eq!(suspect, plan.planned());
    }
}

#[test]
fn an_interrupted_scan_tells_what_was_kept() {
    let plan = plan_with(&["192.0.2.1"], "1-1000", with_canaries(1));
    let mut scan = scan(&plan);
    let mut reports = Vec::new();
    let limit = Duration::from_millis(35);
    sim::run(&mut scan, fake(), limit, &mut |event| {
        if let Event::Step(_, Step::Report(report)) = &event {
            reports.push(report.clone());
        }
    });
    scan.stop(Reason::Interrupted);
    let now = Instant::ZERO + limit;
    loop {
        match scan.poll(now) {
            Step::Abort(id) => scan.handle(now, id, Outcome::ABORTED),
            Step::Report(report) => reports.push(report),
            Step::Done => break,
            Step::Wait(_) => {
                for slot in scan.flight.all() {
                    let id = scan.flight.id(slot);
                    scan.handle(now, id, Outcome::Closed(Ending::UNSEEN));
                }
            }
            _ => {}
        }
    }
    check_accounts(&plan, &scan, &reports);
}
