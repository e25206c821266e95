//! What changed of a host.

use picaporte_diff::{
    EvidenceChange, HostChanges, PortChange, Presence, Reject, Service, ServiceChange,
};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Host<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    ip: Option<String>,
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    names: Vec<&'a str>,
    /// Whether it appeared or disappeared.
    presence: Option<&'static str>,
    in_old: bool,
    in_new: bool,
    changes: Vec<Ports>,
    /// What listens otherwise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    services: Vec<Services<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<Proof>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejects: Option<Rejects>,
}

impl<'a> Host<'a> {
    pub(super) fn new(host: &'a HostChanges) -> Self {
        let mut names: Vec<&str> = host.names.iter().map(|name| &**name).collect();
        let (ip, name) = match &host.id {
            picaporte_diff::HostId::Name(name) => (None, Some(&**name)),
            address @ picaporte_diff::HostId::Address(..) => {
                (Some(address.to_string()), names.first().copied())
            }
        };
        if names.len() < 2 {
            names.clear();
        }
        Self {
            kind: "host",
            ip,
            name,
            names,
            presence: host.presence.map(Presence::name),
            in_old: host.mentioned[0],
            in_new: host.mentioned[1],
            changes: host.ports.iter().map(Ports::new).collect(),
            services: host.services.iter().map(Services::new).collect(),
            evidence: host.evidence.iter().map(Proof::new).collect(),
            rejects: host.rejects.as_ref().map(|rejects| Rejects {
                old: rejects.old.iter().map(Icmp::rejected).collect(),
                new: rejects.new.iter().map(Icmp::rejected).collect(),
            }),
        }
    }
}

#[derive(Serialize)]
#[expect(
    clippy::struct_field_names,
    reason = "fields are named as those of a scan's host are"
)]
struct Ports {
    change: &'static str,
    old: &'static str,
    new: &'static str,
    count: u32,
    ports: String,
}

impl Ports {
    fn new(change: &PortChange) -> Self {
        Self {
            change: change.change.name(),
            old: change.old.name(),
            new: change.new.name(),
            count: change.ports.len(),
            ports: change.ports.to_string(),
        }
    }
}

#[derive(Serialize)]
struct Services<'a> {
    count: u32,
    ports: String,
    old: Listening<'a>,
    new: Listening<'a>,
}

impl<'a> Services<'a> {
    fn new(change: &'a ServiceChange) -> Self {
        Self {
            count: change.ports.len(),
            ports: change.ports.to_string(),
            old: Listening::new(&change.old),
            new: Listening::new(&change.new),
        }
    }
}

/// Named as the service of a scan is.
#[derive(Serialize)]
struct Listening<'a> {
    name: Option<&'a str>,
    product: Option<&'a str>,
    version: Option<&'a str>,
    /// The SHA-256 of its own certificate.
    certificate: Option<&'a str>,
}

impl<'a> Listening<'a> {
    fn new(service: &'a Service) -> Self {
        Self {
            name: service.name.as_deref(),
            product: service.product.as_deref(),
            version: service.version.as_deref(),
            certificate: service.certificate().map(|own| &*own.sha256),
        }
    }
}

#[derive(Serialize)]
struct Proof {
    state: &'static str,
    count: u32,
    ports: String,
    old: Evidence,
    new: Evidence,
}

impl Proof {
    fn new(change: &EvidenceChange) -> Self {
        Self {
            state: change.state.name(),
            count: change.ports.len(),
            ports: change.ports.to_string(),
            old: Evidence::new(&change.old),
            new: Evidence::new(&change.new),
        }
    }
}

/// Named as the evidence of a scan is.
#[derive(Serialize)]
struct Evidence {
    reason: Option<&'static str>,
    icmp: Option<Icmp>,
    open: Option<&'static str>,
}

impl Evidence {
    fn new(evidence: &picaporte_diff::Evidence) -> Self {
        let known = evidence.icmp.is_some() || evidence.from.is_some();
        Self {
            reason: evidence.reason.map(picaporte_core::Reason::name),
            icmp: known.then(|| Icmp {
                kind: evidence.icmp.map(|(kind, _)| kind),
                code: evidence.icmp.map(|(_, code)| code),
                from: evidence.from.map(|from| from.to_string()),
            }),
            open: evidence.belief.map(picaporte_diff::Belief::name),
        }
    }
}

#[derive(Serialize)]
struct Icmp {
    #[serde(rename = "type")]
    kind: Option<u8>,
    code: Option<u8>,
    from: Option<String>,
}

impl Icmp {
    fn rejected(reject: &Reject) -> Self {
        Self {
            kind: Some(reject.kind),
            code: Some(reject.code),
            from: reject.from.map(|from| from.to_string()),
        }
    }
}

#[derive(Serialize)]
struct Rejects {
    old: Vec<Icmp>,
    new: Vec<Icmp>,
}
