//! Addresses as keys: bytes whose order is that of addresses, so that a range of them is a range of keys.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use picaporte_core::Address;
use picaporte_core::target::AddressRange;

use crate::wire::{Bad, Take};

/// 4 and four bytes, or 6, the scope id, and sixteen bytes. The scope comes first, so that a range lies in one zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    /// What is not used is zero; the first byte tells how much is.
    bytes: [u8; 21],
}

impl Key {
    pub(crate) fn of(address: Address) -> Self {
        let range = address.range();
        Self::new(range.v6, range.scope, range.first)
    }

    /// The first and the last of a range.
    pub(crate) fn ends(range: &AddressRange) -> (Self, Self) {
        let key = |bits| Self::new(range.v6, range.scope, bits);
        (key(range.first), key(range.last))
    }

    fn new(v6: bool, scope: u32, bits: u128) -> Self {
        let mut bytes = [0; 21];
        if v6 {
            bytes[0] = 6;
            bytes[1..5].copy_from_slice(&scope.to_be_bytes());
            bytes[5..].copy_from_slice(&bits.to_be_bytes());
        } else {
            bytes[0] = 4;
            bytes[1..5].copy_from_slice(&(bits as u32).to_be_bytes());
        }
        Self { bytes }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        if self.bytes[0] == 4 {
            &self.bytes[..5]
        } else {
            &self.bytes
        }
    }

    /// Reads a key and the address it stands for.
    pub(crate) fn take(take: &mut Take<'_>) -> Result<Address, Bad> {
        let (scope, ip) = Self::take_parts(take)?;
        if ip.to_canonical() == ip {
            Ok(Address { ip, scope })
        } else {
            Err(Bad::Mapped)
        }
    }

    fn take_parts(take: &mut Take<'_>) -> Result<(u32, IpAddr), Bad> {
        match take.u8()? {
            4 => Ok((0, IpAddr::V4(Ipv4Addr::from(take.array()?)))),
            6 => {
                let scope = u32::from_be_bytes(take.array()?);
                Ok((scope, IpAddr::V6(Ipv6Addr::from(take.array::<16>()?))))
            }
            _ => Err(Bad::Family),
        }
    }
}

/// Reads the range between two keys.
pub(crate) fn read_range(first: &[u8], last: &[u8]) -> Result<AddressRange, Bad> {
    let end = |key| {
        let mut take = Take(key);
        let (scope, ip) = Key::take_parts(&mut take)?;
        if !take.is_empty() {
            return Err(Bad::AddressTail);
        }
        // Not by `Address::range`, which may be of another family: the end of a range need not be an address of its own.
        Ok(match ip {
            IpAddr::V4(ip) => (false, scope, u128::from(ip.to_bits())),
            IpAddr::V6(ip) => (true, scope, ip.to_bits()),
        })
    };
    let ((v6, scope, first), (v6_last, scope_last, last)) = (end(first)?, end(last)?);
    if (v6, scope) != (v6_last, scope_last) || first > last {
        return Err(Bad::Range);
    }
    Ok(AddressRange {
        v6,
        scope,
        first,
        last,
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use picaporte_core::target::merged;
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn addresses() -> impl Strategy<Value = Address> {
        let v4 = any::<[u8; 4]>().prop_map(|ip| Address::new(ip.into()));
        let v6 = (any::<[u8; 16]>(), prop_oneof![Just(0), any::<u32>()]);
        let v6 = v6.prop_map(|(ip, scope)| {
            let address = Address::new(ip.into());
            match address.ip {
                IpAddr::V4(_) => address,
                IpAddr::V6(_) => Address { scope, ..address },
            }
        });
        prop_oneof![v4, v6]
    }

    #[test]
    fn an_ipv4_address_in_ipv6_is_refused() {
        let mut bytes = vec![6, 0, 0, 0, 0];
        bytes.extend([0; 10]);
        bytes.extend([0xff, 0xff, 192, 0, 2, 1]);
        assert!(Key::take(&mut Take(&bytes)).is_err());
        assert!(Key::take(&mut Take(&[5, 0, 0, 0, 0])).is_err());
    }

    #[test]
    fn what_is_no_range_is_refused() {
        let key = |text: &str| Key::of(Address::new(text.parse().unwrap()));
        let read = |first: Key, last: Key| read_range(first.as_bytes(), last.as_bytes());
        assert!(read(key("192.0.2.2"), key("192.0.2.1")).is_err());
        assert!(read(key("192.0.2.2"), key("2001:db8::")).is_err());
        assert!(read(key("192.0.2.2"), key("192.0.2.2")).is_ok());
        let (one, long) = (key("192.0.2.2"), [4, 192, 0, 2, 2, 0]);
        assert!(read_range(one.as_bytes(), &long).is_err());
        assert!(read_range(&long, one.as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn a_key_is_read_back_and_sorts_as_its_address(a in addresses(), b in addresses()) {
            let (one, other) = (Key::of(a), Key::of(b));
            let mut take = Take(one.as_bytes());
            prop_assert_eq!(Key::take(&mut take), Ok(a));
            prop_assert!(take.is_empty());
            prop_assert_eq!(one.cmp(&other), one.as_bytes().cmp(other.as_bytes()));
            if a.scope == b.scope {
                prop_assert_eq!(one.cmp(&other), a.cmp(&b));
            }
        }

        #[test]
        fn ranges_are_joined_and_cover_the_same(
            ranges in proptest::collection::vec((0u8..40, 0u8..6, 0u32..2), 0..20),
        ) {
            let address = |scope, host: u16| Address { ip: [0xfe80, 0, 0, 0, 0, 0, 0, host].into(), scope };
            let range = |&(first, more, scope): &(u8, u8, u32)| {
                let first = address(scope, first.into()).range();
                AddressRange { last: first.first + u128::from(more), ..first }
            };
            let ranges: Vec<_> = ranges.iter().map(range).collect();
            let joined = merged(ranges.clone());
            prop_assert_eq!(&merged(joined.clone()), &joined);
            let keys: Vec<_> = joined.iter().map(Key::ends).collect();
            for (range, (first, last)) in joined.iter().zip(&keys) {
                prop_assert_eq!(read_range(first.as_bytes(), last.as_bytes()), Ok(*range));
            }
            for pair in keys.windows(2) {
                prop_assert!(pair[0].1 < pair[1].0);
            }
            for (scope, host) in (0..2).flat_map(|scope| (0..50u16).map(move |host| (scope, host))) {
                let (key, at) = (Key::of(address(scope, host)), address(scope, host).range());
                let is_in = |r: &AddressRange| r.scope == scope && r.first <= at.first && at.first <= r.last;
                let found = keys.iter().any(|(first, last)| *first <= key && key <= *last);
                prop_assert_eq!(found, ranges.iter().any(is_in));
            }
        }
    }
}
