//! The path that hosts share: when most of those that answered fall silent at once, it is not the hosts.

use std::collections::VecDeque;

use crate::time::{Duration, Instant};

/// How many times of silence are remembered.
const OUTAGES: usize = 8;
/// How much earlier than anybody else a host may have been heard last, for both to have fallen silent at once.
const AT_ONCE: Duration = Duration::from_millis(300);
/// Silence of fewer hosts than this is theirs, not the path's.
const MANY: u32 = 2;

/// How many of the active hosts that are known to answer do not.
#[derive(Clone, Debug, Default)]
pub(super) struct Path {
    known: u32,
    mute: u32,
    /// When the latest attempt that anybody answered had been sent.
    heard: Instant,
    down: Option<Down>,
    past: VecDeque<(Instant, Instant)>,
}

/// Nothing comes back.
#[derive(Clone, Copy, Debug)]
struct Down {
    /// What was sent from then on is lost.
    from: Instant,
    /// When that was seen.
    seen: Instant,
}

impl Path {
    /// A host answered for the first time.
    pub(super) fn known(&mut self) {
        self.known += 1;
    }

    /// An attempt sent then was answered, by whichever host: the path is there.
    pub(super) fn heard(&mut self, now: Instant, sent: Instant) {
        self.heard = self.heard.max(sent);
        if self.down.is_some_and(|down| sent > down.from) {
            self.is_up(now);
        }
    }

    /// A host that had answered is done.
    pub(super) fn gone(&mut self, mute: bool) {
        self.known -= 1;
        self.mute -= u32::from(mute);
    }

    /// A host fell silent that was last heard at `heard`. If most are silent, and nobody was heard since, it is the path.
    pub(super) fn fell_mute(&mut self, now: Instant, heard: Instant) {
        self.mute += 1;
        let most = self.mute >= MANY && self.mute * 2 > self.known;
        if most && self.down.is_none() && self.heard <= heard + AT_ONCE {
            let (from, seen) = (self.heard, now);
            self.down = Some(Down { from, seen });
        }
    }

    /// A mute host answered, or is no longer held to be one.
    pub(super) fn hears(&mut self, now: Instant) {
        self.mute -= 1;
        if self.mute * 2 <= self.known {
            self.is_up(now);
        }
    }

    /// Whether nothing comes back.
    pub(super) fn is_down(&self) -> bool {
        self.down.is_some()
    }

    /// For how long that has been seen.
    pub(super) fn down_for(&self, now: Instant) -> Duration {
        self.down
            .map_or(Duration::ZERO, |down| now.since(down.seen))
    }

    /// Whether the silence of an attempt sent then says nothing, whoever was asked.
    pub(super) fn void(&self, sent: Instant) -> bool {
        self.down.is_some_and(|down| sent > down.from)
            || (self.past.iter()).any(|&(from, to)| from < sent && sent <= to)
    }

    fn is_up(&mut self, now: Instant) {
        if let Some(down) = self.down.take() {
            if self.past.len() == OUTAGES {
                self.past.pop_front();
            }
            self.past.push_back((down.from, now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(n)
    }

    fn of(known: u32) -> Path {
        let mut path = Path::default();
        (0..known).for_each(|_| path.known());
        path
    }

    #[test]
    fn most_hosts_silent_at_once_are_the_path() {
        let mut path = of(5);
        path.heard(ms(210), ms(200));
        path.fell_mute(ms(500), ms(180));
        path.fell_mute(ms(510), ms(200));
        assert!(!path.is_down());
        path.fell_mute(ms(520), ms(190));
        assert!(path.is_down());
        assert_eq!(path.down_for(ms(1520)), Duration::from_secs(1));
        assert!(path.void(ms(300)) && !path.void(ms(200)));
        // A late answer to what was sent before tells nothing; one to what was sent since ends it.
        path.heard(ms(1900), ms(150));
        assert!(path.is_down());
        path.heard(ms(2000), ms(1950));
        assert!(!path.is_down());
        assert!(path.void(ms(1999)) && !path.void(ms(2001)));
    }

    #[test]
    fn hosts_that_fall_silent_while_others_answer_are_not_the_path() {
        let mut path = of(5);
        for i in 0..5 {
            path.heard(ms(1000 * i + 500), ms(1000 * i + 499));
            path.fell_mute(ms(1000 * i + 600), ms(1000 * i + 100));
            assert!(!path.is_down());
        }
    }

    #[test]
    fn one_silent_host_is_not_the_path() {
        let mut path = of(1);
        path.fell_mute(ms(500), ms(200));
        assert!(!path.is_down());
        path.gone(true);
        assert_eq!((path.known, path.mute), (0, 0));
        // Nor are two of which the others are done.
        let mut path = of(10);
        path.fell_mute(ms(500), ms(200));
        path.fell_mute(ms(500), ms(200));
        (0..8).for_each(|_| path.gone(false));
        assert!(!path.is_down());
    }

    #[test]
    fn only_the_latest_outages_are_remembered() {
        let mut path = of(2);
        for i in 0..=OUTAGES as u64 {
            path.heard(ms(1000 * i + 400), ms(1000 * i + 400));
            path.fell_mute(ms(1000 * i + 500), ms(1000 * i + 400));
            path.fell_mute(ms(1000 * i + 500), ms(1000 * i + 400));
            path.hears(ms(1000 * i + 600));
            path.hears(ms(1000 * i + 600));
        }
        assert_eq!(path.past.len(), OUTAGES);
        assert!(!path.void(ms(450)) && path.void(ms(1450)));
    }
}
