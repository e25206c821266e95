//! Older versions of TLS behind a command: asked as far as the way leads there again, and not asked where it does not.

use super::inside::Inside;
use super::*;
use crate::knowledge::{Host, Knowledge};
use crate::tls::tests::{record, server_hello};
use crate::tls::{Acceptance, TlsVersion};
use picaporte_core::Port;

/// Greets, and lets TLS begin by a command after a word of help, as SMTP after EHLO. From the second connection on it does what a test wants.
struct Strict {
    inside: Inside<Box<dyn Peer>>,
    connections: u8,
    helped: bool,
    later: fn(&[u8]) -> Option<Vec<Act>>,
    later_greeting: Option<fn() -> Vec<Act>>,
}

impl Strict {
    fn new() -> Self {
        let chat: Box<dyn Peer> = Box::new(greets("chat toy/1.0 ready\r\n", chat));
        Self {
            inside: Inside {
                command: Some(b"TLS\r\n"),
                ..Inside::new(chat)
            },
            connections: 0,
            helped: false,
            later: |_| None,
            later_greeting: None,
        }
    }

    /// Does this with bytes that come on the second connection and later.
    fn later(later: fn(&[u8]) -> Option<Vec<Act>>) -> Self {
        Self {
            later,
            ..Self::new()
        }
    }
}

impl Peer for Strict {
    fn opened(&mut self) -> Vec<Act> {
        self.connections += 1;
        self.helped = false;
        let greeting = self.inside.opened();
        match self.later_greeting {
            Some(other) if self.connections > 1 => other(),
            _ => greeting,
        }
    }

    fn heard(&mut self, bytes: &[u8]) -> Vec<Act> {
        let other = (self.later)(bytes).filter(|_| self.connections > 1);
        if let Some(acts) = other {
            return acts;
        }
        if bytes == b"TLS\r\n" && !self.helped {
            return say("help first\r\n");
        }
        self.helped |= bytes == b"HELP\r\n";
        self.inside.heard(bytes)
    }
}

fn accepted(played: &Played) -> Vec<TlsVersion> {
    let tls = played.service.tls.as_ref().expect("TLS was found");
    tls.versions.accepted().collect()
}

fn refused(played: &Played) -> Vec<TlsVersion> {
    let tls = played.service.tls.as_ref().expect("TLS was found");
    tls.versions.refused().map(|(version, _)| version).collect()
}

const OLDER: [TlsVersion; 3] = [TlsVersion::Ssl30, TlsVersion::Tls10, TlsVersion::Tls11];

#[test]
fn versions_are_asked_behind_the_command() {
    let played = play(inquiry(6900), &mut Strict::new());
    assert_eq!(played.what(), "chat toy 1.0", "{}", played.course());
    assert!(played.service.tls.as_ref().unwrap().starttls);
    assert_eq!(accepted(&played), [TlsVersion::Tls12, TlsVersion::Tls13]);
    assert_eq!(refused(&played), OLDER);
    // One for what it is and for 1.3, and one for each of the others; the same words on each.
    assert_eq!(played.sent.len(), 5);
    for sent in &played.sent {
        assert_eq!(
            sent[..2],
            [&b"HELP\r\n"[..], b"TLS\r\n"],
            "{}",
            played.course()
        );
        assert!(sent[2].starts_with(&[22, 3]));
    }
}

#[test]
fn versions_are_asked_behind_a_command_that_needs_nothing_before_it() {
    // On a connection that was opened for the command: the first was closed by the answer to HELP.
    let closes = |question: &[u8]| match question {
        b"HELP\r\n" => say_and_close("help: nobody\r\n"),
        question => chat(question),
    };
    let mut peer = Inside {
        command: Some(b"TLS\r\n"),
        ..Inside::new(greets("chat toy/1.0 ready\r\n", closes))
    };
    let played = play(inquiry(6900), &mut peer);
    assert_eq!(refused(&played), OLDER, "{}", played.course());
    assert_eq!(played.sent.len(), 6);
    for sent in &played.sent[1..] {
        assert_eq!(sent[0], b"TLS\r\n", "{}", played.course());
        assert!(sent[1].starts_with(&[22, 3]));
    }
}

/// RDP as xrdp speaks it (MS-RDPBCGR, section 5.4.5): TLS follows the confirmation that the question led to, and nothing else may come between.
#[test]
fn versions_are_asked_behind_a_question_that_is_the_command() {
    const CONFIRM: &[u8] = b"\x03\0\0\x13\x0e\xd0\0\0\x124\0\x02\x01\x08\0\x01\0\0\0";
    struct Desktop(Inside<Box<dyn Peer>>);
    impl Peer for Desktop {
        fn opened(&mut self) -> Vec<Act> {
            self.0.opened()
        }
        fn heard(&mut self, bytes: &[u8]) -> Vec<Act> {
            let before = self.0.begun;
            let acts = self.0.heard(bytes);
            if before == self.0.begun {
                return acts;
            }
            say(CONFIRM)
        }
    }
    let desktop: Box<dyn Peer> = Box::new(asked(|_| Vec::new()));
    let command = b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0";
    let inside = Inside {
        command: Some(command),
        ..Inside::new(desktop)
    };
    let host = Host::new("www.example.org").expect("a name");
    let port = Port::new(3389).expect("a port");
    let knowledge = Knowledge::builtin().expect("it is tested");
    let inquiry = Inquiry::new(knowledge, host, port, Limits::default());
    let played = play(inquiry, &mut Desktop(inside));
    assert_eq!(played.what(), "ms-wbt-server xrdp", "{}", played.course());
    assert_eq!(accepted(&played), [TlsVersion::Tls12, TlsVersion::Tls13]);
    assert_eq!(refused(&played), OLDER, "{}", played.course());
    assert_eq!(played.sent.len(), 5);
}

/// What the first connection told is known, and all else was not asked: not refused, and not unclear.
fn barred(mut peer: Strict) -> Played {
    let played = play(inquiry(6900), &mut peer);
    assert_eq!(accepted(&played), [TlsVersion::Tls13]);
    let versions = &played.service.tls.as_ref().unwrap().versions;
    for version in OLDER.into_iter().chain([TlsVersion::Tls12]) {
        assert_eq!(versions.of(version), Acceptance::NotAsked, "{version}");
    }
    assert_eq!(played.sent.len(), 2, "{}", played.course());
    played
}

#[test]
fn a_command_that_is_refused_or_not_answered_the_second_time_leaves_versions_unasked() {
    barred(Strict::later(|bytes| {
        (bytes == b"TLS\r\n").then(|| say("later\r\n"))
    }));
    barred(Strict::later(|bytes| (bytes == b"TLS\r\n").then(Vec::new)));
}

#[test]
fn who_closes_with_its_leave_to_begin_was_not_asked() {
    barred(Strict::later(|bytes| {
        (bytes == b"TLS\r\n").then(|| say_and_close("go\r\n"))
    }));
}

#[test]
fn who_hangs_up_before_the_command_was_not_asked() {
    for later in [
        |bytes: &[u8]| (bytes == b"HELP\r\n").then(|| vec![Act::Close]),
        |bytes: &[u8]| (bytes == b"HELP\r\n").then(|| say_and_close("help: nobody\r\n")),
        |bytes: &[u8]| (bytes == b"HELP\r\n").then(Vec::new),
    ] {
        barred(Strict::later(later));
    }
}

#[test]
fn who_does_not_greet_the_second_time_is_asked_nothing() {
    let greetings: [fn() -> Vec<Act>; 3] =
        [Vec::new, || vec![Act::Close], || say_and_close("full\r\n")];
    for greeting in greetings {
        let played = barred(Strict {
            later_greeting: Some(greeting),
            ..Strict::new()
        });
        assert!(played.sent[1].is_empty(), "{}", played.course());
    }
}

#[test]
fn who_closes_on_the_hello_refuses_its_version() {
    let played = play(
        inquiry(6900),
        &mut Strict::later(|bytes| (bytes[0] == 22).then(|| vec![Act::Close])),
    );
    assert_eq!(accepted(&played), [TlsVersion::Tls13]);
    assert_eq!(refused(&played).len(), 4, "{}", played.course());
}

#[test]
fn who_is_silent_after_the_hello_is_unclear() {
    let played = play(
        inquiry(6900),
        &mut Strict::later(|bytes| (bytes[0] == 22).then(Vec::new)),
    );
    assert_eq!(refused(&played), [], "{}", played.course());
    let versions = &played.service.tls.as_ref().unwrap().versions;
    assert_eq!(versions.of(TlsVersion::Tls11), Acceptance::Unclear);
    assert!(played.took <= Limits::default().port + Duration::from_millis(100));
}

/// TLS 1.0 with RSA key exchange behind the command, and no more than its hello: no handshake of today comes to an end with it.
#[test]
fn who_is_too_old_for_a_handshake_is_asked_behind_the_command() {
    let old = |question: &[u8]| match question {
        b"TLS\r\n" => say("go\r\n"),
        [22, ..] => {
            let hello = server_hello(TlsVersion::Tls10, 0x2f);
            say(record(22, TlsVersion::Tls10, &hello))
        }
        question => chat(question),
    };
    let played = play(inquiry(6900), &mut greets("chat toy/1.0 ready\r\n", old));
    assert_eq!(played.what(), "chat toy 1.0");
    let tls = played.service.tls.as_ref().expect("TLS was found");
    assert!(tls.starttls);
    assert_eq!(
        accepted(&played),
        [TlsVersion::Tls10],
        "{}",
        played.course()
    );
    assert!(refused(&played).contains(&TlsVersion::Tls12));
    for sent in &played.sent {
        assert_eq!(sent[1], b"TLS\r\n", "{}", played.course());
    }
}

#[test]
fn versions_behind_a_command_keep_to_the_limits() {
    for most in 0..4 {
        let limits = Limits {
            versions: most,
            ..Limits::default()
        };
        let played = play(with_limits(6900, limits), &mut Strict::new());
        assert_eq!(played.sent.len(), 1 + usize::from(most));
        let limits = Limits {
            connections: 1 + most,
            ..Limits::default()
        };
        let played = play(with_limits(6900, limits), &mut Strict::new());
        assert_eq!(played.sent.len(), 1 + usize::from(most));
    }
    // HELP and the command each time; no connection is opened for half of them.
    for (questions, connections) in [(2, 1), (3, 1), (4, 2), (5, 2), (6, 3), (20, 5)] {
        let limits = Limits {
            questions,
            ..Limits::default()
        };
        let played = play(with_limits(6900, limits), &mut Strict::new());
        assert_eq!(played.sent.len(), connections, "{}", played.course());
    }
}

#[test]
fn time_runs_out_behind_a_command() {
    // As a mail server greets that waits for a name server.
    let mut late = Strict {
        later_greeting: Some(|| {
            let late = say("chat toy/1.0 ready\r\n");
            [vec![Act::Pause(4_000)], late].concat()
        }),
        ..Strict::new()
    };
    let played = play(inquiry(6900), &mut late);
    assert!(played.took <= Limits::default().port + Duration::from_millis(100));
    assert_eq!(played.sent.len(), 4, "{}", played.course());
    let versions = &played.service.tls.as_ref().unwrap().versions;
    assert_eq!(versions.of(TlsVersion::Ssl30), Acceptance::NotAsked);
}
