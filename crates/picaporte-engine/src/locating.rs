//! A [`Locate`] under way, on the thread of whoever asks for the next port: sockets of its own, a
//! fresh one for each attempt, so that no limit on hops outlives it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use picaporte_core::locate::{Locate, Located, Step};
use picaporte_core::{Duration, Instant, Outcome, Reason};

use crate::clock::Clock;
use crate::error::{EngineError, Needed};
use crate::limits;
use crate::reactor::Reactor;
use crate::running::{Control, Network, check};
use crate::socket::Hops;

/// How often it is looked whether somebody asks it to stop.
const GLANCE: Duration = Duration::from_millis(50);

/// Ports being located; an iterator of what was found out about each, in their order.
#[derive(Debug)]
pub struct Locating {
    locate: Locate,
    reactor: Reactor,
    clock: Clock,
    interrupt: Arc<AtomicBool>,
    over: bool,
}

/// Makes ready to locate; nothing is sent before the first port is asked for.
///
/// # Errors
/// When the system refuses a poll for readiness, the source or interface can't be used, or the scope does not hold now.
pub fn locate(mut locate: Locate, network: &Network) -> Result<Locating, EngineError> {
    check(network)?;
    if let Some(scope) = &network.scope {
        locate.keep_within(scope.limits());
    }
    limits::descriptors(1);
    let clock = Clock::start();
    let reactor = Reactor::new(network, clock).map_err(|error| EngineError::System {
        needed: Needed::Readiness,
        error,
    })?;
    Ok(Locating {
        locate,
        reactor,
        clock,
        interrupt: Arc::default(),
        over: false,
    })
}

impl Locating {
    /// A handle that stops it: what is left is [`Answer::Untested`](picaporte_core::locate::Answer),
    /// `interrupted`; open connections are closed in order.
    pub fn control(&self) -> Control {
        Control {
            interrupt: self.interrupt.clone(),
        }
    }

    /// Lets another's handle stop it: that of the scan which it follows.
    #[must_use]
    pub fn heeding(mut self, control: Control) -> Self {
        self.interrupt = control.interrupt;
        self
    }

    /// Asks no more: what is left is untested for this reason.
    pub fn stop(&mut self, why: Reason) {
        self.locate.stop(why);
    }

    /// How many attempts were made so far (see [`Locate::attempts`]).
    pub const fn attempts(&self) -> u64 {
        self.locate.attempts()
    }

    /// Waits for answers, and hands them over.
    fn harvest(&mut self, now: Instant, until: Option<Instant>) {
        let until = until.into_iter().chain(self.reactor.next_deadline()).min();
        let wait = until.map_or(GLANCE, |at| at.since(now)).min(GLANCE);
        let locate = &mut self.locate;
        let harvest = self.reactor.harvest(wait.into(), |now, id, outcome| {
            locate.handle(now, id, outcome);
        });
        if let Ok(horizon) = harvest {
            self.locate.harvested(horizon);
        } else {
            // The poll itself fails: nothing more can be learned.
            self.locate.stop(Reason::LocalLimit);
            self.over = true;
        }
        if self.interrupt.load(Ordering::Relaxed) {
            self.locate.stop(Reason::Interrupted);
        }
        if self.reactor.is_shut() {
            self.locate.stop(Reason::OutOfScope);
        }
    }

    /// Answers an attempt that has its answer here and now.
    fn answer(&mut self, id: picaporte_core::ProbeId, outcome: Option<Outcome>) {
        if let Some(outcome) = outcome {
            self.locate.handle(self.clock.now(), id, outcome);
        }
    }
}

impl Iterator for Locating {
    type Item = Located;

    fn next(&mut self) -> Option<Located> {
        loop {
            let now = self.clock.now();
            match self.locate.poll(now) {
                Step::Connect {
                    id,
                    address,
                    port,
                    ttl,
                    min_ttl,
                } => {
                    let hops = Hops { ttl, min_ttl };
                    let outcome = self.reactor.connect_within(now, id, (address, port), hops);
                    self.answer(id, outcome);
                }
                Step::Abort(id) => {
                    let outcome = self.reactor.abort(now, id);
                    self.answer(id, Some(outcome));
                }
                Step::Report(located) => return Some(*located),
                Step::Wait(_) if self.over => return None,
                Step::Wait(until) => self.harvest(now, until),
                Step::Done => return None,
            }
        }
    }
}
