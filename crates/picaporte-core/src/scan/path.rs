//! The path that hosts share: when most of those that answered fall silent at once, it is not the hosts.

use std::collections::VecDeque;

use crate::time::{Duration, Instant};

/// How many times of silence are remembered.
const OUTAGES: usize = 8;
/// Silence of fewer hosts than this is theirs, not the path's.
const MANY: u32 = 2;

/// How many of the active hosts that are known to answer do not.
#[derive(Clone, Debug, Default)]
pub(super) struct Path {
    known: u32,
    mute: u32,
    /// Since when it has been down.
    down: Option<Instant>,
    past: VecDeque<(Instant, Instant)>,
}

impl Path {
    /// A host answered for the first time.
    pub(super) fn known(&mut self) {
        self.known += 1;
    }

    /// A host that had answered is done.
    pub(super) fn gone(&mut self, now: Instant, mute: bool) {
        self.known -= 1;
        self.mute -= u32::from(mute);
        self.update(now, now);
    }

    /// A host fell silent that was last heard at `heard`.
    pub(super) fn fell_mute(&mut self, now: Instant, heard: Instant) {
        self.mute += 1;
        self.update(now, heard);
    }

    /// A mute host answered.
    pub(super) fn hears(&mut self, now: Instant) {
        self.mute -= 1;
        self.update(now, now);
    }

    /// Since when nothing has come back, if that is so.
    pub(super) fn down(&self) -> Option<Instant> {
        self.down
    }

    /// For how long nothing has come back.
    pub(super) fn down_for(&self, now: Instant) -> Duration {
        self.down.map_or(Duration::ZERO, |from| now.since(from))
    }

    /// Whether the silence of an attempt sent then says nothing, whoever was asked.
    pub(super) fn void(&self, sent: Instant) -> bool {
        self.down.is_some_and(|from| sent >= from)
            || (self.past.iter()).any(|&(from, to)| from <= sent && sent <= to)
    }

    fn update(&mut self, now: Instant, heard: Instant) {
        let down = self.mute >= MANY && self.mute * 2 > self.known;
        match (self.down, down) {
            (None, true) => self.down = Some(heard),
            (Some(from), false) => {
                if self.past.len() == OUTAGES {
                    self.past.pop_front();
                }
                self.past.push_back((from, now));
                self.down = None;
            }
            _ => {}
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
    fn most_hosts_silent_at_once_are_the_path() {
        let mut path = Path::default();
        (0..5).for_each(|_| path.known());
        path.fell_mute(ms(500), ms(200));
        path.fell_mute(ms(510), ms(210));
        assert_eq!(path.down(), None);
        path.fell_mute(ms(520), ms(220));
        assert_eq!(path.down(), Some(ms(220)));
        assert_eq!(path.down_for(ms(1220)), Duration::from_secs(1));
        assert!(path.void(ms(300)) && !path.void(ms(219)));
        path.hears(ms(2000));
        assert_eq!(path.down(), None);
        assert!(path.void(ms(1999)) && !path.void(ms(2001)));
    }

    #[test]
    fn one_silent_host_is_not_the_path() {
        let mut path = Path::default();
        path.known();
        path.fell_mute(ms(500), ms(200));
        assert_eq!(path.down(), None);
        path.gone(ms(600), true);
        path.known();
        path.known();
        path.fell_mute(ms(700), ms(650));
        path.fell_mute(ms(700), ms(650));
        assert!(path.down().is_some());
        path.gone(ms(800), true);
        assert_eq!(path.down(), None);
    }

    #[test]
    fn only_the_latest_outages_are_remembered() {
        let mut path = Path::default();
        path.known();
        path.known();
        for i in 0..=OUTAGES as u64 {
            path.fell_mute(ms(1000 * i + 500), ms(1000 * i + 400));
            path.fell_mute(ms(1000 * i + 500), ms(1000 * i + 400));
            path.hears(ms(1000 * i + 600));
            path.hears(ms(1000 * i + 600));
        }
        assert_eq!(path.past.len(), OUTAGES);
        assert!(!path.void(ms(450)) && path.void(ms(1450)));
    }
}
