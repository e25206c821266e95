//! The control: what a loop that does nothing but look at the clock sees of the core on which the lab is to be punctual.
//! What it can't keep, no program on this machine can.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use picaporte_lab::run::take_last_core;

/// Shorter gaps are the loop's own.
const SHORTEST: Duration = Duration::from_micros(5);

/// The times in which the core did something else, or nothing.
#[derive(Debug)]
pub(super) struct Stalls {
    gaps: Vec<Duration>,
    watched: Duration,
}

/// Watches the last core for so long, at the lab's own priority.
pub(super) fn watch(time: Duration) -> Result<Stalls> {
    let watching = thread::spawn(move || {
        take_last_core();
        look(time)
    });
    watching.join().map_err(|_| anyhow!("the control died"))
}

fn look(time: Duration) -> Stalls {
    let began = Instant::now();
    let (mut last, mut gaps) = (began, Vec::new());
    while last - began < time {
        let now = Instant::now();
        if now - last > SHORTEST {
            gaps.push(now - last);
        }
        last = now;
    }
    Stalls {
        gaps,
        watched: last - began,
    }
}

impl Stalls {
    pub(super) fn longest_us(&self) -> u128 {
        self.gaps.iter().max().map_or(0, Duration::as_micros)
    }

    /// How late that share of things would be at most which were due at moments spread evenly.
    pub(super) fn late_us(&self, share: f64) -> u64 {
        let allowed = self.watched.as_secs_f64() * (1.0 - share);
        let later_than = |us: u64| {
            let bound = Duration::from_micros(us);
            let late = self.gaps.iter().map(|gap| gap.saturating_sub(bound));
            late.sum::<Duration>().as_secs_f64()
        };
        let (mut low, mut high) = (0, u64::try_from(self.longest_us()).unwrap_or(u64::MAX));
        while low < high {
            let middle = u64::midpoint(low, high);
            if later_than(middle) > allowed {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lateness_follows_from_the_gaps() {
        let stalls = Stalls {
            gaps: vec![Duration::from_millis(20); 5],
            watched: Duration::from_secs(10),
        };
        // One moment in a hundred falls into a gap; half of these are more than 10 ms before its end.
        assert_eq!(stalls.longest_us(), 20_000);
        assert_eq!(stalls.late_us(0.995), 10_000);
        assert_eq!(stalls.late_us(0.98), 0);
        assert_eq!(stalls.late_us(1.0), 20_000);
    }
}
