//! What is refused for lying outside the scope: decided at once, never asked again, and nobody else pays for it.

use super::*;

const RESET: Outcome = Outcome::Refused {
    rtt: Some(Duration::from_millis(1)),
    retransmits: 0,
};

/// Answers every attempt at once: those that `outside` names are refused, the others get a RST. Gives the reports, how often
/// each port was asked, and how long it took.
fn refuse(
    scan: &mut Scan,
    outside: impl Fn(Address, u16, Instant) -> bool,
) -> (Vec<Report>, BTreeMap<(Address, u16), u32>, Instant) {
    let mut asked = BTreeMap::new();
    let (reports, now) = drive(scan, |scan, now, id, (address, port)| {
        *asked.entry((address, port)).or_default() += 1;
        let outcome = if outside(address, port, now) {
            Outcome::OutOfScope
        } else {
            RESET
        };
        scan.handle(now, id, outcome);
    });
    (reports, asked, now)
}

#[test]
fn a_port_that_is_refused_is_asked_once_and_untested() {
    let plan = plan_with(&["192.0.2.0/28"], "1-50", settings());
    let mut scan = scan(&plan);
    let outside = |_, port, _| port > 20;
    let (reports, asked, _) = refuse(&mut scan, outside);
    check_accounts(&plan, &scan, &reports);
    assert_eq!(scan.tally().counts.of(Reason::OutOfScope), 16 * 30);
    assert_eq!(scan.tally().counts.of(Reason::ConnRefused), 16 * 20);
    assert_eq!(scan.tally().attempts, 16 * 20 + scan.tally().extra);
    for ((_, port), v) in verdicts(&reports) {
        assert_eq!(v.reason == Reason::OutOfScope, port > 20);
        assert_eq!(v.attempts, u8::from(port <= 20));
    }
    assert!(
        asked
            .iter()
            .all(|((_, port), times)| *port <= 20 || *times == 1)
    );
}

#[test]
fn what_is_refused_costs_nothing_of_the_rate() {
    let pace = Pace {
        rate: Some(20),
        host_rate: Some(10),
        ..Pace::NORMAL
    };
    let plan = plan_with(&["192.0.2.0/30"], "1-1000", Settings { pace, ..settings() });
    let mut all_but_ten = scan(&plan);
    let (reports, _, took) = refuse(&mut all_but_ten, |_, port, _| port > 10);
    check_accounts(&plan, &all_but_ten, &reports);
    assert_eq!(all_but_ten.tally().counts.of(Reason::OutOfScope), 4 * 990);
    // 40 attempts at 20 a second; 4,000 would take 200 s.
    assert!(took < Instant::ZERO + Duration::from_secs(5), "{took:?}");
}

#[test]
fn a_scan_that_is_refused_altogether_ends_at_once() {
    let plan = plan_with(&["192.0.2.0/24"], "1-100", settings());
    let mut scan = scan(&plan);
    let (reports, _, took) = refuse(&mut scan, |_, _, _| true);
    check_accounts(&plan, &scan, &reports);
    assert_eq!(scan.tally().counts.of(Reason::OutOfScope), plan.planned());
    assert_eq!((scan.tally().attempts, scan.tally().extra), (0, 0));
    assert!(took < Instant::ZERO + Duration::from_secs(1), "{took:?}");
}

#[test]
fn signs_of_life_that_are_refused_leave_no_host_for_silent() {
    let discover = vec![443, 80];
    let plan = plan_with(
        &["192.0.2.0/28"],
        "22",
        Settings {
            discover,
            ..settings()
        },
    );
    let mut scan = scan(&plan);
    let (reports, ..) = refuse(&mut scan, |_, port, _| port != 22);
    check_accounts(&plan, &scan, &reports);
    assert_eq!(scan.tally().counts.of(Reason::ConnRefused), 16);
    assert_eq!(scan.tally().extra, 0);
}

#[test]
fn a_scope_that_ends_leaves_the_rest_untested() {
    let pace = Pace {
        rate: Some(100),
        ..Pace::NORMAL
    };
    let plan = plan_with(&["192.0.2.0/29"], "1-100", Settings { pace, ..settings() });
    let mut scan = scan(&plan);
    let end = Instant::ZERO + Duration::from_secs(2);
    let (reports, _) = drive(&mut scan, |scan, now, id, _| {
        if now < end {
            scan.handle(now, id, RESET);
        } else {
            scan.handle(now, id, Outcome::OutOfScope);
            scan.stop(Reason::OutOfScope);
        }
    });
    check_accounts(&plan, &scan, &reports);
    let counts = &scan.tally().counts;
    assert_eq!(counts.tested() + counts.of(Reason::OutOfScope), 800);
    assert!((150..=205).contains(&counts.tested()), "{counts:?}");
}

#[test]
fn an_answer_to_what_was_sent_before_the_end_still_counts() {
    let plan = plan_with(&["192.0.2.1"], "80", settings());
    let mut scan = scan(&plan);
    let (mut now, mut first, mut reports) = (Instant::ZERO, None, Vec::new());
    loop {
        match scan.poll(now) {
            Step::Connect { id, .. } if first.is_none() => first = Some(id),
            Step::Connect { id, .. } => scan.handle(now, id, Outcome::OutOfScope),
            // The last look at the first attempt finds a RST.
            Step::Abort(id) => {
                assert_eq!(Some(id), first);
                let refused = Outcome::Refused {
                    rtt: None,
                    retransmits: 1,
                };
                scan.handle(now, id, refused);
            }
            Step::Departs { host, .. } => scan.departs(now, host, Departure::Leaves),
            Step::Report(report) => reports.push(report),
            Step::Wait(until) => {
                now = until.expect("a moment to go on at");
                scan.harvested(now);
            }
            Step::Done => break,
        }
    }
    check_accounts(&plan, &scan, &reports);
    assert_eq!(scan.tally().counts.of(Reason::ConnRefused), 1);
}

#[test]
fn a_host_whose_open_port_is_refused_later_is_out_of_scope_as_a_whole() {
    let plan = plan_with(
        &["192.0.2.0/30"],
        "1-400",
        Settings {
            canaries: vec![50_001],
            ..settings()
        },
    );
    let mut scan = scan(&plan);
    let turn = Instant::ZERO + Duration::from_millis(60);
    let (reports, ..) = refuse(&mut scan, |address, port, now| {
        address == Address::new([192, 0, 2, 1].into()) && (now >= turn || port > 200)
    });
    check_accounts(&plan, &scan, &reports);
    assert!(Tally::of_scan(&plan, [scan.tally()], Reason::Interrupted).balances());
}
