//! Addresses in the order of a page, and the networks that they share.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use picaporte_core::Address;

/// An address, or the first of a network: IPv4 first, then by number, then by zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    v6: bool,
    bits: u128,
    scope: u32,
}

impl Key {
    pub(super) fn of(address: Address) -> Self {
        let (v6, bits) = match address.ip {
            IpAddr::V4(ip) => (false, u128::from(ip.to_bits())),
            IpAddr::V6(ip) => (true, ip.to_bits()),
        };
        Self {
            v6,
            bits,
            scope: address.scope,
        }
    }

    /// The /24 or /64 that it is in, in whatever zone.
    pub(super) fn network(self) -> Self {
        self.within(24, 64)
    }

    /// The first address of the network of so many bits.
    pub(super) fn within(self, v4: u32, v6: u32) -> Self {
        let host_bits = if self.v6 { 128 - v6 } else { 32 - v4 };
        let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
        Self {
            bits: self.bits & mask,
            scope: 0,
            ..self
        }
    }

    /// `192.0.2.0/24`.
    pub(super) fn prefix(self, v4: u32, v6: u32) -> String {
        if self.v6 {
            format!("{}/{v6}", Ipv6Addr::from_bits(self.bits))
        } else {
            format!("{}/{v4}", Ipv4Addr::from_bits(self.bits as u32))
        }
    }
}

/// How much is kept of a host, by its ports.
pub(super) fn of_host<V>(kept: &BTreeMap<(Key, u16), V>, key: Key) -> usize {
    kept.range((key, 0)..=(key, u16::MAX)).count()
}

/// Takes out what is kept of a host.
pub(super) fn take_host<V>(kept: &mut BTreeMap<(Key, u16), V>, key: Key) -> Vec<V> {
    let ports = kept.range((key, 0)..=(key, u16::MAX));
    let ports: Vec<_> = ports.map(|(&at, _)| at).collect();
    ports.iter().filter_map(|at| kept.remove(at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_their_addresses() {
        let key = |text: &str| Key::of(Address::new(text.parse().unwrap()));
        let shown = |text: &str, v4, v6| key(text).within(v4, v6).prefix(v4, v6);
        assert_eq!(shown("192.0.2.77", 26, 0), "192.0.2.64/26");
        assert_eq!(shown("192.0.2.77", 0, 0), "0.0.0.0/0");
        assert_eq!(shown("2001:db8::ff", 0, 120), "2001:db8::/120");
        assert_eq!(shown("2001:db8::ff", 0, 0), "::/0");
        assert_eq!(key("192.0.2.77").network(), key("192.0.2.1").network());
        assert!(key("203.0.113.9") < key("::1"));
    }
}
