//! JSON Lines, valid when cut after any line, and one JSON document of the same objects. It knows
//! how they are strung together, not what is in them.

use picaporte_core::Reason;
use picaporte_core::locate::Located;
use picaporte_core::tally::Counts;
use picaporte_engine::Finding;
use serde::Serialize;

use super::firewalls::Firewalls;
use super::record::{End, Host, Port, Scan};
use super::{Header, Lang, Sink, Trailer, encode, located};

/// How objects are strung together.
#[derive(Clone, Copy)]
pub(super) enum Frame {
    /// One a line.
    Lines,
    /// `{"scan":{…},"findings":[…],"end":{…}}`, one object a line too.
    Document,
}

pub(super) struct Json {
    header: Header,
    chain: Chain,
    /// Hosts with an address told so far.
    hosts: u64,
    firewalls: Firewalls,
}

impl Json {
    pub(super) fn begin(header: Header, frame: Frame, out: &mut Vec<u8>) -> Self {
        let mut chain = Chain { frame, first: true };
        chain.scan(&Scan::new(&header), out);
        write_unresolved(&header, &mut chain, out);
        Self {
            header,
            chain,
            hosts: 0,
            firewalls: Firewalls::default(),
        }
    }
}

impl Sink for Json {
    fn finding(&mut self, finding: &Finding, out: &mut Vec<u8>) {
        match finding {
            Finding::Port(verdict) => {
                self.chain
                    .finding(&Port::decided(&self.header, verdict), out);
            }
            Finding::Host(host) => {
                self.chain.finding(&Host::done(&self.header, host), out);
                self.hosts += 1;
                self.firewalls.add(host);
            }
            Finding::Opened { .. } | Finding::Decided(_) | Finding::End(_) => {}
        }
    }

    fn located(&mut self, found: &Located, out: &mut Vec<u8>) {
        self.chain
            .finding(&located::Port::of(&self.header, Lang::En, found), out);
    }

    fn end(&mut self, trailer: &Trailer, out: &mut Vec<u8>) {
        let end = End::new(&self.header, trailer, self.hosts, &self.firewalls);
        self.chain.end(&end, out);
    }
}

/// Names without an address: the scan itself never meets them.
fn write_unresolved(header: &Header, chain: &mut Chain, out: &mut Vec<u8>) {
    for unresolved in header.plan.unresolved() {
        let mut counts = Counts::default();
        counts.add_many(Reason::Unresolved, unresolved.ports.len().into());
        let host = Host::unresolved(&unresolved.name, &unresolved.ports, &counts);
        chain.finding(&host, out);
    }
    for (name, port) in header.listed_unresolved() {
        chain.finding(&Port::unresolved(header, name, port), out);
    }
}

/// Strings objects together.
struct Chain {
    frame: Frame,
    /// No finding was written yet.
    first: bool,
}

impl Chain {
    fn scan(&self, scan: &Scan<'_>, out: &mut Vec<u8>) {
        self.framed("{\"scan\":", scan, ",\"findings\":[", out);
    }

    fn finding<T: Serialize>(&mut self, finding: &T, out: &mut Vec<u8>) {
        let before = if self.first { "\n" } else { ",\n" };
        self.framed(before, finding, "", out);
        self.first = false;
    }

    fn end(&self, end: &End<'_>, out: &mut Vec<u8>) {
        self.framed("\n],\"end\":", end, "}\n", out);
    }

    /// The object between what the document has around it; a line is only ended.
    fn framed<T: Serialize>(&self, before: &str, object: &T, after: &str, out: &mut Vec<u8>) {
        let (before, after) = match self.frame {
            Frame::Lines => ("", "\n"),
            Frame::Document => (before, after),
        };
        out.extend_from_slice(before.as_bytes());
        encode::json(object, out);
        out.extend_from_slice(after.as_bytes());
    }
}
