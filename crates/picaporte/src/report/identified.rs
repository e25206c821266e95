//! What listens on the open ports (`--identify`), for every report of a scan to look up. Whoever asked puts it in before a port's line is told, and takes it
//! out when its host is told to all; so the list holds what is under way, and no more. A host that means harm may have 65,535 ports under way, each with a chain of certificates
//! that is as long as one may be: of all certificates together so many bytes are held, and no more.

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
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    services: BTreeMap<(Address, u16), Arc<Service>>,
    /// What their certificates take.
    bytes: usize,
}

impl Known {
    fn insert(&mut self, key: (Address, u16), service: Arc<Service>) {
        self.remove(key);
        let service = within(service, Identified::CERTIFICATES - self.bytes);
        self.bytes += bytes(&service);
        self.services.insert(key, service);
    }

    fn remove(&mut self, key: (Address, u16)) {
        if let Some(service) = self.services.remove(&key) {
            self.bytes -= bytes(&service);
        }
    }
}

/// What the certificates of a service take.
fn bytes(service: &Service) -> usize {
    service.tls.as_ref().map_or(0, |tls| tls.chain.bytes())
}

/// With as many of its certificates as there is room for.
fn within(service: Arc<Service>, room: usize) -> Arc<Service> {
    if bytes(&service) <= room {
        return service;
    }
    let mut fewer = Arc::unwrap_or_clone(service);
    if let Some(tls) = &mut fewer.tls {
        tls.chain.keep_within(room);
    }
    Arc::new(fewer)
}

impl Identified {
    /// Bytes that the certificates of all services that are held may take: 128 MiB. Those of 25,000 ports with chains like most (three certificates, 3 KiB in all) take 75 MiB, and these are
    /// what the hosts that are under way at most (16,384) would have. Where there is no room the certificates that were sent last are left out, and counted.
    pub const CERTIFICATES: usize = 128 << 20;

    /// From now on open ports are asked, so that one of which nothing is known was not, or said nothing. To be called before the first finding; who
    /// [learns](Self::learn) has begun too.
    pub fn begin(&self) {
        self.0.begun.store(true, Ordering::Relaxed);
    }

    /// Whether open ports are asked what they are.
    pub fn has_begun(&self) -> bool {
        self.0.begun.load(Ordering::Relaxed)
    }

    /// Keeps what a port is, in place of what was known of it; of its certificates as many as there is [room](Self::CERTIFICATES) for.
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
        known.services.get(&(address, port)).cloned()
    }

    /// Keeps nothing of a host any more.
    pub fn forget(&self, address: Address) {
        let mut known = (self.0.known.write()).unwrap_or_else(PoisonError::into_inner);
        let ports: Vec<_> = (known.services)
            .range((address, 0)..=(address, u16::MAX))
            .map(|(key, _)| *key)
            .collect();
        for key in ports {
            known.remove(key);
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
    /// Open ports that were not asked: suspect ones, `pending` and `left_alone`.
    pub not_asked: u64,
    /// Of `not_asked`, those that whoever goes on with the scan asks: it was stopped before their turn, or there was no room.
    pub pending: u64,
    /// Of `not_asked`, those to which nothing is sent unless the user wants it (`--fragile`), and that said nothing by themselves.
    pub left_alone: u64,
    /// Connections that it took.
    pub connections: u64,
}

impl IdentifiedCounts {
    /// Open ports that were there to be asked.
    pub(crate) fn all(&self) -> u64 {
        self.asked + self.not_asked
    }

    /// One more was asked, and this came of it.
    pub(crate) fn count(&mut self, service: &Service) {
        self.asked += 1;
        match &service.name {
            Some(_) => self.identified += 1,
            None => self.unknown += 1,
        }
    }

    /// One more was not asked, and what followed its handshake proves nothing.
    pub(crate) fn leave_suspect(&mut self) {
        self.not_asked += 1;
    }

    /// One more was not asked, as a question may print or stop a machine there.
    pub(crate) fn leave_alone(&mut self) {
        self.not_asked += 1;
        self.left_alone += 1;
    }

    /// One more was not asked, and can be when the scan is gone on with.
    pub(crate) fn put_off(&mut self) {
        self.not_asked += 1;
        self.pending += 1;
    }
}

impl Header {
    /// What listens there, as far as it was asked.
    pub(super) fn service(&self, address: Address, port: u16) -> Option<Arc<Service>> {
        self.identified.of(address, port)
    }
}

impl Trailer {
    /// Of the probes outside the plan, those that asked what listens.
    pub(super) fn asking(&self) -> u64 {
        let asked = self.identified.map_or(0, |counts| counts.connections);
        asked.min(self.account.tally.extra)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use picaporte_identify::tls::{Certificate, Chain, Tls};

    use super::*;

    /// With a certificate of which nothing is known but what it takes.
    fn with_certificates(bytes: usize) -> Arc<Service> {
        let one = Certificate {
            sha256: "0".repeat(bytes / 2),
            details: None,
        };
        let chain = Chain {
            certificates: vec![one; 2],
            left_out: 1,
        };
        Arc::new(Service {
            tls: Some(Tls {
                chain,
                ..Tls::default()
            }),
            ..Service::default()
        })
    }

    #[test]
    fn certificates_are_held_up_to_a_bound_and_the_others_are_counted() {
        let (list, service) = (Identified::default(), with_certificates(64 << 10));
        let address = |n: u8| Address::new(Ipv4Addr::new(192, 0, 2, n).into());
        let left_out = |n, port| {
            let known: Arc<Service> = list.of(address(n), port).expect("it was learned");
            known.tls.as_ref().map(|tls| tls.chain.left_out)
        };
        let learn = |n| {
            for port in 1..=2_048 {
                list.learn(address(n), port, service.clone());
            }
        };
        // They take a little more than the text of their digests, which here is what they are.
        learn(1);
        assert_eq!(
            [1, 2_000, 2_048].map(|port| left_out(1, port)),
            [Some(1), Some(1), Some(3)]
        );
        learn(2);
        assert_eq!([1, 2_048].map(|port| left_out(2, port)), [Some(3); 2]);
        // What is known of a port is replaced, and takes no more room than before.
        learn(1);
        assert_eq!([1, 2_048].map(|port| left_out(1, port)), [Some(1), Some(3)]);
        list.forget(address(1));
        learn(2);
        assert_eq!(left_out(2, 1), Some(1));
    }

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
