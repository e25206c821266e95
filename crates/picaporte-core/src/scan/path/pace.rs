//! The pace of the whole scan since the path fell silent under it: a full table of connections at a gateway silences everybody at
//! once, as an outage does; the difference shows when it happens again.

use crate::hearing::EPOCH_ASKED;
use crate::throttle::Throttle;
use crate::time::{Duration, Instant};

/// A silence shorter than this may be an outage, once …
const SHORT: Duration = Duration::from_secs(3);
/// … in this time.
const AGAIN: Duration = Duration::from_secs(10);

/// Counts what the path bears from one silence to the next.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    /// Attempts so far, and the latest of them that was answered.
    asked: u32,
    heard: u32,
    /// Attempts before the present cycle, and when it began.
    first: u32,
    began: Instant,
    up: Option<Instant>,
    throttle: Option<Throttle>,
    slowest: Option<u32>,
}

impl Pace {
    /// An attempt goes now. Gives its number.
    pub(super) fn asked(&mut self, now: Instant) -> u32 {
        if self.throttle.as_mut().is_some_and(|t| t.take(now)) {
            self.throttle = None;
        }
        self.asked = self.asked.wrapping_add(1);
        self.asked
    }

    /// An attempt was answered.
    pub(super) fn heard(&mut self, number: u32) {
        self.heard = self.heard.max(number);
    }

    /// When the next attempt may go, if that is limited.
    pub(super) fn ready_at(&self) -> Option<Instant> {
        self.throttle.map(|t| t.ready_at())
    }

    /// The slowest pace that the scan was held to, in attempts a second.
    pub(super) fn slowest(&self) -> Option<u32> {
        self.slowest
    }

    /// The path, silent since `from`, is heard again: it goes on at what the path bore in all the time since the last silence, unless
    /// this one looks like an outage.
    pub(super) fn up(&mut self, now: Instant, from: Instant) {
        let before = self.throttle.map_or(f64::INFINITY, |t| t.per_second());
        let short = now.since(from) < SHORT;
        let again = self.up.is_some_and(|up| from.since(up) < AGAIN);
        let asked = self.heard.saturating_sub(self.first);
        let seconds = now.since(self.began).as_secs_f64().max(1e-3);
        (self.first, self.heard) = (self.asked, self.asked);
        (self.began, self.up) = (now, Some(now));
        // It fell silent again at once: the time since tells too little.
        let tells = !short || asked >= EPOCH_ASKED;
        if short && !again || !tells && before.is_infinite() {
            return;
        }
        let bore = if asked < EPOCH_ASKED && before.is_finite() {
            before / 2.0
        } else {
            (f64::from(asked) / seconds).min(before * 0.9)
        };
        let quickly_to = if short { before / 2.0 } else { 0.0 };
        let throttle = Throttle::new(bore, now, quickly_to);
        let pace = throttle.per_second().ceil() as u32;
        self.slowest = Some(self.slowest.map_or(pace, |slowest| slowest.min(pace)));
        self.throttle = Some(throttle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(n)
    }

    fn asks(pace: &mut Pace, from: u64, n: u32) {
        for i in 0..n {
            let number = pace.asked(ms(from + u64::from(i)));
            pace.heard(number);
        }
    }

    #[test]
    fn one_short_silence_is_an_outage_and_changes_nothing() {
        let mut pace = Pace::default();
        asks(&mut pace, 0, 1000);
        pace.up(ms(3000), ms(1000));
        assert_eq!((pace.ready_at(), pace.slowest()), (None, None));
        // A second one soon after is not: 1,000 attempts in 3 s, the silence counted in.
        asks(&mut pace, 3000, 1000);
        pace.up(ms(6000), ms(4000));
        assert_eq!(pace.slowest(), Some(334));
        assert!(pace.ready_at().is_some());
    }

    /// A link that was full fell silent three times in 0.3 s: it bore nothing in between, as nothing was sent.
    #[test]
    fn a_silence_that_comes_again_at_once_tells_nothing() {
        for (between, slowest) in [(31, None), (32, Some(320))] {
            let mut pace = Pace::default();
            asks(&mut pace, 0, 1000);
            pace.up(ms(1200), ms(1100));
            asks(&mut pace, 1200, between);
            pace.up(ms(1300), ms(1250));
            assert_eq!(pace.slowest(), slowest);
        }
    }

    #[test]
    fn a_long_silence_sets_the_pace_that_was_borne() {
        let mut pace = Pace::default();
        asks(&mut pace, 0, 1000);
        pace.up(ms(10_000), ms(1000));
        assert_eq!(pace.slowest(), Some(100));
        // Silent again after a few: half of that. After many: never faster than before.
        asks(&mut pace, 10_000, 5);
        pace.up(ms(20_000), ms(10_005));
        assert_eq!(pace.slowest(), Some(50));
    }
}
