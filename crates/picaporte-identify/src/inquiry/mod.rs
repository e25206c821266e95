//! The machine for one open port: what to ask it, in which order, and when to stop. Handed time and events, hands back what to do next.
//!
//! The protocol between the caller and an [`Inquiry`] is that of a [`Talk`](picaporte_core::talk). Its time counts only while a connection stands, so that a
//! connection may wait for the caller's caps; how long a handshake may take is the caller's. When it is done, or at any time before, [`Inquiry::finish`] gives what is known.
//!
//! The same events at the same moments give the same steps and the same result. What the other side sends is bounded by [`Limits`], as is
//! how often it is asked.
//!
//! # The strategy
//!
//! - **Who speaks first is listened to.** Where a service that greets is usual, for seconds; where nothing is known, for a moment; where what
//!   is usual waits to be asked, it is asked at once, and what comes is read as a greeting, too.
//! - **One connection as long as it is clean.** A silent port is asked on the connection that was listened to. A question that led to nothing
//!   may have left the other side in the midst of a message, so the next goes on a connection of its own while there are any.
//! - **What is known ends the search.** After that only what the rule names is asked, on the same connection where it stands.
//! - **TLS** comes first where it is usual, else after HTTP; at once where an alert or a web server's words say so. Everything else is then asked
//!   inside. At the end STARTTLS, where a rule knows how, and which older versions are accepted, behind STARTTLS if that is where TLS is; inside TLS
//!   before any guess that needs another connection, as guesses may take all that is left.
//! - **Who answers everything in the same way** (echo, the same page) is asked no further; a short word for all that it does not know is no reason to stop. An answer that is our own question is held
//!   against no rule.
//! - Nothing is sent to printers' and industrial ports, nor a probe that is opt-in, unless the user asks for it.

mod agenda;
mod answers;
mod connection;
mod course;
mod found;
mod further;
mod limits;
mod reading;
mod shake;
#[cfg(test)]
mod tests;
mod way;

use std::fmt;
use std::sync::Arc;

use picaporte_core::talk::Talk;
pub use picaporte_core::talk::{Event, Step};
use picaporte_core::{Duration, Instant, Port};

use crate::knowledge::{Host, Knowledge};
use crate::nmap;
use crate::service::Service;
pub use agenda::is_fragile;
use agenda::{Agenda, Ask};
use answers::Unknown;
use connection::{Connection, Phase};
use found::{Found, Outside};
pub use limits::Limits;
use way::Way;

/// One port that is asked what it is.
pub struct Inquiry {
    with: With,
    agenda: Agenda,
    connection: Option<Connection>,
    found: Found,
    outside: Option<Outside>,
    unknown: Unknown,
    greeting: Greeting,
    inside_tls: bool,
    /// The server wants no protocol to be offered inside.
    without_alpn: bool,
    further_asked: bool,
    /// Asked once more, as the connection was closed before it was answered.
    again: Option<Ask>,
    /// What was asked on this connection.
    said: Vec<Ask>,
    /// How TLS was begun by a command.
    way: Option<Way>,
    spent: Spent,
    over: bool,
    now: Instant,
}

/// What stays the same.
struct With {
    knowledge: Arc<Knowledge>,
    further: Option<Arc<nmap::Probes>>,
    port: Port,
    host: Host,
    limits: Limits,
    /// What is added to every wait: two round trips.
    pause: Duration,
    opt_in: bool,
}

/// What is known of greetings on this port, inside TLS or outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Greeting {
    Unknown,
    /// It was waited for, and did not come.
    Silent,
    Came,
}

#[derive(Debug, Default)]
struct Spent {
    connections: u8,
    versions: u8,
    questions: u8,
    bytes: usize,
    time: Duration,
    /// Connections that came to nothing: not opened, closed by the other side before anything was asked, or TLS that refused what stood.
    in_vain: u8,
}

/// Connections that may come to nothing before a port is left alone.
const IN_VAIN: u8 = 2;

impl Inquiry {
    /// Begins. `host` is what questions name and, if it is a name, what TLS asks for.
    pub fn new(knowledge: Arc<Knowledge>, host: Host, port: Port, limits: Limits) -> Self {
        Self {
            agenda: Agenda::plain(&knowledge, port, false),
            with: With {
                knowledge,
                further: None,
                port,
                host,
                limits,
                pause: Duration::ZERO,
                opt_in: false,
            },
            connection: None,
            found: Found::default(),
            outside: None,
            unknown: Unknown::default(),
            greeting: Greeting::Unknown,
            inside_tls: false,
            without_alpn: false,
            further_asked: false,
            again: None,
            said: Vec::new(),
            way: None,
            spent: Spent::default(),
            over: false,
            now: Instant::ZERO,
        }
    }

    /// A round trip takes so long: what is waited for is waited for two of them longer. At most 5 s count.
    #[must_use]
    pub fn round_trip(mut self, rtt: Duration) -> Self {
        self.with.pause = rtt.min(Duration::from_millis(5_000)).times(2);
        self
    }

    /// Probes that are opt-in may be sent, and ports that are fragile be asked: the user wants it.
    #[must_use]
    pub fn opt_in(mut self) -> Self {
        self.with.opt_in = true;
        self.agenda = Agenda::plain(&self.with.knowledge, self.with.port, true);
        self
    }

    /// The user's own probes, asked where ours find nothing.
    #[must_use]
    pub fn further(mut self, probes: Arc<nmap::Probes>) -> Self {
        self.with.further = Some(probes);
        self
    }

    /// What the port has said before it was asked, when the scan closed its connection. Say it last, as it is read at once. Nothing tells nothing: it
    /// may have greeted later.
    #[must_use]
    pub fn heard(mut self, bytes: &[u8]) -> Self {
        if !bytes.is_empty() {
            let bytes = &bytes[..bytes.len().min(self.with.limits.answer)];
            self.read_greeting(bytes);
        }
        self
    }

    /// What is known, also if it is not done.
    pub fn finish(mut self) -> Service {
        self.conclude(self.now);
        let connections = self.spent.connections;
        self.found.service(self.outside, connections)
    }
}

impl Talk for Inquiry {
    fn poll(&mut self, now: Instant) -> Step<'_> {
        self.now = self.now.max(now);
        match self.decide(now) {
            Do::Connect => Step::Connect,
            Do::Listen(until) => Step::Listen { until },
            Do::Close => Step::Close,
            Do::Done => Step::Done,
            Do::Send(until) => {
                let sending = self.connection.as_mut().and_then(Connection::sending);
                let bytes = sending.unwrap_or_default();
                Step::Send { bytes, until }
            }
        }
    }

    fn handle(&mut self, now: Instant, event: Event<'_>) {
        self.now = self.now.max(now);
        let Some(connection) = &mut self.connection else {
            return;
        };
        let opening = connection.phase == Phase::Opening;
        match event {
            Event::Connected if opening => self.connected(now),
            Event::NotConnected if opening => self.not_connected(),
            Event::Sent if !opening => connection.sent(now),
            Event::Bytes(bytes) if !opening && !connection.ended => self.took(now, bytes),
            Event::Closed | Event::Reset if !opening => connection.end(),
            _ => {}
        }
    }
}

/// [`Step`], before its bytes are looked up.
enum Do {
    Connect,
    Send(Instant),
    Listen(Instant),
    Close,
    Done,
}

impl fmt::Debug for Inquiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inquiry")
            .field("port", &self.with.port)
            .field("agenda", &self.agenda)
            .field("phase", &self.connection.as_ref().map(|c| c.phase))
            .field("inside_tls", &self.inside_tls)
            .field("spent", &self.spent)
            .field("over", &self.over)
            .finish_non_exhaustive()
    }
}
