//! What two sets of ports have in common, and sums of many. Linear in their ranges.

use picaporte_core::PortSet;

/// The ports that are in both.
pub(crate) fn common(a: &PortSet, b: &PortSet) -> PortSet {
    if a.is_empty() || b.is_empty() {
        return PortSet::empty();
    }
    a.minus(&a.minus(b))
}

/// The ports that are in any of them.
pub(crate) fn all<'a>(sets: impl IntoIterator<Item = &'a PortSet>) -> PortSet {
    sets.into_iter()
        .filter(|set| !set.is_empty())
        .fold(PortSet::empty(), |all, set| all.union(set))
}

/// Whether the whole range is in the set.
pub(crate) fn covers(set: &PortSet, first: u16, last: u16) -> bool {
    let after = set.ranges().partition_point(|range| range.0 <= first);
    after > 0 && set.ranges()[after - 1].1 >= last
}

/// The ranges of the set that lie from `first` to `last`, cut to that.
pub(crate) fn clip(set: &PortSet, first: u16, last: u16) -> impl Iterator<Item = (u16, u16)> + '_ {
    let from = set.ranges().partition_point(|range| range.1 < first);
    set.ranges()[from..]
        .iter()
        .take_while(move |range| range.0 <= last)
        .map(move |range| (range.0.max(first), range.1.min(last)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn set() -> impl Strategy<Value = PortSet> {
        proptest::collection::vec((1_u16..60, 0_u16..9), 0..8)
            .prop_map(|v| PortSet::from_ranges(v.iter().map(|&(f, n)| (f, f + n)).collect()))
    }

    proptest! {
        #[test]
        fn they_are_those_of_sets(a in set(), b in set(), first in 1_u16..70, more in 0_u16..9) {
            let (both, any) = (common(&a, &b), all([&a, &b]));
            for port in 1..80 {
                prop_assert_eq!(both.contains(port), a.contains(port) && b.contains(port));
                prop_assert_eq!(any.contains(port), a.contains(port) || b.contains(port));
            }
            let every = (first..=first + more).all(|port| a.contains(port));
            prop_assert_eq!(covers(&a, first, first + more), every);
            let clipped = PortSet::from_ranges(clip(&a, first, first + more).collect());
            let range = PortSet::from_ranges(vec![(first, first + more)]);
            prop_assert_eq!(clipped, common(&a, &range));
        }
    }
}
