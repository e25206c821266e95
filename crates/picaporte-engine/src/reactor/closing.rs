//! How open connections end: in order, within a bound in bytes and time, and with an eye on what the peer does meanwhile.

use std::mem::MaybeUninit;

use picaporte_core::{Close, Ending, Heard, Instant, Outcome, ProbeId};

use super::{DRAIN_BYTES, DRAIN_TIME, Doing, Reactor};
use crate::errno::Read;
use crate::running::Greeting;
use crate::socket::Probe;

impl Reactor {
    /// Reads and drops what the peer sends, until it closes its side or a bound is reached.
    pub(super) fn drain(&mut self, at: u32) -> Option<Ending> {
        let slot = &mut self.slots[at as usize];
        let mut buffer = [MaybeUninit::<u8>::uninit(); 16 * 1024];
        let close = loop {
            match slot
                .socket
                .as_ref()
                .map_or(Read::Lost, |s| s.read(&mut buffer))
            {
                Read::End => break Close::Fin,
                Read::Reset => break Close::Reset,
                Read::Nothing => return None,
                Read::Lost => {
                    self.finish(at);
                    return Some(Ending::UNSEEN);
                }
                Read::Bytes(n) => {
                    slot.drained += n;
                    let room = self.network.greeting.saturating_sub(slot.heard.len());
                    slot.heard.extend_from_slice(read(&buffer, n.min(room)));
                }
            }
            // Closing with unread data sends a RST (tcp_close in Linux net/ipv4/tcp.c).
            if slot.drained > DRAIN_BYTES {
                break Close::Reset;
            }
        };
        let only_reset = close == Close::Reset && self.slots[at as usize].drained == 0;
        let heard = if only_reset {
            Heard::Reset
        } else {
            Heard::Segment
        };
        let ending = Ending {
            close,
            heard: Some(heard),
            opened: self.has_opened(at),
        };
        self.finish(at);
        Some(ending)
    }

    /// Whether a peer that had no window at the handshake has one now. Asks the system about such a peer only.
    fn has_opened(&self, at: u32) -> bool {
        let slot = &self.slots[at as usize];
        let window = |socket: &Probe| socket.info().peer?.window;
        slot.windowless && slot.socket.as_ref().and_then(window) > Some(0)
    }

    /// How a connection ends whose peer has not closed its side in time: it has had our FIN.
    fn ending_in_time(&self, at: u32) -> Ending {
        let slot = &self.slots[at as usize];
        let acknowledged = |socket: &Probe| socket.info().fin_acknowledged;
        let heard = match slot.socket.as_ref().and_then(acknowledged) {
            acknowledged if acknowledged == Some(true) || slot.drained > 0 => Some(Heard::Segment),
            Some(_) => Some(Heard::Nothing),
            None => None,
        };
        Ending {
            close: Close::Fin,
            heard,
            opened: self.has_opened(at),
        }
    }

    fn finish(&mut self, at: u32) {
        let slot = &mut self.slots[at as usize];
        if let Some(to) = slot.to.filter(|_| !slot.heard.is_empty()) {
            let heard = std::mem::take(&mut slot.heard);
            self.greetings.push((to.address(), to.port(), heard));
        }
        slot.socket = None;
        slot.doing = Doing::Nothing;
    }

    /// What open ports said before their connections were closed, since the last time; where that is to be kept.
    pub(crate) fn take_greetings(&mut self) -> Vec<Greeting> {
        std::mem::take(&mut self.greetings)
    }

    /// Ends the drains whose time is over.
    pub(super) fn end_drains(
        &mut self,
        now: Instant,
        answer: &mut impl FnMut(Instant, ProbeId, Outcome),
    ) {
        while let Some(&(deadline, id)) = self.draining.front() {
            let slot = &self.slots[id.slot as usize];
            let over = slot.id != id || slot.doing != Doing::Draining;
            if !over && deadline > now {
                return;
            }
            self.draining.pop_front();
            if !over {
                let ending = self
                    .drain(id.slot)
                    .unwrap_or_else(|| self.ending_in_time(id.slot));
                let patience = self.slots[id.slot as usize].patience;
                if ending.heard == Some(Heard::Nothing) && now < patience {
                    self.draining.push_back((now + DRAIN_TIME, id));
                    continue;
                }
                self.finish(id.slot);
                answer(now, id, Outcome::Closed(ending));
            }
        }
    }
}

/// The first bytes of a buffer, of which so many were read.
fn read(buffer: &[MaybeUninit<u8>], n: usize) -> &[u8] {
    let read = &buffer[..n];
    // SAFETY: recv() has written `n` bytes or more to the beginning of the buffer, and a MaybeUninit<u8> is laid out as a u8.
    unsafe { std::slice::from_raw_parts(read.as_ptr().cast(), read.len()) }
}
