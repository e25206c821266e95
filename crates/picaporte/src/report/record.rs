//! The objects of JSON Lines and JSON, field by field as the contract has them: fields are added,
//! never renamed. Unknown is `null`; `evidence` holds only what was seen.

use std::sync::Arc;

use picaporte_core::scan::HostReport;
use picaporte_core::tally::Counts;
use picaporte_core::{Duration, Instant, PortSet, Reason, State, Verdict};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::evidence::{Evidence, IcmpError};
use super::firewalls::{self, Firewalls};
use super::header::{Named, Stamp};
use super::scope::Scope;
use super::{Header, IdentifiedCounts, ReverseCounts, Trailer, reverse};

pub(super) mod service;

use service::Service;

/// The version of these objects' meaning.
const SCHEMA: u32 = 1;

/// The first object: what is scanned.
#[derive(Serialize)]
#[serde(tag = "type", rename = "scan")]
pub(super) struct Scan<'a> {
    schema: u32,
    id: &'a str,
    version: &'a str,
    started: Stamp,
    args: &'a [String],
    seed: u64,
    planned: u64,
    /// Null where none was set.
    scope: Option<Scope<'a>>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(header: &'a Header) -> Self {
        Self {
            schema: SCHEMA,
            id: &header.id,
            version: &header.version,
            started: Stamp(header.started),
            args: &header.args,
            seed: header.plan.settings().seed,
            planned: header.plan.planned(),
            scope: Scope::of(header),
        }
    }
}

/// A port that is listed.
#[derive(Serialize)]
#[serde(tag = "type", rename = "port")]
#[expect(
    clippy::struct_field_names,
    reason = "fields are named as the contract has them"
)]
pub(super) struct Port<'a> {
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
    pub(super) fn decided(header: &'a Header, verdict: &Verdict) -> Self {
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
    pub(super) fn unresolved(header: &'a Header, name: &'a str, port: u16) -> Self {
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

/// A host that is done, or a name without an address.
#[derive(Serialize)]
#[serde(tag = "type", rename = "host")]
pub(super) struct Host<'a> {
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
    pub(super) fn done(header: &'a Header, host: &'a HostReport) -> Self {
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
    pub(super) fn unresolved(name: &'a str, ports: &PortSet, counts: &'a Counts) -> Self {
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

/// The last object: the account.
#[derive(Serialize)]
#[serde(tag = "type", rename = "end")]
pub(super) struct End<'a> {
    finished: Stamp,
    elapsed_ms: u64,
    planned: u64,
    tested: u64,
    untested: u64,
    open: u64,
    closed: u64,
    filtered: u64,
    extra: u64,
    complete: bool,
    interrupted: bool,
    attempts: u64,
    /// Objects of hosts with an address; `hosts_planned` are those of this shard.
    hosts: u64,
    hosts_planned: u64,
    loss: Loss,
    /// Open ports that are expected to have been missed because answers were lost.
    expected_missed: f64,
    /// Times in which nothing came back from anybody; null if there were none.
    outages: Option<Outages>,
    reasons: Reasons<'a>,
    graded: Graded,
    /// Ports that were located beside; null if nobody asked for that.
    located: Option<Sampled>,
    /// What became of the questions to the reverse DNS; null if nobody asked for that.
    reverse_dns: Option<ReverseCounts>,
    /// What became of the open ports that were to be identified; null if nobody asked for that.
    identified: Option<IdentifiedCounts>,
    policies: Policies<'a>,
    rejects: Vec<FirewallRejects<'a>>,
    /// Rejected ports beyond the bounds of what is kept by device and code.
    #[serde(skip_serializing_if = "is_zero")]
    rejects_untold: u64,
    /// The digest by which a store proves that the scan was not altered since; null if it is not kept.
    digest: Option<&'a str>,
}

/// Which ICMP error came from where, for how many ports of how many hosts.
#[derive(Serialize)]
struct FirewallRejects<'a> {
    #[serde(flatten)]
    icmp: IcmpError<'a>,
    ports: u64,
    hosts: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands in references"
)]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// Open ports by grade; those that were not watched to their end are in none.
#[derive(Default, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Graded {
    confirmed: u64,
    handshake_only: u64,
    suspect: u64,
}

impl Graded {
    fn new(graded: &picaporte_core::Graded) -> Self {
        Self {
            confirmed: graded.confirmed,
            handshake_only: graded.handshake_only,
            suspect: graded.suspect,
        }
    }
}

/// How many hosts have which default policy.
struct Policies<'a>(&'a Firewalls);

impl Serialize for Policies<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.0
                .policies()
                .map(|(policy, hosts)| (policy.name(), hosts)),
        )
    }
}

#[derive(Serialize)]
struct Sampled {
    ports: u64,
    untested: u64,
    left_out: u64,
}

#[derive(Serialize)]
struct Outages {
    times: u32,
    silent_ms: u64,
    /// The slowest pace from then on; null if the scan was not slowed down.
    attempts_per_second: Option<u32>,
}

#[derive(Serialize)]
struct Loss {
    asked: u64,
    lost: u64,
}

impl<'a> End<'a> {
    /// `hosts` is how many have been told, `firewalls` what they showed of them.
    pub(super) fn new(
        header: &'a Header,
        trailer: &'a Trailer,
        hosts: u64,
        firewalls: &'a Firewalls,
    ) -> Self {
        let account = &trailer.account;
        let tally = &account.tally;
        let counts = &tally.counts;
        let rejects = |kind: firewalls::Rejects| FirewallRejects {
            icmp: IcmpError::new(header, kind.icmp),
            ports: kind.ports,
            hosts: kind.hosts,
        };
        Self {
            finished: Stamp(trailer.finished),
            elapsed_ms: account.elapsed.as_millis().try_into().unwrap_or(u64::MAX),
            planned: tally.planned,
            tested: counts.tested(),
            untested: counts.in_state(State::Untested),
            open: counts.in_state(State::Open),
            closed: counts.in_state(State::Closed),
            filtered: counts.in_state(State::Filtered),
            extra: tally.extra,
            complete: tally.complete(),
            interrupted: account.interrupted,
            attempts: tally.attempts,
            hosts,
            hosts_planned: header.plan.planned_hosts(),
            loss: Loss {
                asked: account.loss.asked,
                lost: account.loss.lost,
            },
            expected_missed: tally.missed_millionths as f64 / 1e6,
            outages: tally.outages.map(|outages| Outages {
                times: outages.times,
                silent_ms: outages.silent.as_nanos() / 1_000_000,
                attempts_per_second: outages.per_second,
            }),
            reasons: Reasons(counts),
            graded: Graded::new(&tally.graded),
            located: trailer.sampled.map(|sampled| Sampled {
                ports: sampled.located,
                untested: sampled.untested,
                left_out: sampled.left_out,
            }),
            reverse_dns: trailer.reverse,
            identified: trailer.identified,
            policies: Policies(firewalls),
            rejects: firewalls.rejects().map(rejects).collect(),
            rejects_untold: firewalls.untold(),
            digest: trailer.kept.as_ref().map(|kept| &*kept.digest),
        }
    }
}

/// The names of an address; told only where there is more than one.
struct Names<'a>(&'a [Arc<str>]);

impl<'a> Names<'a> {
    fn first(&self) -> Option<&'a str> {
        self.0.first().map(|name| &**name)
    }

    /// Whether the field `name` has told it all.
    fn is_told(&self) -> bool {
        self.0.len() < 2
    }
}

impl Serialize for Names<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|name| &**name))
    }
}

/// A count for each reason that occurred, in the contract's order.
struct Reasons<'a>(&'a Counts);

impl Serialize for Reasons<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (reason, count) in self.0.iter() {
            map.serialize_entry(reason.name(), &count)?;
        }
        map.end()
    }
}
