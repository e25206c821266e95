//! What was learned beside a scan is known before its lines are made, and let go with its host.

use std::num::NonZeroU16;

use picaporte_core::verdict::Evidence;
use picaporte_core::{Instant, Verdict};
use picaporte_encode::Untrusted;
use picaporte_engine::Finding;
use picaporte_identify::service::{Name, Service};
use picaporte_store::{Findings, Options, Stage, Store};

use super::*;

/// A store with [`head`]'s scan, cut off after a port and its host were told, and these bytes as the port's service.
fn kept(how: &How, bytes: &[u8]) -> (tempfile::TempDir, Store) {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::create(&directory.path().join("store.db"), Options::default()).unwrap();
    let writer = (store.begin(&meta(&head(), Some(SCOPE), how, someone()).unwrap())).unwrap();
    let mut findings = Findings::default();
    findings.port(&Verdict {
        address: address(7, false),
        port: 443,
        reason: Reason::SynAck,
        rtt: None,
        attempts: 1,
        at: Instant::ZERO,
        evidence: Evidence::default(),
    });
    let host = HostReport::restored(
        &HostReport::blank(0, address(7, false)),
        &[(Reason::SynAck, PortSet::from_ports([443]))],
    );
    findings.host(&host, Stage::Done);
    findings.service(address(7, false), NonZeroU16::new(443).unwrap(), bytes);
    let names = [Untrusted::new("host.example")];
    findings.names(address(7, false), &service::names_to_bytes(&names));
    writer.tell(findings);
    writer.keep().unwrap();
    drop(writer);
    (directory, store)
}

fn service() -> Service {
    Service {
        name: Name::new("http"),
        connections: 3,
        ..Service::default()
    }
}

#[test]
fn services_and_names_are_there_when_their_lines_are_made() {
    let (_directory, store) = kept(&how(), &service::to_bytes(&service()));
    let replay = Replay::begin(&store, store.newest().unwrap().unwrap()).unwrap();
    let (header, at, mut seen) = (replay.header(), address(7, false), Vec::new());
    let trailer = replay.tell(&mut |finding| {
        if !matches!(finding, Finding::Opened { .. }) {
            seen.push(header.identified.of(at, 443));
        }
    });
    let seen: Vec<_> = seen
        .iter()
        .flatten()
        .map(|known| known.name.clone())
        .collect();
    assert_eq!(
        seen,
        [Name::new("http"), Name::new("http")],
        "port and host"
    );
    assert!(
        header.identified.of(at, 443).is_none(),
        "let go with its host"
    );
    let names = header.reverse.of(at.ip).unwrap();
    assert_eq!(names[0].terminal(), "host.example");
    let trailer = trailer.unwrap();
    let counts = trailer.identified.unwrap();
    assert_eq!(
        (counts.asked, counts.identified, counts.connections),
        (1, 1, 3)
    );
    assert_eq!(trailer.account.tally.extra, 3);
}

#[test]
fn what_was_not_asked_is_not_looked_for_and_what_is_damaged_is_refused() {
    let (_directory, store) = kept(&How::default(), b"nobody wrote this");
    let newest = store.newest().unwrap().unwrap();
    let replay = Replay::begin(&store, newest.clone()).unwrap();
    assert_eq!(replay.tell(&mut |_| {}).unwrap().identified, None);
    let (_directory, store) = kept(&how(), &[1, 2, 3]);
    let replay = Replay::begin(&store, newest).unwrap();
    assert_eq!(replay.tell(&mut |_| {}).err(), Some(KeptError::Notes));
}
