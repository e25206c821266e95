//! The machine: handed time and outcomes, hands back what to do next.
//!
//! The protocol between the caller and a [`Scan`]:
//!
//! 1. Call [`Scan::poll`] until it gives [`Step::Wait`] or [`Step::Done`], and do what each step
//!    says. A [`Step::Connect`] that fails here and now is answered through [`Scan::handle`]
//!    before the next `poll`; without such an answer the attempt counts as sent.
//! 2. Gather whatever has become ready, answer each through [`Scan::handle`], and tell
//!    [`Scan::harvested`] up to which moment that was everything. Deadlines are judged only up to
//!    there: a caller that was stopped for a while does not turn answers into silence.
//! 3. Begin again, at the latest when the wait is over.
//!
//! Every attempt is answered exactly once, or twice if it was [`Outcome::Connected`]:
//! [`Outcome::Closed`] follows. A [`Step::Abort`] is answered by the attempt's last outcome, which
//! is whatever a final look at the socket finds.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::block::{HostShare, Part};
use crate::cursor::Cursor;
use crate::flight::{Flight, Phase};
use crate::grade::Graded;
use crate::host::Hosts;
use crate::known::{Journal, Known, Spent};
use crate::network::Networks;
use crate::outcome::{Icmp, Outcome, ProbeId};
use crate::plan::Plan;
use crate::port::PortSet;
use crate::rate::Rate;
use crate::tally::{Counts, Tally};
use crate::target::Address;
use crate::time::{Duration, Instant};
use crate::timing::{Loss, Measured, Rtt};
use crate::verdict::{Reason, Verdict};
use crate::wheel::Wheel;
use crate::wide::WideWindow;
use crate::window::{FIRST_WINDOW, Window};

pub(crate) mod canary;
mod control;
mod departure;
pub(crate) mod discover;
pub(crate) mod doubt;
mod journal;
mod launch;
mod learn;
mod path;
mod refused;
mod release;
mod settle;
mod stop;
#[cfg(test)]
mod tests;
mod trouble;
mod witness;

pub use departure::HostId;
use path::Path;
use trouble::Trouble;
use witness::Witnesses;

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Begin an attempt.
    Connect {
        /// How to name it in the answer.
        id: ProbeId,
        /// Where to.
        address: Address,
        /// Which port, never 0.
        port: u16,
    },
    /// Look once more whether an answer has come, and give the attempt up if not.
    Abort(ProbeId),
    /// Ask the system whether probes to this host leave, or wait for its link address; answered
    /// through [`Scan::departs`] at once.
    Departs {
        /// How to name it in the answer.
        host: HostId,
        /// Its address.
        address: Address,
    },
    /// Something was found out.
    Report(Report),
    /// Nothing to do until an outcome comes, or until this moment.
    Wait(Option<Instant>),
    /// Everything is decided, and nothing is in flight.
    Done,
}

/// Something found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// A handshake was made; its [`Verdict`] follows when the connection has been closed.
    Opened {
        /// The address.
        address: Address,
        /// The open port.
        port: u16,
    },
    /// A port is decided, and its state is among those to be shown.
    Port(Verdict),
    /// All that one part of the scan was to find out about a host.
    Host(Box<HostReport>),
}

/// What one part of a scan found out about a host; the parts of a host are disjoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostReport {
    /// The host's number in the plan.
    pub index: u64,
    /// Its address.
    pub address: Address,
    /// How many parts of the scan report on this host.
    pub parts: u32,
    /// Its ports, by reason.
    pub counts: Counts,
    /// Its open ports, by how far they can be believed.
    pub graded: Graded,
    /// It answers on ports where nothing plausible listens: its open ports say nothing.
    pub answers_everything: bool,
    /// Its open ports.
    pub open: PortSet,
    /// Its closed ports.
    pub closed: PortSet,
    /// Its filtered ports.
    pub filtered: PortSet,
    /// Its untested ports.
    pub untested: PortSet,
    /// Those of its filtered ports for which an ICMP error came.
    pub rejected: PortSet,
    /// How many of them were among the host's first [`FIRST`](crate::policy::FIRST) attempts.
    pub first_rejected: u32,
    /// Which ICMP errors came for how many of its ports, and from where; at most [`MAX_REJECTS`].
    pub rejects: Vec<(Icmp, u32)>,
    /// Set if it fell silent and was asked more slowly from then on.
    pub slowed: Option<Slowed>,
}

/// The most kinds of ICMP errors that are counted for one host.
pub const MAX_REJECTS: usize = 16;

/// A host that fell silent for a while, as one that limits its answers does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slowed {
    /// How often it fell silent.
    pub times: u32,
    /// The slowest pace at which it was asked since, in attempts a second, the parts of the scan together.
    pub per_second: u32,
}

impl HostReport {
    /// A host of which nothing is known.
    pub fn blank(index: u64, address: Address) -> Self {
        Self {
            index,
            address,
            parts: 1,
            counts: Counts::default(),
            graded: Graded::default(),
            answers_everything: false,
            open: PortSet::default(),
            closed: PortSet::default(),
            filtered: PortSet::default(),
            untested: PortSet::default(),
            rejected: PortSet::default(),
            first_rejected: 0,
            rejects: Vec::new(),
            slowed: None,
        }
    }

    /// A host of which nothing was asked, for this reason.
    pub fn untested(index: u64, address: Address, ports: &PortSet, reason: Reason) -> Self {
        let mut report = Self::blank(index, address);
        report.leave(ports, reason);
        report
    }

    /// Adds ports of which nothing was asked, for this reason.
    pub fn leave(&mut self, ports: &PortSet, reason: Reason) {
        self.counts.add_many(reason, ports.len().into());
        self.untested = self.untested.union(ports);
    }

    /// Adds another part of the same host, of the same run.
    pub fn merge(&mut self, other: &Self) {
        self.add(other);
        let slowed = self.slowed.into_iter().chain(other.slowed);
        self.slowed = slowed.reduce(|a, b| Slowed {
            times: a.times.max(b.times),
            per_second: a.per_second.saturating_add(b.per_second),
        });
    }

    /// Adds what an earlier run knew of the same host: its paces were not at the same time.
    pub fn merge_earlier(&mut self, earlier: &Self) {
        self.add(earlier);
        let slowed = self.slowed.into_iter().chain(earlier.slowed);
        self.slowed = slowed.reduce(|a, b| Slowed {
            times: a.times.saturating_add(b.times),
            per_second: a.per_second.min(b.per_second),
        });
    }

    /// Everything of another part, but how it was slowed down for.
    fn add(&mut self, other: &Self) {
        self.counts.merge(&other.counts);
        self.graded.merge(&other.graded);
        self.answers_everything |= other.answers_everything;
        self.open = self.open.union(&other.open);
        self.closed = self.closed.union(&other.closed);
        self.filtered = self.filtered.union(&other.filtered);
        self.untested = self.untested.union(&other.untested);
        self.rejected = self.rejected.union(&other.rejected);
        self.first_rejected += other.first_rejected;
        for &(icmp, ports) in &other.rejects {
            count_reject(&mut self.rejects, icmp, ports);
        }
    }
}

/// Counts ports for which this ICMP error came, if there is room for one more kind.
pub(crate) fn count_reject(rejects: &mut Vec<(Icmp, u32)>, icmp: Icmp, ports: u32) {
    if let Some(known) = rejects.iter_mut().find(|(seen, _)| *seen == icmp) {
        known.1 += ports;
    } else if rejects.len() < MAX_REJECTS {
        rejects.push((icmp, ports));
    }
}

/// What the parts of a scan tell each other, about every 10 ms.
#[derive(Clone, Debug)]
pub struct Shared {
    /// The round trips it saw.
    pub rtt: Rtt,
    /// The loss it saw.
    pub loss: Loss,
    /// Its window.
    pub window: Window,
    /// How many blocks it has finished from the first on, none left out.
    pub finished_blocks: u64,
    /// When a probe last left, if one did.
    pub last_sent: Option<Instant>,
    /// Hosts that answered it since it last told, at most 64.
    pub hosts: Vec<HostNews>,
}

/// What one part knows of a host that other parts ask too.
#[derive(Clone, Copy, Debug)]
pub struct HostNews {
    /// The host's number in the plan.
    pub index: u64,
    /// Its round trips.
    pub rtt: Rtt,
    /// Its window.
    pub window: Window,
    /// A port that answered with a RST, and one that answered with a SYN-ACK, where there are any.
    pub answers: [Option<u16>; 2],
}

/// What the system can do, told by whoever acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct System {
    /// How many SYNs an attempt that is held up to `held` can send, and when the second goes.
    pub first_retransmit: Duration,
    /// At most this many open attempts in this part, for want of descriptors.
    pub descriptors: u32,
}

impl Default for System {
    /// Linux and every other system that keeps RFC 6298's first timeout of 1 s.
    fn default() -> Self {
        Self {
            first_retransmit: Duration::from_secs(1),
            descriptors: u32::MAX,
        }
    }
}

/// One part of a scan, for one thread.
#[derive(Clone, Debug)]
pub struct Scan {
    plan: Arc<Plan>,
    part: Part,
    system: System,
    cursor: Cursor,
    hosts: Hosts,
    /// Hosts that may have something to send, in turn, with their generation.
    ring: VecDeque<(u32, u32)>,
    /// Hosts that are due a control, in turn, with their generation.
    controls: VecDeque<(u32, u32)>,
    networks: Networks,
    path: Path,
    witnesses: Witnesses,
    /// When sleeping hosts wake.
    wakes: Wheel,
    /// When hosts run out of their time.
    expiries: Wheel,
    flight: Flight,
    cap: u32,
    window: WideWindow,
    rtt: Rtt,
    loss: Measured,
    others: Vec<Shared>,
    /// Active hosts that other parts ask too, by their number in the plan.
    by_index: BTreeMap<u64, u32>,
    /// Those among them that answered since the others were told.
    news: Vec<u32>,
    rate: Option<Rate>,
    trouble: Trouble,
    /// Unfinished hosts of opened blocks, by position of the block.
    open_blocks: VecDeque<(u64, u64)>,
    aborts: VecDeque<ProbeId>,
    departures: VecDeque<Step>,
    reports: VecDeque<Report>,
    harvested: Instant,
    /// The attempt handed out last, until it is known to have left.
    launched: Option<(u32, Instant)>,
    stopping: Option<Reason>,
    tally: Tally,
    /// What an earlier run decided.
    known: Arc<Known>,
    /// What was decided since it was asked for; `None` if nobody asks.
    journal: Option<Journal>,
}

impl Scan {
    /// A scan of one part of a plan.
    pub fn new(plan: Arc<Plan>, part: Part, system: System) -> Self {
        let settings = plan.settings();
        let cap = part
            .of_cap(settings.pace.max_inflight)
            .min(system.descriptors)
            .max(1);
        let syns = syns(settings.timeout.unwrap_or(Duration::ZERO), system);
        let rate = settings.pace.rate.map(|r| Rate::new(part.of_cap(r), syns));
        Self {
            cursor: Cursor::new(&plan),
            hosts: Hosts::default(),
            ring: VecDeque::new(),
            controls: VecDeque::new(),
            networks: Networks::default(),
            path: Path::default(),
            witnesses: Witnesses::default(),
            wakes: Wheel::default(),
            expiries: Wheel::default(),
            flight: Flight::default(),
            cap,
            window: WideWindow::new(part.of_cap(FIRST_WINDOW).max(1), cap),
            rtt: Rtt::default(),
            loss: Measured::default(),
            others: Vec::new(),
            by_index: BTreeMap::new(),
            news: Vec::new(),
            rate,
            trouble: Trouble::default(),
            open_blocks: VecDeque::new(),
            aborts: VecDeque::new(),
            departures: VecDeque::new(),
            reports: VecDeque::new(),
            harvested: Instant::ZERO,
            launched: None,
            stopping: None,
            tally: Tally::default(),
            known: Arc::default(),
            journal: None,
            plan,
            part,
            system,
        }
    }

    /// The same scan, keeping a [journal](Self::take_journal), and going on where an earlier one of the same plan stopped: what
    /// is known is neither planned nor asked nor reported again.
    #[must_use]
    pub fn kept(mut self, known: Arc<Known>) -> Self {
        self.known = known;
        self.journal = Some(Journal::default());
        self
    }

    /// What to do next. See the protocol above.
    pub fn poll(&mut self, now: Instant) -> Step {
        if let Some(report) = self.reports.pop_front() {
            return Step::Report(report);
        }
        self.confirm_launch();
        self.judge_deadlines();
        if let Some(abort) = self.next_abort() {
            return abort;
        }
        if let Some(step) = self.departures.pop_front() {
            return step;
        }
        if self.stopping.is_some() {
            return self.wind_up(now);
        }
        if let Some(step) = self.launch(now) {
            return step;
        }
        if let Some(abort) = self.next_abort() {
            return abort;
        }
        if let Some(step) = self.departures.pop_front() {
            return step;
        }
        if let Some(report) = self.reports.pop_front() {
            return Step::Report(report);
        }
        if self.hosts.active() == 0 && self.cursor.position() == self.cursor.blocks() {
            return self.end();
        }
        self.end_waits(now)
    }

    /// The next attempt to be given up that still is to be: an answer may have come since that was decided, and an open connection is closed
    /// in order.
    fn next_abort(&mut self) -> Option<Step> {
        while let Some(id) = self.aborts.pop_front() {
            if (self.flight.get(id)).is_some_and(|s| s.phase == Phase::Aborting) {
                return Some(Step::Abort(id));
            }
        }
        None
    }

    /// Everything that had become ready up to this moment has been handed to
    /// [`handle`](Self::handle): deadlines up to it may be judged.
    pub fn harvested(&mut self, upto: Instant) {
        self.harvested = self.harvested.max(upto);
    }

    /// Takes the answer to an attempt. An answer to a slot's earlier generation is ignored.
    pub fn handle(&mut self, now: Instant, id: ProbeId, outcome: Outcome) {
        self.settle(now, id, outcome);
    }

    /// An interface of this machine went down, or lost an address: what was in flight may have
    /// been lost here, so that its silence proves nothing, and it is asked again.
    pub fn path_changed(&mut self, now: Instant) {
        self.trouble.route_lost = Some(now);
    }

    /// A table of this machine that every probe takes a place in is nearly full: nothing is sent for a moment. To be told again
    /// as long as it is so, at least every 200 ms; after 30 s without one probe sent, what is left is untested, `local-limit`.
    pub fn crowded(&mut self, now: Instant) {
        self.trouble.crowded(now);
    }

    /// Stops sending; what is left is untested for this reason. Answers that are already there
    /// still count.
    pub fn stop(&mut self, reason: Reason) {
        if self.stopping.is_none() {
            self.begin_stop(reason);
        }
    }

    /// Why it was stopped early, if it was.
    pub fn stopped(&self) -> Option<Reason> {
        self.stopping
    }

    /// What this part tells the others.
    pub fn share(&mut self) -> Shared {
        let mut hosts = Vec::with_capacity(self.news.len());
        for id in std::mem::take(&mut self.news) {
            let host = self.hosts.at(id);
            host.in_news = false;
            hosts.push(HostNews {
                index: host.share.index,
                rtt: host.rtt,
                window: host.window,
                answers: host.hearing.examples(),
            });
        }
        Shared {
            hosts,
            rtt: self.rtt,
            loss: self.loss.known(self.harvested),
            window: self.window.free(),
            finished_blocks: self.finished_blocks(),
            last_sent: self.trouble.last_sent,
        }
    }

    /// What the other parts told.
    pub fn learn(&mut self, others: &[Shared]) {
        for other in others {
            self.window.join(&other.window);
            self.trouble.last_sent = self.trouble.last_sent.max(other.last_sent);
            for news in &other.hosts {
                self.learn_of_host(news);
            }
        }
        self.others.clear();
        self.others.extend_from_slice(others);
    }

    /// The account of this part so far; `planned` counts the ports of blocks that were opened.
    /// [`Tally::of_scan`] joins the parts.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Open attempts now, whatever they do.
    pub fn inflight(&self) -> u32 {
        self.flight.taken()
    }

    /// SYNs sent to ports that answered in the end, and how many of them were lost.
    pub fn loss(&self) -> Loss {
        self.loss.all()
    }

    /// Every report that is there; after it the [journal](Self::take_journal) holds what was reported, and no more.
    pub fn drain_reports(&mut self) -> impl Iterator<Item = Report> + '_ {
        self.reports.drain(..)
    }

    /// How many ports were decided since [`take_journal`](Self::take_journal) was called last; `None` if the scan is not kept.
    pub fn noted(&self) -> Option<usize> {
        self.journal.as_ref().map(|journal| journal.decided.len())
    }

    /// What was decided since this was called last, by a scan that is [kept](Self::kept). What is in flight or rests is not in it,
    /// nor is an open port whose verdict is still to be told: whoever goes on asks them again.
    pub fn take_journal(&mut self) -> Journal {
        self.journal
            .as_mut()
            .map_or_else(Journal::default, std::mem::take)
    }

    /// What this part spent and saw so far; how long it took is for its caller to say.
    pub fn spent(&self) -> Spent {
        Spent {
            attempts: self.tally.attempts,
            extra: self.tally.extra,
            missed_millionths: self.tally.missed_millionths,
            loss: self.loss.all(),
            outages: self.path.outages(),
            elapsed: Duration::ZERO,
        }
    }

    fn learn_of_host(&mut self, news: &HostNews) {
        if let Some(&id) = self.by_index.get(&news.index) {
            let host = self.hosts.at(id);
            host.alive = true;
            host.departs = true;
            host.rtt = host.rtt.or(news.rtt);
            host.window.join(&news.window);
            if host.hearing.hear_of(self.harvested, news.answers) {
                self.is_known(id);
            }
            self.enqueue(id);
        }
    }

    fn finished_blocks(&self) -> u64 {
        self.open_blocks
            .front()
            .map_or(self.cursor.position(), |b| b.0)
    }

    fn all_rtt(&self) -> Rtt {
        self.others
            .iter()
            .fold(self.rtt, |rtt, other| rtt.longer(other.rtt))
    }

    /// Moves every attempt whose deadline has come, and wakes hosts.
    fn judge_deadlines(&mut self) {
        let now = self.harvested;
        while let Some(slot) = self.flight.due(now) {
            match self.flight.at(slot).phase {
                Phase::Asking => self.deadline(now, slot),
                Phase::Held => self.give_up(slot),
                _ => {}
            }
        }
        while let Some(host) = self.wakes.pop(now) {
            self.enqueue(host);
            self.queue_control(now, host);
        }
        while let Some(host) = self.expiries.pop(now) {
            self.stop_host(host, Reason::TimeLimit);
        }
        if let Some(limit) = self.plan.settings().max_time
            && now >= Instant::ZERO + limit
        {
            self.stop(Reason::TimeLimit);
        }
    }
}

/// How many SYNs one silent attempt can cause, the system's retransmissions included.
fn syns(timeout: Duration, system: System) -> u32 {
    1 + (timeout.as_nanos() / system.first_retransmit.as_nanos().max(1)) as u32
}

/// A part's share of a cap per host; the whole cap where the host is its own.
fn host_share(cap: u32, part: Part, host: &HostShare) -> u32 {
    if host.parts == 1 {
        cap
    } else {
        part.of_cap(cap)
    }
    .max(1)
}
