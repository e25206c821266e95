use std::io::Read as _;

use proptest::prelude::*;
use rustls::{ServerConnection, SupportedProtocolVersion};

use super::*;

mod bounds;
use crate::tls::tests::{NEW, OLD, Wishes, answer, own, record, server, server_hello};

const HOST: Option<&str> = Some("www.example.org");

/// Both sides talk until neither has more to say.
fn talk(client: &mut Handshake, server: &mut ServerConnection) {
    loop {
        let sent = client.to_send();
        let answered = answer(server, &sent);
        if sent.is_empty() && answered.is_empty() {
            return;
        }
        client.take(&answered);
    }
}

fn ready(wishes: Wishes) -> (Handshake, ServerConnection) {
    let mut client = Handshake::new(HOST, Handshake::ALPN);
    let mut server = server(wishes);
    talk(&mut client, &mut server);
    (client, server)
}

fn of(version: &'static [&'static SupportedProtocolVersion]) -> Wishes {
    Wishes {
        versions: version,
        ..Wishes::default()
    }
}

fn failed(wire: &[u8]) -> Failure {
    let mut client = Handshake::new(HOST, Handshake::ALPN);
    client.take(wire);
    client.ended();
    match client.state() {
        State::Failed(failure) => failure,
        other => panic!("{other:?}"),
    }
}

#[test]
fn plain_bytes_go_both_ways_in_1_2_and_1_3() {
    for (wishes, version) in [(of(&OLD), TlsVersion::Tls12), (of(&NEW), TlsVersion::Tls13)] {
        let (mut client, mut server) = ready(wishes);
        assert_eq!(
            (client.state(), client.version()),
            (State::Ready, Some(version))
        );
        assert!(client.is_tls() && !client.asks_client_certificate());
        assert!(
            client
                .chain()
                .own()
                .is_some_and(|own| own.matches("www.example.org") == Some(true))
        );
        assert!(client.cipher().is_some_and(|suite| suite.name().is_some()));
        client.write_plain(b"HEAD").unwrap();
        talk(&mut client, &mut server);
        let mut asked = [0; 4];
        server.reader().read_exact(&mut asked).unwrap();
        assert_eq!(&asked, b"HEAD");
        server.writer().write_all(b"200").unwrap();
        server.send_close_notify();
        talk(&mut client, &mut server);
        assert_eq!(
            (client.read_plain(), client.state()),
            (b"200".to_vec(), State::Closed)
        );
        assert!(client.read_plain().is_empty());
        assert_eq!(client.write_plain(b"x"), Err(WriteError::NotReady));
    }
}

#[test]
fn a_goodbye_is_sent_once() {
    let (mut client, mut server) = ready(Wishes::default());
    client.close();
    assert_eq!(client.state(), State::Closed);
    let goodbye = client.to_send();
    assert!(!goodbye.is_empty());
    answer(&mut server, &goodbye);
    assert!(
        server
            .process_new_packets()
            .is_ok_and(|io| io.peer_has_closed())
    );
    client.close();
    assert!(client.to_send().is_empty());
}

#[test]
fn what_alpn_chose_is_told() {
    let wishes = |names: &[&[u8]]| Wishes {
        alpn: names.iter().map(|name| name.to_vec()).collect(),
        ..Wishes::default()
    };
    let (client, _) = ready(wishes(&[b"h2", b"http/1.1"]));
    assert!(client.speaks(b"http/1.1") && !client.speaks(b"h2"));
    assert_eq!(
        client.alpn().map(|name| name.terminal()).as_deref(),
        Some("http/1.1")
    );
    let (client, _) = ready(Wishes::default());
    assert!(client.alpn().is_none());
    let (client, _) = ready(wishes(&[b"h2"]));
    assert_eq!(
        client.state(),
        State::Failed(Failure::Alert(Alert::NO_APPLICATION_PROTOCOL))
    );
    let mut client = Handshake::new(HOST, &[b"", &[b'x'; 256]]);
    let mut peer = server(wishes(&[b"h2"]));
    talk(&mut client, &mut peer);
    assert_eq!(
        client.state(),
        State::Ready,
        "nothing that can be offered was"
    );
}

#[test]
fn a_server_that_wants_a_certificate_still_shows_its_own() {
    for versions in [&OLD, &NEW] {
        let (client, _) = ready(Wishes {
            versions,
            wants_client_certificate: true,
            ..Wishes::default()
        });
        assert!(
            matches!(client.state(), State::Failed(Failure::Alert(_))),
            "{client:?}"
        );
        assert!(client.asks_client_certificate() && client.is_tls());
        assert_eq!(client.chain().certificates.len(), 1);
    }
}

#[test]
fn what_failed_on_tls_is_worth_a_question() {
    let worth = |wire: &[u8]| {
        let mut client = Handshake::new(HOST, &[]);
        client.take(wire);
        client.ended();
        (client.is_tls(), client.is_worth_a_question())
    };
    assert_eq!(worth(b""), (false, false));
    assert_eq!(worth(b"<html>"), (false, false));
    assert_eq!(
        worth(&record(21, TlsVersion::Tls12, &[2, 40])),
        (true, true)
    );
    let old = server_hello(TlsVersion::Tls10, 0x002F);
    assert_eq!(worth(&record(22, TlsVersion::Tls10, &old)), (true, true));
    assert_eq!(
        worth(&record(22, TlsVersion::Tls12, b"\x02\0\0\x01x")),
        (false, true)
    );
    let (client, _) = ready(Wishes {
        wants_client_certificate: true,
        ..Wishes::default()
    });
    assert!(!client.is_worth_a_question(), "its certificates are known");
}

#[test]
fn a_name_is_asked_for_and_an_address_is_not() {
    let asked = |host| {
        let mut peer = server(Wishes::default());
        let mut client = Handshake::new(host, &[]);
        talk(&mut client, &mut peer);
        assert_eq!(client.state(), State::Ready);
        peer.server_name().map(str::to_owned)
    };
    assert_eq!(
        asked(Some("WWW.example.org.")).as_deref(),
        Some("www.example.org")
    );
    for none in [
        None,
        Some("192.0.2.7"),
        Some("2001:db8::1"),
        Some("not a name"),
        Some(""),
    ] {
        assert_eq!(asked(none), None, "{none:?}");
    }
}

#[test]
fn what_it_is_not_is_told() {
    assert_eq!(failed(b"<html>"), Failure::NotTls);
    assert_eq!(failed(b"SSH-2.0-OpenSSH_9.2\r\n"), Failure::NotTls);
    assert_eq!(failed(b""), Failure::Closed);
    assert_eq!(
        failed(&record(21, TlsVersion::Tls12, &[2, 40])),
        Failure::Alert(Alert(40))
    );
    let own = Handshake::new(HOST, &[]).to_send();
    assert_eq!(failed(&own), Failure::Echo);
    let old = server_hello(TlsVersion::Tls10, 0x002F);
    assert_eq!(
        failed(&record(22, TlsVersion::Tls10, &old)),
        Failure::Unsupported
    );
    assert_eq!(
        failed(&record(22, TlsVersion::Tls12, b"\x02\0\0\x01x")),
        Failure::Malformed
    );
    let mut slow = Handshake::new(HOST, &[]);
    slow.timed_out();
    assert_eq!(slow.state(), State::Failed(Failure::Silent));
    assert!(!slow.is_tls());
    slow.take(b"<html>");
    slow.ended();
    assert_eq!(
        slow.state(),
        State::Failed(Failure::Silent),
        "what comes later is dropped"
    );
}

#[test]
fn a_failure_is_answered_by_an_alert() {
    let mut client = Handshake::new(HOST, &[]);
    client.to_send();
    client.take(&record(22, TlsVersion::Tls12, b"\x02\0\0\x01x"));
    let alert = client.to_send();
    assert_eq!((alert[0], alert.len()), (21, 7));
}

/// A server that ends the connection after each byte of what it would have said.
#[test]
fn a_flight_cut_at_every_byte_is_closed() {
    for versions in [&OLD, &NEW] {
        let length = {
            let mut client = Handshake::new(HOST, &[]);
            answer(&mut server(of(versions)), &client.to_send()).len()
        };
        for end in (0..length).step_by(7) {
            let mut client = Handshake::new(HOST, &[]);
            let flight = answer(&mut server(of(versions)), &client.to_send());
            client.take(&flight[..end.min(flight.len() - 1)]);
            client.ended();
            // In 1.3 it may be ready with the last byte alone.
            assert_eq!(
                client.state(),
                State::Failed(Failure::Closed),
                "{end} of {length}"
            );
        }
    }
}

#[test]
fn byte_by_byte_it_becomes_ready() {
    let mut client = Handshake::new(HOST, &[]);
    let mut peer = server(Wishes::default());
    while client.state() == State::Shaking {
        for byte in answer(&mut peer, &client.to_send()) {
            client.take(&[byte]);
        }
    }
    assert_eq!(client.state(), State::Ready);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_changed_byte_does_no_harm(old: bool, at: prop::sample::Index, bits in 1..=255u8) {
        let versions = if old { &OLD } else { &NEW };
        let mut client = Handshake::new(HOST, &[]);
        let mut peer = server(of(versions));
        let mut flight = answer(&mut peer, &client.to_send());
        let at = at.index(flight.len());
        flight[at] ^= bits;
        client.take(&flight);
        talk(&mut client, &mut peer);
        client.ended();
        prop_assert!(client.state() != State::Shaking);
        prop_assert!(client.read_plain().is_empty());
        prop_assert!(client.chain().certificates.len() <= 1);
    }

    #[test]
    fn any_bytes_are_taken(bytes: Vec<u8>, head: bool) {
        let wire = if head { record(22, TlsVersion::Tls12, &bytes) } else { bytes };
        let mut client = Handshake::new(HOST, Handshake::ALPN);
        client.take(&wire);
        client.ended();
        prop_assert!(matches!(client.state(), State::Failed(_)));
    }
}
