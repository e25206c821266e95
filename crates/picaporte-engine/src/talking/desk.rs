//! Where all talks are at: does what each says next, as far as sockets and caps allow. It decides nothing about a port.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crossbeam_channel::{Receiver, Sender};
use mio::{Events, Poll, Token, Waker};
use picaporte_core::pace::Shares;
use picaporte_core::talk::turns::Turns;
use picaporte_core::talk::{Event, Step, Talk};
use picaporte_core::{Duration, Instant};

use super::line::{Line, Phase};
use super::{Order, Told};
use crate::clock::Clock;
use crate::errno::{self, Read};
use crate::gate::Gate;
use crate::limits;
use crate::running::Network;

mod lines;
mod opening;

/// How many events one look may bring.
const EVENTS: usize = 256;
/// Read at once.
const PIECE: usize = 16 * 1024;
/// Whoever wakes the thread.
const WAKER: Token = Token(usize::MAX);
/// The longest wait, so that the end of a scope's time is noticed.
const GLANCE: Duration = Duration::from_millis(100);
/// One talk.
struct Seat<T> {
    told: Told<T>,
    /// Its connection, where one was begun.
    line: Option<usize>,
    /// It waits for its turn to connect.
    waits: bool,
    /// It has had a turn.
    begun: bool,
    /// When it is to be asked again.
    until: Instant,
}

pub(super) struct Desk<T> {
    poll: Poll,
    network: Network,
    gate: Gate,
    clock: Clock,
    turns: Turns,
    seats: HashMap<u64, Seat<T>>,
    next_seat: u64,
    lines: HashMap<usize, (Line, Option<u64>)>,
    next_line: usize,
    /// When which talk or line is to be looked at, if nothing comes before.
    timers: BinaryHeap<Reverse<(Instant, Timer)>>,
    lacking: u32,
    paused: Instant,
    stopped: bool,
    piece: Vec<u8>,
    telling: Sender<Told<T>>,
    connections: Arc<AtomicU64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Seat(u64),
    Line(usize),
}

impl<T: Talk> Desk<T> {
    pub(super) fn new(
        network: &Network,
        shares: Shares,
        telling: Sender<Told<T>>,
        connections: Arc<AtomicU64>,
    ) -> io::Result<Self> {
        limits::descriptors(1);
        Ok(Self {
            poll: Poll::new()?,
            network: network.clone(),
            gate: Gate::new(network.scope.clone()),
            clock: Clock::start(),
            turns: Turns::new(shares),
            seats: HashMap::new(),
            next_seat: 0,
            lines: HashMap::new(),
            next_line: 0,
            timers: BinaryHeap::new(),
            lacking: 0,
            paused: Instant::ZERO,
            stopped: false,
            piece: vec![0; PIECE],
            telling,
            connections,
        })
    }

    pub(super) fn waker(&self) -> io::Result<Waker> {
        Waker::new(self.poll.registry(), WAKER)
    }

    /// Until nobody waits for anything any more, and no connection stands.
    pub(super) fn run(mut self, orders: &Receiver<Order<T>>, quit: &AtomicBool) {
        let mut events = Events::with_capacity(EVENTS);
        loop {
            while let Ok(order) = orders.try_recv() {
                self.take(order);
            }
            let over = quit.load(Ordering::Relaxed);
            if over || self.gate.is_shut() {
                self.stop();
            }
            if over && self.lines.is_empty() {
                return;
            }
            self.connect();
            let wait = self.wait();
            match self.poll.poll(&mut events, Some(wait.into())) {
                Err(error) if !errno::would_block(&error) => {
                    // Nothing more can be learned.
                    self.stop();
                    return;
                }
                _ => {}
            }
            for event in &events {
                if event.token() != WAKER {
                    self.line_event(event.token().0);
                }
            }
            self.times_over();
        }
    }

    fn take(&mut self, order: Order<T>) {
        match order {
            Order::Talk(told) if self.stopped => self.give_back(told),
            Order::Talk(told) => self.seat(told),
            Order::HostDone(address) => self.turns.host_done(self.clock.now(), address),
            Order::ScanOver => self.turns.scan_over(self.clock.now()),
            Order::Stop => self.stop(),
        }
    }

    fn give_back(&self, told: Told<T>) {
        // Nobody may wait for it any more.
        let _ = self.telling.send(told);
    }

    fn seat(&mut self, told: Told<T>) {
        let key = self.next_seat;
        self.next_seat += 1;
        self.turns.begins(told.address);
        let seat = Seat {
            told,
            line: None,
            waits: false,
            begun: false,
            until: Instant::ZERO,
        };
        self.seats.insert(key, seat);
        self.drive(key);
    }

    /// Every talk is given back as it is, and every connection is closed.
    fn stop(&mut self) {
        self.stopped = true;
        let keys: Vec<u64> = self.seats.keys().copied().collect();
        for key in keys {
            self.leave(key);
        }
    }

    /// The talk is over.
    fn leave(&mut self, key: u64) {
        let Some(seat) = self.seats.remove(&key) else {
            return;
        };
        if let Some(line) = seat.line {
            self.close(line);
        }
        self.turns.is_over(seat.told.address);
        self.give_back(seat.told);
    }

    /// Does what a talk says, until it waits for something.
    fn drive(&mut self, key: u64) {
        while let Some(seat) = self.seats.get_mut(&key) {
            if seat.waits {
                return;
            }
            let now = self.clock.now();
            let mut line = (seat.line).and_then(|at| Some(&mut self.lines.get_mut(&at)?.0));
            if line
                .as_ref()
                .is_some_and(|line| line.phase == Phase::Opening)
            {
                return;
            }
            let (event, until) = match seat.told.talk.poll(now) {
                Step::Connect => {
                    seat.waits = true;
                    if seat.begun {
                        self.turns.goes_on(seat.told.address, key);
                    } else {
                        self.turns.wants(seat.told.address, key);
                    }
                    return;
                }
                Step::Send { bytes, until } => match line.as_mut().map(|line| line.send(bytes)) {
                    Some(Some(true)) => (Some(Event::Sent), until),
                    Some(None) => (None, until),
                    Some(Some(false)) | None => (Some(Event::Reset), until),
                },
                Step::Listen { until } => match &mut line {
                    Some(line) if line.readable => match line.read(&mut self.piece) {
                        Read::Bytes(n) => (Some(Event::Bytes(&self.piece[..n])), until),
                        Read::End => (Some(Event::Closed), until),
                        Read::Reset | Read::Lost => (Some(Event::Reset), until),
                        Read::Nothing => (None, until),
                    },
                    _ => (None, until),
                },
                Step::Close => {
                    if let Some(line) = seat.line.take() {
                        self.close(line);
                    }
                    continue;
                }
                Step::Done => return self.leave(key),
            };
            let Some(event) = event else {
                if seat.until != until {
                    seat.until = until;
                    self.timers.push(Reverse((until, Timer::Seat(key))));
                }
                return;
            };
            seat.told.talk.handle(now, event);
        }
    }

    /// Looks at everything whose time is over.
    fn times_over(&mut self) {
        let now = self.clock.now();
        while let Some(&Reverse((at, timer))) = self.timers.peek()
            && at <= now
        {
            self.timers.pop();
            match timer {
                Timer::Seat(key) => {
                    if self.seats.get(&key).is_some_and(|seat| seat.until == at) {
                        self.drive(key);
                    }
                }
                Timer::Line(key) => match self.lines.get(&key).map(|(line, _)| line) {
                    Some(line) if line.until != at => {}
                    Some(line) if line.phase == Phase::Opening => self.give_up(key),
                    Some(line) if line.phase == Phase::Closing => self.drop_line(key),
                    _ => {}
                },
            }
        }
    }

    fn wait(&self) -> Duration {
        let now = self.clock.now();
        let timer = self.timers.peek().map(|Reverse((at, _))| *at);
        let turn = (!self.stopped)
            .then(|| self.turns.next_at())
            .flatten()
            .map(|at| at.max(self.paused));
        let until = timer.into_iter().chain(turn).min();
        until.map_or(GLANCE, |at| at.since(now)).min(GLANCE)
    }
}
