//! The records of Picaporte's JSON Lines and JSON, and what they say. Host records hold every port of a host as ranges; port
//! records stand for hosts whose record was not reached any more, and hold the evidence. Records and fields that are not known
//! are passed over, as the format's promise asks.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use picaporte_core::{PortSet, Reason};
use serde::Deserialize;

use super::damage::{Damage, Writer};
use super::failure::{Failure, Other, Place, ReadError, shown};
use super::{Reading, Wanted};
use crate::build::{Builder, word};
use crate::evidence::{Belief, Evidence, Reject, reason};
use crate::limits::Limits;
use crate::service::{self, Service, Term, Tls};
use crate::snapshot::{Format, HostId, Note, Said, Snapshot};

/// The newest meaning of records that is known.
const SCHEMA: u32 = 1;

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Record {
    Scan(Scan),
    Port(Box<Port>),
    Host(Box<Host>),
    End(End),
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
pub(super) struct Scan {
    #[serde(default)]
    schema: Option<u32>,
    id: Option<String>,
    version: Option<String>,
    started: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Port {
    ip: Option<String>,
    name: Option<String>,
    #[serde(default)]
    names: Vec<String>,
    #[serde(rename = "port")]
    number: u16,
    protocol: Option<String>,
    state: String,
    reason: Option<String>,
    #[serde(default)]
    evidence: Seen,
    /// When it was decided.
    at: Option<String>,
    service: Option<Box<Listening>>,
}

#[derive(Default, Deserialize)]
struct Seen {
    icmp: Option<Icmp>,
    open: Option<String>,
}

#[derive(Deserialize)]
struct Icmp {
    #[serde(rename = "type")]
    kind: u8,
    code: u8,
    from: Option<String>,
}

#[derive(Deserialize)]
struct Listening {
    name: Option<String>,
    product: Option<String>,
    version: Option<String>,
    tls: Option<Spoken>,
}

#[derive(Deserialize)]
struct Spoken {
    #[serde(default)]
    versions: Vec<String>,
    #[serde(default)]
    refused: Vec<String>,
    #[serde(default)]
    certificates: Vec<Certificate>,
}

#[derive(Deserialize)]
struct Certificate {
    sha256: String,
    expired: Option<bool>,
    not_yet_valid: Option<bool>,
    not_after: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Host {
    ip: Option<String>,
    name: Option<String>,
    #[serde(default)]
    names: Vec<String>,
    ports: Ports,
    #[serde(default)]
    reasons: BTreeMap<String, u64>,
    #[serde(default)]
    rejects: Vec<Icmp>,
}

#[derive(Deserialize)]
struct Ports {
    #[serde(default)]
    open: String,
    #[serde(default)]
    closed: String,
    #[serde(default)]
    filtered: String,
    #[serde(default)]
    untested: String,
}

#[derive(Deserialize)]
pub(super) struct End {
    untested: Option<u64>,
    complete: Option<bool>,
}

impl Reading {
    pub(super) fn new(format: Format, wanted: Wanted, limits: &Limits) -> Self {
        let scanner = match format {
            Format::JsonLines | Format::Json | Format::Store => "picaporte",
            Format::Nmap => "nmap",
        };
        Self {
            builder: Builder::new(format, scanner, limits),
            wanted,
        }
    }
}

/// Takes records in any order.
pub(super) struct Records {
    reading: Reading,
    scans: u64,
    ends: u64,
    findings: u64,
    /// Untested ports that host records name, and those that end records count.
    named: u64,
    untested: u64,
    other_protocols: u64,
    /// The first scan: when it began and its name.
    first: Option<(Option<Timestamp>, Option<String>, Option<String>)>,
    incomplete: bool,
}

impl Records {
    pub(super) fn new(reading: Reading) -> Self {
        Self {
            reading,
            scans: 0,
            ends: 0,
            findings: 0,
            named: 0,
            untested: 0,
            other_protocols: 0,
            first: None,
            incomplete: false,
        }
    }

    pub(super) fn take(&mut self, record: Record, place: Place) -> Result<(), ReadError> {
        match record {
            Record::Scan(scan) => self.scan(scan),
            Record::Port(port) => self.port(&port),
            Record::Host(host) => self.host(&host),
            Record::End(end) => {
                self.end(&end);
                Ok(())
            }
            Record::Other => Ok(()),
        }
        .map_err(|what| ReadError::new(place, what))
    }

    fn scan(&mut self, scan: Scan) -> Result<(), Failure> {
        if let Some(found @ SCHEMA..) = scan.schema.filter(|schema| *schema != SCHEMA) {
            let known = SCHEMA;
            return Err(Failure::Newer { found, known });
        }
        self.scans += 1;
        let started = scan.started.as_deref().and_then(moment);
        let this = (started, scan.id, scan.version);
        if self.first.as_ref().is_none_or(|first| this < *first) {
            self.first = Some(this);
        }
        Ok(())
    }

    fn port(&mut self, port: &Port) -> Result<(), Failure> {
        self.findings += 1;
        if port
            .protocol
            .as_deref()
            .is_some_and(|protocol| protocol != "tcp")
        {
            self.other_protocols += 1;
            return Ok(());
        }
        if port.number == 0 {
            return Err(damaged(Damage::PortZero));
        }
        let id = host_id(port.ip.as_deref(), port.name.as_deref())?;
        let said = state(&port.state)?;
        let Reading { builder, wanted } = &mut self.reading;
        builder.say(&id, said, port.number, port.number)?;
        names(builder, &id, port.name.as_deref(), &port.names)?;
        let icmp = port.evidence.icmp.as_ref();
        let from = icmp.and_then(Icmp::from);
        if from.is_some() && from == id.ip() {
            builder.sign_of_life(&id)?;
        }
        if port.reason.as_deref() == Some(Reason::HostSilent.name()) {
            builder.left_as_silent(&id)?;
        }
        if let Some(service) = &port.service {
            let at = port.at.as_deref().and_then(moment);
            let service = service.told(at);
            builder.listens(&id, port.number, service)?;
        }
        if wanted.evidence {
            let evidence = Evidence {
                reason: port.reason.as_deref().and_then(reason),
                icmp: icmp.map(|icmp| (icmp.kind, icmp.code)),
                from,
                belief: port.evidence.open.as_deref().and_then(Belief::named),
            };
            builder.prove(&id, port.number, port.number, evidence)?;
        }
        Ok(())
    }

    fn host(&mut self, host: &Host) -> Result<(), Failure> {
        self.findings += 1;
        let id = host_id(host.ip.as_deref(), host.name.as_deref())?;
        let Reading { builder, wanted } = &mut self.reading;
        let ports = &host.ports;
        for (said, ports) in [
            (Said::Open, &ports.open),
            (Said::Closed, &ports.closed),
            (Said::Filtered, &ports.filtered),
            (Said::Untested, &ports.untested),
        ] {
            let ports = port_set(ports)?;
            if said == Said::Untested {
                self.named += u64::from(ports.len());
            }
            builder.say_all(&id, said, &ports)?;
        }
        builder.settle(&id)?;
        names(builder, &id, host.name.as_deref(), &host.names)?;
        if host
            .reasons
            .get(Reason::HostSilent.name())
            .is_some_and(|n| *n > 0)
        {
            builder.left_as_silent(&id)?;
        }
        let own = id.ip();
        if own.is_some() && host.rejects.iter().any(|icmp| icmp.from() == own) {
            builder.sign_of_life(&id)?;
        }
        if wanted.evidence {
            let rejects = host.rejects.iter().map(Icmp::reject);
            builder.rejects(&id, rejects)?;
        }
        Ok(())
    }

    fn end(&mut self, end: &End) {
        self.ends += 1;
        self.incomplete |= end.complete == Some(false);
        self.untested = self.untested.saturating_add(end.untested.unwrap_or(0));
    }

    /// All records that there are have been taken; `last` is where the last one stood.
    pub(super) fn finish(self, cut: Option<Place>, last: Place) -> Result<Snapshot, ReadError> {
        if self.scans + self.ends + self.findings == 0 {
            let what = match cut {
                Some(_) => Other::CutOff,
                None => Other::NoScan,
            };
            return Err(ReadError::new(Place::Whole, what));
        }
        let mut builder = self.reading.builder;
        let about = &mut builder.about;
        if let Some((started, id, version)) = self.first {
            about.started = started;
            about.id = id.as_deref().map(word);
            about.version = version.as_deref().map(word);
        }
        let cut = cut.or_else(|| (self.ends < self.scans.max(1)).then_some(last));
        about.complete = Some(cut.is_none() && !self.incomplete);
        about.notes.extend(cut.map(Note::Cut));
        if self.scans > 1 {
            about.notes.push(Note::Several(self.scans));
        }
        if let unnamed @ 1.. = self.untested.saturating_sub(self.named) {
            about.notes.push(Note::Unnamed(unnamed));
        }
        if self.other_protocols > 0 {
            about.notes.push(Note::OtherProtocols(self.other_protocols));
        }
        builder
            .finish()
            .map_err(|full| ReadError::new(Place::Whole, full))
    }
}

impl Listening {
    /// As it was at that moment.
    fn told(&self, at: Option<Timestamp>) -> Service {
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
        if self.expired? || self.not_yet_valid? {
            return Some(Term::Out);
        }
        let until = self.not_after.as_deref().and_then(moment);
        let left = until.zip(at);
        let left = left.map(|(until, at)| Term::within(until.as_second() - at.as_second()));
        Some(left.unwrap_or(Term::Within(None)))
    }
}

impl Icmp {
    /// Its sender, without a zone.
    fn from(&self) -> Option<IpAddr> {
        HostId::parse(self.from.as_deref()?)?.ip()
    }

    fn reject(&self) -> Reject {
        Reject {
            from: self.from(),
            kind: self.kind,
            code: self.code,
        }
    }
}

/// A moment, if it is one.
fn moment(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

fn damaged(what: Damage) -> Failure {
    Failure::Damaged(what, Writer::Picaporte)
}

fn names(
    builder: &mut Builder,
    id: &HostId,
    name: Option<&str>,
    names: &[String],
) -> Result<(), Failure> {
    if matches!(id, HostId::Name(_)) {
        return Ok(());
    }
    let names = name.into_iter().chain(names.iter().map(String::as_str));
    for name in names {
        builder.name(id, name)?;
    }
    Ok(())
}

fn host_id(ip: Option<&str>, name: Option<&str>) -> Result<HostId, Failure> {
    match (ip, name) {
        (Some(ip), _) => HostId::parse(ip).ok_or_else(|| damaged(Damage::Address(shown(ip)))),
        (None, Some(name)) if name.len() <= 255 => Ok(HostId::Name(name.into())),
        (None, Some(name)) => Err(damaged(Damage::Name(shown(name)))),
        (None, None) => Err(damaged(Damage::Nameless)),
    }
}

fn state(text: &str) -> Result<Said, Failure> {
    let said = match text {
        "open" => Said::Open,
        "closed" => Said::Closed,
        "filtered" => Said::Filtered,
        "untested" => Said::Untested,
        _ => return Err(damaged(Damage::State(shown(text)))),
    };
    Ok(said)
}

fn port_set(text: &str) -> Result<PortSet, Failure> {
    if text.is_empty() {
        return Ok(PortSet::empty());
    }
    let set = PortSet::parse(text, &|_| None);
    set.map_err(|error| damaged(Damage::ports(error)))
}
