//! A plan held against a [`Scope`]: what lies outside stays planned and accounted for, and is never handed to a scan. So a /8
//! of which a /24 is in scope costs what the /24 does. Whoever acts holds each attempt against the scope all the same.

use super::{Plan, Rect, sweep};
use crate::port::{PortSet, port_list};
use crate::scope::Scope;
use crate::target::{Address, AddressRange, merged};
use crate::time::Instant;
use crate::verdict::{Reason, State, Verdict};

/// What a scope left of a plan, beside what is scanned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outside {
    /// Hosts that are outside with every port; their numbers begin at 0.
    pub(super) rects: Vec<Rect>,
    /// The ports of each list before any were taken out; none while none were.
    pub(super) whole: Vec<PortSet>,
    /// The ports of each list that were taken out; none while none were.
    pub(super) barred: Vec<PortSet>,
}

impl Plan {
    /// The same plan, of which only what is in the scope will be asked, and no faster than it allows. The rest stays planned:
    /// it is untested, `out-of-scope`.
    #[must_use]
    pub fn within(mut self, scope: &Scope) -> Self {
        self.leave_ports(scope.ports());
        let mut inside = Vec::new();
        for rect in std::mem::take(&mut self.rects) {
            for (range, is_in) in scope.pieces(rect.range) {
                let is_in = is_in && !self.lists[rect.list as usize].is_empty();
                let rects = if is_in {
                    &mut inside
                } else {
                    &mut self.outside.rects
                };
                sweep::push(rects, range, rect.list);
            }
        }
        self.rects = inside;
        self.hosts = sweep::number(&mut self.rects) as u64;
        sweep::number(&mut self.outside.rects);
        let settings = &mut self.settings;
        settings.pace = scope.limits().lower(settings.pace);
        for asked in [&mut settings.discover, &mut settings.canaries] {
            asked.retain(|&port| scope.ports().contains(port));
        }
        self
    }

    /// Whether [`within`](Self::within) would leave it as it is.
    pub fn is_within(&self, scope: &Scope) -> bool {
        let settings = &self.settings;
        let mut asked = settings.discover.iter().chain(&settings.canaries);
        let mut listed = self.lists.iter().flat_map(|list| list.iter());
        let addresses = |rect: &Rect| scope.pieces(rect.range).iter().all(|(_, is_in)| *is_in);
        settings.pace == scope.limits().lower(settings.pace)
            && asked.all(|&port| scope.ports().contains(port))
            && listed.all(|&port| scope.ports().contains(port))
            && self.rects.iter().all(addresses)
    }

    fn leave_ports(&mut self, allowed: &PortSet) {
        let ports = |list: &crate::port::PortList| PortSet::from_ports(list.iter().copied());
        let denied = PortSet::all().minus(allowed);
        let lists: Vec<PortSet> = self.lists.iter().map(ports).collect();
        let kept: Vec<PortSet> = lists.iter().map(|set| set.minus(&denied)).collect();
        self.lists = kept.iter().map(port_list).collect();
        let outside = &mut self.outside;
        if outside.whole.is_empty() {
            outside.whole = lists;
        }
        let pairs = outside.whole.iter().zip(&kept);
        outside.barred = pairs.map(|(whole, kept)| whole.minus(kept)).collect();
    }

    /// How many (address, port) pairs lie outside the scope; all of them in the first shard, but for those ports that are
    /// outside of hosts that are not.
    pub fn outside(&self) -> u64 {
        let ports = |rect: &Rect| u64::from(self.outside.whole[rect.list as usize].len());
        let hosts = self.outside_rects().iter();
        let hosts = hosts.map(|rect| rect.hosts() * ports(rect)).sum::<u64>();
        let barred = |rect: &Rect| u64::from(self.barred(rect).map_or(0, PortSet::len));
        let of_others = self
            .rects
            .iter()
            .map(|rect| self.in_shard(rect) * barred(rect));
        hosts + of_others.sum::<u64>()
    }

    /// How many hosts lie outside with every port, all of them in the first shard.
    pub fn outside_hosts(&self) -> u64 {
        self.outside_rects().iter().map(Rect::hosts).sum()
    }

    /// Their addresses, in order, neighbours joined; over all shards.
    pub fn outside_ranges(&self) -> Vec<AddressRange> {
        merged(self.outside.rects.iter().map(|rect| rect.range).collect())
    }

    /// How many addresses of this shard are planned, those that lie outside included.
    pub fn planned_hosts(&self) -> u64 {
        self.shard_hosts() + self.outside_hosts()
    }

    /// The `n`-th host that lies outside, and the ports that were planned for it; `None` beyond the last.
    pub fn outside_host(&self, n: u64) -> Option<(Address, &PortSet)> {
        let rects = self.outside_rects();
        let after = rects.partition_point(|rect| rect.base <= n);
        let rect = rects.get(after.checked_sub(1)?)?;
        let n = n - rect.base;
        (n < rect.hosts()).then(|| (rect.range.nth(n), &self.outside.whole[rect.list as usize]))
    }

    /// The ports of the `index`-th host that lie outside although it does not.
    pub fn outside_ports_of(&self, index: u64) -> PortSet {
        let rect = self.rect_of(index);
        rect.and_then(|rect| self.barred(rect))
            .cloned()
            .unwrap_or_default()
    }

    /// The ports of this host that lie outside, where such ports are listed; of a host that lies outside itself all of them: those
    /// are numbered after the others.
    pub fn outside_verdicts(
        &self,
        index: u64,
        address: Address,
    ) -> impl Iterator<Item = Verdict> + use<> {
        let whole = index.checked_sub(self.hosts());
        let whole = whole.and_then(|n| self.outside_host(n));
        let ports = whole.map_or_else(|| self.outside_ports_of(index), |(_, ports)| ports.clone());
        let listed = self.settings.show.contains(State::Untested);
        let ranges = ports.ranges().to_vec().into_iter().filter(move |_| listed);
        let ports = ranges.flat_map(|(first, last)| first..=last);
        ports.map(move |port| Verdict::unasked(address, port, Reason::OutOfScope, Instant::ZERO))
    }

    fn outside_rects(&self) -> &[Rect] {
        if self.settings.shard.index() == 0 {
            &self.outside.rects
        } else {
            &[]
        }
    }

    /// `None` while no scope was held against the plan.
    fn barred(&self, rect: &Rect) -> Option<&PortSet> {
        self.outside.barred.get(rect.list as usize)
    }

    /// Every pair that lies outside, host by host; as many as [`outside`](Self::outside) says.
    pub(super) fn outside_pairs<'a>(&'a self) -> impl Iterator<Item = (Address, u16)> + 'a {
        let pairs = |rect: &'a Rect, ports: &'a PortSet| {
            let range = rect.range;
            (0..rect.hosts()).flat_map(move |host| {
                let address = range.nth(host);
                ports.iter().map(move |port| (address, port))
            })
        };
        let whole = |rect: &'a Rect| (rect, &self.outside.whole[rect.list as usize]);
        let hosts = self.outside.rects.iter().map(whole);
        let barred = |rect: &'a Rect| Some((rect, self.barred(rect)?));
        let of_others = self.rects.iter().filter_map(barred);
        hosts
            .chain(of_others)
            .flat_map(move |(rect, ports)| pairs(rect, ports))
    }
}
