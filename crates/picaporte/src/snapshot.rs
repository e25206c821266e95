//! What a scan says, as it is compared with another one: taken down from its findings as they come, without a file of it.

use std::sync::Arc;

use jiff::Timestamp;
use picaporte_core::scan::HostReport;
use picaporte_core::tally::Tally;
use picaporte_core::{Address, Grade, Icmp, Reason, State, Verdict};
use picaporte_diff::{
    Belief, Builder, Certificate, Evidence, Format, Full, HostId, Limits, Note, Reject, Said,
    Service, Snapshot, Spoken, Term, Tls, Wanted,
};
use picaporte_encode::Untrusted;
use picaporte_engine::Finding;
use picaporte_identify::{service, tls};

use crate::report::Header;

/// A snapshot that is being made of one scan. What it keeps is bounded by the limits that it began with.
#[derive(Clone, Debug)]
pub(crate) struct Taking {
    builder: Builder,
    wanted: Wanted,
    /// Untested ports of hosts that are named.
    named: u64,
}

impl Taking {
    /// Takes down what is known before the first finding: the scan's names without an address.
    ///
    /// # Errors
    /// When there are too many of them.
    pub(crate) fn begin(header: &Header, wanted: Wanted, limits: &Limits) -> Result<Self, Full> {
        let mut taking = Self {
            builder: Builder::new(Format::Store, "picaporte", limits),
            wanted,
            named: 0,
        };
        let about = &mut taking.builder.about;
        about.version = Some(header.version.to_string());
        about.id = Some(header.id.clone());
        about.started = Some(header.started);
        for unresolved in header.plan.unresolved() {
            let id = HostId::Name(unresolved.name.clone());
            taking.named += u64::from(unresolved.ports.len());
            let builder = &mut taking.builder;
            builder.say_all(&id, Said::Untested, &unresolved.ports)?;
            builder.settle(&id)?;
        }
        Ok(taking)
    }

    /// Takes down a finding.
    ///
    /// # Errors
    /// When a limit is met.
    pub(crate) fn finding(&mut self, header: &Header, finding: &Finding) -> Result<(), Full> {
        match finding {
            Finding::Port(verdict) => self.port(header, verdict),
            Finding::Host(host) => self.host(header, host),
            Finding::Opened { .. } | Finding::Decided(_) | Finding::End(_) => Ok(()),
        }
    }

    /// All has been found; `note` is what else is to be known of the scan.
    ///
    /// # Errors
    /// When a limit is met.
    pub(crate) fn end(mut self, tally: &Tally, note: Option<Note>) -> Result<Snapshot, Full> {
        let about = &mut self.builder.about;
        about.complete = Some(note.is_none() && tally.complete());
        about.notes.extend(note);
        let untested = tally.counts.in_state(State::Untested);
        if let unnamed @ 1.. = untested.saturating_sub(self.named) {
            about.notes.push(Note::Unnamed(unnamed));
        }
        self.builder.finish()
    }

    fn port(&mut self, header: &Header, verdict: &Verdict) -> Result<(), Full> {
        let id = id(header, verdict.address);
        let (port, seen) = (verdict.port, &verdict.evidence);
        self.builder.say(&id, said(verdict.state()), port, port)?;
        self.names(header, &id, verdict.address)?;
        let from = seen.icmp.and_then(|icmp| icmp.from).map(|from| from.ip);
        if from == Some(verdict.address.ip) {
            self.builder.sign_of_life(&id)?;
        }
        if verdict.reason == Reason::HostSilent {
            self.builder.left_as_silent(&id)?;
        }
        if let Some(service) = header.identified.of(verdict.address, port) {
            let service = listening(header, verdict, &service);
            self.builder.listens(&id, port, service)?;
        }
        if self.wanted.evidence {
            let evidence = Evidence {
                reason: Some(verdict.reason),
                icmp: seen.icmp.map(|icmp| (icmp.kind, icmp.code)),
                from,
                belief: seen.grade.map(belief),
            };
            self.builder.prove(&id, port, port, evidence)?;
        }
        Ok(())
    }

    fn host(&mut self, header: &Header, host: &HostReport) -> Result<(), Full> {
        let id = id(header, host.address);
        for (said, ports) in [
            (Said::Open, &host.open),
            (Said::Closed, &host.closed),
            (Said::Filtered, &host.filtered),
            (Said::Untested, &host.untested),
        ] {
            self.builder.say_all(&id, said, ports)?;
        }
        self.named += u64::from(host.untested.len());
        self.builder.settle(&id)?;
        self.names(header, &id, host.address)?;
        if host.counts.of(Reason::HostSilent) > 0 {
            self.builder.left_as_silent(&id)?;
        }
        let own = |icmp: &Icmp| icmp.from.map(|from| from.ip) == Some(host.address.ip);
        if host.rejects.iter().any(|(icmp, _)| own(icmp)) {
            self.builder.sign_of_life(&id)?;
        }
        if self.wanted.evidence {
            let reject = |icmp: &Icmp| Reject {
                from: icmp.from.map(|from| from.ip),
                kind: icmp.kind,
                code: icmp.code,
            };
            let rejects = host.rejects.iter().map(|(icmp, _)| reject(icmp));
            self.builder.rejects(&id, rejects)?;
        }
        Ok(())
    }

    fn names(&mut self, header: &Header, id: &HostId, address: Address) -> Result<(), Full> {
        for name in header.plan.names(address) {
            self.builder.name(id, name)?;
        }
        Ok(())
    }
}

/// What listens, in the words of reports.
fn listening(header: &Header, verdict: &Verdict, service: &service::Service) -> Service {
    let text = |text: Option<String>| text.as_deref().and_then(Service::text);
    Service {
        name: text(service.name.as_ref().map(ToString::to_string)),
        product: text(service.product.as_ref().map(Untrusted::json)),
        version: text(service.version.as_ref().map(ToString::to_string)),
        tls: match &service.tls {
            None => Tls::Plain,
            Some(tls) => Tls::Spoken(spoken(tls, header.second(verdict.at))),
        },
    }
}

/// What a port's TLS was at a moment, in seconds after 1970.
fn spoken(tls: &tls::Tls, at: i64) -> Spoken {
    let versions = |named: &mut dyn Iterator<Item = tls::TlsVersion>| {
        let named: Vec<String> = named.map(|version| version.to_string()).collect();
        Spoken::versions(named.iter().map(String::as_str))
    };
    let certificate = tls.chain.certificates.first().map(|own| Certificate {
        sha256: own.sha256.as_str().into(),
        term: own.details.as_ref().map(|details| {
            let moment = |second| Timestamp::from_second(second).ok();
            if details.is_expired(at) {
                Term::expired(moment(details.not_after))
            } else if details.is_not_yet_valid(at) {
                Term::not_yet(moment(details.not_before))
            } else {
                Term::within(details.not_after.saturating_sub(at))
            }
        }),
    });
    Spoken {
        accepted: versions(&mut tls.versions.accepted()),
        refused: versions(&mut tls.versions.refused().map(|(version, _)| version)),
        certificate,
    }
}

/// The host with its zone as reports tell it.
fn id(header: &Header, address: Address) -> HostId {
    let zone = (address.scope != 0).then(|| match header.zones.get(&address.scope) {
        Some(name) => Arc::from(name.as_str()),
        None => Arc::from(address.scope.to_string()),
    });
    HostId::Address(address.ip.to_canonical(), zone)
}

const fn said(state: State) -> Said {
    match state {
        State::Open => Said::Open,
        State::Closed => Said::Closed,
        State::Filtered => Said::Filtered,
        State::Untested => Said::Untested,
    }
}

const fn belief(grade: Grade) -> Belief {
    match grade {
        Grade::Confirmed => Belief::Confirmed,
        Grade::HandshakeOnly => Belief::HandshakeOnly,
        Grade::Suspect(_) => Belief::Suspect,
    }
}
