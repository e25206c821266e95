//! What was said of one host: a set of ports for each word. A port that was given two words is in two sets, and both are
//! held against the truth.

use std::mem;
use std::sync::Arc;

use picaporte_core::PortSet;

use super::pool::Pool;

/// A scanner's word for a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// It is open.
    Open,
    /// It is closed.
    Closed,
    /// It is filtered.
    Filtered,
    /// The scanner says that it did not test it.
    Untested,
}

impl Word {
    pub(super) const ALL: [Self; 4] = [Self::Open, Self::Closed, Self::Filtered, Self::Untested];
    /// The words that are a verdict.
    pub const VERDICTS: [Self; 3] = [Self::Open, Self::Closed, Self::Filtered];
}

/// The words that one port was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Said to be open.
    pub open: bool,
    /// Said to be closed.
    pub closed: bool,
    /// Said to be filtered.
    pub filtered: bool,
    /// Said to be untested.
    pub untested: bool,
}

impl Words {
    /// Whether a verdict was given.
    pub const fn judged(self) -> bool {
        self.open || self.closed || self.filtered
    }
}

/// What was said of the ports of one host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// What is in a [`Pool`] is held by other hosts too.
    sets: [Option<Arc<PortSet>>; Word::ALL.len()],
    /// Ranges that are not in the sets yet: adding ports one by one to a set would take quadratic time.
    fresh: Vec<(Word, u16, u16)>,
}

/// Fresh ranges are merged at this many, and again when they outnumber what is there.
const FEW: usize = 256;
static NONE: PortSet = PortSet::empty();

impl Said {
    /// The ports that were given this word.
    pub fn of(&self, word: Word) -> &PortSet {
        self.sets[word as usize].as_deref().unwrap_or(&NONE)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.fresh.is_empty() && self.sets.iter().all(Option::is_none)
    }

    /// How many ranges are held for this host alone.
    pub(super) fn own(&self) -> usize {
        let own = |set: &&Arc<PortSet>| Arc::strong_count(set) == 1;
        let sets = self.sets.iter().flatten().filter(own);
        self.fresh.len() + sets.map(|set| set.ranges().len()).sum::<usize>()
    }

    /// Settles, and holds nothing alone from then on.
    pub(super) fn share(&mut self, pool: &mut Pool) {
        self.settle();
        for set in self.sets.iter_mut().flatten() {
            if Arc::strong_count(set) == 1 {
                *set = pool.share(Arc::clone(set));
            }
        }
    }

    /// The words that this port was given.
    pub fn words(&self, port: u16) -> Words {
        let is = |word| self.of(word).contains(port);
        Words {
            open: is(Word::Open),
            closed: is(Word::Closed),
            filtered: is(Word::Filtered),
            untested: is(Word::Untested),
        }
    }

    pub(super) fn add(&mut self, word: Word, first: u16, last: u16) {
        if covers(self.of(word), first, last) {
            return;
        }
        match self.fresh.last_mut() {
            Some((same, _, end)) if *same == word && end.checked_add(1) == Some(first) => {
                *end = last;
            }
            _ => self.fresh.push((word, first, last)),
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

    /// Adds what was said elsewhere, which has been settled.
    pub(super) fn add_said(&mut self, other: &Self) {
        if self.is_empty() {
            self.sets.clone_from(&other.sets);
        } else if self.sets != other.sets {
            for word in Word::ALL {
                self.add_all(word, other.of(word));
            }
        }
    }

    pub(super) fn add_all(&mut self, word: Word, ports: &PortSet) {
        for &(first, last) in ports.ranges() {
            self.add(word, first, last);
        }
    }

    /// Brings what was added into the sets; until then they do not show it.
    pub(super) fn settle(&mut self) {
        let fresh = mem::take(&mut self.fresh);
        for word in Word::ALL {
            let added = fresh.iter().filter(|(added, ..)| *added == word);
            let added: Vec<(u16, u16)> = added.map(|&(_, first, last)| (first, last)).collect();
            if !added.is_empty() {
                let all = self.of(word).union(&PortSet::from_ranges(added));
                self.sets[word as usize] = Some(Arc::new(all));
            }
        }
    }
}

fn covers(set: &PortSet, first: u16, last: u16) -> bool {
    let ranges = set.ranges();
    let after = ranges.partition_point(|range| range.0 <= first);
    after > 0 && ranges[after - 1].1 >= last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_port_one_by_one_stays_small() {
        let mut said = Said::default();
        for port in (1..=u16::MAX).rev() {
            let word = if port % 2 == 0 {
                Word::Open
            } else {
                Word::Closed
            };
            said.add(word, port, port);
            assert!(said.fresh.len() <= 65_536);
        }
        said.settle();
        assert_eq!(said.of(Word::Open).len(), 32_767);
        assert_eq!(said.of(Word::Closed).len(), 32_768);
        assert_eq!(said.fresh.capacity(), 0);
        for _ in 0..1_000_000 {
            said.add(Word::Open, 7, 7);
            said.add(Word::Open, 9, 9);
        }
        assert!(said.fresh.len() <= 65_536);
    }

    #[test]
    fn two_words_for_one_port_are_both_kept() {
        let mut said = Said::default();
        said.add(Word::Open, 1, 10);
        said.add(Word::Closed, 10, 20);
        said.settle();
        let both = said.words(10);
        assert!(both.open && both.closed && !both.filtered && both.judged());
    }
}
