//! What a rule of the file says of an answer.

use picaporte_encode::Untrusted;

use super::probe::Probe;
use super::template::FIELD;
use crate::service::{Cpe, Name, Service, Version};

/// What came of one answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answered {
    /// The first strong rule that fits, or else the first soft one.
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
    /// The version, where it is one word.
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
}

impl Match {
    pub(super) fn new(service: Name, inside_tls: bool, soft: bool, line: u32, said: Said) -> Self {
        let checked = said.version.as_deref().and_then(Version::new);
        let extra = said.extra(checked.is_none());
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
    fn extra(&self, with_version: bool) -> Option<Vec<u8>> {
        let version = self.version.as_deref().filter(|_| with_version);
        let all = [
            ("", version),
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
