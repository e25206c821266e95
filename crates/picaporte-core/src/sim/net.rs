//! The network itself: what becomes of each SYN, and when. It sees attempts and a world; of the
//! scan that makes them it knows nothing.

use super::limits::{Bucket, Hosts};
use super::table::Table;
use super::ways::{Chain, Waiting};
use super::{Run, World};
use crate::grade::{Ending, Heard};
use crate::order::mix;
use crate::outcome::{Icmp, LocalError, Outcome, ProbeId};
use crate::target::Address;
use crate::time::{Duration, Instant};
use crate::verdict::Reason;
use crate::wheel::Wheel;

/// When the kernel sends the SYN of an open attempt again.
const AGAIN: Duration = Duration::from_secs(1);

/// How long the acknowledgement of a FIN is waited for.
const DRAIN: Duration = Duration::from_secs(1);

/// One attempt as the network sees it.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    generation: u32,
    /// It has been answered, and its connection, if there is one, closed.
    over: bool,
    sent: Instant,
    retransmits: u8,
    address: Address,
    port: u16,
    /// When its entry in the connection table expires, if it has one.
    entry: Instant,
    /// What the network does for it next, and when.
    next: (Instant, Kind),
}

pub(super) struct Net {
    world: World,
    /// When something happens to each attempt. Ready in batches of 1 ms, as epoll would tell.
    events: Wheel,
    attempts: Vec<Attempt>,
    there: Option<Chain>,
    back: Option<Chain>,
    hosts: Option<Hosts>,
    table: Option<Table>,
    link: Option<Bucket>,
    waiting: Option<Waiting>,
    packets: u64,
    pub(super) run: Run,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Answer,
    Resend,
    Close,
    /// The connection ends without a word.
    CloseUnheard,
}

impl Net {
    pub(super) fn new(world: &World) -> Self {
        let chain = |bursts, way| Some(Chain::new(bursts?, mix(world.seed, way)));
        Self {
            world: *world,
            events: Wheel::default(),
            attempts: Vec::new(),
            there: chain(world.bursts_there, 0x7e0),
            back: chain(world.bursts_back, 0xbac),
            hosts: Hosts::new(world),
            table: world.nat.map(Table::new),
            link: world.link.map(Bucket::new),
            waiting: world.queue.map(Waiting::new),
            packets: 0,
            run: Run::default(),
        }
    }

    pub(super) fn connect(
        &mut self,
        now: Instant,
        id: ProbeId,
        address: Address,
        port: u16,
    ) -> Option<Outcome> {
        if self.chance(self.world.local_failures) {
            return Some(Outcome::Local(LocalError::Limit));
        }
        let next = (Instant::NEVER, Kind::Resend);
        let attempt = Attempt {
            generation: id.generation,
            over: false,
            sent: now,
            retransmits: 0,
            address,
            port,
            entry: Instant::ZERO,
            next,
        };
        match self.attempts.get_mut(id.slot as usize) {
            Some(old) => {
                assert!(old.over, "{id:?} is asked for while its slot is taken");
                *old = attempt;
            }
            None => self.attempts.push(attempt),
        }
        self.syn(now, id.slot);
        None
    }

    /// One SYN leaves; its answer, or the system's next SYN, becomes an event.
    fn syn(&mut self, now: Instant, slot: u32) {
        self.run.syns += 1;
        let Attempt { address, port, .. } = self.attempts[slot as usize];
        let truth = self.world.truth(address, port);
        let passed = (self.enters(now, slot).then_some(now)).and_then(|now| self.passes_link(now));
        let Some(passed) = passed.filter(|&at| self.arrives(at, address, truth)) else {
            self.at(now + AGAIN, slot, Kind::Resend);
            return;
        };
        let jitter = self.world.jitter.as_nanos().max(1);
        let delay =
            self.world.delay + Duration::from_nanos(mix(self.world.seed, self.packets) % jitter);
        if self.returns(passed + delay.divided(2)) {
            self.leaves_entry(passed + delay, slot, truth);
            self.at(passed + delay, slot, Kind::Answer);
        } else {
            self.at(now + AGAIN, slot, Kind::Resend);
        }
    }

    /// Whether the connection table of the first hop lets a SYN through.
    fn enters(&mut self, now: Instant, slot: u32) -> bool {
        let Some(table) = &mut self.table else {
            return true;
        };
        let attempt = &mut self.attempts[slot as usize];
        match table.syn(now, attempt.entry) {
            Some(expires) => attempt.entry = expires,
            None => return false,
        }
        true
    }

    /// When a SYN has passed the narrowest link, if it finds room there.
    fn passes_link(&mut self, now: Instant) -> Option<Instant> {
        let fits = self.link.as_mut().is_none_or(|link| link.take(now));
        let passed = match &mut self.waiting {
            _ if !fits => None,
            Some(waiting) => waiting.passes(now).map(|delay| now + delay),
            None => Some(now),
        };
        self.run.link_dropped += u64::from(passed.is_none());
        passed
    }

    /// An answer passes the table: how long the entry of its connection stays follows from it. An
    /// ICMP error changes nothing.
    fn leaves_entry(&mut self, at: Instant, slot: u32, truth: Reason) {
        let Some(table) = &mut self.table else {
            return;
        };
        let entry = &mut self.attempts[slot as usize].entry;
        match truth {
            Reason::ConnRefused => *entry = table.reset(at, *entry),
            // The scan closes at once, and the peer after it.
            Reason::SynAck => *entry = table.closed(at + self.world.delay, *entry),
            _ => {}
        }
    }

    /// Whether a SYN passes the path, and its port answers. Where packets are lost each for
    /// itself, that of the answer is drawn here too.
    fn arrives(&mut self, now: Instant, address: Address, truth: Reason) -> bool {
        let loss_back = match self.back {
            Some(_) => 0,
            None => self.world.loss_back.unwrap_or(self.world.loss),
        };
        let lost_there = match &mut self.there {
            Some(chain) => chain.lost(),
            None => self.chance(self.world.loss),
        };
        let lost_back = !lost_there && self.chance(loss_back);
        if lost_there || self.is_down(now) {
            return false;
        }
        let answers = match &mut self.hosts {
            Some(hosts) => hosts.answers(&self.world, now, address, truth),
            None => truth != Reason::NoResponse,
        };
        answers && !lost_back
    }

    /// Whether an answer passes the path, which it enters at this moment.
    fn returns(&mut self, at: Instant) -> bool {
        let lost = self.back.as_mut().is_some_and(Chain::lost);
        !lost && !self.is_down(at)
    }

    fn is_down(&self, at: Instant) -> bool {
        self.world.outage.is_some_and(|outage| outage.covers(at))
    }

    pub(super) fn abort(&mut self, id: ProbeId) -> Outcome {
        let attempt = &mut self.attempts[id.slot as usize];
        let connected = matches!(attempt.next.1, Kind::Close | Kind::CloseUnheard);
        assert!(!attempt.over && !connected, "{id:?} is given up, but over");
        attempt.over = true;
        let retransmits = attempt.retransmits;
        self.events.cancel(id.slot);
        Outcome::Aborted { retransmits }
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.events.next()
    }

    pub(super) fn due(&mut self, now: Instant) -> Option<(ProbeId, Outcome)> {
        while let Some(slot) = self.events.pop(now) {
            let attempt = self.attempts[slot as usize];
            let id = ProbeId {
                slot,
                generation: attempt.generation,
            };
            let (at, kind) = attempt.next;
            match kind {
                Kind::Resend => {
                    self.attempts[slot as usize].retransmits += 1;
                    self.syn(at, slot);
                }
                Kind::Close | Kind::CloseUnheard => {
                    self.attempts[slot as usize].over = true;
                    let mut ending = Ending::IN_ORDER;
                    if matches!(kind, Kind::CloseUnheard) || self.chance(self.world.mute) {
                        ending.heard = Some(Heard::Nothing);
                    }
                    return Some((id, Outcome::Closed(ending)));
                }
                Kind::Answer => return Some((id, self.answer(at, id, attempt))),
            }
        }
        None
    }

    fn answer(&mut self, at: Instant, id: ProbeId, attempt: Attempt) -> Outcome {
        let retransmits = attempt.retransmits;
        let rtt = (retransmits == 0).then(|| at.since(attempt.sent));
        self.attempts[id.slot as usize].over = true;
        match self.world.truth(attempt.address, attempt.port) {
            Reason::SynAck => {
                self.attempts[id.slot as usize].over = false;
                // The acknowledgement and the FIN take the place of SYNs, but are not lost here.
                if let Some(waiting) = &mut self.waiting {
                    waiting.passes(at);
                    waiting.passes(at);
                }
                if self.is_down(at) {
                    self.at(at + DRAIN, id.slot, Kind::CloseUnheard);
                } else {
                    self.at(at + self.world.delay, id.slot, Kind::Close);
                }
                Outcome::Connected {
                    rtt,
                    retransmits,
                    peer: None,
                }
            }
            Reason::AdminProhibited => {
                let from = Some(attempt.address);
                Outcome::Rejected {
                    icmp: Some(Icmp {
                        v6: false,
                        kind: 3,
                        code: 13,
                        from,
                    }),
                    rtt,
                    retransmits,
                }
            }
            _ => Outcome::Refused { rtt, retransmits },
        }
    }

    /// What there is to say when the scan is over.
    pub(super) fn end(mut self, now: Instant) -> Run {
        self.run.elapsed = now.since(Instant::ZERO);
        if let Some(table) = &mut self.table {
            table.pass_time(now);
            self.run.table_refused = table.refused;
            self.run.others = table.others;
            self.run.others_refused = table.others_refused;
        }
        self.run
    }

    fn chance(&mut self, share: u32) -> bool {
        if share == 0 {
            return false;
        }
        self.packets += 1;
        (mix(self.world.seed ^ 0xfa7e, self.packets) & 0xffff) < u64::from(share)
    }

    fn at(&mut self, at: Instant, slot: u32, kind: Kind) {
        self.packets += 1;
        self.attempts[slot as usize].next = (at, kind);
        self.events.set(slot, at);
    }
}
