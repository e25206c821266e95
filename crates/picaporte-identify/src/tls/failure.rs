//! Why a handshake came to nothing: data, not an error, as most ports speak no TLS.

use std::fmt;

use rustls::{Error, InvalidMessage};

use super::alert::Alert;

/// Why a handshake came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// What came is no TLS from its first bytes on: the caller may read it as an answer to what it would have asked.
    NotTls,
    /// Our own hello came back: an echo service.
    Echo,
    /// An alert: it speaks TLS, and refuses.
    Alert(Alert),
    /// The server ended the connection in the midst.
    Closed,
    /// The caller's time was over in the midst.
    Silent,
    /// It speaks TLS, but chose what rustls does not: an older version, another key exchange.
    Unsupported,
    /// It began as TLS, and then broke its rules.
    Malformed,
    /// More came than a handshake may have: [`Handshake::MOST`](super::Handshake::MOST), or rustls' own bound of 64 KiB for a message. Or more plain bytes
    /// than [`Handshake::PLAIN`](super::Handshake::PLAIN) waited to be read.
    TooBig,
}

impl Failure {
    /// What rustls says of it.
    pub(super) fn of(error: &Error) -> Self {
        match error {
            Error::AlertReceived(alert) => Self::Alert(Alert(u8::from(*alert))),
            Error::PeerIncompatible(_) => Self::Unsupported,
            Error::PeerSentOversizedRecord
            | Error::InvalidMessage(
                InvalidMessage::CertificatePayloadTooLarge
                | InvalidMessage::HandshakePayloadTooLarge
                | InvalidMessage::MessageTooLarge,
            ) => Self::TooBig,
            _ => Self::Malformed,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotTls => f.write_str("no TLS"),
            Self::Echo => f.write_str("the hello came back"),
            Self::Alert(alert) => write!(f, "refused: {alert}"),
            Self::Closed => f.write_str("closed in the midst of the handshake"),
            Self::Silent => f.write_str("the handshake did not end in time"),
            Self::Unsupported => f.write_str("chose a version or cipher that is not spoken here"),
            Self::Malformed => f.write_str("broke the rules of TLS"),
            Self::TooBig => f.write_str("sent more than is taken"),
        }
    }
}

/// Why nothing was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The handshake is not done, or is over.
    #[error("plain bytes were to be written outside of a TLS connection: look at its state before")]
    NotReady,
    /// rustls keeps 64 KiB.
    #[error("more plain bytes were to be written than 64 KiB: send what is to be sent before")]
    TooMuch,
}
