//! A scan under way, as its caller sees it: findings come out, a stop goes in.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::RecvTimeoutError;
use picaporte_core::scan::HostReport;
use picaporte_core::tally::Tally;
use picaporte_core::timing::Loss;
use picaporte_core::{Address, Plan, Reason, Report, Scope, Verdict};

use crate::clock;
use crate::crew::{Crew, Message};
use crate::socket::Probe;

mod outside;

use outside::Outside;

/// From where probes leave.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// The source address; `None` lets the routes choose.
    pub source: Option<IpAddr>,
    /// The interface; `None` lets the routes choose.
    pub interface: Option<String>,
    /// How many threads at most; `None` means one for each core.
    pub threads: Option<u32>,
    /// What may be asked at all; `None` sets no bounds. Held against every attempt right before its `connect()`: what lies outside
    /// is never sent, and is untested, `out-of-scope`.
    pub scope: Option<Arc<Scope>>,
}

/// Something a scan found, in the order in which it was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// A handshake was made. Its [`Verdict`] follows once the connection has been closed.
    Opened {
        /// The address.
        address: Address,
        /// The open port.
        port: u16,
    },
    /// A port whose state is among those of [`Settings::show`](picaporte_core::Settings).
    Port(Verdict),
    /// A host whose every port is decided, all parts joined.
    Host(Box<HostReport>),
    /// The scan is over. Always the last.
    End(Account),
}

/// The account of a scan that is over.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Every count; [`Tally::complete`] and [`Tally::balances`] judge it.
    pub tally: Tally,
    /// How long it took.
    pub elapsed: Duration,
    /// The loss that was seen.
    pub loss: Loss,
    /// It was stopped by [`Control::interrupt`].
    pub interrupted: bool,
    /// Threads that died of a fault in this program. What was theirs is untested.
    pub failed_threads: u32,
}

/// How far a scan is; counts of the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Ports planned.
    pub planned: u64,
    /// Ports decided: tested and untested.
    pub decided: u64,
    /// Open ports found.
    pub open: u64,
    /// Attempts made.
    pub attempts: u64,
    /// Open attempts.
    pub inflight: u64,
    /// Time since the scan began.
    pub elapsed: Duration,
}

/// Why a scan could not begin.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Something that every thread needs was refused by the system.
    #[error("the scan could not begin: {doing}: {error}")]
    System {
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        error: std::io::Error,
    },
    /// The source address is not one of this machine's, or the interface does not exist.
    #[error("{0}")]
    Network(String),
    /// The scope does not hold at this time.
    #[error("the scope {0}; nothing was sent")]
    Scope(&'static str),
}

/// Stops a scan from elsewhere (a signal, another thread).
#[derive(Clone, Debug)]
pub struct Control {
    pub(crate) interrupt: Arc<AtomicBool>,
}

impl Control {
    /// Stops sending; answers that are there still count, open connections are still closed in
    /// order (at most 1 s), and what is left is untested, `interrupted`.
    pub fn interrupt(&self) {
        self.interrupt.store(true, Ordering::Relaxed);
    }
}

/// What [`Running::next_within`] found.
#[derive(Clone, Debug, PartialEq)]
#[allow(
    clippy::large_enum_variant,
    reason = "handed over once, never kept in numbers"
)]
pub enum Next {
    /// A finding.
    Finding(Finding),
    /// Nothing within the time.
    Idle,
    /// The scan is over, and its [`Finding::End`] has been given.
    Over,
}

/// A scan under way. Dropping it ends the scan at once.
#[derive(Debug)]
pub struct Running {
    plan: Arc<Plan>,
    crew: Crew,
    outside: Outside,
    found: VecDeque<Finding>,
    /// Hosts of which some parts have reported, by number, and how many parts are missing.
    partial: BTreeMap<u64, (u32, Box<HostReport>)>,
    tallies: Vec<Tally>,
    loss: Loss,
    hosts: u64,
    stopped: Option<Reason>,
    over: bool,
}

impl Running {
    /// A handle that stops the scan.
    pub fn control(&self) -> Control {
        Control {
            interrupt: self.crew.board.interrupt.clone(),
        }
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        let mut progress = self.crew.board.progress();
        progress.planned = self.plan.planned();
        progress.decided += self.plan.outside();
        progress.elapsed = self.crew.clock.elapsed();
        progress
    }

    /// The next finding, waiting at most this long.
    pub fn next_within(&mut self, wait: Duration) -> Next {
        let until = Instant::now() + wait;
        loop {
            if let Some(finding) = self.found.pop_front() {
                return Next::Finding(finding);
            }
            if self.outside.next_host(&self.plan, &mut self.found) {
                self.hosts += 1;
                continue;
            }
            if self.over {
                return Next::Over;
            }
            let left = until.saturating_duration_since(Instant::now());
            match self.crew.messages.recv_timeout(left) {
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => return Next::Idle,
                // A thread that died has not accounted for its part; the account will not balance.
                Err(RecvTimeoutError::Disconnected) => self.end(),
            }
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Reports(reports) => reports.into_iter().for_each(|r| self.report(r)),
            Message::Over {
                tally,
                loss,
                stopped,
            } => {
                self.tallies.push(*tally);
                self.loss = self.loss.and(loss);
                self.stopped = self.stopped.or(stopped);
                if self.tallies.len() == self.crew.threads {
                    self.end();
                }
            }
        }
    }

    fn report(&mut self, report: Report) {
        match report {
            Report::Opened { address, port } => {
                self.found.push_back(Finding::Opened { address, port });
            }
            Report::Port(verdict) => self.found.push_back(Finding::Port(verdict)),
            Report::Host(part) => self.host(part),
        }
    }

    fn host(&mut self, part: Box<HostReport>) {
        let index = part.index;
        let (missing, host) = match self.partial.remove(&index) {
            None => (part.parts, part),
            Some((missing, mut host)) => {
                host.merge(&part);
                (missing, host)
            }
        };
        if missing == 1 {
            self.done(host);
        } else {
            self.partial.insert(index, (missing - 1, host));
        }
    }

    /// A host is done, but for those of its ports that lie outside the scope.
    fn done(&mut self, mut host: Box<HostReport>) {
        let outside = self.plan.outside_ports_of(host.index);
        outside::leave(&self.plan, &mut host, &outside, &mut self.found);
        self.hosts += 1;
        self.found.push_back(Finding::Host(host));
    }

    fn end(&mut self) {
        self.over = true;
        let why = self.stopped.unwrap_or(Reason::Interrupted);
        // Some part stopped before it came to these hosts: their other ports are untested.
        for (index, (_, mut host)) in std::mem::take(&mut self.partial) {
            let known = host
                .open
                .union(&host.closed)
                .union(&host.filtered)
                .union(&host.untested);
            let missing = self.plan.ports_of(index).minus(&known);
            host.leave(&missing, why);
            self.done(host);
        }
        let mut tally = Tally::of_scan(&self.plan, &self.tallies, why);
        tally.hosts = self.hosts;
        self.found.push_back(Finding::End(Account {
            tally,
            elapsed: self.crew.clock.elapsed(),
            loss: self.loss,
            interrupted: self.stopped == Some(Reason::Interrupted),
            failed_threads: (self.crew.threads - self.tallies.len()) as u32,
        }));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.crew.board.quit();
    }
}

impl Iterator for Running {
    type Item = Finding;

    fn next(&mut self) -> Option<Finding> {
        loop {
            match self.next_within(Duration::from_secs(3600)) {
                Next::Finding(finding) => return Some(finding),
                Next::Idle => {}
                Next::Over => return None,
            }
        }
    }
}

/// Starts a scan. Its threads run until the [`Finding::End`], or until the [`Running`] is dropped.
///
/// # Errors
/// When the system refuses what every thread needs, the source or interface can't be used, or the scope does not hold now.
pub fn start(plan: Arc<Plan>, network: &Network) -> Result<Running, EngineError> {
    check(network)?;
    let plan = match &network.scope {
        Some(scope) if !plan.is_within(scope) => Arc::new(Arc::unwrap_or_clone(plan).within(scope)),
        _ => plan,
    };
    let crew = Crew::start(&plan, network)?;
    Ok(Running {
        outside: Outside::of(&plan),
        plan,
        crew,
        found: VecDeque::new(),
        partial: BTreeMap::new(),
        tallies: Vec::new(),
        loss: Loss::default(),
        hosts: 0,
        stopped: None,
        over: false,
    })
}

/// Looks whether the scope holds now, and tries the source and the interface on a socket that sends nothing.
pub(crate) fn check(network: &Network) -> Result<(), EngineError> {
    if let Some(scope) = &network.scope {
        let now = clock::unix_ms();
        if scope.is_early_at(now) {
            return Err(EngineError::Scope("does not hold yet"));
        }
        if !scope.is_valid_at(now) {
            return Err(EngineError::Scope("does not hold any more"));
        }
    }
    if network.source.is_none() && network.interface.is_none() {
        return Ok(());
    }
    let v6 = network.source.is_some_and(|s| s.is_ipv6());
    Probe::new(v6, network).map(drop).map_err(|error| {
        let source = network.source.map(|s| format!("the source address {s}"));
        let interface = network
            .interface
            .as_ref()
            .map(|i| format!("the interface '{i}'"));
        let what: Vec<_> = source.into_iter().chain(interface).collect();
        EngineError::Network(format!("{} can't be used: {error}", what.join(" on ")))
    })
}
