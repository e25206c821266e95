//! Findings as bytes: what a chunk holds of ports and hosts, and how it is read back without loss.
//!
//! A body is one record after the other, each with its length before it. A later version adds fields at the end of a
//! record: an older one does not read that far, and a newer one finds them missing. Nothing is renumbered.
//!
//! Bytes rather than JSON: an open port takes about 25 of them instead of 250, a closed host with one port about 25 instead
//! of 350, and a sweep can bring a hundred thousand of those a second. Whoever shows a kept scan has the core's own types.

use picaporte_core::{Reason, Verdict};

use crate::wire::{Bad, Put, Take};

mod host;
mod note;
mod port;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use host::{read_host, read_host_index, write_host};
pub(crate) use note::{Subject, read_note, write_note};
pub(crate) use port::{read_port, write_port};

/// Records, one after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Body {
    bytes: Vec<u8>,
    at: usize,
}

impl Body {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, at: 0 }
    }

    /// Where the next record begins, in bytes from the beginning.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// The next record that is no note, if there is one: a port's.
    pub(crate) fn next_port(&mut self) -> Option<Result<Verdict, Bad>> {
        loop {
            let record = self.next_record()?;
            let port = record.and_then(|record| {
                let is_port = read_note(record)?.is_none();
                is_port.then(|| read_port(record)).transpose()
            });
            if let Some(port) = port.transpose() {
                return Some(port);
            }
        }
    }

    /// The next record, if there is one.
    pub(crate) fn next_record(&mut self) -> Option<Result<&[u8], Bad>> {
        let mut left = Take(&self.bytes[self.at..]);
        if left.is_empty() {
            return None;
        }
        let record = left.bytes();
        self.at = match record {
            Ok(_) => self.bytes.len() - left.0.len(),
            Err(_) => self.bytes.len(),
        };
        Some(record)
    }
}

/// Appends one record.
pub(crate) fn append(record: &[u8], body: &mut Vec<u8>) {
    body.bytes(record);
}

/// A reason's number in the file, for ever. One more of them makes a new version of the file: an older program must not
/// take what it does not know for damage.
pub(crate) const fn reason_code(reason: Reason) -> u8 {
    match reason {
        Reason::SynAck => 0,
        Reason::ConnRefused => 1,
        Reason::NoResponse => 2,
        Reason::PortUnreach => 3,
        Reason::HostUnreach => 4,
        Reason::NetUnreach => 5,
        Reason::ProtoUnreach => 6,
        Reason::AdminProhibited => 7,
        Reason::HostProhibited => 8,
        Reason::NetProhibited => 9,
        Reason::TimeExceeded => 10,
        Reason::LocalLimit => 11,
        Reason::LocalRoute => 12,
        Reason::Interrupted => 13,
        Reason::OutOfScope => 14,
        Reason::HostSilent => 15,
        Reason::HostBanned => 16,
        Reason::PathDown => 17,
        Reason::Unresolved => 18,
        Reason::TimeLimit => 19,
    }
}

pub(crate) fn take_reason(take: &mut Take<'_>) -> Result<Reason, Bad> {
    let code = take.u8()?;
    let found = Reason::ALL.iter().find(|&&r| reason_code(r) == code);
    found.copied().ok_or(Bad::Reason)
}
