//! One thread: drives its part of the scan, and answers it with what the kernel said.

use std::sync::atomic::Ordering;

use crossbeam_channel::Sender;
use picaporte_core::{Duration, Instant, Outcome, Reason, Report, Scan, Step};

use crate::clock::Clock;
use crate::conntrack::Table;
use crate::crew::{Board, Message, Noted};
use crate::reactor::Reactor;

/// How many steps before readiness is looked at again: about 1 ms of connects.
const BATCH: u32 = 128;
/// How often the parts tell each other what they learned.
const EXCHANGE: Duration = Duration::from_millis(10);
/// How often this machine's table of connections is looked at.
const TABLE: Duration = Duration::from_millis(100);
/// Reports are handed on at the end of each round, or when there are this many.
const REPORTS: usize = 512;
/// So many decided ports, or the first of them so long ago, are told although there is nothing to report.
const NOTES: usize = 4096;
const NOTE: Duration = Duration::from_millis(50);

pub(crate) struct Worker {
    pub scan: Scan,
    pub reactor: Reactor,
    pub clock: Clock,
    /// When what was noted of a scan that is kept was last handed on.
    pub noted: Instant,
    pub board: Board,
    pub index: usize,
    pub reports: Sender<Message>,
}

/// The caller is gone: there is nobody to work for.
struct Gone;

impl Worker {
    pub(crate) fn run(mut self) {
        let mut pending = Vec::new();
        let (mut exchanged, mut looked) = (Instant::ZERO, Instant::ZERO);
        let table = Table::of_this_machine();
        loop {
            let Ok(round) = self.steps(&mut pending) else {
                return;
            };
            if self.hand_on(&mut pending).is_err() {
                return;
            }
            let Some(wait) = round else { break };
            let scan = &mut self.scan;
            let harvest = self
                .reactor
                .harvest(wait, |now, id, outcome| scan.handle(now, id, outcome));
            let Ok(horizon) = harvest else {
                // The poll itself fails: nothing more can be learned.
                self.scan.stop(Reason::LocalLimit);
                break;
            };
            if self.reactor.path_changed() {
                self.scan.path_changed(horizon);
            }
            self.scan.harvested(horizon);
            if let Some(table) = &table
                && horizon.since(looked) >= TABLE
            {
                looked = horizon;
                if table.is_crowded() {
                    self.scan.crowded(horizon);
                }
            }
            if horizon.since(exchanged) >= EXCHANGE {
                exchanged = horizon;
                self.exchange();
            }
            if self.board.quits() {
                return;
            }
        }
        self.board.post(self.index, &mut self.scan);
        let _ = self.reports.send(Message::Over {
            tally: Box::new(self.scan.tally().clone()),
            loss: self.scan.loss(),
            stopped: self.scan.stopped(),
        });
    }

    /// Does what the scan says until it waits; says for how long to wait for readiness. `None`
    /// when the scan is done.
    fn steps(&mut self, pending: &mut Vec<Message>) -> Result<Option<std::time::Duration>, Gone> {
        let mut now = self.clock.now();
        let mut reports: Vec<Report> = Vec::new();
        let mut left = BATCH;
        let round = loop {
            match self.scan.poll(now) {
                Step::Connect { id, address, port } => {
                    if let Some(outcome) = self.reactor.connect(now, id, address, port) {
                        self.scan.handle(now, id, outcome);
                        if outcome == Outcome::OutOfScope {
                            self.heed_scope();
                        }
                    }
                    now = self.clock.now();
                    left -= 1;
                }
                Step::Abort(id) => {
                    let outcome = self.reactor.abort(now, id);
                    self.scan.handle(now, id, outcome);
                    now = self.clock.now();
                    left -= 1;
                }
                Step::Departs { host, address } => {
                    let departure = self.reactor.departs(address);
                    self.scan.departs(now, host, departure);
                }
                Step::Report(report) => {
                    reports.push(report);
                    if reports.len() >= REPORTS {
                        self.report(now, std::mem::take(&mut reports), pending);
                        self.hand_on(pending)?;
                    }
                }
                Step::Wait(until) => break Some(self.wait(now, until)),
                Step::Done => break None,
            }
            if left == 0 {
                break Some(std::time::Duration::ZERO);
            }
        };
        self.report(now, reports, pending);
        Ok(round)
    }

    /// What was found out, on its way to the caller. What a kept scan noted goes with the reports it belongs to; without any, now and
    /// then: each message wakes the caller.
    fn report(&mut self, now: Instant, mut reports: Vec<Report>, pending: &mut Vec<Message>) {
        let greetings = self.reactor.take_greetings();
        if !greetings.is_empty() {
            pending.push(Message::Greetings(greetings));
        }
        let noted = self.scan.noted();
        let waited = now.since(self.noted) >= NOTE;
        let due = noted.is_some_and(|n| !reports.is_empty() || n >= NOTES || n > 0 && waited);
        let noted = due.then(|| {
            self.noted = now;
            reports.extend(self.scan.drain_reports());
            Noted {
                part: self.index,
                journal: self.scan.take_journal(),
                spent: self.scan.spent(),
            }
        });
        if noted.is_some() || !reports.is_empty() {
            pending.push(Message::Reports(reports, noted));
        }
    }

    fn wait(&self, now: Instant, until: Option<Instant>) -> std::time::Duration {
        let until = until.into_iter().chain(self.reactor.next_deadline()).min();
        until
            .map_or(EXCHANGE, |at| at.since(now))
            .min(EXCHANGE)
            .into()
    }

    fn hand_on(&self, pending: &mut Vec<Message>) -> Result<(), Gone> {
        for message in pending.drain(..) {
            self.reports.send(message).map_err(|_| Gone)?;
        }
        Ok(())
    }

    fn exchange(&mut self) {
        self.board.post(self.index, &mut self.scan);
        let others = self.board.others(self.index);
        self.scan.learn(&others);
        if self.board.interrupt.load(Ordering::Relaxed) {
            self.scan.stop(Reason::Interrupted);
        }
        self.heed_scope();
    }

    /// When the scope's time is over nothing more is asked.
    fn heed_scope(&mut self) {
        if self.reactor.is_shut() {
            self.scan.stop(Reason::OutOfScope);
        }
    }
}
