//! What all hosts of a scan show together of what stands before them: which devices rejected, how often and how, and what
//! is done by default.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use picaporte_core::policy::Policy;
use picaporte_core::scan::HostReport;
use picaporte_core::{Address, Icmp};

/// The most kinds of rejection that are kept, by device, type and code. Every host of a wide scan may reject in its own name.
const MOST: usize = 256;

/// Device, family (ICMPv6 if true), type and code.
type Key = (Option<Address>, bool, u8, u8);

/// One kind of rejection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rejects {
    pub(super) icmp: Icmp,
    pub(super) ports: u64,
    pub(super) hosts: u64,
}

/// Of all hosts that were told.
#[derive(Debug, Default)]
pub(super) struct Firewalls {
    kinds: BTreeMap<Key, Rejects>,
    /// Rejected ports that are in no kind.
    untold: u64,
    /// Hosts, by policy.
    policies: [u64; Policy::ALL.len()],
}

impl Firewalls {
    /// Takes in a host that is done.
    pub(super) fn add(&mut self, host: &HostReport) {
        if let Some(default) = host.default_policy() {
            self.policies[default.policy as usize] += 1;
        }
        let mut kept = 0;
        for &(icmp, ports) in &host.rejects {
            let ports = u64::from(ports);
            if self.count(icmp, ports) {
                kept += ports;
            }
        }
        self.untold += u64::from(host.rejected.len()).saturating_sub(kept);
    }

    /// Whether there was room for it.
    fn count(&mut self, icmp: Icmp, ports: u64) -> bool {
        let key = (icmp.from, icmp.v6, icmp.kind, icmp.code);
        if self.kinds.len() >= MOST && !self.kinds.contains_key(&key) {
            return false;
        }
        let kind = self.kinds.entry(key).or_insert(Rejects {
            icmp,
            ports: 0,
            hosts: 0,
        });
        kind.ports += ports;
        kind.hosts += 1;
        true
    }

    /// How many hosts have each policy.
    pub(super) fn policies(&self) -> impl Iterator<Item = (Policy, u64)> {
        Policy::ALL.into_iter().zip(self.policies)
    }

    /// Every kind of rejection, those of most ports first.
    pub(super) fn rejects(&self) -> impl ExactSizeIterator<Item = Rejects> + use<> {
        let mut kinds: Vec<_> = self.kinds.values().copied().collect();
        kinds.sort_by_key(|kind| Reverse(kind.ports));
        kinds.into_iter()
    }

    /// How many rejected ports are in no kind.
    pub(super) fn untold(&self) -> u64 {
        self.untold
    }
}

#[cfg(test)]
mod tests {
    use picaporte_core::{PortSet, Reason};

    use super::super::tests::sample;
    use super::*;

    /// A host with three ports that the device rejected.
    fn rejected(host: u32, device: u32) -> HostReport {
        let address = |n: u32| Address::new(std::net::Ipv4Addr::from_bits(0xc633_6400 + n).into());
        let verdict = |port| sample::verdict(address(host), port, Reason::AdminProhibited, 1);
        let mut report = sample::host_report(&[1, 2, 3].map(verdict));
        report.rejected = PortSet::from_ports(1..=3);
        let icmp = Icmp {
            v6: false,
            kind: 3,
            code: 13,
            from: Some(address(device)),
        };
        report.rejects = vec![(icmp, 3)];
        report
    }

    #[test]
    fn what_there_is_no_room_for_is_counted_all_the_same() {
        let mut firewalls = Firewalls::default();
        for host in 0..MOST as u32 + 2 {
            firewalls.add(&rejected(host, host));
        }
        assert_eq!((firewalls.rejects().len(), firewalls.untold()), (MOST, 6));
        // A device that is known has room.
        firewalls.add(&rejected(1000, 0));
        let first = firewalls
            .rejects()
            .next()
            .map(|kind| (kind.ports, kind.hosts));
        assert_eq!((first, firewalls.untold()), (Some((6, 2)), 6));
    }

    #[test]
    fn one_device_before_many_hosts_is_one_kind() {
        let mut firewalls = Firewalls::default();
        (1..=40).for_each(|host| firewalls.add(&rejected(host, 0)));
        let kinds: Vec<_> = firewalls
            .rejects()
            .map(|kind| (kind.ports, kind.hosts))
            .collect();
        assert_eq!(kinds, [(120, 40)]);
    }
}
