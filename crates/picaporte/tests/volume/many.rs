//! A scan of many hosts that never was, told finding by finding as a scan tells it: nothing of it is kept but which ports of
//! one block are still to come. So whatever grows while it is written is the report's own.
//!
//! Every host has ten open ports, graded in every way and with the evidence of each; the others are closed, rejected by a
//! firewall or silent. Blocks come one after the other; within one, the open ports of all hosts come in no order, as a scan
//! asks them, so that most hosts are done when their block nearly is, and all of them are under way until then.

use std::collections::BTreeMap;
use std::error::Error;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use picaporte::core::order::Permutation;
use picaporte::core::tally::Tally;
use picaporte::core::timing::Loss;
use picaporte::core::{Instant, Verdict};
use picaporte::report::{Format, Header, Identified, Report, Reverse, Style, Trailer, report};
use picaporte::{
    Account, Address, Close, Evidence, Finding, Grade, HostReport, Icmp, NoLookup, Options, Peer,
    Plan, PortSet, Reason, Suspicion, Target,
};

/// How many bytes the program gathers before it writes them to a file.
const BUFFER: usize = 64 << 10;
/// Where the hosts begin: there is room for 2²⁴.
const FIRST: u32 = 0x0a00_0000;
/// Ports of each host: these, from 1.
const PORTS: u16 = 1_000;
/// Open on each host; the tenth is another one from host to host.
const OPEN: [u16; 9] = [22, 25, 53, 80, 110, 143, 443, 445, 993];
/// Of the hosts behind a firewall, one in three, these are rejected.
const REJECTED: (u16, u16) = (200, 299);
/// Of one in seven of the others these are silent.
const SILENT: (u16, u16) = (300, 349);

/// How large it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Many {
    pub(crate) hosts: u32,
    /// Hosts of a block, which are under way at the same time.
    pub(crate) block: u32,
}

/// What becomes of the findings of a scan that is told.
pub(crate) type Tell<'a> = dyn FnMut(&Finding) -> io::Result<()> + 'a;

impl Many {
    /// Writes it in a format, as the program does.
    ///
    /// # Errors
    /// When it can't be written; a plan that is none would be one too.
    pub(crate) fn write(
        self,
        format: Format,
        to: &mut dyn io::Write,
    ) -> Result<(), Box<dyn Error>> {
        self.report(report(format, Style::default()).as_mut(), to)
    }

    /// The same, by a report of the caller's.
    ///
    /// # Errors
    /// As above.
    pub(crate) fn report(
        self,
        report: &mut dyn Report,
        to: &mut dyn io::Write,
    ) -> Result<(), Box<dyn Error>> {
        let header = self.header()?;
        let mut out = Vec::new();
        report.begin(&header, &mut out);
        let tally = self.tell(&mut |finding| {
            report.finding(finding, &mut out);
            if out.len() < BUFFER {
                return Ok(());
            }
            to.write_all(&out)?;
            out.clear();
            Ok(())
        })?;
        report.end(&trailer(&header.plan, &tally), &mut out);
        Ok(to.write_all(&out)?)
    }

    fn header(self) -> Result<Header, Box<dyn Error>> {
        let mut plan = Plan::builder(PortSet::from_ranges(vec![(1, PORTS)]));
        let (first, last) = (address(0), address(self.hosts - 1));
        plan.target(&Target::parse(&format!("{first}-{last}"), &NoLookup)?)?;
        Ok(Header {
            id: "01JGFJJZ00000000000000SCAN".to_owned(),
            version: env!("CARGO_PKG_VERSION").into(),
            started: "2026-01-01T00:00:00Z".parse()?,
            args: vec![
                "scan".to_owned(),
                format!("{first}-{last}"),
                format!("-p1-{PORTS}"),
            ],
            plan: Arc::new(plan.build()?),
            zones: BTreeMap::new(),
            scope: None,
            reverse: Reverse::default(),
            identified: Identified::default(),
            from: None,
        })
    }

    /// Tells every finding but the end; gives what they come to.
    ///
    /// # Errors
    /// Those of whoever is told.
    pub(crate) fn tell(self, each: &mut Tell<'_>) -> io::Result<Tally> {
        let mut tally = Tally::default();
        for first in (0..self.hosts).step_by(self.block as usize) {
            let hosts = self.block.min(self.hosts - first);
            block(first, hosts, &mut tally, each)?;
        }
        Ok(tally)
    }
}

fn block(first: u32, hosts: u32, tally: &mut Tally, each: &mut Tell<'_>) -> io::Result<()> {
    let open = OPEN.len() as u64 + 1;
    let order = Permutation::new(u64::from(hosts) * open, first.into());
    let mut left = vec![open; hosts as usize];
    for n in 0..order.len() {
        let (host, nth) = (order.get(n) / open, order.get(n) % open);
        let index = first + host as u32;
        let verdict = open_port(index, nth as usize);
        let (address, port) = (verdict.address, verdict.port);
        each(&Finding::Opened { address, port })?;
        each(&Finding::Port(verdict))?;
        left[host as usize] -= 1;
        if left[host as usize] == 0 {
            let report = host_report(index);
            count(&report, tally);
            each(&Finding::Host(Box::new(report)))?;
        }
    }
    Ok(())
}

fn count(host: &HostReport, tally: &mut Tally) {
    tally.planned += u64::from(PORTS);
    tally.attempts += u64::from(PORTS);
    tally.counts.merge(&host.counts);
    tally.graded.merge(&host.graded);
}

fn address(index: u32) -> Address {
    Address::new(Ipv4Addr::from_bits(FIRST + index).into())
}

/// The number of the nth open port of a host.
fn number(index: u32, nth: usize) -> u16 {
    let another = || 600 + (index % 390) as u16;
    OPEN.get(nth).copied().unwrap_or_else(another)
}

fn open_port(index: u32, nth: usize) -> Verdict {
    Verdict {
        address: address(index),
        port: number(index, nth),
        reason: Reason::SynAck,
        rtt: Some(picaporte::core::Duration::from_micros(
            150 + u64::from(index % 40_000) + nth as u64,
        )),
        attempts: 1 + u8::from(index.is_multiple_of(50)),
        at: Instant::ZERO + picaporte::core::Duration::from_millis(u64::from(index) / 10),
        evidence: evidence(index, nth),
    }
}

/// Three of ten are closed by a reset, handshakes alone, or suspect.
fn evidence(index: u32, nth: usize) -> Evidence {
    let (close, grade, bits) = match nth {
        2 => (Close::Reset, Grade::Confirmed, 5),
        5 => (Close::Fin, Grade::HandshakeOnly, 7),
        8 => (Close::Fin, Grade::Suspect(Suspicion::NoOptionsNoWindow), 0),
        _ => (Close::Fin, Grade::Confirmed, 7),
    };
    Evidence {
        close: Some(close),
        grade: Some(grade),
        peer: Some(Peer {
            options: Some(Options::from_bits(bits)),
            window_scale: (bits == 7).then_some(7),
            mss: Some(1_448),
            window: Some(29_200 + index % 36_000),
        }),
        retransmits: u8::from(index.is_multiple_of(50)),
        ..Evidence::default()
    }
}

fn host_report(index: u32) -> HostReport {
    let mut host = HostReport::blank(index.into(), address(index));
    let nth = 0..=OPEN.len();
    for nth in nth.clone() {
        host.graded.add(evidence(index, nth).grade);
    }
    host.open = PortSet::from_ports(nth.map(|nth| number(index, nth)));
    let (filtered, reason) = match index {
        n if n % 3 == 1 => (Some(REJECTED), Reason::AdminProhibited),
        n if n % 7 == 2 => (Some(SILENT), Reason::NoResponse),
        _ => (None, Reason::NoResponse),
    };
    host.filtered = PortSet::from_ranges(filtered.into_iter().collect());
    let others = PortSet::from_ranges(vec![(1, PORTS)]).minus(&host.open);
    host.closed = others.minus(&host.filtered);
    host.counts.add_many(Reason::SynAck, host.open.len().into());
    host.counts
        .add_many(Reason::ConnRefused, host.closed.len().into());
    host.counts.add_many(reason, host.filtered.len().into());
    if reason == Reason::AdminProhibited {
        host.rejected = host.filtered.clone();
        host.rejects = vec![(firewall(index), host.filtered.len())];
    }
    host
}

/// One for each 64 hosts.
fn firewall(index: u32) -> Icmp {
    Icmp {
        v6: false,
        kind: 3,
        code: 13,
        from: Some(Address::new(
            Ipv4Addr::from_bits(0xac10_0000 + index / 64).into(),
        )),
    }
}

fn trailer(plan: &Plan, tally: &Tally) -> Trailer {
    Trailer {
        finished: "2026-01-01T02:00:00Z".parse().expect("a moment"),
        account: Account {
            tally: Tally::of_scan(plan, [tally], Reason::Interrupted),
            elapsed: Duration::from_secs(7_200),
            loss: Loss {
                asked: 40_000,
                lost: 23,
            },
            interrupted: false,
            stopped: None,
            failed_threads: 0,
        },
        sampled: None,
        reverse: None,
        identified: None,
        kept: None,
    }
}
