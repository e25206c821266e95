//! The pace of a host that showed a limit: what it bore, grown slowly as long as it bears it.

use crate::time::{Duration, Instant};

/// How often the pace grows, by a tenth.
const GROWTH: Duration = Duration::from_secs(1);
/// How much unused time may be made up for: a caller looks at the clock now and then only.
const TOLERANCE: Duration = Duration::from_millis(10);
/// A pace above this limits nothing.
const FREE: f64 = 50_000.0;

/// Attempts evenly spread in time.
#[derive(Clone, Copy, Debug)]
pub struct Throttle {
    per_second: f64,
    next: Instant,
    grown: Instant,
}

impl Throttle {
    /// Lets go `per_second` attempts from `now` on; at least one.
    pub fn new(per_second: f64, now: Instant) -> Self {
        Self {
            per_second: per_second.max(1.0),
            next: now,
            grown: now,
        }
    }

    /// Attempts a second, now.
    pub fn per_second(&self) -> f64 {
        self.per_second
    }

    /// When the next attempt may go.
    pub fn ready_at(&self) -> Instant {
        self.next
    }

    /// Counts an attempt that goes now. Says whether the pace has grown beyond all limits.
    pub fn take(&mut self, now: Instant) -> bool {
        if now.since(self.grown) >= GROWTH {
            self.grown = now;
            self.per_second *= 1.1;
        }
        let interval = Duration::from_secs_f64(1.0 / self.per_second);
        self.next = self.next.max(now - TOLERANCE) + interval;
        self.per_second > FREE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_by_a_tenth_a_second_while_it_is_used() {
        let mut throttle = Throttle::new(100.0, Instant::ZERO);
        let (mut now, mut sent) = (Instant::ZERO, 0);
        while now < Instant::ZERO + Duration::from_secs(10) {
            assert!(!throttle.take(now));
            sent += 1;
            now = throttle.ready_at();
        }
        // 100 · (1.1¹⁰ − 1) ÷ 0.1 = 1,594.
        assert!((1550..1610).contains(&sent), "{sent}");
        // Time that was not used is not made up for, but for 10 ms of it.
        let later = now + Duration::from_secs(100);
        let mut burst = 0;
        while throttle.ready_at() <= later {
            throttle.take(later);
            burst += 1;
        }
        assert_eq!(burst, 3);
        assert!(Throttle::new(FREE, Instant::ZERO).take(later));
        assert!((Throttle::new(0.0, later).per_second() - 1.0).abs() < 1e-9);
    }
}
