//! What was learned of ports and addresses after they were told: when a kept scan is told again, it is known before their lines are made.

use picaporte_core::{Address, State, Verdict};
use picaporte_store::{Notes, ScanId, Store};

use super::{How, KeptError, service};
use crate::report::{Header, IdentifiedCounts};

/// The notes of one scan, and the lists of its header that they go into.
#[derive(Debug)]
pub(crate) struct Recall<'a> {
    /// `None` where nobody was asked for more than the scan itself.
    notes: Option<Notes<'a>>,
    header: &'a Header,
    identify: bool,
    counts: IdentifiedCounts,
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
            identify: how.identify,
            counts: IdentifiedCounts::default(),
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
        if !self.identify || verdict.state() != State::Open {
            return Ok(());
        }
        let Some(service) = self.service(verdict.address, verdict.port)? else {
            self.counts.not_asked += 1;
            return Ok(());
        };
        self.counts.count(&service);
        self.counts.connections += u64::from(service.connections);
        let (address, port) = (verdict.address, verdict.port);
        self.header.identified.learn(address, port, service.into());
        Ok(())
    }

    fn service(
        &self,
        address: Address,
        port: u16,
    ) -> Result<Option<picaporte_identify::service::Service>, KeptError> {
        let Some(notes) = &self.notes else {
            return Ok(None);
        };
        let bytes = notes.service(address, port)?;
        bytes.map(|bytes| service::from_bytes(&bytes)).transpose()
    }

    /// What became of the open ports that were told, where they were to be asked what they are.
    pub(crate) fn counts(&self) -> Option<IdentifiedCounts> {
        self.identify.then_some(self.counts)
    }
}
