//! What was decided: told port by port while a scan goes on, so that it can be kept, and handed to the scan that goes on with
//! it. Which threads there were, and how far each had come, plays no part: what is not known to be decided is asked.

use std::collections::BTreeMap;

use crate::grade::{Grade, Suspicion};
use crate::outcome::Icmp;
use crate::plan::Plan;
use crate::port::PortSet;
use crate::scan::{HostReport, count_reject};
use crate::tally::{Outages, Tally};
use crate::time::Duration;
use crate::timing::Loss;
use crate::verdict::{Reason, State};

/// A port that was decided, and told where its state is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decided {
    /// The host's number in the plan.
    pub host: u64,
    /// Why the port has its state; never one that [is asked again](Reason::is_resumable).
    pub reason: Reason,
    /// The port, never 0.
    pub port: u16,
}

/// What was decided since it was asked for last, by one part of a scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Journal {
    /// Ports that were decided, and whose verdict was told where it is listed.
    pub decided: Vec<Decided>,
    /// How far the open ones among them can be believed, by their host's number.
    pub graded: Vec<(u64, Grade)>,
    /// Those among them for which an ICMP error came.
    pub rejected: Vec<Rejected>,
}

/// An ICMP error that decided a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The host's number in the plan.
    pub host: u64,
    /// The port was among the host's first [`FIRST`](crate::policy::FIRST) attempts.
    pub first: bool,
    /// The error, where the system told it.
    pub icmp: Option<Icmp>,
}

/// What a scan has spent and seen beside its ports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Attempts made.
    pub attempts: u64,
    /// Those outside the plan.
    pub extra: u64,
    /// Open ports that are expected to have been missed, in millionths.
    pub missed_millionths: u64,
    /// The loss that was seen.
    pub loss: Loss,
    /// Whether nothing came back at times.
    pub outages: Option<Outages>,
    /// How long it took.
    pub elapsed: Duration,
}

impl Spent {
    /// Adds what another part of the same run spent.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            attempts: self.attempts + other.attempts,
            extra: self.extra + other.extra,
            missed_millionths: self.missed_millionths + other.missed_millionths,
            loss: self.loss.and(other.loss),
            outages: Outages::merge(self.outages, other.outages),
            elapsed: self.elapsed + other.elapsed,
        }
    }

    /// Adds what a later run spent.
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        Self {
            outages: Outages::in_turn(self.outages, later.outages),
            ..self.and(later)
        }
    }
}

/// What is known of a host that is not done, beside its ports: a report with neither sets nor counts.
pub type Sketch = HostReport;

/// What is known of hosts that are not done, beside their ports, by their number in the plan.
#[derive(Clone, Debug, Default)]
pub struct Sketches(BTreeMap<u64, Sketch>);

impl Sketches {
    /// What is known of hosts already; their ports and counts are let go.
    pub fn of<'a>(hosts: impl IntoIterator<Item = &'a HostReport>) -> Self {
        let mut sketches = Self::default();
        hosts.into_iter().for_each(|host| sketches.keep(host));
        sketches
    }

    /// What is known of one more host.
    pub fn keep(&mut self, host: &HostReport) {
        let sketch = host.sketch();
        if sketch != Sketch::blank(sketch.index, sketch.address) {
            self.0.insert(sketch.index, sketch);
        }
    }

    /// Takes in what was decided; `host` makes a host without anything known of it.
    pub fn add(&mut self, journal: &Journal, host: impl Fn(u64) -> Sketch) {
        for &(index, grade) in &journal.graded {
            let sketch = self.0.entry(index).or_insert_with(|| host(index));
            sketch.graded.add(Some(grade));
            sketch.answers_everything |= grade == Grade::Suspect(Suspicion::AnswersEverything);
        }
        for rejected in &journal.rejected {
            let index = rejected.host;
            let sketch = self.0.entry(index).or_insert_with(|| host(index));
            sketch.first_rejected += u32::from(rejected.first);
            if let Some(icmp) = rejected.icmp {
                count_reject(&mut sketch.rejects, icmp, 1);
            }
        }
    }

    /// A host is done: its report holds all of it.
    pub fn done(&mut self, index: u64) {
        self.0.remove(&index);
    }

    /// All of them, by number.
    pub fn iter(&self) -> impl Iterator<Item = &Sketch> {
        self.0.values()
    }
}

/// Where an earlier run of the same plan stopped.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Hosts that are done: first and last number, ascending, apart from each other.
    done: Vec<(u64, u64)>,
    /// How the ports of those are, and how many hosts those are.
    of_done: Tally,
    /// Hosts that are not done, with what is known of their ports.
    hosts: BTreeMap<u64, HostReport>,
    spent: Spent,
    /// From the scan's beginning to that of the run that goes on with it, by the calendar.
    since_start: Duration,
}

impl Known {
    /// Which hosts are done, as first and last numbers in any order, and what was spent.
    pub fn new(mut done: Vec<(u64, u64)>, spent: Spent) -> Self {
        done.retain(|(first, last)| first <= last);
        done.sort_unstable();
        let mut joined: Vec<(u64, u64)> = Vec::with_capacity(done.len());
        for (first, last) in done {
            match joined.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => {
                    before.1 = before.1.max(last);
                }
                _ => joined.push((first, last)),
            }
        }
        Self {
            done: joined,
            spent,
            ..Self::default()
        }
    }

    /// The report of a host that is done: it is counted, not kept. What the plan itself counts as outside the scope is left out.
    pub fn count_done(&mut self, host: &HostReport, plan: &Plan) {
        self.of_done.hosts += 1;
        self.of_done.graded.merge(&host.graded);
        if host.index >= plan.hosts() {
            return;
        }
        let outside = u64::from(plan.outside_ports_of(host.index).len());
        for (reason, n) in host.counts.iter() {
            let planned_apart = if reason == Reason::OutOfScope {
                outside
            } else {
                0
            };
            let asked = n.saturating_sub(planned_apart);
            self.of_done.counts.add_many(reason, asked);
        }
    }

    /// What is known of a host that is not done. A host that is done is left out.
    pub fn add_host(&mut self, host: HostReport) {
        if !self.is_done(host.index) {
            self.hosts.insert(host.index, host);
        }
    }

    /// The run that goes on begins now, so long after the scan, by the calendar.
    #[must_use]
    pub fn begun(self, since_start: Duration) -> Self {
        Self {
            since_start,
            ..self
        }
    }

    /// Whether every port of this host is decided.
    pub fn is_done(&self, index: u64) -> bool {
        let after = self.done.partition_point(|&(first, _)| first <= index);
        after > 0 && index <= self.done[after - 1].1
    }

    /// What is known of this host, if it is not done.
    pub fn host(&self, index: u64) -> Option<&HostReport> {
        self.hosts.get(&index)
    }

    /// All that is known of hosts that are not done.
    pub fn hosts(&self) -> impl Iterator<Item = &HostReport> {
        self.hosts.values()
    }

    /// What was spent before.
    pub fn spent(&self) -> Spent {
        self.spent
    }

    /// How long before this run the scan began, by the calendar.
    pub fn since_start(&self) -> Duration {
        self.since_start
    }

    /// The account of all that is known, as of one more part of the scan; but for outages, which parts see together, and runs
    /// in turn ([`Outages::in_turn`]).
    pub fn tally(&self) -> Tally {
        let mut tally = self.of_done.clone();
        for host in self.hosts.values() {
            tally.counts.merge(&host.counts);
            tally.graded.merge(&host.graded);
        }
        tally.planned = tally.counts.tested() + tally.counts.in_state(State::Untested);
        tally.attempts = self.spent.attempts;
        tally.extra = self.spent.extra;
        tally.missed_millionths = self.spent.missed_millionths;
        tally
    }
}

impl HostReport {
    /// What is known of a host by the reasons of its ports, and by what was sketched of it.
    pub fn restored(sketch: &Sketch, ports: &[(Reason, PortSet)]) -> Self {
        let mut host = sketch.sketch();
        let told = |reason| {
            (sketch.rejects.iter()).any(|(icmp, _)| crate::verdict::icmp_reason(icmp) == reason)
        };
        for (reason, set) in ports {
            host.counts.add_many(*reason, set.len().into());
            let of_state = match reason.state() {
                State::Open => &mut host.open,
                State::Closed => &mut host.closed,
                State::Filtered => &mut host.filtered,
                State::Untested => &mut host.untested,
            };
            *of_state = of_state.union(set);
            // An address without a neighbour is host-unreach too, and nobody rejected anything.
            let silent = *reason == Reason::NoResponse
                || *reason == Reason::HostUnreach && !told(Reason::HostUnreach);
            if reason.state() == State::Filtered && !silent {
                host.rejected = host.rejected.union(set);
            }
        }
        host
    }

    /// Every port of which something is known.
    pub fn ports(&self) -> PortSet {
        let decided = self.open.union(&self.closed).union(&self.filtered);
        decided.union(&self.untested)
    }

    fn sketch(&self) -> Sketch {
        Self {
            graded: self.graded,
            answers_everything: self.answers_everything,
            first_rejected: self.first_rejected,
            rejects: self.rejects.clone(),
            slowed: self.slowed,
            ..Self::blank(self.index, self.address)
        }
    }

    /// Whether some of its ports are asked again by whoever goes on with the scan.
    pub fn is_cut_off(&self) -> bool {
        let mut reasons = self.counts.iter();
        reasons.any(|(reason, _)| reason.is_resumable())
    }
}
