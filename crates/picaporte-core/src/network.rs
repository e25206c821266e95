//! What is known of whole networks (a /24, a /64): their round trips and the loss on the way to them. Behind a host's own
//! figures, and before the whole scan's.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::target::Address;
use crate::timing::{Measured, Rtt};

/// A network: its prefix, with the family above it.
type Prefix = u128;

/// One network with active hosts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Network {
    prefix: Prefix,
    hosts: u32,
    pub rtt: Rtt,
    pub loss: Measured,
}

/// The networks of the active hosts, by number. One without active hosts is forgotten.
#[derive(Clone, Debug, Default)]
pub(crate) struct Networks {
    by_prefix: BTreeMap<Prefix, u32>,
    slab: Vec<Network>,
    free: Vec<u32>,
}

impl Networks {
    /// The network of a host that becomes active.
    pub(crate) fn join(&mut self, address: Address) -> u32 {
        let prefix = prefix(address);
        let id = *self.by_prefix.entry(prefix).or_insert_with(|| {
            let network = Network {
                prefix,
                ..Network::default()
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

    #[test]
    fn neighbours_share_a_network_until_the_last_has_left() {
        let mut networks = Networks::default();
        let first = networks.join(address("192.0.2.1"));
        let period = || crate::time::Duration::ZERO;
        let loss = &mut networks.at(first).loss;
        loss.answered(crate::time::Instant::ZERO, 2, period);
        assert_eq!(networks.join(address("192.0.2.255")), first);
        let v6 = networks.join(address("2001:db8::1"));
        assert_eq!(networks.join(address("2001:db8::ffff:1:2:3")), v6);
        assert_ne!(networks.join(address("2001:db8:0:1::1")), v6);
        assert_ne!(networks.join(address("198.51.100.1")), first);
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
        let again = networks.join(address("192.0.2.1"));
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
