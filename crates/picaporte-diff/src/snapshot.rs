//! What one scan says, whatever wrote it down: a word for each port of each host. What it does not mention is a word too, so
//! that nothing that was not asked can be taken for something that is gone.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use picaporte_core::PortSet;

use crate::claims::Sets;
use crate::evidence::{Evidence, Reject};
use crate::read::Place;
use crate::service::Service;
use crate::sets::all;

/// What one scan says of one port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Said {
    /// A SYN-ACK came.
    Open,
    /// A RST came.
    Closed,
    /// An ICMP error came, or nothing at all.
    Filtered,
    /// It was planned, and not tested.
    Untested,
    /// It was asked, and the answer does not tell which of the three it is: nmap's `open|filtered` and `unfiltered`, a port
    /// with two states, or one that the file leaves out although it was planned.
    Undecided,
    /// The scan does not speak of it: it lay outside its plan, or its host did, or the file was cut off before.
    Absent,
}

/// How many words there are beside [`Said::Absent`].
pub(crate) const KNOWN: usize = 5;

impl Said {
    /// Every word, in the order of every table.
    pub const ALL: [Self; 6] = [
        Self::Open,
        Self::Closed,
        Self::Filtered,
        Self::Untested,
        Self::Undecided,
        Self::Absent,
    ];
    /// Those that a file can say.
    pub(crate) const KNOWN: [Self; KNOWN] = [
        Self::Open,
        Self::Closed,
        Self::Filtered,
        Self::Untested,
        Self::Undecided,
    ];

    /// Its name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Filtered => "filtered",
            Self::Untested => "untested",
            Self::Undecided => "undecided",
            Self::Absent => "absent",
        }
    }

    /// Whether it says what the port is.
    pub const fn is_verdict(self) -> bool {
        matches!(self, Self::Open | Self::Closed | Self::Filtered)
    }
}

/// Whom a scan speaks of. Addresses come first, those of IPv4 before those of IPv6.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostId {
    /// An address, with its zone as the file has it: a name or a number.
    Address(IpAddr, Option<Arc<str>>),
    /// A name that had no address.
    Name(Arc<str>),
}

impl HostId {
    /// The longest zone that is read; an interface's name has 15 bytes at most on Linux (`IFNAMSIZ`).
    const ZONE: usize = 64;

    /// The host of an address as scanners print it: `192.0.2.7`, `2001:db8::1`, `fe80::1%eth0`.
    pub fn parse(text: &str) -> Option<Self> {
        let (ip, zone) = match text.split_once('%') {
            Some((ip, zone)) => (ip, Some(zone)),
            None => (text, None),
        };
        let ip = ip.parse::<IpAddr>().ok()?.to_canonical();
        let fits = zone.is_none_or(|zone| ip.is_ipv6() && (1..=Self::ZONE).contains(&zone.len()));
        fits.then(|| Self::Address(ip, zone.map(Into::into)))
    }

    /// Its address, if it has one.
    pub const fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Address(ip, _) => Some(*ip),
            Self::Name(_) => None,
        }
    }
}

/// As in every output; a zone and a name come from the file, and are still to be encoded for their sink.
impl fmt::Display for HostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(ip, None) => ip.fmt(f),
            Self::Address(ip, Some(zone)) => write!(f, "{ip}%{zone}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// What one scan says of one host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The names that led to it, or that the scanner found, sorted.
    pub names: Vec<Arc<str>>,
    pub(crate) sets: Sets,
    /// It answered in another way than by a port: to a ping, to ARP, or with an ICMP error in its own name.
    pub(crate) sign: bool,
    /// It was left, or counted as down, because it gave no sign of life.
    pub(crate) left: bool,
    /// Which ICMP errors came for its ports; `None` where the file does not tell.
    pub(crate) rejects: Option<Vec<Reject>>,
    /// Ranges of ports, and the number of their evidence.
    pub(crate) evidence: Vec<(u16, u16, u32)>,
    /// Ports that were asked what they are, and the number of what was told.
    pub(crate) services: Vec<(u16, u32)>,
}

impl Host {
    /// The ports of which this is said; none for [`Said::Absent`], which are all others.
    pub fn of(&self, said: Said) -> &PortSet {
        static NONE: PortSet = PortSet::empty();
        self.sets.get(said as usize).map_or(&NONE, |set| &**set)
    }

    /// The ports of which anything is said.
    pub fn mentioned(&self) -> PortSet {
        all(self.sets.iter().map(|set| &**set))
    }

    /// The ports that answered with a SYN-ACK or a RST.
    pub(crate) fn answered(&self) -> PortSet {
        self.of(Said::Open).union(self.of(Said::Closed))
    }

    /// Whether it gave any sign of life.
    pub(crate) fn is_alive(&self) -> bool {
        self.sign || !self.of(Said::Open).is_empty() || !self.of(Said::Closed).is_empty()
    }
}

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Picaporte's JSON Lines.
    JsonLines,
    /// Picaporte's JSON.
    Json,
    /// nmap's XML.
    Nmap,
    /// None: whoever keeps scans made the snapshot.
    Store,
}

impl Format {
    /// Its name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::JsonLines => "jsonl",
            Self::Json => "json",
            Self::Nmap => "nmap-xml",
            Self::Store => "store",
        }
    }
}

/// What is to be known of a file beside what it says of ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// It ends too soon, here; what stands before was read.
    Cut(Place),
    /// It holds so many scans, read as one.
    Several(u64),
    /// So many planned ports were not tested, of hosts that it does not name.
    Unnamed(u64),
    /// So many hosts were down, and it does not name them.
    DownUnnamed(u64),
    /// So many hosts have no address that can be read; they are left out.
    NoAddress(u64),
    /// So many names had no address.
    Unresolved(u64),
    /// The scanner says that it ended with an error.
    Failed,
    /// So many ports of UDP, SCTP or IP protocols are in it; they are not compared.
    OtherProtocols(u64),
    /// So many ports have two states in it; they are [`Said::Undecided`].
    AtOdds(u64),
    /// This type of nmap's scans does not tell open ports from closed ones; its ports are [`Said::Undecided`].
    CannotTell(&'static str),
}

/// Which scan it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// How the file is written.
    pub format: Format,
    /// What made it, in its own words, of which the first 64 characters are kept: `picaporte`, `nmap`, `masscan`.
    pub scanner: String,
    /// The version of that, in the same way.
    pub version: Option<String>,
    /// The scan's own name, in the same way.
    pub id: Option<String>,
    /// When it began; the first, if there are several.
    pub started: Option<Timestamp>,
    /// Whether it tested all that it planned, as far as the file tells.
    pub complete: Option<bool>,
    /// What else is to be known.
    pub notes: Vec<Note>,
}

/// What one scan says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Which scan it is.
    pub about: About,
    pub(crate) hosts: BTreeMap<HostId, Host>,
    /// Evidence by its number in [`Host::evidence`].
    pub(crate) evidence: Vec<Evidence>,
    /// Services by their number in [`Host::services`].
    pub(crate) services: Vec<Service>,
}

impl Snapshot {
    /// Every host that it speaks of, in order.
    pub fn hosts(&self) -> impl ExactSizeIterator<Item = (&HostId, &Host)> {
        self.hosts.iter()
    }

    /// What listens on the ports of this host, as far as they were asked, ascending.
    pub fn services(&self, host: &Host) -> impl Iterator<Item = (u16, &Service)> {
        let of = |&(port, number): &(u16, u32)| Some((port, self.services.get(number as usize)?));
        host.services.iter().filter_map(of)
    }

    /// What it says of this host.
    pub fn host(&self, id: &HostId) -> Option<&Host> {
        self.hosts.get(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_as_scanners_print_them() {
        for text in ["192.0.2.7", "2001:db8::1", "fe80::1%eth0", "fe80::1%3"] {
            assert_eq!(
                HostId::parse(text).map(|id| id.to_string()).as_deref(),
                Some(text)
            );
        }
        let mapped = HostId::parse("::ffff:192.0.2.7").map(|id| id.to_string());
        assert_eq!(mapped.as_deref(), Some("192.0.2.7"));
        let long = format!("fe80::1%{}", "x".repeat(HostId::ZONE + 1));
        for text in [
            "",
            "192.0.2.7%eth0",
            "fe80::1%",
            "www.example.org",
            "1.2.3",
            &long,
        ] {
            assert_eq!(HostId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn hosts_are_in_the_order_of_addresses() {
        let mut ids = [
            "fe80::1%b",
            "2001:db8::1",
            "10.0.0.10",
            "fe80::1%a",
            "10.0.0.9",
        ]
        .map(|text| HostId::parse(text).unwrap());
        ids.sort();
        let shown = ids.map(|id| id.to_string());
        assert_eq!(
            shown.join(" "),
            "10.0.0.9 10.0.0.10 2001:db8::1 fe80::1%a fe80::1%b"
        );
        assert!(ids_before_names());
    }

    fn ids_before_names() -> bool {
        HostId::parse("ffff::1").unwrap() < HostId::Name("a".into())
    }
}
