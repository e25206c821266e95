//! How packets are lost or wait on the way: in bursts, before a narrow link, or all of them while the path is down.
//! Chance comes from the seed and the packet's number; what a packet carries is not known here.

use crate::order::mix;
use crate::time::{Duration, Instant};

/// Loss in bursts: a chain of two states that moves on with every packet, all of them lost in the
/// bad one (E. Gilbert, Bell System Technical Journal 1960; E. Elliott, 1963).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bursts {
    /// Packets lost in the long run, out of 65,536. At most mean ÷ (mean + 1) of all can be lost.
    pub share: u32,
    /// The mean length of a burst, in packets; at least 1.
    pub mean: u32,
}

/// A time in which nothing passes, in either direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// When it begins, counted from the beginning of the scan.
    pub from: Duration,
    /// How long it lasts.
    pub lasts: Duration,
    /// How long after its beginning the next one begins; `None` if there is only one.
    pub every: Option<Duration>,
}

impl Outage {
    /// Whether the path is down at this moment.
    pub(super) fn covers(self, at: Instant) -> bool {
        let Some(since) = at.as_nanos().checked_sub(self.from.as_nanos()) else {
            return false;
        };
        let since = self
            .every
            .map_or(since, |every| since % every.as_nanos().max(1));
        since < self.lasts.as_nanos()
    }
}

/// A narrow link with a queue before it, first in, first out. Whoever finds the queue full is dropped (RFC 7567, section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queue {
    /// How many packets pass in a second; at least 1.
    pub per_second: u32,
    /// A packet that would wait for longer than this is dropped.
    pub longest: Duration,
}

/// A [`Queue`] at work.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    queue: Queue,
    /// When all that waits will have passed.
    until: Instant,
}

impl Waiting {
    pub(super) fn new(queue: Queue) -> Self {
        Self {
            queue,
            until: Instant::ZERO,
        }
    }

    /// A packet comes: how long until it has passed, if it is not dropped.
    pub(super) fn passes(&mut self, now: Instant) -> Option<Duration> {
        if self.until.since(now) > self.queue.longest {
            return None;
        }
        let takes = Duration::from_secs(1).divided(self.queue.per_second.max(1).into());
        self.until = self.until.max(now) + takes;
        Some(self.until.since(now))
    }
}

/// A hash is below such a number as often as the share says.
fn threshold(share: f64) -> u64 {
    // A float at or above 2⁶⁴ becomes `u64::MAX`.
    (share * 2f64.powi(64)) as u64
}

/// One direction's chain of bursts; in the good state at first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chain {
    seed: u64,
    packets: u64,
    bad: bool,
    enter: u64,
    leave: u64,
}

impl Chain {
    /// The bad state is left after `mean` packets on average, and entered as often as the share
    /// in the long run asks for: share ÷ (mean × (1 − share)).
    pub(super) fn new(bursts: Bursts, seed: u64) -> Self {
        let share = f64::from(bursts.share) / 65_536.0;
        let mean = f64::from(bursts.mean.max(1));
        Self {
            seed,
            packets: 0,
            bad: false,
            enter: threshold(share / (mean * (1.0 - share))),
            leave: threshold(1.0 / mean),
        }
    }

    /// Whether the next packet is lost.
    pub(super) fn lost(&mut self) -> bool {
        self.packets += 1;
        let draw = mix(self.seed, self.packets);
        self.bad = if self.bad {
            draw >= self.leave
        } else {
            draw < self.enter
        };
        self.bad
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bursts_have_their_share_and_their_mean_length() {
        for (percent, mean) in [(5, 50), (5, 1), (20, 10), (1, 200)] {
            let share = 65_536 * percent / 100;
            let mut chain = Chain::new(Bursts { share, mean }, 11);
            let (mut lost, mut bursts, mut before) = (0u32, 0u32, false);
            for _ in 0..1_000_000 {
                let now = chain.lost();
                lost += u32::from(now);
                bursts += u32::from(now && !before);
                before = now;
            }
            // The number of bursts spreads by its root, and their lengths as much again.
            let spread = 1.0 + 4.0 * (2.0 / f64::from(bursts)).sqrt();
            let of_nominal = f64::from(lost) / (f64::from(percent) * 1e4);
            assert!(
                of_nominal < spread && of_nominal > 1.0 / spread,
                "{lost} lost"
            );
            let length = f64::from(lost) / f64::from(bursts);
            let nominal = f64::from(mean);
            // Bursts of one packet may follow each other.
            assert!(
                length > nominal / spread && length < nominal * spread * 1.06,
                "{length}"
            );
        }
    }

    #[test]
    fn a_queue_delays_and_drops_what_is_too_much() {
        let ms = |n| Instant::ZERO + Duration::from_millis(n);
        let mut waiting = Waiting::new(Queue {
            per_second: 100,
            longest: Duration::from_millis(50),
        });
        let mut delays = |at| -> Vec<u64> {
            let passed = (0..100).map_while(|_| waiting.passes(ms(at)));
            passed.map(Duration::as_millis).collect()
        };
        assert_eq!(delays(0), [10, 20, 30, 40, 50, 60]);
        assert_eq!(delays(5), [0; 0]);
        assert_eq!(delays(10), [60]);
        assert_eq!(delays(1000), [10, 20, 30, 40, 50, 60]);
    }

    #[test]
    fn without_a_share_nothing_is_lost() {
        let mut chain = Chain::new(Bursts { share: 0, mean: 50 }, 1);
        assert!((0..100_000).all(|_| !chain.lost()));
    }

    #[test]
    fn an_outage_covers_its_time_and_comes_again() {
        let ms = |n| Instant::ZERO + Duration::from_millis(n);
        let mut outage = Outage {
            from: Duration::from_millis(100),
            lasts: Duration::from_millis(20),
            every: None,
        };
        let down = |outage: Outage| -> Vec<u64> {
            (0..400)
                .step_by(10)
                .filter(|&n| outage.covers(ms(n)))
                .collect()
        };
        assert_eq!(down(outage), [100, 110]);
        outage.every = Some(Duration::from_millis(150));
        assert_eq!(down(outage), [100, 110, 250, 260]);
    }
}
