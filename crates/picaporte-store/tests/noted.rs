//! What is learned of ports and addresses after they were told is kept beside them, under the same digests, and is no port.

mod sample;

use std::num::NonZeroU16;

use picaporte_store::{Findings, Kept, ScanId, Stage, Store, StoreError};
use proptest::prelude::*;
use sample::{address, all, end, host, meta, place, port, still};

const HTTPS: NonZeroU16 = NonZeroU16::new(443).unwrap();

fn service(n: u32, bytes: &[u8]) -> Findings {
    let mut findings = Findings::default();
    findings.service(address(n), HTTPS, bytes);
    findings
}

/// A port is told, and a second later what listens there, and what its address is called.
fn written(store: &Store) -> ScanId {
    let meta = meta(1, 2);
    let writer = store.begin(&meta).unwrap();
    writer.port(&port(0, 443));
    writer.keep().unwrap();
    writer.tell(service(0, b"before"));
    writer.keep().unwrap();
    let mut findings = service(1, &vec![7; 100_000]);
    findings.port(&port(1, 443));
    findings.host(&host(0, 443), Stage::Done);
    findings.names(address(0), b"www");
    findings.service(address(0), HTTPS, b"after");
    writer.tell(findings);
    writer.finish(end(2, true)).unwrap();
    meta.id
}

#[test]
fn notes_are_no_ports_and_the_last_one_counts() {
    let (_directory, path) = place();
    let store = Store::create(&path, still()).unwrap();
    let id = written(&store);
    let ports = [Kept::Port(port(0, 443)), Kept::Port(port(1, 443))];
    let host = Kept::Host(Box::new(host(0, 443)), Stage::Done);
    assert_eq!(all(&store, id).unwrap(), [&ports[..], &[host]].concat());
    let notes = store.notes(id).unwrap();
    assert_eq!(
        notes.service(address(0), 443).unwrap(),
        Some(b"after".to_vec())
    );
    assert_eq!(
        notes.service(address(1), 443).unwrap(),
        Some(vec![7; 100_000])
    );
    assert_eq!(notes.names(address(0)).unwrap(), Some(b"www".to_vec()));
    assert_eq!(notes.service(address(0), 22).unwrap(), None);
    assert_eq!(notes.names(address(1)).unwrap(), None);
    let named: Result<Vec<_>, _> = notes.named().collect();
    assert_eq!(named.unwrap(), [(address(0), b"www".to_vec())]);
    assert_eq!(store.verify(id).unwrap().chunks, 3);
}

#[test]
fn whoever_goes_on_finds_the_notes_and_adds_to_them() {
    let (_directory, path) = place();
    let store = Store::create(&path, still()).unwrap();
    let meta = meta(1, 1);
    let writer = store.begin(&meta).unwrap();
    writer.tell(service(0, b"before"));
    writer.port(&port(0, 443));
    drop(writer);
    let writer = store.go_on(meta.id).unwrap();
    let told = |bytes: &[u8]| {
        let notes = store.notes(meta.id).unwrap();
        assert_eq!(
            notes.service(address(0), 443).unwrap(),
            Some(bytes.to_vec())
        );
    };
    told(b"before");
    writer.tell(service(0, b"after"));
    writer.keep().unwrap();
    told(b"after");
    assert_eq!(all(&store, meta.id).unwrap(), [Kept::Port(port(0, 443))]);
    writer.finish(end(1, true)).unwrap();
    store.verify(meta.id).unwrap();
}

#[test]
fn a_note_that_was_altered_is_found() {
    let (_directory, path) = place();
    let store = Store::create(&path, still()).unwrap();
    let id = written(&store);
    let db = rusqlite::Connection::open(&path).unwrap();
    let alter = "UPDATE chunks SET ports = CAST(replace(ports, 'before', 'beforf') AS BLOB) WHERE number = 2";
    assert_eq!(db.execute(alter, []).unwrap(), 1);
    assert!(matches!(store.verify(id), Err(StoreError::Altered { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_come_back(notes in proptest::collection::vec((0u32..3, proptest::collection::vec(any::<u8>(), 0..300)), 1..12)) {
        let (_directory, path) = place();
        let store = Store::create(&path, still()).unwrap();
        let meta = meta(1, 3);
        let writer = store.begin(&meta).unwrap();
        for (n, bytes) in &notes {
            writer.tell(service(*n, bytes));
            writer.port(&port(*n, 22));
        }
        writer.keep().unwrap();
        let kept = store.notes(meta.id).unwrap();
        for n in 0..3 {
            let last = notes.iter().rev().find(|(of, _)| *of == n);
            prop_assert_eq!(kept.service(address(n), 443).unwrap(), last.map(|(_, bytes)| bytes.clone()));
        }
        prop_assert_eq!(all(&store, meta.id).unwrap().len(), notes.len());
    }
}
