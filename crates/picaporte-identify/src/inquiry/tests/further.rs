//! The user's own probes: asked after ours, and only where ours found nothing.

use std::sync::Arc;

use super::*;
use crate::nmap::Probes;

const THEIRS: &str = r"Probe TCP NULL q||
match toy-greet m|^toy (\S+)| p/Toy/ v/$1/
softmatch calm m|^calmly|
Probe TCP Question q|WHO\r\n|
rarity 1
ports 4001
softmatch soft m|^perhaps|
match toy-asked m|^I am (\S+) ([\d.]+)| p/$1/ v/$2/
Probe TCP Other q|SOFT?\r\n|
rarity 9
ports 4001
match soft m|^soft ([\d.]+)| p/Soft/ v/$1/
match calm m|^calm ([\d.]+)| p/Calm/ v/$1/
";

fn further(port: u16) -> Inquiry {
    let probes = Probes::read("toys", THEIRS.into()).unwrap_or_else(|wrong| panic!("{wrong}"));
    inquiry(port).further(Arc::new(probes))
}

#[test]
fn they_are_asked_last() {
    let mut who = asked(|question: &[u8]| match question {
        b"WHO\r\n" => say("I am Somebody 2.5\r\n"),
        _ => vec![Act::Close],
    });
    let played = play(further(4000), &mut who);
    assert_eq!(
        played.what(),
        "toy-asked Somebody 2.5",
        "{}",
        played.course()
    );
    assert_eq!(played.service.probe.as_deref(), Some("nmap:Question"));
    assert_eq!(played.sent.last().unwrap()[0], b"WHO\r\n");
    // Without them nothing is known; with ours they are not asked.
    assert_eq!(play(inquiry(4000), &mut who).what(), "-");
    let played = play(further(4000), &mut asked(data));
    assert_eq!(played.what(), "data Data 7.2");
}

#[test]
fn a_greeting_that_ours_do_not_know_is_held_against_theirs() {
    let played = play(further(4000), &mut greets("toy 1.2\r\n", |_| Vec::new()));
    assert_eq!(played.what(), "toy-greet Toy 1.2", "{}", played.course());
    assert!(!played.sent.concat().contains(&b"WHO\r\n".to_vec()));
}

#[test]
fn a_soft_match_says_what_is_worth_asking() {
    let mut soft = asked(|question: &[u8]| match question {
        b"WHO\r\n" => say("perhaps\r\n"),
        b"SOFT?\r\n" => say("soft 3.0\r\n"),
        _ => vec![Act::Close],
    });
    let played = play(further(4001), &mut soft);
    assert_eq!(played.what(), "soft Soft 3.0", "{}", played.course());
}

#[test]
fn a_greeting_that_matches_softly_says_what_is_worth_asking() {
    let answer = |question: &[u8]| match question {
        b"SOFT?\r\n" => say("calm 3.0\r\n"),
        _ => Vec::new(),
    };
    let played = play(further(4001), &mut greets("calmly\r\n", answer));
    assert_eq!(played.what(), "calm Calm 3.0", "{}", played.course());
    assert_eq!(played.service.probe.as_deref(), Some("nmap:Other"));
    // What could say no more of it is not asked.
    assert!(!played.sent.concat().contains(&b"WHO\r\n".to_vec()));
    // A port that their file leaves alone is asked nothing; what it says is read all the same.
    let played = play(further(9100), &mut greets("calmly\r\n", answer));
    assert_eq!(played.what(), "-", "{}", played.course());
    let inquiry = further(9100).heard(b"calmly\r\n");
    let played = play(inquiry, &mut greets("calmly\r\n", answer));
    assert_eq!((played.what().as_str(), played.sent.len()), ("calm", 0));
}

/// Ours may use up all that they may take; theirs have something left.
#[test]
fn they_have_limits_of_their_own() {
    let limits = Limits {
        connections: 2,
        questions: 2,
        port: Duration::from_millis(1_000),
        ..Limits::default()
    };
    let probes = || {
        let probes = Probes::read("toys", THEIRS.into());
        Arc::new(probes.unwrap_or_else(|wrong| panic!("{wrong}")))
    };
    for hangs_up in [true, false] {
        let mut who = asked(move |question: &[u8]| match question {
            b"WHO\r\n" => say("I am Somebody 2.5\r\n"),
            _ if hangs_up => vec![Act::Close],
            _ => Vec::new(),
        });
        assert_eq!(play(with_limits(4000, limits), &mut who).what(), "-");
        let played = play(with_limits(4000, limits).further(probes()), &mut who);
        let what = played.what();
        assert_eq!(what, "toy-asked Somebody 2.5", "{}", played.course());
    }
}

/// It costs no connection, and what is asked after it may make the service hang up.
#[test]
fn a_greeting_is_held_against_theirs_before_anything_is_asked() {
    let mut toy = greets("toy 1.2\r\n", |_| vec![Act::Close]);
    let played = play(further(4000), &mut toy);
    assert_eq!(played.what(), "toy-greet Toy 1.2", "{}", played.course());
    assert_eq!(played.sent.concat().len(), 0, "{}", played.course());
}

#[test]
fn they_obey_limits() {
    let limits = Limits {
        connections: 2,
        ..Limits::default()
    };
    let probes = Probes::read("toys", THEIRS.into()).unwrap_or_else(|wrong| panic!("{wrong}"));
    let inquiry = with_limits(4000, limits).further(Arc::new(probes));
    // Two of ours, and a question of theirs: the other is for port 4001.
    assert_eq!(
        play(inquiry, &mut asked(|_| vec![Act::Close])).sent.len(),
        3
    );
    let played = play(further(9100), &mut asked(|_| Vec::new()));
    assert_eq!(played.sent.len(), 0, "{}", played.course());
}
