//! Each limit is reached, and not passed.

use super::*;

fn silent() -> Simple<impl FnMut(&[u8]) -> Vec<Act>> {
    asked(|_| Vec::new())
}

fn closing() -> Simple<impl FnMut(&[u8]) -> Vec<Act>> {
    asked(|_| vec![Act::Close])
}

#[test]
fn connections() {
    for most in 0..4 {
        let limits = Limits {
            connections: most,
            ..Limits::default()
        };
        let played = play(with_limits(4000, limits), &mut closing());
        assert_eq!(played.sent.len(), usize::from(most));
    }
}

#[test]
fn the_last_connection_is_used_for_what_is_left() {
    let limits = Limits {
        connections: 1,
        ..Limits::default()
    };
    let played = play(with_limits(4000, limits), &mut silent());
    // TLS needs one of its own, which is not there.
    assert_eq!(
        played.course(),
        "connect, wait 750, send GET, wait 3000, close"
    );
    let limits = Limits {
        connections: 1,
        ..Limits::default()
    };
    let played = play(with_limits(7300, limits), &mut silent());
    assert_eq!(
        played.course(),
        "connect, send QUERY, wait 3000, send GET, wait 3000, close"
    );
}

#[test]
fn questions() {
    for most in 1..3 {
        let limits = Limits {
            questions: most,
            ..Limits::default()
        };
        let played = play(with_limits(7300, limits), &mut closing());
        assert_eq!(
            played.sent.concat().iter().filter(|q| q[0] != 22).count(),
            usize::from(most)
        );
    }
}

#[test]
fn bytes_of_an_answer() {
    let limits = Limits {
        answer: 30,
        ..Limits::default()
    };
    let flood = || greets([b'x'; 31], |_| Vec::new());
    assert_eq!(
        play(with_limits(4000, limits), &mut flood()).course(),
        "connect, hear 31, close"
    );
    // As many as are kept may come.
    let mut exactly = greets([b'x'; 29], |_| Vec::new());
    assert!(
        play(with_limits(4000, limits), &mut exactly)
            .course()
            .starts_with("connect, hear 29, wait 250, send GET")
    );
}

#[test]
fn bytes_of_a_port() {
    let pages =
        || asked(|question: &[u8]| say_and_close([question, &[b'x'; 100]].concat().split_off(1)));
    let played = play(inquiry(4000), &mut pages());
    assert_eq!(played.sent.len(), 4);
    let limits = Limits {
        bytes: 101,
        ..Limits::default()
    };
    assert_eq!(play(with_limits(4000, limits), &mut pages()).sent.len(), 1);
}

#[test]
fn time_of_a_listen() {
    let drip = || Simple {
        greeting: (0..1_000)
            .flat_map(|_| vec![Act::Pause(100), Act::Say(vec![b'x'])])
            .collect(),
        answer: |_: &[u8]| Vec::new(),
    };
    let limits = Limits {
        listen: Duration::from_millis(1_000),
        connections: 1,
        questions: 0,
        ..Limits::default()
    };
    // No question may be sent, so nothing is connected to.
    assert_eq!(play(with_limits(4000, limits), &mut drip()).course(), "");
    let limits = Limits {
        questions: 1,
        ..limits
    };
    let played = play(with_limits(4000, limits), &mut drip());
    let get = played
        .course
        .iter()
        .position(|step| step == "send GET")
        .unwrap();
    assert_eq!(get, 11, "{}", played.course());
    assert!(played.took <= Duration::from_millis(2_100));
}

#[test]
fn time_of_a_connection_and_of_a_port() {
    let limits = Limits {
        connection: Duration::from_millis(1_000),
        ..Limits::default()
    };
    let played = play(with_limits(4000, limits), &mut silent());
    assert!(played.course().starts_with(
        "connect, wait 750, send GET, wait 250, close, connect, send TLS, wait 800, close"
    ));
    let limits = Limits {
        port: Duration::from_millis(1_500),
        ..Limits::default()
    };
    let played = play(with_limits(4000, limits), &mut silent());
    assert_eq!(
        played.course(),
        "connect, wait 750, send GET, wait 750, close"
    );
    assert_eq!(played.took, Duration::from_millis(1_502));
}

#[test]
fn waiting_for_leave_to_connect_is_not_counted() {
    let mut inquiry = inquiry(8080);
    assert_eq!(inquiry.poll(Instant::ZERO), Step::Connect);
    let late = Instant::ZERO + Duration::from_millis(3_600_000);
    assert_eq!(inquiry.poll(late), Step::Connect);
    inquiry.handle(late, Event::Connected);
    assert!(matches!(inquiry.poll(late), Step::Send { .. }));
}

#[test]
fn a_question_that_can_not_be_sent_ends_with_the_connection() {
    let mut inquiry = inquiry(8080);
    let now = Instant::ZERO;
    assert_eq!(inquiry.poll(now), Step::Connect);
    inquiry.handle(now, Event::Connected);
    let Step::Send { until, .. } = inquiry.poll(now) else {
        panic!("it asks")
    };
    assert_eq!(until, now + Limits::default().connection);
    assert_eq!(inquiry.poll(until), Step::Close);
}

#[test]
fn connections_that_are_refused() {
    let mut inquiry = inquiry(4000);
    let mut connects = 0;
    while inquiry.poll(Instant::ZERO) == Step::Connect {
        connects += 1;
        inquiry.handle(Instant::ZERO, Event::NotConnected);
    }
    assert_eq!((connects, inquiry.poll(Instant::ZERO)), (2, Step::Done));
}

#[test]
fn a_round_trip_lengthens_every_wait_and_is_bounded() {
    let wait = |millis| {
        let rtt = Duration::from_millis(millis);
        let played = play(
            inquiry(4000).round_trip(rtt),
            &mut greets("SSH-2.0-Go\r\n", |_| Vec::new()),
        );
        played.course()
    };
    assert_eq!(wait(100), "connect, hear 12, wait 250, close");
    assert_eq!(wait(60_000), "connect, hear 12, wait 9998, close");
}

#[test]
fn a_thousand_ports_fit_in_memory() {
    // What is kept of one is an answer of 16 KiB at most, a greeting and an excerpt; TLS is measured by who drives them.
    assert!(size_of::<Inquiry>() <= 2_048, "{}", size_of::<Inquiry>());
}
