//! What certificates say (X.509, RFC 5280). Nothing of it is verified, but for whether a certificate that names itself as its issuer is signed by its own key.

mod distinguished;
mod host;
mod key;
mod read;
mod room;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use picaporte_encode::Untrusted;

pub use host::DnsName;
pub use key::{Key, KeyKind};

/// The certificates that a server sent, its own first. They are a list and no more: who signed whom is not followed, so that a loop in it is harmless.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chain {
    /// The first [`MOST`](Self::MOST) of them.
    pub certificates: Vec<Certificate>,
    /// How many more there were.
    pub left_out: usize,
}

/// One certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 of its DER, in hexadecimal.
    pub sha256: String,
    /// What it says; `None`: it can't be read.
    pub details: Option<Details>,
}

/// What a certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// Whom it names: its subject, as RFC 4514 writes it; the first [`NAME`](Self::NAME) bytes.
    pub subject: Untrusted,
    /// Who signed it, by its own word; the same.
    pub issuer: Untrusted,
    /// The names that it is good for: those of subjectAltName, the first [`NAMES`](Self::NAMES) of them and at most [`NAMES_BYTES`](Self::NAMES_BYTES) in all. Where it has none: the common name of its
    /// subject, which [nothing matches](Self::matches).
    pub names: Vec<AltName>,
    /// How many more there were that can be read.
    pub names_left_out: usize,
    /// Its serial number, in hexadecimal, at most 64 bytes of it (RFC 5280, section 4.1.2.2 allows 20).
    pub serial: String,
    /// Seconds since 1970 from which it is good.
    pub not_before: i64,
    /// Seconds since 1970 up to which it is good, that second included.
    pub not_after: i64,
    /// The kind of key and its length.
    pub key: Key,
    /// The algorithm that signed it, by the name that its RFC gives it, or else by object identifier: `sha256WithRSAEncryption`.
    pub signature: String,
    /// Whether it is signed by its own key.
    pub self_signed: SelfSigned,
}

/// A name that a certificate is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AltName {
    /// A name of the DNS, or a wildcard.
    Dns(DnsName),
    /// An address.
    Address(IpAddr),
    /// Anything else, with its kind before it: `email:`, `URI:`, `dirName:`, `DNS:` for what is no name of the DNS; the first [`Details::NAME`] bytes.
    Other(Untrusted),
    /// The common name of the subject, where there is no other name.
    CommonName(Untrusted),
}

/// Whether a certificate is signed by its own key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelfSigned {
    /// Issuer and subject differ, or another key has signed it.
    No,
    /// Issuer and subject are the same, and its own key has signed it.
    Yes,
    /// Issuer and subject are the same; its signature is of a kind that is not checked here: RSA below 2048 bits or above 8192, PSS with an unusual salt, DSA, P-521, Ed448, MD5 and others.
    Unproven,
}

impl Chain {
    /// Certificates that are read: 8. A server's own, one or two between, and a root are 4.
    pub const MOST: usize = 8;

    /// Reads certificates, each in DER. What can't be read is kept by its digest.
    pub fn read<'a>(ders: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut ders = ders.into_iter();
        let certificates = ders.by_ref().take(Self::MOST).map(Certificate::read);
        Self {
            certificates: certificates.collect(),
            left_out: ders.count(),
        }
    }

    /// Whether no certificate was sent.
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }

    /// What the server's own certificate says.
    pub fn own(&self) -> Option<&Details> {
        self.certificates.first()?.details.as_ref()
    }
}

impl Details {
    /// Bytes of a name that are kept: 512. RFC 5280, appendix A.1 allows 64 or 128 characters in each of its parts.
    pub const NAME: usize = 512;
    /// Names that are kept: 64. Let's Encrypt, for one, allows 100 (its page on rate limits).
    pub const NAMES: usize = 64;
    /// Bytes of all names that are kept: 4 KiB, so that eight certificates with all names that they may have are some 50 KiB.
    pub const NAMES_BYTES: usize = 4 << 10;

    /// Whether it is good no longer, at a time in seconds since 1970.
    pub fn is_expired(&self, now: i64) -> bool {
        now > self.not_after
    }

    /// Whether it is not good yet, at a time in seconds since 1970.
    pub fn is_not_yet_valid(&self, now: i64) -> bool {
        now < self.not_before
    }

    /// Whether it is good for a host, an address or a name of the DNS (in ASCII), by RFC 9525 (which replaces RFC 6125): the names of subjectAltName alone count; a wildcard stands for one
    /// whole label, the first. `None`: by none of the names that are kept, but others were [left out](Self::names_left_out).
    pub fn matches(&self, host: &str) -> Option<bool> {
        let is_named = self.names.iter().any(|name| name.matches(host));
        (is_named || self.names_left_out == 0).then_some(is_named)
    }
}
