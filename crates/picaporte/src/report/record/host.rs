//! A host that is done, or a name without an address.

use picaporte_core::scan::HostReport;
use picaporte_core::tally::Counts;
use picaporte_core::{PortSet, State};
use serde::Serialize;

use super::shared::{Graded, Names, Reasons};
use crate::report::evidence::IcmpError;
use crate::report::header::Named;
use crate::report::{Header, reverse};

/// A host that is done, or a name without an address.
#[derive(Serialize)]
#[serde(tag = "type", rename = "host")]
pub(in crate::report) struct Host<'a> {
    ip: Option<Named<'a>>,
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Names::is_told")]
    names: Names<'a>,
    reverse: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reverse_all: Vec<String>,
    open: u64,
    closed: u64,
    filtered: u64,
    untested: u64,
    reasons: Reasons<'a>,
    graded: Graded,
    /// Its open ports say nothing.
    answers_everything: bool,
    ports: Ports,
    /// What is done with its ports by default, as far as they show it.
    policy: Option<&'static str>,
    /// Its ports that met something else; not without a policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    differ: Option<String>,
    /// Told where it is so: silence may be a rejection that was not sent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    rationed: bool,
    /// Which ICMP errors came for how many ports, and from where.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rejects: Vec<Rejects<'a>>,
    /// Only of a host that fell silent and was asked more slowly from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    slowed: Option<Slowed>,
}

#[derive(Serialize)]
struct Rejects<'a> {
    #[serde(flatten)]
    icmp: IcmpError<'a>,
    ports: u32,
}

#[derive(Serialize)]
struct Slowed {
    times: u32,
    attempts_per_second: u32,
}

impl<'a> Host<'a> {
    pub(in crate::report) fn done(header: &'a Header, host: &'a HostReport) -> Self {
        let names = Names(header.names(host.address));
        let (reverse, reverse_all) = reverse::for_json(&header.reverse(host.address));
        let default = host.default_policy();
        Self {
            ip: Some(header.named(host.address)),
            name: names.first(),
            names,
            reverse,
            reverse_all,
            graded: Graded::new(&host.graded),
            policy: default.as_ref().map(|default| default.policy.name()),
            rationed: default.as_ref().is_some_and(|default| default.rationed),
            differ: default.map(|default| default.differ.to_string()),
            ports: Ports {
                open: host.open.to_string(),
                closed: host.closed.to_string(),
                filtered: host.filtered.to_string(),
                untested: host.untested.to_string(),
            },
            rejects: host
                .rejects
                .iter()
                .map(|&(icmp, ports)| Rejects {
                    icmp: IcmpError::new(header, icmp),
                    ports,
                })
                .collect(),
            answers_everything: host.answers_everything,
            slowed: host.slowed.map(|slowed| Slowed {
                times: slowed.times,
                attempts_per_second: slowed.per_second,
            }),
            ..Self::counted(&host.counts)
        }
    }

    /// A name that has no address; `counts` are those of its ports.
    pub(in crate::report) fn unresolved(
        name: &'a str,
        ports: &PortSet,
        counts: &'a Counts,
    ) -> Self {
        let ports = Ports {
            untested: ports.to_string(),
            ..Ports::default()
        };
        Self {
            name: Some(name),
            ports,
            ..Self::counted(counts)
        }
    }

    fn counted(counts: &'a Counts) -> Self {
        Self {
            ip: None,
            name: None,
            names: Names(&[]),
            reverse: None,
            reverse_all: Vec::new(),
            open: counts.in_state(State::Open),
            closed: counts.in_state(State::Closed),
            filtered: counts.in_state(State::Filtered),
            untested: counts.in_state(State::Untested),
            reasons: Reasons(counts),
            graded: Graded::default(),
            answers_everything: false,
            ports: Ports::default(),
            policy: None,
            differ: None,
            rationed: false,
            rejects: Vec::new(),
            slowed: None,
        }
    }
}

#[derive(Default, Serialize)]
struct Ports {
    open: String,
    closed: String,
    filtered: String,
    untested: String,
}
