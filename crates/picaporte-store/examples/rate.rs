//! How fast a store is: `rate ports` tells a writer of all ports of 80 hosts, one after the other, at full speed; `rate block` of
//! 1,280 ports of 4,096 hosts that take turns, so that none is done before the end; `rate hosts` of hosts with one port each;
//! `rate list` lists 1,000 scans of 1,000 hosts. Each in a file of its own in the directory for temporary files (`TMPDIR`).

use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use picaporte_core::scan::HostReport;
use picaporte_core::tally::Counts;
use picaporte_core::target::AddressRange;
use picaporte_core::{Address, PortSet, Reason};
use picaporte_store::{
    Decided, End, Filter, Findings, Options, ScanId, ScanMeta, Stage, Store, Totals, UnixMillis,
    Who, Writer,
};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> Outcome {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("store.db");
    match std::env::args().nth(1).as_deref() {
        Some("ports") => ports(&path),
        Some("block") => block(&path),
        Some("hosts") => hosts(&path),
        Some("list") => list(&path),
        _ => Err("rate ports, rate block, rate hosts or rate list".into()),
    }
}

fn say(text: &str) -> Outcome {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

fn address(n: u32) -> Address {
    Address::new(std::net::Ipv4Addr::from(0xc612_0000 + n).into())
}

fn meta(number: u64, hosts: u32) -> ScanMeta {
    let number_at = UnixMillis(number.cast_signed());
    let last = address(hosts - 1).ip;
    ScanMeta {
        id: ScanId::from(ulid::Ulid::from_parts(number, 0)),
        version: "0.1.0".to_owned(),
        started: number_at,
        who: Who::default(),
        arguments: vec!["scan".to_owned(), "198.18.0.0/15".to_owned()],
        seed: number,
        planned: hosts.into(),
        plan: vec![0; 400],
        scope: None,
        zones: Vec::new(),
        targets: AddressRange::new(address(0).ip, last).into_iter().collect(),
    }
}

fn host(index: u32, closed: PortSet) -> HostReport {
    let mut counts = Counts::default();
    counts.add_many(Reason::ConnRefused, closed.len().into());
    HostReport {
        parts: 2,
        counts,
        closed,
        ..HostReport::untested(
            index.into(),
            address(index),
            &PortSet::empty(),
            Reason::Interrupted,
        )
    }
}

fn end() -> End {
    End {
        finished: UnixMillis(0),
        complete: true,
        totals: Totals::default(),
        record: "{}".repeat(400),
    }
}

/// Tells of `batches`, each of so many verdicts, then ends; says what it took.
fn told(path: &Path, hosts: u32, batches: u32, each: u32, batch: impl Fn(u32, &Writer)) -> Outcome {
    let store = Store::create(path, Options::default())?;
    let writer = store.begin(&meta(1, hosts))?;
    let began = Instant::now();
    (0..batches).for_each(|n| batch(n, &writer));
    let telling = began.elapsed();
    let digest = writer.finish(end())?;
    let all = began.elapsed();
    let verdicts = f64::from(batches) * f64::from(each);
    say(&format!(
        "{verdicts} verdicts: {:.0}/s told, {:.0}/s kept, {} bytes, {digest}",
        verdicts / telling.as_secs_f64(),
        verdicts / all.as_secs_f64(),
        std::fs::metadata(path)?.len(),
    ))
}

fn closed(host: u32, port: u32) -> Decided {
    // An odd number times those below 2¹⁶ is each of them once: in no order.
    let port = port.wrapping_mul(40_503) as u16;
    Decided {
        host: host.into(),
        reason: Reason::ConnRefused,
        port: port.max(1),
    }
}

fn ports(path: &Path) -> Outcome {
    told(path, 80, 128 * 80, 512, |n, writer| {
        let port = |i| closed(n / 128, (n % 128) * 512 + i);
        let mut findings = Findings::default();
        findings.decided(&(0..512).map(port).collect::<Vec<_>>());
        if n % 128 == 127 {
            findings.host(&host(n / 128, PortSet::all()), Stage::Done);
        }
        findings.progress(0, &n.to_be_bytes());
        writer.tell(findings);
    })
}

fn block(path: &Path) -> Outcome {
    told(path, 4096, 8 * 1280, 512, |n, writer| {
        let port = |i| closed((n % 8) * 512 + i, n / 8);
        let mut findings = Findings::default();
        findings.decided(&(0..512).map(port).collect::<Vec<_>>());
        findings.progress(0, &n.to_be_bytes());
        writer.tell(findings);
    })
}

fn hosts(path: &Path) -> Outcome {
    told(path, 3_000_000, 6_000, 500, |n, writer| {
        let mut findings = Findings::default();
        for index in n * 500..n * 500 + 500 {
            findings.host(&host(index, PortSet::from_ports([443])), Stage::Done);
        }
        findings.progress(0, &n.to_be_bytes());
        writer.tell(findings);
    })
}

fn list(path: &Path) -> Outcome {
    let store = Store::create(path, Options::default())?;
    for number in 1..=1000 {
        let writer = store.begin(&meta(number, 1000))?;
        let mut findings = Findings::default();
        for index in 0..1000 {
            findings.host(&host(index, PortSet::from_ports(1..100)), Stage::Done);
            findings.port(&open(index, 22));
        }
        writer.tell(findings);
        writer.finish(end())?;
    }
    drop(store);
    let any = Filter::default();
    let here = Some(address(500));
    for (what, filter) in [
        ("all", any),
        ("--host", Filter { host: here, ..any }),
        (
            "--open 22",
            Filter {
                open: Some(22),
                ..any
            },
        ),
        (
            "--host --open",
            Filter {
                host: here,
                open: Some(22),
                ..any
            },
        ),
        (
            "--open 23",
            Filter {
                open: Some(23),
                ..any
            },
        ),
    ] {
        let began = Instant::now();
        let store = Store::open(path, Options::default())?;
        let found = store.list(&filter)?.len();
        say(&format!(
            "{what}: {found} in {:.2?}, opened anew",
            began.elapsed()
        ))?;
    }
    let bytes = std::fs::metadata(path)?.len();
    say(&format!("{bytes} bytes"))
}

fn open(index: u32, port: u16) -> picaporte_core::Verdict {
    picaporte_core::Verdict {
        address: address(index),
        port,
        reason: Reason::SynAck,
        rtt: None,
        attempts: 1,
        at: picaporte_core::Instant::ZERO,
        evidence: picaporte_core::Evidence::default(),
    }
}
