//! Deadlines of many things at once: set, cancelled and found due in O(1).
//!
//! A hashed timing wheel (G. Varghese and T. Lauck, SOSP 1987, scheme 6) of 1,024 ticks of 1 ms.
//! A deadline further away than one turn waits in its bucket for the next turn.

use crate::link::{Links, List};
use crate::time::Instant;

const BUCKETS: usize = 1024;
const TICK: u64 = 1_000_000;

/// Deadlines of members of a slab, by index.
#[derive(Clone, Debug)]
pub struct Wheel {
    buckets: Box<[List]>,
    /// One bit per bucket that is not empty.
    filled: [u64; BUCKETS / 64],
    links: Links,
    /// The deadline of each member and the bucket it waits in; `NEVER` if it has none.
    members: Vec<(Instant, u16)>,
    /// The first tick that has not been judged.
    tick: u64,
}

impl Default for Wheel {
    fn default() -> Self {
        Self {
            buckets: vec![List::default(); BUCKETS].into_boxed_slice(),
            filled: [0; BUCKETS / 64],
            links: Links::default(),
            members: Vec::new(),
            tick: 0,
        }
    }
}

impl Wheel {
    /// Sets the deadline of `id`, instead of the one it had. It is found due up to 1 ms late,
    /// never early.
    pub fn set(&mut self, id: u32, at: Instant) {
        self.cancel(id);
        if self.members.len() <= id as usize {
            self.members.resize(id as usize + 1, (Instant::NEVER, 0));
        }
        // A member is looked for when its tick has begun: its bucket is named by rounding up.
        let bucket = at.as_nanos().div_ceil(TICK).max(self.tick) as usize % BUCKETS;
        self.members[id as usize] = (at, bucket as u16);
        self.links.push(&mut self.buckets[bucket], id);
        self.filled[bucket / 64] |= 1 << (bucket % 64);
    }

    /// Forgets the deadline of `id`, if it has one.
    pub fn cancel(&mut self, id: u32) {
        let Some(member) = self.members.get_mut(id as usize) else {
            return;
        };
        if member.0 != Instant::NEVER {
            member.0 = Instant::NEVER;
            let bucket = usize::from(member.1);
            self.unlink(bucket, id);
        }
    }

    /// Takes out one member whose deadline is not after `now`; `None` when there is none left.
    pub fn pop(&mut self, now: Instant) -> Option<u32> {
        let last = now.as_nanos() / TICK;
        // After a whole turn every bucket has been looked at.
        self.tick = self.tick.max((last + 1).saturating_sub(BUCKETS as u64));
        while self.tick <= last {
            let bucket = self.tick as usize % BUCKETS;
            let mut at = self.buckets[bucket].first();
            while let Some(id) = at {
                if self.members[id as usize].0 <= now {
                    self.members[id as usize].0 = Instant::NEVER;
                    self.unlink(bucket, id);
                    return Some(id);
                }
                at = self.links.next(id);
            }
            self.tick += 1;
        }
        None
    }

    /// A moment before which nothing is due; `None` if nothing is set. It lies before the first
    /// deadline when that is more than one turn away, and less than 1 ms after it otherwise.
    pub fn next(&self) -> Option<Instant> {
        let from = self.tick as usize % BUCKETS;
        let (word, bit) = (from / 64, from % 64);
        for step in 0..=self.filled.len() {
            let at = (word + step) % self.filled.len();
            let mask = match step {
                0 => u64::MAX << bit,
                s if s == self.filled.len() => !(u64::MAX << bit),
                _ => u64::MAX,
            };
            let hits = self.filled[at] & mask;
            if hits != 0 {
                let bucket = at * 64 + hits.trailing_zeros() as usize;
                let ahead = (bucket + BUCKETS - from) % BUCKETS;
                return Some(Instant::from_nanos((self.tick + ahead as u64) * TICK));
            }
        }
        None
    }

    fn unlink(&mut self, bucket: usize, id: u32) {
        self.links.remove(&mut self.buckets[bucket], id);
        if self.buckets[bucket].first().is_none() {
            self.filled[bucket / 64] &= !(1 << (bucket % 64));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn ms(n: u64) -> Instant {
        Instant::from_nanos(n * 1_000_000)
    }

    #[test]
    fn a_deadline_turns_away_is_not_found_early() {
        let mut wheel = Wheel::default();
        wheel.set(0, ms(5_000));
        for t in (0..5_000).step_by(3) {
            assert_eq!(wheel.pop(ms(t)), None, "at {t} ms");
        }
        assert_eq!(wheel.pop(ms(5_000)), Some(0));
        assert_eq!(wheel.next(), None);
    }

    proptest! {
        #[test]
        fn agrees_with_a_sorted_map(
            ops in proptest::collection::vec((0u32..40, 0u64..3_000_000_000, 0u8..4), 1..300),
        ) {
            let (mut wheel, mut model, mut now) = (Wheel::default(), BTreeMap::new(), 0u64);
            for (id, delay, op) in ops {
                match op {
                    0 | 1 => {
                        let at = now + delay;
                        wheel.set(id, Instant::from_nanos(at));
                        model.insert(id, at);
                    }
                    2 => {
                        wheel.cancel(id);
                        model.remove(&id);
                    }
                    _ => {
                        now += delay / 4;
                        let here = Instant::from_nanos(now);
                        while let Some(id) = wheel.pop(here) {
                            prop_assert!(model.remove(&id).is_some_and(|at| at <= now));
                        }
                        // At most one tick late.
                        prop_assert!(model.values().all(|&at| at + TICK > now));
                        let first = model.values().min();
                        prop_assert_eq!(first.is_some(), wheel.next().is_some());
                        if let (Some(&first), Some(next)) = (first, wheel.next()) {
                            prop_assert!(next.as_nanos() < first + TICK);
                            prop_assert!(next > here);
                        }
                    }
                }
            }
        }
    }
}
