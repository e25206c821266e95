//! The first bytes of an answer: whether it is TLS at all. What is not is another protocol's, and is read by its rules.

/// What an answer begins as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begins {
    /// Too few bytes to say.
    Unknown,
    /// The head of a record that a server may begin with.
    Tls,
    /// A `ClientHello`, as no server sends: our own.
    Echo,
    /// Anything else.
    NotTls,
}

/// The head of a record (RFC 8446, section 5.1: kind, version, length) and the first byte of what is in it.
#[derive(Debug, Default)]
pub(super) struct Opening {
    head: [u8; 6],
    seen: usize,
}

/// Kinds of records that a server may begin with.
pub(super) const ALERT: u8 = 21;
pub(super) const HANDSHAKE: u8 = 22;

/// A server sends 2 (`ServerHello`), or 0 (`HelloRequest`) before.
const CLIENT_HELLO: u8 = 1;

/// The longest record: 2^14 bytes and what encryption adds (RFC 5246, section 6.2.3).
pub(super) const LONGEST: usize = (1 << 14) + 2048;

impl Opening {
    /// Takes more bytes, of which all but the first six tell nothing.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Begins {
        let more = bytes.len().min(self.head.len() - self.seen);
        self.head[self.seen..self.seen + more].copy_from_slice(&bytes[..more]);
        self.seen += more;
        self.begins()
    }

    /// What that which was taken so far begins as.
    pub(super) fn begins(&self) -> Begins {
        let head = &self.head[..self.seen];
        let kind = head.first().is_none_or(|&k| matches!(k, ALERT | HANDSHAKE));
        let major = head.get(1).is_none_or(|&major| major == 3);
        let length = head
            .get(3..5)
            .is_none_or(|l| self.fits(u16::from_be_bytes([l[0], l[1]])));
        match head.get(5) {
            _ if !(kind && major && length) => Begins::NotTls,
            Some(&CLIENT_HELLO) if head[0] == HANDSHAKE => Begins::Echo,
            Some(_) => Begins::Tls,
            None => Begins::Unknown,
        }
    }

    /// An alert in the clear has two bytes. No record may be empty (RFC 8446, section 5.1).
    fn fits(&self, length: u16) -> bool {
        match self.head[0] {
            ALERT => length == 2,
            _ => (1..=LONGEST).contains(&usize::from(length)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Byte by byte and in one piece the answer is the same.
    fn begins(bytes: &[u8]) -> Begins {
        let whole = Opening::default().take(bytes);
        let mut opening = Opening::default();
        let mut last = Begins::Unknown;
        for byte in bytes {
            last = opening.take(&[*byte]);
        }
        assert_eq!(last, whole, "{bytes:?}");
        whole
    }

    #[test]
    fn only_a_record_that_a_server_may_send_begins_tls() {
        assert_eq!(begins(b""), Begins::Unknown);
        assert_eq!(begins(&[22, 3, 3, 0, 80]), Begins::Unknown);
        assert_eq!(begins(&[22, 3, 3, 0, 80, 2]), Begins::Tls);
        assert_eq!(begins(&[21, 3, 1, 0, 2, 2, 40]), Begins::Tls);
        assert_eq!(begins(&[22, 3, 1, 2, 0, 1, 0]), Begins::Echo);
        let longest = (LONGEST as u16).to_be_bytes();
        assert_eq!(begins(&[22, 3, 3, longest[0], longest[1], 2]), Begins::Tls);
        for not in [
            &b"H"[..],
            b"HTTP/1.1 400 Bad Request\r\n",
            &[22, 2],
            &[20, 3, 3, 0, 1, 1],
            &[23, 3, 3, 0, 80, 2],
            &[22, 3, 3, 0, 0],
            &[21, 3, 3, 0, 3, 2],
            &[22, 3, 3, longest[0], longest[1] + 1, 2],
        ] {
            assert_eq!(begins(not), Begins::NotTls, "{not:?}");
        }
    }
}
