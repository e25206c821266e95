//! At most N in any second, without a clock and without a burst after a sleep.
//!
//! The generic cell rate algorithm (ITU-T I.371, annex A): a theoretical arrival time moves on by
//! one interval for each probe, and a probe conforms while that time is no more than a tolerance
//! ahead. Over any window W, at most ⌈(W + tolerance) ÷ interval⌉ conform.

use crate::time::{Duration, Instant};

/// The length of the short window that is bounded too, beside the second.
const BURST_WINDOW: f64 = 0.010;
/// How long a probe may take from being let go to being on the wire without breaking the bound
/// of a second, and that of 10 ms.
const LAG: f64 = 0.006;
const BURST_LAG: f64 = 0.001;
/// The most that unused time is carried over.
const MAX_TOLERANCE: f64 = 0.004;

/// Lets go at most N probes in any second, and at most max(1, N/50) in any 10 ms.
#[derive(Clone, Debug)]
pub struct Rate {
    interval: Duration,
    tolerance: Duration,
    /// Theoretical arrival time of the next probe.
    next: Instant,
}

impl Rate {
    /// A limit of `per_second` probes in any second; at least 1. `syns` is how many SYNs one
    /// probe can cause, the system's retransmissions included; they count too, at least 1.
    pub fn new(per_second: u32, syns: u32) -> Self {
        let (per_second, syns) = (f64::from(per_second.max(1)), f64::from(syns.max(1)));
        // Each of an attempt's SYNs follows the pace of its first; whole probes, so that the sum
        // of all of them holds too.
        let n = if per_second < syns {
            per_second / syns
        } else {
            (per_second / syns).floor()
        };
        let burst = (n / 50.0).floor().max(1.0);
        // ⌈(W + tolerance + lag)·rate⌉ ≤ bound, for W = 1 s and for W = 10 ms.
        let mut rate = n / (1.0 + LAG);
        let mut tolerance = 0.0;
        if burst >= 2.0 {
            rate = n / (1.0 + MAX_TOLERANCE + LAG);
            tolerance = (burst / rate - BURST_WINDOW - BURST_LAG).clamp(0.0, MAX_TOLERANCE);
            rate = rate.min(burst / (BURST_WINDOW + BURST_LAG));
        } else {
            rate = rate.min(1.0 / (BURST_WINDOW + BURST_LAG));
        }
        Self {
            interval: Duration::from_nanos((1e9 / rate).ceil() as u64),
            tolerance: Duration::from_secs_f64(tolerance),
            next: Instant::ZERO,
        }
    }

    /// The earliest moment at which the next probe conforms; not after `now` means now.
    pub fn ready_at(&self) -> Instant {
        self.next - self.tolerance
    }

    /// Whether a probe may go now.
    pub fn allows(&self, now: Instant) -> bool {
        self.ready_at() <= now
    }

    /// Counts a probe that goes at `now`.
    pub fn take(&mut self, now: Instant) {
        self.next = self.next.max(now) + self.interval;
    }

    /// A probe that was counted last did not go.
    pub fn give_back(&mut self) {
        self.next = self.next - self.interval;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Sends whenever allowed, looking at the clock at irregular moments; every time of sending.
    fn send(per_second: u32, syns: u32, steps: &[u64], seconds: u64) -> Vec<u64> {
        let mut rate = Rate::new(per_second, syns);
        let (mut now, mut sent) = (Instant::ZERO, Vec::new());
        for step in steps.iter().cycle() {
            if now > Instant::ZERO + Duration::from_secs(seconds) || sent.len() > 200_000 {
                return sent;
            }
            while rate.allows(now) {
                rate.take(now);
                sent.push(now.as_nanos());
            }
            now = now.max(rate.ready_at()) + Duration::from_nanos(*step);
        }
        sent
    }

    fn most_in(sent: &[u64], window: u64) -> usize {
        let mut from = 0;
        let mut most = 0;
        for (i, &t) in sent.iter().enumerate() {
            while sent[from] + window <= t {
                from += 1;
            }
            most = most.max(i + 1 - from);
        }
        most
    }

    #[test]
    fn uses_nearly_all_that_is_allowed() {
        for n in [1, 10, 49, 100, 200, 1000, 20_000] {
            let sent = send(n, 1, &[50_000], 5).len();
            let want = n as usize * 5;
            assert!(sent * 100 >= want * 88, "{sent} of {want} at {n} a second");
        }
    }

    #[test]
    fn what_did_not_go_costs_nothing() {
        let mut rate = Rate::new(10, 1);
        let now = Instant::ZERO + Duration::from_secs(1);
        for _ in 0..1_000 {
            assert!(rate.allows(now));
            rate.take(now);
            rate.give_back();
        }
        rate.take(now);
        assert!(!rate.allows(now));
    }

    proptest! {
        #[test]
        fn holds_in_any_window(
            n in 1u32..30_000,
            syns in 1u32..4,
            steps in proptest::collection::vec(0u64..30_000_000, 1..20),
        ) {
            prop_assume!(steps.iter().any(|&s| s > 1000));
            let sent = send(n, syns, &steps, 4);
            let n = (n / syns).max(1) as usize;
            prop_assert!(most_in(&sent, 1_000_000_000) <= n);
            prop_assert!(most_in(&sent, 10_000_000) <= (n / 50).max(1));
        }
    }
}
