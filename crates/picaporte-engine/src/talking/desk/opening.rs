//! Connections are opened for those whose turn it is, and what comes of that.

use std::cmp::Reverse;
use std::sync::atomic::Ordering;

use mio::unix::SourceFd;
use mio::{Interest, Token};
use picaporte_core::talk::{Event, Talk};
use picaporte_core::{Address, Duration};

use super::{Desk, Timer, WAKER};
use crate::socket::Probe;
use crate::talking::line::{Line, Opening};

/// How long it is waited for what this machine lacked.
const PAUSE: Duration = Duration::from_millis(50);

/// After so many of these in a row a connection came to nothing: 30 s.
const PAUSES: u32 = 600;

impl<T: Talk> Desk<T> {
    /// Opens connections for those whose turn it is.
    pub(super) fn connect(&mut self) {
        loop {
            let now = self.clock.now();
            if self.stopped || now < self.paused {
                return;
            }
            let Some((address, key)) = self.turns.next(now) else {
                return;
            };
            let Some(seat) = self.seats.get_mut(&key) else {
                self.turns.ended(address);
                continue;
            };
            seat.begun = true;
            let Some(to) = self.gate.admit(address, seat.told.port) else {
                self.failed(key, address);
                continue;
            };
            let line = Probe::new(address.ip.is_ipv6(), &self.network);
            let Ok(mut line) = line.map(|socket| Line::new(socket, to, now)) else {
                self.lacks(address, key);
                return;
            };
            let opening = line.open();
            if opening == Opening::Lacking {
                self.lacks(address, key);
                return;
            }
            self.lacking = 0;
            self.connections.fetch_add(1, Ordering::Relaxed);
            let at = self.next_line;
            self.next_line = if at + 1 == WAKER.0 { 0 } else { at + 1 };
            let interest = Interest::READABLE | Interest::WRITABLE;
            let fd = line.fd();
            let registry = self.poll.registry();
            let registered = registry.register(&mut SourceFd(&fd), Token(at), interest);
            if registered.is_err() || opening == Opening::Failed {
                self.failed(key, address);
                continue;
            }
            self.timers.push(Reverse((line.until, Timer::Line(at))));
            self.lines.insert(at, (line, Some(key)));
            if let Some(seat) = self.seats.get_mut(&key) {
                seat.line = Some(at);
                seat.waits = false;
            }
            if opening == Opening::Stands {
                self.stands(key);
            }
        }
    }

    /// This machine lacks something: it is tried again a little later.
    fn lacks(&mut self, address: Address, key: u64) {
        self.lacking += 1;
        self.paused = self.clock.now() + PAUSE;
        if self.lacking > PAUSES {
            self.lacking = 0;
            self.failed(key, address);
        } else {
            self.turns.put_back(address, key);
        }
    }

    pub(super) fn stands(&mut self, key: u64) {
        if let Some(seat) = self.seats.get_mut(&key) {
            seat.told.talk.handle(self.clock.now(), Event::Connected);
            self.drive(key);
        }
    }

    /// The connection could not be opened; it stands no more.
    pub(super) fn failed(&mut self, key: u64, address: Address) {
        self.turns.ended(address);
        if let Some(seat) = self.seats.get_mut(&key) {
            seat.waits = false;
            seat.line = None;
            let now = self.clock.now();
            seat.told.talk.handle(now, Event::NotConnected);
            self.drive(key);
        }
    }
}
