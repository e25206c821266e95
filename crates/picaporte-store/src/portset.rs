//! A set of ports in few bytes: as ranges or as a row of bits, whichever is shorter.
//!
//! What a host's ports make is either long runs (closed but for three: 12 bytes as ranges) or a random half of them while
//! the scan is under way (8 KiB as bits, 64 KiB as ranges). A Roaring bitmap has the same two forms, but it spends 8 to 16
//! bytes on headers for a set that here takes four; and most sets are of hosts with few ports, a hundred thousand a second.
//!
//! Layout: a number `2n + f`. `f` 0: `n` ranges, each how many ports were left out since the last range (one at least between
//! two, and not counted) and its length less one. `f` 1: the first port, then `n` bytes of bits from it on, the lowest first.

use picaporte_core::PortSet;

use crate::wire::{Bad, Put, Take};

/// Fewer ranges than this are never longer than bits.
const FEW: usize = 4;

/// Appends the set: at most 8,198 bytes.
pub(crate) fn put(set: &PortSet, out: &mut Vec<u8>) {
    let start = out.len();
    put_ranges(set, out);
    let ranges = set.ranges();
    if ranges.len() < FEW {
        return;
    }
    let (first, last) = (ranges[0].0, ranges[ranges.len() - 1].1);
    let bytes = usize::from(last - first) / 8 + 1;
    if bytes + 6 < out.len() - start {
        out.truncate(start);
        put_bits(set, first, bytes, out);
    }
}

fn put_ranges(set: &PortSet, out: &mut Vec<u8>) {
    let ranges = set.ranges();
    out.varint(ranges.len() as u64 * 2);
    let mut next = 1;
    for &(first, last) in ranges {
        out.varint(u64::from(first) - next);
        out.varint(u64::from(last - first));
        next = u64::from(last) + 2;
    }
}

fn put_bits(set: &PortSet, first: u16, bytes: usize, out: &mut Vec<u8>) {
    out.varint(bytes as u64 * 2 + 1);
    out.varint(first.into());
    let start = out.len();
    out.resize(start + bytes, 0);
    for port in set.iter() {
        let bit = usize::from(port - first);
        out[start + bit / 8] |= 1 << (bit % 8);
    }
}

/// Reads a set.
pub(crate) fn take(take: &mut Take<'_>) -> Result<PortSet, Bad> {
    let head: usize = take.small()?;
    if head.is_multiple_of(2) {
        take_ranges(head / 2, take)
    } else {
        take_bits(head / 2, take)
    }
}

fn take_ranges(count: usize, take: &mut Take<'_>) -> Result<PortSet, Bad> {
    let mut ranges = Vec::with_capacity(count.min(take.0.len()));
    let mut next = 1;
    for _ in 0..count {
        let first = next + u32::from(take.small::<u16>()?);
        let last = first + u32::from(take.small::<u16>()?);
        let port = |number: u32| u16::try_from(number).map_err(|_| Bad::PortAbove);
        ranges.push((port(first)?, port(last)?));
        next = last + 2;
    }
    Ok(PortSet::from_ranges(ranges))
}

fn take_bits(bytes: usize, take: &mut Take<'_>) -> Result<PortSet, Bad> {
    let first: u16 = take.small()?;
    let bits = take.take(bytes)?;
    let mut ports = Vec::new();
    for (index, &byte) in bits.iter().enumerate() {
        for bit in (0..8).filter(|bit| byte >> bit & 1 == 1) {
            let port = u16::try_from(usize::from(first) + index * 8 + bit);
            ports.push(port.map_err(|_| Bad::PortAbove)?);
        }
    }
    if ports.first() == Some(&0) {
        return Err(Bad::ZeroInSet);
    }
    Ok(PortSet::from_ports(ports))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(set: &PortSet) -> Vec<u8> {
        let mut out = Vec::new();
        put(set, &mut out);
        out
    }

    fn back(bytes: &[u8]) -> PortSet {
        let mut left = Take(bytes);
        let set = take(&mut left).unwrap();
        assert!(left.is_empty());
        set
    }

    #[test]
    fn long_runs_and_random_halves_are_short() {
        let all_but = PortSet::all().minus(&PortSet::from_ports([22, 80, 443]));
        let odd = PortSet::from_ports((1..=u16::MAX).step_by(2));
        let thousandth = PortSet::from_ports((1..1000).step_by(2));
        for (set, most) in [
            (PortSet::empty(), 1),
            (PortSet::from_ports([80]), 3),
            (PortSet::all(), 5),
            (all_but, 12),
            (odd, 8198),
            (thousandth, 132),
        ] {
            let bytes = bytes(&set);
            assert!(bytes.len() <= most, "{} for {set}", bytes.len());
            assert_eq!(back(&bytes), set);
        }
    }

    #[test]
    fn what_is_no_set_of_ports_is_refused() {
        let number = |numbers: &[u64]| {
            let mut out = Vec::new();
            for &n in numbers {
                out.varint(n);
            }
            out
        };
        for bytes in [
            number(&[2, 65_535, 0]),
            number(&[2, 0, 65_535]),
            number(&[4, 0, 0]),
            number(&[3, 0, 1]),
            number(&[3, 65_535, 2]),
            number(&[u64::MAX]),
            number(&[u64::MAX - 1]),
        ] {
            assert!(take(&mut Take(&bytes)).is_err(), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn every_set_comes_back(
            ranges in proptest::collection::vec((1u16.., 0u16..40), 0..300), ports in proptest::collection::vec(1u16.., 0..2000),
        ) {
            let ranges = ranges.into_iter().map(|(first, more)| (first, first.saturating_add(more)));
            let set = PortSet::from_ranges(ranges.collect()).union(&PortSet::from_ports(ports));
            let bytes = bytes(&set);
            prop_assert!(bytes.len() <= 8198);
            prop_assert_eq!(back(&bytes), set);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            if let Ok(set) = take(&mut Take(&bytes)) {
                prop_assert!(!set.contains(0));
            }
        }
    }
}
