//! What is made of what comes in the course of an inquiry: greetings and answers.

use picaporte_core::Instant;

use super::agenda::Ask;
use super::answers::{is_echo, is_http, is_tls_alert};
use super::connection::{Answer, Phase, Used};
use super::{Greeting, Inquiry};
use crate::knowledge::{Recognized, Source};

/// The probe whose rules know HTTP.
const HTTP: &str = "http-get";

impl Inquiry {
    /// Bytes came.
    pub(super) fn took(&mut self, now: Instant, bytes: &[u8]) {
        let limits = self.with.limits;
        self.spent.bytes = self.spent.bytes.saturating_add(bytes.len());
        self.over |= self.spent.bytes >= limits.bytes;
        let Some(connection) = &mut self.connection else {
            return;
        };
        connection.take(now, bytes, &limits);
        if connection.answer.is_worth_a_look() {
            let sources = self.sources();
            let settled =
                self.connection
                    .as_ref()
                    .is_some_and(|connection| match connection.phase {
                        Phase::Begging(rule) => self.lets_begin(rule, &connection.answer.bytes),
                        _ => self.is_sure_of(&sources, &connection.answer.bytes),
                    });
            if let Some(connection) = &mut self.connection {
                connection.answer.settled = settled;
            }
        }
    }

    fn is_sure_of(&self, sources: &[Source], answer: &[u8]) -> bool {
        let found = self.with.knowledge.recognize(sources, answer);
        found.is_some_and(|found| !found.weak)
    }

    /// What the answer that is under way is held against.
    fn sources(&self) -> Vec<Source> {
        let Some(connection) = &self.connection else {
            return Vec::new();
        };
        let mut sources = match connection.phase {
            Phase::Greeting => vec![Source::Greeting],
            Phase::Asked(Ask::Probe(probe)) => vec![Source::Probe(probe)],
            _ => return Vec::new(),
        };
        let answer = &connection.answer.bytes;
        let http = self.http(answer);
        if let Some(http) = http.filter(|http| !sources.contains(http)) {
            sources.push(http);
        }
        // What never greeted may do so late, and then it looks as if it answered.
        let may_greet = self.greeting != Greeting::Came && connection.used == Used::No;
        if may_greet && connection.phase != Phase::Greeting {
            sources.push(Source::Greeting);
        }
        sources
    }

    /// What else an answer is held against that looks like HTTP's, whatever was asked.
    pub(super) fn http(&self, answer: &[u8]) -> Option<Source> {
        let http = || self.with.knowledge.probe_named(HTTP);
        is_http(answer).then(http).flatten().map(Source::Probe)
    }

    /// What was waited for has come, or time is over.
    pub(super) fn conclude(&mut self, now: Instant) {
        let on_the_way = self.is_on_the_way();
        let Some(connection) = &mut self.connection else {
            return;
        };
        if !connection.ended {
            connection.time_out();
        }
        match connection.phase {
            Phase::Greeting => self.greeted(),
            Phase::Asked(_) if on_the_way => self.asked_again(),
            Phase::Asked(ask) => self.answered(ask),
            Phase::Begging(rule) => self.begged(now, rule),
            Phase::Shaking { starttls } => self.shaken(now, starttls),
            Phase::Questioning => self.questioned(),
            Phase::Opening | Phase::Idle | Phase::Leaving => {}
        }
    }

    fn greeted(&mut self) {
        let Some(connection) = &mut self.connection else {
            return;
        };
        connection.phase = Phase::Idle;
        let answer = std::mem::take(&mut connection.answer);
        self.spent.in_vain += u8::from(connection.ended);
        if answer.bytes.is_empty() {
            if self.greeting == Greeting::Unknown {
                self.greeting = Greeting::Silent;
            }
            self.miss_greeting();
            return;
        }
        self.read_greeting(&answer.bytes);
        // Who sends without end before anything was asked does not listen.
        self.over |= answer.cut && !self.found.is_known();
    }

    pub(super) fn read_greeting(&mut self, bytes: &[u8]) {
        self.greeting = Greeting::Came;
        self.found.came(bytes);
        if self.found.is_known() {
            return;
        }
        match self.with.knowledge.recognize(&[Source::Greeting], bytes) {
            Some(recognized) => self.learn(&recognized, bytes),
            None => self.greeted_further(bytes),
        }
    }

    fn answered(&mut self, ask: Ask) {
        let sources = self.sources();
        let Some(connection) = &mut self.connection else {
            return;
        };
        connection.phase = Phase::Idle;
        let Answer {
            bytes: answer, cut, ..
        } = std::mem::take(&mut connection.answer);
        let used = std::mem::replace(&mut connection.used, Used::Unclear);
        if answer.is_empty() {
            self.spent.in_vain += u8::from(connection.is_refused());
            // It may have closed because of the question before.
            if connection.ended && used == Used::Understood && self.again != Some(ask) {
                self.again = Some(ask);
                self.agenda.again(ask);
            }
            return;
        }
        self.found.came(&answer);
        if is_echo(&connection.question, &answer) {
            self.unknown.echo(answer == connection.question);
        } else if !self.understands(ask, &sources, &answer) {
            self.unknown.answer(&answer);
        } else if let Some(connection) = self.connection.as_mut().filter(|_| !cut) {
            connection.used = Used::Understood;
        }
        self.judge_unknown();
    }

    /// What came and is not known may tell by itself that nothing more will come.
    pub(super) fn judge_unknown(&mut self) {
        if self.unknown.echoes() {
            self.found.learn_echo();
        }
        self.over |= self.unknown.is_hopeless();
    }

    /// Whether anything is made of an answer.
    fn understands(&mut self, ask: Ask, sources: &[Source], answer: &[u8]) -> bool {
        if !self.inside_tls && is_tls_alert(answer) {
            self.agenda.then(Ask::Tls {
                without_alpn: false,
            });
            return false;
        }
        if let Ask::Further(probe) = ask {
            return self.understands_further(probe, answer);
        }
        let Some(recognized) = self.with.knowledge.recognize(sources, answer) else {
            return false;
        };
        self.learn(&recognized, answer);
        true
    }

    pub(super) fn learn(&mut self, recognized: &Recognized, answer: &[u8]) {
        self.found.learn(&self.with.knowledge, recognized, answer);
        if recognized.source == Source::Greeting {
            self.greeting = Greeting::Came;
        }
        self.agenda.found();
        for next in &recognized.then {
            self.agenda
                .follow(&self.with.knowledge, *next, self.with.opt_in);
        }
        // A web server that was asked something else says more when it is asked in its own words.
        if let Some(Source::Probe(http)) = self.http(answer).filter(|_| recognized.weak) {
            self.agenda.then(Ask::Probe(http));
        }
    }
}
