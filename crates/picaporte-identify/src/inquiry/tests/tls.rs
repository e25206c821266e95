//! TLS from the first byte on, by a command, by a hint, and where it fails.

use super::inside::Inside;
use super::*;
use crate::tls::tests::{OLD, Wishes, record};
use crate::tls::{Acceptance, TlsVersion};

fn versions(played: &Played) -> Vec<TlsVersion> {
    let tls = played.service.tls.as_ref().expect("TLS was found");
    tls.versions.accepted().collect()
}

#[test]
fn a_web_server_inside_tls() {
    let played = play(inquiry(443), &mut Inside::new(asked(nginx)));
    assert_eq!(played.what(), "http nginx 1.22.1", "{}", played.course());
    assert!(played.service.inside_tls);
    assert_eq!(versions(&played), [TlsVersion::Tls12, TlsVersion::Tls13]);
    let tls = played.service.tls.as_ref().unwrap();
    assert_eq!(tls.chain.certificates.len(), 1);
    assert!(matches!(
        tls.versions.of(TlsVersion::Tls10),
        Acceptance::Refused(_)
    ));
    assert!(!tls.starttls);
    // One for what it is, four for the versions that the handshake did not tell.
    assert_eq!(played.sent.len(), 5, "{}", played.course());
    let none = Limits {
        versions: 0,
        ..Limits::default()
    };
    assert_eq!(
        play(with_limits(443, none), &mut Inside::new(asked(nginx)))
            .sent
            .len(),
        1
    );
}

#[test]
fn an_alert_leads_to_tls_at_once() {
    for port in [8080, 4000, 7300] {
        let played = play(inquiry(port), &mut Inside::new(asked(nginx)));
        assert_eq!(played.what(), "http nginx 1.22.1", "{}", played.course());
        assert!(played.service.inside_tls);
        assert!(
            played.sent[1][0].starts_with(&[22, 3]),
            "{}",
            played.course()
        );
    }
}

#[test]
fn a_web_servers_words_lead_to_tls() {
    struct Both(Inside<Box<dyn Peer>>);
    impl Peer for Both {
        fn opened(&mut self) -> Vec<Act> {
            self.0.opened()
        }
        fn heard(&mut self, bytes: &[u8]) -> Vec<Act> {
            if bytes.starts_with(b"GET") {
                say_and_close(
                    "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
                )
            } else {
                self.0.heard(bytes)
            }
        }
    }
    let played = play(
        inquiry(8080),
        &mut Both(Inside::new(Box::new(asked(store)))),
    );
    assert_eq!(played.what(), "store Store 3.1", "{}", played.course());
    assert!(played.service.inside_tls);
    // Nothing is found inside: what it said outside is what is known.
    let played = play(
        inquiry(8080),
        &mut Both(Inside::new(Box::new(asked(|_| Vec::new())))),
    );
    assert_eq!(
        (played.what().as_str(), played.service.inside_tls),
        ("http", false)
    );
    assert!(played.service.tls.is_some());
}

#[test]
fn who_greets_inside_tls_is_listened_to() {
    for (port, wait) in [(6901, true), (4000, false)] {
        let played = play(
            inquiry(port),
            &mut Inside::new(greets("chat toy/1.0 ready\r\n", chat)),
        );
        assert_eq!(played.what(), "chat toy 1.0", "{wait} {}", played.course());
        assert!(played.service.inside_tls);
        assert_eq!(played.service.extra, Some(Untrusted::new(b"nobody")));
    }
}

#[test]
fn tls_by_a_command() {
    let mut peer = Inside {
        command: Some(b"TLS\r\n"),
        ..Inside::new(greets("chat toy/1.0 ready\r\n", chat))
    };
    let played = play(inquiry(6900), &mut peer);
    assert_eq!(played.what(), "chat toy 1.0", "{}", played.course());
    assert!(!played.service.inside_tls);
    let tls = played.service.tls.as_ref().expect("TLS was found");
    assert!(tls.starttls);
    assert_eq!(tls.chain.certificates.len(), 1);
}

#[test]
fn inside_tls_only_that_is_asked_which_may_be() {
    let both = |_: &[u8]| say("both\r\n");
    let mut peer = Inside::new(asked(both));
    let played = play(inquiry(7400), &mut peer);
    assert_eq!(played.what(), "both", "{}", played.course());
    assert!(played.service.inside_tls);
    let limits = Limits {
        versions: 0,
        ..Limits::default()
    };
    let inside = play(with_limits(7400, limits), &mut Inside::new(asked(both)));
    assert_eq!(
        inside.course().matches("connect").count(),
        2,
        "{}",
        inside.course()
    );
    // Outside all of it is, but for what is opt-in; then TLS, which is not there.
    let played = play(inquiry(7400), &mut asked(both));
    assert_eq!(
        played.course(),
        "connect, send BOTH, hear 6, wait 250, send PLAIN, hear 6, wait 250, close, connect, send TLS, hear 6, close"
    );
}

#[test]
fn tls_is_all_that_is_known() {
    let played = play(inquiry(443), &mut Inside::new(asked(|_| Vec::new())));
    assert_eq!(
        (played.what().as_str(), played.service.inside_tls),
        ("tls", false)
    );
    assert_eq!(
        versions(&played),
        [TlsVersion::Tls12, TlsVersion::Tls13],
        "{}",
        played.course()
    );
    // Guesses come after the versions, and may take all that is left.
    let tls = played.service.tls.as_ref().unwrap();
    let refused: Vec<_> = tls.versions.refused().map(|(version, _)| version).collect();
    assert_eq!(
        refused,
        [TlsVersion::Ssl30, TlsVersion::Tls10, TlsVersion::Tls11]
    );
}

#[test]
fn versions_are_asked_before_a_search_that_uses_up_the_time() {
    let limits = Limits {
        port: Duration::from_millis(4_000),
        ..Limits::default()
    };
    let mut silent = Inside::new(asked(|_| Vec::new()));
    let played = play(with_limits(443, limits), &mut silent);
    assert_eq!(played.what(), "tls");
    let tls = played.service.tls.as_ref().unwrap();
    assert_eq!(tls.versions.refused().count(), 3, "{}", played.course());
    assert!(played.took >= limits.port, "{}", played.course());
}

#[test]
fn a_protocol_that_must_be_another_is_not_offered_again() {
    let wishes = || Wishes {
        alpn: vec![b"toy".to_vec()],
        ..Wishes::default()
    };
    let played = play(
        inquiry(443),
        &mut Inside {
            wishes,
            ..Inside::new(asked(store))
        },
    );
    assert_eq!(played.what(), "store Store 3.1", "{}", played.course());
    assert!(played.service.inside_tls);
}

fn proto(question: &[u8]) -> Vec<Act> {
    match question {
        b"PROTO\r\n" => say("settings 2.0"),
        _ => vec![Act::Close],
    }
}

#[test]
fn a_protocol_with_a_name_of_its_own_is_offered_by_it() {
    let wishes = || Wishes {
        alpn: vec![b"proto/2".to_vec()],
        ..Wishes::default()
    };
    for port in [443, 7501] {
        let peer = Inside::new(asked(proto));
        let played = play(knowing_proto(port), &mut Inside { wishes, ..peer });
        assert_eq!(played.what(), "proto Proto 2.0", "{}", played.course());
        assert!(played.service.inside_tls);
        // Who refused what is usually offered is asked that at once: http/1.1, nothing, proto/2.
        assert_eq!(played.sent.len(), 3, "{}", played.course());
    }
}

/// No name was agreed upon, and HTTP led to nothing.
#[test]
fn a_protocol_with_a_name_of_its_own_comes_right_after_http() {
    let played = play(knowing_proto(443), &mut Inside::new(asked(proto)));
    assert_eq!(played.what(), "proto Proto 2.0", "{}", played.course());
    assert_eq!(played.sent.len(), 2, "{}", played.course());
}

#[test]
fn who_refuses_the_name_of_a_protocol_is_asked_the_rest() {
    let wishes = || Wishes {
        alpn: vec![b"http/1.1".to_vec()],
        ..Wishes::default()
    };
    let peer = Inside::new(asked(data));
    let played = play(knowing_proto(7501), &mut Inside { wishes, ..peer });
    assert_eq!(played.what(), "data Data 7.2", "{}", played.course());
}

#[test]
fn who_wants_a_certificate_of_ours_is_asked_no_further() {
    let wishes = || Wishes {
        wants_client_certificate: true,
        ..Wishes::default()
    };
    let played = play(
        inquiry(443),
        &mut Inside {
            wishes,
            ..Inside::new(asked(nginx))
        },
    );
    assert_eq!(played.what(), "tls");
    assert!(played.service.tls.as_ref().unwrap().asks_client_certificate);
    assert!(played.sent.len() <= 6, "{}", played.course());
}

#[test]
fn one_version_alone() {
    let wishes = || Wishes {
        versions: &OLD,
        ..Wishes::default()
    };
    let played = play(
        inquiry(443),
        &mut Inside {
            wishes,
            ..Inside::new(asked(nginx))
        },
    );
    assert_eq!(versions(&played), [TlsVersion::Tls12]);
}

#[test]
fn who_is_too_old_for_a_handshake_is_asked_by_a_hello_of_ours() {
    // TLS 1.0 with RSA key exchange, and no more than its hello.
    let hello = || {
        let hello = crate::tls::tests::server_hello(TlsVersion::Tls10, 0x2f);
        say(record(22, TlsVersion::Tls10, &hello))
    };
    let played = play(
        inquiry(443),
        &mut asked(move |question: &[u8]| match question[0] {
            22 => hello(),
            _ => vec![Act::Close],
        }),
    );
    assert_eq!(played.what(), "tls", "{}", played.course());
    assert!(
        versions(&played).contains(&TlsVersion::Tls10),
        "{}",
        played.course()
    );
}

#[test]
fn what_is_no_tls_is_read_as_what_it_is() {
    let played = play(
        inquiry(443),
        &mut greets("SSH-2.0-OpenSSH_9.2p1\r\n", |_| Vec::new()),
    );
    assert_eq!(played.what(), "ssh OpenSSH 9.2p1", "{}", played.course());
    let played = play(inquiry(443), &mut asked(nginx));
    assert_eq!(played.what(), "http nginx 1.22.1", "{}", played.course());
    // It is asked as one, at once.
    assert_eq!(
        played.course(),
        "connect, send TLS, hear 50, close, connect, send GET, hear 47, closed, close"
    );
    assert_eq!(played.service.tls, None);
}
