//! Whole conversations: who is asked what, in which order, on how many connections.

use super::*;

/// Why, the port, who is there, what is found, and the course of it.
type Case = (&'static str, u16, Box<dyn Peer>, &'static str, String);

#[test]
fn the_course_of_each_is_as_it_should_be() {
    let get = "send GET";
    let cases: Vec<Case> = vec![
        (
            "who greets on its own port is listened to, and asked on the same connection",
            6900,
            Box::new(greets("chat toy/1.0 ready\r\n", chat)),
            "chat toy 1.0",
            "connect, hear 20, wait 50, send HELP, hear 14, wait 50, send TLS, hear 4, wait 250, close".to_owned(),
        ),
        (
            "who greets elsewhere greets in time",
            4000,
            Box::new(greets("SSH-2.0-OpenSSH_9.2p1\r\n", |_| Vec::new())),
            "ssh OpenSSH 9.2p1",
            "connect, hear 23, wait 50, close".to_owned(),
        ),
        (
            "a web server on its own port is asked at once",
            8080,
            Box::new(asked(nginx)),
            "http nginx 1.22.1",
            format!("connect, {get}, hear 47, closed, close"),
        ),
        (
            "who greets on a web server's port is read as who greets",
            80,
            Box::new(greets("SSH-2.0-OpenSSH_9.2p1\r\n", |_| vec![Act::Close])),
            "ssh OpenSSH 9.2p1",
            format!("connect, {get}, hear 23, closed, close"),
        ),
        (
            "a web server elsewhere is asked on the connection that was listened to",
            4000,
            Box::new(asked(nginx)),
            "http nginx 1.22.1",
            format!("connect, wait 750, {get}, hear 47, closed, close"),
        ),
        (
            "what follows is asked on the same connection",
            7100,
            Box::new(asked(store)),
            "store Store 3.1",
            "connect, send PING, hear 7, wait 250, send INFO, hear 12, wait 50, close".to_owned(),
        ),
        (
            "who hangs up on all questions but its own is found by rank",
            4000,
            Box::new(asked(data)),
            "data Data 7.2",
            format!("connect, wait 750, {get}, closed, close, connect, send TLS, closed, close, connect, send PING, closed, close, connect, send QUERY, hear 10, wait 50, close"),
        ),
        (
            "who answers any question as a web server is one, and is asked as one",
            7300,
            Box::new(asked(nginx)),
            "http nginx 1.22.1",
            format!("connect, send QUERY, hear 50, closed, close, connect, {get}, hear 47, closed, close"),
        ),
    ];
    for (why, port, mut peer, what, course) in cases {
        let played = play(inquiry(port), &mut *peer);
        assert_eq!(played.course(), course, "{why}");
        assert_eq!(played.what(), what, "{why}");
        assert_eq!(
            usize::from(played.service.connections),
            played.sent.len(),
            "{why}"
        );
    }
}

#[test]
fn an_answer_is_told_by_what_it_answers() {
    let probe =
        |port, peer: &mut dyn Peer| play(inquiry(port), peer).service.probe.unwrap().to_string();
    assert_eq!(probe(8080, &mut asked(nginx)), "http-get");
    assert_eq!(probe(7300, &mut asked(nginx)), "http-get");
    assert_eq!(
        probe(80, &mut greets("SSH-2.0-Go\r\n", |_| Vec::new())),
        "greeting"
    );
    assert_eq!(
        probe(
            4000,
            &mut greets("HTTP/1.1 408 Request Timeout\r\n\r\n", |_| Vec::new())
        ),
        "greeting"
    );
    assert_eq!(probe(7100, &mut asked(store)), "store-info");
}

#[test]
fn a_question_names_whom_it_asks() {
    let played = play(inquiry(7100), &mut asked(store));
    assert_eq!(
        played.sent,
        [[
            b"PING\r\n".to_vec(),
            b"INFO www.example.org 7100\r\n".to_vec()
        ]]
    );
    let played = play(inquiry(8080), &mut asked(nginx));
    assert!(played.sent[0][0].starts_with(b"GET / HTTP/1.1\r\nHost: www.example.org\r\n"));
}

#[test]
fn what_follows_a_connection_that_closes_goes_on_the_next() {
    let mut closing = asked(|question: &[u8]| match question {
        b"PING\r\n" => say_and_close("+PONG\r\n"),
        q => store(q),
    });
    let played = play(inquiry(7100), &mut closing);
    assert_eq!(
        played.course(),
        "connect, send PING, hear 7, closed, close, connect, send INFO, hear 12, wait 50, close"
    );
    assert_eq!(played.what(), "store Store 3.1");

    // It closes only when the second question comes: that is asked once more, and once only.
    let mut count = 0;
    let mut late = asked(|question: &[u8]| {
        count += usize::from(question.starts_with(b"INFO"));
        match question {
            q if q.starts_with(b"INFO") && count == 1 => vec![Act::Close],
            q => store(q),
        }
    });
    let played = play(inquiry(7100), &mut late);
    assert_eq!(
        played.course(),
        "connect, send PING, hear 7, wait 250, send INFO, closed, close, connect, send INFO, hear 12, wait 50, close"
    );
    let mut never = asked(|question: &[u8]| match question {
        b"PING\r\n" => say("+PONG\r\n"),
        _ => vec![Act::Close],
    });
    let played = play(inquiry(7100), &mut never);
    assert_eq!(played.sent.len(), 2);
    assert_eq!(played.what(), "store");
}

#[test]
fn a_greeting_that_was_heard_needs_no_connection() {
    let played = play(
        inquiry(22).heard(b"SSH-2.0-OpenSSH_9.2p1\r\n"),
        &mut asked(|_| Vec::new()),
    );
    assert_eq!(
        (played.what().as_str(), played.course().as_str()),
        ("ssh OpenSSH 9.2p1", "")
    );
    assert_eq!(played.service.connections, 0);
    assert_eq!(played.service.probe.as_deref(), Some("greeting"));
    // What follows from it does.
    let played = play(
        inquiry(4000).heard(b"chat toy/1.0 ready\r\n"),
        &mut greets("chat toy/1.0 ready\r\n", chat),
    );
    assert_eq!(
        played.course(),
        "connect, hear 20, wait 50, send HELP, hear 14, wait 50, send TLS, hear 4, wait 250, close"
    );
    // That nothing was heard tells nothing.
    let played = play(
        inquiry(22).heard(b""),
        &mut greets("SSH-2.0-OpenSSH_9.2p1\r\n", |_| Vec::new()),
    );
    assert_eq!(played.what(), "ssh OpenSSH 9.2p1");
}

#[test]
fn what_is_opt_in_is_sent_only_to_who_wants_it() {
    let silent = |inquiry: Inquiry| {
        let played = play(inquiry, &mut asked(|_| Vec::new()));
        let all: Vec<_> = played.sent.concat();
        (
            all.iter().any(|question| question == b"PRINT\r\n"),
            all.len(),
        )
    };
    for port in [7100, 7200, 4000] {
        assert!(!silent(inquiry(port)).0, "{port}");
        assert!(silent(inquiry(port).opt_in()).0, "{port}");
    }
    for port in [9100, 9107, 102, 502, 20_000] {
        assert_eq!(silent(inquiry(port)).1, 0, "{port}");
        assert!(silent(inquiry(port).opt_in()).1 > 0, "{port}");
    }
}

#[test]
fn the_caller_may_end_it_at_any_time() {
    let mut inquiry = inquiry(8080);
    let now = Instant::from_nanos(5);
    assert_eq!(inquiry.poll(now), Step::Connect);
    inquiry.handle(now, Event::Connected);
    assert!(matches!(inquiry.poll(now), Step::Send { .. }));
    inquiry.handle(now, Event::Sent);
    assert!(matches!(inquiry.poll(now), Step::Listen { .. }));
    inquiry.handle(
        now,
        Event::Bytes(b"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\n"),
    );
    let service = inquiry.finish();
    assert_eq!(service.name.as_ref().map(Name::as_str), Some("http"));
    assert_eq!(service.connections, 1);
}

#[test]
fn polling_more_often_changes_nothing_and_events_out_of_place_are_passed_over() {
    let mut inquiry = inquiry(8080);
    let now = Instant::from_nanos(5);
    for event in [
        Event::Connected,
        Event::Sent,
        Event::Bytes(b"x"),
        Event::Closed,
        Event::NotConnected,
    ] {
        inquiry.handle(now, event);
    }
    for _ in 0..3 {
        assert_eq!(inquiry.poll(now), Step::Connect);
    }
    for event in [Event::Sent, Event::Bytes(b"x"), Event::Reset] {
        inquiry.handle(now, event);
        assert_eq!(inquiry.poll(now), Step::Connect);
    }
    inquiry.handle(now, Event::Connected);
    let Step::Send { bytes, .. } = inquiry.poll(now) else {
        panic!("it asks")
    };
    let first = bytes.to_vec();
    inquiry.handle(now, Event::Connected);
    inquiry.handle(now, Event::NotConnected);
    let Step::Send { bytes, .. } = inquiry.poll(now) else {
        panic!("it asks still")
    };
    assert_eq!(first, bytes);
}
