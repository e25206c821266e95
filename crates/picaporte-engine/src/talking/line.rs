//! One connection of a talk: opening, standing, closing. Knows its socket, and whose turn it is no more.

use picaporte_core::Instant;
use picaporte_core::talk::turns::PATIENCE;

use crate::errno::{Peeked, Read, Said, Written};
use crate::gate::Destination;
use crate::reactor::{DRAIN_BYTES, DRAIN_TIME};
use crate::socket::Probe;

/// What a connection is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Its handshake is not made.
    Opening,
    /// It stands.
    Standing,
    /// Our FIN is sent; what comes is dropped.
    Closing,
}

/// How an attempt went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    Stands,
    NotYet,
    /// It came to nothing.
    Failed,
    /// This machine lacks something for now.
    Lacking,
}

/// A connection.
#[derive(Debug)]
pub(super) struct Line {
    socket: Probe,
    to: Destination,
    pub(super) phase: Phase,
    /// Until when it may open, or close.
    pub(super) until: Instant,
    /// Something may be read.
    pub(super) readable: bool,
    /// Of what is being sent.
    sent: usize,
    drained: usize,
}

impl Line {
    pub(super) fn new(socket: Probe, to: Destination, now: Instant) -> Self {
        Self {
            socket,
            to,
            phase: Phase::Opening,
            until: now + PATIENCE,
            readable: false,
            sent: 0,
            drained: 0,
        }
    }

    pub(super) fn fd(&self) -> std::os::fd::RawFd {
        self.socket.fd()
    }

    pub(super) fn to(&self) -> Destination {
        self.to
    }

    /// Looks how it went, when something happened. What came is looked for first: a peer may have said something and reset since, and `connect` lets go of what came
    /// when it says that (`tcp_disconnect` in the kernel's `net/ipv4/tcp.c`).
    pub(super) fn look(&mut self) -> Opening {
        match self.socket.peek() {
            Peeked::Bytes => self.stands(),
            Peeked::Nothing => self.open(),
            Peeked::Broken => Opening::Failed,
        }
    }

    fn stands(&mut self) -> Opening {
        self.phase = Phase::Standing;
        self.readable = true;
        Opening::Stands
    }

    /// Begins to connect, or asks how it went.
    pub(super) fn open(&mut self) -> Opening {
        match self.socket.connect(self.to) {
            Said::Connected if self.socket.is_self_connected() => Opening::Failed,
            Said::Connected => self.stands(),
            Said::Pending => Opening::NotYet,
            Said::Lacking(_) => Opening::Lacking,
            Said::Refused | Said::Reset | Said::GaveUp | Said::Unreachable | Said::Unusable => {
                Opening::Failed
            }
        }
    }

    /// Sends what is left of these bytes. `None` if not all of it fits yet; false if the connection is broken.
    pub(super) fn send(&mut self, bytes: &[u8]) -> Option<bool> {
        while let Some(left) = bytes.get(self.sent..).filter(|left| !left.is_empty()) {
            match self.socket.write(left) {
                Written::Bytes(n) => self.sent += n,
                Written::Full => return None,
                Written::Broken => return Some(false),
            }
        }
        self.sent = 0;
        Some(true)
    }

    /// Reads what there is.
    pub(super) fn read(&mut self, into: &mut [u8]) -> Read {
        let read = self.socket.read_bytes(into);
        self.readable = matches!(read, Read::Bytes(_));
        read
    }

    /// Ends our side.
    pub(super) fn close(&mut self, now: Instant) {
        self.socket.shutdown();
        self.phase = Phase::Closing;
        self.until = now + DRAIN_TIME;
    }

    /// Reads and drops what comes, until the peer closes its side or has said too much: then it is over.
    pub(super) fn drain(&mut self, into: &mut [u8]) -> bool {
        loop {
            match self.socket.read_bytes(into) {
                Read::Bytes(n) => self.drained += n,
                Read::Nothing => return false,
                Read::End | Read::Reset | Read::Lost => return true,
            }
            if self.drained > DRAIN_BYTES {
                return true;
            }
        }
    }
}
