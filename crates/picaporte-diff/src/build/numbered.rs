//! What many ports have in common is kept once, by a number.

use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub(super) struct Numbered<T> {
    all: Vec<T>,
    numbers: BTreeMap<T, u32>,
    most: usize,
}

impl<T: Clone + Ord> Numbered<T> {
    /// Nothing yet, and at most so many.
    pub(super) fn new(most: usize) -> Self {
        Self {
            all: Vec::new(),
            numbers: BTreeMap::new(),
            most,
        }
    }

    /// The number of what is equal to this; `None` if there is none, and no room for one more.
    pub(super) fn number(&mut self, one: T) -> Option<u32> {
        if let Some(&number) = self.numbers.get(&one) {
            return Some(number);
        }
        if self.all.len() >= self.most {
            return None;
        }
        let number = self.all.len() as u32;
        self.all.push(one.clone());
        self.numbers.insert(one, number);
        Some(number)
    }

    /// Each at the place of its number.
    pub(super) fn all(self) -> Vec<T> {
        self.all
    }
}
