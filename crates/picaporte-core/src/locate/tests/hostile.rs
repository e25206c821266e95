//! Answers that no path would give, and what this machine cannot do: everything comes to an end, in order.

use proptest::prelude::*;

use super::super::sim::{host, router};
use super::*;

/// Answers every attempt with `outcome` until it ends; what is found.
fn always(outcome: Outcome, stop_after: Option<u32>) -> Vec<Located> {
    let mut locate = Locate::new(&sought(&[22, 80], &[]), &Settings::default());
    let (mut now, mut found, mut attempts) = (Instant::ZERO, Vec::new(), 0);
    loop {
        match locate.poll(now) {
            Step::Connect { id, .. } => {
                attempts += 1;
                if stop_after == Some(attempts) {
                    locate.stop(Reason::Interrupted);
                }
                locate.handle(now, id, outcome);
            }
            Step::Abort(id) => locate.handle(now, id, Outcome::ABORTED),
            Step::Report(located) => found.push(*located),
            Step::Done => return found,
            Step::Wait(until) => {
                now = until.expect("a moment to go on at");
                locate.harvested(now);
            }
        }
        assert!(attempts < 10_000);
        if matches!(outcome, Outcome::Local(_)) {
            assert_eq!(
                locate.attempts(),
                0,
                "what could not be asked is no attempt"
            );
        }
    }
}

#[test]
fn what_this_machine_cannot_do_is_untested() {
    for (error, why) in [
        (LocalError::Route, Reason::LocalRoute),
        (LocalError::Limit, Reason::LocalLimit),
    ] {
        let found = always(Outcome::Local(error), None);
        assert_eq!(found.len(), 2);
        assert!(
            found.iter().all(|f| f.answer == Answer::Untested(why)),
            "{found:?}"
        );
    }
}

#[test]
fn what_is_out_of_scope_is_asked_once_and_untested() {
    let settings = Settings {
        rate: Some(1),
        ..Settings::default()
    };
    let mut locate = Locate::new(&sought(&[22, 80], &[443, 81, 23]), &settings);
    let (mut asked, mut found) = (Vec::new(), Vec::new());
    loop {
        // Time stands still: what was refused costs none of the rate.
        match locate.poll(Instant::ZERO) {
            Step::Connect { id, port, .. } => {
                asked.push(port);
                locate.handle(Instant::ZERO, id, Outcome::OutOfScope);
            }
            Step::Report(located) => found.push(*located),
            Step::Done => break,
            other => panic!("{other:?}"),
        }
    }
    asked.sort_unstable();
    asked.dedup();
    assert!(asked.contains(&22) && asked.contains(&80));
    for found in &found {
        assert_eq!(found.answer, Answer::Untested(Reason::OutOfScope));
        assert_eq!(
            (found.by, found.place, found.attempts),
            (By::Unknown, Place::default(), 0)
        );
    }
    assert_eq!(found.len(), 2);
}

#[test]
fn a_port_is_located_without_those_that_are_out_of_scope() {
    let mut locate = Locate::new(&sought(&[22], &[443, 80]), &Settings::default());
    let (mut now, mut refused) = (Instant::ZERO, 0);
    let found = loop {
        match locate.poll(now) {
            Step::Connect {
                id, port: 22, ttl, ..
            } if ttl < 3 => {
                let icmp = crate::Icmp {
                    v6: false,
                    kind: 11,
                    code: 0,
                    from: Some(router(ttl)),
                };
                let outcome = Outcome::Rejected {
                    icmp: Some(icmp),
                    rtt: None,
                    retransmits: 0,
                };
                locate.handle(now, id, outcome);
            }
            Step::Connect { id, port, .. } => {
                let reset = Outcome::Refused {
                    rtt: None,
                    retransmits: 0,
                };
                refused += u32::from(port != 22);
                locate.handle(
                    now,
                    id,
                    if port == 22 {
                        reset
                    } else {
                        Outcome::OutOfScope
                    },
                );
            }
            Step::Abort(id) => locate.handle(now, id, Outcome::ABORTED),
            Step::Report(located) => break *located,
            Step::Done => panic!("nothing is told"),
            Step::Wait(until) => {
                now = until.expect("a moment to go on at");
                locate.harvested(now);
            }
        }
    };
    assert_eq!(found.answer, Answer::Reset);
    assert_eq!(found.place.until, Some(3));
    assert_eq!(refused, 2, "each is refused once");
}

#[test]
fn limits_hold_whatever_was_set() {
    let limits = Limits {
        rate: Some(50),
        host_rate: Some(20),
        max_inflight: Some(3),
        host_inflight: None,
    };
    let mut locate = Locate::new(&sought(&[22], &[]), &Settings::default());
    locate.keep_within(limits);
    let (mut now, mut sent, mut open) = (Instant::ZERO, 0u32, 0u32);
    loop {
        match locate.poll(now) {
            Step::Connect { .. } => (sent, open) = (sent + 1, open + 1),
            Step::Abort(id) => {
                open -= 1;
                locate.handle(now, id, Outcome::ABORTED);
            }
            Step::Report(_) | Step::Done => break,
            Step::Wait(until) => {
                now = until.expect("a moment to go on at");
                locate.harvested(now);
            }
        }
        assert!(open <= 3, "{open} at a time");
    }
    let seconds = now.since(Instant::ZERO).as_secs_f64();
    assert!(
        sent > 3 && f64::from(sent) <= 20.0 * seconds + 1.0,
        "{sent} in {seconds} s"
    );
}

#[test]
fn a_neighbour_that_is_missing_is_said_to_be() {
    let found = always(Outcome::NoNeighbour, None);
    assert!(
        found.iter().all(|f| f.answer == Answer::NoNeighbour),
        "{found:?}"
    );
}

#[test]
fn a_loop_is_said_to_be_one() {
    let icmp = crate::Icmp {
        v6: false,
        kind: 11,
        code: 0,
        from: Some(router(1)),
    };
    let expired = Outcome::Rejected {
        icmp: Some(icmp),
        rtt: None,
        retransmits: 0,
    };
    let found = always(expired, None);
    assert!(
        found
            .iter()
            .all(|f| f.answer == Answer::Loop(Some(router(1)))),
        "{found:?}"
    );
}

#[test]
fn a_stop_leaves_the_rest_untested() {
    let found = always(Outcome::ABORTED, Some(3));
    let interrupted = Answer::Untested(Reason::Interrupted);
    assert!(found.len() == 2 && found.iter().all(|f| f.answer == interrupted));
}

fn any_outcome() -> impl Strategy<Value = Outcome> {
    let icmp =
        (any::<bool>(), 0u8..16, 0u8..16, 0u8..8).prop_map(|(v6, kind, code, last)| crate::Icmp {
            v6,
            kind,
            code,
            from: (last > 0).then(|| if last == 1 { host() } else { router(last) }),
        });
    let rejected = proptest::option::of(icmp).prop_map(|icmp| Outcome::Rejected {
        icmp,
        rtt: None,
        retransmits: 0,
    });
    let (rtt, retransmits) = (None, 0);
    prop_oneof![
        Just(Outcome::Connected {
            rtt,
            retransmits,
            peer: None
        }),
        Just(Outcome::ConnectedThenReset { rtt, retransmits }),
        Just(Outcome::Refused { rtt, retransmits }),
        Just(Outcome::ABORTED),
        Just(Outcome::NoNeighbour),
        Just(Outcome::SelfConnected),
        Just(Outcome::Local(LocalError::Limit)),
        Just(Outcome::Local(LocalError::Route)),
        rejected.clone(),
        rejected,
    ]
}

proptest! {
    /// Whatever comes, also what cannot be, every port is reported once and what is said of it is in order.
    #[test]
    fn any_answers_come_to_an_end(
        outcomes in proptest::collection::vec((any_outcome(), 0u64..1_200), 1..60),
        ports in proptest::collection::vec(1u16..9, 1..6),
    ) {
        let mut locate = Locate::new(&sought(&ports, &[5, 6, 7]), &Settings::default());
        let planned = locate.planned();
        let mut script = outcomes.iter().cycle();
        let mut due: Vec<(Instant, ProbeId, Outcome)> = Vec::new();
        let (mut now, mut found, mut steps) = (Instant::ZERO, 0, 0u32);
        loop {
            steps += 1;
            prop_assert!(steps < 200_000);
            match locate.poll(now) {
                Step::Connect { id, port, ttl, .. } => {
                    prop_assert!(port > 0 && ttl > 0);
                    let (outcome, after) = script.next().unwrap();
                    due.push((now + Duration::from_millis(*after), id, *outcome));
                }
                Step::Abort(id) => {
                    due.retain(|d| d.1 != id);
                    locate.handle(now, id, Outcome::ABORTED);
                }
                Step::Report(located) => {
                    found += 1;
                    prop_assert!(located.place.until.is_none_or(|until| until >= located.place.after));
                    prop_assert!(located.host.exact.is_none_or(|e| e >= located.host.at_least));
                }
                Step::Done => break,
                Step::Wait(until) => {
                    let next = due.iter().map(|d| d.0).chain(until).min();
                    now = now.max(next.expect("something is waited for"));
                    let (over, later) = due.into_iter().partition(|d| d.0 <= now);
                    due = later;
                    let over: Vec<(Instant, ProbeId, Outcome)> = over;
                    for (_, id, outcome) in over {
                        locate.handle(now, id, outcome);
                        if let Outcome::Connected { .. } = outcome {
                            due.push((now, id, Outcome::Closed(crate::grade::Ending::IN_ORDER)));
                        }
                    }
                    locate.harvested(now);
                }
            }
        }
        prop_assert_eq!(found, planned);
    }
}
