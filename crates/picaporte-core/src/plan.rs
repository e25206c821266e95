//! The validated plan of a scan: which (address, port) pairs, each once, and how to go about it.
//!
//! A plan is a list of disjoint rectangles, addresses × ports, with prefix sums: the n-th host is
//! found without listing any. It is the only way to start a [`Scan`](crate::Scan).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cursor::{BlockSize, Shard};
use crate::pace::Pace;
use crate::port::{PortList, PortSet, port_list};
use crate::target::{Address, AddressRange, Target, What, never_scanned};
use crate::time::Duration;
use crate::verdict::States;

mod pairs;
pub mod parts;
pub(crate) mod sweep;
#[cfg(test)]
mod tests;
mod within;

/// The most probes a plan may hold: 2⁵³, what a JSON number still counts exactly.
pub const MAX_PROBES: u64 = 1 << 53;

/// Why a plan could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// No address and no name.
    #[error("no target: name at least one address, range or host name, or use --targets-file")]
    NoTarget,
    /// Exclusions, or addresses that are never scanned, left nothing.
    #[error(
        "nothing is left to scan: every target is excluded or is an address that is never scanned"
    )]
    NothingLeft,
    /// More probes than [`MAX_PROBES`].
    #[error(
        "{0} probes are more than 2^53, the most one plan can hold; name fewer targets or ports"
    )]
    TooMany(u128),
    /// An address that is never scanned was named by itself.
    #[error(
        "the target '{0}' is a multicast, broadcast or reserved address, which is never scanned"
    )]
    NeverScanned(Address),
    /// The caps are so low that no probe could be sent.
    #[error("{0}")]
    Settings(String),
    /// Parts that no plan has: see [`Plan::from_parts`].
    #[error("no plan has such parts: {0}")]
    Parts(&'static str),
}

/// How a scan goes about its plan. Every value is valid by itself; see [`Settings::check`].
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The order of probes.
    pub seed: u64,
    /// Caps on rate and on what is in flight.
    pub pace: Pace,
    /// A fixed timeout for every attempt; `None` means adaptive.
    pub timeout: Option<Duration>,
    /// A fixed number of attempts at a silent port; `None` means by the loss measured.
    pub attempts: Option<u8>,
    /// The share of open ports to be found, below 1.
    pub recall: f64,
    /// Give up on a host this long after its first probe.
    pub host_timeout: Option<Duration>,
    /// Give up on the scan this long after it began.
    pub max_time: Option<Duration>,
    /// Which part of the plan.
    pub shard: Shard,
    /// The ports that are asked for a sign of life before a host's own; without one its ports stay untested. None: no host is
    /// left. At most 64 of them are asked.
    pub discover: Vec<u16>,
    /// Ports that are asked beside the planned ones of hosts with an open port, of which none should be open: see
    /// [`canary::choose`](crate::canary::choose). None: what such hosts answer is believed.
    pub canaries: Vec<u16>,
    /// Which states are reported port by port; the others are only counted.
    pub show: States,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 0,
            pace: Pace::NORMAL,
            timeout: None,
            attempts: None,
            recall: 0.9999,
            host_timeout: None,
            max_time: None,
            shard: Shard::WHOLE,
            discover: Vec::new(),
            canaries: Vec::new(),
            show: States::OPEN,
        }
    }
}

impl Settings {
    /// Whether every host belongs to one of so many threads: where its caps can't be split, or where it is to be found alive.
    pub fn by_host(&self, threads: u32) -> bool {
        !self.discover.is_empty() || self.pace.by_host(threads)
    }

    /// Refuses what can't be meant.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn check(&self) -> Result<(), PlanError> {
        let bad = |text: &str| Err(PlanError::Settings(text.to_owned()));
        if self.timeout == Some(Duration::ZERO) {
            return bad("a timeout of 0 would call every port filtered; give at least 1ms");
        }
        if self.attempts == Some(0) {
            return bad("0 attempts would test nothing; give at least 1");
        }
        if !(0.0..1.0).contains(&self.recall) {
            return bad("the recall must be at least 0 and below 1");
        }
        Ok(())
    }
}

impl Plan {
    /// The same, within other caps.
    #[must_use]
    pub fn paced(mut self, pace: Pace) -> Self {
        self.settings.pace = pace;
        self
    }
}

/// Hosts that follow each other and share their ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rect {
    pub range: AddressRange,
    /// Which of the plan's port lists.
    pub list: u32,
    /// How many hosts come before this rectangle.
    pub base: u64,
}

impl Rect {
    pub(crate) fn hosts(&self) -> u64 {
        // Plans are bounded by MAX_PROBES, so a rectangle's hosts fit.
        self.range.count() as u64
    }
}

/// A name that has no address: its ports are planned once, and stay untested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// The name as it was given.
    pub name: Arc<str>,
    /// The ports that were to be asked.
    pub ports: PortSet,
}

/// The validated plan of a scan.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) rects: Vec<Rect>,
    pub(crate) lists: Vec<PortList>,
    hosts: u64,
    settings: Settings,
    names: BTreeMap<Address, Vec<Arc<str>>>,
    skipped: Vec<AddressRange>,
    unresolved: Vec<Unresolved>,
    outside: within::Outside,
}

impl Plan {
    /// Begins a plan with the ports of every target that has none of its own.
    pub fn builder(ports: PortSet) -> PlanBuilder {
        PlanBuilder {
            ports,
            ..PlanBuilder::default()
        }
    }

    /// How the scan goes about it.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// How many addresses the plan holds that are to be asked, over all shards.
    pub fn hosts(&self) -> u64 {
        self.hosts
    }

    /// How many addresses this shard holds that are to be asked.
    pub fn shard_hosts(&self) -> u64 {
        self.rects.iter().map(|r| self.in_shard(r)).sum()
    }

    /// How many (address, port) pairs this shard holds, what lies outside the scope and, in the
    /// first shard, the ports of unresolved names.
    pub fn planned(&self) -> u64 {
        let unresolved = self.unresolved().iter().map(|u| u64::from(u.ports.len()));
        self.planned_addresses() + self.outside() + unresolved.sum::<u64>()
    }

    /// How many (address, port) pairs this shard holds that are to be asked.
    pub fn planned_addresses(&self) -> u64 {
        let ports = |r: &Rect| self.lists[r.list as usize].len() as u64;
        self.rects.iter().map(|r| self.in_shard(r) * ports(r)).sum()
    }

    /// The names that led to an address.
    pub fn names(&self, address: Address) -> &[Arc<str>] {
        self.names.get(&address).map_or(&[], Vec::as_slice)
    }

    /// Names without an address, all of them in the first shard.
    pub fn unresolved(&self) -> &[Unresolved] {
        if self.settings.shard.index() == 0 {
            &self.unresolved
        } else {
            &[]
        }
    }

    /// What was left out of ranges because it is never scanned.
    pub fn skipped(&self) -> &[AddressRange] {
        &self.skipped
    }

    /// The ports to be asked of the `index`-th host; empty if there is no such host.
    pub fn ports_of(&self, index: u64) -> PortSet {
        self.rect_of(index).map_or_else(PortSet::default, |r| {
            PortSet::from_ports(self.lists[r.list as usize].iter().copied())
        })
    }

    fn rect_of(&self, index: u64) -> Option<&Rect> {
        let after = self.rects.partition_point(|r| r.base <= index);
        let rect = self.rects.get(after.checked_sub(1)?)?;
        (index < rect.base + rect.hosts()).then_some(rect)
    }

    /// Whether this address and port are to be asked (over all shards).
    pub fn contains(&self, address: Address, port: u16) -> bool {
        let range = address.range();
        let mut rects = self.rects.iter().filter(|r| r.range.overlaps(&range));
        rects.any(|r| self.lists[r.list as usize].binary_search(&port).is_ok())
    }

    /// The same plan with other settings.
    ///
    /// # Errors
    /// When the settings are not valid.
    pub fn with_settings(mut self, settings: Settings) -> Result<Self, PlanError> {
        settings.check()?;
        self.settings = settings;
        Ok(self)
    }

    pub(crate) fn block_size(&self) -> BlockSize {
        BlockSize::of(self.hosts, self.settings.shard)
    }

    fn in_shard(&self, rect: &Rect) -> u64 {
        let size = self.block_size();
        let before = |host| size.before(host, self.settings.shard);
        before(rect.base + rect.hosts()) - before(rect.base)
    }
}

/// Gathers targets and exclusions into a [`Plan`].
#[derive(Clone, Debug, Default)]
pub struct PlanBuilder {
    ports: PortSet,
    settings: Settings,
    asked: Vec<(AddressRange, u32)>,
    sets: BTreeMap<PortSet, u32>,
    names: BTreeMap<Address, Vec<Arc<str>>>,
    unresolved: Vec<Unresolved>,
    excluded: Vec<AddressRange>,
    excluded_ports: PortSet,
    never: Vec<AddressRange>,
}

impl PlanBuilder {
    /// Adds addresses, with ports of their own or those of the scan. A name must be resolved
    /// first: see [`name`](Self::name).
    ///
    /// # Errors
    /// An address that is never scanned, named by itself.
    pub fn target(&mut self, target: &Target) -> Result<(), PlanError> {
        match &target.what {
            What::One(address) => self.one(*address, target.ports.as_ref()),
            What::Many(ranges) => {
                let set = self.set(target.ports.as_ref());
                self.asked.extend(ranges.iter().map(|&r| (r, set)));
                Ok(())
            }
            What::Name(_) => Ok(()),
        }
    }

    /// Adds every address that a name resolved to; none means that it did not resolve.
    ///
    /// # Errors
    /// An address that is never scanned.
    pub fn name(
        &mut self,
        name: &str,
        addresses: &[Address],
        ports: Option<&PortSet>,
    ) -> Result<(), PlanError> {
        let name: Arc<str> = name.into();
        if addresses.is_empty() {
            let ports = ports.unwrap_or(&self.ports);
            match self.unresolved.iter_mut().find(|u| u.name == name) {
                Some(known) => known.ports = known.ports.union(ports),
                None => self.unresolved.push(Unresolved {
                    name,
                    ports: ports.clone(),
                }),
            }
            return Ok(());
        }
        for &address in addresses {
            self.one(address, ports)?;
            let names = self.names.entry(address).or_default();
            if !names.contains(&name) {
                names.push(name.clone());
            }
        }
        Ok(())
    }

    /// Leaves out these addresses, whoever asked for them.
    pub fn exclude(&mut self, ranges: impl IntoIterator<Item = AddressRange>) {
        self.excluded.extend(ranges);
    }

    /// Leaves out these ports on every address.
    pub fn exclude_ports(&mut self, ports: &PortSet) {
        self.excluded_ports = self.excluded_ports.union(ports);
    }

    /// Addresses that are never scanned here, beside [`never_scanned`]: the broadcast addresses
    /// of this machine's interfaces. Call it before adding targets.
    pub fn never(&mut self, addresses: impl IntoIterator<Item = Address>) {
        self.never.extend(addresses.into_iter().map(Address::range));
    }

    /// How the scan goes about it.
    pub fn settings(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// Makes the plan: overlaps joined, exclusions taken out.
    ///
    /// # Errors
    /// When nothing is left, or more than [`MAX_PROBES`], or the settings are not valid.
    pub fn build(mut self) -> Result<Plan, PlanError> {
        self.settings.check()?;
        if self.asked.is_empty() && self.unresolved.is_empty() {
            return Err(PlanError::NoTarget);
        }
        if self.asked.is_empty() {
            // Every target was a name, and none resolved: there is nothing to scan at all.
            return Err(PlanError::NothingLeft);
        }
        self.never.extend(never_scanned());
        let skipped = sweep::common(&self.asked, &self.never);
        self.excluded.append(&mut self.never);
        let mut sets: Vec<PortSet> = vec![PortSet::default(); self.sets.len()];
        for (set, id) in std::mem::take(&mut self.sets) {
            sets[id as usize] = set.minus(&self.excluded_ports);
        }
        for name in &mut self.unresolved {
            name.ports = name.ports.minus(&self.excluded_ports);
        }
        let (rects, sets) = sweep::rectangles(self.asked, &sets, self.excluded)?;
        if rects.is_empty() {
            return Err(PlanError::NothingLeft);
        }
        let hosts = rects.iter().map(Rect::hosts).sum();
        Ok(Plan {
            rects,
            lists: sets.iter().map(port_list).collect(),
            hosts,
            settings: self.settings,
            names: self.names,
            skipped,
            unresolved: self.unresolved,
            outside: within::Outside::default(),
        })
    }

    fn one(&mut self, address: Address, ports: Option<&PortSet>) -> Result<(), PlanError> {
        let range = address.range();
        let unscoped = AddressRange { scope: 0, ..range };
        if self
            .never
            .iter()
            .chain(&never_scanned())
            .any(|n| n.overlaps(&unscoped))
        {
            return Err(PlanError::NeverScanned(address));
        }
        let set = self.set(ports);
        self.asked.push((range, set));
        Ok(())
    }

    fn set(&mut self, ports: Option<&PortSet>) -> u32 {
        let set = ports.unwrap_or(&self.ports);
        if let Some(&id) = self.sets.get(set) {
            return id;
        }
        let id = self.sets.len() as u32;
        self.sets.insert(set.clone(), id);
        id
    }
}
