//! Slots: what is in flight, each with a generation and a deadline. Knows no verdicts.
//!
//! A slot stays taken until the engine has answered for it, an abort included, so the bound on
//! slots is the bound on file descriptors.

use crate::grade::Peer;
use crate::hearing::Kind;
use crate::link::{Links, List, NONE};
use crate::outcome::ProbeId;
use crate::time::{Duration, Instant};
use crate::wheel::Wheel;

/// What a slot is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing.
    Free,
    /// Waiting for an answer, before its deadline or until its silence can be judged.
    Asking,
    /// Past its deadline, but nobody needs the slot: a late answer counts.
    Held,
    /// The engine has been asked to give it up.
    Aborting,
    /// The connection is open and being closed in order.
    Closing,
}

/// What an attempt is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A planned port. Every other one is outside the plan, and decides no port.
    Planned,
    /// A control: a port that is known to answer in this way is asked again.
    Control(Kind),
    /// A sign of life, at a port that may not be planned.
    Search,
    /// A canary.
    Canary,
    /// A second opinion on an open port.
    Second,
}

/// One attempt.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// What it is doing.
    pub phase: Phase,
    /// Which active host.
    pub host: u32,
    /// Which port, by index within the host's share.
    pub port: u32,
    /// Which attempt at that port this is, from 1.
    pub attempt: u8,
    /// How many of the attempts before it count: those in whose time the host was heard.
    pub counted: u8,
    /// The host's epoch in which it was let go.
    pub epoch: u32,
    /// Its number among the host's attempts.
    pub number: u32,
    /// The scan's round in which it was let go.
    pub round: u32,
    /// Its number among the scan's attempts; 0 for a control.
    pub serial: u32,
    /// What it is for.
    pub purpose: Purpose,
    /// The port's number, never 0.
    pub wire: u16,
    /// SYNs that the system sent again in earlier attempts.
    pub retransmits: u8,
    /// Another attempt at the port follows or is under way: the end of this one decides nothing.
    pub spare: bool,
    /// It had its full time.
    pub overdue: bool,
    /// Closing it settles the report of an open port.
    pub reports: bool,
    /// The slot of the other attempt at the same port, if any.
    pub twin: u32,
    /// When it was let go.
    pub sent: Instant,
    /// Round-trip time of the handshake; `Duration::MAX` while unknown.
    pub rtt: Duration,
    /// What the SYN-ACK said of its sender.
    pub peer: Option<Peer>,
    generation: u32,
}

impl Slot {
    /// Whether it is outside the plan.
    pub fn is_extra(&self) -> bool {
        self.purpose != Purpose::Planned
    }

    /// An attempt outside the plan that begins now, at the port with this number.
    pub fn extra(purpose: Purpose, host: u32, wire: u16, attempt: u8, sent: Instant) -> Self {
        Self {
            purpose,
            wire,
            spare: true,
            ..Self::asking(host, 0, attempt, sent)
        }
    }

    /// An attempt that begins now.
    pub fn asking(host: u32, port: u32, attempt: u8, sent: Instant) -> Self {
        Self {
            phase: Phase::Asking,
            host,
            port,
            attempt,
            counted: 0,
            epoch: 0,
            number: 0,
            round: 0,
            serial: 0,
            purpose: Purpose::Planned,
            wire: 0,
            retransmits: 0,
            spare: false,
            overdue: false,
            reports: false,
            twin: NONE,
            sent,
            rtt: Duration::MAX,
            peer: None,
            generation: 0,
        }
    }
}

/// All slots of one scan.
#[derive(Clone, Debug, Default)]
pub struct Flight {
    slots: Vec<Slot>,
    /// Free slots; the last one freed is used first, so that few sockets are ever made.
    free: Vec<u32>,
    wheel: Wheel,
    held: List,
    held_links: Links,
    taken: u32,
    asking: u32,
}

impl Flight {
    /// How many slots are taken, whatever they do: open attempts.
    pub fn taken(&self) -> u32 {
        self.taken
    }

    /// How many wait for an answer.
    pub fn asking(&self) -> u32 {
        self.asking
    }

    /// Whether any attempt is held past its deadline.
    pub fn oldest_held(&self) -> Option<u32> {
        self.held.first()
    }

    /// The oldest held attempt of one host, among the 256 oldest of all.
    pub fn held_of(&self, host: u32) -> Option<u32> {
        let mut at = self.held.first();
        for _ in 0..256 {
            let slot = at?;
            if self.slots[slot as usize].host == host {
                return Some(slot);
            }
            at = self.held_links.next(slot);
        }
        None
    }

    /// Takes a slot for an attempt with this deadline.
    pub fn take(&mut self, slot: Slot, deadline: Instant) -> ProbeId {
        let at = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot {
                phase: Phase::Free,
                ..slot
            });
            self.slots.len() as u32 - 1
        });
        let generation = self.slots[at as usize].generation;
        self.slots[at as usize] = Slot { generation, ..slot };
        self.wheel.set(at, deadline);
        self.taken += 1;
        self.asking += 1;
        ProbeId {
            slot: at,
            generation,
        }
    }

    /// The slot of this attempt; `None` if the slot has gone on to another, or is free.
    pub fn get(&self, id: ProbeId) -> Option<&Slot> {
        let slot = self.slots.get(id.slot as usize)?;
        (slot.generation == id.generation && slot.phase != Phase::Free).then_some(slot)
    }

    /// A taken slot by number.
    pub fn at(&mut self, slot: u32) -> &mut Slot {
        &mut self.slots[slot as usize]
    }

    /// The present attempt of a slot.
    pub fn id(&self, slot: u32) -> ProbeId {
        ProbeId {
            slot,
            generation: self.slots[slot as usize].generation,
        }
    }

    /// The first slot whose deadline has come; it has no deadline any more.
    pub fn due(&mut self, now: Instant) -> Option<u32> {
        self.wheel.pop(now)
    }

    /// A moment before which no deadline comes.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.wheel.next()
    }

    /// Gives an attempt more time.
    pub fn postpone(&mut self, slot: u32, deadline: Instant) {
        self.wheel.set(slot, deadline);
    }

    /// Keeps an attempt past its deadline, until `limit` or until its slot is needed.
    pub fn hold(&mut self, slot: u32, limit: Instant) {
        self.leave(slot);
        self.slots[slot as usize].phase = Phase::Held;
        self.slots[slot as usize].overdue = true;
        self.held_links.push(&mut self.held, slot);
        self.wheel.set(slot, limit);
    }

    /// Marks an attempt as given up; the slot stays taken until the engine has answered.
    pub fn abort(&mut self, slot: u32) -> ProbeId {
        self.leave(slot);
        self.slots[slot as usize].phase = Phase::Aborting;
        self.id(slot)
    }

    /// Marks an attempt as an open connection that is being closed.
    pub fn close(&mut self, slot: u32) {
        self.leave(slot);
        self.slots[slot as usize].phase = Phase::Closing;
    }

    /// Frees a slot; later answers to this attempt are ignored.
    pub fn release(&mut self, slot: u32) {
        self.leave(slot);
        let s = &mut self.slots[slot as usize];
        s.phase = Phase::Free;
        s.generation = s.generation.wrapping_add(1);
        self.free.push(slot);
        self.taken -= 1;
    }

    /// Every taken slot.
    pub fn all(&self) -> Vec<u32> {
        (0..self.slots.len() as u32)
            .filter(|&s| self.slots[s as usize].phase != Phase::Free)
            .collect()
    }

    /// Every taken slot of one host.
    pub fn of_host(&self, host: u32) -> Vec<u32> {
        let mut slots = self.all();
        slots.retain(|&s| self.slots[s as usize].host == host);
        slots
    }

    fn leave(&mut self, slot: u32) {
        self.wheel.cancel(slot);
        match self.slots[slot as usize].phase {
            Phase::Asking => self.asking -= 1,
            Phase::Held => self.held_links.remove(&mut self.held, slot),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_generation_is_not_found() {
        let mut flight = Flight::default();
        let id = flight.take(Slot::asking(0, 0, 1, Instant::ZERO), Instant::ZERO);
        assert!(flight.get(id).is_some());
        flight.abort(id.slot);
        assert_eq!((flight.taken(), flight.asking()), (1, 0));
        flight.release(id.slot);
        assert!(flight.get(id).is_none());
        let next = flight.take(Slot::asking(0, 1, 1, Instant::ZERO), Instant::ZERO);
        assert_eq!((next.slot, next.generation), (id.slot, id.generation + 1));
        assert!(flight.get(id).is_none());
    }
}
