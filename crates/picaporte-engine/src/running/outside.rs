//! What lies outside the scope, as findings: no thread of the scan ever hears of it.

use std::collections::VecDeque;

use picaporte_core::cursor::BLOCK_HOSTS;
use picaporte_core::scan::HostReport;
use picaporte_core::{Plan, PortSet, Reason};

use super::Finding;

/// Hosts that lie outside with every port. They are told one by one if they are few; else they are in the account only, so
/// that a /8 of which little is in scope does not become 16 million findings.
#[derive(Debug)]
pub(super) struct Outside {
    next: u64,
    hosts: u64,
}

impl Outside {
    pub(super) fn of(plan: &Plan) -> Self {
        let hosts = plan.outside_hosts();
        Self {
            next: 0,
            hosts: if hosts <= BLOCK_HOSTS { hosts } else { 0 },
        }
    }

    /// The next host's number: those of hosts that are asked come before.
    pub(super) fn next_host(&mut self, plan: &Plan) -> Option<u64> {
        if self.next == self.hosts {
            return None;
        }
        self.next += 1;
        Some(plan.hosts() + self.next - 1)
    }

    /// Tells this host.
    pub(super) fn tell(plan: &Plan, index: u64, found: &mut VecDeque<Finding>) {
        let Some((address, ports)) = plan.outside_host(index - plan.hosts()) else {
            return;
        };
        let mut host = HostReport::blank(index, address);
        leave(plan, &mut host, ports, found);
        found.push_back(Finding::Host(Box::new(host)));
    }
}

/// Adds ports of a host that lie outside to what is known of it, and tells them where such ports are listed.
pub(super) fn leave(
    plan: &Plan,
    host: &mut HostReport,
    ports: &PortSet,
    found: &mut VecDeque<Finding>,
) {
    if ports.is_empty() {
        return;
    }
    host.leave(ports, Reason::OutOfScope);
    let verdicts = plan.outside_verdicts(host.index, host.address);
    found.extend(verdicts.map(Finding::Port));
}
