//! Files that are not what they should be: each is told in one line, and never taken for what was kept.

mod sample;

use std::path::Path;
use std::time::Duration;

use picaporte_store::{Filter, Options, Part, ScanId, Store, StoreError};
use proptest::prelude::*;
use rusqlite::Connection;
use sample::{all, end, meta, place, tell};

/// Commits come when they are asked for, and a lock is hardly waited for.
fn still() -> Options {
    Options {
        busy: Duration::from_millis(20),
        ..sample::still()
    }
}

/// A store with a complete scan of 20 hosts in four chunks, and one of 2 hosts that was cut off.
fn write(path: &Path) -> [ScanId; 2] {
    let store = Store::create(path, still()).unwrap();
    let writer = store.begin(&meta(1, 20)).unwrap();
    for n in 0..4 {
        tell(&writer, n * 5..n * 5 + 5);
        writer.progress(0, &[n as u8]);
        writer.keep().unwrap();
    }
    writer.finish(end(20, true)).unwrap();
    let writer = store.begin(&meta(2, 2)).unwrap();
    tell(&writer, 0..1);
    writer.progress(0, b"here");
    writer.decided(&[picaporte_store::Decided {
        host: 1,
        reason: picaporte_core::Reason::ConnRefused,
        port: 1,
    }]);
    drop(writer);
    [meta(1, 20).id, meta(2, 2).id]
}

fn refused(path: &Path) -> String {
    Store::open(path, still()).unwrap_err().to_string()
}

#[test]
fn a_file_that_is_something_else_is_left_as_it_is() {
    let (_directory, path) = place();
    assert!(
        refused(&path).contains("no such file"),
        "{}",
        refused(&path)
    );
    let text = "not a database, and long enough to have a header of one hundred bytes, which this line has by now, I hope";
    std::fs::write(&path, text).unwrap();
    assert!(
        refused(&path).contains("not a store of Picaporte"),
        "{}",
        refused(&path)
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    std::fs::remove_file(&path).unwrap();
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE theirs (a); PRAGMA user_version = 1;")
        .unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(
        refused(&path).contains("not a store of Picaporte"),
        "{}",
        refused(&path)
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_directory_is_no_store() {
    let (directory, _) = place();
    let refused = refused(directory.path());
    assert!(refused.starts_with("opening the store '"), "{refused}");
}

#[test]
fn a_store_of_a_later_version_is_refused() {
    let (_directory, path) = place();
    write(&path);
    Connection::open(&path)
        .unwrap()
        .execute_batch("PRAGMA user_version = 99;")
        .unwrap();
    let refused = refused(&path);
    assert!(
        refused.contains("(format 99; this one knows up to 1)"),
        "{refused}"
    );
}

#[test]
fn a_store_that_another_program_locks_is_told_once_and_the_scan_goes_on() {
    let (_directory, path) = place();
    let store = Store::create(&path, still()).unwrap();
    let writer = store.begin(&meta(1, 20)).unwrap();
    tell(&writer, 0..3);
    let kept = writer.keep().unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    tell(&writer, 3..6);
    let locked = writer.keep().unwrap_err();
    assert!(
        locked
            .to_string()
            .contains("another program keeps it locked"),
        "{locked}"
    );
    assert_eq!(writer.failure(), Some(locked.clone()));
    assert_eq!(writer.failure(), None);
    tell(&writer, 6..9);
    let begun = store.begin(&meta(2, 1)).unwrap_err();
    assert!(matches!(begun, StoreError::Locked { .. }), "{begun}");
    other.execute_batch("ROLLBACK").unwrap();
    // Once it has failed it keeps nothing more: a gap in what is kept would be taken for what was not found.
    assert_eq!(writer.finish(end(20, true)), Err(locked));
    assert_eq!(store.verify(meta(1, 20).id).unwrap().digest, kept);
    assert_eq!(all(&store, meta(1, 20).id).unwrap().len(), 6);
}

/// What was written to a file that nobody finds any more was said to be kept.
#[test]
fn a_store_that_is_taken_away_while_a_scan_runs_is_told() {
    let moved = |path: &Path| std::fs::rename(path, path.with_extension("old")).unwrap();
    let removed = |path: &Path| std::fs::remove_file(path).unwrap();
    let replaced = |path: &Path| {
        moved(path);
        std::fs::copy(path.with_extension("old"), path).unwrap();
    };
    let ways: [&dyn Fn(&Path); 3] = [&moved, &removed, &replaced];
    for take_away in ways {
        let (_directory, path) = place();
        let store = Store::create(&path, still()).unwrap();
        let writer = store.begin(&meta(1, 20)).unwrap();
        tell(&writer, 0..5);
        writer.keep().unwrap();
        take_away(&path);
        tell(&writer, 5..10);
        let gone = writer.keep().unwrap_err();
        assert!(matches!(gone, StoreError::Gone { .. }), "{gone}");
        assert_eq!(writer.failure(), Some(gone));
        assert_eq!(writer.failure(), None, "told once");
        assert!(writer.finish(end(20, true)).is_err());
    }
}

#[test]
fn a_scan_does_not_wait_for_a_disk_that_is_too_slow() {
    let (_directory, path) = place();
    let options = Options {
        busy: Duration::from_secs(3600),
        most_waiting: 4000,
        patience: Duration::from_millis(1),
        ..still()
    };
    let store = Store::create(&path, options).unwrap();
    let writer = store.begin(&meta(1, 1000)).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let slow = (0..1000).find_map(|n| {
        tell(&writer, n..n + 1);
        writer.failure()
    });
    let slow = slow.expect("two thousand records do not fit in 4,000 bytes");
    assert!(slow.to_string().contains("the disk is too slow"), "{slow}");
    other.execute_batch("ROLLBACK").unwrap();
    drop(writer);
    store.verify(meta(1, 1000).id).unwrap();
}

#[test]
fn whatever_is_altered_is_found() {
    let (_directory, path) = place();
    let ids = write(&path);
    let untouched = std::fs::read(&path).unwrap();
    for (change, what) in [
        ("UPDATE scans SET user = 'somebody else'", "chunk 1"),
        ("UPDATE scans SET seed = seed + 1", "what was asked"),
        ("UPDATE plans SET plan = X'00'", "what was asked"),
        ("UPDATE plans SET scope = 'all'", "what was asked"),
        ("UPDATE scans SET started = started + 1", "chunk 1"),
        ("UPDATE scans SET planned = planned + 1", "chunk 1"),
        (
            "UPDATE scans SET open = open + 1, totals = NULL",
            "the sums",
        ),
        ("UPDATE scans SET hosts = hosts - 1", "the sums"),
        (
            "UPDATE scans SET open = open + 1 WHERE state = 2",
            "the sums",
        ),
        ("UPDATE scans SET untested = 1 WHERE state = 2", "the sums"),
        (
            "UPDATE scans SET finished = 1 WHERE finished IS NOT NULL",
            "the sums",
        ),
        ("UPDATE scans SET state = 1 - (state = 1)", "the sums"),
        ("UPDATE scans SET written = written + 1", "the sums"),
        ("UPDATE scans SET digest = zeroblob(32)", "the last chunk"),
        ("UPDATE scans SET chunks = chunks + 1", "the last chunk"),
        ("UPDATE targets SET last = X'04c61200ff'", "chunk 1"),
        ("DELETE FROM targets", "chunk 1"),
        (
            "UPDATE chunks SET written = written + 1 WHERE number = 1",
            "chunk 1",
        ),
        ("UPDATE chunks SET ports = X'' WHERE number = 1", "chunk 1"),
        ("UPDATE chunks SET hosts = X'' WHERE number = 3", "chunk 3"),
        (
            "UPDATE chunks SET ending = NULL WHERE number = 5",
            "chunk 5",
        ),
        (
            "UPDATE chunks SET number = number + 10 WHERE number = 2",
            "chunk 3",
        ),
        ("DELETE FROM chunks WHERE number = 1", "chunk 2"),
        ("DELETE FROM chunks WHERE number = 5", "the last chunk"),
        (
            "DELETE FROM open_ports WHERE port = 22",
            "the list of open ports",
        ),
        (
            "UPDATE open_counts SET hosts = 1 + hosts",
            "the list of open ports",
        ),
        (
            "INSERT INTO open_ports SELECT key, X'04c6120000', 23 FROM scans",
            "the list of open ports",
        ),
        (
            "INSERT INTO progress SELECT key, 9, 1, X'' FROM scans",
            "where its parts go on",
        ),
        ("UPDATE progress SET body = X''", "where its parts go on"),
        ("DELETE FROM progress", "where its parts go on"),
        (
            "UPDATE decided SET body = X'010102'",
            "the progress of chunk 1",
        ),
        ("DELETE FROM decided", "the progress of chunk 1"),
        (
            "INSERT INTO decided (scan, number, body) SELECT key, 7, X'00' FROM scans",
            "the progress of chunk 7",
        ),
    ] {
        std::fs::write(&path, &untouched).unwrap();
        Connection::open(&path)
            .unwrap()
            .execute_batch(change)
            .unwrap();
        let store = Store::open(&path, still()).unwrap();
        let verified = ids.map(|id| store.verify(id));
        let found = verified.iter().any(|verified| match verified {
            Err(StoreError::Altered { what: found, .. }) => found.to_string() == what,
            _ => false,
        });
        assert!(found, "{change}: {verified:?}");
    }
}

#[test]
fn a_count_that_cannot_be_is_damage() {
    let (_directory, path) = place();
    let [_, cut_off] = write(&path);
    let untouched = std::fs::read(&path).unwrap();
    for column in ["holder", "chunks"] {
        for number in [i64::MIN, -1, i64::MAX] {
            std::fs::write(&path, &untouched).unwrap();
            let change = format!("UPDATE scans SET {column} = {number}");
            let db = Connection::open(&path).unwrap();
            db.execute_batch(&change).unwrap();
            drop(db);
            let store = Store::open(&path, still()).unwrap();
            let told = [
                store.list(&Filter::default()).unwrap_err(),
                store.verify(cut_off).unwrap_err(),
                store.resume_state(cut_off).unwrap_err(),
                store.go_on(cut_off).unwrap_err(),
            ];
            for told in told {
                assert!(
                    told.to_string()
                        .contains("a scan counts its chunks or its writers wrongly"),
                    "{change}: {told}"
                );
            }
        }
    }
}

#[test]
fn a_range_of_targets_put_inside_another_is_found() {
    let (_directory, path) = place();
    let [complete, _] = write(&path);
    let store = Store::open(&path, still()).unwrap();
    let inside =
        "INSERT INTO targets SELECT key, X'04c6120005', X'04c6120005' FROM scans WHERE id = ?1";
    let db = Connection::open(&path).unwrap();
    db.execute(inside, [complete.to_string()]).unwrap();
    // No address more and none less; but a list looks no further than the range that begins before an address.
    let altered = store.verify(complete).unwrap_err();
    assert!(
        matches!(&altered, StoreError::Altered { what, .. } if *what == Part::Chunk(1)),
        "{altered}"
    );
}

#[test]
fn a_scan_whose_plan_was_altered_is_not_resumed() {
    let (_directory, path) = place();
    let [_, cut_off] = write(&path);
    let store = Store::open(&path, still()).unwrap();
    store.resume_state(cut_off).unwrap();
    let db = Connection::open(&path).unwrap();
    db.execute_batch("UPDATE plans SET plan = X'00'").unwrap();
    let refused = store.resume_state(cut_off).unwrap_err();
    assert!(matches!(&refused, StoreError::Altered { .. }), "{refused}");
}

/// Everything that can be read of a scan.
fn everything(
    path: &Path,
    id: ScanId,
) -> Result<impl PartialEq + std::fmt::Debug + use<>, StoreError> {
    let store = Store::open(path, still())?;
    store.list(&Filter::default())?;
    store.verify(id)?;
    Ok((store.meta(id)?, all(&store, id)?, store.end(id)?))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_damaged_file_is_told_or_holds_what_was_kept(
        at: proptest::sample::Index, bytes in proptest::collection::vec(any::<u8>(), 1..2000),
    ) {
        let (_directory, path) = place();
        let [complete, cut_off] = write(&path);
        let before = (everything(&path, complete).unwrap(), everything(&path, cut_off).unwrap());
        let mut file = std::fs::read(&path).unwrap();
        let at = at.index(file.len());
        let end = (at + bytes.len()).min(file.len());
        file[at..end].copy_from_slice(&bytes[..end - at]);
        std::fs::write(&path, file).unwrap();
        if let Ok(after) = everything(&path, complete) {
            prop_assert_eq!(after, before.0);
        }
        if let Ok(after) = everything(&path, cut_off) {
            prop_assert_eq!(after, before.1);
        }
    }

    /// The loss of power leaves of the log what had reached the disk, and perhaps bytes that nobody wrote.
    #[test]
    fn after_a_loss_of_power_what_is_left_is_a_beginning(
        cut: proptest::sample::Index, rest in proptest::collection::vec(any::<u8>(), 0..5000),
    ) {
        let (directory, path) = place();
        let store = Store::create(&path, still()).unwrap();
        let writer = store.begin(&meta(1, 20)).unwrap();
        let mut digests = Vec::new();
        for n in 0..10 {
            tell(&writer, n * 2..n * 2 + 2);
            digests.push(writer.keep().unwrap());
        }
        let after = directory.path().join("after.db");
        std::fs::copy(&path, &after).unwrap();
        let mut log = std::fs::read(directory.path().join("store.db-wal")).unwrap();
        log.truncate(cut.index(log.len() + 1));
        log.extend(rest);
        std::fs::write(directory.path().join("after.db-wal"), log).unwrap();
        let left = Store::open(&after, still()).unwrap();
        let Some(listed) = left.newest().unwrap() else {
            return Ok(());
        };
        let verified = left.verify(listed.id).unwrap();
        prop_assert_eq!(all(&left, listed.id).unwrap().len() as u64, verified.chunks * 4);
        if let Some(last) = verified.chunks.checked_sub(1) {
            prop_assert_eq!(verified.digest, digests[last as usize]);
        }
        let writer = left.go_on(listed.id).unwrap();
        tell(&writer, 0..20);
        writer.finish(end(20, true)).unwrap();
        left.verify(listed.id).unwrap();
    }
}
