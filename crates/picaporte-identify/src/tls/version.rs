//! Versions of TLS, which of them a server accepts, and which to ask next: an auditor wants to know of the old ones, and each costs a connection.

use std::fmt;

use super::alert::Alert;
use super::question::{Asked, Heard};

#[cfg(test)]
mod tests;

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

impl TlsVersion {
    /// All, oldest first.
    pub const ALL: [Self; 5] = [
        Self::Ssl30,
        Self::Tls10,
        Self::Tls11,
        Self::Tls12,
        Self::Tls13,
    ];

    /// Of the number that is sent: SSL 3.0 is 0x0300, TLS 1.3 is 0x0304 (RFC 8446, section 4.2.1).
    pub(super) fn from_wire(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.wire() == number)
    }

    /// The number that is sent.
    pub(super) fn wire(self) -> u16 {
        0x0300 + self as u16
    }
}

impl fmt::Display for TlsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ssl30 => "SSL 3.0",
            Self::Tls10 => "TLS 1.0",
            Self::Tls11 => "TLS 1.1",
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        })
    }
}

/// How a server stands to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Acceptance {
    /// It was not asked.
    #[default]
    NotAsked,
    /// It was asked, and the answer told nothing.
    Unclear,
    /// It answered with a `ServerHello` of this version. Whether the handshake would have come to its end is not said.
    Accepted,
    /// It would not.
    Refused(Refusal),
}

/// What shows that a version is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// An alert.
    Alert(Alert),
    /// It chose an older one, which it does only if it lacks this one (RFC 5246, appendix E.1).
    Chose(TlsVersion),
    /// It closed or reset the connection without a word, which it did not when asked for a version that it accepts. Weaker than the
    /// others: a server that is tired of connections does so too.
    Closed,
}

/// Which versions a server accepts, as far as it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Versions([Acceptance; 5]);

/// The order in which versions are asked that are not known yet.
///
/// An auditor wants to know whether 1.1 and 1.0 are accepted (RFC 8996 forbids them). A hello of 1.1 comes first, as it offers 1.0 too: a server that lacks 1.1 mostly chooses that,
/// and then one connection has told about both. 1.2 and 1.3 are known from the handshake mostly, and are no finding; SSL 3.0 is rare enough to come last.
///
/// Where none is known to be accepted the newest comes first: most likely, and what is accepted gives the others' refusals their meaning.
const ORDER: [TlsVersion; 5] = [
    TlsVersion::Tls11,
    TlsVersion::Tls10,
    TlsVersion::Tls12,
    TlsVersion::Tls13,
    TlsVersion::Ssl30,
];

impl Versions {
    /// As it stands to each of [`TlsVersion::ALL`]: for what was kept.
    pub fn restored(stands: [Acceptance; 5]) -> Self {
        Self(stands)
    }

    /// How the server stands to a version.
    pub fn of(&self, version: TlsVersion) -> Acceptance {
        self.0[version as usize]
    }

    /// Those that it accepts, oldest first.
    pub fn accepted(&self) -> impl Iterator<Item = TlsVersion> + '_ {
        let accepted = |v: &TlsVersion| self.of(*v) == Acceptance::Accepted;
        TlsVersion::ALL.into_iter().filter(accepted)
    }

    /// Those that it refuses, and what shows it, oldest first.
    pub fn refused(&self) -> impl Iterator<Item = (TlsVersion, Refusal)> + '_ {
        TlsVersion::ALL
            .into_iter()
            .filter_map(|v| match self.of(v) {
                Acceptance::Refused(refusal) => Some((v, refusal)),
                _ => None,
            })
    }

    /// The newest that it accepts.
    pub fn newest(&self) -> Option<TlsVersion> {
        self.accepted().last()
    }

    /// The version to ask next, with a [`Question`](super::Question) on a connection of its own; `None`: all were asked, or
    /// it is not known that the server speaks TLS at all.
    pub fn next(&self) -> Option<TlsVersion> {
        let is_new = |v: &TlsVersion| self.of(*v) == Acceptance::NotAsked;
        if self.newest().is_some() {
            return ORDER.into_iter().find(is_new);
        }
        let mut refused = self.refused();
        let is_tls = refused.any(|(_, refusal)| matches!(refusal, Refusal::Alert(_)));
        let mut newest_first = TlsVersion::ALL.into_iter().rev();
        newest_first.find(is_new).filter(|_| is_tls)
    }

    /// It accepts a version. Stands whatever is heard later.
    pub fn accept(&mut self, version: TlsVersion) {
        self.0[version as usize] = Acceptance::Accepted;
    }

    /// It refuses a version; unless it has accepted it before, or refused it by something stronger.
    pub fn refuse(&mut self, version: TlsVersion, refusal: Refusal) {
        let stand = &mut self.0[version as usize];
        if matches!(
            stand,
            Acceptance::NotAsked | Acceptance::Unclear | Acceptance::Refused(Refusal::Closed)
        ) {
            *stand = Acceptance::Refused(refusal);
        }
    }

    /// It chose a version where all up to `newest` were offered.
    pub(super) fn choose(&mut self, version: TlsVersion, newest: TlsVersion) {
        self.accept(version);
        for newer in TlsVersion::ALL
            .into_iter()
            .filter(|&v| v > version && v <= newest)
        {
            self.refuse(newer, Refusal::Chose(version));
        }
    }

    /// Takes what was heard of a question.
    pub(super) fn hear(&mut self, asked: Asked, heard: Heard) {
        let newest = asked.newest();
        match heard {
            Heard::Hello { version, .. } => self.choose(version, newest),
            Heard::Alert(alert) => self.hear_alert(asked, alert),
            // Without a version that it accepts it may be no TLS at all.
            Heard::Closed if asked != Asked::Any && self.newest().is_some() => {
                self.refuse(newest, Refusal::Closed);
            }
            Heard::Closed
            | Heard::Silent
            | Heard::NotTls
            | Heard::Echo
            | Heard::Malformed
            | Heard::TooBig => {}
        }
        if asked != Asked::Any && self.of(newest) == Acceptance::NotAsked {
            self.0[newest as usize] = Acceptance::Unclear;
        }
    }

    /// An alert refuses the version that was asked, and no other. `protocol_version` should refuse the older ones too, which the hello offers as well, but
    /// `GnuTLS` sends it also where it speaks 1.0 and 1.2 and was asked for 1.1.
    fn hear_alert(&mut self, asked: Asked, alert: Alert) {
        // Where everything was offered, only one alert is about versions.
        let is_refusal = match asked {
            Asked::Any => alert == Alert::PROTOCOL_VERSION,
            Asked::Version(_) => alert.is_about_offer(),
        };
        if is_refusal {
            self.refuse(asked.newest(), Refusal::Alert(alert));
        }
    }
}
