//! Makes a [`Snapshot`] of what is said bit by bit, in any order, within bounds. Whoever reads a file, or keeps scans, says
//! it here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use picaporte_core::PortSet;

use crate::claims::Claims;
use crate::evidence::{Evidence, Reject, by_port};
use crate::limits::{Full, Limits};
use crate::pool::Pool;
use crate::service::{self, Service};
use crate::snapshot::{About, Format, Host, HostId, Note, Said, Snapshot};

/// The most names of a host that are kept, the first in their order; JSON of the scan itself has them all.
const NAMES: usize = 16;
/// The longest name that is kept, in bytes: DNS allows 253 (RFC 1035, section 2.3.4).
const NAME: usize = 255;
/// The most kinds of rejection of one host that are kept; the scan itself keeps 16.
const REJECTS: usize = 64;
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
    evidence: Vec<Evidence>,
    numbers: BTreeMap<Evidence, u32>,
    /// Ranges of evidence that all hosts hold.
    seen: usize,
    services: Vec<Service>,
    service_numbers: BTreeMap<Service, u32>,
    /// Ports of all hosts with a service.
    listening: usize,
}

#[derive(Clone, Debug, Default)]
struct Draft {
    names: BTreeSet<Arc<str>>,
    claims: Claims,
    sign: bool,
    left: bool,
    rejects: Option<BTreeSet<Reject>>,
    evidence: Vec<(u16, u16, u32)>,
    services: Vec<(u16, u32)>,
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
            evidence: Vec::new(),
            numbers: BTreeMap::new(),
            seen: 0,
            services: Vec::new(),
            service_numbers: BTreeMap::new(),
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
        let names = &mut self.draft(id)?.names;
        if !name.is_empty() && name.len() <= NAME && !names.contains(name) {
            names.insert(name.into());
            if names.len() > NAMES {
                names.pop_last();
            }
        }
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
        let held = self.draft(id)?.rejects.get_or_insert_default();
        for reject in rejects {
            held.insert(reject);
            if held.len() > REJECTS {
                held.pop_last();
            }
        }
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
        let number = self.number(evidence)?;
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
        self.listening += 1;
        if self.listening > self.limits.services {
            return Err(Full::Services(self.limits.services));
        }
        let next = self.services.len() as u32;
        let number = if let Some(&number) = self.service_numbers.get(&service) {
            number
        } else {
            self.services.push(service.clone());
            self.service_numbers.insert(service, next);
            next
        };
        self.draft(id)?.services.push((port, number));
        Ok(())
    }

    fn number(&mut self, evidence: Evidence) -> Result<u32, Full> {
        if let Some(&number) = self.numbers.get(&evidence) {
            return Ok(number);
        }
        if self.evidence.len() >= self.limits.evidence {
            return Err(Full::Evidence(self.limits.evidence));
        }
        let number = self.evidence.len() as u32;
        self.evidence.push(evidence);
        self.numbers.insert(evidence, number);
        Ok(number)
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
        for (id, mut draft) in hosts {
            let before = draft.claims.own();
            let (sets, odd) = draft.claims.resolve(&mut pool);
            pool.count(before, 0)?;
            at_odds += odd;
            let host = Host {
                names: draft.names.into_iter().collect(),
                sets,
                sign: draft.sign,
                left: draft.left,
                rejects: draft.rejects.map(|rejects| rejects.into_iter().collect()),
                evidence: by_port(draft.evidence),
                services: service::by_port(draft.services),
            };
            done.insert(id, host);
        }
        if at_odds > 0 {
            about.notes.push(Note::AtOdds(at_odds));
        }
        Ok(Snapshot {
            about,
            hosts: done,
            evidence,
            services,
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
mod tests {
    use super::*;

    fn id(n: u8) -> HostId {
        HostId::Address([192, 0, 2, n].into(), None)
    }

    fn builder(limits: Limits) -> Builder {
        Builder::new(Format::JsonLines, "picaporte", &limits)
    }

    #[test]
    fn no_more_hosts_than_allowed() {
        let mut builder = builder(Limits {
            hosts: 2,
            ..Limits::default()
        });
        for n in [1, 2, 1] {
            builder.mention(&id(n)).unwrap();
        }
        assert_eq!(builder.mention(&id(3)), Err(Full::Hosts(2)));
    }

    #[test]
    fn sets_in_common_count_once_and_no_more_ranges_than_allowed() {
        let mut builder = builder(Limits {
            ranges: 3,
            ..Limits::default()
        });
        let ports = PortSet::from_ports([1, 3, 5]);
        for n in 1..=9 {
            builder.say_all(&id(n), Said::Open, &ports).unwrap();
            builder.settle(&id(n)).unwrap();
        }
        assert_eq!(
            builder.say(&id(1), Said::Closed, 7, 7),
            Err(Full::Ranges(3))
        );
    }

    #[test]
    fn no_more_evidence_than_allowed() {
        let from = |n: u8| Evidence {
            from: Some([192, 0, 2, n].into()),
            ..Evidence::default()
        };
        let mut kinds = builder(Limits {
            evidence: 1,
            ..Limits::default()
        });
        kinds.prove(&id(1), 1, 1, from(1)).unwrap();
        kinds.prove(&id(2), 9, 9, from(1)).unwrap();
        assert_eq!(kinds.prove(&id(1), 2, 2, from(2)), Err(Full::Evidence(1)));
        let mut many = builder(Limits {
            ranges: 1,
            ..Limits::default()
        });
        many.prove(&id(1), 1, 1, from(1)).unwrap();
        many.prove(&id(1), 2, 2, from(1)).unwrap();
        assert_eq!(many.prove(&id(1), 4, 4, from(1)), Err(Full::Evidence(1)));
    }

    #[test]
    fn no_more_services_than_allowed() {
        let mut builder = builder(Limits {
            services: 2,
            ..Limits::default()
        });
        for port in [22, 80] {
            builder.listens(&id(1), port, Service::default()).unwrap();
        }
        let more = builder.listens(&id(1), 443, Service::default());
        assert_eq!(more, Err(Full::Services(2)));
        let snapshot = builder.finish().unwrap();
        let host = snapshot.host(&id(1)).unwrap();
        assert_eq!(snapshot.services(host).count(), 2);
        assert_eq!(snapshot.services.len(), 1, "alike");
    }

    #[test]
    fn names_and_rejects_are_few_and_do_not_depend_on_their_order() {
        let kept = |order: &mut dyn Iterator<Item = u8>| {
            let mut builder = builder(Limits::default());
            for n in order {
                builder.name(&id(1), &format!("{n:03}")).unwrap();
                builder.name(&id(1), &"x".repeat(NAME + 1)).unwrap();
                let reject = Reject {
                    from: None,
                    kind: 3,
                    code: n,
                };
                builder.rejects(&id(1), [reject]).unwrap();
            }
            builder.finish().unwrap().hosts.remove(&id(1)).unwrap()
        };
        let (up, down) = (kept(&mut (0..200)), kept(&mut (0..200).rev()));
        assert_eq!(up, down);
        assert_eq!(up.names.len(), NAMES);
        assert_eq!(up.rejects.as_ref().map(Vec::len), Some(REJECTS));
    }
}
