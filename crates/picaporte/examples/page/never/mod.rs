//! A scan that never was, and its page: every kind of section can be had, with names and addresses as long as they come.

use std::collections::BTreeMap;
use std::error::Error;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use picaporte::core::tally::Tally;
use picaporte::core::timing::Loss;
use picaporte::core::{Instant, Verdict};
use picaporte::report::{
    Earlier, Format, Header, Identified, Lang, Report, Reverse, Sampled, Style, Trailer,
    report_since,
};
use picaporte::{
    Account, Address, Close, Evidence, Finding, Grade, HostReport, Icmp, NoLookup, Plan, PortSet,
    Reason, Target,
};
use picaporte_diff::{Limits, Wanted};
use picaporte_store::Who;

mod given;
mod services;

use given::{located, scoped};

const PORTS: u16 = 100;
/// Where the hosts begin.
const FIRST: u32 = 0x0a00_0000;
/// The longest address, and as long a name as there is room for in a label (RFC 1035, section 2.3.4).
const LONG: &str = "2001:db8:1234:5678:9abc:def0:1234:5678";
const NAME: &str =
    "a-name-that-is-as-long-as-any-label-of-a-name-is-allowed-to-be1.internal.example.org";

/// Which scan.
pub(crate) struct Never {
    /// How many addresses of IPv4 it has; one of IPv6 is beside them.
    pub(crate) hosts: u32,
    /// How many ports are open on each host that has any.
    pub(crate) open: u16,
    /// The language of its page.
    pub(crate) lang: Lang,
    /// Whether it was held to a scope, beside an earlier scan, and located.
    pub(crate) scope: bool,
    /// See above.
    pub(crate) since: bool,
    /// See above.
    pub(crate) located: bool,
    /// Whether its open ports were asked what they are.
    pub(crate) services: bool,
}

impl Never {
    /// Writes its page.
    ///
    /// # Errors
    /// When it can't be written; a plan that is none would be one too.
    pub(crate) fn write(&self, to: &mut dyn io::Write) -> Result<(), Box<dyn Error>> {
        let style = Style {
            lang: self.lang,
            ..Style::default()
        };
        let earlier = self.since.then(|| self.earlier()).transpose()?;
        let mut page = report_since(Format::Html, style, earlier);
        let header = self.header()?;
        let mut out = Vec::new();
        page.begin(&header, &mut out);
        let mut part = Tally::default();
        for index in 0..=self.hosts {
            self.host(&header, index, page.as_mut(), &mut part, &mut out);
            to.write_all(&out)?;
            out.clear();
        }
        let sampled = self.located.then(|| located(page.as_mut(), &mut out));
        let mut trailer = trailer(&header.plan, &part, sampled);
        let open = part.counts.of(Reason::SynAck);
        trailer.identified = self.services.then(|| services::counts(open));
        page.end(&trailer, &mut out);
        Ok(to.write_all(&out)?)
    }

    fn header(&self) -> Result<Header, Box<dyn Error>> {
        let mut plan = Plan::builder(PortSet::from_ranges(vec![(1, PORTS)]));
        let last = Ipv4Addr::from_bits(FIRST + self.hosts - 1);
        let first = Ipv4Addr::from_bits(FIRST);
        plan.target(&Target::parse(&format!("{first}-{last}"), &NoLookup)?)?;
        plan.name(NAME, &[Address::new(LONG.parse()?)], None)?;
        plan.name("nowhere.example", &[], None)?;
        let mut scope = None;
        let plan = if self.scope {
            let (scoped, bounds) = scoped()?;
            scope = Some(scoped);
            plan.target(&Target::parse("203.0.113.8-203.0.113.15", &NoLookup)?)?;
            plan.build()?.within(&bounds)
        } else {
            plan.build()?
        };
        Ok(Header {
            id: "01JGFJJZ00000000000000SCAN".to_owned(),
            version: env!("CARGO_PKG_VERSION").into(),
            started: "2026-01-01T00:00:00Z".parse()?,
            args: ["scan", "10.0.0.0/24", NAME, "-p1-100", "-o", "report.html"]
                .map(str::to_owned)
                .into(),
            plan: Arc::new(plan),
            zones: BTreeMap::new(),
            scope,
            reverse: Reverse::default(),
            identified: Identified::default(),
            from: Some(Who {
                user: "auditor".to_owned(),
                machine: "probe-1".to_owned(),
                source: None,
                ..Who::default()
            }),
        })
    }

    fn address(&self, index: u32) -> Address {
        if index == self.hosts {
            return Address::new(LONG.parse().expect("an address"));
        }
        Address::new(Ipv4Addr::from_bits(FIRST + index).into())
    }

    fn reason(&self, index: u32, port: u16, already: usize) -> Reason {
        let wanted = u32::from(self.open) * 100 / 90 + 1;
        let is_open = (self.open > 16 || index.is_multiple_of(4) || self.open == 10)
            && (u32::from(port) * 37 + index % 3) % 100 < wanted
            && already < usize::from(self.open);
        match index {
            _ if is_open => Reason::SynAck,
            n if n % 9 == 1 => Reason::AdminProhibited,
            n if n % 7 == 2 => Reason::NoResponse,
            _ => Reason::ConnRefused,
        }
    }

    /// Every fourth host has open ports, or all of them; every ninth has a firewall that rejects; every seventh says nothing.
    fn host(
        &self,
        header: &Header,
        index: u32,
        page: &mut dyn Report,
        part: &mut Tally,
        out: &mut Vec<u8>,
    ) {
        let address = self.address(index);
        let mut host = HostReport::blank(index.into(), address);
        let mut sets = [const { Vec::new() }; 3];
        for port in 1..=PORTS {
            let reason = self.reason(index, port, sets[0].len());
            let verdict = verdict(address, port, reason);
            part.planned += 1;
            part.attempts += 1;
            part.counts.add(reason);
            part.graded.add(verdict.evidence.grade);
            host.counts.add(reason);
            host.graded.add(verdict.evidence.grade);
            sets[reason.state() as usize].push(port);
            if reason == Reason::SynAck {
                if self.services {
                    services::learn(header, address, port);
                }
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
        header.identified.forget(address);
    }

    /// The same hosts a month before: every third had another port open, every fifth none, every eleventh was not tested, every
    /// thirteenth was not asked; and one is gone.
    fn earlier(&self) -> Result<Arc<Earlier>, Box<dyn Error>> {
        let mut lines = r#"{"type":"scan","id":"01JE000000000000000BEFORE","version":"0.1.0","started":"2025-12-01T00:00:00Z"}"#.to_owned();
        let asked = (0..=self.hosts).filter(|index| index % 13 != 12);
        for index in asked {
            let host = self.address(index).to_string();
            lines.push_str(&match index {
                n if n % 11 == 5 => line(&host, "", "", "1-100"),
                n if n % 5 == 3 => line(&host, "", "1-100", ""),
                n if n % 3 == 0 => line(&host, "3,22,80", "1-2,4-21,23-79,81-100", ""),
                _ => line(&host, "", "", ""),
            });
        }
        lines.push_str(&line("198.51.100.1", "22,80,443", "", ""));
        lines.push_str("\n{\"type\":\"end\",\"complete\":true}\n");
        let scan = picaporte_diff::read(lines.as_bytes(), Wanted::default(), &Limits::default())?;
        let called = "scans/of/december/every-host-of-the-office-and-of-the-data-centre.jsonl";
        Ok(Arc::new(Earlier {
            called: called.to_owned(),
            scan,
        }))
    }
}

fn line(host: &str, open: &str, closed: &str, untested: &str) -> String {
    format!(
        "\n{{\"type\":\"host\",\"ip\":\"{host}\",\"ports\":{{\"open\":\"{open}\",\"closed\":\"{closed}\",\"filtered\":\"\",\"untested\":\"{untested}\"}}}}"
    )
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

fn trailer(plan: &Plan, part: &Tally, sampled: Option<Sampled>) -> Trailer {
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
        sampled,
        reverse: None,
        identified: None,
        kept: None,
    }
}
