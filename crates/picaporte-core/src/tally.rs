//! Counts of a scan, each incremented by its own event and never by subtraction.

use crate::grade::Graded;
use crate::plan::Plan;
use crate::time::Duration;
use crate::verdict::{REASONS, Reason, State};

/// How many ports have each reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts([u64; REASONS]);

impl Default for Counts {
    fn default() -> Self {
        Self([0; REASONS])
    }
}

impl Counts {
    /// Counts one port.
    pub fn add(&mut self, reason: Reason) {
        self.0[reason as usize] += 1;
    }

    /// Counts `n` ports at once.
    pub fn add_many(&mut self, reason: Reason, n: u64) {
        self.0[reason as usize] += n;
    }

    /// Adds all of another's counts.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine += theirs;
        }
    }

    /// How many have this reason.
    pub fn of(&self, reason: Reason) -> u64 {
        self.0[reason as usize]
    }

    /// How many have this state.
    pub fn in_state(&self, state: State) -> u64 {
        self.of_state(state).map(|(_, n)| n).sum()
    }

    /// Those reasons that ports of this state have, as [`iter`](Self::iter).
    pub fn of_state(&self, state: State) -> impl Iterator<Item = (Reason, u64)> + '_ {
        self.iter()
            .filter(move |(reason, _)| reason.state() == state)
    }

    /// How many were tested: open, closed or filtered.
    pub fn tested(&self) -> u64 {
        self.iter()
            .filter(|(r, _)| r.state() != State::Untested)
            .map(|(_, n)| n)
            .sum()
    }

    /// Every reason that occurred, with its count, in the order of the contract.
    pub fn iter(&self) -> impl Iterator<Item = (Reason, u64)> + '_ {
        Reason::ALL
            .iter()
            .map(|&r| (r, self.of(r)))
            .filter(|&(_, n)| n > 0)
    }
}

/// A scan's account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Ports planned: arithmetic on the plan, before the first probe.
    pub planned: u64,
    /// Ports decided, by reason.
    pub counts: Counts,
    /// Open ports, by how far they can be believed.
    pub graded: Graded,
    /// Probes outside the plan.
    pub extra: u64,
    /// Attempts made; each is at least one SYN.
    pub attempts: u64,
    /// Hosts whose every port is decided.
    pub hosts: u64,
    /// Open ports that are expected to have been missed for want of an answer, in millionths.
    pub missed_millionths: u64,
    /// Whether nothing came back at times.
    pub outages: Option<Outages>,
}

/// Times in which nothing came back from anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outages {
    /// How many there were.
    pub times: u32,
    /// How long they lasted in all.
    pub silent: Duration,
    /// The slowest pace at which the scan went on, in attempts a second, where it had to go more slowly.
    pub per_second: Option<u32>,
}

impl Outages {
    /// The same, seen by two parts of a scan: at the same times, each with a pace of its own.
    pub(crate) fn merge(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        let paces = |a: Option<u32>, b| a.into_iter().chain(b).reduce(u32::saturating_add);
        a.into_iter().chain(b).reduce(|a, b| Self {
            times: a.times.max(b.times),
            silent: a.silent.max(b.silent),
            per_second: paces(a.per_second, b.per_second),
        })
    }

    /// The same of two runs, one after the other: each had its own times, and the slower pace is the slowest.
    pub fn in_turn(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        a.into_iter().chain(b).reduce(|a, b| Self {
            times: a.times.saturating_add(b.times),
            silent: a.silent + b.silent,
            per_second: a.per_second.into_iter().chain(b.per_second).min(),
        })
    }
}

impl Tally {
    /// The account of a whole scan from those of its parts: what they never opened, what lies outside
    /// the scope, and the names without an address, are untested. `why` is the reason for the first.
    ///
    /// What was opened is counted port by port; if a port of an opened block was lost on the way,
    /// this tally does not [balance](Self::balances).
    pub fn of_scan<'a>(
        plan: &Plan,
        parts: impl IntoIterator<Item = &'a Self>,
        why: Reason,
    ) -> Self {
        let mut whole = Self::default();
        for part in parts {
            whole.merge(part);
        }
        let unopened = plan.planned_addresses().saturating_sub(whole.planned);
        whole.counts.add_many(why, unopened);
        whole.counts.add_many(Reason::OutOfScope, plan.outside());
        for name in plan.unresolved() {
            whole
                .counts
                .add_many(Reason::Unresolved, name.ports.len().into());
        }
        whole.planned = plan.planned();
        whole
    }

    /// Whether every planned port is accounted for: planned = tested + untested.
    pub fn balances(&self) -> bool {
        self.planned == self.counts.tested() + self.counts.in_state(State::Untested)
    }

    /// Whether every planned port was tested. What the user chose to leave out
    /// (`host-silent`) does not count as missing.
    pub fn complete(&self) -> bool {
        self.planned == self.counts.tested() + self.counts.of(Reason::HostSilent)
    }

    /// Adds another part of the same scan.
    pub fn merge(&mut self, other: &Self) {
        self.planned += other.planned;
        self.counts.merge(&other.counts);
        self.graded.merge(&other.graded);
        self.extra += other.extra;
        self.attempts += other.attempts;
        self.hosts += other.hosts;
        self.missed_millionths += other.missed_millionths;
        self.outages = Outages::merge(self.outages, other.outages);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outages(times: u32, secs: u64, per_second: Option<u32>) -> Outages {
        let silent = Duration::from_secs(secs);
        Outages {
            times,
            silent,
            per_second,
        }
    }

    #[test]
    fn parts_see_the_same_outages_and_runs_their_own() {
        let [a, b, c] = [
            outages(2, 5, Some(40)),
            outages(1, 7, Some(60)),
            outages(1, 1, None),
        ]
        .map(Some);
        let together = Outages::merge(a, b);
        assert_eq!(together, Some(outages(2, 7, Some(100))));
        let in_turn = Outages::in_turn(a, b);
        assert_eq!(in_turn, Some(outages(3, 12, Some(40))));
        assert_eq!(Outages::in_turn(a, c), Some(outages(3, 6, Some(40))));
        assert_eq!(Outages::in_turn(None, b), b);
        assert_eq!(Outages::in_turn(a, None), a);
    }
}
