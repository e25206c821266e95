//! Which hosts are done. As ranges: a scan of a /8 has sixteen million of them, and they are done block by block, so that few
//! ranges are left of each.

use std::collections::BTreeMap;

use crate::record::{Body, read_host_index};
use crate::scan::Stage;
use crate::wire::Bad;

/// Numbers of hosts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Done {
    /// The last number of each range, by the first; no two ranges touch.
    ranges: BTreeMap<u64, u64>,
}

impl Done {
    /// Takes what the next chunk says of hosts: the last word on a host counts.
    pub(crate) fn read(&mut self, mut hosts: Body) -> Result<(), Bad> {
        while let Some(record) = hosts.next_record() {
            match read_host_index(record?)? {
                (host, Stage::Done) => self.insert(host),
                (host, Stage::CutOff) => self.remove(host),
            }
        }
        Ok(())
    }

    pub(crate) fn contains(&self, host: u64) -> bool {
        self.range_of(host).is_some()
    }

    /// First and last of each range, ascending.
    pub(crate) fn into_ranges(self) -> Vec<(u64, u64)> {
        self.ranges.into_iter().collect()
    }

    fn range_of(&self, host: u64) -> Option<(u64, u64)> {
        let (&first, &last) = self.ranges.range(..=host).next_back()?;
        (host <= last).then_some((first, last))
    }

    fn insert(&mut self, host: u64) {
        if self.contains(host) {
            return;
        }
        let before = host.checked_sub(1).and_then(|before| self.range_of(before));
        let after = host
            .checked_add(1)
            .and_then(|after| self.ranges.remove(&after));
        let first = before.map_or(host, |(first, _)| first);
        self.ranges.insert(first, after.unwrap_or(host));
    }

    fn remove(&mut self, host: u64) {
        let Some((first, last)) = self.range_of(host) else {
            return;
        };
        self.ranges.remove(&first);
        if first < host {
            self.ranges.insert(first, host - 1);
        }
        if host < last {
            self.ranges.insert(host + 1, last);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Few numbers, so that they meet; those at both ends among them.
    fn hosts() -> impl Strategy<Value = u64> {
        prop_oneof![0u64..20, (0u64..5).prop_map(|n| u64::MAX - n)]
    }

    #[test]
    fn a_body_that_is_cut_off_is_refused() {
        assert!(Done::default().read(Body::new(vec![3, 1])).is_err());
        assert!(Done::default().read(Body::new(vec![1, 7])).is_err());
    }

    proptest! {
        #[test]
        fn ranges_hold_the_hosts_whose_last_word_is_done(words in vec((hosts(), any::<bool>()), 0..60)) {
            let (mut done, mut model) = (Done::default(), BTreeSet::new());
            for (host, is_done) in words {
                if is_done {
                    done.insert(host);
                    model.insert(host);
                } else {
                    done.remove(host);
                    model.remove(&host);
                }
                prop_assert_eq!(done.contains(host), is_done);
            }
            let ranges = done.into_ranges();
            let held: Vec<u64> = ranges.iter().flat_map(|&(first, last)| first..=last).collect();
            prop_assert_eq!(held, model.into_iter().collect::<Vec<_>>());
            for pair in ranges.windows(2) {
                prop_assert!(pair[0].1 + 1 < pair[1].0, "{:?} touch", pair);
            }
        }
    }
}
