//! What comes free: slots, room in windows, and hosts that are done.

use super::{Report, Scan};
use crate::flight::{Phase, Purpose, Slot};

impl Scan {
    pub(super) fn release(&mut self, slot: u32) {
        let s = *self.flight.at(slot);
        self.leave_phase(&s);
        let host = self.hosts.at(s.host);
        host.open -= 1;
        if matches!(s.purpose, Purpose::Control(_)) {
            host.controls.retain(|&other| other != slot);
        }
        self.flight.release(slot);
    }

    pub(super) fn leave_phase(&mut self, s: &Slot) {
        match s.phase {
            Phase::Asking => self.asked_no_more(s.host),
            Phase::Held => self.hosts.at(s.host).held -= 1,
            _ => {}
        }
    }

    /// An attempt at this host no longer waits for an answer: there is room for another one, also in its network.
    pub(super) fn asked_no_more(&mut self, id: u32) {
        let host = self.hosts.at(id);
        host.asking -= 1;
        let network = host.network;
        for _ in 0..self.networks.at(network).frees() {
            self.next_of_network(network);
        }
    }

    /// A slot of this host came free: it goes on, or is done.
    pub(super) fn after(&mut self, id: u32) {
        if !self.hosts.is_active(id) {
            return;
        }
        let host = self.hosts.at(id);
        if host.retired {
            if host.stop.is_some() && host.open == 0 {
                self.forget_host(id);
            }
        } else if host.stop.is_some() && host.open == 0 {
            self.sweep(id);
        } else if host.finished() {
            self.finish(id);
        } else if host.done == host.share.count && !host.controls.is_empty() {
            self.give_up_controls(id);
        } else {
            self.enqueue(id);
        }
    }

    /// The host is done: its report goes out, and nothing else of it is kept, unless it is a witness.
    pub(super) fn finish(&mut self, id: u32) {
        if !self.hosts.is_active(id) {
            return;
        }
        self.expiries.cancel(id);
        self.end_canaries(id);
        self.end_doubts(id);
        self.tally.missed_millionths += self.expected_missed(id);
        self.tally.hosts += 1;
        let host = self.hosts.at(id);
        let report = host.report(&self.plan.lists[host.share.list as usize]);
        let (index, block) = (host.share.index, host.block);
        self.reports.push_back(Report::Host(Box::new(report)));
        self.by_index.remove(&index);
        if let Some(block) = self.open_blocks.iter_mut().find(|b| b.0 == block) {
            block.1 -= 1;
        }
        if !self.keep_as_witness(id) {
            self.forget_host(id);
        }
        while self.open_blocks.front().is_some_and(|b| b.1 == 0) {
            self.open_blocks.pop_front();
        }
    }
}
