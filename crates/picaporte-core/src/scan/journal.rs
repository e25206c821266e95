//! What a kept scan notes of each port that is decided, when it is told.

use super::Scan;
use crate::grade::Grade;
use crate::known::{Decided, Rejected};
use crate::outcome::Icmp;
use crate::verdict::Reason;

impl Scan {
    /// A port is decided. What is to be asked again by whoever goes on is not noted, and neither is what was refused because the
    /// scope's time was over.
    pub(super) fn note_decided(&mut self, host: u64, port: u16, reason: Reason) {
        let open_question = reason.is_resumable() || reason == Reason::OutOfScope;
        if let Some(journal) = self.journal.as_mut().filter(|_| !open_question) {
            journal.decided.push(Decided { host, reason, port });
        }
    }

    /// An open port is told.
    pub(super) fn note_open(&mut self, host: u64, port: u16, grade: Option<Grade>) {
        self.note_decided(host, port, Reason::SynAck);
        if let Some(journal) = &mut self.journal {
            journal.graded.extend(grade.map(|grade| (host, grade)));
        }
    }

    /// An ICMP error decides a port.
    pub(super) fn note_rejected(&mut self, host: u64, first: bool, icmp: Option<Icmp>) {
        if let Some(journal) = &mut self.journal {
            journal.rejected.push(Rejected { host, first, icmp });
        }
    }
}
