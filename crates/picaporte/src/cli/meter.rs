//! How fast a scan is and how long it will take, from its counts over the last seconds.

use std::collections::VecDeque;
use std::time::Duration;

use picaporte_engine::Progress;

/// How far back is looked.
const WINDOW: Duration = Duration::from_secs(5);
/// The shortest distance between two samples, which bounds how many there are.
const STEP: Duration = Duration::from_millis(100);

/// Remembers the last seconds.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    samples: VecDeque<Progress>,
}

impl Meter {
    /// Takes note of the moment.
    pub(crate) fn sample(&mut self, now: &Progress) {
        if self
            .samples
            .back()
            .is_some_and(|last| now.elapsed < last.elapsed + STEP)
        {
            return;
        }
        self.samples.push_back(*now);
        while self.samples.len() > 2 && self.samples[1].elapsed + WINDOW < now.elapsed {
            self.samples.pop_front();
        }
    }

    /// Attempts a second.
    pub(crate) fn rate(&self) -> u64 {
        self.per_second(|p| p.attempts).unwrap_or(0.0) as u64
    }

    /// How long the rest takes at the speed of the last seconds; `None` where nothing moved.
    pub(crate) fn left(&self, now: &Progress) -> Option<Duration> {
        let speed = self
            .per_second(|p| p.decided)
            .filter(|&speed| speed > 0.0)?;
        let seconds = now.planned.saturating_sub(now.decided) as f64 / speed;
        Some(Duration::from_secs_f64(seconds.min(1e9)))
    }

    fn per_second(&self, count: impl Fn(&Progress) -> u64) -> Option<f64> {
        let (first, last) = (self.samples.front()?, self.samples.back()?);
        let seconds = last.elapsed.checked_sub(first.elapsed)?.as_secs_f64();
        let counted = count(last).saturating_sub(count(first));
        (seconds > 0.0).then(|| counted as f64 / seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64, decided: u64) -> Progress {
        let elapsed = Duration::from_millis(ms);
        Progress {
            planned: 10_000,
            decided,
            attempts: 2 * decided,
            elapsed,
            ..Progress::default()
        }
    }

    #[test]
    fn only_the_last_seconds_count() {
        let mut meter = Meter::default();
        // 10 s without a decision, then 100 a second.
        for ms in (0..20_000).step_by(50) {
            meter.sample(&at(ms, (ms / 10).saturating_sub(1000)));
        }
        assert_eq!(meter.rate(), 200);
        assert_eq!(meter.left(&at(20_000, 1000)).unwrap().as_secs(), 90);
        assert!(meter.samples.len() < 60);
    }

    #[test]
    fn nothing_is_known_at_first_or_when_nothing_moves() {
        let mut meter = Meter::default();
        assert_eq!((meter.rate(), meter.left(&at(0, 0))), (0, None));
        meter.sample(&at(0, 5));
        meter.sample(&at(1000, 5));
        assert_eq!((meter.rate(), meter.left(&at(1000, 5))), (0, None));
    }
}
