//! Scans to keep, for every test program here.

#![allow(dead_code, reason = "each program uses what it needs")]

use std::path::PathBuf;

use picaporte_core::scan::HostReport;
use picaporte_core::tally::Counts;
use picaporte_core::target::AddressRange;
use picaporte_core::{
    Address, Close, Duration, Evidence, Grade, Instant, PortSet, Reason, Verdict,
};
use picaporte_store::{
    End, Kept, Options, ScanId, ScanMeta, Stage, Store, StoreError, Totals, UnixMillis, Who, Writer,
};
use tempfile::TempDir;

/// A file that is not there yet, in a directory that goes with the first.
pub(crate) fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.db");
    (directory, path)
}

/// Commits come when they are asked for, and at no other time.
pub(crate) fn still() -> Options {
    Options {
        interval: std::time::Duration::from_secs(3600),
        ..Options::default()
    }
}

/// The n-th address of 198.18.0.0/15, which is for tests (RFC 2544).
pub(crate) fn address(n: u32) -> Address {
    Address::new(std::net::Ipv4Addr::from(0xc612_0000 + n).into())
}

/// A scan of the first `hosts` of these addresses; later numbers begin later.
pub(crate) fn meta(number: u64, hosts: u32) -> ScanMeta {
    let last = address(hosts.max(1) - 1).ip;
    ScanMeta {
        id: ScanId::from(ulid::Ulid::from_parts(number, number.into())),
        version: "0.1.0".to_owned(),
        started: UnixMillis(1_750_000_000_000 + number.cast_signed()),
        who: Who {
            user: "auditor".to_owned(),
            ..Who::default()
        },
        arguments: vec!["scan".to_owned(), format!("198.18.0.0+{hosts}")],
        seed: number,
        planned: u64::from(hosts) * 4,
        plan: format!("{hosts} hosts").into_bytes(),
        scope: None,
        zones: Vec::new(),
        targets: AddressRange::new(address(0).ip, last).into_iter().collect(),
    }
}

/// An open port.
pub(crate) fn port(n: u32, port: u16) -> Verdict {
    Verdict {
        address: address(n),
        port,
        reason: Reason::SynAck,
        rtt: Some(Duration::from_micros(212)),
        attempts: 1,
        at: Instant::from_nanos(u64::from(n)),
        evidence: Evidence {
            close: Some(Close::Fin),
            grade: Some(Grade::Confirmed),
            ..Evidence::default()
        },
    }
}

/// A host with one open port and three closed ones.
pub(crate) fn host(n: u32, open: u16) -> HostReport {
    let mut counts = Counts::default();
    counts.add(Reason::SynAck);
    counts.add_many(Reason::ConnRefused, 3);
    HostReport {
        counts,
        open: PortSet::from_ports([open]),
        closed: PortSet::from_ports([1, 2, 3]),
        ..HostReport::blank(n.into(), address(n))
    }
}

/// Tells a writer of these hosts, each done, with port 22 open.
pub(crate) fn tell(writer: &Writer, hosts: std::ops::Range<u32>) {
    for n in hosts {
        writer.port(&port(n, 22));
        writer.host(&host(n, 22), Stage::Done);
    }
}

/// The end of a scan of so many hosts.
pub(crate) fn end(hosts: u32, complete: bool) -> End {
    let hosts = u64::from(hosts);
    End {
        finished: UnixMillis(1_760_000_000_000),
        complete,
        totals: Totals {
            planned: hosts * 4,
            tested: hosts * 4,
            open: hosts,
            closed: hosts * 3,
            extra: 7,
            ..Totals::default()
        },
        record: "{\"type\":\"end\"}".to_owned(),
    }
}

/// Everything that was kept.
pub(crate) fn all(store: &Store, id: ScanId) -> Result<Vec<Kept>, StoreError> {
    store.load(id)?.collect()
}
