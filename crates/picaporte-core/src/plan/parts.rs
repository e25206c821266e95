//! A plan taken apart, and put together again, for whoever keeps plans. What comes back may have been altered meanwhile, so
//! nothing of it is taken on trust: a plan is made of it only if a builder and a scope could have made the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{MAX_PROBES, Plan, PlanError, Rect, Settings, Unresolved, sweep, within};
use crate::pace::Pace;
use crate::port::{PortSet, port_list};
use crate::target::merged;
use crate::target::{Address, AddressRange, never_scanned};

/// The most [`Settings::canaries`] of a plan that is put together again. A scan counts their answers in a byte.
pub const MAX_CANARIES: usize = 64;

/// Addresses that follow each other, and which of the plan's port lists is theirs.
pub type Hosts = (AddressRange, u32);

/// The ports of hosts that share them; both sets are disjoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ports {
    /// Those that are asked.
    pub asked: PortSet,
    /// Those that lie outside the scope.
    pub barred: PortSet,
}

impl Ports {
    fn whole(&self) -> PortSet {
        self.asked.union(&self.barred)
    }
}

/// All that makes a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanParts {
    /// How the scan goes about it.
    pub settings: Settings,
    /// The port lists.
    pub ports: Vec<Ports>,
    /// What is asked, over all shards: in order, and disjoint. Hosts are numbered along it.
    pub hosts: Vec<Hosts>,
    /// What lies outside the scope with every port, over all shards: disjoint, and apart from the above. Its hosts are numbered
    /// along it too, from 0.
    pub outside: Vec<Hosts>,
    /// The names that led to each address.
    pub names: Vec<(Address, Vec<Arc<str>>)>,
    /// What was left out because it is never scanned.
    pub skipped: Vec<AddressRange>,
    /// Names without an address, whatever the shard.
    pub unresolved: Vec<Unresolved>,
}

impl Plan {
    /// Takes it apart.
    pub fn parts(&self) -> PlanParts {
        let lists = self.lists.iter().enumerate();
        let ports = |(at, list): (usize, &crate::port::PortList)| Ports {
            asked: PortSet::from_ports(list.iter().copied()),
            barred: self.outside.barred.get(at).cloned().unwrap_or_default(),
        };
        let names = self.names.iter();
        PlanParts {
            settings: self.settings.clone(),
            ports: lists.map(ports).collect(),
            hosts: self.rects.iter().map(|r| (r.range, r.list)).collect(),
            outside: (self.outside.rects.iter())
                .map(|r| (r.range, r.list))
                .collect(),
            names: names.map(|(&a, names)| (a, names.clone())).collect(),
            skipped: self.skipped.clone(),
            unresolved: self.unresolved.clone(),
        }
    }

    /// Puts it together again: a plan that scans what the one did whose [`parts`](Self::parts) these are.
    ///
    /// # Errors
    /// When no plan has such parts.
    pub fn from_parts(parts: PlanParts) -> Result<Self, PlanError> {
        check_settings(&parts.settings)?;
        check_hosts(&parts)?;
        for range in &parts.skipped {
            check_range(range)?;
        }
        let mut rects = rects(&parts.hosts);
        let hosts = sweep::number(&mut rects) as u64;
        let lists = parts.ports.iter().map(|p| port_list(&p.asked)).collect();
        Ok(Self {
            rects,
            lists,
            hosts,
            outside: within::Outside::of_parts(&parts),
            names: names(parts.names)?,
            settings: parts.settings,
            skipped: parts.skipped,
            unresolved: parts.unresolved,
        })
    }

    /// The ranges of all addresses planned, over all shards, those outside the scope included: in order, neighbours joined.
    pub fn planned_ranges(&self) -> Vec<AddressRange> {
        let rects = self.rects.iter().chain(&self.outside.rects);
        merged(rects.map(|rect| rect.range).collect())
    }

    /// Every port that is planned for some address or name, over all shards, those outside the scope included.
    pub fn planned_ports(&self) -> PortSet {
        let lists = self.lists.iter();
        let asked = lists.map(|list| PortSet::from_ports(list.iter().copied()));
        let barred = self.outside.barred.iter().cloned();
        let unresolved = self.unresolved.iter().map(|name| name.ports.clone());
        let all = asked.chain(barred).chain(unresolved);
        all.fold(PortSet::empty(), |all, ports| all.union(&ports))
    }
}

impl within::Outside {
    fn of_parts(parts: &PlanParts) -> Self {
        if parts.outside.is_empty() && parts.ports.iter().all(|p| p.barred.is_empty()) {
            return Self::default();
        }
        let mut rects = rects(&parts.outside);
        sweep::number(&mut rects);
        Self {
            rects,
            whole: parts.ports.iter().map(Ports::whole).collect(),
            barred: parts.ports.iter().map(|p| p.barred.clone()).collect(),
        }
    }
}

fn rects(hosts: &[Hosts]) -> Vec<Rect> {
    let rect = |&(range, list): &Hosts| Rect {
        range,
        list,
        base: 0,
    };
    hosts.iter().map(rect).collect()
}

fn broken(what: &'static str) -> PlanError {
    PlanError::Parts(what)
}

/// What the command line can't be told, and arithmetic relies on.
fn check_settings(settings: &Settings) -> Result<(), PlanError> {
    settings.check()?;
    let Pace {
        rate,
        host_rate,
        max_inflight,
        host_inflight,
    } = settings.pace;
    if [rate, host_rate].contains(&Some(0)) || max_inflight == 0 || host_inflight == 0 {
        return Err(broken("a cap is 0"));
    }
    let mut beside = settings.discover.iter().chain(&settings.canaries);
    if beside.any(|&port| port == 0) {
        return Err(broken("a port is 0"));
    }
    if settings.canaries.len() > MAX_CANARIES {
        return Err(broken("there are more than 64 canaries"));
    }
    Ok(())
}

fn check_hosts(parts: &PlanParts) -> Result<(), PlanError> {
    for ports in &parts.ports {
        if ports.asked.minus(&ports.barred) != ports.asked {
            return Err(broken("a port lies within and outside the scope"));
        }
    }
    let mut probes = 0u128;
    for hosts in [&parts.hosts, &parts.outside] {
        for &(range, list) in hosts {
            check_range(&range)?;
            check_scanned(&range)?;
            let ports = parts.ports.get(list as usize);
            let ports = ports.ok_or(broken("hosts have a port list that is not there"))?;
            let each = ports.asked.len() + ports.barred.len();
            if each == 0 {
                return Err(broken("hosts have no ports"));
            }
            probes = probes.saturating_add(range.count().saturating_mul(each.into()));
        }
    }
    if probes > MAX_PROBES.into() {
        return Err(PlanError::TooMany(probes));
    }
    if probes == 0 {
        return Err(PlanError::NothingLeft);
    }
    let asked = |hosts: &Hosts| !parts.ports[hosts.1 as usize].asked.is_empty();
    if !parts.hosts.iter().all(asked) {
        return Err(broken("hosts within the scope have no port there"));
    }
    check_order(parts)
}

fn check_order(parts: &PlanParts) -> Result<(), PlanError> {
    let ranges = |hosts: &[Hosts]| hosts.iter().map(|h| h.0).collect::<Vec<_>>();
    let hosts = ranges(&parts.hosts);
    if !hosts.is_sorted_by_key(|r| (r.v6, r.scope, r.first)) {
        return Err(broken("its hosts are not in order"));
    }
    let mut all = hosts;
    all.append(&mut ranges(&parts.outside));
    all.sort_unstable();
    if all.windows(2).any(|pair| pair[0].overlaps(&pair[1])) {
        return Err(broken("hosts are in it twice"));
    }
    Ok(())
}

fn check_range(range: &AddressRange) -> Result<(), PlanError> {
    if range.first > range.last {
        return Err(broken("a range runs backwards"));
    }
    if !range.v6 && range.last > u32::MAX.into() {
        return Err(broken("an IPv4 address has more than 32 bits"));
    }
    Ok(())
}

fn check_scanned(range: &AddressRange) -> Result<(), PlanError> {
    let anywhere = AddressRange { scope: 0, ..*range };
    if never_scanned()
        .iter()
        .any(|never| never.overlaps(&anywhere))
    {
        return Err(PlanError::NeverScanned(range.nth(0)));
    }
    Ok(())
}

fn names(
    names: Vec<(Address, Vec<Arc<str>>)>,
) -> Result<BTreeMap<Address, Vec<Arc<str>>>, PlanError> {
    let told = names.len();
    if names.iter().any(|(_, names)| names.is_empty()) {
        return Err(broken("an address is said to have names, and has none"));
    }
    let names: BTreeMap<_, _> = names.into_iter().collect();
    if names.len() < told {
        return Err(broken("the names of an address are in it twice"));
    }
    Ok(names)
}
