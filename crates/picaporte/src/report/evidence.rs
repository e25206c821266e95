//! The object `evidence` of a port, field by field as the contract has it; it holds only what was seen.

use picaporte_core::{Close, Grade, Icmp, Options, Peer, State, Suspicion, Verdict};
use serde::Serialize;
use serde::ser::Serializer;

use super::Header;
use super::header::Named;

#[derive(Default, Serialize)]
pub(super) struct Evidence<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    icmp: Option<IcmpError<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retransmits: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    close: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'static str>,
    /// A port is not open without a grade, but the grade may be unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    open: Option<Open>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suspect: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<PeerSeen>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    ambiguous: bool,
}

impl<'a> Evidence<'a> {
    pub(super) fn of(header: &'a Header, verdict: &Verdict) -> Self {
        let seen = &verdict.evidence;
        let suspicion = seen.grade.and_then(Grade::suspicion);
        Self {
            icmp: seen.icmp.map(|icmp| IcmpError::new(header, icmp)),
            retransmits: (seen.retransmits > 0).then_some(seen.retransmits),
            close: seen.close.map(Close::name),
            origin: seen.neighbour.then_some("neighbour"),
            open: (verdict.state() == State::Open).then_some(Open(seen.grade)),
            suspect: suspicion.map(Suspicion::name),
            peer: seen.peer.map(PeerSeen::new),
            ambiguous: seen.ambiguous,
        }
    }
}

/// How far an open port can be believed; `null` where its connection was not watched to its end.
#[derive(Clone, Copy)]
struct Open(Option<Grade>);

impl Serialize for Open {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.map(Grade::name).serialize(serializer)
    }
}

/// What the SYN-ACK said of its sender.
#[derive(Serialize)]
struct PeerSeen {
    options: Option<Names>,
    window_scale: Option<u8>,
    mss: Option<u32>,
    window: Option<u32>,
}

impl PeerSeen {
    fn new(peer: Peer) -> Self {
        Self {
            options: peer.options.map(Names),
            window_scale: peer.window_scale,
            mss: peer.mss,
            window: peer.window,
        }
    }
}

/// TCP options by name.
struct Names(Options);

impl Serialize for Names {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.names())
    }
}

/// Type, code and sender of an ICMP error.
#[derive(Serialize)]
pub(super) struct IcmpError<'a> {
    #[serde(rename = "type")]
    kind: u8,
    code: u8,
    from: Option<Named<'a>>,
}

impl<'a> IcmpError<'a> {
    pub(super) fn new(header: &'a Header, icmp: Icmp) -> Self {
        Self {
            kind: icmp.kind,
            code: icmp.code,
            from: icmp.from.map(|from| header.named(from)),
        }
    }
}
