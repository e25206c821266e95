//! The course of an inquiry: which connection is opened, what is asked on it, when it is left.

use picaporte_core::{Duration, Instant};

use super::agenda::{Ask, Greets, greets, has_alpn};
use super::connection::{Connection, Phase, Used, Wire};
use super::{Do, Greeting, IN_VAIN, Inquiry};
use crate::tls::Handshake;

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
            Ask::Legacy | Ask::Version(_) if self.is_behind_command() => Wire::Plain,
            Ask::Legacy | Ask::Version(_) => self.hello(ask).map_or(Wire::Plain, Wire::Question),
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
        self.said.clear();
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
        let expected = self.inside_tls || self.with.knowledge.is_tls_port(self.with.port.get());
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

    /// Nothing is under way: ask on this connection, or leave it.
    fn go_on(&mut self, now: Instant) {
        if self.is_on_the_way() {
            return self.go_the_way(now);
        }
        let next = self.next_ask();
        let fits = next.filter(|ask| self.fits(now, *ask));
        match fits {
            Some(ask) => self.ask(now, ask),
            None => self.leave(),
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
            Ask::Probe(_) if self.inside_tls && has_alpn(&self.with.knowledge, ask) => {
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
        match ask {
            Ask::StartTls(rule) => self.beg(now, rule),
            ask => self.say(now, ask, patience),
        }
    }

    /// Asks this on the connection that stands.
    pub(super) fn say(&mut self, now: Instant, ask: Ask, patience: Duration) {
        let question = match ask {
            Ask::Probe(probe) => {
                let probe = self.with.knowledge.probe(probe);
                probe.question(&self.with.host, self.with.port.get())
            }
            Ask::Further(probe) => self.further_question(probe),
            Ask::StartTls(_) | Ask::Tls { .. } | Ask::Legacy | Ask::Version(_) => return,
        };
        let Some(connection) = &mut self.connection else {
            return;
        };
        self.said.push(ask);
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
        if self.over {
            return None;
        }
        if self.spent.questions >= self.with.limits.questions || !self.may_connect() {
            self.turn_to_further();
        }
        if self.spent.questions >= self.with.limits.questions {
            return None;
        }
        if self.agenda.next().is_none() {
            self.refill();
        } else if self.inside_tls && self.connection.is_none() && !self.agenda.next_follows() {
            // What is left of the search is guesses; what versions are accepted will be known.
            self.refill_versions();
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
        self.refill_versions();
    }

    fn refill_versions(&mut self) {
        if let Some(version) = self.next_version() {
            self.spent.versions += 1;
            self.agenda.then(Ask::Version(version));
        }
    }
}
