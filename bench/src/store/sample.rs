//! Scans to keep: whose they are, their hosts, their ports, their end. All of it follows from numbers.

use std::net::Ipv4Addr;

use picaporte_core::scan::HostReport;
use picaporte_core::tally::Counts;
use picaporte_core::target::AddressRange;
use picaporte_core::{
    Address, Close, Duration, Evidence, Grade, Instant, Options, Peer, PortSet, Reason, Verdict,
};
use picaporte_store::{End, ScanId, ScanMeta, Totals, UnixMillis, Who};

/// A plan and a last line of usual size, in bytes.
const PLAN: usize = 400;
const RECORD: usize = 800;
/// When the first scan began; each later one a minute after the one before.
const BEGAN: i64 = 1_780_000_000_000;

/// The n-th address of 10.0.0.0/8.
pub(super) fn address(n: u32) -> Address {
    Address::new(Ipv4Addr::from(0x0a00_0000 + n).into())
}

/// When the scan of this number began.
pub(super) fn started(number: u32) -> UnixMillis {
    UnixMillis(BEGAN + i64::from(number) * 60_000)
}

/// The scan of this number, of so many hosts from the `first` on.
pub(super) fn meta(number: u32, first: u32, hosts: u32) -> ScanMeta {
    let started = started(number);
    let last = address(first + hosts - 1).ip;
    ScanMeta {
        id: ScanId::parse(&format!("01K{number:023}")).expect("digits make a ULID"),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started,
        who: Who {
            user: "bench".to_owned(),
            ..Who::default()
        },
        arguments: ["scan", "10.0.0.0/8", "-p", "1-100"]
            .map(str::to_owned)
            .into(),
        seed: number.into(),
        planned: u64::from(hosts) * 100,
        plan: vec![0; PLAN],
        scope: None,
        zones: Vec::new(),
        targets: AddressRange::new(address(first).ip, last)
            .into_iter()
            .collect(),
    }
}

/// An open port, with what is usually seen of one.
pub(super) fn open(host: u32, port: u16) -> Verdict {
    Verdict {
        address: address(host),
        port,
        reason: Reason::SynAck,
        rtt: Some(Duration::from_micros(212)),
        attempts: 1,
        at: Instant::from_nanos(u64::from(host) * 1_000_000),
        evidence: Evidence {
            close: Some(Close::Fin),
            grade: Some(Grade::Confirmed),
            peer: Some(Peer {
                options: Some(Options::SACK),
                window_scale: Some(7),
                mss: Some(1460),
                window: Some(65_160),
            }),
            ..Evidence::default()
        },
    }
}

/// All of a host.
pub(super) fn host(index: u32, open: PortSet, closed: PortSet) -> HostReport {
    let mut counts = Counts::default();
    counts.add_many(Reason::SynAck, open.len().into());
    counts.add_many(Reason::ConnRefused, closed.len().into());
    HostReport {
        counts,
        open,
        closed,
        ..HostReport::untested(
            index.into(),
            address(index),
            &PortSet::empty(),
            Reason::Interrupted,
        )
    }
}

/// The end of a scan that left nothing.
pub(super) fn end(of: &ScanMeta) -> End {
    End {
        finished: UnixMillis(of.started.0 + 30_000),
        complete: true,
        totals: Totals {
            planned: of.planned,
            tested: of.planned,
            closed: of.planned,
            ..Totals::default()
        },
        record: " ".repeat(RECORD),
    }
}
