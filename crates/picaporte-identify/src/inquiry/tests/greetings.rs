//! Services that are none, or not what they seem: echo, chargen, tarpits, the same page for everyone, noise.

use super::*;

/// What is found of a peer on a few ports; nothing is the right answer.
fn found(make: impl Fn() -> Box<dyn Peer>) -> Vec<Played> {
    [22, 80, 443, 4000, 6900, 7100, 7300]
        .into_iter()
        .map(|port| play(inquiry(port), &mut *make()))
        .collect()
}

#[test]
fn silence_is_nothing_and_has_an_end() {
    for played in found(|| Box::new(asked(|_| Vec::new()))) {
        assert_eq!(played.what(), "-", "{}", played.course());
        assert!(
            played.took <= Duration::from_millis(12_100),
            "{}",
            played.took
        );
    }
}

#[test]
fn an_echo_is_known_as_one_and_as_nothing_else() {
    for played in found(|| Box::new(asked(|question: &[u8]| say(question)))) {
        assert_eq!(played.what(), "echo", "{}", played.course());
        assert!(played.sent.len() <= 3, "{}", played.course());
    }
    // In pieces, or in capitals with something behind it: nothing is claimed.
    for played in found(|| {
        Box::new(asked(
            |question: &[u8]| say(&question[..question.len() / 2]),
        ))
    }) {
        assert_eq!(played.what(), "-", "{}", played.course());
    }
    for played in found(|| Box::new(asked(|question: &[u8]| say([question, b"!\r\n"].concat())))) {
        assert_eq!(played.what(), "-", "{}", played.course());
    }
}

#[test]
fn who_sends_without_end_is_not_asked() {
    let endless = || -> Box<dyn Peer> {
        let line: Vec<u8> = (b' '..=b'~').cycle().take(70_000).collect();
        Box::new(greets(line, |_| Vec::new()))
    };
    for played in found(endless) {
        assert_eq!(played.what(), "-", "{}", played.course());
        assert!(played.sent.len() <= 4, "{}", played.course());
        assert!(played.took < Duration::from_millis(1_000));
    }
    let played = play(inquiry(4000), &mut *endless());
    assert_eq!(played.course(), "connect, hear 70000, close");
}

#[test]
fn a_byte_a_second_takes_no_longer_than_silence() {
    let tarpit = || -> Box<dyn Peer> {
        let drop = |n: u8| vec![Act::Pause(1_000), Act::Say(vec![b'a' + n % 26])];
        Box::new(Simple {
            greeting: (0..60).flat_map(drop).collect(),
            answer: |_: &[u8]| Vec::new(),
        })
    };
    for played in found(tarpit) {
        assert_eq!(played.what(), "-", "{}", played.course());
        assert!(
            played.took <= Duration::from_millis(12_100),
            "{} {}",
            played.took,
            played.course()
        );
    }
}

#[test]
fn the_same_page_for_everyone_is_asked_for_three_times() {
    for played in found(|| {
        Box::new(asked(|_| {
            say_and_close(
                "<!DOCTYPE html><html><head><title>Welcome</title></head><body>200 OK</body></html>",
            )
        }))
    }) {
        assert_eq!(played.what(), "-", "{}", played.course());
        assert!(played.sent.len() <= 3, "{}", played.course());
        assert!(played.service.excerpt.is_some());
    }
}

#[test]
fn the_same_word_for_everyone_is_no_reason_to_stop() {
    let mut grumbling = asked(|question: &[u8]| match question {
        b"QUERY\r\n" => say("result 7.2"),
        _ => say("ERROR\r\n"),
    });
    let played = play(inquiry(4000), &mut grumbling);
    assert_eq!(played.what(), "data Data 7.2", "{}", played.course());
}

#[test]
fn noise_is_nothing() {
    let noise = || -> Box<dyn Peer> {
        let mut state = 88_172_645_463_325_252_u64;
        Box::new(asked(move |_| {
            let mut next = || {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 32) as u8
            };
            say_and_close((0..200).map(|_| next()).collect::<Vec<u8>>())
        }))
    };
    for played in found(noise) {
        assert_eq!(played.what(), "-", "{}", played.course());
    }
}

#[test]
fn who_hangs_up_at_once_is_left_alone() {
    let played = play(
        inquiry(4000),
        &mut Simple {
            greeting: vec![Act::Close],
            answer: |_: &[u8]| Vec::new(),
        },
    );
    assert_eq!(
        played.course(),
        "connect, closed, close, connect, send GET, closed, close, connect, send TLS, closed, close, connect, send PING, closed, close, connect, send QUERY, closed, close"
    );
    let played = play(
        inquiry(6900),
        &mut Simple {
            greeting: say_and_close("no room\r\n"),
            answer: |_: &[u8]| Vec::new(),
        },
    );
    assert_eq!(
        played.course(),
        "connect, hear 9, closed, close, connect, hear 9, closed, close"
    );
    assert_eq!(played.service.excerpt, Some(Untrusted::new(b"no room\r\n")));
}

#[test]
fn a_late_greeting_is_waited_for_where_it_is_expected() {
    let late = || Simple {
        greeting: vec![
            Act::Pause(4_000),
            Act::Say(b"chat toy/1.0 ready\r\n".to_vec()),
        ],
        answer: chat,
    };
    assert_eq!(play(inquiry(6900), &mut late()).what(), "chat toy 1.0");
    // Elsewhere the question comes first. What comes then is read as a greeting, too, if it comes in time.
    assert_eq!(play(inquiry(7100), &mut late()).what(), "-");
    let mut sooner = Simple {
        greeting: vec![
            Act::Pause(2_000),
            Act::Say(b"chat toy/1.0 ready\r\n".to_vec()),
        ],
        answer: chat,
    };
    assert_eq!(play(inquiry(7100), &mut sooner).what(), "chat toy 1.0");
    let mut sooner = Simple {
        greeting: vec![
            Act::Pause(2_000),
            Act::Say(b"chat toy/1.0 ready\r\n".to_vec()),
        ],
        answer: |_: &[u8]| Vec::new(),
    };
    assert_eq!(play(inquiry(4000), &mut sooner).what(), "chat toy 1.0");
}

#[test]
fn a_greeting_in_pieces_is_one() {
    let pieces = |pause: u64| {
        let piece = |byte: &u8| vec![Act::Pause(pause), Act::Say(vec![*byte])];
        Simple {
            greeting: b"SSH-2.0-OpenSSH_9.2p1\r\n"
                .iter()
                .flat_map(piece)
                .collect(),
            answer: |_: &[u8]| Vec::new(),
        }
    };
    assert_eq!(
        play(inquiry(22), &mut pieces(0)).what(),
        "ssh OpenSSH 9.2p1"
    );
    assert_eq!(
        play(inquiry(22), &mut pieces(100)).what(),
        "ssh OpenSSH 9.2p1"
    );
}
