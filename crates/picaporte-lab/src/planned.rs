//! What a scenario's order asks for, each port once: targets that overlap or are named twice count once.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use picaporte_core::PortSet;

use crate::scenario::{Scenario, Target};

/// The addresses and ports of an order.
#[derive(Clone, Debug)]
pub struct Planned<'a> {
    v4: Vec<(u128, u128)>,
    v6: Vec<(u128, u128)>,
    ports: &'a PortSet,
}

impl<'a> Planned<'a> {
    /// What `scenario` asks for.
    pub fn new(scenario: &'a Scenario) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        let mut add = |(is_v4, first, last)| {
            if is_v4 { &mut v4 } else { &mut v6 }.push((first, last));
        };
        for target in &scenario.scan.targets {
            match target {
                Target::Net(net) => add(range(*net)),
                Target::Name(name) => {
                    let ips = scenario.names.get(name).into_iter().flatten();
                    ips.for_each(|ip| add(range(IpNet::from(*ip))));
                }
            }
        }
        Self {
            v4: merged(v4),
            v6: merged(v6),
            ports: &scenario.scan.ports,
        }
    }

    /// The ports of each address.
    pub fn ports(&self) -> &'a PortSet {
        self.ports
    }

    /// How many ports of all addresses; `u64::MAX` where there are more.
    pub fn count(&self) -> u64 {
        let addresses = self
            .v4
            .iter()
            .chain(&self.v6)
            .map(|(first, last)| (last - first).saturating_add(1));
        let all = addresses
            .fold(0_u128, u128::saturating_add)
            .saturating_mul(u128::from(self.ports.len()));
        u64::try_from(all).unwrap_or(u64::MAX)
    }

    /// Whether this address is asked for.
    pub fn holds(&self, ip: IpAddr) -> bool {
        let (ranges, bits) = match ip {
            IpAddr::V4(ip) => (&self.v4, u128::from(ip.to_bits())),
            IpAddr::V6(ip) => (&self.v6, ip.to_bits()),
        };
        let after = ranges.partition_point(|(first, _)| *first <= bits);
        after > 0 && ranges[after - 1].1 >= bits
    }

    /// The addresses, each once, IPv4 first, ascending.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> + use<'a> {
        let v4 = self.v4.clone().into_iter();
        let v6 = self.v6.clone().into_iter();
        let v4 = v4.flat_map(|(first, last)| first..=last);
        let v6 = v6.flat_map(|(first, last)| first..=last);
        v4.map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits as u32)))
            .chain(v6.map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits))))
    }
}

fn range(net: IpNet) -> (bool, u128, u128) {
    match net {
        IpNet::V4(net) => (
            true,
            net.network().to_bits().into(),
            net.broadcast().to_bits().into(),
        ),
        IpNet::V6(net) => (false, net.network().to_bits(), net.broadcast().to_bits()),
    }
}

fn merged(mut ranges: Vec<(u128, u128)>) -> Vec<(u128, u128)> {
    ranges.sort_unstable();
    let mut merged: Vec<(u128, u128)> = Vec::with_capacity(ranges.len());
    for (first, last) in ranges {
        match merged.last_mut() {
            Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
            _ => merged.push((first, last)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::from_text;
    use std::path::Path;

    fn scenario(targets: &str, ports: &str) -> Scenario {
        let text = format!(
            "about = \"a\"\nsource = \"s\"\n[scan]\ntargets = [{targets}]\nports = \"{ports}\"\n\
             [names]\n\"many.example\" = [\"192.0.2.9\", \"2001:db8::9\"]\n\
             [[hosts]]\naddresses = [\"192.0.2.0/24\"]\n"
        );
        from_text(Path::new("planned.toml"), &text).unwrap()
    }

    #[test]
    fn what_overlaps_counts_once() {
        let scenario = scenario(
            r#""192.0.2.8/30", "192.0.2.9", "192.0.2.12", "many.example", "192.0.2.1""#,
            "1-10",
        );
        let planned = Planned::new(&scenario);
        let all: Vec<String> = planned.addresses().map(|ip| ip.to_string()).collect();
        assert_eq!(
            all,
            [
                "192.0.2.1",
                "192.0.2.8",
                "192.0.2.9",
                "192.0.2.10",
                "192.0.2.11",
                "192.0.2.12",
                "2001:db8::9"
            ]
        );
        assert_eq!(planned.count(), 70);
        for ip in ["192.0.2.1", "192.0.2.12", "2001:db8::9"] {
            assert!(planned.holds(ip.parse().unwrap()), "{ip}");
        }
        for ip in ["192.0.2.2", "192.0.2.13", "192.0.2.0", "2001:db8::8", "::"] {
            assert!(!planned.holds(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn no_size_overflows() {
        let mut scenario = scenario("\"192.0.2.1\"", "1-65535");
        // No file may ask for so much, but whoever makes a scenario in memory may.
        let all = ["::/0", "0.0.0.0/0"].map(|net| Target::Net(net.parse().unwrap()));
        scenario.scan.targets = all.into();
        let planned = Planned::new(&scenario);
        assert_eq!(planned.count(), u64::MAX);
        assert!(planned.holds("255.255.255.255".parse().unwrap()));
        assert!(planned.holds(Ipv6Addr::from_bits(u128::MAX).into()));
    }
}
