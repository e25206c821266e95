//! From where a scan goes on: exactly what was committed last, and only if the scan is still the one that was begun.

use crate::digest::Digest;
use crate::doing::Doing;
use crate::error::{StoreError, Tried};
use crate::pending::PendingHost;
use crate::rows;
use crate::scan::{ScanId, ScanMeta, State};
use crate::store::Store;

/// All that is needed to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResumeState {
    /// What the scan was asked.
    pub meta: ScanMeta,
    /// [What binds it](crate::binding) to that; it was compared with what is kept.
    pub binding: Digest,
    /// The progress of each part, as it was told last: its number, and the bytes.
    pub progress: Vec<(u32, Vec<u8>)>,
    /// Hosts that are [done](crate::Stage::Done), as ranges of their numbers: first and last of each, ascending, none of which
    /// touches another.
    pub done: Vec<(u64, u64)>,
    /// Hosts that are not done, by number, and what was decided of them. Those without a port decided are not among them.
    pub pending: Vec<PendingHost>,
}

impl Store {
    /// From where the scan goes on. The state is that of one commit: all that was told up to some call of
    /// [`Writer::tell`](crate::Writer::tell), and nothing of a later one.
    ///
    /// # Errors
    /// [`StoreError::NoSuchScan`]; [`StoreError::Finished`] if it is complete; [`StoreError::Altered`] if arguments, seed, plan or
    /// scope are not those with which it was begun; when the file can't be read.
    pub fn resume_state(&self, id: ScanId) -> Result<ResumeState, StoreError> {
        let attempt = self.attempt(Doing::Resuming);
        // What is read in one transaction is of one commit, whatever another program writes meanwhile.
        let transaction = self.db().unchecked_transaction().tried(attempt)?;
        let held = self.held(id, attempt)?;
        if held.state == State::Complete {
            return Err(StoreError::Finished { id });
        }
        let (meta, binding) = self.bound_meta(id, held.key, attempt)?;
        let done = rows::done(self.db(), held.key, attempt)?;
        let pending = rows::pending(self.db(), held.key, attempt)?;
        let progress = self.progress(held.key, attempt)?;
        transaction.commit().tried(attempt)?;
        Ok(ResumeState {
            meta,
            binding,
            progress: progress.into_iter().map(|p| (p.part, p.body)).collect(),
            pending: pending
                .into_hosts()
                .filter(|pending| !done.contains(pending.host))
                .collect(),
            done: done.into_ranges(),
        })
    }
}
