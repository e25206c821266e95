//! A scenario file as it is written, before what it says has been held against itself. Places that may be refused later
//! keep their position in the file.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::{
    Absent, Bandwidth, Bursts, Icmp, IcmpLimit, Ips, Jitter, Limit, Link, ListenQueue, Nat, Outage,
    Ports, Reorder, Share, Span, Stack, Then, World,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scenario {
    pub(super) about: Spanned<String>,
    pub(super) source: Spanned<String>,
    #[serde(default)]
    pub(super) world: World,
    pub(super) link: Option<Spanned<Link>>,
    #[serde(default)]
    pub(super) short: bool,
    #[serde(default)]
    pub(super) answers_everything: bool,
    pub(super) scan: Order,
    #[serde(default)]
    pub(super) names: BTreeMap<String, Spanned<Vec<Spanned<String>>>>,
    #[serde(default)]
    pub(super) paths: BTreeMap<String, Spanned<Path>>,
    pub(super) hosts: Vec<Spanned<Hosts>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    pub(super) targets: Spanned<Vec<Spanned<String>>>,
    pub(super) ports: Ports,
    pub(super) bound: Option<Spanned<Span>>,
    pub(super) descriptors: Option<Spanned<u64>>,
    pub(super) local_ports: Option<Spanned<u16>>,
    #[serde(default)]
    pub(super) own_addresses: Vec<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Path {
    pub(super) hops: Option<Spanned<u8>>,
    #[serde(default)]
    pub(super) silent_hops: Vec<Spanned<u8>>,
    pub(super) icmp_limit: Option<Spanned<IcmpLimit>>,
    pub(super) rtt: Option<Spanned<Span>>,
    pub(super) jitter: Option<Spanned<Jitter>>,
    pub(super) loss: Option<Spanned<Share>>,
    pub(super) loss_out: Option<Spanned<Share>>,
    pub(super) loss_back: Option<Spanned<Share>>,
    pub(super) bursts: Option<Spanned<Bursts>>,
    pub(super) bursts_out: Option<Spanned<Bursts>>,
    pub(super) bursts_back: Option<Spanned<Bursts>>,
    pub(super) reorder: Option<Spanned<Reorder>>,
    pub(super) duplicate: Option<Spanned<Share>>,
    pub(super) outages: Option<Spanned<Vec<Outage>>>,
    pub(super) bandwidth: Option<Spanned<Bandwidth>>,
    pub(super) nat: Option<Spanned<Nat>>,
    pub(super) ips: Option<Spanned<Ips>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hosts {
    pub(super) addresses: Vec<Spanned<String>>,
    pub(super) alive: Option<Spanned<Share>>,
    pub(super) absent: Option<Spanned<Absent>>,
    pub(super) path: Option<Spanned<String>>,
    pub(super) ports: Option<Vec<Spanned<Rule>>>,
    pub(super) otherwise: Option<Spanned<Behaviour>>,
    pub(super) stack: Option<Spanned<Stack>>,
    pub(super) proxy: Option<Spanned<Proxy>>,
    pub(super) rst_limit: Option<Spanned<Limit>>,
    pub(super) icmp_limit: Option<Spanned<IcmpLimit>>,
    pub(super) listen_queue: Option<Spanned<ListenQueue>>,
    pub(super) answers_from: Option<Spanned<u8>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) ports: Spanned<Ports>,
    pub(super) share: Option<Spanned<Share>>,
    pub(super) is: Kind,
    pub(super) at: Option<Spanned<u8>>,
    pub(super) icmp: Option<Spanned<Icmp>>,
    pub(super) says: Option<Spanned<String>>,
    pub(super) echoes: Option<Spanned<bool>>,
    pub(super) answers: Option<Spanned<String>>,
    pub(super) after: Option<Spanned<Span>>,
}

/// What the ports do that no rule names: a rule without ports.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Behaviour {
    pub(super) is: Kind,
    pub(super) at: Option<Spanned<u8>>,
    pub(super) icmp: Option<Spanned<Icmp>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    Open,
    Closed,
    Dropped,
    Rejected,
    Reset,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Proxy {
    pub(super) hop: Spanned<u8>,
    #[serde(default)]
    pub(super) then: Then,
}
