//! A kept scan as it is compared with another one: what a file of it would say, without the file.

use std::sync::Arc;

use picaporte_core::scan::HostReport;
use picaporte_core::{Address, Grade, Icmp, Reason, State, Verdict};
use picaporte_diff::{
    Belief, Builder, Evidence, Format, Full, HostId, Limits, Note, Place, Reject, Said, Snapshot,
    Wanted,
};
use picaporte_engine::Finding;

use super::{KeptError, Replay};
use crate::report::{Header, Trailer};

/// What a kept scan says.
///
/// # Errors
/// When the store can't be read, or what it keeps of the scan is none, or takes more than the limits allow.
pub fn snapshot(
    replay: &Replay<'_>,
    wanted: Wanted,
    limits: &Limits,
) -> Result<Snapshot, KeptError> {
    let mut taking = Taking {
        builder: Builder::new(Format::Store, "picaporte", limits),
        header: replay.header(),
        wanted,
        named: 0,
    };
    taking.unresolved()?;
    let mut full = Ok(());
    let trailer = replay.tell(&mut |finding| {
        if full.is_ok() {
            full = taking.finding(finding);
        }
    })?;
    full?;
    taking.about(replay, &trailer);
    Ok(taking.builder.finish()?)
}

struct Taking<'a> {
    builder: Builder,
    header: &'a Header,
    wanted: Wanted,
    /// Untested ports of hosts that are named.
    named: u64,
}

impl Taking<'_> {
    fn unresolved(&mut self) -> Result<(), Full> {
        for unresolved in self.header.plan.unresolved() {
            let id = HostId::Name(unresolved.name.clone());
            self.named += u64::from(unresolved.ports.len());
            self.builder
                .say_all(&id, Said::Untested, &unresolved.ports)?;
            self.builder.settle(&id)?;
        }
        Ok(())
    }

    fn finding(&mut self, finding: &Finding) -> Result<(), Full> {
        match finding {
            Finding::Port(verdict) => self.port(verdict),
            Finding::Host(host) => self.host(host),
            Finding::Opened { .. } | Finding::Decided(_) | Finding::End(_) => Ok(()),
        }
    }

    fn port(&mut self, verdict: &Verdict) -> Result<(), Full> {
        let id = self.id(verdict.address);
        let (port, seen) = (verdict.port, &verdict.evidence);
        self.builder.say(&id, said(verdict.state()), port, port)?;
        self.names(&id, verdict.address)?;
        let from = seen.icmp.and_then(|icmp| icmp.from).map(|from| from.ip);
        if from == Some(verdict.address.ip) {
            self.builder.sign_of_life(&id)?;
        }
        if verdict.reason == Reason::HostSilent {
            self.builder.left_as_silent(&id)?;
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

    fn host(&mut self, host: &HostReport) -> Result<(), Full> {
        let id = self.id(host.address);
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
        self.names(&id, host.address)?;
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

    fn names(&mut self, id: &HostId, address: Address) -> Result<(), Full> {
        for name in self.header.plan.names(address) {
            self.builder.name(id, name)?;
        }
        Ok(())
    }

    /// The zone as reports tell it.
    fn id(&self, address: Address) -> HostId {
        let zone = (address.scope != 0).then(|| match self.header.zones.get(&address.scope) {
            Some(name) => Arc::from(name.as_str()),
            None => Arc::from(address.scope.to_string()),
        });
        HostId::Address(address.ip.to_canonical(), zone)
    }

    fn about(&mut self, replay: &Replay<'_>, trailer: &Trailer) {
        let (ended, tally) = (replay.has_ended(), &trailer.account.tally);
        let about = &mut self.builder.about;
        about.version = Some(self.header.version.to_string());
        about.id = Some(self.header.id.clone());
        about.started = Some(self.header.started);
        about.complete = Some(ended && tally.complete());
        if !ended {
            about.notes.push(Note::Cut(Place::Whole));
        }
        let untested = tally.counts.in_state(State::Untested);
        if let unnamed @ 1.. = untested.saturating_sub(self.named) {
            about.notes.push(Note::Unnamed(unnamed));
        }
    }
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
