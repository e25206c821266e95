//! Whether a host still hears us. Silence says something about a port only while what is known to answer does answer.
//!
//! A host's time is cut into epochs. In each epoch in which silence is to be judged, a port that answered before is asked
//! again: a *control*, one of each [`Kind`] that the host has shown, as limits may hit one kind only (RSTs that are rationed, a
//! listen queue that is full). An attempt whose epoch was heard is evidence; one whose controls met silence is not, and the
//! port is asked again. Controls that fail in a row make the host *mute*: nothing but controls goes to it until one is answered.
//!
//! Knows no slots and no sockets: numbers of ports, epochs and moments.

use crate::time::{Duration, Instant};
use crate::timing::{Loss, Rates};

mod ear;
#[cfg(test)]
mod tests;

pub(crate) use ear::Ear;

/// The shortest epoch. Its controls are one of each kind, and more only in a burst or after one that failed.
pub const EPOCH: Duration = Duration::from_millis(100);
/// An epoch has at least this many attempts, so that controls stay few beside them …
pub const EPOCH_ASKED: u32 = 32;
/// … unless it lasts longer than this.
pub const LONGEST_EPOCH: Duration = Duration::from_millis(250);
/// How many epochs back are remembered: 12.7 s, longer than the longest timeout, less two epochs for each time that the host fell
/// silent meanwhile.
const HISTORY: u32 = 127;
/// How many ports of a kind take turns as controls, so that no single service is asked again and again.
const PORTS: usize = 4;
/// The first pause between two controls at a mute host; each further one is half as long again.
const FIRST_POLL: Duration = Duration::from_millis(100);
/// The longest such pause.
const LAST_POLL: Duration = Duration::from_millis(400);
/// A kind that has been mute for so long, while the other one answers, is no limit but ports that changed: it is forgotten.
const FORGET: Duration = Duration::from_secs(3);

/// What a port known to answer answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A RST.
    Closed,
    /// A SYN-ACK.
    Open,
}

/// What the silence of an attempt is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The host was heard at that time: the silence is evidence.
    Proven,
    /// A control is or will be under way.
    Pending,
    /// The host was not heard: it says nothing.
    Void,
}

/// What is known of one kind of answer.
#[derive(Clone, Debug, Default)]
struct Known {
    ports: [u16; PORTS],
    count: u8,
    next: u8,
    /// Epochs in which a control was sent; bit 0 is the present one.
    controlled: u128,
    /// Epochs in which one was answered.
    heard: u128,
    /// Epochs in which one met silence.
    failed: u128,
    /// At how many attempts of the present epoch the next one is due: 0, 32, 64, 128 and so on, so that a burst has controls in its
    /// midst, however large it is.
    next_at: u32,
    /// When the latest control that was answered had been sent.
    heard_sent: Instant,
    /// Controls in a row without an answer, and when the last two of them were sent.
    failures: u8,
    silent: [Instant; 2],
    pending: u8,
    sent: Option<Instant>,
    /// The epoch in which it was first known.
    since: u32,
}

impl Known {
    fn learn(&mut self, port: u16, epoch: u32) {
        if self.count == 0 {
            self.since = epoch;
        }
        if !self.ports[..self.count.into()].contains(&port) {
            let at = self.next as usize % PORTS;
            self.ports[at] = port;
            self.next = self.next.wrapping_add(1);
            self.count = (self.count + 1).min(PORTS as u8);
        }
    }

    fn shift(&mut self) {
        self.controlled <<= 1;
        self.heard <<= 1;
        self.failed <<= 1;
        self.next_at = 0;
    }

    fn turn(&mut self) -> u16 {
        self.ports[..self.count.into()].rotate_left(1);
        self.ports[self.count as usize - 1]
    }

    /// Whether a control is due after so many attempts of the present epoch, or because the last one failed.
    fn due(&self, asked: u32) -> bool {
        self.count > 0 && (asked >= self.next_at || self.failures > 0 && self.pending == 0)
    }
}

/// Nothing that is known to answer does.
#[derive(Clone, Copy, Debug)]
struct Mute {
    since: Instant,
    poll: Instant,
    pause: Duration,
}

/// What of its own pace a host shows, from one time that it fell silent to the next: how many attempts it bore in a second.
#[derive(Clone, Copy, Debug, Default)]
struct Cycle {
    began: Instant,
    /// Attempts before it.
    first: u32,
    /// The latest attempt that was answered, as a number.
    heard: u32,
    answered: u32,
    /// Those of the cycle before.
    rates: Option<Rates>,
}

/// So many times in a row answers must follow attempts, so that it counts: a limit lets a first burst through.
const FOLLOWS: u8 = 3;
/// So many controls are looked back on, to see whether it still is chance …
const LOOK_BACK: u32 = 16;
/// … which it is not if this much more than its share of them fails (for half of them lost by chance, 3 in 10,000 times).
const MORE_THAN_CHANCE: f64 = 0.35;

/// One host's hearing.
#[derive(Clone, Debug, Default)]
pub struct Hearing {
    epoch: u32,
    began: Instant,
    asked_in_epoch: u32,
    asked: u32,
    /// Epochs in which any attempt was answered.
    passive: u128,
    kinds: [Known; 2],
    /// Some silence is to be judged.
    judges: bool,
    mute: Option<Mute>,
    cycle: Cycle,
    follows: u8,
    /// How often in a row it fell silent again at once, each time at half the pace.
    soon: u8,
    /// Controls that had their time, and those that failed.
    controls: Loss,
    chance: Option<f64>,
    /// The latest controls, 1 for one that failed; and how many there were since that was seen.
    latest: u16,
    latest_count: u32,
    /// Attempts that were answered.
    answered: u32,
    /// How many of the first [`FIRST`] attempts were.
    first_answered: u32,
}

/// The epoch of attempts before a host's first answer; the next one begins with that answer.
pub const EARLIER: u32 = 0;

/// The attempts that show what share of a host's ports answers while nothing limits it.
const FIRST: u32 = crate::window::FIRST_HOST_WINDOW / 2;

impl Hearing {
    /// The hearing of a host of which so many attempts were made since `began` before the first was answered. They have
    /// [`EARLIER`] for their epoch.
    pub fn after(asked: u32, began: Instant, now: Instant) -> Self {
        let mut hearing = Self {
            epoch: EARLIER + 1,
            began: now,
            asked,
            ..Self::default()
        };
        hearing.cycle.began = began;
        hearing
    }

    /// An attempt (no control) is let go. Gives its epoch, and its number among the host's.
    pub fn asked(&mut self, now: Instant) -> (u32, u32) {
        self.roll(now);
        self.asked_in_epoch += 1;
        self.asked = self.asked.saturating_add(1);
        (self.epoch, self.asked)
    }

    /// The attempt that was let go last was none.
    pub fn unasked(&mut self) {
        self.asked_in_epoch = self.asked_in_epoch.saturating_sub(1);
        self.asked = self.asked.saturating_sub(1);
    }

    /// An attempt was answered by a SYN-ACK or a RST.
    pub fn answered(&mut self, kind: Kind, port: u16, epoch: u32, number: u32) {
        self.kinds[kind as usize].learn(port, self.epoch);
        self.passive |= self.bit(epoch);
        self.cycle.heard = self.cycle.heard.max(number);
        self.cycle.answered += 1;
        self.answered = self.answered.saturating_add(1);
        self.first_answered += u32::from(number <= FIRST);
    }

    /// Whether most of its first attempts were answered.
    pub fn mostly_answers(&self) -> bool {
        self.first_answered * 2 > FIRST
    }

    /// What answered is forgotten, and with it that it fell silent.
    pub fn forget_all(&mut self) {
        self.kinds = <[Known; 2]>::default();
        self.mute = None;
    }

    /// How many ports are kept that are known to answer.
    pub fn ports(&self) -> u32 {
        self.kinds.iter().map(|k| u32::from(k.count)).sum()
    }

    /// Another part of the scan knows that this port answers. It is kept if this part knows none of its kind.
    pub fn hear_of(&mut self, kind: Kind, port: u16) {
        let known = &mut self.kinds[kind as usize];
        if known.count == 0 {
            known.learn(port, self.epoch);
        }
    }

    /// This port answered an earlier run.
    pub fn remember(&mut self, kind: Kind, port: u16) {
        self.kinds[kind as usize].learn(port, self.epoch);
    }

    /// A port of each kind that is known to answer.
    pub fn examples(&self) -> [Option<u16>; 2] {
        let example = |known: &Known| (known.count > 0).then_some(known.ports[0]);
        [example(&self.kinds[0]), example(&self.kinds[1])]
    }

    /// Silence is to be judged from now on.
    pub fn judges(&mut self, now: Instant) {
        self.judges = true;
        self.roll(now);
    }

    /// Whether a control is due.
    pub fn due(&self, now: Instant) -> bool {
        match self.mute {
            Some(mute) => mute.poll <= now,
            None => self.judges && self.kinds.iter().any(|k| k.due(self.asked_in_epoch)),
        }
    }

    /// The control to send now, if one is due; and the epoch that it stands for.
    pub fn control(&mut self, now: Instant) -> Option<(Kind, u16, u32)> {
        self.roll(now);
        if !self.due(now) {
            return None;
        }
        // While it is mute the kinds take turns.
        let asked = self.asked_in_epoch;
        let wanted = |k: &Known| k.count > 0 && (self.mute.is_some() || k.due(asked));
        let (at, _) = (self.kinds.iter().enumerate())
            .filter(|(_, k)| wanted(k))
            .min_by_key(|(_, k)| k.sent)?;
        if let Some(mute) = &mut self.mute {
            mute.poll = now + mute.pause;
            mute.pause = Duration::from_nanos(mute.pause.as_nanos() / 2 * 3).min(LAST_POLL);
        }
        let known = &mut self.kinds[at];
        known.controlled |= 1;
        known.next_at = EPOCH_ASKED.max(asked.saturating_mul(2));
        known.pending = known.pending.saturating_add(1);
        known.sent = Some(now);
        let kind = [Kind::Closed, Kind::Open][at];
        Some((kind, known.turn(), self.epoch))
    }

    /// A control was answered, late or not. Says whether the host, mute until now, hears again.
    pub fn control_answered(&mut self, kind: Kind, sent: Instant, epoch: u32, late: bool) -> bool {
        let bit = self.bit(epoch);
        if !late {
            self.note(false);
        }
        let known = &mut self.kinds[kind as usize];
        if late {
            self.controls.lost = self.controls.lost.saturating_sub(1);
        } else {
            known.pending = known.pending.saturating_sub(1);
            self.controls.asked += 1;
        }
        known.heard |= bit;
        known.heard_sent = known.heard_sent.max(sent);
        known.failures = 0;
        let hears =
            self.mute.is_some() && self.kinds.iter().all(|k| k.count == 0 || k.failures == 0);
        if hears {
            self.mute = None;
        }
        hears
    }

    /// A control has had its time. `enough` failures in a row make the host mute; says whether they just did.
    pub fn control_silent(
        &mut self,
        now: Instant,
        kind: Kind,
        sent: Instant,
        epoch: u32,
        enough: u8,
    ) -> bool {
        let bit = self.bit(epoch);
        self.controls.asked += 1;
        self.controls.lost += 1;
        let no_chance = self.note(true);
        let known = &mut self.kinds[kind as usize];
        known.pending = known.pending.saturating_sub(1);
        known.failed |= bit;
        // Its kind may have been forgotten since.
        if sent < known.heard_sent || known.count == 0 {
            return false;
        }
        known.silent = [known.silent[1], sent];
        known.failures = known.failures.saturating_add(1);
        if !no_chance && known.failures < enough || self.mute.is_some() {
            self.forget(now);
            return false;
        }
        self.mute = Some(Mute {
            since: now,
            poll: now,
            pause: FIRST_POLL,
        });
        // What was asked before is not proven by what is heard after.
        self.shift();
        self.shift();
        true
    }

    /// A control could not be sent.
    pub fn control_unasked(&mut self, kind: Kind) {
        let known = &mut self.kinds[kind as usize];
        known.pending = known.pending.saturating_sub(1);
        known.controlled &= !1;
        known.next_at = 0;
    }

    /// Since when the host has been mute.
    pub fn mute(&self) -> Option<Instant> {
        self.mute.map(|mute| mute.since)
    }

    /// When the last but one of the controls in a row had been sent that are without an answer, or the only one: a host may have lost
    /// those before by chance.
    pub fn silent_since(&self) -> Option<Instant> {
        (self.kinds.iter().filter(|k| k.failures > 0))
            .map(|k| k.silent[usize::from(k.failures == 1)])
            .min()
    }

    /// When the next control of a mute host is due.
    pub fn poll_at(&self) -> Option<Instant> {
        self.mute.map(|mute| mute.poll)
    }

    /// What the silence of an attempt of this epoch is worth. Without a port that is known to answer nothing can be held
    /// against it. In a `lossy` network one control that failed is nothing; elsewhere it casts doubt on its epoch.
    pub fn judge(&mut self, now: Instant, epoch: u32, lossy: bool) -> Judgement {
        self.roll(now);
        let age = self.epoch - epoch;
        if age >= HISTORY {
            return Judgement::Proven;
        }
        let near = (0b111u128 << age) >> 1;
        let mut worst = Judgement::Proven;
        // What was asked before the host was known to answer counts: there was nothing to hold it against.
        let held_against = |k: &&Known| k.count > 0 && epoch + 1 >= k.since;
        for known in self.kinds.iter().filter(held_against) {
            let uncontrolled = known.controlled & near == 0;
            let lost = known.failed >> age & 1 == 1;
            let failed = !lossy && lost;
            // In a lossy network a control may be lost by chance: it was heard before and after, then.
            let around = (0b101u128 << age) >> 1;
            let heard = if lossy && lost {
                known.heard >> age & 1 == 1 || age > 0 && known.heard & around == around
            } else {
                known.heard & near != 0
            };
            // Before its first control, answers in its time speak for an epoch, if the host is heard later too.
            let ever = known.heard_sent > Instant::ZERO;
            let passive = uncontrolled && self.passive & near != 0 && age > 1 && ever;
            if !failed && (heard || passive) {
                continue;
            }
            let waits = known.controlled & !(known.heard | known.failed) & near != 0;
            if failed || self.mute.is_some() || age > 1 && !waits && ever {
                return Judgement::Void;
            }
            worst = Judgement::Pending;
        }
        worst
    }

    /// A mute host hears again: how many attempts a second it bore since it last did (at least one), and a new count begins.
    /// `None` if it bears any: its silence was chance. `before` is the pace that it was asked at, if that was limited.
    ///
    /// From what it answered, divided by the share of its ports that answers at all, as its first attempts showed it; and no
    /// more than what was asked up to the last answer.
    pub fn bore(&mut self, now: Instant, before: Option<f64>) -> Option<f64> {
        let cycle = self.cycle;
        // It fell silent again at once, or before what was asked since could be answered: that tells too little.
        let few =
            self.asked.saturating_sub(cycle.first) < EPOCH_ASKED || cycle.heard <= cycle.first;
        if let Some(before) = before.filter(|_| few) {
            self.soon += 1;
            return if self.soon >= FOLLOWS {
                self.lost_by_chance(now)
            } else {
                Some((before / 2.0).max(1.0))
            };
        }
        self.soon = 0;
        let seconds = now.since(cycle.began).as_secs_f64().max(1e-3);
        let asked = f64::from(cycle.heard.saturating_sub(cycle.first));
        let share = (f64::from(self.first_answered) + 0.5) / f64::from(FIRST + 1);
        let answered = f64::from(cycle.answered) / share.min(1.0);
        let rates = Rates {
            asked: f64::from(self.asked.saturating_sub(cycle.first)) / seconds,
            answered: f64::from(cycle.answered) / seconds,
        };
        self.begin_cycle(now, Some(rates));
        self.follows = match cycle.rates {
            Some(before) if rates.follow(before) => self.follows + 1,
            _ => 0,
        };
        if self.follows >= FOLLOWS {
            return self.lost_by_chance(now);
        }
        Some((asked.min(answered) / seconds).max(1.0))
    }

    /// Asking more slowly does not help: controls are lost by chance, and no pace is to be kept.
    fn lost_by_chance(&mut self, now: Instant) -> Option<f64> {
        (self.follows, self.soon) = (0, 0);
        self.chance = Some(self.controls.chance());
        self.latest_count = 0;
        self.begin_cycle(now, None);
        None
    }

    fn begin_cycle(&mut self, now: Instant, rates: Option<Rates>) {
        self.cycle = Cycle {
            began: now,
            first: self.asked,
            heard: self.asked,
            answered: 0,
            rates,
        };
    }

    /// The share of the latest controls that failed, once there are eight.
    pub fn lately_failed(&self) -> Option<f64> {
        let count = self.latest_count.min(LOOK_BACK);
        let latest = u32::from(self.latest) & ((1 << count) - 1);
        let controls = Loss {
            asked: count.into(),
            lost: latest.count_ones().into(),
        };
        (count >= LOOK_BACK / 2).then(|| controls.chance())
    }

    /// The chance that a control is lost, once it has been seen that asking more slowly does not help.
    pub fn chance(&self) -> Option<f64> {
        self.chance
    }

    /// Notes how a control ended. Says whether too many fail for the chance that was seen; then it is forgotten.
    fn note(&mut self, failed: bool) -> bool {
        self.latest = self.latest << 1 | u16::from(failed);
        self.latest_count = self.latest_count.saturating_add(1);
        let share = f64::from(self.latest.count_ones()) / f64::from(LOOK_BACK);
        let too_many = self.latest_count >= LOOK_BACK
            && self
                .chance
                .is_some_and(|q| share >= (q + MORE_THAN_CHANCE).min(1.0));
        if too_many {
            self.chance = None;
            self.controls = Loss::default();
        }
        too_many
    }

    /// Drops a kind that stays silent while the other one answers.
    fn forget(&mut self, now: Instant) {
        let Some(mute) = self.mute else { return };
        let other_hears = |k: &Known| k.count > 0 && k.failures == 0 && k.heard_sent >= mute.since;
        if now.since(mute.since) >= FORGET && self.kinds.iter().any(other_hears) {
            for known in self.kinds.iter_mut().filter(|k| k.failures > 0) {
                *known = Known::default();
            }
            self.mute = None;
        }
    }

    fn bit(&self, epoch: u32) -> u128 {
        1u128.checked_shl(self.epoch - epoch).unwrap_or(0)
    }

    fn roll(&mut self, now: Instant) {
        let lasted = now.since(self.began);
        let full = lasted >= EPOCH && self.asked_in_epoch >= EPOCH_ASKED;
        if full || lasted >= LONGEST_EPOCH {
            self.began = now;
            // Where a tenth is unanswered, silence will have to be judged.
            self.judges |= u64::from(self.answered) * 10 < u64::from(self.asked) * 9;
            self.shift();
        }
    }

    fn shift(&mut self) {
        self.epoch += 1;
        self.asked_in_epoch = 0;
        self.passive <<= 1;
        self.kinds.iter_mut().for_each(Known::shift);
    }
}
