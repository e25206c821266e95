//! Changes as one JSON document: `{"diff":{…},"hosts":[…],"end":{…}}`, each host on a line of its own. Fields are added, never
//! renamed. It holds every port.

use picaporte_diff::{
    About, Change, Changes, Counted, EvidenceChange, HostChanges, Note, PortChange, Presence,
    Reject, Service, ServiceChange,
};
use serde::Serialize;

use super::super::header::Stamp;
use super::{Compared, Side, encode, words};
use crate::report::Lang;

/// The version of these objects' meaning.
const SCHEMA: u32 = 1;

#[derive(Debug)]
pub(super) struct Json {
    first: bool,
}

impl Json {
    pub(super) fn begin(compared: &Compared<'_>, out: &mut Vec<u8>) -> Self {
        out.extend(b"{\"diff\":");
        let begin = Begin {
            kind: "diff",
            schema: SCHEMA,
            version: compared.version,
            old: Scan::new(&compared.old),
            new: Scan::new(&compared.new),
            evidence: compared.evidence,
        };
        encode::json(&begin, out);
        out.extend(b",\n\"hosts\":[");
        Self { first: true }
    }

    pub(super) fn host(&mut self, host: &HostChanges, out: &mut Vec<u8>) {
        let first = std::mem::replace(&mut self.first, false);
        out.extend(if first { b"\n".as_slice() } else { b",\n" });
        encode::json(&Host::new(host), out);
    }

    pub(super) fn end(compared: &Compared<'_>, changes: &Changes, out: &mut Vec<u8>) {
        out.extend(b"\n],\n\"end\":");
        encode::json(&End::new(compared, changes), out);
        out.extend(b"}\n");
    }
}

#[derive(Serialize)]
struct Begin<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    schema: u32,
    version: &'a str,
    old: Scan<'a>,
    new: Scan<'a>,
    evidence: bool,
}

/// Which scan it is.
#[derive(Serialize)]
pub(in crate::report) struct Scan<'a> {
    file: &'a str,
    format: &'static str,
    scanner: &'a str,
    version: Option<&'a str>,
    id: Option<&'a str>,
    started: Option<Stamp>,
    complete: Option<bool>,
    notes: Vec<Told>,
}

impl<'a> Scan<'a> {
    pub(in crate::report) fn new(side: &Side<'a>) -> Self {
        let About {
            scanner,
            version,
            id,
            ..
        } = side.about;
        Self {
            file: side.file,
            format: side.about.format.name(),
            scanner,
            version: version.as_deref(),
            id: id.as_deref(),
            started: side.about.started.map(Stamp),
            complete: side.about.complete,
            notes: side.about.notes.iter().map(Told::new).collect(),
        }
    }
}

#[derive(Serialize)]
struct Told {
    note: &'static str,
    says: String,
}

impl Told {
    fn new(note: &Note) -> Self {
        let name = match note {
            Note::Cut(_) => "cut",
            Note::Several(_) => "several-scans",
            Note::Unnamed(_) => "untested-not-named",
            Note::DownUnnamed(_) => "down-not-named",
            Note::NoAddress(_) => "no-address",
            Note::Unresolved(_) => "unresolved",
            Note::Failed => "failed",
            Note::OtherProtocols(_) => "other-protocols",
            Note::AtOdds(_) => "two-states",
            Note::CannotTell(_) => "tells-no-state",
        };
        Self {
            note: name,
            says: words::note(Lang::En, note),
        }
    }
}

#[derive(Serialize)]
struct Host<'a> {
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
    fn new(host: &'a HostChanges) -> Self {
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

#[derive(Serialize)]
struct Count {
    ports: u64,
    hosts: u64,
}

impl From<Counted> for Count {
    fn from(counted: Counted) -> Self {
        Self {
            ports: counted.ports,
            hosts: counted.hosts,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Counts {
    opened: Count,
    closed: Count,
    became_filtered: Count,
    became_reachable: Count,
    appeared: Count,
    disappeared: Count,
    not_comparable: Count,
}

#[derive(Serialize)]
struct EvidenceCount {
    ports: u64,
    hosts: u64,
    /// Ports in the same state, of which both scans tell evidence.
    compared: u64,
    /// Hosts that others reject for.
    rejects: u64,
}

#[derive(Serialize)]
struct End {
    #[serde(rename = "type")]
    kind: &'static str,
    same: bool,
    changes: Counts,
    /// Open ports on which something else listens.
    services: Count,
    evidence: Option<EvidenceCount>,
    unchanged: Count,
    /// Ports of which neither scan knows the state.
    unknown: Count,
    says: &'static str,
}

impl End {
    fn new(compared: &Compared<'_>, changes: &Changes) -> Self {
        let counts = &changes.counts;
        let of = |change| Count::from(counts.of(change));
        let hosts = |change, hosts| Count {
            hosts,
            ..of(change)
        };
        Self {
            kind: "end",
            same: changes.is_empty(),
            changes: Counts {
                opened: of(Change::Opened),
                closed: of(Change::Closed),
                became_filtered: of(Change::Filtered),
                became_reachable: of(Change::Reachable),
                appeared: hosts(Change::Appeared, counts.appeared),
                disappeared: hosts(Change::Disappeared, counts.disappeared),
                not_comparable: of(Change::NotComparable),
            },
            services: counts.services.into(),
            evidence: compared.evidence.then_some(EvidenceCount {
                ports: counts.evidence.ports,
                hosts: counts.evidence.hosts,
                compared: counts.proved.ports,
                rejects: counts.rejects,
            }),
            unchanged: counts.same.into(),
            unknown: counts.unknown.into(),
            says: words::judgement(Lang::En, changes),
        }
    }
}
