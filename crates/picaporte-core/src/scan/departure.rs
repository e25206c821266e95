//! Whether probes to a host leave this machine at all.
//!
//! To a neighbour whose link address is still being asked for (ARP, neighbour discovery), the
//! kernel keeps SYNs in a queue: they were not sent, their time has not begun, and if the
//! attempt is given up they leave later all the same, for nobody. So before the first deadline of
//! a host that has not answered, and before its window grows, the engine is asked.

use super::{Scan, Step};
use crate::flight::Slot;
use crate::time::{Duration, Instant};
use crate::timing;

/// How long to wait for a link address: Linux asks three times, 1 s apart, before it gives up
/// (`mcast_solicit`, `retrans_time_ms` of the neighbour tables), and then says so.
const NEIGHBOUR: Duration = Duration::from_secs(4);
/// How often to ask again.
const AGAIN: Duration = Duration::from_millis(50);

/// An active host of a part, for [`Step::Departs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostId {
    id: u32,
    generation: u32,
}

impl Scan {
    /// Answers [`Step::Departs`]: whether probes to this host leave, as far as the system tells.
    pub fn departs(&mut self, now: Instant, host: HostId, leaves: bool) {
        if self.hosts.generation(host.id) != host.generation || !self.hosts.is_active(host.id) {
            return;
        }
        let entry = self.hosts.at(host.id);
        if leaves {
            entry.departs = true;
            // What had waited leaves only now; its time begins.
            if entry.departed == Instant::NEVER {
                entry.departed = now;
            }
            self.enqueue(host.id);
        } else {
            entry.departed = Instant::NEVER;
            entry.ask_departure = now + AGAIN;
            self.wakes.set(host.id, now + AGAIN);
        }
    }

    /// Asks the engine, unless it was asked a moment ago. Says when there will be an answer.
    pub(super) fn ask_departure(&mut self, now: Instant, id: u32) -> Instant {
        let generation = self.hosts.generation(id);
        let host = self.hosts.at(id);
        if now < host.ask_departure {
            return host.ask_departure;
        }
        host.ask_departure = now + AGAIN;
        let address = host.share.address;
        let host = HostId { id, generation };
        self.departures.push_back(Step::Departs { host, address });
        now
    }

    /// Until when an attempt whose deadline has come must not be judged yet, if so.
    pub(super) fn not_yet_judged(&mut self, now: Instant, s: &Slot) -> Option<Instant> {
        let fixed = self.plan.settings().timeout;
        let scan_rtt = self.all_rtt();
        let host = self.hosts.at(s.host);
        if !host.departs {
            let waited = now.since(s.sent) >= NEIGHBOUR;
            return (!waited).then(|| self.ask_departure(now, s.host));
        }
        let left = host.departed.max(s.sent);
        if left == s.sent || left == Instant::NEVER {
            return None;
        }
        let timeout = fixed.unwrap_or_else(|| timing::timeout(&host.rtt, &scan_rtt));
        (left + timeout > now).then_some(left + timeout)
    }
}
