//! A scan under way, as its caller sees it: findings come out, a stop goes in.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::RecvTimeoutError;
use picaporte_core::known::{Known, Sketches, Spent};
use picaporte_core::scan::HostReport;
use picaporte_core::tally::{Outages, Tally};
use picaporte_core::timing::Loss;
use picaporte_core::{Address, Decided, Plan, PortSet, Reason, Report, Scope, State, Verdict};

use crate::clock;
use crate::crew::{Crew, Message, Noted};
use crate::error::EngineError;
use crate::socket::Probe;

mod greetings;
mod outside;

pub(crate) use greetings::Greeting;
use greetings::Greetings;
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
    /// How many bytes are kept of what an open port says before its connection is closed: its greeting, for [`Running::greeting`].
    pub greeting: usize,
    /// How many descriptors a scan leaves to others, at most a quarter of them.
    pub spare: u32,
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
    /// Of a scan that is [kept](start_kept): ports that were decided since the last one of these. What was found before this, and what
    /// [`Running::standing`] says now, belong together.
    Decided(Vec<Decided>),
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
    /// Why it was stopped before its end, if it was.
    pub stopped: Option<Reason>,
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
    greetings: Greetings,
    /// Hosts of which some parts have reported, by number, and how many parts are missing.
    partial: BTreeMap<u64, (u32, Box<HostReport>)>,
    tallies: Vec<Tally>,
    loss: Loss,
    hosts: u64,
    stopped: Option<Reason>,
    over: bool,
    /// What an earlier run decided.
    known: Arc<Known>,
    /// Hosts of which that knows something, until they are told.
    untold: BTreeSet<u64>,
    /// The account of that.
    before: Tally,
    /// What is known of hosts that are not done, beside their ports.
    sketches: Sketches,
    /// What each part spent, by the last that it told.
    spent: Vec<Spent>,
}

/// What stands beside the ports while a scan goes on, for whoever keeps it.
#[derive(Clone, Debug)]
pub struct Standing<'a> {
    /// What was spent, by earlier runs too.
    pub spent: Spent,
    /// What is known of hosts that are not done.
    pub sketches: &'a Sketches,
}

impl Running {
    /// What stands beside the ports, after a [`Finding::Decided`].
    pub fn standing(&self) -> Standing<'_> {
        Standing {
            spent: self.all_spent(),
            sketches: &self.sketches,
        }
    }

    /// Hosts of which an earlier run knew something and to which this one did not come, and the ports that are known of them.
    fn untold_hosts(&self) -> Vec<(u64, PortSet)> {
        let known = |&index: &u64| Some((index, self.known.host(index)?.ports()));
        self.untold.iter().filter_map(known).collect()
    }

    fn all_spent(&self) -> Spent {
        let now = Spent {
            elapsed: self.crew.clock.elapsed().into(),
            ..Spent::default()
        };
        let parts = self.spent.iter().fold(now, |sum, &part| sum.and(part));
        self.known.spent().then(parts)
    }

    /// What the port has said before its connection was closed, if that is [kept](Network::greeting); once, after its [`Finding::Port`] and before
    /// that of its host. `None` tells nothing: it may greet later, and of very many at once some are not kept.
    pub fn greeting(&mut self, address: Address, port: u16) -> Option<Vec<u8>> {
        self.greetings.take(address, port)
    }

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
        progress.decided += self.plan.outside() + self.before.planned;
        progress.open += self.before.counts.in_state(State::Open);
        progress.attempts += self.before.attempts;
        progress.elapsed = self.crew.clock.elapsed();
        progress
    }

    /// The next finding, waiting at most this long.
    pub fn next_within(&mut self, wait: Duration) -> Next {
        let until = Instant::now() + wait;
        loop {
            if let Some(finding) = self.found.pop_front() {
                if let Finding::Host(host) = &finding {
                    self.greetings.forget(host.address);
                }
                return Next::Finding(finding);
            }
            if let Some(index) = self.outside.next_host(&self.plan) {
                if !self.known.is_done(index) {
                    Outside::tell(&self.plan, index, &mut self.found);
                    self.hosts += 1;
                }
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
            Message::Reports(reports, noted) => {
                let decided = noted.map(|noted| self.note(noted));
                for report in reports {
                    self.report(report);
                }
                self.found.extend(decided.map(Finding::Decided));
            }
            Message::Greetings(heard) => self.greetings.hear(heard),
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
            Report::Port(mut verdict) => {
                verdict.at += self.known.since_start();
                self.found.push_back(Finding::Port(verdict));
            }
            Report::Host(part) => self.host(part),
        }
    }

    /// Takes in what a part noted; gives what was decided.
    fn note(&mut self, noted: Noted) -> Vec<Decided> {
        self.spent[noted.part] = noted.spent;
        let plan = &self.plan;
        self.sketches.add(&noted.journal, |index| {
            // Every number in a journal is one of the plan's.
            let address = plan.address_of(index).expect("a host of the plan");
            HostReport::blank(index, address)
        });
        noted.journal.decided
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
        if let Some(before) = self.known.host(host.index) {
            host.merge_earlier(before);
        }
        if host.is_cut_off() {
            self.sketches.keep(&host);
        } else {
            self.sketches.done(host.index);
        }
        self.untold.remove(&host.index);
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
            let mut decided = host.ports();
            if let Some(before) = self.known.host(index) {
                decided = decided.union(&before.ports());
            }
            let missing = self.plan.ports_of(index).minus(&decided);
            host.leave(&missing, why);
            self.done(host);
        }
        let plan = self.plan.clone();
        for (index, ports) in self.untold_hosts() {
            let Some(address) = plan.address_of(index) else {
                continue;
            };
            let missing = plan.ports_of(index).minus(&ports);
            self.done(Box::new(HostReport::untested(
                index, address, &missing, why,
            )));
        }
        let parts = self.tallies.iter().chain([&self.before]);
        let mut tally = Tally::of_scan(&self.plan, parts, why);
        tally.hosts = self.hosts + self.before.hosts;
        let earlier = self.known.spent();
        tally.outages = Outages::in_turn(earlier.outages, tally.outages);
        self.found.push_back(Finding::End(Account {
            tally,
            elapsed: self.crew.clock.elapsed() + earlier.elapsed.into(),
            loss: self.loss.and(earlier.loss),
            stopped: self.stopped,
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
    begin(plan, network, None)
}

/// The same, telling port by port what is decided ([`Finding::Decided`]), so that it can be kept; and going on where an earlier run
/// of the same plan stopped: what is known is neither asked nor told again, but is in the account and in the reports of its hosts.
///
/// # Errors
/// As [`start`].
pub fn start_kept(
    plan: Arc<Plan>,
    network: &Network,
    known: Known,
) -> Result<Running, EngineError> {
    begin(plan, network, Some(Arc::new(known)))
}

fn begin(
    plan: Arc<Plan>,
    network: &Network,
    known: Option<Arc<Known>>,
) -> Result<Running, EngineError> {
    check(network)?;
    let plan = match &network.scope {
        Some(scope) if !plan.is_within(scope) => Arc::new(Arc::unwrap_or_clone(plan).within(scope)),
        _ => plan,
    };
    let crew = Crew::start(&plan, network, known.as_ref())?;
    let known = known.unwrap_or_default();
    let threads = crew.threads;
    Ok(Running {
        outside: Outside::of(&plan),
        plan,
        crew,
        found: VecDeque::new(),
        greetings: Greetings::default(),
        partial: BTreeMap::new(),
        tallies: Vec::new(),
        loss: Loss::default(),
        hosts: 0,
        stopped: None,
        over: false,
        untold: known.hosts().map(|host| host.index).collect(),
        before: known.tally(),
        sketches: Sketches::of(known.hosts()),
        spent: vec![Spent::default(); threads],
        known,
    })
}

/// Looks whether the scope holds now, and tries the source and the interface on a socket that sends nothing.
///
/// # Errors
/// What [`start`] would fail for, but for the threads themselves.
pub fn check(network: &Network) -> Result<(), EngineError> {
    if let Some(scope) = &network.scope {
        let now = clock::unix_ms();
        if scope.is_early_at(now) {
            return Err(EngineError::Early);
        }
        if !scope.is_valid_at(now) {
            return Err(EngineError::Late);
        }
    }
    if network.source.is_none() && network.interface.is_none() {
        return Ok(());
    }
    let v6 = network.source.is_some_and(|s| s.is_ipv6());
    Probe::new(v6, network)
        .map(drop)
        .map_err(|error| EngineError::Network {
            address: network.source,
            interface: network.interface.clone(),
            error,
        })
}
