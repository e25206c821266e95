//! One question to a server, by a `ClientHello` of our own, on a connection of its own: does it speak this version, and, up to 1.2, with which certificates?
//!
//! The answer is a `ServerHello`, an alert or neither; no handshake is ever finished. So no key is made and no secret is shared, and old ciphers that no library should have any more can
//! be asked for.

use super::Alert;
use super::answer::{self, CERTIFICATE, HELLO_REQUEST, SERVER_HELLO, ServerHello};
use super::certificate::Chain;
use super::handshake::Handshake;
use super::hello::{hello, offers};
use super::name::sni;
use super::opening::{Begins, Opening};
use super::records::{Message, Records};
use super::suite::Suite;
use super::version::TlsVersion;

#[cfg(test)]
mod tests;

/// What was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Whether this version is accepted; a server answers with an older one if it lacks it (but for 1.3, which is asked for alone).
    Version(TlsVersion),
    /// Whatever is spoken up to 1.2, with every cipher, and which certificates are shown.
    Any,
}

impl Asked {
    /// The newest version that was offered.
    pub(super) fn newest(self) -> TlsVersion {
        match self {
            Self::Version(version) => version,
            Self::Any => TlsVersion::Tls12,
        }
    }
}

/// What was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// A `ServerHello`: what it chose, of what was offered.
    Hello {
        /// The version
        version: TlsVersion,
        /// The cipher suite
        suite: Suite,
    },
    /// An alert that ends the connection.
    Alert(Alert),
    /// The connection ended without an answer, by a FIN or a reset.
    Closed,
    /// The time was over before an answer came: nothing is known.
    Silent,
    /// What came is no TLS from its first bytes on.
    NotTls,
    /// Our own hello came back: an echo service.
    Echo,
    /// It began as TLS, and then broke its rules, or chose what was not offered.
    Malformed,
    /// More came than is taken: [`Question::MOST`], or 64 KiB in one message.
    TooBig,
}

/// A question: send [`to_send`](Self::to_send), [`take`](Self::take) what comes, or say that it [`ended`](Self::ended) or [`timed_out`](Self::timed_out), until it [is over](Self::is_over); send once more, and close.
///
/// # Bounds
/// [`MOST`](Self::MOST) bytes of the wire, 64 KiB for one message.
#[derive(Debug)]
pub struct Question {
    asked: Asked,
    to_send: Vec<u8>,
    opening: Opening,
    records: Records,
    taken: usize,
    heard: Option<Heard>,
    chain: Chain,
    over: bool,
}

impl Question {
    /// Bytes of the wire that are taken, for the same reason as [`Handshake::MOST`].
    pub const MOST: usize = Handshake::MOST;

    /// Asks whether a version is accepted. `host` as for [`Handshake::new`].
    pub fn of(version: TlsVersion, host: Option<&str>) -> Self {
        Self::new(Asked::Version(version), host)
    }

    /// Asks for whatever is spoken up to TLS 1.2, and for the certificates.
    pub fn any(host: Option<&str>) -> Self {
        Self::new(Asked::Any, host)
    }

    fn new(asked: Asked, host: Option<&str>) -> Self {
        let name = host.and_then(sni);
        Self {
            asked,
            to_send: hello(asked.newest(), name.as_deref()),
            opening: Opening::default(),
            records: Records::default(),
            taken: 0,
            heard: None,
            chain: Chain::default(),
            over: false,
        }
    }

    /// What goes to the wire now: the question at first; when it is over, a goodbye if a hello was heard.
    pub fn to_send(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.to_send)
    }

    /// Takes what came from the wire. What comes after it is over is dropped.
    pub fn take(&mut self, wire: &[u8]) {
        if self.over {
            return;
        }
        match self.opening.take(wire) {
            Begins::NotTls => return self.end(Heard::NotTls),
            Begins::Echo => return self.end(Heard::Echo),
            Begins::Tls | Begins::Unknown => {}
        }
        let room = Self::MOST - self.taken;
        let taken = &wire[..wire.len().min(room)];
        self.taken += taken.len();
        self.records.take(taken);
        while !self.over {
            match self.records.next() {
                Some(message) => self.read(message),
                None => break,
            }
        }
        if !self.over && self.taken == Self::MOST {
            self.end(Heard::TooBig);
        }
    }

    /// The server has ended the connection, by a FIN or a reset.
    pub fn ended(&mut self) {
        if !self.over {
            self.end(Heard::Closed);
        }
    }

    /// The caller's time is over. It is not the same as an [end](Self::ended): who is slow, or serves one at a time, refuses nothing.
    pub fn timed_out(&mut self) {
        if !self.over {
            self.end(Heard::Silent);
        }
    }

    /// Whether nothing more is expected.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// What was asked.
    pub fn asked(&self) -> Asked {
        self.asked
    }

    /// What was heard.
    pub fn heard(&self) -> Option<Heard> {
        self.heard
    }

    /// The certificates, if they were asked for.
    pub fn chain(&self) -> Chain {
        self.chain.clone()
    }

    fn read(&mut self, message: Message) {
        let hello = matches!(self.heard, Some(Heard::Hello { .. }));
        match message {
            Message::Handshake(HELLO_REQUEST, _) if !hello => {}
            Message::Handshake(SERVER_HELLO, body) if !hello => self.hello(&body),
            Message::Handshake(CERTIFICATE, body) if hello => {
                self.chain = Chain::read(answer::certificates(&body));
                self.goodbye();
            }
            // A server without a certificate goes on with its key, or is done.
            Message::Handshake(..) if hello => self.goodbye(),
            Message::Alert(_, 0) => self.end(Heard::Closed),
            // A warning, such as that it knows no such name; it goes on.
            Message::Alert(1, _) => {}
            Message::Alert(_, number) => self.end(Heard::Alert(Alert(number))),
            Message::Handshake(..) | Message::Malformed => self.end(Heard::Malformed),
            Message::TooBig => self.end(Heard::TooBig),
        }
    }

    fn hello(&mut self, body: &[u8]) {
        match answer::server_hello(body) {
            Some(hello) if self.offered(hello) => {
                self.heard = Some(Heard::Hello {
                    version: hello.version,
                    suite: hello.suite,
                });
                // 1.3 has its certificates encrypted.
                if self.asked != Asked::Any {
                    self.goodbye();
                }
            }
            _ => self.end(Heard::Malformed),
        }
    }

    /// Whether a server may choose so: 1.3 is asked for alone, the others with what is older.
    fn offered(&self, hello: ServerHello) -> bool {
        let newest = self.asked.newest();
        let version = match newest {
            TlsVersion::Tls13 => hello.version == newest,
            _ => hello.version <= newest,
        };
        version && offers(newest).any(|number| number == hello.suite.0)
    }

    /// It is over. What was heard first stays.
    fn end(&mut self, heard: Heard) {
        self.heard.get_or_insert(heard);
        self.finish();
    }

    /// Nothing more is taken, and what was taken is let go.
    fn finish(&mut self) {
        self.over = true;
        self.records = Records::default();
    }

    /// All was heard: says that nothing more comes (`close_notify`), in the version that was chosen.
    fn goodbye(&mut self) {
        self.finish();
        if let Some(Heard::Hello { version, .. }) = self.heard {
            let [major, minor] = version.min(TlsVersion::Tls12).wire().to_be_bytes();
            self.to_send.extend([21, major, minor, 0, 2, 1, 0]);
        }
    }
}
