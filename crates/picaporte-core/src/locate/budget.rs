//! How many time-exceeded errors may be asked of the routers at one distance: they ration them, and
//! what is asked beyond that is silence that tells nothing.

use crate::time::{Duration, Instant};

/// Linux sends one ICMP error a second to one peer, after a burst of six (`icmp_ratelimit` 1,000 ms,
/// `XRLIM_BURST_FACTOR` in `net/ipv4/inetpeer.c`).
const BURST: u64 = 6;
const EACH: Duration = Duration::from_secs(1);

/// The errors that the routers at one distance still have for us.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Budget {
    /// When all of it is there again.
    full_at: Instant,
}

impl Budget {
    /// How many there are now.
    #[cfg(test)]
    pub(super) fn left(self, now: Instant) -> u64 {
        let missing = self.full_at.since(now).as_nanos().div_ceil(EACH.as_nanos());
        BURST.saturating_sub(missing)
    }

    /// The moment from which there are `n`, at most [`BURST`].
    pub(super) fn ready_at(self, n: u64) -> Instant {
        let spare = Duration::from_nanos(EACH.as_nanos() * (BURST - n.min(BURST)));
        Instant::from_nanos(self.full_at.as_nanos().saturating_sub(spare.as_nanos()))
    }

    /// One that was counted was not used after all.
    pub(super) fn give_back(&mut self) {
        let before = self.full_at.as_nanos().saturating_sub(EACH.as_nanos());
        self.full_at = Instant::from_nanos(before);
    }

    /// One is used.
    pub(super) fn take(&mut self, now: Instant) {
        self.full_at = self.full_at.max(now) + EACH;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_at_once_and_one_a_second() {
        let mut budget = Budget::default();
        let mut now = Instant::ZERO + Duration::from_secs(9);
        for left in (0..6).rev() {
            budget.take(now);
            assert_eq!(budget.left(now), left);
        }
        now = budget.ready_at(1);
        assert_eq!(now, Instant::ZERO + Duration::from_secs(10));
        assert_eq!(budget.left(now), 1);
        assert_eq!(budget.left(budget.ready_at(2)), 2);
        assert_eq!(budget.left(budget.ready_at(6)), 6);
        budget.give_back();
        assert_eq!(budget.left(now), 2);
    }
}
