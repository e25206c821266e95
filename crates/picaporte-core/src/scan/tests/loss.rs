//! Loss, as it is measured in what the system had to send again.

use super::*;

#[test]
fn what_the_system_sent_again_was_lost() {
    let plan = plan_with(
        &["192.0.2.0/24"],
        "443",
        Settings {
            attempts: Some(1),
            timeout: Some(Duration::from_millis(1_600)),
            ..settings()
        },
    );
    let mut scan = scan(&plan);
    let world = World {
        open: 32_768,
        loss: 6554,
        ..World::default()
    };
    let (reports, _, _) = play(&mut scan, world);
    let again: u64 = verdicts(&reports)
        .values()
        .filter(|v| v.state() != State::Filtered)
        .map(|v| u64::from(v.evidence.retransmits))
        .sum();
    assert!(again > 20);
    assert_eq!(scan.loss().lost, again);
}

/// On a path of more than 1 s the system sends SYNs again of which none was lost.
#[test]
fn what_was_only_slow_was_not_lost() {
    for (ms, lost) in [(1_400, 0), (300, 1)] {
        let plan = plan_with(&["192.0.2.1"], "443", settings());
        let mut scan = scan(&plan);
        let Step::Connect { id, .. } = scan.poll(Instant::ZERO) else {
            panic!("an attempt is made at once");
        };
        let rtt = Some(Duration::from_millis(ms));
        let outcome = Outcome::Connected {
            rtt,
            retransmits: 1,
            peer: None,
        };
        scan.handle(Instant::ZERO + Duration::from_millis(1_400), id, outcome);
        assert_eq!(scan.loss().lost, lost);
    }
}
