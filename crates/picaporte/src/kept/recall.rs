//! What was learned of ports and addresses after they were told: when a kept scan is told again, it is known before their lines are made.

use picaporte_core::{Grade, Port, State, Verdict};
use picaporte_identify::inquiry::is_fragile;
use picaporte_store::{Notes, ScanId, Store};

use super::{How, KeptError, service};
use crate::report::{Header, IdentifiedCounts};

/// The notes of one scan, and the lists of its header that they go into.
#[derive(Debug)]
pub(crate) struct Recall<'a> {
    /// `None` where nobody was asked for more than the scan itself.
    notes: Option<Notes<'a>>,
    header: &'a Header,
    /// `None` where open ports were not to be asked what they are.
    counts: Option<IdentifiedCounts>,
    /// Ports of printers and machines were to be asked too.
    fragile: bool,
}

impl<'a> Recall<'a> {
    /// Puts what addresses are called into the header's list.
    ///
    /// # Errors
    /// When the store can't be read, or what it keeps is no name.
    pub(crate) fn begin(
        store: &'a Store,
        id: ScanId,
        header: &'a Header,
        how: &How,
    ) -> Result<Self, KeptError> {
        let asked = how.identify || how.reverse_dns;
        let recall = Self {
            notes: asked.then(|| store.notes(id)).transpose()?,
            header,
            counts: how.identify.then(IdentifiedCounts::default),
            fragile: how.fragile,
        };
        for named in recall.notes.iter().flat_map(Notes::named) {
            let (address, names) = named?;
            let names = service::names_from_bytes(&names)?;
            // Where there is no room it is as in the scan itself: the rest has no names.
            header.reverse.learn(address.ip, names);
        }
        Ok(recall)
    }

    /// Puts what listens on the port into the header's list: to be called before its line is made.
    ///
    /// # Errors
    /// When the store can't be read, or what it keeps is no service.
    pub(crate) fn port(&mut self, verdict: &Verdict) -> Result<(), KeptError> {
        let (Some(counts), Some(notes)) = (&mut self.counts, &self.notes) else {
            return Ok(());
        };
        if verdict.state() != State::Open {
            return Ok(());
        }
        let (address, port) = (verdict.address, verdict.port);
        let Some(bytes) = notes.service(address, port)? else {
            if matches!(verdict.evidence.grade, Some(Grade::Suspect(_))) {
                counts.leave_suspect();
            } else if !self.fragile && Port::new(port).is_some_and(is_fragile) {
                counts.leave_alone();
            } else {
                counts.put_off();
            }
            return Ok(());
        };
        let service = service::from_bytes(&bytes)?;
        counts.count(&service);
        counts.connections += u64::from(service.connections);
        self.header.identified.learn(address, port, service.into());
        Ok(())
    }

    /// What became of the open ports that were told, where they were to be asked what they are.
    pub(crate) fn counts(&self) -> Option<IdentifiedCounts> {
        self.counts
    }
}
