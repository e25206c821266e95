use TlsVersion::{Ssl30, Tls10, Tls11, Tls12, Tls13};

use super::*;
use crate::tls::Suite;

fn hello(version: TlsVersion) -> Heard {
    Heard::Hello {
        version,
        suite: Suite(0x002F),
    }
}

fn alert(number: u8) -> Heard {
    Heard::Alert(Alert(number))
}

/// What is asked in turn of a server that was found to speak `first`, and what comes of it.
fn asked(first: &[TlsVersion], says: impl Fn(TlsVersion) -> Heard) -> (Vec<TlsVersion>, Versions) {
    let mut versions = Versions::default();
    for version in first {
        versions.choose(*version, Tls13);
    }
    let mut asked = Vec::new();
    while let Some(version) = versions.next() {
        asked.push(version);
        versions.hear(Asked::Version(version), says(version));
        assert!(asked.len() <= 5, "each is asked once: {asked:?}");
    }
    (asked, versions)
}

fn refused(versions: &Versions) -> Vec<TlsVersion> {
    versions.refused().map(|(version, _)| version).collect()
}

#[test]
fn a_modern_server_is_asked_for_each_version() {
    let says = |version| match version {
        Tls12 => hello(Tls12),
        _ => alert(70),
    };
    let (asked, versions) = asked(&[Tls13], says);
    assert_eq!(asked, [Tls11, Tls10, Tls12, Ssl30]);
    assert!(versions.accepted().eq([Tls12, Tls13]));
    assert_eq!(refused(&versions), [Ssl30, Tls10, Tls11]);
}

#[test]
fn an_old_one_tells_of_two_at_once() {
    // It has 1.0 and 1.2, and not 1.1.
    let says = |version| match version {
        Tls11 | Tls10 => hello(Tls10),
        _ => alert(40),
    };
    let (asked, versions) = asked(&[Tls12], says);
    assert_eq!(asked, [Tls11, Ssl30]);
    assert!(versions.accepted().eq([Tls10, Tls12]));
    assert_eq!(
        versions.refused().collect::<Vec<_>>(),
        [
            (Ssl30, Refusal::Alert(Alert(40))),
            (Tls11, Refusal::Chose(Tls10)),
            (Tls13, Refusal::Chose(Tls12)),
        ]
    );
    assert_eq!(versions.newest(), Some(Tls12));
}

/// As `GnuTLS` does: it does not choose 1.0 where 1.1 is offered, and says that it lacks the version.
#[test]
fn what_is_older_is_not_refused_with_what_was_asked() {
    let says = |version| match version {
        Tls10 => hello(Tls10),
        _ => alert(70),
    };
    let (asked, versions) = asked(&[Tls12], says);
    assert_eq!(asked, [Tls11, Tls10, Ssl30]);
    assert!(versions.accepted().eq([Tls10, Tls12]));
    assert_eq!(refused(&versions), [Ssl30, Tls11, Tls13]);
}

#[test]
fn another_alert_refuses_what_was_asked_and_no_more() {
    let (asked, versions) = asked(&[Tls12], |_| alert(40));
    assert_eq!(asked, [Tls11, Tls10, Ssl30]);
    assert_eq!(refused(&versions), [Ssl30, Tls10, Tls11, Tls13]);
}

#[test]
fn what_is_about_something_else_refuses_nothing() {
    let says = [
        alert(112),
        Heard::Silent,
        Heard::Malformed,
        Heard::NotTls,
        Heard::Echo,
        Heard::TooBig,
    ];
    for heard in says {
        let (asked, versions) = asked(&[Tls12], |_| heard);
        assert_eq!(asked, [Tls11, Tls10, Ssl30], "{heard:?}");
        assert_eq!(refused(&versions), [Tls13], "{heard:?}");
        assert_eq!(versions.of(Tls10), Acceptance::Unclear);
    }
}

#[test]
fn a_closed_connection_refuses_only_where_tls_is_known() {
    let (_, versions) = asked(&[Tls12], |_| Heard::Closed);
    assert_eq!(versions.of(Tls10), Acceptance::Refused(Refusal::Closed));
    let mut versions = Versions::default();
    versions.hear(Asked::Version(Tls11), Heard::Closed);
    assert_eq!(versions.of(Tls11), Acceptance::Unclear);
    assert_eq!(versions.next(), None);
    // What is stronger takes its place, and is not displaced.
    let mut versions = Versions::default();
    versions.refuse(Tls11, Refusal::Closed);
    versions.refuse(Tls11, Refusal::Alert(Alert(70)));
    versions.refuse(Tls11, Refusal::Closed);
    assert_eq!(
        versions.of(Tls11),
        Acceptance::Refused(Refusal::Alert(Alert(70)))
    );
    versions.accept(Tls11);
    versions.refuse(Tls11, Refusal::Alert(Alert(70)));
    assert_eq!(versions.of(Tls11), Acceptance::Accepted);
}

#[test]
fn of_a_server_that_accepted_nothing_yet_the_newest_is_asked() {
    let mut versions = Versions::default();
    assert_eq!(versions.next(), None);
    versions.hear(Asked::Any, alert(40));
    assert_eq!(versions.next(), None, "it may be about anything");
    versions.hear(Asked::Any, alert(70));
    assert_eq!(
        refused(&versions),
        [Tls12],
        "not the older ones: a very old server says so too"
    );
    assert_eq!(versions.next(), Some(Tls13));
    versions.hear(Asked::Version(Tls13), hello(Tls13));
    assert_eq!(versions.next(), Some(Tls11));
}

#[test]
fn versions_are_written_as_people_do() {
    let all: Vec<String> = TlsVersion::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(all, ["SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"]);
    for version in TlsVersion::ALL {
        assert_eq!(TlsVersion::from_wire(version.wire()), Some(version));
    }
    assert_eq!(TlsVersion::from_wire(0x0305), None);
    assert_eq!(TlsVersion::from_wire(0x7F1C), None);
}
