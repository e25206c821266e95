//! The hearing of a host that may never answer, as most of a wide scan never do: it takes no memory until the first answer.

use super::{EARLIER, Hearing, Judgement, Kind, PORTS};
use crate::flight::Slot;
use crate::port::PortSet;
use crate::time::Instant;

/// One host's hearing, if it has answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ear {
    /// Attempts before the first answer, and when they began.
    asked: u32,
    began: Instant,
    hearing: Option<Box<Hearing>>,
    /// It has answered, though what answered may have been forgotten.
    was_known: bool,
}

impl Ear {
    /// See [`Hearing::asked`].
    pub(crate) fn asked(&mut self, now: Instant) -> (u32, u32) {
        if let Some(hearing) = &mut self.hearing {
            return hearing.asked(now);
        }
        if self.asked == 0 {
            self.began = now;
        }
        self.asked = self.asked.saturating_add(1);
        (EARLIER, self.asked)
    }

    /// See [`Hearing::unasked`].
    pub(crate) fn unasked(&mut self) {
        match &mut self.hearing {
            Some(hearing) => hearing.unasked(),
            None => self.asked = self.asked.saturating_sub(1),
        }
    }

    /// See [`Hearing::answered`]. Says whether this is the first answer of the host.
    pub(crate) fn answered(&mut self, now: Instant, kind: Kind, s: &Slot) -> bool {
        self.begun(now).answered(kind, s.wire, s.epoch, s.number);
        !std::mem::replace(&mut self.was_known, true)
    }

    /// Whether it has ever answered.
    pub(crate) fn was_known(&self) -> bool {
        self.was_known
    }

    /// Whether more than one port is known to answer.
    pub(crate) fn knows_many(&self) -> bool {
        self.ports() > 1
    }

    /// What answered is forgotten, and with it that it fell silent.
    pub(crate) fn forget(&mut self) {
        if let Some(hearing) = &mut self.hearing {
            hearing.forget_all();
        }
    }

    /// Silence is to be judged from now on.
    pub(crate) fn judges(&mut self, now: Instant) {
        if let Some(hearing) = &mut self.hearing {
            hearing.judges(now);
        }
    }

    /// Another part of the scan knows ports that answer, as [`examples`](Self::examples) gives them. Says whether this is the first sign
    /// of life.
    pub(crate) fn hear_of(&mut self, now: Instant, answers: [Option<u16>; 2]) -> bool {
        for (kind, port) in [Kind::Closed, Kind::Open].into_iter().zip(answers) {
            if let Some(port) = port {
                self.begun(now).hear_of(kind, port);
            }
        }
        answers.iter().any(Option::is_some) && !std::mem::replace(&mut self.was_known, true)
    }

    /// These ports, closed and open, answered an earlier run; the first few of each are kept. Says whether there are any.
    pub(crate) fn remember(&mut self, now: Instant, closed: &PortSet, open: &PortSet) -> bool {
        for (kind, ports) in [(Kind::Closed, closed), (Kind::Open, open)] {
            for port in ports.iter().take(PORTS) {
                self.begun(now).remember(kind, port);
            }
        }
        let any = !closed.is_empty() || !open.is_empty();
        any && !std::mem::replace(&mut self.was_known, true)
    }

    /// The hearing, which begins with the first answer.
    fn begun(&mut self, now: Instant) -> &mut Hearing {
        let (asked, began) = (self.asked, self.began);
        self.hearing
            .get_or_insert_with(|| Box::new(Hearing::after(asked, began, now)))
    }

    /// A port of each kind that is known to answer.
    pub(crate) fn examples(&self) -> [Option<u16>; 2] {
        self.hearing
            .as_ref()
            .map_or([None; 2], |hearing| hearing.examples())
    }

    /// How many ports are known to answer.
    pub(crate) fn ports(&self) -> u32 {
        self.hearing.as_ref().map_or(0, |h| h.ports())
    }

    /// Whether a control is due.
    pub(crate) fn due(&self, now: Instant) -> bool {
        self.hearing.as_ref().is_some_and(|h| h.due(now))
    }

    /// See [`Hearing::control`].
    pub(crate) fn control(&mut self, now: Instant) -> Option<(Kind, u16, u32)> {
        self.hearing.as_mut()?.control(now)
    }

    /// The hearing, which is there if a control was ever sent.
    pub(crate) fn known(&mut self) -> Option<&mut Hearing> {
        self.hearing.as_deref_mut()
    }

    /// Since when the host has been mute.
    pub(crate) fn mute(&self) -> Option<Instant> {
        self.hearing.as_ref()?.mute()
    }

    /// When the next control of a mute host is due.
    pub(crate) fn poll_at(&self) -> Option<Instant> {
        self.hearing.as_ref()?.poll_at()
    }

    /// See [`Hearing::judge`].
    pub(crate) fn judge(&mut self, now: Instant, epoch: u32, lossy: bool) -> Judgement {
        match &mut self.hearing {
            Some(hearing) => hearing.judge(now, epoch, lossy),
            None => Judgement::Proven,
        }
    }

    /// Whether most of its first attempts were answered.
    pub(crate) fn mostly_answers(&self) -> bool {
        self.hearing.as_ref().is_some_and(|h| h.mostly_answers())
    }

    /// See [`Hearing::lately_failed`].
    pub(crate) fn lately_failed(&self) -> Option<f64> {
        self.hearing.as_ref()?.lately_failed()
    }

    /// See [`Hearing::chance`].
    pub(crate) fn chance(&self) -> Option<f64> {
        self.hearing.as_ref()?.chance()
    }
}
