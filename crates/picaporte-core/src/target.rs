//! Targets as a person writes them, parsed once into ranges of addresses; no DNS here.
//!
//! What only the machine knows (the number of a zone, the port of a service name) comes through
//! [`Lookup`].

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub use crate::plan::sweep::less;
use crate::port::{PortError, PortSet};

mod parse;
#[cfg(test)]
mod tests;

/// The most ranges one octet expression may stand for (`1-254.1-254.1-254.1` is refused).
pub const MAX_RANGES: u64 = 1 << 20;

/// What a parser must ask of the machine it runs on.
pub trait Lookup {
    /// The ports registered for a service name; `None` or empty if there are none.
    fn service(&self, name: &str) -> Option<Vec<u16>>;
    /// The scope id of a zone such as `eth0` (RFC 4007, section 11); `None` if there is no such zone.
    fn zone(&self, name: &str) -> Option<u32>;
}

/// A lookup that knows nothing.
pub struct NoLookup;

impl Lookup for NoLookup {
    fn service(&self, _: &str) -> Option<Vec<u16>> {
        None
    }
    fn zone(&self, _: &str) -> Option<u32> {
        None
    }
}

/// One address that a probe can go to. IPv4-mapped IPv6 addresses are kept as IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The address itself.
    pub ip: IpAddr,
    /// The scope id of a link-local IPv6 address; otherwise 0.
    pub scope: u32,
}

impl Address {
    /// An address without a zone; `::ffff:a.b.c.d` becomes `a.b.c.d`.
    pub fn new(ip: IpAddr) -> Self {
        Self {
            ip: ip.to_canonical(),
            scope: 0,
        }
    }

    /// The range that holds only this address.
    pub fn range(self) -> AddressRange {
        let (v6, bits) = match self.ip {
            IpAddr::V4(a) => (false, u128::from(a.to_bits())),
            IpAddr::V6(a) => (true, a.to_bits()),
        };
        AddressRange {
            v6,
            scope: self.scope,
            first: bits,
            last: bits,
        }
    }
}

impl From<IpAddr> for Address {
    fn from(ip: IpAddr) -> Self {
        Self::new(ip)
    }
}

/// Prints the address, with `%` and the number of its zone if it has one.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ip.fmt(f)?;
        if self.scope != 0 {
            write!(f, "%{}", self.scope)?;
        }
        Ok(())
    }
}

/// An inclusive range of addresses of one family and one zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressRange {
    /// IPv6 if true, else IPv4.
    pub v6: bool,
    /// Scope id, 0 for none.
    pub scope: u32,
    /// The first address, as a number.
    pub first: u128,
    /// The last address, as a number, not before the first.
    pub last: u128,
}

impl AddressRange {
    /// The range from `first` to `last`, if they are of one family and in order.
    pub fn new(first: IpAddr, last: IpAddr) -> Option<Self> {
        let (a, b) = (Address::new(first).range(), Address::new(last).range());
        (a.v6 == b.v6 && a.first <= b.first).then_some(Self { last: b.first, ..a })
    }

    /// The range of a network prefix; `length` counts bits and must fit the family.
    pub fn prefix(ip: IpAddr, length: u8) -> Option<Self> {
        let net = ipnet::IpNet::new(ip, length).ok()?;
        Self::new(net.network(), net.broadcast())
    }

    /// How many addresses; saturates at `u128::MAX`.
    pub fn count(&self) -> u128 {
        (self.last - self.first).saturating_add(1)
    }

    /// The `n`-th address of the range, from 0; `n` must be below [`count`](Self::count).
    pub fn nth(&self, n: u64) -> Address {
        let bits = self.first + u128::from(n);
        debug_assert!(bits <= self.last, "address {n} of {self:?}");
        let ip = if self.v6 {
            IpAddr::V6(Ipv6Addr::from_bits(bits))
        } else {
            IpAddr::V4(Ipv4Addr::from_bits(bits as u32))
        };
        Address {
            ip,
            scope: self.scope,
        }
    }

    /// Whether both share an address.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.v6 == other.v6
            && self.scope == other.scope
            && self.first <= other.last
            && other.first <= self.last
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.nth(0).fmt(f)?;
        if self.last > self.first {
            let last = Self {
                first: self.last,
                ..*self
            };
            write!(f, "-{}", last.nth(0))?;
        }
        Ok(())
    }
}

/// Ranges in order, those that touch or overlap joined.
pub fn merged(mut ranges: Vec<AddressRange>) -> Vec<AddressRange> {
    ranges.sort_unstable();
    let mut out: Vec<AddressRange> = Vec::new();
    for range in ranges {
        match out.last_mut() {
            Some(last)
                if (last.v6, last.scope) == (range.v6, range.scope)
                    && range.first <= last.last.saturating_add(1) =>
            {
                last.last = last.last.max(range.last);
            }
            _ => out.push(range),
        }
    }
    out
}

/// What a target stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// One address, named by itself.
    One(Address),
    /// A range, a prefix or an octet expression.
    Many(Vec<AddressRange>),
    /// A host name, still to be resolved.
    Name(String),
}

/// One target as written, with ports of its own if it has any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The addresses, or the name.
    pub what: What,
    /// Ports given with the target (`192.0.2.7:8443`); `None` means those of the scan.
    pub ports: Option<PortSet>,
}

impl Target {
    /// Reads one target: an address, a name, a CIDR prefix, a range, an octet expression, each
    /// also with ports (`192.0.2.7:22,80`, `[2001:db8::1]:443`).
    ///
    /// # Errors
    /// What is wrong with it, naming the offending text.
    pub fn parse(text: &str, lookup: &dyn Lookup) -> Result<Self, TargetError> {
        parse::target(text, lookup)
    }
}

/// Why a target was refused. Every message names the offending text and says what to write.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Nothing there.
    #[error("an empty target")]
    Empty,
    /// Digits and dots that are no IPv4 address.
    #[error("'{0}' is not an IPv4 address: four numbers from 0 to 255")]
    BadIpv4(String),
    /// Colons and hex digits that are no IPv6 address.
    #[error("'{0}' is not an IPv6 address")]
    BadIpv6(String),
    /// A prefix length that the family does not have.
    #[error("'{text}' has no valid prefix length: 0 to {max}")]
    BadPrefix {
        /// As written.
        text: String,
        /// 32 or 128.
        max: u8,
    },
    /// A range whose end lies before its beginning.
    #[error("the range '{0}' runs backwards; write the lower address first")]
    Backwards(String),
    /// More ranges than [`MAX_RANGES`].
    #[error("'{0}' falls into more than 1,048,576 separate ranges; write it as CIDR prefixes")]
    TooManyRanges(String),
    /// Letters that are no host name (RFC 1123, section 2.1).
    #[error("'{0}' is neither an address, a range nor a host name")]
    BadName(String),
    /// Several targets, or octets as nmap lists them.
    #[error("'{0}' has a comma: write targets apart by blanks, and ranges like 192.0.2.1-50")]
    List(String),
    /// A zone that this machine does not have.
    #[error("'{text}' names the zone '{zone}', which this machine does not have")]
    NoZone {
        /// As written.
        text: String,
        /// The unknown zone.
        zone: String,
    },
    /// An opening bracket without its closing one, or text after it that is no port.
    #[error(
        "'{0}' has brackets that do not enclose an IPv6 address; write it like [2001:db8::1]:443"
    )]
    Brackets(String),
    /// The ports behind the target are no ports.
    #[error("in the target '{text}', {error}")]
    Ports {
        /// As written.
        text: String,
        /// What is wrong with them.
        error: PortError,
    },
}

/// What is never scanned: reserved for groups, for everyone on the link, or for nobody.
///
/// Sources: RFC 5771 (224.0.0.0/4), RFC 1122 section 3.2.1.3 (0.0.0.0/8), RFC 1112 section 4
/// (240.0.0.0/4, with 255.255.255.255 of RFC 919), RFC 4291 (`::`, `ff00::/8`).
pub fn never_scanned() -> Vec<AddressRange> {
    let v4 = |first: u32, last: u32| AddressRange {
        v6: false,
        scope: 0,
        first: u128::from(first),
        last: u128::from(last),
    };
    let v6 = |first: u128, last: u128| AddressRange {
        v6: true,
        scope: 0,
        first,
        last,
    };
    vec![
        v4(0, 0x00ff_ffff),
        v4(0xe000_0000, u32::MAX),
        v6(0, 0),
        v6(0xff00 << 112, u128::MAX),
    ]
}
