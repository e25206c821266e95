//! Which hosts live: under [`Settings::discover`](crate::Settings) a few ports are asked first, and a host that gives no
//! sign of life is left. Without privileges there is no ping: a SYN-ACK, a RST, or an ICMP error from the host itself is the sign.

use super::settle::Answer;
use super::{Scan, Step};
use crate::flight::{Purpose, Slot};
use crate::hearing::Judgement;
use crate::time::Instant;
use crate::verdict::Reason;

/// How many of the ports are asked at once; the second half follows when the first was silent, so that one burst of loss does not
/// eat them all.
const AT_ONCE: usize = 4;

/// The most ports that are asked of a host.
const MOST: usize = u64::BITS as usize;

/// How far the search for life on one host is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Search {
    /// Which ports were asked so far: a bit for each, in the order of the settings.
    asked: u64,
    /// How many of them have no answer yet.
    open: u8,
}

impl Search {
    /// The place of the port that is asked next.
    fn next(self) -> usize {
        self.asked.trailing_ones() as usize
    }
}

impl Scan {
    /// The next port that is asked for a sign of life, if it is its time; the host must be searched.
    pub(super) fn search(&mut self, now: Instant, id: u32) -> Option<Step> {
        let ports = &self.plan.settings().discover;
        let host = self.hosts.at(id);
        let search = host.search.as_mut()?;
        let next = search.next();
        let waits = next.is_multiple_of(AT_ONCE) && search.open > 0;
        let port = *ports.get(next).filter(|_| next < MOST && !waits)?;
        search.asked |= 1 << next;
        search.open += 1;
        let mut slot = Slot::extra(Purpose::Search, id, port, 1, now);
        (slot.round, slot.serial) = self.path.asked(now);
        if self.path.wants_witness() {
            self.ask_witness(now);
        }
        let step = self.send(now, slot);
        self.enqueue(id);
        Some(step)
    }

    /// A port that was asked for a sign of life was answered, by whomever.
    pub(super) fn searched(&mut self, s: &Slot, answer: &Answer) {
        let host = self.hosts.at(s.host);
        let from_host = |from| from == Some(host.share.address);
        let sign =
            !answer.evidence.neighbour && answer.evidence.icmp.is_none_or(|i| from_host(i.from));
        if sign {
            host.alive = true;
            host.departs = true;
            host.search = None;
            self.enqueue(s.host);
        } else {
            self.search_in_vain(s);
        }
    }

    /// A port that was asked for a sign of life gave none. It is asked again if that says nothing.
    pub(super) fn search_silent(&mut self, now: Instant, s: &Slot) {
        if s.overdue && self.judge(now, s) == Judgement::Proven {
            self.search_in_vain(s);
        } else if self.stopping.is_none() && self.hosts.at(s.host).stop.is_none() {
            self.search_again(s);
            self.enqueue(s.host);
        }
    }

    /// One of its ports gave no sign of life. If all of them did not, the host is left.
    pub(super) fn search_in_vain(&mut self, s: &Slot) {
        let ports = self.plan.settings().discover.len().min(MOST);
        let host = self.hosts.at(s.host);
        let Some(search) = &mut host.search else {
            return;
        };
        search.open -= 1;
        if search.open > 0 {
            return;
        }
        if search.next() >= ports {
            host.search = None;
            self.stop_host(s.host, Reason::HostSilent);
        } else {
            self.enqueue(s.host);
        }
    }

    /// A port could not be asked: it is asked again.
    pub(super) fn search_again(&mut self, s: &Slot) {
        let ports = &self.plan.settings().discover;
        let place = ports.iter().position(|&port| port == s.wire);
        if let (Some(search), Some(place)) = (&mut self.hosts.at(s.host).search, place) {
            search.open -= 1;
            search.asked &= !(1 << place);
        }
    }
}
