//! How much changed.

use picaporte_diff::{Change, Changes, Counted};
use serde::Serialize;

use crate::report::Lang;
use crate::report::changes::{Compared, words};

#[derive(Serialize)]
struct Count {
    ports: u64,
    hosts: u64,
}

impl From<Counted> for Count {
    fn from(counted: Counted) -> Self {
        Self {
            ports: counted.ports,
            hosts: counted.hosts,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Counts {
    opened: Count,
    closed: Count,
    became_filtered: Count,
    became_reachable: Count,
    appeared: Count,
    disappeared: Count,
    not_comparable: Count,
}

#[derive(Serialize)]
struct EvidenceCount {
    ports: u64,
    hosts: u64,
    /// Ports in the same state, of which both scans tell evidence.
    compared: u64,
    /// Hosts that others reject for.
    rejects: u64,
}

#[derive(Serialize)]
pub(super) struct End {
    #[serde(rename = "type")]
    kind: &'static str,
    same: bool,
    changes: Counts,
    /// Open ports on which something else listens.
    services: Count,
    evidence: Option<EvidenceCount>,
    unchanged: Count,
    /// Ports of which neither scan knows the state.
    unknown: Count,
    says: &'static str,
}

impl End {
    pub(super) fn new(compared: &Compared<'_>, changes: &Changes) -> Self {
        let counts = &changes.counts;
        let of = |change| Count::from(counts.of(change));
        let hosts = |change, hosts| Count {
            hosts,
            ..of(change)
        };
        Self {
            kind: "end",
            same: changes.is_empty(),
            changes: Counts {
                opened: of(Change::Opened),
                closed: of(Change::Closed),
                became_filtered: of(Change::Filtered),
                became_reachable: of(Change::Reachable),
                appeared: hosts(Change::Appeared, counts.appeared),
                disappeared: hosts(Change::Disappeared, counts.disappeared),
                not_comparable: of(Change::NotComparable),
            },
            services: counts.services.into(),
            evidence: compared.evidence.then_some(EvidenceCount {
                ports: counts.evidence.ports,
                hosts: counts.evidence.hosts,
                compared: counts.proved.ports,
                rejects: counts.rejects,
            }),
            unchanged: counts.same.into(),
            unknown: counts.unknown.into(),
            says: words::judgement(Lang::En, changes),
        }
    }
}
