//! A port that is listed.

use picaporte_core::{Duration, Instant, Reason, State, Verdict};
use serde::Serialize;

use super::service::Service;
use super::shared::Names;
use crate::report::evidence::Evidence;
use crate::report::header::{Named, Stamp};
use crate::report::{Header, reverse};

/// A port that is listed.
#[derive(Serialize)]
#[serde(tag = "type", rename = "port")]
#[expect(
    clippy::struct_field_names,
    reason = "fields are named as the contract has them"
)]
pub(in crate::report) struct Port<'a> {
    ip: Option<Named<'a>>,
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Names::is_told")]
    names: Names<'a>,
    /// What the reverse DNS calls the address; null where that is not known.
    reverse: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reverse_all: Vec<String>,
    port: u16,
    protocol: &'static str,
    state: &'static str,
    reason: &'static str,
    rtt_us: Option<u64>,
    attempts: u8,
    at: Stamp,
    evidence: Evidence<'a>,
    /// What listens there, where it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<Service>,
}

impl<'a> Port<'a> {
    pub(in crate::report) fn decided(header: &'a Header, verdict: &Verdict) -> Self {
        let names = Names(header.names(verdict.address));
        let (reverse, reverse_all) = reverse::for_json(&header.reverse(verdict.address));
        Self {
            ip: Some(header.named(verdict.address)),
            name: names.first(),
            names,
            reverse,
            reverse_all,
            port: verdict.port,
            protocol: "tcp",
            state: verdict.state().name(),
            reason: verdict.reason.name(),
            rtt_us: verdict.rtt.map(Duration::as_micros),
            attempts: verdict.attempts,
            at: header.at(verdict.at),
            evidence: Evidence::of(header, verdict),
            service: Service::at(header, verdict),
        }
    }

    /// A port of a name that has no address.
    pub(in crate::report) fn unresolved(header: &'a Header, name: &'a str, port: u16) -> Self {
        Self {
            ip: None,
            name: Some(name),
            names: Names(&[]),
            reverse: None,
            reverse_all: Vec::new(),
            port,
            protocol: "tcp",
            state: State::Untested.name(),
            reason: Reason::Unresolved.name(),
            rtt_us: None,
            attempts: 0,
            at: header.at(Instant::ZERO),
            evidence: Evidence::default(),
            service: None,
        }
    }
}
