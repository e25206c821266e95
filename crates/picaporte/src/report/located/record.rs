//! One located port as JSON has it: the same object from `locate` and from a scan that was asked to.

use picaporte_core::locate::{Answer, By, Located};
use picaporte_core::verdict::icmp_reason;
use picaporte_core::{Address, Icmp, Reason, Suspicion};
use serde::Serialize;

use super::super::header::Named;
use super::super::{Header, Lang, reverse};
use super::words;

#[derive(Serialize)]
#[expect(
    clippy::struct_field_names,
    reason = "fields are named as the contract has them"
)]
pub(in super::super) struct Port<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    pub(super) ip: Option<Named<'a>>,
    pub(super) name: Option<&'a str>,
    /// What the reverse DNS calls the address; null where that is not known.
    reverse: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reverse_all: Vec<String>,
    pub(super) port: u16,
    protocol: &'static str,
    answer: &'static str,
    reason: &'static str,
    by: Option<&'static str>,
    hop: Option<u8>,
    after: u8,
    until: Option<u8>,
    host: Host,
    icmp: Option<IcmpError<'a>>,
    pub(super) hops: Vec<Hop<'a>>,
    contradicts: bool,
    /// What speaks against a port that accepts.
    suspect: Option<&'static str>,
    attempts: u32,
    pub(in super::super) says: String,
}

#[derive(Serialize)]
struct Host {
    at_least: u8,
    exact: Option<u8>,
}

#[derive(Serialize)]
struct IcmpError<'a> {
    #[serde(rename = "type")]
    kind: u8,
    code: u8,
    from: Option<Named<'a>>,
}

#[derive(Serialize)]
pub(super) struct Hop<'a> {
    pub(super) hop: u8,
    pub(super) from: Vec<Named<'a>>,
}

impl<'a> Port<'a> {
    /// What was found out about a port, with a sentence in this language.
    pub(in super::super) fn of(header: &'a Header, lang: Lang, found: &Located) -> Self {
        let name = header.names(found.address).first();
        let (reverse, reverse_all) = reverse::for_json(&header.reverse(found.address));
        Self {
            kind: "located",
            ip: Some(header.named(found.address)),
            name: name.map(|name| &**name),
            reverse,
            reverse_all,
            port: found.port,
            protocol: "tcp",
            answer: answer(&found.answer),
            reason: reason(&found.answer).name(),
            by: by(found.by),
            hop: found.place.exact(),
            after: found.place.after,
            until: found.place.until,
            host: Host {
                at_least: found.host.at_least,
                exact: found.host.exact,
            },
            icmp: icmp(&found.answer).map(|icmp| error(header, icmp)),
            hops: hops(header, found),
            contradicts: found.contradicts,
            suspect: found.suspicion().map(Suspicion::name),
            attempts: found.attempts,
            says: words::sentence(lang, found, &|address| header.named(address).to_string()),
        }
    }

    /// A port of a name that has no address.
    pub(super) fn unresolved(name: &'a str, lang: Lang, port: u16) -> Self {
        Self {
            kind: "located",
            ip: None,
            name: Some(name),
            reverse: None,
            reverse_all: Vec::new(),
            port,
            protocol: "tcp",
            answer: "untested",
            reason: Reason::Unresolved.name(),
            by: None,
            hop: None,
            after: 0,
            until: None,
            host: Host {
                at_least: 1,
                exact: None,
            },
            icmp: None,
            hops: Vec::new(),
            contradicts: false,
            suspect: None,
            attempts: 0,
            says: words::untested(lang, Reason::Unresolved),
        }
    }
}

fn hops<'a>(header: &'a Header, found: &Located) -> Vec<Hop<'a>> {
    let named = |&address: &Address| header.named(address);
    let hop = |hop: &picaporte_core::locate::Hop| Hop {
        hop: hop.distance,
        from: hop.addresses.iter().map(named).collect(),
    };
    found.hops.iter().map(hop).collect()
}

fn error(header: &Header, icmp: Icmp) -> IcmpError<'_> {
    IcmpError {
        kind: icmp.kind,
        code: icmp.code,
        from: icmp.from.map(|from| header.named(from)),
    }
}

fn answer(answer: &Answer) -> &'static str {
    match answer {
        Answer::Accepted => "accepted",
        Answer::Reset => "reset",
        Answer::Rejected(_) => "rejected",
        Answer::Loop(_) => "loop",
        Answer::Silent => "silent",
        Answer::NoNeighbour => "no-neighbour",
        Answer::Untested(_) => "untested",
    }
}

/// The word that a scan has for the same.
fn reason(answer: &Answer) -> Reason {
    match answer {
        Answer::Accepted => Reason::SynAck,
        Answer::Reset => Reason::ConnRefused,
        Answer::Rejected(Some(icmp)) => icmp_reason(icmp),
        Answer::Rejected(None) | Answer::NoNeighbour => Reason::HostUnreach,
        Answer::Loop(_) => Reason::TimeExceeded,
        Answer::Silent => Reason::NoResponse,
        Answer::Untested(why) => *why,
    }
}

fn icmp(answer: &Answer) -> Option<Icmp> {
    match answer {
        Answer::Rejected(icmp) => *icmp,
        _ => None,
    }
}

fn by(by: By) -> Option<&'static str> {
    match by {
        By::Host => Some("host"),
        By::Firewall => Some("firewall"),
        By::Behind => Some("behind-host"),
        By::HostOrBefore => Some("host-or-before"),
        By::Unknown => None,
    }
}
