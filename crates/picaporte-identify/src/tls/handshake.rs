//! A TLS client that accepts every certificate, over rustls: so that what is spoken inside can be asked and read.
//!
//! Sans-IO: [`Handshake::take`] is given what came from the wire, [`Handshake::to_send`] says what goes there. It may begin in the midst of a connection.

use std::fmt;
use std::io::{BufRead as _, Write as _};
use std::mem;
use std::sync::Arc;

use picaporte_encode::Untrusted;
use rustls::ClientConnection;

use super::Alert;
use super::certificate::Chain;
use super::failure::{Failure, WriteError};
use super::name::server_name;
use super::opening::{Begins, Opening};
use super::suite::Suite;
use super::unverified::{Asks, config};
use super::version::{Refusal, TlsVersion, Versions};

#[cfg(test)]
mod tests;

/// How a handshake stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Under way: send what is [to be sent](Handshake::to_send), and [take](Handshake::take) what comes.
    Shaking,
    /// Done: plain bytes can be written and read.
    Ready,
    /// Was ready, and the server has ended it. What it wrote before can still be read.
    Closed,
    /// Came to nothing, or broke after it was ready.
    Failed(Failure),
}

/// One TLS connection to a server that nobody trusts.
///
/// 1. Send [`to_send`](Self::to_send).
/// 2. [`take`](Self::take) what comes, or say that it [`ended`](Self::ended) or [`timed_out`](Self::timed_out); then send what there is to send, until [`state`](Self::state) is no longer [`State::Shaking`].
/// 3. [`write_plain`](Self::write_plain), send; take, and [`read_plain`](Self::read_plain) after each `take`.
/// 4. [`close`](Self::close), send.
///
/// What is to be sent when it failed is an alert that says why, which is polite to send.
///
/// # Bounds
/// [`MOST`](Self::MOST) bytes of the wire before it is ready, 64 KiB (rustls' bound) for one message, [`PLAIN`](Self::PLAIN) plain bytes that wait to be read.
pub struct Handshake {
    tls: Box<ClientConnection>,
    opening: Opening,
    /// Bytes taken before it was ready.
    taken: usize,
    plain: Vec<u8>,
    asks: Arc<Asks>,
    state: State,
}

impl Handshake {
    /// Bytes of the wire that are taken before it is ready: 128 KiB. A message may have 64 KiB, which is also the most that rustls reads of a chain, room for thirty certificates of 2 KiB; a flight has one such
    /// message and some short ones. So a certificate of 16 MB ends the handshake when its length is read.
    pub const MOST: usize = 128 << 10;

    /// Plain bytes that wait to be read: as many as an [`Untrusted`] keeps (64 KiB), and two records of 16 KiB that may be read at once.
    pub const PLAIN: usize = Untrusted::MOST + (32 << 10);

    /// What is offered by ALPN where nobody says otherwise. What is chosen is what must be spoken next, and everything that speaks HTTP speaks this; who knows `h2` only says so by
    /// [`Alert::NO_APPLICATION_PROTOCOL`], and who knows neither (a mail server) mostly ignores the offer.
    pub const ALPN: &'static [&'static [u8]] = &[b"http/1.1"];

    /// Begins. `host` is the name that is asked for (SNI, RFC 6066); an address, or what is no name of the DNS, is not sent, as is none. `alpn`: what is offered by ALPN, mostly [`ALPN`](Self::ALPN); nothing
    /// is offered if it is empty; names that are empty or longer than 255 bytes, and all behind the first 16, are left out.
    ///
    /// # Panics
    /// If the system has no random bytes to give.
    pub fn new(host: Option<&str>, alpn: &[&[u8]]) -> Self {
        let asks = Arc::new(Asks::default());
        let fits = |name: &&[u8]| (1..=255).contains(&name.len());
        let alpn: Vec<&[u8]> = alpn.iter().copied().filter(fits).take(16).collect();
        let config = Arc::new(config(&alpn, Arc::clone(&asks)));
        let tls = ClientConnection::new(config, server_name(host))
            .expect("nothing else can fail where the settings are the same every time");
        Self {
            tls: Box::new(tls),
            opening: Opening::default(),
            taken: 0,
            plain: Vec::new(),
            asks,
            state: State::Shaking,
        }
    }

    /// How it stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// Takes what came from the wire, any number of bytes. What comes after it failed or was closed is dropped.
    pub fn take(&mut self, mut wire: &[u8]) {
        if self.is_live() {
            self.open(wire);
        }
        while !wire.is_empty() && self.is_live() {
            let before = wire.len();
            if self.tls.read_tls(&mut wire).is_err() {
                // rustls holds a message of 64 KiB, and it is not at its end.
                return self.fail(Failure::TooBig);
            }
            self.process(before - wire.len());
        }
    }

    /// The server has ended the connection, by a FIN or a reset.
    pub fn ended(&mut self) {
        self.end(Failure::Closed);
    }

    /// The caller's time is over.
    pub fn timed_out(&mut self) {
        self.end(Failure::Silent);
    }

    /// What goes to the wire now; empty: nothing does.
    pub fn to_send(&mut self) -> Vec<u8> {
        let mut wire = Vec::new();
        while self.tls.wants_write() {
            // Writing to a Vec cannot fail.
            let _ = self.tls.write_tls(&mut wire);
        }
        wire
    }

    /// Writes plain bytes, which [`to_send`](Self::to_send) then gives encrypted.
    ///
    /// # Errors
    /// It isn't ready, or more than 64 KiB wait to be sent; nothing of it is sent then that makes sense.
    pub fn write_plain(&mut self, plain: &[u8]) -> Result<(), WriteError> {
        if self.state != State::Ready {
            return Err(WriteError::NotReady);
        }
        self.tls
            .writer()
            .write_all(plain)
            .map_err(|_| WriteError::TooMuch)
    }

    /// The plain bytes that came since it was called last.
    pub fn read_plain(&mut self) -> Vec<u8> {
        mem::take(&mut self.plain)
    }

    /// Says goodbye (`close_notify`); send what is to be sent, then close.
    pub fn close(&mut self) {
        if self.state == State::Ready {
            self.tls.send_close_notify();
            self.state = State::Closed;
        }
    }

    /// Whether the service is known to speak TLS: it sent a hello or an alert.
    pub fn is_tls(&self) -> bool {
        let alert = matches!(
            self.state,
            State::Failed(Failure::Alert(_) | Failure::Unsupported)
        );
        alert || self.version().is_some()
    }

    /// Whether [`Question::any`](super::Question::any) may tell more: it failed, showed no certificate, and what came began as TLS does, also if rustls could make nothing of it.
    pub fn is_worth_a_question(&self) -> bool {
        let failed = matches!(self.state, State::Failed(_));
        let began = self.opening.begins() == Begins::Tls;
        failed && began && self.tls.peer_certificates().is_none()
    }

    /// The version that was chosen; known before it is ready.
    pub fn version(&self) -> Option<TlsVersion> {
        let version = self.tls.protocol_version()?;
        TlsVersion::from_wire(u16::from(version))
    }

    /// The cipher suite that was chosen.
    pub fn cipher(&self) -> Option<Suite> {
        let suite = self.tls.negotiated_cipher_suite()?;
        Some(Suite(u16::from(suite.suite())))
    }

    /// The protocol that was chosen by ALPN.
    pub fn alpn(&self) -> Option<Untrusted> {
        self.tls.alpn_protocol().map(Untrusted::new)
    }

    /// Whether a protocol was chosen by ALPN.
    pub fn speaks(&self, protocol: &[u8]) -> bool {
        self.tls.alpn_protocol() == Some(protocol)
    }

    /// Whether it asked for a certificate of the client.
    pub fn asks_client_certificate(&self) -> bool {
        let required = State::Failed(Failure::Alert(Alert::CERTIFICATE_REQUIRED));
        self.asks.asked() || self.state == required
    }

    /// The certificates, which may be there when it failed later.
    pub fn chain(&self) -> Chain {
        let chain = self.tls.peer_certificates().unwrap_or_default();
        Chain::read(chain.iter().map(AsRef::as_ref))
    }

    /// What it tells of versions: 1.2 and 1.3 were offered.
    pub(super) fn versions(&self, versions: &mut Versions) {
        if let Some(version) = self.version() {
            versions.choose(version, TlsVersion::Tls13);
        } else if self.state == State::Failed(Failure::Alert(Alert::PROTOCOL_VERSION)) {
            for version in [TlsVersion::Tls12, TlsVersion::Tls13] {
                versions.refuse(version, Refusal::Alert(Alert::PROTOCOL_VERSION));
            }
        }
    }

    /// Looks at the first bytes: what is no TLS does not reach rustls.
    fn open(&mut self, wire: &[u8]) {
        match self.opening.take(wire) {
            Begins::NotTls => self.fail(Failure::NotTls),
            Begins::Echo => self.fail(Failure::Echo),
            Begins::Tls | Begins::Unknown => {}
        }
    }

    /// rustls has `read` bytes more.
    fn process(&mut self, read: usize) {
        let result = self.tls.process_new_packets();
        self.drain();
        let io = match result {
            Ok(io) => io,
            Err(error) => return self.fail(Failure::of(&error)),
        };
        let shaking = self.tls.is_handshaking();
        if shaking {
            self.taken += read;
        }
        if self.plain.len() > Self::PLAIN || self.taken > Self::MOST {
            self.plain.truncate(Self::PLAIN);
            self.fail(Failure::TooBig);
        } else if self.state == State::Shaking && !shaking {
            self.state = State::Ready;
        }
        if self.state == State::Ready && io.peer_has_closed() {
            self.state = State::Closed;
        }
    }

    /// Takes over what rustls has decrypted, so that it holds none of it.
    fn drain(&mut self) {
        let mut reader = self.tls.reader();
        // At the end it says that it would block, or that the connection is over.
        while let Ok(chunk @ [_, ..]) = reader.fill_buf() {
            let length = chunk.len();
            self.plain.extend(chunk);
            reader.consume(length);
        }
    }

    fn end(&mut self, failure: Failure) {
        match self.state {
            State::Shaking => self.fail(failure),
            State::Ready => self.state = State::Closed,
            State::Closed | State::Failed(_) => {}
        }
    }

    fn fail(&mut self, failure: Failure) {
        self.state = State::Failed(failure);
    }

    fn is_live(&self) -> bool {
        matches!(self.state, State::Shaking | State::Ready)
    }
}

/// Says how it stands; neither keys nor what was read.
impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handshake")
            .field("state", &self.state)
            .field("taken", &self.taken)
            .field("plain", &self.plain.len())
            .finish_non_exhaustive()
    }
}
