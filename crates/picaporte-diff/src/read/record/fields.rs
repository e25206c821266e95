//! The records as they are written.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::Deserialize;

use super::texts::moment;
use crate::evidence::Reject;
use crate::service::{self, Service, Term, Tls};
use crate::snapshot::HostId;

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(in crate::read) enum Record {
    Scan(Scan),
    Port(Box<Port>),
    Host(Box<Host>),
    End(End),
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
pub(in crate::read) struct Scan {
    #[serde(default)]
    pub(super) schema: Option<u32>,
    pub(super) id: Option<String>,
    pub(super) version: Option<String>,
    pub(super) started: Option<String>,
}

#[derive(Deserialize)]
pub(in crate::read) struct Port {
    pub(super) ip: Option<String>,
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) names: Vec<String>,
    #[serde(rename = "port")]
    pub(super) number: u16,
    pub(super) protocol: Option<String>,
    pub(super) state: String,
    pub(super) reason: Option<String>,
    #[serde(default)]
    pub(super) evidence: Seen,
    /// When it was decided.
    pub(super) at: Option<String>,
    pub(super) service: Option<Box<Listening>>,
}

#[derive(Default, Deserialize)]
pub(super) struct Seen {
    pub(super) icmp: Option<Icmp>,
    pub(super) open: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Icmp {
    #[serde(rename = "type")]
    pub(super) kind: u8,
    pub(super) code: u8,
    pub(super) from: Option<String>,
}

#[derive(Default, Deserialize)]
pub(in crate::read) struct Listening {
    pub(in crate::read) name: Option<String>,
    product: Option<String>,
    version: Option<String>,
    pub(in crate::read) tls: Option<Spoken>,
}

#[derive(Default, Deserialize)]
pub(in crate::read) struct Spoken {
    #[serde(default)]
    pub(in crate::read) versions: Vec<String>,
    #[serde(default)]
    pub(in crate::read) refused: Vec<String>,
    #[serde(default)]
    pub(in crate::read) certificates: Vec<Certificate>,
}

#[derive(Default, Deserialize)]
pub(in crate::read) struct Certificate {
    pub(in crate::read) sha256: String,
    pub(in crate::read) expired: Option<bool>,
    pub(in crate::read) not_yet_valid: Option<bool>,
    pub(in crate::read) not_before: Option<String>,
    pub(in crate::read) not_after: Option<String>,
}

#[derive(Deserialize)]
pub(in crate::read) struct Host {
    pub(super) ip: Option<String>,
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) names: Vec<String>,
    pub(super) ports: Ports,
    #[serde(default)]
    pub(super) reasons: BTreeMap<String, u64>,
    #[serde(default)]
    pub(super) rejects: Vec<Icmp>,
}

#[derive(Deserialize)]
pub(super) struct Ports {
    #[serde(default)]
    pub(super) open: String,
    #[serde(default)]
    pub(super) closed: String,
    #[serde(default)]
    pub(super) filtered: String,
    #[serde(default)]
    pub(super) untested: String,
}

#[derive(Deserialize)]
pub(in crate::read) struct End {
    pub(super) untested: Option<u64>,
    pub(super) complete: Option<bool>,
}

impl Listening {
    /// As it was at that moment.
    pub(in crate::read) fn told(&self, at: Option<Timestamp>) -> Service {
        let text = |text: &Option<String>| text.as_deref().and_then(Service::text);
        Service {
            name: text(&self.name),
            product: text(&self.product),
            version: text(&self.version),
            tls: self
                .tls
                .as_ref()
                .map_or(Tls::Plain, |tls| Tls::Spoken(tls.told(at))),
        }
    }
}

impl Spoken {
    fn told(&self, at: Option<Timestamp>) -> service::Spoken {
        let versions = |names: &[String]| service::Spoken::versions(names.iter().map(|s| &**s));
        let certificate = self.certificates.first().map(|own| service::Certificate {
            sha256: Service::text(&own.sha256).unwrap_or_default(),
            term: own.term(at),
        });
        service::Spoken {
            accepted: versions(&self.versions),
            refused: versions(&self.refused),
            certificate,
        }
    }
}

impl Certificate {
    fn term(&self, at: Option<Timestamp>) -> Option<Term> {
        let (expired, not_yet) = (self.expired?, self.not_yet_valid?);
        let until = self.not_after.as_deref().and_then(moment);
        if expired {
            return Some(Term::expired(until));
        }
        if not_yet {
            let from = self.not_before.as_deref().and_then(moment);
            return Some(Term::not_yet(from));
        }
        let left = until.zip(at);
        let left = left.map(|(until, at)| Term::within(until.as_second() - at.as_second()));
        Some(left.unwrap_or(Term::Within(None)))
    }
}

impl Icmp {
    /// Its sender, without a zone.
    pub(super) fn from(&self) -> Option<IpAddr> {
        HostId::parse(self.from.as_deref()?)?.ip()
    }

    pub(super) fn reject(&self) -> Reject {
        Reject {
            from: self.from(),
            kind: self.kind,
            code: self.code,
        }
    }
}
