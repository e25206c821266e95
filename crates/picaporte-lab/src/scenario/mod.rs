//! A world as a file describes it: paths with delay and loss, hosts with ports, what limits them, and what a scanner is
//! told to scan. Everything here has been checked; `read` makes it from TOML. It knows no packets and no clock.

mod address;
mod check_hosts;
mod check_order;
mod check_path;
mod check_rule;
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
use std::str::FromStr;

use ipnet::IpNet;
use picaporte_core::PortSet;
use serde::Deserialize;

#[cfg(test)]
pub(crate) use read::scenario;
pub use read::{ScenarioError, from_text, load};
pub use units::{BitRate, PerSecond, Ports, Share, Span};

use crate::random::{Draws, address_parts};

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
/// The most outages of a path.
pub const MOST_OUTAGES: usize = 256;

/// One world and the scan that is to be made of it.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The file's name without its ending.
    pub name: String,
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

/// A way from the scanner to hosts. What it holds is shared by all hosts behind it.
#[derive(Clone, Debug, Default)]
pub struct Path {
    /// Its name in the file.
    pub name: String,
    /// Routers on it, 0 to [`MOST_HOPS`].
    pub hops: u8,
    /// Routers that never say that a packet's time to live ran out.
    pub silent_hops: Vec<u8>,
    /// How often the routers may send ICMP errors.
    pub icmp_limit: Option<IcmpLimit>,
    /// There and back, without jitter and queues. Half of it goes each way.
    pub rtt: Span,
    /// What comes on top, drawn anew in each direction.
    pub jitter: Jitter,
    /// Loss of what the scanner sends.
    pub loss_out: Loss,
    /// Loss of what comes back.
    pub loss_back: Loss,
    /// Packets that are overtaken, in both directions.
    pub reorder: Option<Reorder>,
    /// The share of packets that arrive twice, in both directions.
    pub duplicate: Share,
    /// Times in which nothing passes.
    pub outages: Vec<Outage>,
    /// How much passes, in each direction.
    pub bandwidth: Option<Bandwidth>,
    /// A table of connections at the first hop.
    pub nat: Option<Nat>,
    /// Something that silences who asks too fast.
    pub ips: Option<Ips>,
}

impl Path {
    /// The address of router `hop` (1 is the nearest) of the path with this index.
    pub fn router(index: usize, hop: u8, v6: bool) -> IpAddr {
        let (index, near) = (index as u16, hop == 1);
        match (v6, near) {
            (false, true) => Ipv4Addr::new(198, 51, 100, 1).into(),
            (false, false) => Ipv4Addr::new(203, 0, 113, (16 * index) as u8 + hop).into(),
            (true, true) => Ipv6Addr::new(0x2001, 0xdb8, 0x51, 0, 0, 0, 0, 1).into(),
            (true, false) => {
                Ipv6Addr::new(0x2001, 0xdb8, 0x71, index, 0, 0, 0, u16::from(hop)).into()
            }
        }
    }
}

/// Delay that differs from packet to packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jitter {
    /// The most that is added, in each direction.
    pub up_to: Span,
    /// How it is spread below that.
    #[serde(default)]
    pub shape: Shape,
}

/// How jitter is spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// Every delay up to the bound is as likely as any other.
    #[default]
    Even,
    /// Mostly little: a fifth of the bound on average, half of the packets below a sixteenth of it.
    LongTail,
}

/// Packets that vanish in one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Loss {
    /// None.
    #[default]
    None,
    /// Each for itself.
    Independent(Share),
    /// In runs: a chain of two states (Gilbert 1960, Elliott 1963), all lost in the bad one.
    Bursts(Bursts),
}

/// Loss in runs of packets.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bursts {
    /// The share of all packets that is lost in the long run, below 1.
    pub share: Share,
    /// The mean length of a run, in packets, at least 1.
    pub mean: f64,
}

/// Packets that are overtaken by later ones.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reorder {
    /// The share of packets that is held back.
    pub share: Share,
    /// For how long.
    pub by: Span,
}

/// A time in which nothing passes, counted from the first packet that the scanner sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// Its beginning.
    pub from: Span,
    /// How long it lasts.
    pub lasts: Span,
}

/// A narrow place with a queue before it, one for each direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bandwidth {
    /// How fast it is emptied.
    pub rate: BitRate,
    /// The longest a packet waits in it; what would wait longer is dropped.
    pub queue: Span,
}

/// A table with one entry for each connection, as a home router or a firewall with state keeps it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nat {
    /// How many connections it holds.
    pub entries: u32,
    /// How long an entry stays that saw a SYN and no answer (Linux: 120 s).
    #[serde(default = "Nat::syn_sent")]
    pub syn_sent: Span,
    /// How long an entry stays after a RST, or after both sides' FIN (Linux: 10 s after a RST).
    #[serde(default = "Nat::closed")]
    pub closed: Span,
    /// New connections a second that others make through it; each stays for `others_stay`.
    pub others_per_second: Option<PerSecond>,
    /// How long an entry of the others stays.
    #[serde(default = "Nat::closed")]
    pub others_stay: Span,
}

impl Nat {
    const fn syn_sent() -> Span {
        Span::from_ms(120_000)
    }
    const fn closed() -> Span {
        Span::from_ms(10_000)
    }
}

/// Something on the path that drops everything from a source for a while once it has sent too many SYNs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ips {
    /// More SYNs than this …
    pub syns: u32,
    /// … within this time …
    pub within: Span,
    /// … silence the source for this long.
    pub silences: Span,
}

/// A group of addresses that behave alike; each address is a host with a state of its own.
#[derive(Clone, Debug)]
pub struct Hosts {
    /// The addresses; nothing but prefixes, the single address one of full length.
    pub addresses: Vec<IpNet>,
    /// The share of them that exists; chosen by the seed.
    pub alive: Share,
    /// What the last router says of those that don't.
    pub absent: Absent,
    /// Index into [`Scenario::paths`].
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

/// An ICMP error. Names stand for the type and code of the address family in which it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icmp {
    /// Type and code as they are.
    Number(u8, u8),
    /// One that both families have; IPv4's and IPv6's type and code.
    Named(Number, Number),
}

type Number = (u8, u8);

/// Names of ICMP errors: RFC 792, RFC 1812 (section 5.2.7.1), RFC 4443 (section 3).
const ICMP_NAMES: [(&str, Number, Number); 8] = [
    ("net-unreach", (3, 0), (1, 0)),
    ("host-unreach", (3, 1), (1, 3)),
    ("proto-unreach", (3, 2), (4, 1)),
    ("port-unreach", (3, 3), (1, 4)),
    ("net-prohibited", (3, 9), (1, 5)),
    ("host-prohibited", (3, 10), (1, 6)),
    ("admin-prohibited", (3, 13), (1, 1)),
    ("time-exceeded", (11, 0), (3, 0)),
];

impl Icmp {
    /// Type and code in IPv4 or IPv6.
    pub fn number(self, v6: bool) -> (u8, u8) {
        match self {
            Self::Number(kind, code) => (kind, code),
            Self::Named(v4, _) if !v6 => v4,
            Self::Named(_, v6) => v6,
        }
    }
}

impl FromStr for Icmp {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((_, v4, v6)) = ICMP_NAMES.iter().find(|(name, ..)| *name == text) {
            return Ok(Self::Named(*v4, *v6));
        }
        let number = |part: &str| part.parse::<u8>().ok();
        text.split_once('/')
            .and_then(|(kind, code)| Some(Self::Number(number(kind)?, number(code)?)))
            .ok_or_else(|| {
                let names: Vec<&str> = ICMP_NAMES.iter().map(|(name, ..)| *name).collect();
                format!(
                    "'{text}' is no ICMP error; write one of {}, or type and code like 3/13",
                    names.join(", ")
                )
            })
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
