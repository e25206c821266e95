//! What was said of one host: a set of ports for each word. A port that was given two words is in two sets, and both are
//! held against the truth.

use std::mem;

use picaporte_core::PortSet;

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
    const COUNT: usize = 4;
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
    sets: [PortSet; Word::COUNT],
    /// Ranges that are not in the sets yet: adding ports one by one to a set would take quadratic time.
    fresh: Vec<(Word, u16, u16)>,
}

/// Fresh ranges are merged at this many, and again when they outnumber what is there.
const FEW: usize = 256;

impl Said {
    /// The ports that were given this word.
    pub fn of(&self, word: Word) -> &PortSet {
        &self.sets[word as usize]
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
        match self.fresh.last_mut() {
            Some((same, _, end)) if *same == word && end.checked_add(1) == Some(first) => {
                *end = last;
            }
            _ => self.fresh.push((word, first, last)),
        }
        let held: usize = self.sets.iter().map(|set| set.ranges().len()).sum();
        if self.fresh.len() >= FEW.max(held) {
            self.settle();
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
        for word in [Word::Open, Word::Closed, Word::Filtered, Word::Untested] {
            let added = fresh.iter().filter(|(added, ..)| *added == word);
            let added: Vec<(u16, u16)> = added.map(|&(_, first, last)| (first, last)).collect();
            if !added.is_empty() {
                let set = &mut self.sets[word as usize];
                *set = set.union(&PortSet::from_ranges(added));
            }
        }
    }
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
