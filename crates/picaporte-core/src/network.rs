//! What is known of whole networks (a /24, a /64): their round trips, the loss on the way to them, and how much may be in flight to
//! them. Behind a host's own figures, and before the whole scan's.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use crate::target::Address;
use crate::timing::{Measured, Rtt};
use crate::wide::WideWindow;

/// A network: its prefix, with the family above it.
type Prefix = u128;

/// One network with active hosts.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    prefix: Prefix,
    hosts: u32,
    pub rtt: Rtt,
    pub loss: Measured,
    pub window: WideWindow,
    /// Attempts to it that wait for an answer.
    pub asking: u32,
    /// Its hosts that wait for room in the window, with their generation.
    pub waiting: VecDeque<(u32, u32)>,
}

impl Network {
    /// Whether its window has room for one more attempt.
    pub(crate) fn has_room(&self) -> bool {
        self.asking < self.window.size()
    }

    /// An attempt no longer waits for an answer. Gives how many of the waiting hosts may go on: all of them when nothing is under way, so
    /// that none is forgotten.
    pub(crate) fn frees(&mut self) -> usize {
        self.asking -= 1;
        if self.asking == 0 {
            self.waiting.len()
        } else {
            usize::from(self.has_room()).min(self.waiting.len())
        }
    }
}

/// The networks of the active hosts, by number. One without active hosts is forgotten.
#[derive(Clone, Debug, Default)]
pub(crate) struct Networks {
    by_prefix: BTreeMap<Prefix, u32>,
    slab: Vec<Network>,
    free: Vec<u32>,
}

impl Networks {
    /// The network of a host that becomes active. A new one has a window of its own, up to `cap`.
    pub(crate) fn join(&mut self, address: Address, first: u32, cap: u32) -> u32 {
        let prefix = prefix(address);
        let id = *self.by_prefix.entry(prefix).or_insert_with(|| {
            let network = Network {
                prefix,
                hosts: 0,
                rtt: Rtt::default(),
                loss: Measured::default(),
                window: WideWindow::new(first, cap),
                asking: 0,
                waiting: VecDeque::new(),
            };
            if let Some(id) = self.free.pop() {
                self.slab[id as usize] = network;
                return id;
            }
            self.slab.push(network);
            self.slab.len() as u32 - 1
        });
        self.slab[id as usize].hosts += 1;
        id
    }

    /// A host of it is done.
    pub(crate) fn leave(&mut self, id: u32) {
        let network = &mut self.slab[id as usize];
        network.hosts -= 1;
        if network.hosts == 0 {
            self.by_prefix.remove(&network.prefix);
            self.free.push(id);
        }
    }

    pub(crate) fn at(&mut self, id: u32) -> &mut Network {
        &mut self.slab[id as usize]
    }

    /// Those with active hosts.
    pub(crate) fn each(&mut self) -> impl Iterator<Item = &mut Network> {
        self.slab.iter_mut().filter(|network| network.hosts > 0)
    }

    pub(crate) fn get(&self, id: u32) -> &Network {
        &self.slab[id as usize]
    }
}

fn prefix(address: Address) -> Prefix {
    match address.ip {
        IpAddr::V4(a) => u128::from(a.to_bits() >> 8),
        IpAddr::V6(a) => 1 << 64 | a.to_bits() >> 64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::new(text.parse().unwrap())
    }

    fn join(networks: &mut Networks, text: &str) -> u32 {
        networks.join(address(text), 512, 1000)
    }

    #[test]
    fn waiting_hosts_go_on_one_for_each_attempt_that_ends_and_all_when_none_is_left() {
        let mut networks = Networks::default();
        let id = networks.join(address("192.0.2.1"), 2, 1000);
        let network = networks.at(id);
        network.asking = 2;
        assert!(!network.has_room());
        network.waiting.extend([(1, 0), (2, 0), (3, 0)]);
        network.asking += 2;
        assert_eq!(network.frees(), 0);
        assert_eq!(network.frees(), 0);
        assert_eq!(network.frees(), 1);
        assert_eq!(network.frees(), 3);
    }

    #[test]
    fn neighbours_share_a_network_until_the_last_has_left() {
        let mut networks = Networks::default();
        let first = join(&mut networks, "192.0.2.1");
        let period = || crate::time::Duration::ZERO;
        let loss = &mut networks.at(first).loss;
        loss.answered(crate::time::Instant::ZERO, 2, period);
        assert_eq!(join(&mut networks, "192.0.2.255"), first);
        let v6 = join(&mut networks, "2001:db8::1");
        assert_eq!(join(&mut networks, "2001:db8::ffff:1:2:3"), v6);
        assert_ne!(join(&mut networks, "2001:db8:0:1::1"), v6);
        assert_ne!(join(&mut networks, "198.51.100.1"), first);
        networks.leave(first);
        assert_eq!(
            networks
                .get(first)
                .loss
                .known(crate::time::Instant::ZERO)
                .lost,
            1
        );
        networks.leave(first);
        let again = join(&mut networks, "192.0.2.1");
        assert_eq!(
            networks
                .get(again)
                .loss
                .known(crate::time::Instant::ZERO)
                .lost,
            0
        );
    }
}
