//! What is different between two scans, as data: who shows it chooses the words.

use std::sync::Arc;

use picaporte_core::PortSet;

use crate::evidence::{Evidence, Reject};
use crate::service::Service;
use crate::snapshot::{HostId, Said};

/// What happened to a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// It was closed or filtered, and is open.
    Opened,
    /// It was open, and is closed.
    Closed,
    /// It was open or closed, and is filtered.
    Filtered,
    /// It was filtered, and is closed: SYNs reach it now.
    Reachable,
    /// Its host appeared. It was not tested before, as the host gave no sign of life.
    Appeared,
    /// Its host disappeared. It was not tested any more, as the host gave no sign of life.
    Disappeared,
    /// One side knows its state, and the other did not test it or could not tell.
    NotComparable,
}

impl Change {
    /// Every change, in the order of every table.
    pub const ALL: [Self; 7] = [
        Self::Opened,
        Self::Closed,
        Self::Filtered,
        Self::Reachable,
        Self::Appeared,
        Self::Disappeared,
        Self::NotComparable,
    ];

    /// Its name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Closed => "closed",
            Self::Filtered => "became-filtered",
            Self::Reachable => "became-reachable",
            Self::Appeared => "appeared",
            Self::Disappeared => "disappeared",
            Self::NotComparable => "not-comparable",
        }
    }
}

/// What happened to a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Presence {
    /// It was asked and gave no sign of life, and now does.
    Appeared,
    /// It gave a sign of life, and was asked and gives none.
    Disappeared,
}

impl Presence {
    /// Its name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Appeared => Change::Appeared.name(),
            Self::Disappeared => Change::Disappeared.name(),
        }
    }
}

/// Ports of one host to which the same happened.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortChange {
    /// What happened.
    pub change: Change,
    /// What the old scan says of them.
    pub old: Said,
    /// What the new scan says of them.
    pub new: Said,
    /// Which ports.
    pub ports: PortSet,
}

/// Ports of one host in the same state as before, of which other evidence was seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EvidenceChange {
    /// The state.
    pub state: Said,
    /// What the old scan saw.
    pub old: Evidence,
    /// What the new scan saw.
    pub new: Evidence,
    /// Which ports.
    pub ports: PortSet,
}

/// Other ICMP errors came for the ports of a host than before. Either list may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectsChange {
    /// Those of the old scan.
    pub old: Vec<Reject>,
    /// Those of the new scan.
    pub new: Vec<Reject>,
}

/// Ports of one host that are open as before, and on which something else listens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceChange {
    /// What listened.
    pub old: Service,
    /// What listens now.
    pub new: Service,
    /// On which ports.
    pub ports: PortSet,
}

/// What is different about one host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostChanges {
    /// Which host.
    pub id: HostId,
    /// Its names in both scans.
    pub names: Vec<Arc<str>>,
    /// Whether the old scan and the new one speak of it.
    pub mentioned: [bool; 2],
    /// Whether it appeared or disappeared.
    pub presence: Option<Presence>,
    /// What happened to its ports, in the order of [`Change::ALL`].
    pub ports: Vec<PortChange>,
    /// What listens otherwise on its ports.
    pub services: Vec<ServiceChange>,
    /// Whom its ports' evidence names otherwise.
    pub evidence: Vec<EvidenceChange>,
    /// Who rejects otherwise, as far as both scans tell.
    pub rejects: Option<RejectsChange>,
}

impl HostChanges {
    /// Whether there is nothing to tell of it.
    pub(crate) fn says_nothing(&self) -> bool {
        self.ports.is_empty() && self.only_not_comparable()
    }

    /// Whether nothing is known to have changed: there is only what can't be compared.
    pub fn only_not_comparable(&self) -> bool {
        let change = |c: &PortChange| c.change == Change::NotComparable;
        self.presence.is_none()
            && self.services.is_empty()
            && self.evidence.is_empty()
            && self.rejects.is_none()
            && self.ports.iter().all(change)
    }
}

/// How many ports, on how many hosts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Ports.
    pub ports: u64,
    /// Hosts with any of them.
    pub hosts: u64,
}

impl Counted {
    pub(crate) fn add(&mut self, ports: u64) {
        self.ports += ports;
        self.hosts += u64::from(ports > 0);
    }
}

/// How much of everything there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    changes: [Counted; Change::ALL.len()],
    /// Hosts that appeared.
    pub appeared: u64,
    /// Hosts that disappeared.
    pub disappeared: u64,
    /// Ports that both scans found in the same state.
    pub same: Counted,
    /// Ports that one scan speaks of at least, and of which neither knows the state.
    pub unknown: Counted,
    /// Ports that are open as before, and on which something else listens.
    pub services: Counted,
    /// Ports in the same state, of which both scans tell evidence.
    pub proved: Counted,
    /// Those among them whose evidence is not the same.
    pub evidence: Counted,
    /// Hosts that others reject for.
    pub rejects: u64,
}

impl Counts {
    /// Ports to which this happened.
    pub const fn of(&self, change: Change) -> Counted {
        self.changes[change as usize]
    }

    pub(crate) fn add(&mut self, host: &HostChanges) {
        for change in Change::ALL {
            let those = host.ports.iter().filter(|c| c.change == change);
            let ports = those.map(|c| u64::from(c.ports.len())).sum();
            self.changes[change as usize].add(ports);
        }
        self.services
            .add(host.services.iter().map(|c| u64::from(c.ports.len())).sum());
        self.evidence
            .add(host.evidence.iter().map(|c| u64::from(c.ports.len())).sum());
        self.appeared += u64::from(host.presence == Some(Presence::Appeared));
        self.disappeared += u64::from(host.presence == Some(Presence::Disappeared));
        self.rejects += u64::from(host.rejects.is_some());
    }
}

/// Everything that is different between two scans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Hosts with something to tell, in order.
    pub hosts: Vec<HostChanges>,
    /// How much there is.
    pub counts: Counts,
}

impl Changes {
    /// Whether the scans say the same: every port whose state one of them knows, the other found in the same state.
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty()
    }
}
