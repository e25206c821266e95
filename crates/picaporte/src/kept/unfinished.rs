//! What can be said of a scan that has not ended, or was killed: every port that was decided counts, and every other one is
//! untested.

use std::collections::BTreeSet;
use std::time::Duration;

use picaporte_core::scan::HostReport;
use picaporte_core::tally::Tally;
use picaporte_core::{Plan, Reason, State};
use picaporte_engine::Account;
use picaporte_store::PendingHost;

use super::progress::Beside;

/// The hosts that were told, and their sums.
#[derive(Debug, Default)]
pub(super) struct Unfinished {
    told: BTreeSet<u64>,
    tally: Tally,
}

impl Unfinished {
    pub(super) fn add(&mut self, host: &HostReport) {
        if self.told.insert(host.index) {
            self.tally.hosts += 1;
            self.tally.counts.merge(&host.counts);
            self.tally.graded.merge(&host.graded);
        }
    }

    /// The report of a host of which some ports were decided; `None` if it was told, or is not in the plan.
    pub(super) fn report(
        &mut self,
        plan: &Plan,
        pending: &PendingHost,
        beside: &Beside,
    ) -> Option<HostReport> {
        if self.told.contains(&pending.host) {
            return None;
        }
        let address = plan.address_of(pending.host)?;
        let mut left = plan.ports_of(pending.host);
        let mut known = Vec::new();
        for (reason, ports) in &pending.ports {
            // What was not planned, or is said twice, counts for nothing: the bytes may have been altered.
            let ports = ports.minus(&ports.minus(&left));
            left = left.minus(&ports);
            known.push((*reason, ports));
        }
        let mut host = beside.host(pending.host, address, &known);
        host.leave(&left, Reason::Interrupted);
        host.leave(&plan.outside_ports_of(pending.host), Reason::OutOfScope);
        self.add(&host);
        Some(host)
    }

    /// All of the plan: what was not told is untested. What was spent is what was kept last; before anything was, it `took` what
    /// the calendar says.
    pub(super) fn account(mut self, plan: &Plan, beside: &Beside, took: Duration) -> Account {
        let (tally, spent) = (&mut self.tally, beside.spent);
        tally.attempts = spent.attempts;
        tally.extra = spent.extra;
        tally.missed_millionths = spent.missed_millionths;
        tally.outages = spent.outages;
        tally.planned = plan.planned();
        let counts = &mut tally.counts;
        let outside = plan.outside().saturating_sub(counts.of(Reason::OutOfScope));
        counts.add_many(Reason::OutOfScope, outside);
        let unresolved = plan.unresolved().iter().map(|u| u64::from(u.ports.len()));
        counts.add_many(Reason::Unresolved, unresolved.sum());
        let told = counts.tested() + counts.in_state(State::Untested);
        counts.add_many(Reason::Interrupted, tally.planned.saturating_sub(told));
        Account {
            interrupted: true,
            stopped: Some(Reason::Interrupted),
            elapsed: if spent.elapsed == picaporte_core::Duration::ZERO {
                took
            } else {
                spent.elapsed.into()
            },
            loss: spent.loss,
            failed_threads: 0,
            tally: self.tally,
        }
    }
}
