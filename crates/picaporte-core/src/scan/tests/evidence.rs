//! What an answer proves is kept from the handshake to the verdict, and counted once.

use super::*;
use crate::grade::{Close, Ending, Grade, Graded, Heard, Options, Peer, Suspicion};
use crate::verdict::{Evidence, Verdict};

const BARE: Peer = Peer {
    options: Some(Options::NONE),
    window_scale: None,
    mss: Some(536),
    window: Some(0),
};

/// What is found out about one port that is answered so, in order; the last answer ends the attempt.
fn found(answers: &[Outcome]) -> (Verdict, Graded) {
    let plan = plan_with(&["192.0.2.1"], "80", settings());
    let mut scan = scan(&plan);
    let (mut now, mut reports) = (Instant::ZERO, Vec::new());
    loop {
        match scan.poll(now) {
            Step::Connect { id, .. } => answers
                .iter()
                .for_each(|&answer| scan.handle(now, id, answer)),
            Step::Abort(id) => scan.handle(now, id, Outcome::ABORTED),
            Step::Departs { host, .. } => scan.departs(now, host, Departure::Leaves),
            Step::Report(report) => reports.push(report),
            Step::Wait(until) => {
                now = until.unwrap_or(now).max(now + Duration::from_millis(1));
                scan.harvested(now);
            }
            Step::Done => break,
        }
    }
    check_accounts(&plan, &scan, &reports);
    let verdicts = verdicts(&reports);
    assert_eq!(verdicts.len(), 1);
    let verdict = verdicts.into_values().next().expect("one port is planned");
    (verdict, scan.tally().graded)
}

fn connected(peer: Option<Peer>) -> Outcome {
    Outcome::Connected {
        rtt: None,
        retransmits: 0,
        peer,
    }
}

#[test]
fn an_open_port_keeps_what_its_peer_said_and_gets_its_grade_when_it_is_closed() {
    let (verdict, graded) = found(&[connected(Some(BARE)), Outcome::Closed(Ending::IN_ORDER)]);
    let expected = Evidence {
        close: Some(Close::Fin),
        peer: Some(BARE),
        grade: Some(Grade::Suspect(Suspicion::NoOptionsNoWindow)),
        ..Evidence::default()
    };
    assert_eq!(
        (verdict.reason, verdict.evidence),
        (Reason::SynAck, expected)
    );
    let suspect = Graded {
        suspect: 1,
        ..Graded::default()
    };
    assert_eq!(graded, suspect);
}

#[test]
fn silence_after_the_handshake_is_a_grade_and_no_state() {
    let silent = Ending {
        heard: Some(Heard::Nothing),
        ..Ending::IN_ORDER
    };
    let (verdict, graded) = found(&[connected(None), Outcome::Closed(silent)]);
    assert_eq!(verdict.reason, Reason::SynAck);
    assert_eq!(verdict.evidence.grade, Some(Grade::HandshakeOnly));
    assert_eq!((graded.handshake_only, graded.all()), (1, 1));
}

#[test]
fn a_connection_that_nobody_watched_to_its_end_has_no_grade() {
    for end in [Outcome::Closed(Ending::UNSEEN), Outcome::ABORTED] {
        let (verdict, graded) = found(&[connected(Some(BARE)), end]);
        assert_eq!(verdict.reason, Reason::SynAck);
        assert_eq!(verdict.evidence.grade, None, "{end:?}");
        assert_eq!(verdict.evidence.peer, Some(BARE));
        assert_eq!(graded, Graded::default());
    }
}

#[test]
fn a_handshake_that_was_reset_before_it_was_seen_is_graded_too() {
    let (rtt, retransmits) = (None, 0);
    let (verdict, graded) = found(&[Outcome::ConnectedThenReset { rtt, retransmits }]);
    assert_eq!(verdict.evidence.close, Some(Close::Reset));
    assert_eq!(verdict.evidence.grade, Some(Grade::Confirmed));
    assert_eq!((graded.confirmed, graded.all()), (1, 1));
}

#[test]
fn a_refusal_that_may_be_a_rejection_says_so() {
    let (rtt, retransmits) = (None, 0);
    let (verdict, _) = found(&[Outcome::RefusedSomehow { rtt, retransmits }]);
    assert_eq!(verdict.reason, Reason::ConnRefused);
    assert!(verdict.evidence.ambiguous);
    let (verdict, _) = found(&[Outcome::Refused { rtt, retransmits }]);
    assert!(!verdict.evidence.ambiguous);
}

/// An attempt is given up, and answered before the engine is told so: it is not asked to give up a connection.
#[test]
fn a_connection_that_comes_while_its_attempt_is_given_up_is_closed_in_order() {
    let plan = plan_with(&["192.0.2.1"], "80", settings());
    let mut scan = scan(&plan);
    let (mut now, mut reports, mut asked) = (Instant::ZERO, Vec::new(), None);
    for _ in 0..10 {
        match scan.poll(now) {
            Step::Connect { id, .. } => asked = Some(id),
            Step::Wait(_) => break,
            _ => {}
        }
    }
    let id = asked.expect("the port is asked");
    scan.stop(Reason::Interrupted);
    scan.handle(now, id, connected(None));
    for _ in 0..10 {
        now += Duration::from_millis(1);
        scan.harvested(now);
        match scan.poll(now) {
            Step::Wait(_) => scan.handle(now, id, Outcome::Closed(Ending::IN_ORDER)),
            Step::Report(report) => reports.push(report),
            Step::Done => break,
            step => panic!("{step:?} for an open connection"),
        }
    }
    check_accounts(&plan, &scan, &reports);
    assert_eq!(scan.tally().graded.confirmed, 1);
}
