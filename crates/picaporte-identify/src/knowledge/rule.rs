//! A rule: a pattern over an answer, and what follows where it matches.

use picaporte_encode::Untrusted;
use regex::bytes::Captures;

use super::MOST_FIELD;
use super::pattern::Pattern;
use super::probe::ProbeId;
use super::text::Text;
use crate::service::{Cpe, Name, Version};

/// A rule of a file.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) file: usize,
    /// Where it stands in its file, from 1.
    pub(super) line: usize,
    pub(super) pattern: Pattern,
    pub(super) service: Name,
    pub(super) product: Option<Text>,
    pub(super) version: Option<Text>,
    pub(super) extra: Option<Text>,
    pub(super) hostname: Option<Text>,
    pub(super) cpe: Vec<Platform>,
    pub(super) weak: bool,
    pub(super) then: Vec<Next>,
    pub(super) starttls: Option<StartTls>,
}

/// `part:vendor:product` of a CPE, checked.
#[derive(Debug)]
pub(super) struct Platform {
    part: char,
    vendor: Box<str>,
    product: Box<str>,
}

/// What is worth asking after a rule matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// This probe.
    Probe(ProbeId),
    /// A TLS connection of its own: the port speaks TLS from the first byte on (`tls` in a rule's `then`).
    Tls,
}

/// How TLS begins in the midst of a protocol.
#[derive(Debug)]
pub struct StartTls {
    /// What is sent first; may be nothing.
    pub send: Box<[u8]>,
    pub(super) ok: Option<Pattern>,
}

impl StartTls {
    /// Whether an answer has to come before the handshake begins.
    pub fn is_answered(&self) -> bool {
        self.ok.is_some()
    }

    /// Whether this answer lets the handshake begin.
    pub fn is_ok(&self, answer: &[u8]) -> bool {
        self.ok.as_ref().is_none_or(|ok| ok.is_match(answer))
    }
}

/// What a rule says of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The protocol.
    pub service: Name,
    /// As [`Service`](crate::service::Service) has them.
    pub product: Option<Untrusted>,
    /// Its version.
    pub version: Option<Version>,
    /// What else.
    pub extra: Option<Untrusted>,
    /// Its own name.
    pub hostname: Option<Untrusted>,
    /// Names of platforms.
    pub cpe: Vec<Cpe>,
}

impl Said {
    /// How much it says: a version more than a product, and that more than anything else.
    pub(super) fn weight(&self) -> u8 {
        let worth = |has: bool, worth: u8| if has { worth } else { 0 };
        worth(self.version.is_some(), 8)
            + worth(self.product.is_some(), 4)
            + worth(self.extra.is_some(), 2)
            + worth(self.hostname.is_some(), 1)
    }
}

impl Platform {
    /// Reads `a:vendor:product`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut words = text.split(':');
        let (part, vendor, product) = (words.next()?, words.next()?, words.next()?);
        let mut letters = part.chars();
        let (part, None, None) = (letters.next()?, letters.next(), words.next()) else {
            return None;
        };
        Cpe::new(part, vendor, product, None)?;
        Some(Self {
            part,
            vendor: vendor.into(),
            product: product.into(),
        })
    }

    fn named(&self, version: Option<&Version>) -> Option<Cpe> {
        Cpe::new(self.part, &self.vendor, &self.product, version)
    }
}

impl Rule {
    /// What it says of this answer; `None` where it doesn't match.
    pub(super) fn says(&self, answer: &[u8]) -> Option<Said> {
        let caught = self.pattern.compiled().ok()?.captures(answer)?;
        let version = self.version.as_ref().and_then(|text| text.filled(&caught));
        let version = version.and_then(|said| Version::new(&said));
        let cpe = self.cpe.iter().filter_map(|platform| {
            // A version is the application's, or the system's where the rule names nothing but that.
            let its = platform.part == 'a' || self.cpe.len() == 1;
            platform.named(version.as_ref().filter(|_| its))
        });
        Some(Said {
            service: self.service.clone(),
            product: field(self.product.as_ref(), &caught),
            extra: field(self.extra.as_ref(), &caught),
            hostname: field(self.hostname.as_ref(), &caught),
            cpe: cpe.collect(),
            version,
        })
    }

    /// Compiles its patterns, and looks whether its groups exist.
    pub(super) fn prove(&self) -> Result<(), String> {
        let compiled = self.pattern.compiled();
        let regex = compiled.map_err(|error| no_pattern(&self.pattern, error))?;
        let texts = [&self.product, &self.version, &self.extra, &self.hostname];
        let highest = texts
            .into_iter()
            .flatten()
            .map(Text::highest_group)
            .max()
            .unwrap_or(0);
        let groups = regex.captures_len() - 1;
        if highest > groups {
            return Err(format!(
                "${highest} is used, and the pattern has {groups} groups"
            ));
        }
        let ok = self
            .starttls
            .as_ref()
            .and_then(|starttls| starttls.ok.as_ref());
        ok.map_or(Ok(()), |ok| {
            ok.compiled()
                .map(|_| ())
                .map_err(|error| no_pattern(ok, error))
        })
    }
}

fn no_pattern(pattern: &Pattern, error: &str) -> String {
    let error = error.replace('\n', " ");
    format!(
        "the pattern '{}' can't be compiled: {error}",
        pattern.text()
    )
}

/// A field of at most [`MOST_FIELD`] bytes, without blanks around it.
fn field(text: Option<&Text>, caught: &Captures<'_>) -> Option<Untrusted> {
    let bytes = text?.filled(caught)?;
    let bytes = bytes.trim_ascii();
    (!bytes.is_empty()).then(|| Untrusted::beginning(bytes, MOST_FIELD))
}
