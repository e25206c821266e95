//! Lists: which scans are in them, and how one is found.

mod sample;

use std::time::Duration;

use picaporte_core::Address;
use picaporte_store::{Filter, Options, Store, StoreError, UnixMillis};
use rusqlite::Connection;
use sample::{address, all, end, meta, place, port, tell};

#[test]
fn lists_are_filtered_and_newest_first() {
    let (_directory, path) = place();
    let store = Store::create(&path, Options::default()).unwrap();
    for number in 1..6u32 {
        let writer = store.begin(&meta(number.into(), number * 10)).unwrap();
        tell(&writer, 0..number);
        writer.port(&port(number, 8000 + number as u16));
        writer.port(&port(number, 8000 + number as u16));
        writer.finish(end(number, true)).unwrap();
    }
    let list = |filter: Filter| -> Vec<u64> {
        let scans = store.list(&filter).unwrap();
        scans.iter().map(|scan| scan.seed).collect()
    };
    let any = Filter::default();
    let since = |later| Filter {
        since: Some(UnixMillis(meta(4, 1).started.0 + later)),
        ..any
    };
    let limit = Filter {
        limit: Some(2),
        ..any
    };
    let planned = |host| Filter {
        host: Some(address(host)),
        ..any
    };
    let open = |port| Filter {
        open: Some(port),
        ..any
    };
    let both = |host, port| Filter {
        host: Some(address(host)),
        ..open(port)
    };
    let v6 = Filter {
        host: Some(Address::new("2001:db8::1".parse().unwrap())),
        ..any
    };
    for (filter, expected) in [
        (any, &[5, 4, 3, 2, 1][..]),
        (limit, &[5, 4]),
        (since(0), &[5, 4]),
        (since(1), &[5]),
        (planned(29), &[5, 4, 3]),
        (planned(30), &[5, 4]),
        (planned(50), &[]),
        (v6, &[]),
        (open(22), &[5, 4, 3, 2, 1]),
        (open(8003), &[3]),
        (open(8009), &[]),
        (both(3, 22), &[5, 4]),
        (both(3, 8003), &[3]),
        (both(2, 8003), &[]),
    ] {
        assert_eq!(list(filter), expected, "{filter:?}");
    }
}

#[test]
fn scans_are_found_by_the_beginning_of_their_names() {
    let (_directory, path) = place();
    let store = Store::create(&path, Options::default()).unwrap();
    assert_eq!(store.newest(), Ok(None));
    for number in [1, 1 << 40] {
        drop(store.begin(&meta(number, 1)).unwrap());
    }
    let first = meta(1, 1).id;
    assert_eq!(store.find(&first.to_string()).unwrap().id, first);
    assert_eq!(
        store
            .find(&first.to_string()[..5].to_lowercase())
            .unwrap()
            .id,
        first
    );
    let ambiguous = store.find("0").unwrap_err().to_string();
    assert!(
        ambiguous.contains("the beginning of more than one scan"),
        "{ambiguous}"
    );
    for nothing in ["", "7", "%", "0_", "'"] {
        let error = store.find(nothing).unwrap_err();
        assert!(matches!(&error, StoreError::NoSuchScan { .. }), "{error}");
    }
    let twice = store.begin(&meta(1, 1)).unwrap_err();
    assert_eq!(twice, StoreError::Exists { path, id: first });
}

#[test]
fn a_list_does_not_wait_for_whoever_writes() {
    let (_directory, path) = place();
    let store = Store::create(&path, Options::default()).unwrap();
    let writer = store.begin(&meta(1, 1)).unwrap();
    tell(&writer, 0..1);
    writer.finish(end(1, true)).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let impatient = Options {
        busy: Duration::ZERO,
        ..Options::default()
    };
    let store = Store::open(&path, impatient).unwrap();
    let listed = store.list(&Filter::default()).unwrap();
    assert_eq!(listed.len(), 1);
    store.verify(listed[0].id).unwrap();
    assert_eq!(all(&store, listed[0].id).unwrap().len(), 2);
    other.execute_batch("ROLLBACK").unwrap();
}

/// One scan of many that is damaged hid all others.
#[test]
fn a_damaged_scan_is_listed_as_that_beside_the_others() {
    let (_directory, path) = place();
    let store = Store::create(&path, Options::default()).unwrap();
    for number in 1..4u32 {
        let writer = store.begin(&meta(number.into(), 10)).unwrap();
        writer.finish(end(number, true)).unwrap();
    }
    let raw = Connection::open(&path).unwrap();
    for (seed, harm) in [(2, "arguments = 'no list'"), (3, "source = 'nowhere'")] {
        raw.execute(&format!("UPDATE scans SET {harm} WHERE seed = {seed}"), [])
            .unwrap();
    }
    let any = Filter::default();
    let each = store.list_each(&any).unwrap();
    let (good, bad): (Vec<_>, Vec<_>) = each.into_iter().partition(Result::is_ok);
    let seeds: Vec<u64> = good.into_iter().map(|scan| scan.unwrap().seed).collect();
    assert_eq!(seeds, [1]);
    assert_eq!(bad.len(), 2);
    for scan in bad {
        let why = scan.unwrap_err();
        assert!(matches!(why, StoreError::Damaged { .. }), "{why}");
    }
    assert!(matches!(store.list(&any), Err(StoreError::Damaged { .. })));
}
