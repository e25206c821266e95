//! Disks that do not take what is written. These run as root of a mount namespace of their own.

use std::path::Path;

use nix::mount::{MsFlags, mount};
use picaporte_store::{Filter, Store, StoreError};

use crate::sample::{all, end, meta, still, tell};

fn tmpfs(place: &Path, flags: MsFlags, options: &str) {
    mount(Some("none"), place, Some("tmpfs"), flags, Some(options)).unwrap();
}

pub(crate) fn full(place: &Path) {
    tmpfs(place, MsFlags::empty(), "size=512k");
    let path = place.join("store.db");
    let store = Store::create(&path, still()).unwrap();
    let id = meta(1, 100_000).id;
    let writer = store.begin(&meta(1, 100_000)).unwrap();
    let mut kept = (0, None);
    let mut hosts = 0;
    let full = loop {
        assert!(hosts < 100_000, "512 KiB hold everything");
        tell(&writer, hosts..hosts + 200);
        hosts += 200;
        match writer.keep() {
            Ok(digest) => kept = (hosts, Some(digest)),
            Err(full) => break full,
        }
    };
    assert!(
        full.to_string().contains("the disk is full; make room"),
        "{full}"
    );
    assert_eq!(writer.failure(), Some(full.clone()));
    // The scan goes on, and nothing that was kept is lost.
    tell(&writer, hosts..hosts + 200);
    assert_eq!(writer.finish(end(hosts, true)), Err(full));
    assert_eq!(Some(store.verify(id).unwrap().digest), kept.1);
    assert_eq!(all(&store, id).unwrap().len() as u32, kept.0 * 2);

    tmpfs(place, MsFlags::MS_REMOUNT, "size=64m");
    let writer = store.go_on(id).unwrap();
    tell(&writer, kept.0..hosts);
    writer.finish(end(hosts, true)).unwrap();
    store.verify(id).unwrap();
    assert_eq!(all(&store, id).unwrap().len() as u32, hosts * 2);
}

pub(crate) fn read_only(place: &Path) {
    tmpfs(place, MsFlags::empty(), "size=8m");
    let path = place.join("a store?.db");
    let store = Store::create(&path, still()).unwrap();
    let writer = store.begin(&meta(1, 10)).unwrap();
    tell(&writer, 0..10);
    let digest = writer.finish(end(10, false)).unwrap();
    drop(store);
    tmpfs(place, MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY, "size=8m");

    let store = Store::create(&path, still()).unwrap();
    let id = meta(1, 10).id;
    assert_eq!(store.list(&Filter::default()).unwrap().len(), 1);
    assert_eq!(store.verify(id).unwrap().digest, digest);
    assert_eq!(all(&store, id).unwrap().len(), 20);
    for refused in [
        store.begin(&meta(2, 1)).unwrap_err(),
        store.go_on(id).unwrap_err(),
    ] {
        assert!(matches!(refused, StoreError::ReadOnly { .. }), "{refused}");
        assert!(
            refused.to_string().contains("it can't be written; make it"),
            "{refused}"
        );
    }
}

pub(crate) fn nowhere(place: &Path) {
    tmpfs(place, MsFlags::MS_RDONLY, "size=8m");
    let refused = Store::create(&place.join("store.db"), still()).unwrap_err();
    assert!(matches!(&refused, StoreError::NotMade { .. }), "{refused}");
    assert!(
        refused
            .to_string()
            .contains("name another file with --store FILE"),
        "{refused}"
    );
}
