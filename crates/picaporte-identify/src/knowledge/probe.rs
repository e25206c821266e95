//! A question that may be asked of a port, and the place in it where the name of the host belongs.

use std::net::IpAddr;
use std::sync::Arc;

use picaporte_core::PortSet;

/// The number of a probe in its [`Knowledge`](super::Knowledge).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProbeId(pub(super) usize);

/// A question: its bytes, and where it is asked.
#[derive(Debug)]
pub struct Probe {
    /// Its name, unique among all files.
    pub name: Arc<str>,
    /// The ports on which it comes first.
    pub ports: PortSet,
    /// The ports on which it comes first inside TLS.
    pub tls_ports: PortSet,
    /// It may be asked inside TLS.
    pub inside_tls: bool,
    /// Its rank (1 to 9, 1 comes first) where nothing is known of the port.
    pub everywhere: Option<u8>,
    /// Why it is asked only if the user wants it.
    pub opt_in: Option<Box<str>>,
    /// What is offered by ALPN where it opens a TLS connection for itself; empty for most.
    pub alpn: Vec<Box<[u8]>>,
    pub(super) send: Vec<Piece>,
    pub(super) file: usize,
}

/// A piece of a question.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Bytes(Box<[u8]>),
    /// `{host}`
    Host,
    /// `{port}`
    Port,
}

impl Probe {
    /// The bytes to send to this host and port.
    pub fn question(&self, host: &Host, port: u16) -> Vec<u8> {
        let mut bytes = Vec::new();
        for piece in &self.send {
            match piece {
                Piece::Bytes(these) => bytes.extend_from_slice(these),
                Piece::Host => bytes.extend_from_slice(host.in_uri().as_bytes()),
                Piece::Port => bytes.extend_from_slice(port.to_string().as_bytes()),
            }
        }
        bytes
    }
}

/// `{host}` and `{port}` found, everything else as bytes.
pub(super) fn pieces(mut bytes: &[u8]) -> Vec<Piece> {
    let (host, port) = (b"{host}", b"{port}");
    let mut pieces = Vec::new();
    while !bytes.is_empty() {
        let next = bytes
            .windows(host.len())
            .position(|six| six == host || six == port);
        let before = &bytes[..next.unwrap_or(bytes.len())];
        if !before.is_empty() {
            pieces.push(Piece::Bytes(before.into()));
        }
        let Some(at) = next else { break };
        let (what, after) = bytes[at..].split_at(host.len());
        pieces.push(if what == host {
            Piece::Host
        } else {
            Piece::Port
        });
        bytes = after;
    }
    pieces
}

/// The host as a question may name it: a DNS name as it stands in a URI (RFC 3986, section 3.2.2), or an address. It can hold nothing
/// that would end a line or begin a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// 1 to 253 letters, digits, `-`, `_` and `.`.
    Name(Arc<str>),
    /// An address, without a zone.
    Address(IpAddr),
}

impl Host {
    /// Checks a name, or reads an address (a zone behind `%` is left out: it means something on this machine only).
    pub fn new(text: &str) -> Option<Self> {
        let bare = text.split('%').next().unwrap_or(text);
        if let Ok(address) = bare.parse() {
            return Some(Self::Address(address));
        }
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        let good = (1..=253).contains(&text.len()) && text.bytes().all(fits);
        good.then(|| Self::Name(text.into()))
    }

    /// As a URI and HTTP's `Host` have it: IPv6 in brackets.
    pub fn in_uri(&self) -> String {
        match self {
            Self::Name(name) => name.to_string(),
            Self::Address(IpAddr::V4(address)) => address.to_string(),
            Self::Address(IpAddr::V6(address)) => format!("[{address}]"),
        }
    }

    /// What TLS sends as the server's name: names only, addresses are not sent (RFC 6066, section 3); without a last dot.
    pub fn sni(&self) -> Option<&str> {
        match self {
            Self::Name(name) => {
                Some(name.strip_suffix('.').unwrap_or(name)).filter(|n| !n.is_empty())
            }
            Self::Address(_) => None,
        }
    }
}

impl From<IpAddr> for Host {
    fn from(address: IpAddr) -> Self {
        Self::Address(address)
    }
}
