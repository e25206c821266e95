//! `ServerHello` and `Certificate` as they stand on the wire (RFC 5246, sections 7.4.1.3 and 7.4.2; RFC 8446, section 4.1.3), read by hand
//! for what rustls does not speak.

use super::suite::Suite;
use super::version::TlsVersion;

#[cfg(test)]
mod tests;

/// Kinds of handshake messages (RFC 5246, section 7.4).
pub(super) const HELLO_REQUEST: u8 = 0;
pub(super) const SERVER_HELLO: u8 = 2;
pub(super) const CERTIFICATE: u8 = 11;

/// What a `ServerHello` chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ServerHello {
    pub(super) version: TlsVersion,
    pub(super) suite: Suite,
}

/// The extension with which 1.3 says its version.
const SUPPORTED_VERSIONS: u16 = 43;

/// The length of the random part of a hello, in bytes.
const RANDOM: usize = 32;

/// The longest session identifier, in bytes.
const SESSION: usize = 32;

/// Reads the body of a `ServerHello`; `None` where it is none.
pub(super) fn server_hello(body: &[u8]) -> Option<ServerHello> {
    let mut rest = Bytes(body);
    let mut version = rest.number()?;
    rest.take(RANDOM)?;
    let session = rest.sized::<1>()?;
    let suite = Suite(rest.number()?);
    let compression = rest.take(1)?;
    if session.0.len() > SESSION || compression != [0] {
        return None;
    }
    if !rest.0.is_empty() {
        let mut extensions = rest.sized::<2>()?;
        while !extensions.0.is_empty() {
            let (kind, mut content) = (extensions.number()?, extensions.sized::<2>()?);
            if kind == SUPPORTED_VERSIONS {
                version = content.number()?;
            }
        }
    }
    let version = TlsVersion::from_wire(version)?;
    // Nothing stands behind the extensions.
    rest.0.is_empty().then_some(ServerHello { version, suite })
}

/// Reads the body of a `Certificate` of TLS 1.2 and older: as many certificates as are whole, each as DER, the server's own first.
pub(super) fn certificates(body: &[u8]) -> Vec<&[u8]> {
    let mut rest = Bytes(body);
    let mut list = rest.sized::<3>().unwrap_or(Bytes(&[]));
    std::iter::from_fn(|| list.sized::<3>().map(|der| der.0)).collect()
}

/// Bytes that are read from their beginning.
#[derive(Debug, Clone, Copy)]
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u16> {
        let bytes = self.take(2)?;
        Some(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    /// What stands behind its length in `N` bytes.
    fn sized<const N: usize>(&mut self) -> Option<Self> {
        let length = self.take(N)?;
        let length = length
            .iter()
            .fold(0, |sum, byte| (sum << 8) | usize::from(*byte));
        self.take(length).map(Bytes)
    }
}
