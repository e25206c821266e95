//! What a rule of the file says of an answer.

use picaporte_encode::Untrusted;

use super::probe::Probe;
use super::template::FIELD;
use crate::service::{Cpe, Name, Service, Version};

/// What came of one answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answered {
    /// The first rule that fits.
    pub found: Option<Match>,
    /// How many patterns walked back too often and were given up; what they would have said is not known.
    pub gave_up: u32,
    /// More rules than [`RULES_TRIED`](super::RULES_TRIED) had to be tried, and the rest was not.
    pub cut: bool,
}

/// A rule that fits. What it says holds bytes of the network and of the user's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The protocol, in lower case.
    pub service: Name,
    /// Inside TLS: what the file writes as `ssl/http`.
    pub inside_tls: bool,
    /// The protocol is known and no more: other probes may say more.
    pub soft: bool,
    /// The line of the file that says so.
    pub line: u32,
    /// `p/…/`
    pub product: Option<Untrusted>,
    /// `v/…/`, which may be any words.
    pub version: Option<Untrusted>,
    /// `i/…/`
    pub info: Option<Untrusted>,
    /// `h/…/`
    pub hostname: Option<Untrusted>,
    /// `o/…/`
    pub os: Option<Untrusted>,
    /// `d/…/`
    pub device: Option<Untrusted>,
    /// `cpe:/…/`, those that are well-formed.
    pub cpe: Vec<Cpe>,
    /// The version, where it is one word, or its first word if a CPE has that as its version.
    checked: Option<Version>,
    /// Whatever has no field of its own in a [`Service`].
    extra: Option<Untrusted>,
}

/// The same while it is gathered, as bytes.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) product: Option<Vec<u8>>,
    pub(super) version: Option<Vec<u8>>,
    pub(super) info: Option<Vec<u8>>,
    pub(super) hostname: Option<Vec<u8>>,
    pub(super) os: Option<Vec<u8>>,
    pub(super) device: Option<Vec<u8>>,
    pub(super) cpe: Vec<Cpe>,
    /// The versions of these.
    cpe_versions: Vec<Version>,
}

impl Match {
    pub(super) fn new(service: Name, inside_tls: bool, soft: bool, line: u32, said: Said) -> Self {
        let (checked, words) = said.split_version();
        let extra = said.extra(words);
        let untrusted = |bytes: Option<Vec<u8>>| bytes.map(Untrusted::new);
        Self {
            service,
            inside_tls,
            soft,
            line,
            product: untrusted(said.product),
            version: untrusted(said.version),
            info: untrusted(said.info),
            hostname: untrusted(said.hostname),
            os: untrusted(said.os),
            device: untrusted(said.device),
            cpe: said.cpe,
            checked,
            extra: untrusted(extra),
        }
    }

    /// As every output shows it: name, product, version, host name, CPEs and the probe that was answered. What has no field there is in `extra`: a
    /// version that is more than one word, `i/…/`, the system and the kind of device. TLS, the excerpt and the connections are the caller's to add.
    pub fn to_service(&self, probe: &Probe) -> Service {
        Service {
            name: Some(self.service.clone()),
            inside_tls: self.inside_tls,
            product: self.product.clone(),
            version: self.checked.clone(),
            extra: self.extra.clone(),
            hostname: self.hostname.clone(),
            cpe: self.cpe.clone(),
            probe: Some(probe.label()),
            ..Service::default()
        }
    }
}

impl Said {
    pub(super) fn add_cpe(&mut self, cpe: Option<(Cpe, Option<Version>)>) {
        if let Some((cpe, version)) = cpe {
            self.cpe.push(cpe);
            self.cpe_versions.extend(version);
        }
    }

    /// The version as a checked word, and the words that are none. Of several words the first is taken if a CPE says that it is the
    /// version: `9.2p1` of `9.2p1 Debian 2`, but nothing of `3.X - 4.X`.
    fn split_version(&self) -> (Option<Version>, &[u8]) {
        let Some(all) = self.version.as_deref() else {
            return (None, &[]);
        };
        if let Some(version) = Version::new(all) {
            return (Some(version), &[]);
        }
        let end = all.iter().position(u8::is_ascii_whitespace);
        let (first, rest) = all.split_at(end.unwrap_or(all.len()));
        match Version::new(first).filter(|first| self.cpe_versions.contains(first)) {
            Some(version) => (Some(version), rest.trim_ascii_start()),
            None => (None, all),
        }
    }

    fn extra(&self, words: &[u8]) -> Option<Vec<u8>> {
        let all = [
            ("", Some(words).filter(|words| !words.is_empty())),
            ("", self.info.as_deref()),
            ("OS: ", self.os.as_deref()),
            ("device: ", self.device.as_deref()),
        ];
        let mut out = Vec::new();
        for (label, bytes) in all {
            let Some(bytes) = bytes else { continue };
            let between: &[u8] = if out.is_empty() { b"" } else { b"; " };
            out.extend_from_slice(between);
            out.extend_from_slice(label.as_bytes());
            out.extend_from_slice(bytes);
        }
        out.truncate(2 * FIELD);
        (!out.is_empty()).then_some(out)
    }
}
