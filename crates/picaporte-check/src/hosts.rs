//! Sets of hosts, by address and by name: who is in one, what two have in common, and what of one a scan does not speak of.
//!
//! Names are those that a scan knows its hosts by; nothing is resolved here. A zone counts only where one is written: an
//! address without one is meant on every link.

use std::sync::Arc;

use picaporte_core::Address;
use picaporte_core::target::{AddressRange, less, merged};
use picaporte_diff::{Host, HostId};

/// A set of hosts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts {
    /// Its addresses without those that are left out, merged. A scope id above 0 is a zone's number in the policy.
    pub(crate) ranges: Vec<AddressRange>,
    /// Its names, sorted, in small letters.
    pub(crate) names: Vec<String>,
    /// What is left out of it, merged; a host that is known by one of its names may be in here.
    pub(crate) left_out: Vec<AddressRange>,
    pub(crate) names_left_out: Vec<String>,
}

/// One host as a scan knows it.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// Its address, without and with its zone; equal where it has none that the policy names.
    lines: Option<[AddressRange; 2]>,
    /// Its names as policies have them.
    names: Vec<String>,
}

impl Known {
    pub(crate) fn new(id: &HostId, host: &Host, zones: &[String]) -> Self {
        let lines = id.ip().map(|ip| {
            let bare = Address::new(ip).range();
            let zone = match id {
                HostId::Address(_, Some(zone)) => zones.iter().position(|name| **name == **zone),
                _ => None,
            };
            let scope = zone.map_or(0, |at| at as u32 + 1);
            [bare, AddressRange { scope, ..bare }]
        });
        let own = match id {
            HostId::Name(name) => Some(name),
            HostId::Address(..) => None,
        };
        let names = host.names.iter().chain(own);
        let plain = |name: &Arc<str>| name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        Self {
            lines,
            names: names.map(plain).collect(),
        }
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    fn is_in(&self, ranges: &[AddressRange]) -> bool {
        let lines = self.lines.iter().flatten();
        lines.into_iter().any(|line| holds(ranges, line))
    }

    fn is_called(&self, names: &[String]) -> bool {
        let mut own = self.names.iter();
        own.any(|name| names.binary_search(name).is_ok())
    }
}

impl Hosts {
    /// Whether a host is in it.
    pub(crate) fn has(&self, host: &Known) -> bool {
        (host.is_in(&self.ranges) || host.is_called(&self.names))
            && !host.is_in(&self.left_out)
            && !host.is_called(&self.names_left_out)
    }

    /// How many addresses it has, beside those of its names; saturates.
    pub fn addresses(&self) -> u128 {
        let counts = self.ranges.iter().map(AddressRange::count);
        counts.fold(0, u128::saturating_add)
    }

    /// Its names, in small letters and in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// An address, or else a name, that is in both, as far as that is known without a scan.
    pub(crate) fn common(&self, other: &Self, zones: &[String]) -> Option<String> {
        let range = self
            .ranges
            .iter()
            .find_map(|range| overlap(range, &other.ranges));
        if let Some(range) = range {
            return Some(shown(&range.nth(0).range(), zones));
        }
        let both = |name: &&String| other.names.binary_search(name).is_ok();
        self.names.iter().find(both).cloned()
    }

    /// Whether everybody in `other` is in this set too, as far as that is known without a scan.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let inside = |range: &AddressRange| less(*range, &self.ranges).is_empty();
        let called = |name: &String| self.names.binary_search(name).is_ok();
        let leaves_nothing_more = (self.left_out.is_empty() && self.names_left_out.is_empty())
            || (self.left_out == other.left_out && self.names_left_out == other.names_left_out);
        leaves_nothing_more && other.ranges.iter().all(inside) && other.names.iter().all(called)
    }

    /// Whether nobody can be in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.ranges.is_empty() && self.names.is_empty()
    }

    /// Whether a scan may know somebody by an address of one of the sets and a name of the other.
    pub(crate) fn may_meet(&self, other: &Self) -> bool {
        !self.names.is_empty() || !other.names.is_empty()
    }

    /// Its addresses that were not scanned; of their ranges the first `most` are kept.
    pub(crate) fn missing(&self, scanned: &Scanned, most: usize) -> Missing {
        let mut missing = Missing::default();
        for range in &self.ranges {
            let there = if range.scope == 0 {
                &scanned.anywhere
            } else {
                &scanned.in_zones
            };
            for gap in less(*range, there) {
                missing.count = missing.count.saturating_add(gap.count());
                missing.ranges += 1;
                if missing.first.len() < most {
                    missing.first.push(gap);
                }
            }
        }
        missing
    }
}

/// Addresses that are in a set and in no scan.
#[derive(Clone, Debug, Default)]
pub(crate) struct Missing {
    /// Saturates.
    pub(crate) count: u128,
    pub(crate) ranges: usize,
    pub(crate) first: Vec<AddressRange>,
}

/// The addresses of a scan.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scanned {
    /// All of them, without zones.
    anywhere: Vec<AddressRange>,
    /// Those with zones that the policy names.
    in_zones: Vec<AddressRange>,
}

impl Scanned {
    pub(crate) fn add(&mut self, host: &Known) {
        let Some([bare, zoned]) = host.lines else {
            return;
        };
        self.anywhere.push(bare);
        if zoned.scope != 0 {
            self.in_zones.push(zoned);
        }
    }

    /// In order, as [`Hosts::missing`] wants them.
    pub(crate) fn merged(self) -> Self {
        Self {
            anywhere: merged(self.anywhere),
            in_zones: merged(self.in_zones),
        }
    }
}

/// A range, or one address, with its zone as it is written.
pub(crate) fn shown(range: &AddressRange, zones: &[String]) -> String {
    let zone = (range.scope as usize)
        .checked_sub(1)
        .and_then(|at| zones.get(at));
    let zone = zone.map_or_else(String::new, |zone| format!("%{zone}"));
    let first = range.nth(0).ip;
    let last = AddressRange {
        first: range.last,
        ..*range
    };
    if range.first == range.last {
        return format!("{first}{zone}");
    }
    format!("{first}{zone}-{}", last.nth(0).ip)
}

/// Whether one address is in merged ranges of its own zone number.
fn holds(ranges: &[AddressRange], one: &AddressRange) -> bool {
    touching(ranges, one, one.scope).is_some()
}

/// The first of the merged ranges, of this zone number, that shares an address with `one`.
fn touching<'a>(
    ranges: &'a [AddressRange],
    one: &AddressRange,
    scope: u32,
) -> Option<&'a AddressRange> {
    let order = |r: &AddressRange| (r.v6, r.scope, r.last);
    let at = ranges.partition_point(|r| order(r) < (one.v6, scope, one.first));
    let found = ranges.get(at)?;
    ((found.v6, found.scope) == (one.v6, scope) && found.first <= one.last).then_some(found)
}

/// What a range has in common with merged ranges, the first of it; with its zone where one of both has one.
fn overlap(range: &AddressRange, others: &[AddressRange]) -> Option<AddressRange> {
    let meet = |scope| touching(others, range, scope).copied();
    let found = if range.scope == 0 {
        let mut zones: Vec<u32> = others.iter().map(|other| other.scope).collect();
        zones.dedup();
        zones.into_iter().find_map(meet)
    } else {
        meet(0).or_else(|| meet(range.scope))
    }?;
    Some(AddressRange {
        scope: range.scope.max(found.scope),
        first: range.first.max(found.first),
        last: range.last.min(found.last),
        ..*range
    })
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use picaporte_diff::{Builder, Format, Limits};
    use proptest::prelude::*;

    use super::*;

    fn ranges() -> impl Strategy<Value = Vec<AddressRange>> {
        let one = (any::<bool>(), 0_u32..3, 0_u128..40, 0_u128..9);
        let one = one.prop_map(|(v6, scope, first, more)| AddressRange {
            v6,
            scope: if v6 { scope } else { 0 },
            first,
            last: first + more,
        });
        proptest::collection::vec(one, 0..6).prop_map(merged)
    }

    /// Zones `a` and `b` are known by their numbers, `c` is not.
    const ZONES: [Option<&str>; 4] = [None, Some("a"), Some("b"), Some("c")];

    fn everybody() -> Vec<HostId> {
        let all = (0..50_u128).flat_map(|bits| {
            let v4 = std::iter::once(HostId::Address(IpAddr::V4((bits as u32).into()), None));
            let v6 =
                ZONES.map(|zone| HostId::Address(IpAddr::V6(bits.into()), zone.map(Into::into)));
            v4.chain(v6)
        });
        all.collect()
    }

    fn is_in(ranges: &[AddressRange], id: &HostId) -> bool {
        let HostId::Address(ip, zone) = id else {
            return false;
        };
        let bits = Address::new(*ip).range().first;
        ranges.iter().any(|r| {
            let zone_fits = r.scope == 0 || zone.as_deref() == ZONES[r.scope as usize];
            r.v6 == ip.is_ipv6() && (r.first..=r.last).contains(&bits) && zone_fits
        })
    }

    proptest! {
        #[test]
        fn sets_are_what_their_members_are(a in ranges(), b in ranges()) {
            let zones = ["a".to_owned(), "b".to_owned()];
            let set = |ranges: &Vec<AddressRange>| Hosts { ranges: ranges.clone(), ..Hosts::default() };
            let (one, other) = (set(&a), set(&b));
            let mut meet = false;
            let mut builder = Builder::new(Format::Json, "", &Limits::default());
            for id in everybody() {
                builder.mention(&id).unwrap();
            }
            let scan = builder.finish().unwrap();
            for (id, host) in scan.hosts() {
                let known = Known::new(id, host, &zones);
                prop_assert_eq!(one.has(&known), is_in(&a, id), "{}", id);
                meet |= is_in(&a, id) && is_in(&b, id);
                if one.covers(&other) {
                    prop_assert!(is_in(&a, id) || !is_in(&b, id), "{}", id);
                }
            }
            prop_assert_eq!(one.common(&other, &zones).is_some(), meet);
            prop_assert_eq!(other.common(&one, &zones).is_some(), meet);
            prop_assert!(one.covers(&one));
        }
    }
}
