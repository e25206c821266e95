//! What a file claims about the ports of one host, in whatever order it does, until all of it is known. A port may be claimed
//! twice; what is made of that does not depend on which came first.

use std::sync::Arc;

use picaporte_core::PortSet;

use crate::pool::Pool;
use crate::sets::{all, common, covers};
use crate::snapshot::{KNOWN, Said};

/// Claims are merged into sets at this many, and again when they outnumber what is there: to add ports to a set one by one
/// would take quadratic time.
const FEW: usize = 256;
static NONE: PortSet = PortSet::empty();

/// The sets of one host by [`Said`], all but [`Said::Absent`].
pub(crate) type Sets = [Arc<PortSet>; KNOWN];

#[derive(Clone, Debug, Default)]
pub(crate) struct Claims {
    /// Those that are in a [`Pool`] are held by others too.
    sets: [Option<Arc<PortSet>>; KNOWN],
    fresh: Vec<(Said, u16, u16)>,
}

impl Claims {
    fn of(&self, said: Said) -> &PortSet {
        self.sets[said as usize].as_deref().unwrap_or(&NONE)
    }

    /// The range, inclusive, is said to be so. [`Said::Absent`] is no claim.
    pub(crate) fn add(&mut self, said: Said, first: u16, last: u16) {
        if said == Said::Absent || covers(self.of(said), first, last) {
            return;
        }
        match self.fresh.last_mut() {
            Some((same, _, end)) if *same == said && end.checked_add(1) == Some(first) => {
                *end = last;
            }
            _ => self.fresh.push((said, first, last)),
        }
        let held: usize = self
            .sets
            .iter()
            .flatten()
            .map(|set| set.ranges().len())
            .sum();
        if self.fresh.len() >= FEW.max(held) {
            self.settle();
        }
    }

    pub(crate) fn add_set(&mut self, said: Said, ports: &PortSet) {
        if said == Said::Absent || ports.is_empty() {
            return;
        }
        let slot = &mut self.sets[said as usize];
        *slot = Some(Arc::new(match slot {
            Some(held) => held.union(ports),
            None => ports.clone(),
        }));
    }

    /// The same for a set that is in the pool.
    pub(crate) fn add_shared(&mut self, said: Said, ports: Arc<PortSet>) {
        match self.sets.get_mut(said as usize) {
            Some(slot @ None) => *slot = Some(ports),
            Some(Some(_)) => self.add_set(said, &ports),
            None => {}
        }
    }

    /// Everything that is claimed, by word.
    pub(crate) fn settled(&mut self) -> impl Iterator<Item = (Said, &PortSet)> {
        self.settle();
        let settled = &*self;
        Said::KNOWN
            .into_iter()
            .map(move |said| (said, settled.of(said)))
    }

    /// How many ranges are held here alone.
    pub(crate) fn own(&self) -> usize {
        let own = |set: &&Arc<PortSet>| Arc::strong_count(set) == 1;
        let sets = self.sets.iter().flatten().filter(own);
        self.fresh.len() + sets.map(|set| set.ranges().len()).sum::<usize>()
    }

    /// Settles, and holds nothing alone from then on.
    pub(crate) fn share(&mut self, pool: &mut Pool) {
        self.settle();
        for set in self.sets.iter_mut().flatten() {
            if Arc::strong_count(set) == 1 {
                *set = pool.share(Arc::clone(set));
            }
        }
    }

    /// Every port of which something is claimed.
    pub(crate) fn mentioned(&mut self) -> PortSet {
        self.settle();
        all(self.sets.iter().flatten().map(|set| &**set))
    }

    fn settle(&mut self) {
        let fresh = std::mem::take(&mut self.fresh);
        for said in Said::KNOWN {
            let added = fresh.iter().filter(|(claimed, ..)| *claimed == said);
            let added: Vec<_> = added.map(|&(_, first, last)| (first, last)).collect();
            if !added.is_empty() {
                self.add_set(said, &PortSet::from_ranges(added));
            }
        }
    }

    /// One word for each port, and how many ports were claimed to be in several states. A state goes before the word that
    /// there is none; of two states nobody can tell which is true.
    pub(crate) fn resolve(&mut self, pool: &mut Pool) -> (Sets, u64) {
        self.settle();
        let at_odds = self.at_odds();
        let [open, closed, filtered] =
            [Said::Open, Said::Closed, Said::Filtered].map(|said| self.of(said).minus(&at_odds));
        let decided = all([&open, &closed, &filtered]);
        let undecided = self.of(Said::Undecided).union(&at_odds).minus(&decided);
        let known = decided.union(&undecided);
        let untested = self.of(Said::Untested).minus(&known);
        let sets = [open, closed, filtered, untested, undecided];
        let sets = sets.map(|set| pool.share(Arc::new(set)));
        (sets, at_odds.len().into())
    }

    fn at_odds(&self) -> PortSet {
        let [open, closed, filtered] =
            [Said::Open, Said::Closed, Said::Filtered].map(|said| self.of(said));
        all([
            &common(open, closed),
            &common(open, filtered),
            &common(closed, filtered),
        ])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn resolved(claims: &[(Said, u16, u16)]) -> (Sets, u64) {
        let mut all = Claims::default();
        for &(said, first, last) in claims {
            all.add(said, first, last);
        }
        all.resolve(&mut Pool::new(usize::MAX))
    }

    #[test]
    fn every_port_one_by_one_stays_small() {
        let mut claims = Claims::default();
        for port in (1..=u16::MAX).rev() {
            let said = if port % 2 == 0 {
                Said::Open
            } else {
                Said::Closed
            };
            claims.add(said, port, port);
            assert!(claims.fresh.len() <= 65_536);
        }
        let (sets, at_odds) = claims.resolve(&mut Pool::new(usize::MAX));
        assert_eq!((sets[0].len(), sets[1].len(), at_odds), (32_767, 32_768, 0));
    }

    #[test]
    fn of_two_states_neither_is_believed() {
        let (sets, at_odds) = resolved(&[
            (Said::Open, 1, 10),
            (Said::Untested, 1, 30),
            (Said::Closed, 10, 20),
            (Said::Undecided, 5, 40),
        ]);
        let shown: Vec<_> = sets.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["1-9", "11-20", "", "", "10,21-40"]);
        assert_eq!(at_odds, 1);
    }

    proptest! {
        #[test]
        fn the_order_of_claims_does_not_matter(
            claims in proptest::collection::vec((0_usize..KNOWN, 1_u16..40, 0_u16..6), 0..30),
            seed in any::<u64>(),
        ) {
            let claims: Vec<_> = claims.into_iter().map(|(said, f, n)| (Said::KNOWN[said], f, f + n)).collect();
            let mut other = claims.clone();
            // A shuffle that depends on the seed alone.
            other.sort_by_key(|c| (u64::from(c.1) ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ c.0 as u64);
            let (sets, at_odds) = resolved(&claims);
            prop_assert_eq!(resolved(&other), (sets.clone(), at_odds));
            // Each port once.
            let together: u32 = sets.iter().map(|set| set.len()).sum();
            prop_assert_eq!(together, all(sets.iter().map(|set| &**set)).len());
        }
    }
}
