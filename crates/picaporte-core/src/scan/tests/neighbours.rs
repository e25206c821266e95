//! Whether probes leave: neighbours that are looked for, found, or missing.

use super::*;

/// Waits for a neighbour that never answers (`found` is `None`) or is found after a while; gives
/// the verdict, when it came, and how many attempts were aborted.
fn look_for_neighbour(found: Option<Duration>) -> (Verdict, Instant, u32) {
    let plan = plan_with(&["192.0.2.1"], "22", settings());
    let mut scan = scan(&plan);
    let (mut now, mut aborts, mut last) = (Instant::ZERO, 0, None);
    loop {
        match scan.poll(now) {
            Step::Connect { id, .. } => last = Some(id),
            Step::Departs { host, .. } => {
                let leaves = found.is_some_and(|after| now >= Instant::ZERO + after);
                let departure = if leaves {
                    Departure::Leaves
                } else {
                    Departure::Waits
                };
                scan.departs(now, host, departure);
            }
            Step::Abort(id) => {
                aborts += 1;
                scan.handle(now, id, Outcome::ABORTED);
            }
            Step::Report(Report::Port(v)) => return (v, now, aborts),
            Step::Report(_) => {}
            Step::Wait(until) => {
                now = until.unwrap();
                // The kernel gives up after three questions.
                if found.is_none() && now >= Instant::ZERO + Duration::from_secs(3) {
                    scan.handle(now, last.unwrap(), Outcome::NoNeighbour);
                }
                scan.harvested(now);
            }
            Step::Done => panic!("done without a verdict"),
        }
    }
}

#[test]
fn a_missing_neighbour_is_waited_for_and_nothing_is_aborted_meanwhile() {
    let (verdict, at, aborts) = look_for_neighbour(None);
    assert_eq!(
        (verdict.reason, verdict.attempts, aborts),
        (Reason::HostUnreach, 1, 0)
    );
    assert!(verdict.evidence.neighbour);
    assert!(at.as_millis() < 3100);
}

#[test]
fn the_time_of_an_attempt_begins_when_the_neighbour_is_found() {
    let found = Duration::from_millis(1500);
    let (verdict, at, _) = look_for_neighbour(Some(found));
    assert_eq!((verdict.reason, verdict.attempts), (Reason::NoResponse, 2));
    assert!(at >= Instant::ZERO + found + crate::timing::FIRST.times(2));
}

/// A SYN that the system sends again makes the kernel ask for the link address anew, so that the
/// moment at which it had given up may never be seen.
#[test]
fn a_neighbour_that_is_asked_for_for_ever_is_missing() {
    let plan = plan_with(&["192.0.2.1"], "22,80", settings());
    let mut scan = scan(&plan);
    let (mut now, mut reports) = (Instant::ZERO, Vec::new());
    loop {
        match scan.poll(now) {
            Step::Departs { host, .. } => scan.departs(now, host, Departure::Waits),
            Step::Abort(id) => scan.handle(now, id, Outcome::Aborted { retransmits: 1 }),
            Step::Connect { .. } => {}
            Step::Report(r) => reports.push(r),
            Step::Wait(until) => {
                now = until.unwrap();
                scan.harvested(now);
            }
            Step::Done => break,
        }
    }
    check_accounts(&plan, &scan, &reports);
    assert_eq!(scan.tally().counts.of(Reason::HostUnreach), 2);
    assert!(now.as_millis() < 4200, "{now:?}");
}

/// The kernel limits its own ICMP errors: most sockets never hear that their neighbour is missing.
#[test]
fn one_word_of_a_missing_neighbour_does_for_all_that_waited() {
    for told in [true, false] {
        let plan = plan_with(&["192.0.2.1"], "1-300", settings());
        let mut scan = scan(&plan);
        let (mut now, mut reports, mut asked) = (Instant::ZERO, Vec::new(), Vec::new());
        let mut failed = Instant::ZERO + Duration::from_secs(3);
        loop {
            match scan.poll(now) {
                Step::Connect { id, .. } => {
                    // The kernel begins anew with the first SYN after it had given up.
                    if now >= failed {
                        failed = now + Duration::from_secs(3);
                    }
                    asked.push(id);
                }
                Step::Departs { host, .. } => {
                    let gone = !told && now >= failed;
                    let gone = if gone {
                        Departure::Unknown
                    } else {
                        Departure::Waits
                    };
                    scan.departs(now, host, gone);
                }
                Step::Abort(id) => scan.handle(now, id, Outcome::ABORTED),
                Step::Report(r) => reports.push(r),
                Step::Wait(until) => {
                    now = until.unwrap();
                    if told && now >= failed {
                        // One socket hears of it, the others do not.
                        for id in asked.drain(..).rev().take(1) {
                            scan.handle(now, id, Outcome::NoNeighbour);
                        }
                    }
                    scan.harvested(now);
                }
                Step::Done => break,
            }
        }
        check_accounts(&plan, &scan, &reports);
        let counts = &scan.tally().counts;
        assert_eq!(counts.of(Reason::HostUnreach), 300, "{told} {counts:?}");
    }
}
