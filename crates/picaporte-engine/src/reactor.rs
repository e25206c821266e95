//! The sockets of one thread: begins attempts, harvests their answers, closes what is open.
//!
//! A slot of the scan is a socket here. An idle socket that can be used again raises edges of its
//! own, so events of slots with nothing in flight are ignored.

use std::collections::{HashSet, VecDeque};
use std::io;
use std::net::IpAddr;

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use picaporte_core::{Address, Departure, Duration, Icmp, Instant, LocalError, Outcome, ProbeId};

use crate::clock::Clock;
use crate::errno::{self, Said};
use crate::errqueue;
use crate::gate::{Destination, Gate};
use crate::interfaces::{self, OnLink};
use crate::netlink::{Neighbours, Watch};
use crate::running::{Greeting, Network};
use crate::socket::{Probe, REUSABLE, TELLS_REJECTIONS};

mod closing;

mod within;

/// How many events one look may bring; a full batch means to look again.
const EVENTS: usize = 1024;
/// How long a peer may take to close its side.
pub(crate) const DRAIN_TIME: Duration = Duration::from_secs(1);
/// How much is read of a peer that goes on talking, before the connection is reset.
pub(crate) const DRAIN_BYTES: usize = 64 * 1024;
/// Where an acknowledgement takes longer than that, four round trips are waited for it, and no longer than this.
const PATIENCE: Duration = Duration::from_secs(5);
/// Younger attempts have no retransmissions: the first is due after 1 s (RFC 6298, section 2.1).
const MAY_HAVE_RETRANSMITTED: Duration = Duration::from_millis(900);
/// A thread that was held up this long has no round-trip times to tell from that time.
const STALL: Duration = Duration::from_millis(50);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Nothing,
    Asking,
    Draining,
}

/// One slot: its socket, and the attempt that it makes.
#[derive(Debug)]
struct Slot {
    socket: Option<Probe>,
    doing: Doing,
    id: ProbeId,
    /// Where to; none before the first attempt.
    to: Option<Destination>,
    sent: Instant,
    /// SYNs that the system sent again, as it said last.
    retransmits: u8,
    drained: usize,
    /// The beginning of that, where it is to be kept.
    heard: Vec<u8>,
    /// The peer of the open connection had no window at the handshake.
    windowless: bool,
    /// Until when its acknowledgement of our FIN may be on its way.
    patience: Instant,
}

/// The sockets of one thread.
#[derive(Debug)]
pub(crate) struct Reactor {
    poll: Poll,
    events: Events,
    slots: Vec<Slot>,
    draining: VecDeque<(Instant, ProbeId)>,
    gate: Gate,
    network: Network,
    clock: Clock,
    links: Vec<OnLink>,
    own: HashSet<IpAddr>,
    neighbours: Option<Neighbours>,
    watch: Option<Watch>,
    /// When this thread last looked for events, to notice that it was stopped.
    looked: Instant,
    stalled: bool,
    /// What open ports said, of connections that are over.
    greetings: Vec<Greeting>,
}

impl Reactor {
    pub(crate) fn new(network: &Network, clock: Clock) -> io::Result<Self> {
        let links = interfaces::on_link();
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(EVENTS),
            slots: Vec::new(),
            draining: VecDeque::new(),
            gate: Gate::new(network.scope.clone()),
            network: network.clone(),
            clock,
            neighbours: if links.is_empty() {
                None
            } else {
                Neighbours::new().ok()
            },
            links,
            own: interfaces::own(),
            watch: Watch::new().ok(),
            looked: Instant::ZERO,
            stalled: false,
            greetings: Vec::new(),
        })
    }

    /// Begins an attempt, if it is in scope. An answer here and now is given back; else it comes from
    /// [`harvest`](Self::harvest).
    pub(crate) fn connect(
        &mut self,
        now: Instant,
        id: ProbeId,
        address: Address,
        port: u16,
    ) -> Option<Outcome> {
        let Some(to) = self.gate.admit(address, port) else {
            return Some(Outcome::OutOfScope);
        };
        let slot = self.slot(id);
        if slot.doing != Doing::Nothing {
            // A socket that is still busy with another port would answer for this one.
            slot.socket = None;
        }
        (slot.id, slot.to, slot.sent) = (id, Some(to), now);
        (slot.retransmits, slot.drained) = (0, 0);
        slot.heard.clear();
        for _ in 0..2 {
            let socket = match self.socket(id.slot, address.ip.is_ipv6()) {
                Ok(socket) => socket,
                Err(error) => return Some(Outcome::Local(errno::socket(&error))),
            };
            match socket.connect(to) {
                Said::Pending => {
                    self.slots[id.slot as usize].doing = Doing::Asking;
                    return None;
                }
                // It was left in a state that it can't be connected from.
                Said::Unusable => self.slots[id.slot as usize].socket = None,
                said => {
                    self.slots[id.slot as usize].doing = Doing::Asking;
                    return self.conclude(now, id.slot, said, true);
                }
            }
        }
        Some(Outcome::Local(LocalError::Limit))
    }

    /// Looks once more whether an answer has come, and gives the attempt up if not.
    pub(crate) fn abort(&mut self, now: Instant, id: ProbeId) -> Outcome {
        let Some(slot) = self.slots.get(id.slot as usize) else {
            return Outcome::ABORTED;
        };
        if slot.id != id || slot.doing != Doing::Asking {
            return Outcome::ABORTED;
        }
        if let Some(outcome) = self.ask(now, id.slot, true) {
            return outcome;
        }
        let slot = &mut self.slots[id.slot as usize];
        let retransmits = slot.retransmits;
        if !slot.socket.as_ref().is_some_and(Probe::disconnect) {
            slot.socket = None;
        }
        slot.doing = Doing::Nothing;
        Outcome::Aborted { retransmits }
    }

    /// Waits at most `wait` for answers, and hands over all that there are. Gives the moment up
    /// to which that was everything.
    pub(crate) fn harvest(
        &mut self,
        wait: std::time::Duration,
        mut answer: impl FnMut(Instant, ProbeId, Outcome),
    ) -> io::Result<Instant> {
        let before = self.clock.now();
        self.stalled = before.since(self.looked) > STALL;
        if !wait.is_zero() {
            self.look(wait, &mut answer)?;
            let allowed = Duration::from(wait) + STALL;
            self.stalled |= self.clock.now().since(before) > allowed;
        }
        loop {
            let horizon = self.clock.now();
            if self.look(std::time::Duration::ZERO, &mut answer)? < EVENTS {
                self.end_drains(horizon, &mut answer);
                self.looked = self.clock.now();
                return Ok(horizon);
            }
        }
    }

    /// When the oldest connection that is being closed runs out of its time.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.draining.front().map(|d| d.0)
    }

    /// Whether an interface went down, or lost an address, since the last call.
    pub(crate) fn path_changed(&mut self) -> bool {
        self.watch.as_mut().is_some_and(Watch::lost)
    }

    /// Whether the scope's time is not now, so that nothing may be asked any more.
    pub(crate) fn is_shut(&self) -> bool {
        self.gate.is_shut()
    }

    fn look(
        &mut self,
        wait: std::time::Duration,
        answer: &mut impl FnMut(Instant, ProbeId, Outcome),
    ) -> io::Result<usize> {
        let mut events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        let polled = match self.poll.poll(&mut events, Some(wait)) {
            Err(error) if !errno::would_block(&error) => Err(error),
            _ => Ok(()),
        };
        let mut count = 0;
        for event in &events {
            count += 1;
            let at = event.token().0 as u32;
            let outcome = match self.slots[at as usize].doing {
                Doing::Nothing => None,
                Doing::Asking => self.ask(self.clock.now(), at, event.is_error()),
                Doing::Draining => self.drain(at).map(Outcome::Closed),
            };
            if let Some(outcome) = outcome {
                answer(self.clock.now(), self.slots[at as usize].id, outcome);
            }
        }
        self.events = events;
        polled.map(|()| count)
    }

    /// Asks the system how an attempt went; `None` if there is no answer yet.
    fn ask(&mut self, now: Instant, at: u32, error: bool) -> Option<Outcome> {
        let slot = &mut self.slots[at as usize];
        let socket = slot.socket.as_ref()?;
        // The harvest of an error sets the kernel's counts back to zero: they are read before.
        if now.since(slot.sent) >= MAY_HAVE_RETRANSMITTED {
            slot.retransmits = socket.info().retransmits;
        }
        let said = socket.connect(slot.to?);
        self.conclude(now, at, said, error)
    }

    fn conclude(&mut self, now: Instant, at: u32, said: Said, error: bool) -> Option<Outcome> {
        let slot = &self.slots[at as usize];
        // It is not known which SYN an answer after a retransmission answers.
        let retransmits = slot.retransmits;
        let rtt = (!self.stalled && retransmits == 0).then(|| now.since(slot.sent));
        let fd = slot.socket.as_ref()?.fd();
        let outcome = match said {
            Said::Connected => return Some(self.connected(now, at)),
            // An ICMP error that found the socket locked stands in the queue, and nowhere else.
            Said::Pending if error => {
                let icmp = errqueue::take(fd)?.icmp;
                if !self.slots[at as usize].socket.as_ref()?.disconnect() {
                    self.slots[at as usize].socket = None;
                }
                self.rejected(at, icmp, rtt)
            }
            Said::Pending => return None,
            Said::Refused => match errqueue::take(fd) {
                Some(entry) => self.rejected(at, entry.icmp, rtt),
                None if TELLS_REJECTIONS => Outcome::Refused { rtt, retransmits },
                None => Outcome::RefusedSomehow { rtt, retransmits },
            },
            Said::Unreachable => match errqueue::take(fd) {
                Some(entry) => self.rejected(at, entry.icmp, rtt),
                None => Outcome::Local(LocalError::Route),
            },
            Said::Reset => Outcome::ConnectedThenReset { rtt, retransmits },
            Said::GaveUp => Outcome::ABORTED,
            Said::Unusable => {
                self.slots[at as usize].socket = None;
                Outcome::Local(LocalError::Limit)
            }
            Said::Lacking(error) => Outcome::Local(error),
        };
        let slot = &mut self.slots[at as usize];
        slot.doing = Doing::Nothing;
        if !REUSABLE || outcome == Outcome::ABORTED {
            slot.socket = None;
        }
        Some(outcome)
    }

    /// An ICMP error came. This machine's own address as its sender, on behalf of another, means
    /// that the neighbour did not answer.
    fn rejected(&self, at: u32, icmp: Icmp, rtt: Option<Duration>) -> Outcome {
        let unreachable = matches!(
            (icmp.v6, icmp.kind, icmp.code),
            (false, 3, 1) | (true, 1, 3)
        );
        let target = self.slots[at as usize].to.map(|to| to.address().ip);
        let own = icmp
            .from
            .is_some_and(|f| Some(f.ip) != target && self.own.contains(&f.ip));
        if unreachable && own {
            Outcome::NoNeighbour
        } else {
            Outcome::Rejected {
                icmp: Some(icmp),
                rtt,
                retransmits: self.slots[at as usize].retransmits,
            }
        }
    }

    fn connected(&mut self, now: Instant, at: u32) -> Outcome {
        let slot = &mut self.slots[at as usize];
        let Some(socket) = &slot.socket else {
            return Outcome::SelfConnected;
        };
        if socket.is_self_connected() {
            slot.socket = None;
            slot.doing = Doing::Nothing;
            return Outcome::SelfConnected;
        }
        let info = socket.info();
        socket.shutdown();
        let token = Token(at as usize);
        let fd = socket.fd();
        slot.doing = Doing::Draining;
        slot.windowless = info.peer.is_some_and(|peer| peer.window == Some(0));
        // If this fails, the deadline of the drain still ends it.
        let _ = self
            .poll
            .registry()
            .reregister(&mut SourceFd(&fd), token, Interest::READABLE);
        self.draining.push_back((now + DRAIN_TIME, slot.id));
        let measured = (!self.stalled).then(|| now.since(slot.sent));
        let rtt = info.rtt.or(measured);
        slot.patience = now + rtt.unwrap_or(DRAIN_TIME).times(4).min(PATIENCE);
        Outcome::Connected {
            rtt,
            retransmits: info.retransmits,
            peer: info.peer,
        }
    }

    /// Whether probes to this address leave, or wait for its link address.
    pub(crate) fn departs(&mut self, address: Address) -> Departure {
        let (Some(neighbours), Some(interface)) = (
            &mut self.neighbours,
            interfaces::interface_of(&self.links, address),
        ) else {
            return Departure::Leaves;
        };
        neighbours.state(address, interface)
    }

    /// The slot of an attempt, made if there is none yet.
    fn slot(&mut self, id: ProbeId) -> &mut Slot {
        let at = id.slot as usize;
        while self.slots.len() <= at {
            self.slots.push(Slot::empty());
        }
        &mut self.slots[at]
    }

    /// The socket of a slot, made if there is none of this family.
    fn socket(&mut self, at: u32, v6: bool) -> io::Result<&Probe> {
        let slot = &mut self.slots[at as usize];
        if slot.socket.as_ref().is_some_and(|s| s.v6 != v6) {
            slot.socket = None;
        }
        if slot.socket.is_none() {
            let socket = Probe::new(v6, &self.network)?;
            let token = Token(at as usize);
            self.poll.registry().register(
                &mut SourceFd(&socket.fd()),
                token,
                Interest::WRITABLE,
            )?;
            slot.socket = Some(socket);
        }
        slot.socket
            .as_ref()
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }
}

impl Slot {
    fn empty() -> Self {
        Self {
            socket: None,
            doing: Doing::Nothing,
            id: ProbeId::default(),
            to: None,
            sent: Instant::ZERO,
            retransmits: 0,
            drained: 0,
            heard: Vec::new(),
            windowless: false,
            patience: Instant::ZERO,
        }
    }
}
