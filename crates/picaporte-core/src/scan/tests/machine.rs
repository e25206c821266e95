//! What this machine could not do: no verdict follows from it, and waits end.

use super::*;

#[test]
fn local_failures_change_no_verdict() {
    let plan = plan_with(&["192.0.2.0/28"], "1-100", settings());
    let world = World {
        open: 3000,
        silent: 9000,
        rejected: 3000,
        ..World::default()
    };
    let reasons = |world| {
        let mut scan = scan(&plan);
        let reports = play(&mut scan, world).0;
        check_accounts(&plan, &scan, &reports);
        verdicts(&reports)
            .into_iter()
            .map(|(k, v)| (k, v.reason))
            .collect::<Vec<_>>()
    };
    let failing = World {
        local_failures: 6554,
        ..world
    };
    assert_eq!(reasons(world), reasons(failing));
}

#[test]
fn without_a_successful_send_the_wait_ends() {
    for (error, reason) in [
        (LocalError::Limit, Reason::LocalLimit),
        (LocalError::Route, Reason::LocalRoute),
    ] {
        let plan = plan_with(&["192.0.2.0/29"], "1-10", settings());
        let mut scan = scan(&plan);
        let (reports, now) = drive(&mut scan, |scan, now, id, _| {
            scan.handle(now, id, Outcome::Local(error));
        });
        check_accounts(&plan, &scan, &reports);
        assert_eq!(scan.tally().counts.of(reason), plan.planned());
        assert!(now <= Instant::ZERO + Duration::from_secs(31), "{now:?}");
    }
}

#[test]
fn a_lost_route_voids_the_silence_of_what_was_in_flight() {
    let plan = plan_with(
        &["192.0.2.1"],
        "1-40",
        Settings {
            attempts: Some(1),
            ..settings()
        },
    );
    let mut scan = scan(&plan);
    let (mut now, mut reports) = (Instant::ZERO, Vec::new());
    let down = Instant::ZERO + Duration::from_millis(5)..Instant::ZERO + Duration::from_secs(9);
    let mut answers: Vec<(Instant, ProbeId)> = Vec::new();
    loop {
        match scan.poll(now) {
            Step::Connect { id, .. } if down.contains(&now) => {
                scan.handle(now, id, Outcome::Local(LocalError::Route));
            }
            // What leaves before the interface goes down is never answered.
            Step::Connect { id, .. } if now < down.start => assert_eq!(id.generation, 0),
            Step::Connect { id, .. } => answers.push((now, id)),
            Step::Abort(id) => {
                if down.contains(&now) {
                    scan.path_changed(now);
                }
                scan.handle(now, id, Outcome::ABORTED);
            }
            Step::Departs { host, .. } => scan.departs(now, host, Departure::Leaves),
            Step::Report(r) => reports.push(r),
            Step::Wait(until) => {
                now = until.unwrap_or(now).max(now + Duration::from_millis(1));
                for (_, id) in std::mem::take(&mut answers) {
                    scan.handle(
                        now,
                        id,
                        Outcome::Refused {
                            rtt: None,
                            retransmits: 0,
                        },
                    );
                }
                scan.harvested(now);
            }
            Step::Done => break,
        }
    }
    check_accounts(&plan, &scan, &reports);
    assert_eq!(
        scan.tally().counts.of(Reason::ConnRefused),
        40,
        "{:?}",
        scan.tally()
    );
}

#[test]
fn a_self_connect_is_asked_again_and_counts_for_nothing() {
    let plan = plan_with(&["127.0.0.1"], "40000", settings());
    let mut scan = scan(&plan);
    let Step::Connect { id, .. } = scan.poll(Instant::ZERO) else {
        panic!()
    };
    scan.handle(Instant::ZERO, id, Outcome::SelfConnected);
    let Step::Connect { id, .. } = scan.poll(Instant::ZERO) else {
        panic!()
    };
    scan.handle(
        Instant::ZERO,
        id,
        Outcome::Refused {
            rtt: None,
            retransmits: 0,
        },
    );
    let Step::Report(Report::Port(v)) = scan.poll(Instant::ZERO) else {
        panic!()
    };
    assert_eq!(
        (v.reason, v.attempts, scan.tally().attempts),
        (Reason::ConnRefused, 1, 1)
    );
}

/// A peer that answers each SYN with an acknowledgement of nothing had two sent for every one that was allowed.
#[test]
fn what_a_peer_makes_the_system_send_again_is_paid_for() {
    let pace = Pace {
        rate: Some(100),
        ..Pace::NORMAL
    };
    let plan = plan_with(&["192.0.2.1"], "1-1000", Settings { pace, ..settings() });
    let mut scan = scan(&plan);
    let mut sent = 0_u32;
    drive(&mut scan, |scan, now, id, _| {
        sent += 2;
        let (rtt, retransmits) = (Some(Duration::from_millis(1)), 1);
        scan.handle(now, id, Outcome::Refused { rtt, retransmits });
        let allowed = 100.0 * now.since(Instant::ZERO).as_secs_f64();
        assert!(f64::from(sent) <= allowed + 4.0, "{sent} by {now:?}");
    });
    assert!(sent >= 2000);
}
