//! How long to wait, how much to have in flight, and how often to ask a silent port.
//!
//! Round-trip estimates per host, behind them per network and of the whole scan; one window per host and one in all; and a number
//! of attempts that follows the loss measured. Everything here is arithmetic on what the scan saw.

use crate::time::{Duration, Instant};

/// No adaptive timeout is shorter. A host that answers in microseconds can still stall for tens
/// of milliseconds; the floor costs 0.1 s at the end of a scan, and nothing on ports that answer.
pub const FLOOR: Duration = Duration::from_millis(100);
/// The floor for a host that has not answered yet while others have: it may be further away.
pub const STRANGER_FLOOR: Duration = Duration::from_millis(250);
/// The first timeout, before any answer: the 1 s of RFC 6298, section 2.1, less what keeps the
/// system from sending its SYN again.
pub const FIRST: Duration = Duration::from_millis(950);
/// No adaptive timeout is longer.
pub const CEILING: Duration = Duration::from_secs(10);
/// How long a silent port rests before it is asked again, so that one burst of loss does not eat
/// both attempts.
pub const REST: Duration = Duration::from_millis(100);
/// The fewest attempts at a silent port: one SYN may be lost by chance.
pub const MIN_ATTEMPTS: u8 = 2;
/// The most attempts at a silent port, however high the loss.
pub const MAX_ATTEMPTS: u8 = 16;
/// How many SYNs a wider level's loss weighs in a narrower one's: a host, or a network, that has shown less than that is taken
/// for much like its surroundings.
const PRIOR: f64 = 32.0;
/// Where silence is the exception on a host, fewer lost answers than this are to be expected among its silent ports.
const EXPECTED_LOST: f64 = 0.01;

/// A round-trip estimate: RFC 6298, section 2 (smoothed mean and deviation, gains 1/8 and 1/4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rtt {
    smoothed: u64,
    deviation: u64,
}

impl Rtt {
    /// Learns from one round trip.
    pub fn sample(&mut self, rtt: Duration) {
        let rtt = rtt.as_nanos().max(1);
        if self.smoothed == 0 {
            *self = Self {
                smoothed: rtt,
                deviation: rtt / 2,
            };
            return;
        }
        let error = self.smoothed.abs_diff(rtt);
        self.deviation = self.deviation - self.deviation / 4 + error / 4;
        self.smoothed = self.smoothed - self.smoothed / 8 + rtt / 8;
    }

    /// srtt + 4·rttvar; `None` before the first sample.
    pub fn timeout(&self) -> Option<Duration> {
        (self.smoothed > 0).then(|| Duration::from_nanos(self.smoothed + 4 * self.deviation))
    }

    /// This estimate, or the other one if this has none yet.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self.smoothed == 0 { other } else { self }
    }

    /// The longer of two estimates.
    #[must_use]
    pub fn longer(self, other: Self) -> Self {
        if other.timeout() > self.timeout() {
            other
        } else {
            self
        }
    }
}

/// The timeout of an attempt at a host, from its own estimate, or else its network's, or else the whole scan's.
pub fn timeout(host: &Rtt, network: &Rtt, scan: &Rtt) -> Duration {
    match (host.timeout(), network.or(*scan).timeout()) {
        (Some(own), _) => own.max(FLOOR).min(CEILING),
        (None, Some(others)) => others.times(2).max(STRANGER_FLOOR).min(CEILING),
        (None, None) => FIRST,
    }
}

/// Loss as seen in answers to later attempts: of the SYNs sent to ports that answered in the end,
/// how many got no answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// SYNs sent to ports that answered in the end.
    pub asked: u64,
    /// Those among them without an answer.
    pub lost: u64,
}

impl Loss {
    /// A port answered its `attempts`-th SYN, and none before.
    pub fn answered(&mut self, attempts: u8) {
        self.asked += u64::from(attempts);
        self.lost += u64::from(attempts.saturating_sub(1));
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            asked: self.asked + other.asked,
            lost: self.lost + other.lost,
        }
    }

    /// (lost + ½) ÷ (asked + 1): the chance that a SYN to a live port stays unanswered (the posterior mean of a share under
    /// Jeffreys' prior).
    pub fn chance(&self) -> f64 {
        (self.lost as f64 + 0.5) / (self.asked as f64 + 1.0)
    }

    /// The same for a part of something wider, whose chance is known.
    #[must_use]
    pub fn chance_within(&self, wider: f64) -> f64 {
        (self.lost as f64 + PRIOR * wider) / (self.asked as f64 + PRIOR)
    }
}

/// Loss as it is measured while the scan goes on.
///
/// That a SYN was lost is known later than that one was answered: when the next one has been. So a port that answered at once counts only
/// when its like that did not have had the time to answer a second SYN; else the loss of a scan that has just begun would always
/// look small. Until then what is measured is too high.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measured {
    loss: Loss,
    /// Ports that answered their first SYN in this period, and in the one before.
    young: [u32; 2],
    turn: Instant,
    period: Duration,
}

impl Measured {
    /// A port answered its `attempts`-th SYN, and none before. `period` is how long it takes until a second SYN is answered.
    pub fn answered(&mut self, now: Instant, attempts: u8, period: impl FnOnce() -> Duration) {
        if now >= self.turn {
            self.loss = self.known(now);
            let both = now >= self.turn + self.period;
            self.young = [0, if both { 0 } else { self.young[0] }];
            self.period = period();
            self.turn = now + self.period;
        }
        if attempts == 1 {
            self.young[0] += 1;
        } else {
            self.loss.answered(attempts);
        }
    }

    /// What is known by now.
    pub fn known(&self, now: Instant) -> Loss {
        let mut known = self.loss;
        if now >= self.turn {
            known.asked += u64::from(self.young[1]);
        }
        if now >= self.turn + self.period {
            known.asked += u64::from(self.young[0]);
        }
        known
    }

    /// Everything that was counted, for a report.
    pub fn all(&self) -> Loss {
        let young = u64::from(self.young[0]) + u64::from(self.young[1]);
        Loss {
            asked: self.loss.asked + young,
            lost: self.loss.lost,
        }
    }
}

/// Attempts and answers a second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rates {
    pub asked: f64,
    pub answered: f64,
}

impl Rates {
    /// Whether fewer attempts brought as many fewer answers: as where loss is chance, and not as where a limit is met, which
    /// gives as many answers whatever is asked.
    pub(crate) fn follow(self, before: Self) -> bool {
        let answered = self.answered / before.answered.max(1e-9);
        let asked = self.share_asked_of(before);
        asked < 0.9 && answered < f64::midpoint(1.0, asked)
    }

    /// How many attempts there are for each that there was.
    pub(crate) fn share_asked_of(self, before: Self) -> f64 {
        self.asked / before.asked.max(1e-9)
    }
}

/// How many attempts a silent port gets, so that the expected share of open ports missed is at most (1 − recall)/2: the smallest
/// n with qⁿ at or below it, where q is the chance that a SYN to a live port stays unanswered.
pub fn attempts(q: f64, recall: f64) -> u8 {
    tries(q, (1.0 - recall) / 2.0, MIN_ATTEMPTS, MAX_ATTEMPTS)
}

/// The same where silence is the exception, on a host of which `answered` ports answered: the smallest n at which fewer than 0.01
/// lost answers are expected.
pub fn attempts_of_exception(q: f64, answered: u32) -> u8 {
    let rare = EXPECTED_LOST / f64::from(answered.max(1));
    tries(q, rare, MIN_ATTEMPTS, MAX_ATTEMPTS)
}

/// The smallest n with qⁿ at or below `rare`, from `least` to `most`.
pub(crate) fn tries(q: f64, rare: f64, least: u8, most: u8) -> u8 {
    let n = (rare.ln() / q.ln()).ceil();
    n.clamp(f64::from(least), f64::from(most)) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(n)
    }

    #[test]
    fn timeouts_come_from_the_nearest_estimate() {
        let (mut host, mut scan, mut network) = (Rtt::default(), Rtt::default(), Rtt::default());
        let timeout = |host: &Rtt, scan: &Rtt| timeout(host, &Rtt::default(), scan);
        assert_eq!(timeout(&host, &scan), FIRST);
        scan.sample(Duration::from_micros(200));
        assert_eq!(timeout(&host, &scan), STRANGER_FLOOR);
        network.sample(Duration::from_millis(200));
        assert_eq!(
            super::timeout(&host, &network, &scan),
            Duration::from_millis(1200)
        );
        host.sample(Duration::from_millis(300));
        assert_eq!(timeout(&host, &scan), Duration::from_millis(900));
        for _ in 0..100 {
            host.sample(Duration::from_millis(300));
        }
        assert!(timeout(&host, &scan) < Duration::from_millis(310));
        host.sample(Duration::from_secs(60));
        assert_eq!(timeout(&host, &scan), CEILING);
    }

    #[test]
    fn attempts_follow_the_loss() {
        let loss = |asked, lost| attempts(Loss { asked, lost }.chance(), 0.9999);
        assert_eq!(loss(1_000_000, 0), 2);
        assert_eq!(loss(10_000, 200), 3);
        assert_eq!(loss(10_000, 1_000), 5);
        assert_eq!(loss(10, 9), MAX_ATTEMPTS);
        // The formula's own words: expected misses at n, and not at n − 1.
        for (asked, lost) in [(1000, 7), (1000, 70), (1000, 300), (70, 30)] {
            let q = Loss { asked, lost }.chance();
            let n = i32::from(attempts(q, 0.9999));
            assert!(
                q.powi(n) <= 0.00005 && q.powi(n - 1) > 0.00005,
                "{asked} {lost}"
            );
        }
    }

    #[test]
    fn a_first_answer_counts_when_a_second_syn_could_have_been_answered_too() {
        let period = || Duration::from_millis(200);
        let mut measured = Measured::default();
        (0..1000).for_each(|_| measured.answered(ms(10), 1, period));
        assert_eq!(measured.known(ms(10)), Loss { asked: 0, lost: 0 });
        (0..10).for_each(|_| measured.answered(ms(209), 2, period));
        assert_eq!(
            measured.known(ms(209)),
            Loss {
                asked: 20,
                lost: 10
            }
        );
        measured.answered(ms(210), 1, period);
        measured.answered(ms(409), 1, period);
        assert_eq!(measured.known(ms(409)).asked, 20);
        // Without a further answer they count as well when their time has come.
        assert_eq!(measured.known(ms(410)).asked, 1020);
        assert_eq!(measured.known(ms(610)).asked, 1022);
        measured.answered(ms(410), 1, period);
        assert_eq!(
            measured.known(ms(410)),
            Loss {
                asked: 1020,
                lost: 10
            }
        );
        assert_eq!(measured.all().asked, 1023);
    }

    #[test]
    fn where_silence_is_the_exception_the_last_lost_answer_is_looked_for() {
        assert_eq!(attempts_of_exception(0.0001, 4000), 2);
        assert_eq!(attempts_of_exception(0.02, 4000), 4);
        assert_eq!(attempts_of_exception(0.1, 65_535), 7);
        assert_eq!(attempts_of_exception(0.1, 0), 2);
        assert_eq!(attempts_of_exception(0.9, 65_535), MAX_ATTEMPTS);
    }

    #[test]
    fn a_network_that_has_shown_little_is_like_the_rest() {
        let own = Loss { asked: 0, lost: 0 };
        assert!((own.chance_within(0.02) - 0.02).abs() < 1e-9);
        let own = Loss {
            asked: 3200,
            lost: 640,
        };
        assert!((own.chance_within(0.0) - 0.198).abs() < 1e-3);
    }
}
