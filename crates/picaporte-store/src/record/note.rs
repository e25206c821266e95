//! What was learned of a port or an address after it was told: bytes that only the caller understands. A note stands among the ports, where
//! the chain of digests covers it, and is told apart by a reason that none will ever have.

use picaporte_core::Address;

use crate::address::Key;
use crate::wire::{Bad, Put, Take};

/// In the place of a reason.
const NOTE: u8 = 0xff;

/// What a note is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Subject {
    /// What listens on a port.
    Service(Address, u16),
    /// What an address is called.
    Names(Address),
}

/// Appends the fields of a note; a port of 0 is that of no port.
pub(crate) fn write_note(address: Address, port: u16, bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(Key::of(address).as_bytes());
    out.varint(port.into());
    out.push(NOTE);
    out.bytes(bytes);
}

/// Reads the fields of a note; `None` if the record is that of a port.
pub(crate) fn read_note(record: &[u8]) -> Result<Option<(Subject, &[u8])>, Bad> {
    let mut take = Take(record);
    let address = Key::take(&mut take)?;
    let port = take.small()?;
    if take.u8()? != NOTE {
        return Ok(None);
    }
    let subject = match port {
        0 => Subject::Names(address),
        port => Subject::Service(address, port),
    };
    Ok(Some((subject, take.bytes()?)))
}
