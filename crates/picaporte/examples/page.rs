//! Writes the page of a scan that never was, to look at it: `page HOSTS OPEN [en|es]`, where `OPEN` is how many ports are open on
//! each host that has any. With more than 16 open ports every host has them.

use std::io::{self, Write as _};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use picaporte::core::tally::Tally;
use picaporte::core::timing::Loss;
use picaporte::core::{Instant, Verdict};
use picaporte::report::{Format, Header, Lang, Report, Reverse, Style, Trailer, report};
use picaporte::{
    Account, Address, Close, Evidence, Finding, Grade, HostReport, Icmp, NoLookup, Plan, PortSet,
    Reason, Target,
};
use picaporte_store::Who;

const PORTS: u16 = 100;
/// Where the hosts begin.
const FIRST: u32 = 0x0a00_0000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize, or| words.get(i).map_or(Ok(or), |word| word.parse::<u32>());
    let (hosts, open) = (number(0, 254)?.max(1), number(1, 3)?.min(90) as u16);
    let lang = words
        .get(2)
        .map_or(Ok(Lang::En), |lang| Lang::by_name(lang))?;
    let mut page = report(
        Format::Html,
        Style {
            lang,
            ..Style::default()
        },
    );
    let plan = Arc::new(plan(hosts)?);
    let mut out = Vec::new();
    page.begin(&header(&plan), &mut out);
    let mut part = Tally::default();
    for index in 0..hosts {
        host(index, open, page.as_mut(), &mut part, &mut out);
        io::stdout().write_all(&out)?;
        out.clear();
    }
    page.end(&trailer(&plan, &part), &mut out);
    io::stdout().write_all(&out)?;
    Ok(())
}

fn plan(hosts: u32) -> Result<Plan, Box<dyn std::error::Error>> {
    let mut plan = Plan::builder(PortSet::from_ranges(vec![(1, PORTS)]));
    let (first, last) = (
        Ipv4Addr::from_bits(FIRST),
        Ipv4Addr::from_bits(FIRST + hosts - 1),
    );
    plan.target(&Target::parse(&format!("{first}-{last}"), &NoLookup)?)?;
    plan.name("nowhere.example", &[], None)?;
    Ok(plan.build()?)
}

fn header(plan: &Arc<Plan>) -> Header {
    Header {
        id: "01JGFJJZ00000000000000SCAN".to_owned(),
        version: env!("CARGO_PKG_VERSION").into(),
        started: "2026-01-01T00:00:00Z".parse().expect("a moment"),
        args: vec![
            "scan".to_owned(),
            "10.0.0.0/24".to_owned(),
            "-p1-100".to_owned(),
        ],
        plan: plan.clone(),
        zones: std::collections::BTreeMap::new(),
        scope: None,
        reverse: Reverse::default(),
        from: Some(Who {
            user: "auditor".to_owned(),
            machine: "probe-1".to_owned(),
            source: None,
            ..Who::default()
        }),
    }
}

/// Every fourth host has open ports, or all of them; every ninth has a firewall that rejects; every seventh says nothing.
fn host(index: u32, open: u16, page: &mut dyn Report, part: &mut Tally, out: &mut Vec<u8>) {
    let address = Address::new(Ipv4Addr::from_bits(FIRST + index).into());
    let mut host = HostReport::blank(index.into(), address);
    let mut sets = [const { Vec::new() }; 3];
    for port in 1..=PORTS {
        let wanted = u32::from(open) * 100 / 90 + 1;
        let is_open = (open > 16 || index.is_multiple_of(4) || open == 10)
            && (u32::from(port) * 37 + index % 3) % 100 < wanted
            && (sets[0].len() as u16) < open;
        let reason = match index {
            _ if is_open => Reason::SynAck,
            n if n % 9 == 1 => Reason::AdminProhibited,
            n if n % 7 == 2 => Reason::NoResponse,
            _ => Reason::ConnRefused,
        };
        let verdict = verdict(address, port, reason);
        part.planned += 1;
        part.attempts += 1;
        part.counts.add(reason);
        part.graded.add(verdict.evidence.grade);
        host.counts.add(reason);
        host.graded.add(verdict.evidence.grade);
        sets[reason.state() as usize].push(port);
        if is_open {
            page.finding(&Finding::Port(verdict), out);
        }
        if let Some(icmp) = verdict.evidence.icmp {
            match host.rejects.first_mut() {
                Some((_, ports)) => *ports += 1,
                None => host.rejects.push((icmp, 1)),
            }
        }
    }
    let [open, closed, filtered] = sets.map(PortSet::from_ports);
    if !host.rejects.is_empty() {
        host.rejected = filtered.clone();
    }
    (host.open, host.closed, host.filtered) = (open, closed, filtered);
    page.finding(&Finding::Host(Box::new(host)), out);
}

fn verdict(address: Address, port: u16, reason: Reason) -> Verdict {
    let open = reason == Reason::SynAck;
    let grade = if port.is_multiple_of(11) {
        Grade::HandshakeOnly
    } else {
        Grade::Confirmed
    };
    Verdict {
        address,
        port,
        reason,
        rtt: (reason != Reason::NoResponse).then_some(picaporte::core::Duration::from_micros(
            200 + u64::from(port),
        )),
        attempts: 1,
        at: Instant::ZERO,
        evidence: Evidence {
            close: open.then_some(Close::Fin),
            grade: open.then_some(grade),
            icmp: (reason == Reason::AdminProhibited).then_some(Icmp {
                v6: false,
                kind: 3,
                code: 13,
                from: Some(Address::new(Ipv4Addr::new(10, 0, 0, 254).into())),
            }),
            ..Evidence::default()
        },
    }
}

fn trailer(plan: &Plan, part: &Tally) -> Trailer {
    Trailer {
        finished: "2026-01-01T00:01:12Z".parse().expect("a moment"),
        account: Account {
            tally: Tally::of_scan(plan, [part], Reason::Interrupted),
            elapsed: Duration::from_millis(72_345),
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
        kept: None,
    }
}
