//! A second opinion: of an open port from which nothing came after the handshake, the acknowledgement of our FIN may have been lost. It
//! is asked again before it is called `handshake-only`.

use super::{Scan, Step};
use crate::flight::{Purpose, Slot};
use crate::grade::{Ending, Grade, Heard};
use crate::time::Instant;
use crate::timing;
use crate::verdict::Verdict;

/// How seldom a real service shall be called `handshake-only` for want of answers that were lost.
const RARE: f64 = 0.00001;
/// So often a port is asked again, at least, and at most.
const FEWEST: u8 = 1;
const MOST: u8 = 6;
/// Of one host, no more than so many ports are asked again.
const MOST_PORTS: u32 = 256;

/// Ports of a host that are asked again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Doubts {
    ports: Vec<Doubt>,
    /// How many there were, those that are settled included.
    total: u32,
}

#[derive(Clone, Debug)]
struct Doubt {
    verdict: Verdict,
    asked: u8,
    under_way: bool,
}

impl Doubts {
    /// Whether a port is to be asked again now.
    pub(crate) fn wants(&self) -> bool {
        self.ports.iter().any(|doubt| !doubt.under_way)
    }

    /// Whether nothing is left to be settled.
    pub(crate) fn is_empty(&self) -> bool {
        self.ports.is_empty()
    }
}

impl Scan {
    /// Whether this open port is asked again before it is told; then it is kept.
    pub(super) fn doubts(&mut self, id: u32, verdict: &Verdict) -> bool {
        let stops = self.stopping.is_some();
        let host = self.hosts.at(id);
        let silent = verdict.evidence.grade == Some(Grade::HandshakeOnly);
        if !silent || stops || host.stop.is_some() || host.doubts.total >= MOST_PORTS {
            return false;
        }
        host.doubts.total += 1;
        host.doubts.ports.push(Doubt {
            verdict: *verdict,
            asked: 0,
            under_way: false,
        });
        self.queue_control(self.harvested, id);
        true
    }

    /// The next port of this host that is asked again.
    pub(super) fn second_opinion(&mut self, now: Instant, id: u32) -> Option<Step> {
        let doubts = &mut self.hosts.at(id).doubts.ports;
        let doubt = doubts.iter_mut().find(|doubt| !doubt.under_way)?;
        doubt.under_way = true;
        doubt.asked += 1;
        let port = doubt.verdict.port;
        let mut slot = Slot::extra(Purpose::Second, id, port, doubt.asked, now);
        slot.round = self.path.round();
        let step = self.send(now, slot);
        self.queue_control(now, id);
        Some(step)
    }

    /// A second opinion: what was heard this time, `None` if the port was not even reached.
    pub(super) fn heard_again(&mut self, now: Instant, s: &Slot, ending: Option<Ending>) {
        let most = self.second_asks(s.host);
        let mute = self.hosts.at(s.host).hearing.mute().is_some();
        let void = mute || self.path.void(s.sent);
        let stops = self.stopping.is_some() || self.hosts.at(s.host).stop.is_some();
        let doubts = &mut self.hosts.at(s.host).doubts.ports;
        let Some(at) = doubts.iter().position(|d| d.verdict.port == s.wire) else {
            return;
        };
        doubts[at].under_way = false;
        if ending.is_none() && void {
            doubts[at].asked = doubts[at].asked.saturating_sub(1);
        }
        let heard = ending.and_then(|ending| ending.heard);
        let answers = matches!(heard, Some(Heard::Segment | Heard::Reset));
        if !answers && doubts[at].asked < most && !stops {
            self.queue_control(now, s.host);
            return;
        }
        let mut verdict = doubts.swap_remove(at).verdict;
        if let Some(ending) = ending.filter(|_| answers) {
            verdict.evidence.ended(verdict.evidence.peer, ending);
        }
        self.tell(s.host, verdict);
    }

    /// A second opinion that could not be asked for: it does not count.
    pub(super) fn second_unasked(&mut self, now: Instant, s: &Slot) {
        let doubts = &mut self.hosts.at(s.host).doubts.ports;
        if let Some(doubt) = doubts.iter_mut().find(|d| d.verdict.port == s.wire) {
            doubt.asked -= 1;
        }
        self.heard_again(now, s, None);
    }

    /// What is kept is told as it is.
    pub(super) fn end_doubts(&mut self, id: u32) {
        for doubt in std::mem::take(&mut self.hosts.at(id).doubts.ports) {
            self.tell(id, doubt.verdict);
        }
    }

    /// How often a port is asked again: the smallest n at which so many answers in a row are rarely lost. While no loss has been seen,
    /// (½) ÷ (asked + 1) stands for it: a scan that has just begun knows nothing.
    fn second_asks(&mut self, id: u32) -> u8 {
        let q = self
            .chance_of_loss(id)
            .unwrap_or_else(|| self.all_loss().chance());
        timing::tries(q, RARE, FEWEST, MOST)
    }
}
