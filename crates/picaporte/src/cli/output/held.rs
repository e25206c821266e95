//! What is held back before it goes to the reports: until it is known what listens on a port, and then what its host is called,
//! where that is asked.

use std::time::{Duration, Instant};

use picaporte_core::Address;
use picaporte_engine::Finding;

use super::Outputs;
use crate::cli::identifying::Identifying;
use crate::cli::keep::Learned;
use crate::cli::naming::Naming;
use crate::cli::progress::Asking;
use crate::report::{IdentifiedCounts, ReverseCounts};

impl Outputs {
    /// From now on addresses that answer are asked about.
    pub(crate) fn ask_names(&mut self, naming: Naming) {
        self.naming = Some(naming);
    }

    /// From now on open ports are asked what they are.
    pub(crate) fn identify(&mut self, identifying: Identifying) {
        self.identifying = Some(identifying);
    }

    /// What an open port has said, before its finding.
    pub(crate) fn greeted(&mut self, address: Address, port: u16, greeting: Vec<u8>) {
        if let Some(identifying) = &mut self.identifying {
            identifying.greeted(address, port, greeting);
        }
    }

    /// Hands a finding to every report, or holds it back until it is known what listens there, where that is asked; it is written at the
    /// latest with the next flush.
    pub(crate) fn finding(&mut self, finding: &Finding) {
        let identifying = self.identifying.as_mut();
        if !identifying.is_some_and(|identifying| identifying.holds(finding)) {
            self.identified(finding);
        }
    }

    /// Hands a finding to every report, or holds it back until its host's name is known, for a short time; it is written at the latest
    /// with the next flush.
    fn identified(&mut self, finding: &Finding) {
        if let Some(naming) = &mut self.naming {
            naming.heard(finding);
            // A handshake is told at once: its line has no place for a name.
            let waits = matches!(finding, Finding::Port(_) | Finding::Host(_));
            if waits && naming.holds(finding) {
                naming.hold(Instant::now(), finding.clone());
                self.release_named();
                return;
            }
        }
        self.tell(finding);
    }

    /// Hands on what needs not be held back any longer; whether anything is.
    pub(crate) fn release(&mut self) -> bool {
        while let Some(finding) = self.identifying.as_mut().and_then(Identifying::next) {
            self.identified(&finding);
        }
        self.release_named() || self.being_identified() > 0
    }

    /// How many open ports are being asked what they are.
    pub(crate) fn being_identified(&self) -> u64 {
        self.identifying.as_ref().map_or(0, Identifying::waiting)
    }

    /// How far those are that are asked, where any are to be.
    pub(crate) fn asking(&self) -> Option<Asking> {
        let (waiting, counts) = (self.being_identified(), self.ports_identified()?);
        Some(Asking {
            waiting,
            identified: counts.identified,
            all: counts.all() + waiting,
        })
    }

    /// Whether the scan is to wait for those.
    pub(crate) fn is_full(&self) -> bool {
        self.identifying.as_ref().is_some_and(Identifying::is_full)
    }

    /// The scan is over: its caps are there for those that are left.
    pub(crate) fn scan_over(&self) {
        if let Some(identifying) = &self.identifying {
            identifying.scan_over();
        }
    }

    /// Whether the time is over in which open ports may be asked.
    pub(crate) fn is_over_at(&self, elapsed: Duration) -> bool {
        (self.identifying.as_ref()).is_some_and(|identifying| identifying.is_over_at(elapsed))
    }

    /// What was learned of open ports and addresses since the last time, to be kept.
    pub(crate) fn learned(&mut self) -> Learned {
        let (ports, addresses) = (self.identifying.as_mut(), self.naming.as_mut());
        Learned {
            services: ports.map_or_else(Vec::new, Identifying::learned),
            names: addresses.map_or_else(Vec::new, Naming::learned),
        }
    }

    /// What became of the open ports, where any were to be asked what they are.
    pub(crate) fn ports_identified(&self) -> Option<IdentifiedCounts> {
        self.identifying.as_ref().map(Identifying::counts)
    }

    fn release_named(&mut self) -> bool {
        let now = Instant::now();
        while let Some(finding) = self.naming.as_mut().and_then(|naming| naming.next(now)) {
            self.tell(&finding);
        }
        self.naming.as_ref().is_some_and(Naming::is_holding)
    }

    /// From now on nothing is asked beside the scan, and nothing is held back.
    pub(crate) fn stop_asking(&mut self) {
        if let Some(identifying) = &mut self.identifying {
            identifying.stop();
            self.release();
        }
        if let Some(naming) = &mut self.naming {
            naming.stop();
            self.release();
        }
    }

    /// What became of the questions, where any were to be asked.
    pub(crate) fn names_asked(&self) -> Option<ReverseCounts> {
        self.naming.as_ref().map(Naming::counts)
    }
}
