//! A world as a file describes it: paths with delay and loss, hosts with ports, what limits them, and what a scanner is
//! told to scan. Everything here has been checked; `read` makes it from TOML. It knows no packets and no clock.

mod address;
mod check_hosts;
mod check_order;
mod check_path;
mod check_rule;
mod hosts;
mod icmp;
mod path;
mod raw;
mod read;
mod real;
#[cfg(test)]
mod tests;
mod units;
mod words;
mod wrong;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use picaporte_core::PortSet;
use serde::Deserialize;

pub use hosts::{
    Absent, Act, At, Hosts, IcmpLimit, Limit, ListenQueue, Proxy, Rule, Service, Stack, Then,
};
pub use icmp::Icmp;
pub use path::{Bandwidth, Bursts, Ips, Jitter, Loss, Nat, Outage, Path, Reorder, Shape};
#[cfg(test)]
pub(crate) use read::scenario;
pub use read::{ScenarioError, from_text, load};
pub use units::{BitRate, PerSecond, Ports, Share, Span};

/// The scanner's own addresses, in networks that are reserved for documentation (RFC 5737, RFC 3849).
pub const SCANNER_V4: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 2);
/// See [`SCANNER_V4`].
pub const SCANNER_V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0x51, 0, 0, 0, 0, 2);
/// The most paths of a scenario, and the most routers on one.
pub const MOST_PATHS: usize = 15;
/// See [`MOST_PATHS`].
pub const MOST_HOPS: u8 = 15;
/// The most `[[hosts]]` of a scenario: they are searched one by one for every packet.
pub const MOST_GROUPS: usize = 1_024;
/// The most addresses and prefixes of all `[[hosts]]` together, for the same reason.
pub const MOST_PREFIXES: usize = 4_096;
/// The most rules of one `[[hosts]]`.
pub const MOST_RULES: usize = 256;
/// The most targets of an order; each may be a prefix.
pub const MOST_TARGETS: usize = 4_096;
/// The most names, and the most addresses of one.
pub const MOST_NAMES: usize = 256;
/// The most further addresses of the scanner's machine: each takes a program of its own to set.
pub const MOST_OWN: usize = 64;
/// The most outages of a path.
pub const MOST_OUTAGES: usize = 256;

/// One world and the scan that is to be made of it.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The file's name without its ending.
    pub name: String,
    /// Of its text: 16 hexadecimal digits that differ where a file has been changed.
    pub digest: String,
    /// What in the real world it stands for.
    pub about: String,
    /// Where that is written or was measured.
    pub source: String,
    /// Played by this program, or by kernels in namespaces.
    pub world: World,
    /// How the scanner's machine is joined to it.
    pub link: Link,
    /// Whether it belongs to the set that is short enough for a gate.
    pub short: bool,
    /// Whether its boxes answer every SYN, so that a connect scan can't but find ports that are not there.
    pub answers_everything: bool,
    /// What a scanner is told.
    pub scan: Order,
    /// Names that resolve inside the world.
    pub names: BTreeMap<String, Vec<IpAddr>>,
    /// The ways from the scanner; the first is the one that is taken where none is named.
    pub paths: Vec<Path>,
    /// Who is there. The first group that holds an address speaks for it.
    pub hosts: Vec<Hosts>,
}

/// Who plays a world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum World {
    /// This program, behind a TUN or TAP device.
    #[default]
    Simulated,
    /// Linux kernels in network namespaces.
    Real,
}

/// How the scanner is joined to a simulated world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    /// A point-to-point link: no neighbours, everything is routed.
    #[default]
    Routed,
    /// A LAN: hosts on a path without hops are neighbours and have to answer ARP or neighbour discovery.
    Ethernet,
}

/// What a scanner is told to scan, and with what it has to make do.
#[derive(Clone, Debug)]
pub struct Order {
    /// Addresses, prefixes and names, as they are handed to the scanner.
    pub targets: Vec<Target>,
    /// The ports of each.
    pub ports: PortSet,
    /// After this time a scanner is ended, and what it has said counts.
    pub bound: Span,
    /// `RLIMIT_NOFILE` of the scanner, soft and hard.
    pub descriptors: Option<u64>,
    /// How many local ports the scanner's machine has for outgoing connections.
    pub local_ports: Option<u16>,
    /// Addresses of the scanner's machine beside [`SCANNER_V4`] and [`SCANNER_V6`], each with the prefix of its network; only
    /// on a LAN. A scanner may know from them who is its neighbour.
    pub own_addresses: Vec<IpNet>,
}

/// One target of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An address or a prefix.
    Net(IpNet),
    /// A name of [`Scenario::names`].
    Name(String),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Net(net) if net.prefix_len() == net.max_prefix_len() => net.addr().fmt(f),
            Self::Net(net) => net.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

impl Scenario {
    /// The group that speaks for this address.
    pub fn group_of(&self, ip: IpAddr) -> Option<(usize, &Hosts)> {
        self.hosts
            .iter()
            .enumerate()
            .find(|(_, hosts)| hosts.addresses.iter().any(|net| net.contains(&ip)))
    }

    /// Whether the scanner's machine has this address itself.
    pub fn is_scanners(&self, ip: IpAddr) -> bool {
        self.scan.own_addresses.iter().any(|own| own.addr() == ip)
    }

    /// Every address of the order, names replaced by theirs, in the order of the file; an address that is named twice
    /// comes twice.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.scan
            .targets
            .iter()
            .flat_map(|target| -> Box<dyn Iterator<Item = IpAddr> + '_> {
                match target {
                    Target::Net(net) => Box::new(every_address(*net)),
                    Target::Name(name) => Box::new(self.names[name].iter().copied()),
                }
            })
    }
}

/// Network and broadcast addresses included: a scanner tries them too.
pub(crate) fn every_address(net: IpNet) -> Box<dyn Iterator<Item = IpAddr>> {
    match net {
        IpNet::V4(net) => Box::new(
            (net.network().to_bits()..=net.broadcast().to_bits())
                .map(|bits| Ipv4Addr::from_bits(bits).into()),
        ),
        IpNet::V6(net) => Box::new(
            (net.network().to_bits()..=net.broadcast().to_bits())
                .map(|bits| Ipv6Addr::from_bits(bits).into()),
        ),
    }
}
