//! The path that hosts share: when most of those that answered fall silent at once, it is not the hosts.

use std::collections::VecDeque;

use crate::flight::Slot;
use crate::tally::Outages;
use crate::time::{Duration, Instant};

mod pace;
mod rounds;

use pace::Pace;
use rounds::Rounds;

/// How many times of silence are remembered.
const OUTAGES: usize = 8;
/// How much later than the last control but one that a host did not answer anybody may have been heard, for it to be the path: a round
/// trip is not always as long.
const AT_ONCE: Duration = Duration::from_millis(50);
/// Silence of fewer hosts than this is theirs, not the path's.
const MANY: u32 = 2;
/// A silence at least this long is an outage; a shorter one may be that of a link that is too narrow, until what fills it has passed.
const OUTAGE: Duration = Duration::from_millis(500);

/// How many of the active hosts that are known to answer do not.
#[derive(Clone, Debug, Default)]
pub(super) struct Path {
    known: u32,
    mute: u32,
    /// The witnesses among them. Many of the others may be waiting for the end of a connection only.
    witnesses: u32,
    mute_witnesses: u32,
    /// When the latest attempt that anybody answered had been sent.
    heard: Instant,
    down: Option<Down>,
    past: VecDeque<(Instant, Instant)>,
    /// Since when nothing had come back, if an outage has just ended.
    recovered: Option<Instant>,
    rounds: Rounds,
    pace: Pace,
    /// How often nothing came back, and for how long in all.
    outages: u32,
    silent: Duration,
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

    /// An attempt that is no control goes now. Gives its round, and its number in the whole scan.
    pub(super) fn asked(&mut self, now: Instant) -> (u32, u32) {
        (self.rounds.asked(now), self.pace.asked(now))
    }

    /// A control goes now. Gives its round.
    pub(super) fn controlled(&mut self) -> u32 {
        self.rounds.controlled();
        self.rounds.number()
    }

    /// An attempt was answered, by whichever host: the path is there.
    pub(super) fn heard(&mut self, now: Instant, s: &Slot) {
        self.heard = self.heard.max(s.sent);
        self.rounds.heard(s.round);
        self.pace.heard(s.serial);
        if self.down.is_some_and(|down| s.sent > down.from) {
            self.is_up(now);
        }
    }

    /// Which round it is.
    pub(super) fn round(&self) -> u32 {
        self.rounds.number()
    }

    /// When nothing has come back for this long, if nothing does now.
    pub(super) fn down_until(&self, limit: Duration) -> Option<Instant> {
        self.down.map(|down| down.seen + limit)
    }

    /// Whether so many hosts are known that their silence is the path's.
    pub(super) fn tells(&self) -> bool {
        self.known >= MANY
    }

    /// Whether a host that is known to answer is to be asked, as nobody has been heard for a while.
    pub(super) fn wants_witness(&self) -> bool {
        self.tells() && self.rounds.wants_witness()
    }

    /// Whether anybody was heard when this attempt was made; `None` if that can't be told.
    pub(super) fn was_heard(&self, s: &Slot) -> Option<bool> {
        self.rounds.was_heard(s.round).filter(|_| self.tells())
    }

    /// Until when nothing is sent but controls, as the path has shown what it bears.
    pub(super) fn ready_at(&self) -> Option<Instant> {
        self.pace.ready_at()
    }

    /// Whether nothing came back at some time since.
    pub(super) fn was_down_since(&self, since: Instant) -> bool {
        self.is_down() || self.past.iter().any(|&(_, to)| to >= since)
    }

    /// Since when nothing had come back, once after each outage.
    pub(super) fn take_recovered(&mut self) -> Option<Instant> {
        self.recovered.take()
    }

    /// Whether an attempt was answered that was made after this moment.
    pub(super) fn heard_since(&self, sent: Instant) -> bool {
        self.heard > sent
    }

    /// Whether it has shown a limit.
    pub(super) fn is_limited(&self) -> bool {
        self.pace.slowest().is_some()
    }

    /// What is told of it in the end, if it was ever silent.
    pub(super) fn outages(&self) -> Option<Outages> {
        (self.outages > 0).then(|| Outages {
            times: self.outages,
            silent: self.silent,
            per_second: self.pace.slowest(),
        })
    }

    /// A host that is known becomes a witness. It is not mute.
    pub(super) fn joins(&mut self) {
        self.witnesses += 1;
    }

    /// A host that had answered is done, or was a witness.
    pub(super) fn gone(&mut self, now: Instant, mute: bool, witness: bool) {
        self.known -= 1;
        self.mute -= u32::from(mute);
        self.witnesses -= u32::from(witness);
        self.mute_witnesses -= u32::from(mute && witness);
        // Who is left may not know of an outage, and nobody would ask whether it is over.
        if !self.most_are_mute() {
            self.is_up(now);
        }
    }

    /// Whether most of those that would tell are mute: of all, or of the witnesses.
    fn most_are_mute(&self) -> bool {
        let most = |mute, of| mute >= MANY && mute * 2 > of;
        most(self.mute, self.known) || most(self.mute_witnesses, self.witnesses)
    }

    /// A host, or a witness, fell silent that did not answer what was sent at `silent`. If most are silent, and nobody was heard since,
    /// it is the path. Says since when, if that was seen just now.
    pub(super) fn fell_mute(
        &mut self,
        now: Instant,
        silent: Instant,
        witness: bool,
    ) -> Option<Instant> {
        self.mute += 1;
        self.mute_witnesses += u32::from(witness);
        if self.most_are_mute() && self.down.is_none() && self.heard <= silent + AT_ONCE {
            let (from, seen) = (self.heard, now);
            self.down = Some(Down { from, seen });
            self.outages += 1;
            return Some(from);
        }
        None
    }

    /// A mute host answered, or is no longer held to be one.
    pub(super) fn hears(&mut self, now: Instant, witness: bool) {
        self.mute -= 1;
        self.mute_witnesses -= u32::from(witness);
        if !self.most_are_mute() {
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
            self.silent = self.silent + now.since(down.from);
            if now.since(down.from) >= OUTAGE {
                self.recovered = Some(down.from);
            }
            self.pace.up(now, down.from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(n)
    }

    fn sent(at: Instant) -> Slot {
        Slot::asking(0, 0, 1, at)
    }

    fn of(known: u32) -> Path {
        let mut path = Path::default();
        (0..known).for_each(|_| path.known());
        path
    }

    #[test]
    fn most_hosts_silent_at_once_are_the_path() {
        let mut path = of(5);
        path.heard(ms(210), &sent(ms(200)));
        path.fell_mute(ms(500), ms(180), false);
        path.fell_mute(ms(510), ms(200), false);
        assert!(!path.is_down());
        path.fell_mute(ms(520), ms(190), false);
        assert!(path.is_down());
        assert_eq!(path.down_for(ms(1520)), Duration::from_secs(1));
        assert!(path.void(ms(300)) && !path.void(ms(200)));
        // A late answer to what was sent before tells nothing; one to what was sent since ends it.
        path.heard(ms(1900), &sent(ms(150)));
        assert!(path.is_down());
        path.heard(ms(2000), &sent(ms(1950)));
        assert!(!path.is_down());
        assert!(path.void(ms(1999)) && !path.void(ms(2001)));
    }

    #[test]
    fn hosts_that_fall_silent_while_others_answer_are_not_the_path() {
        let mut path = of(5);
        for i in 0..5 {
            path.heard(ms(1000 * i + 500), &sent(ms(1000 * i + 499)));
            path.fell_mute(ms(1000 * i + 600), ms(1000 * i + 100), false);
            assert!(!path.is_down());
        }
    }

    /// In a full link some lose all their controls, but others' attempts pass.
    #[test]
    fn somebody_heard_since_is_no_outage() {
        for (heard, down) in [(150, true), (151, false)] {
            let mut path = of(2);
            path.heard(ms(190), &sent(ms(heard)));
            assert_eq!(path.fell_mute(ms(200), ms(100), false), None);
            let from = path.fell_mute(ms(201), ms(100), false);
            assert_eq!(from, down.then_some(ms(heard)));
        }
    }

    #[test]
    fn what_an_outage_did_is_undone_once_it_is_over() {
        for (until, recovered) in [(599, None), (600, Some(ms(100)))] {
            let mut path = of(2);
            path.heard(ms(110), &sent(ms(100)));
            (0..2).for_each(|_| _ = path.fell_mute(ms(400), ms(120), false));
            assert!(path.is_down());
            assert_eq!(path.take_recovered(), None);
            path.heard(ms(until), &sent(ms(500)));
            assert!(!path.is_down());
            assert_eq!(path.take_recovered(), recovered);
            assert_eq!(path.take_recovered(), None);
        }
    }

    #[test]
    fn one_silent_host_is_not_the_path() {
        let mut path = of(1);
        path.fell_mute(ms(500), ms(200), false);
        assert!(!path.is_down());
        path.gone(ms(600), true, false);
        assert_eq!((path.known, path.mute), (0, 0));
        // Nor are two of which the others are done.
        let mut path = of(10);
        path.fell_mute(ms(500), ms(200), false);
        path.fell_mute(ms(500), ms(200), false);
        (0..8).for_each(|_| path.gone(ms(600), false, false));
        assert!(!path.is_down());
    }

    #[test]
    fn only_the_latest_outages_are_remembered() {
        let mut path = of(2);
        for i in 0..=OUTAGES as u64 {
            path.heard(ms(1000 * i + 400), &sent(ms(1000 * i + 400)));
            path.fell_mute(ms(1000 * i + 500), ms(1000 * i + 400), false);
            path.fell_mute(ms(1000 * i + 500), ms(1000 * i + 400), false);
            path.hears(ms(1000 * i + 600), false);
            path.hears(ms(1000 * i + 600), false);
        }
        assert_eq!(path.past.len(), OUTAGES);
        assert!(!path.void(ms(450)) && path.void(ms(1450)));
    }
}
