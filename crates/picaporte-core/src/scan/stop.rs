//! Stopping early: what is left becomes untested, port by port, and says why.

use super::{Report, Scan, Step};
use crate::time::Instant;
use crate::verdict::{Evidence, Reason, Verdict};

impl Scan {
    pub(super) fn begin_stop(&mut self, reason: Reason) {
        self.stopping = Some(reason);
        self.ring.clear();
        self.dismiss_witnesses();
        for slot in self.flight.all() {
            self.give_up(slot);
        }
    }

    /// Everything in flight has been given up; when the engine has answered for it all, the hosts
    /// are swept one by one.
    pub(super) fn wind_up(&mut self, now: Instant) -> Step {
        if self.flight.taken() > 0 {
            return Step::Wait(None);
        }
        let Some(id) = self.hosts.any() else {
            return self.end();
        };
        self.sweep_at(now, id);
        self.poll(now)
    }

    /// Nothing is left to do but to let the witnesses go.
    pub(super) fn end(&mut self) -> Step {
        self.tally.outages = self.path.outages();
        self.dismiss_witnesses();
        match self.next_abort() {
            Some(abort) => abort,
            None if self.flight.taken() > 0 => Step::Wait(None),
            None => Step::Done,
        }
    }

    /// One host gets nothing more; its attempts are given up.
    pub(super) fn stop_host(&mut self, id: u32, reason: Reason) {
        let host = self.hosts.at(id);
        if host.retired {
            self.dismiss(id);
            return;
        }
        if host.stop.is_some() {
            return;
        }
        host.stop = Some(reason);
        host.failing = None;
        if host.open == 0 {
            self.sweep(id);
            return;
        }
        self.give_up_all_of(id);
    }

    /// Everything in flight to a host is given up, but for open connections, which are closed in order.
    pub(super) fn give_up_all_of(&mut self, id: u32) {
        for slot in self.flight.of_host(id) {
            self.give_up(slot);
        }
    }

    /// Whatever is undecided of this host gets the reason for which it was stopped.
    pub(super) fn sweep(&mut self, id: u32) {
        self.sweep_at(self.harvested, id);
    }

    fn sweep_at(&mut self, now: Instant, id: u32) {
        let stopping = self.stopping;
        let host = self.hosts.at(id);
        let reason = host.stop.or(stopping).unwrap_or(Reason::Interrupted);
        let (share, undecided) = (host.share, host.undecided());
        let show = self.plan.settings().show.contains(reason.state());
        let evidence = Evidence {
            neighbour: reason == Reason::HostUnreach,
            ..Evidence::default()
        };
        for j in undecided {
            self.hosts.at(id).decide(j, reason);
            self.tally.counts.add(reason);
            let port = self.plan.lists[share.list as usize][share.rank(j) as usize];
            self.note_decided(share.index, port, reason);
            if show {
                self.reports.push_back(Report::Port(Verdict {
                    evidence,
                    ..Verdict::unasked(share.address, port, reason, now)
                }));
            }
        }
        self.finish(id);
    }
}
