//! When anybody was heard. The silence of a host that never answered is held against this, as it has nothing of its own to be held
//! against: time is cut into rounds, and in each round somebody is to be heard, or a witness is asked.

use crate::time::{Duration, Instant};

/// The shortest round, but for a full one.
const SHORTEST: Duration = Duration::from_millis(100);
/// A round has at least this many attempts, so that the controls of one are few beside them …
const FEWEST: u32 = 32;
/// … unless it lasts longer than this. At most it has this many, so that a burst can't hide the silence behind it.
const LONGEST: Duration = Duration::from_secs(3);
const MOST: u32 = 512;
/// How many rounds back are remembered: two million attempts, or 409 s of few.
const HISTORY: u32 = 4096;
/// Somebody was heard.
const HEARD: u8 = 1;
/// A port that is known to answer was asked again.
const CONTROLLED: u8 = 2;

/// What was heard in the latest rounds.
#[derive(Clone, Debug)]
pub(super) struct Rounds {
    number: u32,
    began: Instant,
    latest: Instant,
    asked: u32,
    flags: Box<[u8]>,
}

impl Default for Rounds {
    fn default() -> Self {
        Self {
            number: 0,
            began: Instant::ZERO,
            latest: Instant::ZERO,
            asked: 0,
            flags: vec![0; HISTORY as usize].into(),
        }
    }
}

impl Rounds {
    /// An attempt goes now. Gives its round.
    pub(super) fn asked(&mut self, now: Instant) -> u32 {
        let lasted = now.since(self.began);
        let enough = lasted >= SHORTEST && self.asked >= FEWEST || self.asked >= MOST;
        if enough || lasted >= LONGEST {
            // What is heard before a pause tells nothing of what is sent after it.
            let paused = now.since(self.latest) >= SHORTEST;
            (0..=u32::from(paused)).for_each(|_| self.next());
            (self.began, self.asked) = (now, 0);
        }
        self.latest = now;
        self.asked += 1;
        self.number
    }

    fn next(&mut self) {
        self.number += 1;
        self.flags[(self.number % HISTORY) as usize] = 0;
    }

    /// Which round it is.
    pub(super) fn number(&self) -> u32 {
        self.number
    }

    /// An attempt of that round was answered.
    pub(super) fn heard(&mut self, round: u32) {
        if self.number - round < HISTORY {
            self.flags[(round % HISTORY) as usize] |= HEARD;
        }
    }

    /// A port that is known to answer is asked again.
    pub(super) fn controlled(&mut self) {
        self.flags[(self.number % HISTORY) as usize] |= CONTROLLED;
    }

    /// Whether nobody was heard in this round and the one before, and nobody has been asked for it.
    pub(super) fn wants_witness(&self) -> bool {
        let (now, before) = (self.of(self.number), self.of(self.number.wrapping_sub(1)));
        (now | before) & HEARD == 0 && now & CONTROLLED == 0
    }

    /// Whether anybody was heard in a round, or next to it. `None`: nobody was, but nobody who would answer was asked either, or it
    /// is too long ago.
    pub(super) fn was_heard(&self, round: u32) -> Option<bool> {
        let near = self.of(round.wrapping_sub(1)) | self.of(round) | self.of(round + 1);
        (near != 0).then_some(near & HEARD != 0)
    }

    /// The flags of a round, none if they are forgotten or yet to come.
    fn of(&self, round: u32) -> u8 {
        let known = self.number.wrapping_sub(round) < HISTORY;
        if known {
            self.flags[(round % HISTORY) as usize]
        } else {
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(n)
    }

    #[test]
    fn a_round_lasts_100_ms_and_32_attempts_or_else_3_s() {
        let mut rounds = Rounds::default();
        (0..100).for_each(|i| assert_eq!(rounds.asked(ms(i)), 0));
        assert_eq!(rounds.asked(ms(100)), 1);
        (0..31).for_each(|_| assert_eq!(rounds.asked(ms(199)), 1));
        assert_eq!(rounds.asked(ms(200)), 2);
        assert_eq!(rounds.asked(ms(3199)), 2);
        // After a pause the next one is no neighbour.
        assert_eq!(rounds.asked(ms(3300)), 4);
    }

    #[test]
    fn a_burst_is_cut_into_rounds_of_512() {
        let mut rounds = Rounds::default();
        (0..512).for_each(|_| assert_eq!(rounds.asked(ms(1)), 0));
        assert_eq!(rounds.asked(ms(1)), 1);
    }

    /// One more round.
    fn round(rounds: &mut Rounds) -> u32 {
        (0..MOST).fold(0, |_, _| rounds.asked(ms(1)))
    }

    #[test]
    fn silence_is_held_against_answers_and_controls_nearby() {
        let mut rounds = Rounds::default();
        let first = round(&mut rounds);
        assert!(rounds.wants_witness());
        assert_eq!(rounds.was_heard(first), None);
        rounds.controlled();
        assert!(!rounds.wants_witness());
        assert_eq!(rounds.was_heard(first), Some(false));
        let second = round(&mut rounds);
        assert!(rounds.wants_witness());
        rounds.heard(first);
        assert!(!rounds.wants_witness());
        let third = round(&mut rounds);
        assert!(rounds.wants_witness());
        assert_eq!(rounds.was_heard(second), Some(true));
        assert_eq!(rounds.was_heard(third), None);
    }

    #[test]
    fn only_the_latest_rounds_are_remembered() {
        let mut rounds = Rounds::default();
        let first = round(&mut rounds);
        rounds.heard(first);
        while round(&mut rounds) < first + HISTORY - 1 {}
        assert_eq!(rounds.was_heard(first), Some(true));
        round(&mut rounds);
        assert_eq!(rounds.was_heard(first), None);
        rounds.heard(first);
        assert_eq!(rounds.was_heard(rounds.number()), None);
    }
}
