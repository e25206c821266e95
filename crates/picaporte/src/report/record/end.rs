//! The last object: the account.

use picaporte_core::State;
use serde::{Serialize, Serializer};

use super::shared::{Graded, Reasons};
use crate::report::evidence::IcmpError;
use crate::report::firewalls::{self, Firewalls};
use crate::report::header::Stamp;
use crate::report::{Header, IdentifiedCounts, ReverseCounts, Trailer};

/// The last object: the account.
#[derive(Serialize)]
#[serde(tag = "type", rename = "end")]
pub(in crate::report) struct End<'a> {
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
    pub(in crate::report) fn new(
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
            finished: Stamp::from(trailer.finished),
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
