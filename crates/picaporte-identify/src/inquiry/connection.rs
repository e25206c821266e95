//! One connection of an inquiry: what it is doing, what is to be sent on it, what came and until when more is awaited. Knows no rule.

use picaporte_core::{Duration, Instant};

use super::agenda::Ask;
use super::limits::Limits;
use crate::knowledge::RuleId;
use crate::tls::{Failure, Handshake, Question, State};

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Being opened.
    Opening,
    /// Waiting for what comes unasked.
    Greeting,
    /// Nothing is under way.
    Idle,
    /// Waiting for the answer to this.
    Asked(Ask),
    /// Waiting for the permission to begin TLS.
    Begging(RuleId),
    /// TLS is being agreed upon; by a command of the protocol or from the first byte on.
    Shaking {
        /// By a command.
        starttls: bool,
    },
    /// Waiting for the answer to a hello of our own.
    Questioning,
    /// Saying goodbye.
    Leaving,
}

/// What the bytes of a connection are.
pub(super) enum Wire {
    Plain,
    Tls(Box<Handshake>),
    Question(Box<Question>),
}

/// What the last question on a connection led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Used {
    /// Nothing was asked: as good as a new one.
    No,
    /// The answer was understood.
    Understood,
    /// Silence, or an answer that no rule knows: what is asked next may be taken for the rest of the last question.
    Unclear,
}

pub(super) struct Connection {
    pub(super) phase: Phase,
    /// What it was opened for.
    pub(super) purpose: Ask,
    pub(super) wire: Wire,
    pub(super) used: Used,
    /// The other side has ended it.
    pub(super) ended: bool,
    /// Since it stands; `None` while it is being opened.
    pub(super) since: Option<Instant>,
    /// When it must be over.
    pub(super) ends: Instant,
    /// What the answer is held against, to know an echo.
    pub(super) question: Vec<u8>,
    pub(super) answer: Answer,
    /// Plain bytes that came with the end of the TLS handshake.
    pub(super) early: Vec<u8>,
    /// The handshake was done, whatever has become of it.
    pub(super) was_ready: bool,
    sending: Vec<u8>,
    queued: Vec<u8>,
}

/// What came in answer to one question, or unasked.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) bytes: Vec<u8>,
    /// As much came as is kept, or more.
    pub(super) cut: bool,
    /// A rule is sure of it already.
    pub(super) settled: bool,
    /// How many bytes are worth another look at the rules.
    pub(super) next_look: usize,
    begun: Instant,
    patience: Duration,
    last: Option<Instant>,
}

impl Connection {
    pub(super) fn new(purpose: Ask, wire: Wire) -> Self {
        Self {
            phase: Phase::Opening,
            purpose,
            wire,
            used: Used::No,
            ended: false,
            since: None,
            ends: Instant::NEVER,
            question: Vec::new(),
            answer: Answer::default(),
            early: Vec::new(),
            was_ready: false,
            sending: Vec::new(),
            queued: Vec::new(),
        }
    }

    /// Waits for something new, the first byte of it for so long.
    pub(super) fn listen(&mut self, now: Instant, phase: Phase, patience: Duration) {
        self.phase = phase;
        self.answer = Answer {
            begun: now,
            patience,
            next_look: 1,
            ..Answer::default()
        };
    }

    /// To be sent, inside TLS where that stands.
    pub(super) fn say(&mut self, plain: &[u8]) {
        match &mut self.wire {
            Wire::Plain => self.queued.extend_from_slice(plain),
            Wire::Tls(tls) => {
                // What can't be written is not sent; the silence that follows is the answer.
                let _ = tls.write_plain(plain);
            }
            Wire::Question(_) => {}
        }
        self.flush();
    }

    /// What TLS itself has to send.
    pub(super) fn flush(&mut self) {
        let mut bytes = match &mut self.wire {
            Wire::Plain => return,
            Wire::Tls(tls) => tls.to_send(),
            Wire::Question(question) => question.to_send(),
        };
        self.queued.append(&mut bytes);
    }

    /// What is being sent; stays the same until it [was](Self::sent).
    pub(super) fn sending(&mut self) -> Option<&[u8]> {
        if self.ended {
            return None;
        }
        if self.sending.is_empty() {
            self.sending = std::mem::take(&mut self.queued);
        }
        (!self.sending.is_empty()).then_some(&*self.sending)
    }

    /// What was to be sent is; time begins for the answer.
    pub(super) fn sent(&mut self, now: Instant) {
        if self.sending.is_empty() {
            return;
        }
        self.sending.clear();
        if self.answer.last.is_none() {
            self.answer.begun = now;
        }
    }

    /// Takes bytes of the wire.
    pub(super) fn take(&mut self, now: Instant, bytes: &[u8], limits: &Limits) {
        let shaking = matches!(self.phase, Phase::Shaking { .. });
        match &mut self.wire {
            Wire::Plain => self.answer.push(now, bytes, limits),
            Wire::Question(question) => question.take(bytes),
            Wire::Tls(tls) => {
                tls.take(bytes);
                let mut plain = tls.read_plain();
                self.was_ready |= tls.state() == State::Ready || !plain.is_empty();
                self.ended |= !matches!(tls.state(), State::Shaking | State::Ready);
                if shaking {
                    self.answer.push(now, bytes, limits);
                    plain.truncate(limits.answer.saturating_sub(self.early.len()));
                    self.early.append(&mut plain);
                } else {
                    self.answer.push(now, &plain, limits);
                }
            }
        }
        self.flush();
    }

    /// The other side has ended it.
    pub(super) fn end(&mut self) {
        match &mut self.wire {
            Wire::Plain => {}
            Wire::Tls(tls) => tls.ended(),
            Wire::Question(question) => question.ended(),
        }
        self.ended = true;
    }

    /// Time is over for what TLS agrees upon.
    pub(super) fn time_out(&mut self) {
        match &mut self.wire {
            Wire::Tls(tls) if tls.state() == State::Shaking => tls.timed_out(),
            Wire::Question(question) => question.timed_out(),
            _ => {}
        }
    }

    /// Whether the handshake is over, and nothing was made of it yet.
    pub(super) fn is_shaken(&self) -> bool {
        let shaking = matches!(self.phase, Phase::Shaking { .. });
        shaking && matches!(&self.wire, Wire::Tls(tls) if tls.state() != State::Shaking)
    }

    /// Whether TLS that stood was refused afterwards, as it is without a certificate of the client where one is needed.
    pub(super) fn is_refused(&self) -> bool {
        let Wire::Tls(tls) = &self.wire else {
            return false;
        };
        matches!(tls.state(), State::Failed(Failure::Alert(_)))
    }

    /// Until when more is awaited; `None`: no more is.
    pub(super) fn until(&self, limits: &Limits, pause: Duration) -> Option<Instant> {
        let over = match (&self.wire, self.phase) {
            (_, Phase::Opening | Phase::Idle | Phase::Leaving) => true,
            (Wire::Question(question), _) => question.is_over(),
            (Wire::Tls(_), Phase::Shaking { .. }) => self.is_shaken(),
            _ => self.answer.cut,
        };
        if over || self.ended {
            return None;
        }
        let until = match self.phase {
            Phase::Shaking { .. } | Phase::Questioning => self.answer.until_complete(limits, pause),
            _ => self.answer.until_quiet(limits, pause),
        };
        Some(until.min(self.ends))
    }

    /// Says goodbye where the protocol has one.
    pub(super) fn leave(&mut self) {
        self.phase = Phase::Leaving;
        match &mut self.wire {
            Wire::Plain => self.queued.clear(),
            Wire::Tls(tls) => tls.close(),
            Wire::Question(_) => {}
        }
        self.flush();
    }
}

impl Answer {
    pub(super) fn push(&mut self, now: Instant, bytes: &[u8], limits: &Limits) {
        if bytes.is_empty() {
            return;
        }
        self.last = Some(now);
        let room = limits.answer.saturating_sub(self.bytes.len());
        self.bytes
            .extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.cut |= bytes.len() >= room;
    }

    /// Whether it has grown by so much that rules may say something new: each look at twice as many bytes as the last, so that all looks
    /// together cost no more than two.
    pub(super) fn is_worth_a_look(&mut self) -> bool {
        let worth = !self.settled && self.bytes.len() >= self.next_look;
        if worth {
            self.next_look = self.bytes.len().saturating_mul(2).max(1);
        }
        worth
    }

    /// The first byte has its patience, every other the pause after which an answer is over; all together has a bound.
    fn until_quiet(&self, limits: &Limits, pause: Duration) -> Instant {
        let quiet = if self.settled {
            limits.settled
        } else {
            limits.quiet
        };
        match self.last {
            None => self.begun + self.patience + pause,
            Some(last) => (last + quiet + pause).min(self.begun + limits.listen + pause),
        }
    }

    /// The same for what knows itself when it is complete.
    fn until_complete(&self, limits: &Limits, pause: Duration) -> Instant {
        let patience = if self.last.is_some() {
            limits.listen
        } else {
            self.patience
        };
        self.begun + patience + pause
    }
}
