//! What a scan says of what listens on a port, as far as two scanners can tell it, or a policy can ask it.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::evidence::differ;

/// The longest text that is kept, in bytes; rules give 256, which may be shown as more.
const LONGEST: usize = 1_024;

/// What a service is called of which TLS is known and nothing inside it: by our rules, and by nmap.
const ONLY_TLS: [&str; 2] = ["tls", "ssl"];

/// What listens on a port that was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Service {
    /// The protocol; `None` where nothing that came was recognized.
    pub name: Option<Arc<str>>,
    /// Who made it.
    pub product: Option<Arc<str>>,
    /// Its version, as it says itself.
    pub version: Option<Arc<str>>,
    /// Whether it speaks TLS, and what of it.
    pub tls: Tls,
}

/// What is known of a port's TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tls {
    /// The scan does not tell of TLS.
    #[default]
    Untold,
    /// It speaks none.
    Plain,
    /// It does.
    Spoken(Spoken),
}

/// The TLS of a port.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spoken {
    /// Which versions it accepts, by [`Spoken::VERSIONS`].
    pub accepted: [bool; 5],
    /// Which it refuses; what is neither was not asked, or could not be told.
    pub refused: [bool; 5],
    /// Its certificate.
    pub certificate: Option<Certificate>,
}

/// A port's own certificate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Certificate {
    /// In hexadecimal digits.
    pub sha256: Arc<str>,
    /// How its time stood when the port was found; `None` where it can't be read.
    pub term: Option<Term>,
}

/// How the time of a certificate stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// It is over, since this day in UTC; `None` where that is not told.
    Expired(Option<Date>),
    /// It has not come, and begins on this day in UTC; `None` where that is not told.
    NotYet(Option<Date>),
    /// It has come, and is not over: whole days that are left, rounded down; `None` where that is not told.
    Within(Option<u32>),
}

impl Term {
    /// Of a certificate whose time is over since this moment.
    pub fn expired(at: Option<Timestamp>) -> Self {
        Self::Expired(at.map(day))
    }

    /// Of a certificate whose time begins at this moment, which has not come.
    pub fn not_yet(at: Option<Timestamp>) -> Self {
        Self::NotYet(at.map(day))
    }

    /// Of a certificate that is in its time for so many seconds more.
    pub fn within(seconds: i64) -> Self {
        let days = seconds.div_euclid(24 * 60 * 60).max(0);
        Self::Within(Some(u32::try_from(days).unwrap_or(u32::MAX)))
    }
}

fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

impl Spoken {
    /// The versions, oldest first, by their names in every output.
    pub const VERSIONS: [&str; 5] = ["SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"];

    /// Which versions are among these names.
    pub fn versions<'a>(names: impl IntoIterator<Item = &'a str>) -> [bool; 5] {
        let names: Vec<&str> = names.into_iter().collect();
        Self::VERSIONS.map(|version| names.contains(&version))
    }
}

impl Service {
    /// A text as far as it is kept; none where there is nothing in it.
    pub fn text(text: &str) -> Option<Arc<str>> {
        let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
        let end = ends.take_while(|end| *end <= LONGEST).last();
        let kept = &text[..end.unwrap_or(0)];
        (!kept.is_empty()).then(|| kept.into())
    }

    /// The certificate, where one is known.
    pub fn certificate(&self) -> Option<&Certificate> {
        match &self.tls {
            Tls::Spoken(spoken) => spoken.certificate.as_ref(),
            Tls::Untold | Tls::Plain => None,
        }
    }

    /// Whether TLS was spoken, and nothing is known of what is inside: its name says nothing of the protocol there.
    pub fn is_only_tls(&self) -> bool {
        self.name
            .as_deref()
            .is_some_and(|name| ONLY_TLS.contains(&name))
    }

    /// Whether the other is something else, in what both tell.
    pub(crate) fn differs(&self, other: &Self) -> bool {
        let (own, others) = (self.certificate(), other.certificate());
        // Where one side knows nothing but TLS, it does not tell what the other may be inside.
        let comparable = self.is_only_tls() == other.is_only_tls();
        let inside = differ(self.name.as_ref(), other.name.as_ref())
            || differ(self.product.as_ref(), other.product.as_ref())
            || differ(self.version.as_ref(), other.version.as_ref());
        comparable && inside || differ(own.map(|c| &c.sha256), others.map(|c| &c.sha256))
    }
}

/// Services by port, ascending. A port with two different ones has none.
pub(crate) fn by_port(mut told: Vec<(u16, u32)>) -> Vec<(u16, u32)> {
    told.sort_unstable();
    told.dedup();
    let runs = told.chunk_by(|a, b| a.0 == b.0);
    let mut kept: Vec<_> = runs
        .filter(|run| run.len() == 1)
        .flatten()
        .copied()
        .collect();
    kept.shrink_to_fit();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_with_two_stories_has_none() {
        let told = vec![(443, 2), (22, 1), (443, 3), (22, 1), (80, 2)];
        assert_eq!(by_port(told), [(22, 1), (80, 2)]);
    }

    #[test]
    fn only_what_both_tell_can_differ() {
        let ssh = Service {
            name: Service::text("ssh"),
            version: Service::text("9.2p1"),
            ..Service::default()
        };
        let newer = Service {
            version: Service::text("9.6p1"),
            ..ssh.clone()
        };
        assert!(ssh.differs(&newer) && newer.differs(&ssh));
        assert!(!ssh.differs(&ssh) && !ssh.differs(&Service::default()));
        let with = |sha256: &str| Service {
            tls: Tls::Spoken(Spoken {
                certificate: Some(Certificate {
                    sha256: sha256.into(),
                    term: None,
                }),
                ..Spoken::default()
            }),
            ..ssh.clone()
        };
        assert!(with("a").differs(&with("b")) && !with("a").differs(&ssh));
    }

    #[test]
    fn tls_of_which_nothing_more_is_known_is_no_other_service() {
        let certificate = |sha256: &str| {
            Tls::Spoken(Spoken {
                certificate: Some(Certificate {
                    sha256: sha256.into(),
                    term: None,
                }),
                ..Spoken::default()
            })
        };
        let known = Service {
            name: Service::text("http"),
            product: Service::text("nginx"),
            version: Service::text("1.22.1"),
            tls: certificate("a"),
        };
        for name in ONLY_TLS {
            let only = |sha256| Service {
                name: Service::text(name),
                tls: certificate(sha256),
                ..Service::default()
            };
            assert!(only("a").is_only_tls() && !known.is_only_tls());
            assert!(!known.differs(&only("a")) && !only("a").differs(&known));
            assert!(known.differs(&only("b")) && only("b").differs(&only("a")));
        }
    }

    #[test]
    fn days_are_whole_ones() {
        let days = [0, 86_399, 86_400, 30 * 86_400 - 1, i64::MAX, -1].map(Term::within);
        let told = [0, 0, 1, 29, u32::MAX, 0].map(|days| Term::Within(Some(days)));
        assert_eq!(days, told);
    }

    #[test]
    fn long_texts_are_cut_at_a_character() {
        let long = "ä".repeat(LONGEST);
        assert_eq!(Service::text(&long).map(|text| text.len()), Some(LONGEST));
        assert_eq!(Service::text(""), None);
        assert_eq!(
            Spoken::versions(["TLS 1.3", "TLS 9", "SSL 3.0"]),
            [true, false, false, false, true]
        );
    }
}
