//! Who lives in a world: groups of addresses, what their ports do, and what limits them.

use std::net::IpAddr;

use ipnet::IpNet;
use picaporte_core::PortSet;
use serde::Deserialize;

use super::{Icmp, PerSecond, Share, Span};
use crate::random::{Draws, address_parts};

/// A group of addresses that behave alike; each address is a host with a state of its own.
#[derive(Clone, Debug)]
pub struct Hosts {
    /// The addresses; nothing but prefixes, the single address one of full length.
    pub addresses: Vec<IpNet>,
    /// The share of them that exists; chosen by the seed.
    pub alive: Share,
    /// What the last router says of those that don't.
    pub absent: Absent,
    /// Index into [`Scenario::paths`](super::Scenario::paths).
    pub path: usize,
    /// What ports do; the first rule that holds a port speaks for it.
    pub rules: Vec<Rule>,
    /// What the other ports do.
    pub otherwise: Act,
    /// What answers there.
    pub stack: Stack,
    /// Something before the host that completes handshakes in its name.
    pub proxy: Option<Proxy>,
    /// RSTs that a host sends.
    pub rst_limit: Option<Limit>,
    /// ICMP errors that a host sends.
    pub icmp_limit: Option<IcmpLimit>,
    /// SYNs to open ports that a host takes in.
    pub listen_queue: Option<ListenQueue>,
    /// Which SYN to a port is the first that is noticed; 1 is the very first.
    pub answers_from: u8,
}

/// What is said of an address where nobody is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Absent {
    /// Nothing.
    #[default]
    Silent,
    /// The last router says host-unreachable after three seconds, when its own ARP has failed.
    HostUnreachable,
}

/// What some ports of a host do.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Which ports.
    pub ports: PortSet,
    /// Which share of them, chosen by the seed for every host anew; the others go on to the next rule.
    pub share: Share,
    /// What they do.
    pub act: Act,
}

/// What a port does with a SYN.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// A service listens.
    Open(Service),
    /// Nothing listens: RST.
    Closed,
    /// A firewall swallows the SYN at this place.
    Dropped(At),
    /// A firewall or the host answers with an ICMP error, from this place.
    Rejected(Icmp, At),
    /// A firewall at this hop answers with a RST in the host's name.
    Reset(At),
}

impl Act {
    /// The hop at which a SYN to the port ends, if it does not come to the host.
    pub const fn hop(&self) -> Option<u8> {
        match self {
            Self::Dropped(At::Hop(hop))
            | Self::Rejected(_, At::Hop(hop))
            | Self::Reset(At::Hop(hop)) => Some(*hop),
            _ => None,
        }
    }
}

/// Where on a path something happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum At {
    /// At the host itself.
    #[default]
    Host,
    /// At this router; 1 is the nearest to the scanner.
    Hop(u8),
}

/// What an open port does beyond the handshake. It reads everything, and closes when the peer has closed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Service {
    /// Bytes that it sends first.
    pub says: Vec<u8>,
    /// It sends back what it gets.
    pub echoes: bool,
    /// Bytes that it sends once after it got some, and closes.
    pub answers: Option<Vec<u8>>,
    /// How late the SYN-ACK is.
    pub after: Span,
    /// There is no service behind it: the box answers like this on every port.
    pub spoofed: bool,
}

/// What answers at a host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stack {
    /// As Linux does.
    #[default]
    Linux,
    /// As `LaBrea` does: every SYN is answered, with a window of zero, and the connection is never let go.
    Tarpit,
    /// As portspoof does: every port is open, with a banner that is made up.
    Portspoof,
}

/// Something before a host that answers every SYN itself and keeps no state until the handshake is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Where it stands.
    pub hop: u8,
    /// What it does after the handshake.
    pub then: Then,
}

/// What a SYN proxy does after the handshake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Then {
    /// It connects to the host, joins both sides, and resets or stays silent as the host's port does.
    #[default]
    Backend,
    /// It ignores whatever follows.
    Ignore,
    /// It resets the connection.
    Reset,
}

/// So many at once, and so many a second.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// In the long run.
    pub per_second: PerSecond,
    /// At once, after a pause; at least 1.
    pub burst: u32,
}

/// Limits on ICMP errors, of a router or a host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IcmpLimit {
    /// To one receiver (Linux: 1 a second after 6, sysctl `icmp_ratelimit` and `XRLIM_BURST_FACTOR`,
    /// `inet_peer_xrlim_allow` in net/ipv4/inetpeer.c).
    pub per_peer: Option<Limit>,
    /// In all (Linux: `icmp_msgs_per_sec` 1,000 after `icmp_msgs_burst` 50).
    pub in_all: Option<Limit>,
}

/// A listen queue that the program behind it empties at a fixed pace. A SYN that finds it full is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenQueue {
    /// How many connections wait in it at most.
    pub length: u32,
    /// How many are taken out a second.
    pub per_second: PerSecond,
}

/// What the draws below are for, so that they do not depend on each other.
const ALIVE: u64 = 1;
const CHOSEN: u64 = 2;

impl Hosts {
    /// Whether a host of this group exists at this address, in the world of this seed.
    pub fn exists(&self, seed: u64, ip: IpAddr) -> bool {
        let [high, low] = address_parts(ip);
        self.alive == Share::ALL || Draws::new(&[seed, ALIVE, high, low]).happens(self.alive.get())
    }

    /// What this port of this host does, in the world of this seed.
    pub fn act(&self, seed: u64, ip: IpAddr, port: u16) -> &Act {
        let chosen = |(index, rule): &(usize, &Rule)| {
            rule.ports.contains(port)
                && (rule.share == Share::ALL || is_chosen(seed, ip, port, *index, rule.share))
        };
        self.rules
            .iter()
            .enumerate()
            .find(chosen)
            .map_or(&self.otherwise, |(_, rule)| &rule.act)
    }
}

fn is_chosen(seed: u64, ip: IpAddr, port: u16, rule: usize, share: Share) -> bool {
    let [high, low] = address_parts(ip);
    Draws::new(&[seed, CHOSEN, high, low, u64::from(port), rule as u64]).happens(share.get())
}
