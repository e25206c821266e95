//! A conversation with an open port: what whoever knows a protocol asks of whoever has the socket. Both sides of it are elsewhere; here is what they
//! say to each other.
//!
//! 1. [`Talk::poll`] is called, what the [`Step`] says is done, and [`Talk::handle`] is told what came of it. A step stands until it is answered, or until
//!    its time is over: `poll` is called again then. Calling it more often changes nothing.
//! 2. [`Step::Connect`] is answered by [`Event::Connected`] or [`Event::NotConnected`]; it may wait for caps as long as need be.
//! 3. [`Step::Send`] is answered by [`Event::Sent`] when all its bytes are with the system. Bytes and the end of the connection may be told at any time
//!    while one stands.
//! 4. [`Step::Close`] closes the connection in order, also one that the other side has ended; it needs no answer, and the next `poll` goes on.
//! 5. After [`Step::Done`] nothing is to be done any more.

use crate::time::Instant;

pub mod turns;

/// Whoever knows what to say to a port.
pub trait Talk {
    /// What to do next.
    fn poll(&mut self, now: Instant) -> Step<'_>;

    /// What came of it. An event that can't be meant is passed over.
    fn handle(&mut self, now: Instant, event: Event<'_>);
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Open a connection to the port.
    Connect,
    /// Send these bytes.
    Send {
        /// All of them, in one piece if that can be.
        bytes: &'a [u8],
        /// If they can't be sent by then, call `poll`.
        until: Instant,
    },
    /// Wait for bytes, or the end of the connection.
    Listen {
        /// If nothing comes by then, call `poll`.
        until: Instant,
    },
    /// Close the connection.
    Close,
    /// Nothing more is to be learned.
    Done,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// The connection stands.
    Connected,
    /// It could not be opened.
    NotConnected,
    /// All bytes of the last [`Step::Send`] are sent.
    Sent,
    /// These bytes came.
    Bytes(&'a [u8]),
    /// The other side has closed in order: a FIN.
    Closed,
    /// The connection is broken: a reset, or an error of the system.
    Reset,
}
