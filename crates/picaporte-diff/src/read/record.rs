//! The records of Picaporte's JSON Lines and JSON, and what they say. Host records hold every port of a host as ranges; port
//! records stand for hosts whose record was not reached any more, and hold the evidence. Records and fields that are not known
//! are passed over, as the format's promise asks.

mod fields;
mod texts;

use jiff::Timestamp;
use picaporte_core::Reason;

use super::Reading;
use super::damage::Damage;
use super::failure::{Failure, Other, Place, ReadError};
use crate::build::{Builder, word};
use crate::evidence::{Belief, Evidence, reason};
use crate::snapshot::{HostId, Note, Said, Snapshot};
pub(super) use fields::{Certificate, Listening, Record, Spoken};
use fields::{End, Host, Icmp, Port, Scan};
use texts::{damaged, host_id, moment, port_set, state};

/// The newest meaning of records that is known.
const SCHEMA: u32 = 1;

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
