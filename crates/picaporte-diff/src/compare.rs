//! Holds two snapshots against each other. The rules, one for each pair of words, stand in [`change`] and [`presence`];
//! docs/diff.md has them as tables that a test makes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use picaporte_core::PortSet;

use crate::changes::{
    Change, Changes, Counts, EvidenceChange, HostChanges, PortChange, Presence, RejectsChange,
    ServiceChange,
};
use crate::evidence::Evidence;
use crate::service::Service;
use crate::sets::{clip, common};
use crate::snapshot::{Host, HostId, Said, Snapshot};

const VERDICTS: [Said; 3] = [Said::Open, Said::Closed, Said::Filtered];

/// What is different in `new`. Evidence is compared as far as both were read with it.
pub fn compare(old: &Snapshot, new: &Snapshot) -> Changes {
    let ids: BTreeSet<&HostId> = old.hosts.keys().chain(new.hosts.keys()).collect();
    let mut changes = Changes::default();
    for id in ids {
        let pair = Pair {
            old: old.hosts.get(id),
            new: new.hosts.get(id),
        };
        let mut host = pair.compare(id, [&old.evidence, &new.evidence], &mut changes.counts);
        host.services = pair.services(old, new);
        if !host.says_nothing() {
            changes.counts.add(&host);
            changes.hosts.push(host);
        }
    }
    changes
}

/// What happened to a port, if anything is known to have.
fn change(old: Said, new: Said, presence: Option<Presence>) -> Option<Change> {
    match (old, new) {
        _ if old == new => None,
        (Said::Closed | Said::Filtered, Said::Open) => Some(Change::Opened),
        (Said::Open, Said::Closed) => Some(Change::Closed),
        (Said::Filtered, Said::Closed) => Some(Change::Reachable),
        (Said::Open | Said::Closed, Said::Filtered) => Some(Change::Filtered),
        // Neither side knows its state.
        _ if !old.is_verdict() && !new.is_verdict() => None,
        (Said::Untested, _) if presence == Some(Presence::Appeared) => Some(Change::Appeared),
        (_, Said::Untested) if presence == Some(Presence::Disappeared) => Some(Change::Disappeared),
        _ => Some(Change::NotComparable),
    }
}

/// Whether the host appeared or disappeared. It takes a sign of life on one side, and a question without one on the other.
fn presence(old: &Host, new: &Host) -> Option<Presence> {
    match (old.is_alive(), new.is_alive()) {
        (false, true) if silent(old, new) => Some(Presence::Appeared),
        (true, false) if silent(new, old) => Some(Presence::Disappeared),
        _ => None,
    }
}

/// Whether a host without a sign of life was asked what it answers on the other side: as a whole, or on a port. A ping that was
/// answered there tells nothing of a scan that asked only ports.
fn silent(here: &Host, there: &Host) -> bool {
    here.left || !common(here.of(Said::Filtered), &there.answered()).is_empty()
}

/// One host on both sides.
struct Pair<'a> {
    old: Option<&'a Host>,
    new: Option<&'a Host>,
}

impl Pair<'_> {
    fn compare(&self, id: &HostId, evidence: [&[Evidence]; 2], counts: &mut Counts) -> HostChanges {
        let presence = match (self.old, self.new) {
            (Some(old), Some(new)) => presence(old, new),
            _ => None,
        };
        HostChanges {
            id: id.clone(),
            names: self.names(),
            mentioned: [self.old.is_some(), self.new.is_some()],
            presence,
            services: Vec::new(),
            ports: self.ports(presence, counts),
            evidence: self.evidence(evidence, counts),
            rejects: self.rejects(),
        }
    }

    /// What listens otherwise on ports that are open in both. Two scanners have other words for the same, so that only scans of one are compared.
    fn services(&self, old: &Snapshot, new: &Snapshot) -> Vec<ServiceChange> {
        let (Some(before), Some(now)) = (self.old, self.new) else {
            return Vec::new();
        };
        if old.about.scanner != new.about.scanner {
            return Vec::new();
        }
        let open = common(before.of(Said::Open), now.of(Said::Open));
        let told: BTreeMap<u16, &Service> = old.services(before).collect();
        let mut changed: BTreeMap<(&Service, &Service), Vec<u16>> = BTreeMap::new();
        for (port, now) in new.services(now).filter(|(port, _)| open.contains(*port)) {
            let before = told.get(&port).filter(|before| before.differs(now));
            if let Some(before) = before {
                changed.entry((before, now)).or_default().push(port);
            }
        }
        let change = |((old, new), ports): ((&Service, &Service), Vec<u16>)| ServiceChange {
            old: old.clone(),
            new: new.clone(),
            ports: PortSet::from_ports(ports),
        };
        changed.into_iter().map(change).collect()
    }

    fn names(&self) -> Vec<Arc<str>> {
        let both = [self.old, self.new].into_iter().flatten();
        let names: BTreeSet<_> = both.flat_map(|host| host.names.iter().cloned()).collect();
        names.into_iter().collect()
    }

    fn ports(&self, presence: Option<Presence>, counts: &mut Counts) -> Vec<PortChange> {
        let (mut changes, mut same, mut unknown) = (Vec::new(), 0, 0);
        self.each(|old, new, ports| match change(old, new, presence) {
            Some(change) => changes.push(PortChange {
                change,
                old,
                new,
                ports,
            }),
            None if old.is_verdict() => same += u64::from(ports.len()),
            None => unknown += u64::from(ports.len()),
        });
        counts.same.add(same);
        counts.unknown.add(unknown);
        changes.sort();
        changes
    }

    /// Every pair of words with the ports of which they are said, where there are any.
    fn each(&self, mut each: impl FnMut(Said, Said, PortSet)) {
        let mentioned = |host: Option<&Host>| host.map(Host::mentioned).unwrap_or_default();
        let (by_old, by_new) = (mentioned(self.old), mentioned(self.new));
        let mut told = |old, new, ports: PortSet| {
            if !ports.is_empty() {
                each(old, new, ports);
            }
        };
        for said in Said::KNOWN {
            if let Some(set) = self.old.map(|old| old.of(said)) {
                for other in Said::KNOWN {
                    if let Some(new) = self.new {
                        told(said, other, common(set, new.of(other)));
                    }
                }
                told(said, Said::Absent, set.minus(&by_new));
            }
            if let Some(set) = self.new.map(|new| new.of(said)) {
                told(Said::Absent, said, set.minus(&by_old));
            }
        }
    }

    /// Evidence of ports in the same state, where both sides tell of it.
    fn evidence(&self, evidence: [&[Evidence]; 2], counts: &mut Counts) -> Vec<EvidenceChange> {
        let (Some(old), Some(new)) = (self.old, self.new) else {
            return Vec::new();
        };
        let mut changed: BTreeMap<(Said, Evidence, Evidence), Vec<(u16, u16)>> = BTreeMap::new();
        let mut proved = 0;
        let same = VERDICTS.map(|said| (said, common(old.of(said), new.of(said))));
        for (first, last, before, now) in overlaps(&old.evidence, &new.evidence) {
            let of = |side: usize, number: u32| {
                evidence[side]
                    .get(number as usize)
                    .copied()
                    .unwrap_or_default()
            };
            let (before, now) = (of(0, before), of(1, now));
            for (state, ports) in &same {
                for (first, last) in clip(ports, first, last) {
                    proved += u64::from(last - first) + 1;
                    if before.differs(&now) {
                        let ranges = changed.entry((*state, before, now)).or_default();
                        ranges.push((first, last));
                    }
                }
            }
        }
        counts.proved.add(proved);
        let change = |((state, old, new), ranges)| EvidenceChange {
            state,
            old,
            new,
            ports: PortSet::from_ranges(ranges),
        };
        changed.into_iter().map(change).collect()
    }

    fn rejects(&self) -> Option<RejectsChange> {
        let (old, new) = (self.old?, self.new?);
        // Of other ports other devices may have to say something, and nothing has changed.
        if old.of(Said::Filtered) != new.of(Said::Filtered) {
            return None;
        }
        let (old, new) = (old.rejects.as_ref()?, new.rejects.as_ref()?);
        (old != new).then(|| RejectsChange {
            old: old.clone(),
            new: new.clone(),
        })
    }
}

/// Where two ascending lists of ranges overlap, with the numbers of both. Each is walked once.
fn overlaps(old: &[(u16, u16, u32)], new: &[(u16, u16, u32)]) -> Vec<(u16, u16, u32, u32)> {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    let mut overlaps = Vec::new();
    while let (Some(&&(a, b, before)), Some(&&(c, d, now))) = (old.peek(), new.peek()) {
        let (first, last) = (a.max(c), b.min(d));
        if first <= last {
            overlaps.push((first, last, before, now));
        }
        if b <= d {
            old.next();
        } else {
            new.next();
        }
    }
    overlaps
}

#[cfg(test)]
mod tests;
