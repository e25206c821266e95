//! Makes a [`Snapshot`] of what is said bit by bit, in any order, within bounds. Whoever reads a file, or keeps scans, says
//! it here.

mod draft;
mod numbered;

use std::collections::BTreeMap;
use std::sync::Arc;

use picaporte_core::PortSet;

use crate::claims::Claims;
use crate::evidence::{Evidence, Reject};
use crate::limits::{Full, Limits};
use crate::pool::Pool;
use crate::service::Service;
use crate::snapshot::{About, Format, HostId, Note, Said, Snapshot};
use draft::Draft;
use numbered::Numbered;

/// The most characters that are kept of what a file says of itself.
const WORD: usize = 64;

/// A snapshot that is being made.
#[derive(Clone, Debug)]
pub struct Builder {
    /// What is told of the scan as a whole.
    pub about: About,
    limits: Limits,
    hosts: BTreeMap<HostId, Draft>,
    pool: Pool,
    evidence: Numbered<Evidence>,
    /// Ranges of evidence that all hosts hold.
    seen: usize,
    services: Numbered<Service>,
    /// Ports of all hosts with a service.
    listening: usize,
}

impl Builder {
    /// Nothing has been said yet.
    pub fn new(format: Format, scanner: &str, limits: &Limits) -> Self {
        Self {
            about: About {
                format,
                scanner: word(scanner),
                version: None,
                id: None,
                started: None,
                complete: None,
                notes: Vec::new(),
            },
            limits: *limits,
            hosts: BTreeMap::new(),
            pool: Pool::new(limits.ranges),
            evidence: Numbered::new(limits.evidence),
            seen: 0,
            services: Numbered::new(limits.services),
            listening: 0,
        }
    }

    /// The host is spoken of, if only that.
    ///
    /// # Errors
    /// When there are too many hosts.
    pub fn mention(&mut self, id: &HostId) -> Result<(), Full> {
        self.draft(id).map(|_| ())
    }

    /// Something is said of the ports from `first` to `last`.
    ///
    /// # Errors
    /// When there are too many hosts or ranges.
    pub fn say(&mut self, id: &HostId, said: Said, first: u16, last: u16) -> Result<(), Full> {
        self.change(id, |claims| claims.add(said, first, last))
    }

    /// Something is said of all these ports.
    ///
    /// # Errors
    /// When there are too many hosts or ranges.
    pub fn say_all(&mut self, id: &HostId, said: Said, ports: &PortSet) -> Result<(), Full> {
        if ports.is_empty() {
            return self.mention(id);
        }
        let ports = self.pool.share(Arc::new(ports.clone()));
        self.change(id, |claims| claims.add_shared(said, ports))
    }

    /// All that is claimed of a host that was read as a whole.
    pub(crate) fn claim(&mut self, id: &HostId, claims: &mut Claims) -> Result<(), Full> {
        for (said, ports) in claims.settled() {
            self.say_all(id, said, ports)?;
        }
        self.settle(id)
    }

    /// All of a host has been said, as far as is known: it takes little room from then on.
    ///
    /// # Errors
    /// When there are too many hosts or ranges.
    pub fn settle(&mut self, id: &HostId) -> Result<(), Full> {
        self.draft(id)?;
        let Some(draft) = self.hosts.get_mut(id) else {
            return Ok(());
        };
        let before = draft.claims.own();
        draft.claims.share(&mut self.pool);
        self.pool.count(before, 0)
    }

    /// A name of the host. One that is empty or too long is passed over.
    ///
    /// # Errors
    /// When there are too many hosts.
    pub fn name(&mut self, id: &HostId, name: &str) -> Result<(), Full> {
        self.draft(id)?.name(name);
        Ok(())
    }

    /// The host answered in another way than by a port.
    ///
    /// # Errors
    /// When there are too many hosts.
    pub fn sign_of_life(&mut self, id: &HostId) -> Result<(), Full> {
        self.draft(id)?.sign = true;
        Ok(())
    }

    /// The host was left, or is counted as down, because it gave no sign of life.
    ///
    /// # Errors
    /// When there are too many hosts.
    pub fn left_as_silent(&mut self, id: &HostId) -> Result<(), Full> {
        self.draft(id)?.left = true;
        Ok(())
    }

    /// Which ICMP errors came for ports of the host, none included.
    ///
    /// # Errors
    /// When there are too many hosts.
    pub fn rejects(
        &mut self,
        id: &HostId,
        rejects: impl IntoIterator<Item = Reject>,
    ) -> Result<(), Full> {
        self.draft(id)?.rejects(rejects);
        Ok(())
    }

    /// What proves the state of the ports from `first` to `last`.
    ///
    /// # Errors
    /// When there are too many hosts, ranges or pieces of evidence.
    pub fn prove(
        &mut self,
        id: &HostId,
        first: u16,
        last: u16,
        evidence: Evidence,
    ) -> Result<(), Full> {
        if evidence.is_empty() {
            return Ok(());
        }
        let full = Full::Evidence(self.limits.evidence);
        let number = self.evidence.number(evidence).ok_or(full)?;
        let seen = &mut self.draft(id)?.evidence;
        match seen.last_mut() {
            Some((_, end, same)) if *same == number && end.checked_add(1) == Some(first) => {
                *end = last;
            }
            _ => {
                seen.push((first, last, number));
                self.seen += 1;
            }
        }
        if self.seen > self.limits.ranges {
            return Err(Full::Evidence(self.limits.ranges));
        }
        Ok(())
    }

    /// What listens on a port that was asked.
    ///
    /// # Errors
    /// When there are too many hosts, or ports with a service.
    pub fn listens(&mut self, id: &HostId, port: u16, service: Service) -> Result<(), Full> {
        let full = Full::Services(self.limits.services);
        self.listening += 1;
        if self.listening > self.limits.services {
            return Err(full);
        }
        let number = self.services.number(service).ok_or(full)?;
        self.draft(id)?.services.push((port, number));
        Ok(())
    }

    /// All has been said.
    ///
    /// # Errors
    /// When what is left of claims that contradict each other takes too many ranges.
    pub fn finish(self) -> Result<Snapshot, Full> {
        let Self {
            mut about,
            hosts,
            mut pool,
            evidence,
            services,
            ..
        } = self;
        let is_name = |id: &&HostId| matches!(id, HostId::Name(_));
        if let unresolved @ 1.. = hosts.keys().filter(is_name).count() {
            about.notes.push(Note::Unresolved(unresolved as u64));
        }
        let mut at_odds = 0;
        let mut done = BTreeMap::new();
        for (id, draft) in hosts {
            let (host, odd) = draft.finish(&mut pool)?;
            at_odds += odd;
            done.insert(id, host);
        }
        if at_odds > 0 {
            about.notes.push(Note::AtOdds(at_odds));
        }
        Ok(Snapshot {
            about,
            hosts: done,
            evidence: evidence.all(),
            services: services.all(),
        })
    }

    fn change(&mut self, id: &HostId, change: impl FnOnce(&mut Claims)) -> Result<(), Full> {
        self.draft(id)?;
        let Some(draft) = self.hosts.get_mut(id) else {
            return Ok(());
        };
        let before = draft.claims.own();
        change(&mut draft.claims);
        self.pool.count(before, draft.claims.own())
    }

    fn draft(&mut self, id: &HostId) -> Result<&mut Draft, Full> {
        if !self.hosts.contains_key(id) {
            if self.hosts.len() >= self.limits.hosts {
                return Err(Full::Hosts(self.limits.hosts));
            }
            self.hosts.insert(id.clone(), Draft::default());
        }
        Ok(self
            .hosts
            .get_mut(id)
            .expect("it was there, or was just put there"))
    }
}

/// The beginning of what a file says of itself.
pub(crate) fn word(text: &str) -> String {
    text.chars().take(WORD).collect()
}

#[cfg(test)]
mod tests;
