//! The pace of a host that showed a limit: what it bore, grown slowly as long as it bears it.

use crate::time::{Duration, Instant};

/// How often the pace grows: by a tenth …
const GROWTH: Duration = Duration::from_secs(1);
const SLOWLY: f64 = 1.1;
/// … or to twice as much, up to half of what was too much (as TCP's slow start up to its threshold, RFC 5681, section 3.1).
const QUICKLY: f64 = 2.0;
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
    /// Up to this pace it grows quickly.
    quickly_to: f64,
}

impl Throttle {
    /// Lets go `per_second` attempts from `now` on; at least one. Below `quickly_to` it grows quickly.
    pub fn new(per_second: f64, now: Instant, quickly_to: f64) -> Self {
        Self {
            per_second: per_second.max(1.0),
            next: now,
            grown: now,
            quickly_to,
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
            let quickly = self.per_second * QUICKLY <= self.quickly_to;
            self.per_second *= if quickly { QUICKLY } else { SLOWLY };
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
        let mut throttle = Throttle::new(100.0, Instant::ZERO, 0.0);
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
        assert!(Throttle::new(FREE, Instant::ZERO, 0.0).take(later));
        assert!((Throttle::new(0.0, later, 0.0).per_second() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn grows_quickly_where_it_was_borne_before() {
        let mut throttle = Throttle::new(100.0, Instant::ZERO, 1000.0);
        let mut paces = Vec::new();
        for second in 1..6 {
            throttle.take(Instant::ZERO + Duration::from_secs(second));
            paces.push(throttle.per_second().round());
        }
        assert_eq!(paces, [200.0, 400.0, 800.0, 880.0, 968.0]);
    }
}
