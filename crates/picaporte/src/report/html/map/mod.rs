//! The map of hosts and ports: what is kept of hosts for it, and what of that is drawn.
//!
//! Up to [`HOSTS`] hosts are kept one by one. They share [`rows::ROWS`] rows at most, by network, and the ports that are open on
//! most hosts have a column each. A larger scan is drawn by networks of /24 and /64, of which [`NETWORKS`] are kept.

use std::collections::BTreeMap;

use picaporte_core::scan::HostReport;
use picaporte_core::{Address, Plan, PortSet, State};

use super::key::Key;

mod draw;
mod rows;

pub(super) use draw::swatch;

/// The most hosts that are drawn one by one.
pub(super) const HOSTS: usize = 4_096;
/// The most networks that are kept of a larger scan.
const NETWORKS: usize = 4_096;
/// The most ranges of ports of one host that are kept. Of common ports every one is a range of its own, so the state of most
/// ranges is not kept, but that it is the others'.
const RANGES: usize = 512;
/// The most ports that have a column.
const COLUMNS: usize = 24;

/// How many are in each state, in the order of [`State::ALL`].
type Split = [u64; 4];

/// What is kept of the hosts that are done.
pub(super) struct Map {
    hosts: BTreeMap<Key, Host>,
    /// Every host, also beyond the bound.
    seen: u64,
    networks: BTreeMap<Key, Sum>,
    others: Sum,
    /// On how many hosts each port is open.
    open_on: Box<[u32]>,
}

struct Host {
    address: Address,
    /// By state, without those of the state `others`; `None` where they are too many ranges.
    ports: Option<[PortSet; 4]>,
    /// The state of its planned ports that are in no set.
    others: usize,
    split: Split,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    hosts: u64,
    split: Split,
}

impl Default for Map {
    fn default() -> Self {
        Self {
            hosts: BTreeMap::new(),
            seen: 0,
            networks: BTreeMap::new(),
            others: Sum::default(),
            open_on: vec![0; 1 << 16].into(),
        }
    }
}

impl Map {
    /// Takes in a host that is done.
    pub(super) fn add(&mut self, host: &HostReport) {
        self.seen += 1;
        let split = State::ALL.map(|state| host.counts.in_state(state));
        if !host.answers_everything {
            for port in host.open.iter() {
                self.open_on[usize::from(port)] += 1;
            }
        }
        self.network(Key::of(host.address).network()).add(split);
        if self.folds() {
            self.hosts.clear();
        } else {
            self.hosts
                .insert(Key::of(host.address), Host::new(host, split));
        }
    }

    fn network(&mut self, key: Key) -> &mut Sum {
        if self.networks.len() >= NETWORKS && !self.networks.contains_key(&key) {
            return &mut self.others;
        }
        self.networks.entry(key).or_default()
    }

    /// Whether networks are drawn instead of hosts.
    fn folds(&self) -> bool {
        self.seen > HOSTS as u64
    }

    /// How many hosts and networks are kept.
    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.hosts.len() + self.networks.len()
    }

    /// The ports that are open on any host that does not answer everything: number and hosts, those of most hosts first.
    pub(super) fn open_ports(&self) -> Vec<(u16, u32)> {
        let ports = self.open_on.iter().enumerate();
        let open = ports.filter(|(_, hosts)| **hosts > 0);
        let mut open: Vec<_> = open.map(|(port, &hosts)| (port as u16, hosts)).collect();
        open.sort_by_key(|&(port, hosts)| (std::cmp::Reverse(hosts), port));
        open
    }
}

impl Host {
    /// The state of a port; `None` where it was not planned, or is not known one by one.
    fn state(&self, plan: &Plan, port: u16) -> Option<usize> {
        let kept = self
            .ports
            .as_ref()?
            .iter()
            .position(|set| set.contains(port));
        kept.or_else(|| plan.contains(self.address, port).then_some(self.others))
    }

    fn new(host: &HostReport, split: Split) -> Self {
        let mut ports = [&host.open, &host.closed, &host.filtered, &host.untested];
        let many = |state: &usize| ports[*state].ranges().len();
        let others = (0..ports.len()).max_by_key(many).unwrap_or(0);
        let none = PortSet::empty();
        ports[others] = &none;
        let ranges: usize = ports.iter().map(|set| set.ranges().len()).sum();
        Self {
            address: host.address,
            ports: (ranges <= RANGES).then(|| ports.map(PortSet::clone)),
            others,
            split,
        }
    }
}

impl Sum {
    fn add(&mut self, split: Split) {
        self.hosts += 1;
        add(&mut self.split, split);
    }
}

fn add(sum: &mut Split, split: Split) {
    for (sum, n) in sum.iter_mut().zip(split) {
        *sum += n;
    }
}
