//! One bit per port of a host, and nothing else; grows to no more than 8 KiB.

/// A fixed-length row of bits, allocated when the first is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bits {
    words: Box<[u64]>,
}

impl Bits {
    /// Whether bit `i` is set.
    pub fn get(&self, i: u32) -> bool {
        self.words
            .get(i as usize / 64)
            .is_some_and(|w| w >> (i % 64) & 1 == 1)
    }

    /// Sets bit `i` of a row of `len` bits; `i` must be below `len`, and `len` always the same.
    pub fn set(&mut self, i: u32, len: u32) {
        debug_assert!(i < len, "bit {i} of {len}");
        if self.words.is_empty() {
            self.words = vec![0; len.div_ceil(64) as usize].into_boxed_slice();
        }
        self.words[i as usize / 64] |= 1 << (i % 64);
    }

    /// The positions of the bits that are set, ascending.
    pub fn ones(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().enumerate().flat_map(|(w, &word)| {
            let mut left = word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros();
                if bit == 64 {
                    return None;
                }
                left &= left - 1;
                Some(w as u32 * 64 + bit)
            })
        })
    }

    /// How many bits are set.
    pub fn count(&self) -> u32 {
        self.words.iter().map(|w| w.count_ones()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_and_lists() {
        let mut bits = Bits::default();
        assert!(!bits.get(5) && bits.ones().next().is_none());
        for i in [0, 63, 64, 65_534] {
            bits.set(i, 65_535);
        }
        assert_eq!(bits.ones().collect::<Vec<_>>(), [0, 63, 64, 65_534]);
        assert_eq!(bits.count(), 4);
        assert!(bits.get(63) && !bits.get(62));
    }
}
