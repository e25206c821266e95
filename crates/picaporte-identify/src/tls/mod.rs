//! What a service's TLS offers: versions, ciphers, certificates. Nothing of it is trusted, and nothing is verified.

use picaporte_encode::Untrusted;

/// What was seen of TLS on a port.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tls {
    /// The versions that it accepts, oldest first; of those that were asked.
    pub versions: Vec<TlsVersion>,
    /// The cipher suite that it chose, IANA's name, in the handshake of the newest version.
    pub cipher: Option<String>,
    /// The protocol that it chose by ALPN.
    pub alpn: Option<Untrusted>,
    /// Reached by a command of the protocol (STARTTLS) and not from the first byte on.
    pub starttls: bool,
    /// The certificates that it sent, its own first.
    pub chain: Vec<Certificate>,
}

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TlsVersion {
    /// SSL 3.0 (RFC 6101)
    Ssl30,
    /// TLS 1.0 (RFC 2246)
    Tls10,
    /// TLS 1.1 (RFC 4346)
    Tls11,
    /// TLS 1.2 (RFC 5246)
    Tls12,
    /// TLS 1.3 (RFC 8446)
    Tls13,
}

/// What a certificate says; nothing of it is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Whom it names: its subject, as RFC 4514 writes it.
    pub subject: Untrusted,
    /// The names that it is good for: DNS names and addresses of subjectAltName, or else the common name.
    pub names: Vec<Untrusted>,
    /// Who signed it, by its own word.
    pub issuer: Untrusted,
    /// Its serial number, big-endian.
    pub serial: Untrusted,
    /// Seconds since 1970 from which, and up to which, it is good.
    pub valid: (i64, i64),
    /// The kind of key and its length: `RSA 2048`, `EC P-256`, `Ed25519`.
    pub key: String,
    /// The algorithm that signed it, by name or else by object identifier: `sha256WithRSAEncryption`.
    pub signature: String,
    /// Subject and issuer are the same, and it is signed by its own key.
    pub self_signed: bool,
    /// SHA-256 of its DER, in hexadecimal.
    pub sha256: String,
}
