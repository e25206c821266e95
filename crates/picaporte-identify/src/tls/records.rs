//! Records in the clear, and the handshake messages in them (RFC 5246, sections 6.2.1 and 7.4): what a server sends before it encrypts.
//!
//! Bytes in, messages out; a message may lie in many records, and a record may hold many.

use super::opening::{ALERT, HANDSHAKE, LONGEST};

#[cfg(test)]
mod tests;

/// A message, or what stands in its place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// A handshake message: its kind and its body.
    Handshake(u8, Vec<u8>),
    /// An alert: its level (1 warns, 2 ends) and its number.
    Alert(u8, u8),
    /// What no server sends in the clear at this place; nothing after it makes sense.
    Malformed,
    /// A message longer than [`Records::MESSAGE`].
    TooBig,
}

/// What came and is not read yet.
#[derive(Debug, Default)]
pub(super) struct Records {
    /// Records.
    wire: Queue,
    /// Handshake messages, which may lie in many records.
    handshake: Queue,
}

/// Bytes that are taken from the front. They are moved only when more come: a thousand tiny records cost no more than a big one.
#[derive(Debug, Default)]
struct Queue {
    bytes: Vec<u8>,
    read: usize,
}

impl Queue {
    fn push(&mut self, more: &[u8]) {
        self.bytes.drain(..self.read);
        self.read = 0;
        self.bytes.extend(more);
    }

    fn waiting(&self) -> &[u8] {
        &self.bytes[self.read..]
    }
}

/// The head of a record: kind, version, length.
const RECORD_HEAD: usize = 5;

/// The head of a message: kind, length.
const MESSAGE_HEAD: usize = 4;

impl Records {
    /// The longest message that is read, in bytes: 64 KiB, room for thirty certificates of 2 KiB.
    pub(super) const MESSAGE: usize = 64 << 10;

    /// Takes bytes. The caller bounds them.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        self.wire.push(bytes);
    }

    /// The next message that is there as a whole.
    pub(super) fn next(&mut self) -> Option<Message> {
        loop {
            if let Some(message) = self.message() {
                return Some(message);
            }
            let (kind, body) = match self.record()? {
                Ok(record) => record,
                Err(message) => return Some(message),
            };
            match (kind, &body[..]) {
                // A message must not be interrupted, and no record is empty.
                (ALERT, &[level @ 1..=2, number]) if self.handshake.waiting().is_empty() => {
                    return Some(Message::Alert(level, number));
                }
                (HANDSHAKE, [_, ..]) => self.handshake.push(&body),
                _ => return Some(Message::Malformed),
            }
        }
    }

    /// Takes the next record out of what came: its kind and body.
    fn record(&mut self) -> Option<Result<(u8, Vec<u8>), Message>> {
        let wire = self.wire.waiting();
        let &[kind, major, _, high, low] = wire.first_chunk::<RECORD_HEAD>()?;
        let length = usize::from(u16::from_be_bytes([high, low]));
        if major != 3 || length > LONGEST {
            return Some(Err(Message::Malformed));
        }
        let body = wire.get(RECORD_HEAD..RECORD_HEAD + length)?.to_vec();
        self.wire.read += RECORD_HEAD + length;
        Some(Ok((kind, body)))
    }

    /// Takes the next handshake message out of the records that were read.
    fn message(&mut self) -> Option<Message> {
        let waiting = self.handshake.waiting();
        let &[kind, high, middle, low] = waiting.first_chunk::<MESSAGE_HEAD>()?;
        let length = u32::from_be_bytes([0, high, middle, low]) as usize;
        if length > Self::MESSAGE {
            return Some(Message::TooBig);
        }
        let body = waiting.get(MESSAGE_HEAD..MESSAGE_HEAD + length)?.to_vec();
        self.handshake.read += MESSAGE_HEAD + length;
        Some(Message::Handshake(kind, body))
    }
}
