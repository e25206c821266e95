//! The course of an inquiry: from each connection, question and answer to the next.

use picaporte_core::{Duration, Instant};

use super::agenda::{Ask, Greets, greets, is_tls_first};
use super::answers::{is_echo, is_http, is_tls_alert};
use super::connection::{Answer, Connection, Phase, Used, Wire};
use super::{Do, Greeting, IN_VAIN, Inquiry};
use crate::knowledge::{Recognized, Source};
use crate::tls::{Handshake, Question};

/// The probe whose rules know HTTP.
const HTTP: &str = "http-get";

/// Whether this takes a connection of its own, and is all that is done on it at first.
fn is_whole(ask: Ask) -> bool {
    matches!(ask, Ask::Legacy | Ask::Version(_) | Ask::Tls { .. })
}

impl Inquiry {
    /// What to do next. Each turn of the loop asks something, ends something or waits, and all three are bounded.
    pub(super) fn decide(&mut self, now: Instant) -> Do {
        loop {
            let Some(connection) = &mut self.connection else {
                match self.next_ask().filter(|_| self.may_connect()) {
                    Some(ask) => self.open(ask),
                    None => return Do::Done,
                }
                continue;
            };
            if connection.phase == Phase::Opening {
                return Do::Connect;
            }
            if connection.is_shaken() {
                // Before its last bytes are sent, so that the question goes with them.
                self.conclude(now);
                continue;
            }
            let ends = connection.ends;
            if now < ends && connection.sending().is_some() {
                return Do::Send(ends);
            }
            let until = connection.until(&self.with.limits, self.with.pause);
            if let Some(until) = until.filter(|until| now < *until && !self.over) {
                return Do::Listen(until);
            }
            match connection.phase {
                Phase::Leaving => return self.close(now),
                Phase::Idle => self.go_on(now),
                _ => self.conclude(now),
            }
        }
    }

    /// Whether another connection may be opened.
    fn may_connect(&self) -> bool {
        let (spent, limits) = (&self.spent, &self.with.limits);
        spent.connections < limits.connections
            && spent.time < limits.port
            && spent.bytes < limits.bytes
            && spent.in_vain < IN_VAIN
    }

    fn open(&mut self, ask: Ask) {
        let name = self.with.host.sni();
        let wire = match ask {
            Ask::Legacy => Wire::Question(Box::new(Question::any(name))),
            Ask::Version(version) => Wire::Question(Box::new(Question::of(version, name))),
            Ask::Tls { without_alpn: true } => Wire::Tls(Box::new(Handshake::new(name, &[]))),
            Ask::Tls { .. } => Wire::Tls(Box::new(Handshake::new(name, Handshake::ALPN))),
            Ask::Probe(_) | Ask::Further(_) if self.inside_tls => {
                Wire::Tls(Box::new(Handshake::new(name, &self.alpn(ask))))
            }
            _ => Wire::Plain,
        };
        if is_whole(ask) {
            self.agenda.take();
        }
        self.spent.connections += 1;
        self.connection = Some(Connection::new(ask, wire));
    }

    /// What is offered by ALPN for the sake of a probe.
    fn alpn(&self, ask: Ask) -> Vec<&[u8]> {
        let own = match ask {
            Ask::Probe(probe) => &self.with.knowledge.probe(probe).alpn[..],
            _ => &[],
        };
        match own {
            [] if self.without_alpn => Vec::new(),
            [] => Handshake::ALPN.to_vec(),
            own => own.iter().map(|protocol| &**protocol).collect(),
        }
    }

    pub(super) fn connected(&mut self, now: Instant) {
        let limits = self.with.limits;
        let expected = self.inside_tls || is_tls_first(&self.with.knowledge, self.with.port);
        let Some(connection) = &mut self.connection else {
            return;
        };
        let left = limits.port - self.spent.time;
        connection.since = Some(now);
        connection.ends = now + limits.connection.min(left);
        connection.flush();
        let tls_patience = if expected {
            limits.first_byte
        } else {
            limits.first_byte_unlikely
        };
        match connection.wire {
            Wire::Tls(_) => {
                connection.listen(now, Phase::Shaking { starttls: false }, tls_patience);
            }
            Wire::Question(_) => connection.listen(now, Phase::Questioning, limits.first_byte),
            Wire::Plain => self.arrive(now),
        }
    }

    pub(super) fn not_connected(&mut self) {
        self.spent.in_vain += 1;
        let purpose = self.connection.take().map(|connection| connection.purpose);
        if let Some(ask) = purpose.filter(|ask| is_whole(*ask)) {
            self.agenda.again(ask);
        }
    }

    /// The connection is good for questions: first listen, or not.
    pub(super) fn arrive(&mut self, now: Instant) {
        let early = self
            .connection
            .as_mut()
            .map(|c| std::mem::take(&mut c.early))
            .unwrap_or_default();
        let patience = if early.is_empty() {
            self.greeting_patience()
        } else {
            Some(Duration::ZERO)
        };
        let Some(connection) = &mut self.connection else {
            return;
        };
        let Some(patience) = patience else {
            connection.phase = Phase::Idle;
            return;
        };
        connection.listened = true;
        connection.listen(now, Phase::Greeting, patience);
        connection.answer.push(now, &early, &self.with.limits);
    }

    fn greeting_patience(&self) -> Option<Duration> {
        let limits = &self.with.limits;
        match self.greeting {
            Greeting::Came => return Some(limits.greeting),
            Greeting::Silent => return None,
            Greeting::Unknown => {}
        }
        match greets(
            &self.with.knowledge,
            self.with.port,
            self.inside_tls,
            self.with.opt_in,
        ) {
            Greets::Likely => Some(limits.greeting),
            Greets::Perhaps => Some(limits.greeting_unlikely),
            Greets::Unlikely => None,
        }
    }

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
        !sources.is_empty() && found.is_some_and(|found| !found.weak)
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
        let asked = connection.phase != Phase::Greeting;
        let at_once = asked && connection.used == Used::No && !connection.listened;
        if at_once {
            sources.push(Source::Greeting);
        }
        let http = self.with.knowledge.probe_named(HTTP).map(Source::Probe);
        if let Some(http) = http.filter(|http| is_http(answer) && !sources.contains(http)) {
            sources.push(http);
        }
        sources
    }

    /// What was waited for has come, or time is over.
    pub(super) fn conclude(&mut self, now: Instant) {
        let Some(connection) = &mut self.connection else {
            return;
        };
        if !connection.ended {
            connection.time_out();
        }
        match connection.phase {
            Phase::Greeting => self.greeted(),
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
            Some(recognized) => self.learn(Source::Greeting, &recognized, bytes),
            None if self.with.further.is_some() => self.greeted = bytes.to_vec(),
            None => {}
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
        let first = sources.first().copied().unwrap_or(Source::Greeting);
        self.learn(first, &recognized, answer);
        true
    }

    pub(super) fn learn(&mut self, source: Source, recognized: &Recognized, answer: &[u8]) {
        self.found
            .learn(&self.with.knowledge, source, recognized, answer);
        self.agenda.found();
        for next in &recognized.then {
            self.agenda
                .follow(&self.with.knowledge, *next, self.with.opt_in);
        }
    }

    /// Nothing is under way: ask on this connection, or leave it.
    fn go_on(&mut self, now: Instant) {
        let next = self.next_ask();
        let fits = next.filter(|ask| self.fits(now, *ask));
        match fits {
            Some(ask) => self.ask(now, ask),
            None => {
                if let Some(connection) = &mut self.connection {
                    connection.leave();
                }
            }
        }
    }

    /// Whether this can be asked on the connection that stands.
    fn fits(&self, now: Instant, ask: Ask) -> bool {
        let Some(connection) = &self.connection else {
            return false;
        };
        let clean = connection.used != Used::Unclear;
        let fits = match ask {
            Ask::Tls { .. } | Ask::Legacy | Ask::Version(_) => false,
            Ask::StartTls(_) => clean && matches!(connection.wire, Wire::Plain),
            Ask::Probe(probe)
                if self.inside_tls && !self.with.knowledge.probe(probe).alpn.is_empty() =>
            {
                connection.used == Used::No && connection.purpose == ask
            }
            Ask::Probe(_) | Ask::Further(_) => clean || !self.may_connect(),
        };
        fits && !connection.ended && now < connection.ends
    }

    fn ask(&mut self, now: Instant, ask: Ask) {
        let (limits, likely) = (&self.with.limits, self.is_likely(ask));
        let patience = if likely {
            limits.first_byte
        } else {
            limits.first_byte_unlikely
        };
        self.agenda.take();
        self.spent.questions += 1;
        let question = match ask {
            Ask::Probe(probe) => {
                let probe = self.with.knowledge.probe(probe);
                probe.question(&self.with.host, self.with.port.get())
            }
            Ask::Further(probe) => self.further_question(probe),
            Ask::StartTls(rule) => return self.beg(now, rule),
            Ask::Tls { .. } | Ask::Legacy | Ask::Version(_) => return,
        };
        let Some(connection) = &mut self.connection else {
            return;
        };
        connection.say(&question);
        connection.question = question;
        connection.listen(now, Phase::Asked(ask), patience);
    }

    /// Whether an answer is worth waiting for.
    fn is_likely(&self, ask: Ask) -> bool {
        let port = self.with.port.get();
        let probe = |probe| {
            let probe = self.with.knowledge.probe(probe);
            probe.ports.contains(port)
                || probe.tls_ports.contains(port)
                || probe.everywhere == Some(1)
        };
        self.agenda.next_follows() || matches!(ask, Ask::Probe(id) if probe(id))
    }

    fn close(&mut self, now: Instant) -> Do {
        let since = self
            .connection
            .take()
            .and_then(|connection| connection.since);
        self.spent.time = self.spent.time + since.map_or(Duration::ZERO, |since| now.since(since));
        Do::Close
    }

    /// What is next, if anything.
    pub(super) fn next_ask(&mut self) -> Option<Ask> {
        if self.over || self.spent.questions >= self.with.limits.questions {
            return None;
        }
        if self.agenda.next().is_none() {
            self.refill();
        }
        self.agenda.next()
    }

    /// What is left to ask when the search is over.
    fn refill(&mut self) {
        self.refill_further();
        if self.agenda.next().is_some() {
            return;
        }
        if let Some(rule) = self.found.starttls.take().filter(|_| !self.inside_tls) {
            return self.agenda.then(Ask::StartTls(rule));
        }
        let tls = self.found.tls.as_ref().filter(|tls| !tls.starttls);
        let version = tls.and_then(|tls| tls.versions.next());
        if let Some(version) = version.filter(|_| self.spent.versions < self.with.limits.versions) {
            self.spent.versions += 1;
            self.agenda.then(Ask::Version(version));
        }
    }
}
