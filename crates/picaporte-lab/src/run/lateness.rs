//! How late packets were delivered, kept in buckets of a microsecond.

use std::time::Duration;

/// Up to here each microsecond is told apart; what is later counts as the latest.
const BUCKETS: usize = 20_000;

/// How late packets were.
#[derive(Debug)]
pub(super) struct Lateness {
    buckets: Vec<u64>,
    count: u64,
    max_us: u64,
}

impl Lateness {
    pub(super) fn new() -> Self {
        Self {
            buckets: vec![0; BUCKETS + 1],
            count: 0,
            max_us: 0,
        }
    }

    pub(super) fn add(&mut self, late: Duration) {
        let us = u64::try_from(late.as_micros()).unwrap_or(u64::MAX);
        self.buckets[usize::try_from(us).unwrap_or(BUCKETS).min(BUCKETS)] += 1;
        self.count += 1;
        self.max_us = self.max_us.max(us);
    }

    /// The latest; `None` when nothing was delivered.
    pub(super) fn max_us(&self) -> Option<u64> {
        (self.count > 0).then_some(self.max_us)
    }

    /// This share of the packets was no later than so many microseconds.
    pub(super) fn quantile_us(&self, share: f64) -> Option<u64> {
        let rank = ((self.count as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        let bucket = self.buckets.iter().position(|&count| {
            seen += count;
            seen >= rank
        })?;
        Some(if bucket == BUCKETS {
            self.max_us
        } else {
            bucket as u64
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_and_the_latest() {
        let mut lateness = Lateness::new();
        assert_eq!((lateness.quantile_us(0.5), lateness.max_us()), (None, None));
        (1..=1_000).for_each(|us| lateness.add(Duration::from_micros(us)));
        assert_eq!(lateness.quantile_us(0.5), Some(500));
        assert_eq!(lateness.quantile_us(0.999), Some(999));
        lateness.add(Duration::from_secs(1));
        assert_eq!(
            (lateness.quantile_us(1.0), lateness.max_us()),
            (Some(1_000_000), Some(1_000_000))
        );
    }
}
