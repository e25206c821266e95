//! What is told is kept, and comes back; what was cut off goes on.

mod sample;

use std::time::Duration;

use picaporte_core::{PortSet, Reason};
use picaporte_store::{Decided, Kept, Options, PendingHost, Stage, State, Store, StoreError};
use sample::{address, all, end, host, meta, place, port, still, tell};

fn decided(host: u64, reason: Reason, ports: std::ops::Range<u16>) -> Vec<Decided> {
    ports.map(|port| Decided { host, reason, port }).collect()
}

#[test]
fn a_scan_comes_back_as_it_was_told() {
    let (_directory, path) = place();
    let store = Store::create(&path, still()).unwrap();
    let meta = meta(1, 300);
    let writer = store.begin(&meta).unwrap();
    tell(&writer, 0..200);
    writer.keep().unwrap();
    let running = store.find(&meta.id.to_string()[..24]).unwrap();
    assert_eq!(
        (running.state, running.hosts, running.totals.open),
        (State::Running, 200, 200)
    );
    tell(&writer, 200..300);
    let digest = writer.finish(end(300, true)).unwrap();

    let listed = store.newest().unwrap().unwrap();
    assert_eq!(
        (listed.id, listed.state, listed.chunks),
        (meta.id, State::Complete, 2)
    );
    assert_eq!(
        (listed.totals, listed.finished),
        (end(300, true).totals, Some(end(0, true).finished))
    );
    assert_eq!(listed.digest, digest);
    let verified = store.verify(meta.id).unwrap();
    assert_eq!((verified.digest, verified.chunks), (digest, 2));
    let expected = (0..200).map(|n| Kept::Port(port(n, 22)));
    let hosts =
        |range: std::ops::Range<u32>| range.map(|n| Kept::Host(Box::new(host(n, 22)), Stage::Done));
    let expected = expected
        .chain(hosts(0..200))
        .chain((200..300).map(|n| Kept::Port(port(n, 22))))
        .chain(hosts(200..300));
    assert_eq!(all(&store, meta.id).unwrap(), expected.collect::<Vec<_>>());
    assert_eq!(store.end(meta.id).unwrap(), Some(end(300, true)));
    assert_eq!(store.meta(meta.id).unwrap(), meta);
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_any_file_of_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let (directory, path) = place();
    let store = Store::create(&path, still()).unwrap();
    let _writer = store.begin(&meta(1, 1)).unwrap();
    let files = std::fs::read_dir(directory.path()).unwrap();
    let modes: Vec<u32> = files
        .map(|file| file.unwrap().metadata().unwrap().permissions().mode() & 0o777)
        .collect();
    assert_eq!(modes, [0o600; 3]);
}

#[test]
fn a_scan_commits_by_itself() {
    let (_directory, path) = place();
    let options = Options {
        interval: Duration::from_millis(1),
        ..Options::default()
    };
    let store = Store::create(&path, options).unwrap();
    let meta = meta(1, 1);
    let writer = store.begin(&meta).unwrap();
    tell(&writer, 0..1);
    while all(&store, meta.id).unwrap().is_empty() {
        assert_eq!(writer.failure(), None);
        std::thread::yield_now();
    }
}

#[test]
fn a_scan_that_was_cut_off_goes_on_where_it_was() {
    let (_directory, path) = place();
    let store = Store::create(&path, still()).unwrap();
    let meta = meta(1, 4);
    let writer = store.begin(&meta).unwrap();
    writer.decided(&decided(0, Reason::ConnRefused, 1..4));
    writer.decided(&decided(1, Reason::ConnRefused, 1..3));
    writer.progress(0, b"first");
    writer.progress(1, b"other");
    writer.keep().unwrap();
    writer.decided(&decided(1, Reason::NoResponse, 7..8));
    writer.host(&host(0, 22), Stage::Done);
    writer.host(&host(1, 22), Stage::CutOff);
    writer.port(&port(1, 22));
    writer.progress(0, b"second");
    // As if the process had gone: nobody said how the scan ended.
    drop(writer);

    let state = store.resume_state(meta.id).unwrap();
    assert_eq!(
        (state.meta.plan.as_slice(), state.binding),
        (meta.plan.as_slice(), meta.binding())
    );
    assert_eq!(
        state.progress,
        [(0, b"second".to_vec()), (1, b"other".to_vec())]
    );
    let ports = vec![
        (Reason::ConnRefused, PortSet::from_ports([1, 2])),
        (Reason::NoResponse, PortSet::from_ports([7])),
    ];
    assert_eq!(state.pending, [PendingHost { host: 1, ports }]);
    assert_eq!(state.done, [(0, 0)]);
    store.verify(meta.id).unwrap();

    let writer = store.go_on(meta.id).unwrap();
    tell(&writer, 1..4);
    let digest = writer.finish(end(4, true)).unwrap();
    let listed = store.newest().unwrap().unwrap();
    assert_eq!(
        (listed.resumed, listed.hosts, listed.digest),
        (1, 4, digest)
    );
    store.verify(meta.id).unwrap();
    let mut hosts: Vec<_> = Vec::new();
    let mut ports = Vec::new();
    for kept in all(&store, meta.id).unwrap() {
        match kept {
            Kept::Host(host, Stage::Done) => hosts.push(host.index),
            Kept::Host(host, Stage::CutOff) => panic!("an earlier word on {}", host.address),
            Kept::Port(verdict) => ports.push(verdict.address),
        }
    }
    assert_eq!(hosts, [0, 1, 2, 3]);
    assert_eq!(ports, [address(1), address(2), address(3)]);
    let finished = store.resume_state(meta.id).unwrap_err();
    assert_eq!(finished, StoreError::Finished { id: meta.id });
    assert_eq!(store.go_on(meta.id).unwrap_err(), finished);
    assert!(
        finished.to_string().contains("nothing to resume"),
        "{finished}"
    );
}

#[test]
fn hosts_that_are_done_are_told_as_ranges_and_nothing_of_them_is_pending() {
    let (_directory, path) = place();
    let store = Store::create(&path, still()).unwrap();
    let meta = meta(1, 20);
    let writer = store.begin(&meta).unwrap();
    assert!(store.resume_state(meta.id).unwrap().done.is_empty());
    for hosts in [7..9, 2..4, 4..7, 12..13] {
        tell(&writer, hosts);
        writer.keep().unwrap();
    }
    // Told late, by another part of the scan.
    writer.decided(&decided(3, Reason::ConnRefused, 1..3));
    writer.decided(&decided(10, Reason::ConnRefused, 1..3));
    // The last word on a host counts.
    writer.host(&host(12, 22), Stage::CutOff);
    writer.host(&host(14, 22), Stage::CutOff);
    writer.host(&host(15, 22), Stage::CutOff);
    drop(writer);
    let writer = store.go_on(meta.id).unwrap();
    tell(&writer, 15..16);
    writer.keep().unwrap();
    let state = store.resume_state(meta.id).unwrap();
    assert_eq!(state.done, [(2, 8), (15, 15)]);
    let ports = vec![(Reason::ConnRefused, PortSet::from_ports([1, 2]))];
    assert_eq!(state.pending, [PendingHost { host: 10, ports }]);
}

#[test]
fn an_interrupted_scan_says_so_until_it_goes_on() {
    let (_directory, path) = place();
    let store = Store::create(&path, still()).unwrap();
    let meta = meta(1, 4);
    let writer = store.begin(&meta).unwrap();
    tell(&writer, 0..1);
    writer.finish(end(4, false)).unwrap();
    let listed = store.newest().unwrap().unwrap();
    assert_eq!(
        (listed.state, listed.totals),
        (State::Interrupted, end(4, false).totals)
    );
    store.verify(meta.id).unwrap();
    let writer = store.go_on(meta.id).unwrap();
    let listed = store.newest().unwrap().unwrap();
    assert_eq!(
        (listed.state, listed.totals.open, listed.finished),
        (State::Running, 1, None)
    );
    tell(&writer, 1..4);
    writer.finish(end(4, true)).unwrap();
    store.verify(meta.id).unwrap();
}

#[test]
fn whoever_goes_on_with_a_scan_takes_it_from_who_wrote_it() {
    let (_directory, path) = place();
    let store = Store::create(&path, still()).unwrap();
    let meta = meta(1, 4);
    let first = store.begin(&meta).unwrap();
    tell(&first, 0..1);
    first.keep().unwrap();
    let second = store.go_on(meta.id).unwrap();
    tell(&first, 1..2);
    let taken = StoreError::TakenOver { path, id: meta.id };
    assert_eq!(first.keep(), Err(taken.clone()));
    assert_eq!(first.failure(), Some(taken.clone()));
    assert_eq!(first.failure(), None);
    tell(&second, 2..3);
    second.keep().unwrap();
    assert_eq!(first.finish(end(4, true)), Err(taken));
    second.finish(end(4, true)).unwrap();
    store.verify(meta.id).unwrap();
    assert_eq!(all(&store, meta.id).unwrap().len(), 4);
}

#[test]
fn what_is_loaded_of_a_scan_that_goes_on_is_of_one_moment() {
    let (_directory, path) = place();
    let store = Store::create(&path, still()).unwrap();
    let meta = meta(1, 4);
    let writer = store.begin(&meta).unwrap();
    tell(&writer, 0..1);
    writer.host(&host(1, 22), Stage::CutOff);
    drop(writer);
    let writer = store.go_on(meta.id).unwrap();
    tell(&writer, 2..3);
    writer.keep().unwrap();
    let load = store.load(meta.id).unwrap();
    // A later word on a host, and one on a port.
    tell(&writer, 1..3);
    writer.keep().unwrap();
    let expected = [
        Kept::Port(port(0, 22)),
        Kept::Host(Box::new(host(0, 22)), Stage::Done),
        Kept::Host(Box::new(host(1, 22)), Stage::CutOff),
        Kept::Port(port(2, 22)),
        Kept::Host(Box::new(host(2, 22)), Stage::Done),
    ];
    assert_eq!(load.map(Result::unwrap).collect::<Vec<_>>(), expected);
}

#[test]
fn the_log_of_unfinished_hosts_is_written_anew_and_says_the_same() {
    let (_directory, path) = place();
    let options = Options { log: 64, ..still() };
    let store = Store::create(&path, options).unwrap();
    let meta = meta(1, 4);
    let writer = store.begin(&meta).unwrap();
    for second in 0..50 {
        let ports = second * 40 + 1..second * 40 + 30;
        writer.decided(&decided(second.into(), Reason::ConnRefused, 1..3));
        writer.decided(&decided(100, Reason::ConnRefused, ports));
        writer.progress(0, &[second as u8]);
        if second > 0 {
            writer.host(&host(u32::from(second) - 1, 22), Stage::Done);
        }
        writer.keep().unwrap();
        store.verify(meta.id).unwrap();
    }
    let state = store.resume_state(meta.id).unwrap();
    let runs = (0..50)
        .map(|second| (second * 40 + 1, second * 40 + 29))
        .collect();
    let ports = |set| vec![(Reason::ConnRefused, set)];
    let expected = [
        PendingHost {
            host: 49,
            ports: ports(PortSet::from_ports([1, 2])),
        },
        PendingHost {
            host: 100,
            ports: ports(PortSet::from_ranges(runs)),
        },
    ];
    assert_eq!(state.pending, expected);
    let db = rusqlite::Connection::open(&path).unwrap();
    let length = "SELECT sum(length(body)) FROM decided";
    let length: i64 = db.query_row(length, [], |row| row.get(0)).unwrap();
    assert!(length < 700, "{length}");
    writer.finish(end(4, true)).unwrap();
    store.verify(meta.id).unwrap();
    let left = "SELECT (SELECT count(*) FROM decided) + (SELECT count(*) FROM progress)";
    assert_eq!(
        db.query_row(left, [], |row| row.get::<_, i64>(0)).unwrap(),
        0
    );
}

#[test]
fn several_scans_at_once_share_a_store() {
    let (_directory, path) = place();
    let scan = |number: u64| {
        let store = Store::create(&path, still()).unwrap();
        let writer = store.begin(&meta(number, 60)).unwrap();
        for n in 0..60 {
            tell(&writer, n..n + 1);
            writer.keep().unwrap();
        }
        writer.finish(end(60, true)).unwrap()
    };
    let digests: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..4)
            .map(|number| scope.spawn(move || scan(number)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let store = Store::open(&path, still()).unwrap();
    for (number, digest) in (1..4).zip(digests) {
        let verified = store.verify(meta(number, 60).id).unwrap();
        assert_eq!((verified.digest, verified.chunks), (digest, 61));
        assert_eq!(all(&store, meta(number, 60).id).unwrap().len(), 120);
    }
}
