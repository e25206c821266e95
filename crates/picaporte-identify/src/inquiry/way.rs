//! Hellos of our own behind a command (STARTTLS): each on a connection of its own, which goes the way that led to TLS before.
//!
//! What a protocol wants to hear before its command differs: SMTP an EHLO (RFC 3207, section 4), IMAP nothing; `PostgreSQL` may have heard nothing.
//! So nothing is assumed: the greeting is waited for if one came, what was asked before the command is asked again, and then the command. If the
//! way is barred this time, no hello is sent, and the versions that are left count as not asked.

use picaporte_core::Instant;

use super::agenda::Ask;
use super::connection::{Phase, Used, Wire};
use super::{Greeting, Inquiry};
use crate::knowledge::RuleId;
use crate::tls::{Question, TlsVersion};

/// How TLS was begun by a command.
pub(super) struct Way {
    /// Has the command.
    rule: RuleId,
    /// What was asked before it, on the same connection.
    before: Vec<Ask>,
}

impl Way {
    /// Questions that one hello costs.
    fn questions(&self) -> u8 {
        u8::try_from(self.before.len() + 1).unwrap_or(u8::MAX)
    }
}

impl Inquiry {
    /// The command is about to be sent: so it was reached.
    pub(super) fn note_way(&mut self, rule: RuleId) {
        if !self.is_on_the_way() {
            let before = self.said.clone();
            self.way = Some(Way { rule, before });
        }
    }

    /// Whether TLS is begun by a command here.
    pub(super) fn is_behind_command(&self) -> bool {
        self.found.tls.as_ref().is_some_and(|tls| tls.starttls)
    }

    /// The hello that this asks with.
    pub(super) fn hello(&self, ask: Ask) -> Option<Box<Question>> {
        let name = self.with.host.sni();
        let question = match ask {
            Ask::Legacy => Question::any(name),
            Ask::Version(version) => Question::of(version, name),
            _ => return None,
        };
        Some(Box::new(question))
    }

    /// The version to ask next, as long as connections and questions may be spent on it.
    pub(super) fn next_version(&self) -> Option<TlsVersion> {
        let (spent, limits) = (&self.spent, &self.with.limits);
        let tls = self.found.tls.as_ref()?;
        let questions = if tls.starttls {
            self.way.as_ref()?.questions()
        } else {
            0
        };
        let may = spent.versions < limits.versions
            && spent.questions.saturating_add(questions) <= limits.questions;
        tls.versions.next().filter(|_| may)
    }

    /// Whether the connection stands for the sake of a hello that is not sent yet.
    pub(super) fn is_on_the_way(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| {
            let hello = matches!(connection.purpose, Ask::Legacy | Ask::Version(_));
            hello && matches!(connection.wire, Wire::Plain)
        })
    }

    /// Whether something more can be sent on the connection.
    pub(super) fn can_go_on(&self, now: Instant) -> bool {
        let connection = self.connection.as_ref();
        !self.over && connection.is_some_and(|c| !c.ended && now < c.ends)
    }

    /// The next step of the way.
    pub(super) fn go_the_way(&mut self, now: Instant) {
        let may = self.can_go_on(now) && self.spent.questions < self.with.limits.questions;
        let Some(way) = self.way.as_ref().filter(|_| may) else {
            return self.lose_way();
        };
        self.spent.questions += 1;
        match way.before.get(self.said.len()).copied() {
            Some(ask) => self.say(now, ask, self.with.limits.first_byte),
            None => self.beg(now, way.rule),
        }
    }

    /// A question that was asked before was asked again; what is answered is known.
    pub(super) fn asked_again(&mut self) {
        let Some(connection) = &mut self.connection else {
            return;
        };
        connection.phase = Phase::Idle;
        connection.used = Used::Understood;
        let answer = std::mem::take(&mut connection.answer);
        if answer.bytes.is_empty() || answer.cut {
            self.lose_way();
        }
    }

    /// Who greeted before and does not this time is not to be asked.
    pub(super) fn miss_greeting(&mut self) {
        if self.greeting == Greeting::Came && self.is_on_the_way() {
            self.lose_way();
        }
    }

    /// It leads to TLS no more.
    pub(super) fn lose_way(&mut self) {
        self.way = None;
        self.leave();
    }
}
