//! What listens on the open ports (`--identify`), for every report of a scan to look up. Whoever asked puts it in before a port's line is told, and takes it
//! out when its host is told to all; so the list holds what is under way, and no more.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use picaporte_core::Address;
use picaporte_identify::service::Service;
use serde::{Deserialize, Serialize};

use super::{Header, Trailer};

pub(super) mod words;

/// Services of ports; clones share one list.
#[derive(Clone, Debug, Default)]
pub struct Identified(Arc<List>);

#[derive(Debug, Default)]
struct List {
    /// Ports are asked at all.
    begun: AtomicBool,
    known: RwLock<BTreeMap<(Address, u16), Arc<Service>>>,
}

impl Identified {
    /// From now on open ports are asked, so that one of which nothing is known was not, or said nothing. To be called before the first finding; who
    /// [learns](Self::learn) has begun too.
    pub fn begin(&self) {
        self.0.begun.store(true, Ordering::Relaxed);
    }

    /// Whether open ports are asked what they are.
    pub fn has_begun(&self) -> bool {
        self.0.begun.load(Ordering::Relaxed)
    }

    /// Keeps what a port is, in place of what was known of it.
    pub fn learn(&self, address: Address, port: u16, service: Arc<Service>) {
        self.begin();
        let mut known = (self.0.known.write()).unwrap_or_else(PoisonError::into_inner);
        known.insert((address, port), service);
    }

    /// What listens there; `None` where it was not asked.
    pub fn of(&self, address: Address, port: u16) -> Option<Arc<Service>> {
        if !self.has_begun() {
            return None;
        }
        let known = (self.0.known.read()).unwrap_or_else(PoisonError::into_inner);
        known.get(&(address, port)).cloned()
    }

    /// Keeps nothing of a host any more.
    pub fn forget(&self, address: Address) {
        let mut known = (self.0.known.write()).unwrap_or_else(PoisonError::into_inner);
        let ports: Vec<_> = known
            .range((address, 0)..=(address, u16::MAX))
            .map(|(key, _)| *key)
            .collect();
        for key in ports {
            known.remove(&key);
        }
    }
}

/// What became of the open ports that were to be identified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IdentifiedCounts {
    /// Asked: the sum of the next two.
    pub asked: u64,
    /// Those whose service is known.
    pub identified: u64,
    /// Those whose answers no rule knows, or that said nothing.
    pub unknown: u64,
    /// Open ports that were not asked: suspect ones, and those that the end of the scan, or want of room, left out.
    pub not_asked: u64,
    /// Connections that it took.
    pub connections: u64,
}

impl IdentifiedCounts {
    /// One more was asked, and this came of it.
    pub(crate) fn count(&mut self, service: &Service) {
        self.asked += 1;
        match &service.name {
            Some(_) => self.identified += 1,
            None => self.unknown += 1,
        }
    }
}

impl Header {
    /// What listens there, as far as it was asked.
    pub(super) fn service(&self, address: Address, port: u16) -> Option<Arc<Service>> {
        self.identified.of(address, port)
    }
}

impl IdentifiedCounts {
    /// Open ports that were there to be asked.
    pub(super) fn all(&self) -> u64 {
        self.asked + self.not_asked
    }
}

impl Trailer {
    /// Probes outside the plan, but for the connections that asked what listens: where people read, those have a line of their own.
    pub(super) fn extra_probes(&self) -> u64 {
        let asked = self.identified.map_or(0, |counts| counts.connections);
        self.account.tally.extra.saturating_sub(asked)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn a_host_that_is_forgotten_takes_nothing_of_others_with_it() {
        let (list, address) = (Identified::default(), |n| {
            Address::new(Ipv4Addr::new(192, 0, 2, n).into())
        });
        for n in 1..=3 {
            for port in [1, 443, 65_535] {
                list.learn(address(n), port, Arc::default());
            }
        }
        assert!(list.has_begun() && !Identified::default().has_begun());
        list.forget(address(2));
        let known = |n| [1, 443, 65_535].map(|port| list.of(address(n), port).is_some());
        assert_eq!([1, 2, 3].map(known), [[true; 3], [false; 3], [true; 3]]);
    }
}
