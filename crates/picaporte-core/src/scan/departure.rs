//! Whether probes to a host leave this machine at all.
//!
//! To a neighbour whose link address is still being asked for (ARP, neighbour discovery), the
//! kernel keeps SYNs in a queue: they were not sent, their time has not begun, and if the
//! attempt is given up they leave later all the same, for nobody. So before the first deadline of
//! a host that has not answered, and before its window grows, the engine is asked.

use super::{Scan, Step};
use crate::flight::Slot;
use crate::outcome::Departure;
use crate::time::{Duration, Instant};
use crate::verdict::Reason;

/// How long to wait for a link address: Linux asks three times, 1 s apart, before it gives up
/// (`mcast_solicit`, `retrans_time_ms` of the neighbour tables), and then says so.
const NEIGHBOUR: Duration = Duration::from_secs(4);
/// So many attempts may be under way to a host before it is known that they leave: a subnet of absent hosts must not fill the
/// windows with SYNs that wait.
pub(super) const STRANGER_ASKS: u32 = 2;
/// A host whose link address was asked for in vain so often is not there, whichever port is meant.
const ASKED_IN_VAIN: u8 = 2;
/// How often to ask again.
const AGAIN: Duration = Duration::from_millis(50);

/// An active host of a part, for [`Step::Departs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostId {
    id: u32,
    generation: u32,
}

impl Scan {
    /// Answers [`Step::Departs`].
    pub fn departs(&mut self, now: Instant, host: HostId, departure: Departure) {
        let HostId { id, generation } = host;
        if self.hosts.generation(id) != generation || !self.hosts.is_active(id) {
            return;
        }
        let waited = self.hosts.at(id).departed == Instant::NEVER;
        match departure {
            Departure::Waits => {
                let entry = self.hosts.at(id);
                entry.departed = Instant::NEVER;
                entry.ask_departure = now + AGAIN;
                self.wakes.set(id, now + AGAIN);
            }
            Departure::NoNeighbour => self.no_neighbour(now, id),
            // A neighbour that was asked for, and is no longer known, was not found.
            Departure::Unknown if waited => self.no_neighbour(now, id),
            Departure::Leaves | Departure::Unknown => {
                let entry = self.hosts.at(id);
                entry.departs = true;
                // What had waited leaves only now; its time begins.
                if waited {
                    entry.departed = now;
                }
                self.enqueue(id);
            }
        }
    }

    /// The host's link address was asked for in vain: none of its attempts has left. The kernel
    /// says so to each socket only as far as its own limit on ICMP errors allows
    /// (`icmp_msgs_per_sec`), so that one word of it must do for all.
    pub(super) fn no_neighbour(&mut self, now: Instant, id: u32) {
        let host = self.hosts.at(id);
        if host.alive || host.asking == 0 {
            return;
        }
        host.missing = Some(now);
        host.missed += 1;
        let searched = host.search.is_some();
        let absent = searched || host.missed >= ASKED_IN_VAIN;
        host.departed = Instant::ZERO;
        host.ask_departure = now + AGAIN;
        self.give_up_all_of(id);
        if absent {
            let reason = if searched {
                Reason::HostSilent
            } else {
                Reason::HostUnreach
            };
            self.stop_host(id, reason);
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

    /// Whether an attempt waited for a link address longer than the kernel asks for one. It may be
    /// asking once more: a SYN that the system sends again makes it begin anew.
    pub(super) fn waited_in_vain(&mut self, now: Instant, s: &Slot) -> bool {
        let host = self.hosts.at(s.host);
        !host.departs && host.departed == Instant::NEVER && now.since(s.sent) >= NEIGHBOUR
    }

    /// Until when an attempt whose deadline has come must not be judged yet, if so.
    pub(super) fn not_yet_judged(&mut self, now: Instant, s: &Slot) -> Option<Instant> {
        let timeout = self.timeout_of(s.host);
        let host = self.hosts.at(s.host);
        if !host.departs {
            let waited = now.since(s.sent) >= NEIGHBOUR;
            return (!waited).then(|| self.ask_departure(now, s.host));
        }
        let left = host.departed.max(s.sent);
        if left == s.sent || left == Instant::NEVER {
            return None;
        }
        (left + timeout > now).then_some(left + timeout)
    }
}
