//! TLS in the course of an inquiry: from the first byte on, by a command of the protocol, and by hellos of our own.

use picaporte_core::Instant;

use super::agenda::{Agenda, Ask, has_alpn};
use super::answers::Unknown;
use super::connection::{Phase, Used, Wire};
use super::{Greeting, Inquiry};
use crate::knowledge::{RuleId, Source};
use crate::tls::{Alert, Failure, Handshake, Heard, State};

impl Inquiry {
    /// Asks for TLS as a rule says.
    pub(super) fn beg(&mut self, now: Instant, rule: RuleId) {
        let Some(starttls) = self.with.knowledge.starttls(rule) else {
            return;
        };
        let (send, answered) = (starttls.send.clone(), starttls.is_answered());
        self.note_way(rule);
        let patience = self.with.limits.first_byte;
        let Some(connection) = &mut self.connection else {
            return;
        };
        connection.say(&send);
        connection.used = Used::Unclear;
        if answered {
            connection.listen(now, Phase::Begging(rule), patience);
        } else {
            self.begin(now);
        }
    }

    pub(super) fn lets_begin(&self, rule: RuleId, answer: &[u8]) -> bool {
        let starttls = self.with.knowledge.starttls(rule);
        starttls.is_some_and(|starttls| starttls.is_ok(answer))
    }

    pub(super) fn begged(&mut self, now: Instant, rule: RuleId) {
        let Some(connection) = &self.connection else {
            return;
        };
        let answer = &connection.answer.bytes[..];
        if self.lets_begin(rule, answer) {
            return self.begin(now);
        }
        self.lose_way();
    }

    /// From here on the connection is TLS, or a hello of our own.
    fn begin(&mut self, now: Instant) {
        if !self.can_go_on(now) {
            return self.lose_way();
        }
        let purpose = self.connection.as_ref().map(|c| c.purpose);
        let question = purpose.and_then(|purpose| self.hello(purpose));
        let (wire, phase) = if let Some(question) = question {
            (Wire::Question(question), Phase::Questioning)
        } else {
            let tls = Handshake::new(self.with.host.sni(), &[]);
            (Wire::Tls(Box::new(tls)), Phase::Shaking { starttls: true })
        };
        let patience = self.with.limits.first_byte;
        let Some(connection) = &mut self.connection else {
            return;
        };
        connection.wire = wire;
        connection.listen(now, phase, patience);
        connection.flush();
    }

    pub(super) fn leave(&mut self) {
        if let Some(connection) = &mut self.connection {
            connection.leave();
        }
    }

    /// A handshake is over, one way or the other.
    pub(super) fn shaken(&mut self, now: Instant, starttls: bool) {
        let Some(connection) = &mut self.connection else {
            return;
        };
        let Wire::Tls(handshake) = &connection.wire else {
            return;
        };
        let (ready, is_tls) = (connection.was_ready, handshake.is_tls());
        let worth_a_question = handshake.is_worth_a_question();
        if ready || is_tls || worth_a_question {
            let tls = self.found.tls.get_or_insert_default();
            tls.starttls |= starttls;
            tls.learn(handshake);
        }
        let failure = match handshake.state() {
            State::Failed(failure) => Some(failure),
            _ => None,
        };
        match (ready, starttls) {
            (true, false) => self.inside(now),
            (_, true) => {
                if worth_a_question && !ready {
                    self.agenda.then(Ask::Legacy);
                }
                self.leave();
            }
            (false, false) => {
                self.not_shaken(failure, is_tls || worth_a_question, worth_a_question);
            }
        }
    }

    /// TLS stands from the first byte on: all else is inside.
    fn inside(&mut self, now: Instant) {
        if !self.inside_tls {
            self.inside_tls = true;
            self.outside = Some(self.found.enter_tls());
            let with = &self.with;
            self.agenda =
                Agenda::inside_tls(&with.knowledge, with.port, with.opt_in, self.without_alpn);
            self.greeting = Greeting::Unknown;
            self.unknown = Unknown::default();
        }
        self.arrive(now);
    }

    /// No TLS, or none that can be used.
    fn not_shaken(&mut self, failure: Option<Failure>, is_tls: bool, worth_a_question: bool) {
        let Some(connection) = &mut self.connection else {
            return;
        };
        let came = std::mem::take(&mut connection.answer).bytes;
        let purpose = connection.purpose;
        connection.leave();
        let refused = failure == Some(Failure::Alert(Alert::NO_APPLICATION_PROTOCOL));
        if self.inside_tls && refused && has_alpn(&self.with.knowledge, purpose) {
            self.agenda.refused(purpose);
        } else if self.inside_tls {
            self.spent.in_vain += 1;
        } else if is_tls {
            self.agenda.found();
            if refused {
                self.without_alpn = true;
                self.agenda.then(Ask::Tls { without_alpn: true });
            } else if worth_a_question {
                self.agenda.then(Ask::Legacy);
            }
        } else if failure == Some(Failure::Echo) {
            self.unknown.echo_of_hello();
        } else if !came.is_empty() {
            self.answered_hello(&came);
        } else if failure == Some(Failure::Closed)
            && self.with.knowledge.is_tls_port(self.with.port.get())
        {
            // Some old servers hang up on a hello of today.
            self.agenda.look(Ask::Legacy);
        }
        self.judge_unknown();
    }

    /// Something that is no TLS came in answer to a hello: a greeting, or a web server's complaint.
    fn answered_hello(&mut self, answer: &[u8]) {
        // A web server does not greet, and is not waited for on the next connection.
        let http = self.http(answer);
        if http.is_some() && self.greeting == Greeting::Unknown {
            self.greeting = Greeting::Silent;
        }
        let source = http.unwrap_or(Source::Greeting);
        self.found.came(answer);
        match self.with.knowledge.recognize(&[source], answer) {
            Some(recognized) if !self.found.is_known() => {
                self.learn(&recognized, answer);
            }
            Some(_) => {}
            None => self.unknown.answer(answer),
        }
    }

    /// A hello of our own was answered, or not.
    pub(super) fn questioned(&mut self) {
        let Some(connection) = &mut self.connection else {
            return;
        };
        let Wire::Question(question) = &connection.wire else {
            return;
        };
        let is_tls = matches!(
            question.heard(),
            Some(Heard::Hello { .. } | Heard::Alert(_))
        );
        let known = self.found.tls.is_some();
        if is_tls || known {
            self.found.tls.get_or_insert_default().hear(question);
        }
        connection.leave();
        if is_tls && !known {
            self.agenda.found();
        }
    }
}
