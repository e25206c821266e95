//! What may be asked at all: the addresses and ports that somebody with the right to do so has allowed, how fast, and until
//! when. Plain data: whether an address is in it is one binary search. Who acts holds every attempt against it; who plans
//! takes out beforehand what it would refuse ([`Plan::within`](crate::Plan::within)).

use std::net::{IpAddr, Ipv6Addr};

use crate::pace::Pace;
use crate::plan::sweep::less;
use crate::port::PortSet;
use crate::target::{Address, AddressRange, merged};

#[cfg(test)]
mod tests;

/// IPv4 addresses written as IPv6 ones (`::ffff:0:0/96`, RFC 4291, section 2.5.5.2).
const MAPPED: AddressRange = v6(0xffff << 32, (0xffff << 32) | 0xffff_ffff);
/// Link-local addresses (`fe80::/10`, RFC 4291, section 2.5.6).
const LINK_LOCAL: AddressRange = v6(0xfe80 << 112, (0xfec0 << 112) - 1);
/// What a translator passes on to an IPv4 address: NAT64's `64:ff9b::/96` (RFC 6052), and 6to4's `2002::/16` (RFC 3056). The
/// beginning, and how far the IPv4 address stands from the end, in bits.
const TRANSLATED: [(u128, u32); 2] = [(0x0064_ff9b << 96, 0), (0x2002 << 112, 80)];

const fn v6(first: u128, last: u128) -> AddressRange {
    AddressRange {
        v6: true,
        scope: 0,
        first,
        last,
    }
}

/// Caps that hold whatever a scan was told; `None` sets none. Each is at least 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// At most this many probes in any second, in all.
    pub rate: Option<u32>,
    /// At most this many probes in any second, per host.
    pub host_rate: Option<u32>,
    /// At most this many open attempts, in all.
    pub max_inflight: Option<u32>,
    /// At most this many open attempts, per host.
    pub host_inflight: Option<u32>,
}

impl Limits {
    /// The caps of a scan, each lowered to what is allowed.
    #[must_use]
    pub fn lower(&self, pace: Pace) -> Pace {
        let least =
            |given: u32, most: Option<u32>| most.map_or(given, |most| given.min(most.max(1)));
        let rate = |given: Option<u32>, most: Option<u32>| {
            let both = given.into_iter().chain(most.map(|most| most.max(1)));
            both.min()
        };
        Pace {
            rate: rate(pace.rate, self.rate),
            host_rate: rate(pace.host_rate, self.host_rate),
            max_inflight: least(pace.max_inflight, self.max_inflight),
            host_inflight: least(pace.host_inflight, self.host_inflight),
        }
    }
}

/// What may be asked. The default allows nothing.
///
/// IPv4-mapped IPv6 addresses are IPv4 addresses here. A link-local address is in it only with the zone that was allowed;
/// elsewhere zones mean nothing, as to the kernel. An exclusion goes before whatever is allowed, holds in every zone if it
/// names none, and covers what translators (NAT64's well-known prefix, 6to4) would pass on to an excluded IPv4 address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Allowed and not excluded, in order; they neither touch nor overlap.
    ranges: Vec<AddressRange>,
    ports: PortSet,
    limits: Limits,
    /// In milliseconds since 1970; the second is the first moment that is too late.
    from: Option<u64>,
    until: Option<u64>,
}

impl Scope {
    /// Every port of what is allowed and not excluded, without limits in pace and time.
    pub fn new(
        allowed: impl IntoIterator<Item = AddressRange>,
        excluded: impl IntoIterator<Item = AddressRange>,
    ) -> Self {
        let excluded = excluded.into_iter().map(plain);
        let excluded: Vec<_> = excluded
            .flat_map(|range| std::iter::once(range).chain(translated(range)))
            .collect();
        let excluded = merged(excluded);
        let allowed = merged(allowed.into_iter().map(plain).collect());
        Self {
            ranges: allowed
                .into_iter()
                .flat_map(|range| less(range, &excluded))
                .collect(),
            ports: PortSet::all(),
            ..Self::default()
        }
    }

    /// Only these ports.
    #[must_use]
    pub fn with_ports(self, ports: PortSet) -> Self {
        Self { ports, ..self }
    }

    /// Not faster than this.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Only from the first moment on, and no longer at the second; both in milliseconds since 1970 (UTC, without leap
    /// seconds).
    #[must_use]
    pub fn with_period(self, from: Option<u64>, until: Option<u64>) -> Self {
        Self {
            from,
            until,
            ..self
        }
    }

    /// Whether this port of this address may be asked.
    pub fn allows(&self, address: Address, port: u16) -> bool {
        self.holds(address) && self.ports.contains(port)
    }

    /// Whether this address may be asked.
    pub fn holds(&self, address: Address) -> bool {
        let one = plain_address(address).range();
        if one.overlaps(&LINK_LOCAL) {
            // Without its zone it is not known which link is meant.
            return false;
        }
        let after = (self.ranges).partition_point(|r| order(r.last, r) < order(one.first, &one));
        (self.ranges.get(after)).is_some_and(|r| r.overlaps(&one))
    }

    /// The ports that may be asked.
    pub fn ports(&self) -> &PortSet {
        &self.ports
    }

    /// The caps that hold.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Whether nothing may be asked, at any time.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty() || self.ports.is_empty()
    }

    /// Whether it holds at this moment, in milliseconds since 1970.
    pub fn is_valid_at(&self, unix_ms: u64) -> bool {
        !self.is_early_at(unix_ms) && self.until.is_none_or(|until| unix_ms < until)
    }

    /// Whether it does not hold yet.
    pub fn is_early_at(&self, unix_ms: u64) -> bool {
        self.from.is_some_and(|from| unix_ms < from)
    }

    /// Whether it holds for some time only.
    pub fn has_period(&self) -> bool {
        self.from.is_some() || self.until.is_some()
    }

    /// A range cut where the scope begins and ends, in order, and whether each piece is in it, as [`holds`](Self::holds) says of
    /// its addresses.
    pub fn pieces(&self, range: AddressRange) -> Vec<(AddressRange, bool)> {
        let mut pieces: Vec<(AddressRange, bool)> = Vec::new();
        for part in alike(range) {
            for (piece, is_in) in self.pieces_of(part) {
                match pieces.last_mut().filter(|last| last.1 == is_in) {
                    Some(last) => last.0.last = piece.last,
                    None => pieces.push((piece, is_in)),
                }
            }
        }
        pieces
    }

    /// The same of a range in which neither the family nor the meaning of a zone changes.
    fn pieces_of(&self, range: AddressRange) -> Vec<(AddressRange, bool)> {
        let line = plain(range);
        let own = |first: u128, last: u128| AddressRange {
            first: range.first + (first - line.first),
            last: range.first + (last - line.first),
            ..range
        };
        if line.overlaps(&LINK_LOCAL) {
            return vec![(range, false)];
        }
        let from = (self.ranges).partition_point(|r| order(r.last, r) < order(line.first, &line));
        let (mut pieces, mut at) = (Vec::new(), line.first);
        for r in self.ranges[from..].iter().take_while(|r| r.overlaps(&line)) {
            let (first, last) = (r.first.max(line.first), r.last.min(line.last));
            if first > at {
                pieces.push((own(at, first - 1), false));
            }
            pieces.push((own(first, last), true));
            match last.checked_add(1).filter(|&next| next <= line.last) {
                Some(next) => at = next,
                None => return pieces,
            }
        }
        pieces.push((own(at, line.last), false));
        pieces
    }
}

/// A range cut where IPv4 written as IPv6, and where link-local addresses, begin and end.
fn alike(range: AddressRange) -> Vec<AddressRange> {
    let mut parts = Vec::new();
    let mut at = range.first;
    let own = |first, last| AddressRange {
        first,
        last,
        ..range
    };
    for special in [MAPPED, LINK_LOCAL].iter().filter(|_| range.v6) {
        for end in [special.first - 1, special.last] {
            if at <= end && end < range.last {
                parts.push(own(at, end));
                at = end + 1;
            }
        }
    }
    parts.push(own(at, range.last));
    parts
}

/// Where an address stands among ranges that are sorted by family, zone and address.
fn order(at: u128, range: &AddressRange) -> (bool, u32, u128) {
    (range.v6, range.scope, at)
}

fn within(range: &AddressRange, outer: &AddressRange) -> bool {
    range.v6 == outer.v6 && outer.first <= range.first && range.last <= outer.last
}

/// IPv4 where it is written as IPv6, and no zone where it means nothing.
fn plain(range: AddressRange) -> AddressRange {
    let unzoned = AddressRange { scope: 0, ..range };
    if within(&unzoned, &MAPPED) {
        let v4 = |bits| bits & 0xffff_ffff;
        return AddressRange {
            v6: false,
            scope: 0,
            first: v4(range.first),
            last: v4(range.last),
        };
    }
    if within(&unzoned, &LINK_LOCAL) {
        range
    } else {
        unzoned
    }
}

fn plain_address(address: Address) -> Address {
    let ip = address.ip.to_canonical();
    let local = matches!(ip, IpAddr::V6(ip) if Ipv6Addr::is_unicast_link_local(&ip));
    Address {
        ip,
        scope: if local { address.scope } else { 0 },
    }
}

/// The IPv6 addresses from which translators go on to these IPv4 addresses.
fn translated(range: AddressRange) -> Vec<AddressRange> {
    if range.v6 {
        return Vec::new();
    }
    let behind = |(prefix, shift): (u128, u32)| {
        let rest = (1u128 << shift) - 1;
        v6(
            prefix | range.first << shift,
            prefix | range.last << shift | rest,
        )
    };
    TRANSLATED.into_iter().map(behind).collect()
}
