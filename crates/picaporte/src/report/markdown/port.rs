//! One listed port as a row: its state, what proves it, and how far an open one can be believed.

use picaporte_core::{Close, Duration, Grade, Options, Peer, Reason, State, Suspicion, Verdict};

use super::super::Header;
use super::super::table::host::icmp_error;
use super::super::table::text::{counted, round_trip};
use super::{code, title};
use crate::services;

pub(super) const HEADS: &str = "| host | port | state | service | grade | reason | round trip | evidence |\n\
| --- | ---: | --- | --- | --- | --- | ---: | --- |\n";

/// A port that was decided.
pub(super) fn row(header: &Header, verdict: &Verdict) -> String {
    let host = title(header, verdict.address);
    let rtt = verdict.rtt.map(Duration::as_micros).map(round_trip);
    let grade = match verdict.state() {
        State::Open => grade(verdict.evidence.grade),
        _ => String::new(),
    };
    line(
        &host,
        verdict.port,
        verdict.reason,
        &grade,
        &rtt.unwrap_or_default(),
        &evidence(header, verdict),
    )
}

/// A port of a name that has no address.
pub(super) fn unresolved(name: &str, port: u16) -> String {
    line(&code(name), port, Reason::Unresolved, "", "", "")
}

fn line(host: &str, port: u16, reason: Reason, grade: &str, rtt: &str, evidence: &str) -> String {
    let (state, reason) = (reason.state().name(), reason.name());
    let service = services::name(port).unwrap_or_default();
    format!("| {host} | {port} | {state} | {service} | {grade} | {reason} | {rtt} | {evidence} |\n")
}

/// `confirmed`, `suspect (answers-everything)`.
fn grade(grade: Option<Grade>) -> String {
    let name = grade.map_or("not watched to its end", Grade::name);
    let why = grade.and_then(Grade::suspicion).map(Suspicion::name);
    why.map_or(name.to_owned(), |why| format!("{name} ({why})"))
}

/// What proves the state: `icmp 3/13 from 192.0.2.1; 3 attempts`.
fn evidence(header: &Header, verdict: &Verdict) -> String {
    let seen = &verdict.evidence;
    let several = |n: u8, what| (n > 1).then(|| counted(n.into(), what));
    let parts = [
        seen.icmp.map(|icmp| code(&icmp_error(header, &icmp))),
        seen.neighbour
            .then(|| "no answer to ARP or neighbour discovery".to_owned()),
        seen.ambiguous.then(|| {
            "a RST or an ICMP port-unreachable, which this system does not tell".to_owned()
        }),
        seen.close.map(close),
        seen.peer.map(peer),
        several(verdict.attempts, "attempt"),
        (seen.retransmits > 0).then(|| counted(seen.retransmits.into(), "retransmit")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn close(close: Close) -> String {
    format!("closed with {}", close.name())
}

/// What the SYN-ACK said of its sender: `options timestamps sack, window scale 7, mss 1448, window 65160`.
fn peer(peer: Peer) -> String {
    let number = |label: &str, n: Option<u32>| n.map(|n| format!("{label} {n}"));
    let parts = [
        peer.options.map(options),
        number("window scale", peer.window_scale.map(u32::from)),
        number("mss", peer.mss),
        number("window", peer.window),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn options(options: Options) -> String {
    let names: Vec<_> = options.names().collect();
    if names.is_empty() {
        "no options".to_owned()
    } else {
        format!("options {}", names.join(" "))
    }
}
