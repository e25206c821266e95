//! What a service's TLS offers: versions, ciphers, certificates. Nothing of it is trusted, and nothing is verified.
//!
//! Sans-IO, as the whole crate: a connection is the caller's, and may have spoken something else before (STARTTLS).
//!
//! - [`Handshake`]: a TLS client over rustls that accepts every certificate, so that what is spoken inside can be read;
//! - [`Question`]: a `ClientHello` of our own, for what rustls does not speak (TLS 1.1 and older, RSA key exchange, …): the answer
//!   tells the version, the cipher and, up to TLS 1.2, the certificates;
//! - [`Versions`]: which versions are accepted, as far as they were asked, and which to ask next;
//! - [`Chain`] and [`Certificate`]: what the certificates say.
//!
//! How a port is asked, each line a connection of its own, as far as the caller's limit goes:
//!
//! 1. A [`Handshake`]. When it is over, ready or not, [`Tls::learn`] takes what it told. It goes on as long as something is to be said inside.
//! 2. Where it failed on something that is TLS ([`Handshake::is_worth_a_question`]): [`Question::any`], which a server of any version up to 1.2 answers,
//!    with [`Tls::hear`].
//! 3. While [`Versions::next`] names a version: [`Question::of`] that version, with [`Tls::hear`].

mod alert;
mod answer;
mod certificate;
mod failure;
mod handshake;
mod hello;
mod name;
mod opening;
mod question;
mod records;
mod suite;
mod suites;
#[cfg(test)]
pub(crate) mod tests;
mod unverified;
mod version;

use picaporte_encode::Untrusted;

pub use alert::Alert;
pub use certificate::{AltName, Certificate, Chain, Details, DnsName, Key, KeyKind, SelfSigned};
pub use failure::{Failure, WriteError};
pub use handshake::{Handshake, State};
pub use question::{Asked, Heard, Question};
pub use suite::Suite;
pub use version::{Acceptance, Refusal, TlsVersion, Versions};

/// What was seen of TLS on a port.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tls {
    /// Which versions it accepts and which it refuses; of those that were asked.
    pub versions: Versions,
    /// The cipher suite that it chose, in the handshake of the newest version that it spoke.
    pub cipher: Option<Suite>,
    /// The protocol that it chose by ALPN.
    pub alpn: Option<Untrusted>,
    /// Reached by a command of the protocol (STARTTLS) and not from the first byte on.
    pub starttls: bool,
    /// It asks who connects for a certificate (mutual TLS).
    pub asks_client_certificate: bool,
    /// The certificates that it sent, its own first.
    pub chain: Chain,
}

impl Tls {
    /// Takes what a handshake has told so far; best when nothing more is expected of it.
    pub fn learn(&mut self, handshake: &Handshake) {
        self.choose(handshake.version(), handshake.cipher());
        handshake.versions(&mut self.versions);
        self.alpn = self.alpn.take().or_else(|| handshake.alpn());
        self.asks_client_certificate |= handshake.asks_client_certificate();
        if self.chain.is_empty() {
            self.chain = handshake.chain();
        }
    }

    /// Takes what a question has told.
    pub fn hear(&mut self, question: &Question) {
        let Some(heard) = question.heard() else {
            return;
        };
        if let Heard::Hello { version, suite } = heard {
            self.choose(Some(version), Some(suite));
        }
        self.versions.hear(question.asked(), heard);
        if self.chain.is_empty() {
            self.chain = question.chain();
        }
    }

    /// The cipher is that of the newest version.
    fn choose(&mut self, version: Option<TlsVersion>, cipher: Option<Suite>) {
        if self.cipher.is_none() || version > self.versions.newest() {
            self.cipher = cipher.or(self.cipher);
        }
    }
}
