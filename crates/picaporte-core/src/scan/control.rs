//! Controls: ports known to answer are asked again, so that silence counts only while the host is heard; what falls silent
//! altogether is left alone until it answers, and then asked at the pace that it bore.

use super::trouble::GIVE_UP;
use super::{Scan, Step};
use crate::flight::{Phase, Purpose, Slot};
use crate::hearing::{Judgement, Kind};
use crate::throttle::Throttle;
use crate::time::{Duration, Instant};
use crate::timing;
use crate::verdict::Reason;

/// When to look again whether a silence can be judged.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// That as many controls are lost in a row by chance alone shall be this rare.
const BY_CHANCE: f64 = 0.00001;
/// So few controls that fail in a row make a host mute, at least, and so many at most.
const FEWEST_FAILURES: u8 = 2;
const MOST_FAILURES: u8 = 12;
/// A host that is silent for longer than this was not merely asked a little too fast: its pace grows slowly.
const SHORT: Duration = Duration::from_secs(3);
/// In a network that loses packets, a silence shorter than this may be chance.
const BRIEF: Duration = Duration::from_millis(500);

impl Scan {
    /// What the silence of this attempt is worth.
    pub(super) fn judge(&mut self, now: Instant, s: &Slot) -> Judgement {
        let way_lost = self.trouble.route_lost.is_some_and(|at| at >= s.sent);
        if way_lost || self.path.void(s.sent) {
            return Judgement::Void;
        }
        if self.hosts.at(s.host).hearing.ports() == 0 {
            return self.judge_by_path(now, s);
        }
        let lossy = self.chance_elsewhere(s.host).is_some();
        self.hosts.at(s.host).hearing.judge(now, s.epoch, lossy)
    }

    /// Some silence of this host waits to be judged.
    pub(super) fn want_control(&mut self, now: Instant, id: u32) {
        self.hosts.at(id).hearing.judges(now);
        self.queue_control(now, id);
    }

    /// Whether there is room for one more attempt at this host, as a control is.
    pub(super) fn has_room(&mut self, id: u32) -> bool {
        let host = self.hosts.at(id);
        host.open < host.cap && self.has_slot()
    }

    /// Puts a host in the queue of those that are due a control, if it is.
    pub(super) fn queue_control(&mut self, now: Instant, id: u32) {
        let generation = self.hosts.generation(id);
        let host = self.hosts.at(id);
        let due = host.hearing.due(now) || host.canaries.wants() || host.doubts.wants();
        if !host.control_queued && host.stop.is_none() && due {
            host.control_queued = true;
            self.controls.push_back((id, generation));
        }
    }

    /// The next control, if one may go now.
    pub(super) fn next_control(&mut self, now: Instant) -> Option<Step> {
        while let Some((id, generation)) = self.controls.pop_front() {
            if self.hosts.generation(id) != generation {
                continue;
            }
            self.hosts.at(id).control_queued = false;
            if self.is_given_up(now, id) {
                continue;
            }
            if let Some(step) = self.control(now, id) {
                return Some(step);
            }
        }
        None
    }

    fn control(&mut self, now: Instant, id: u32) -> Option<Step> {
        let host = self.hosts.at(id);
        if host.stop.is_some() {
            return None;
        }
        let (canary, doubt) = (host.canaries.wants(), host.doubts.wants());
        if host.done == host.share.count && !host.witness && !canary && !doubt {
            return None;
        }
        if let Some(rate) = host.rate.as_ref().filter(|rate| !rate.allows(now)) {
            let at = rate.ready_at();
            self.wakes.set(id, at);
            return None;
        }
        if host.open >= host.cap {
            if host.held > 0 {
                self.give_up_held_of(id);
            }
            self.wakes.set(id, now + LOOK_AGAIN);
            return None;
        }
        if canary {
            return self.canary(now, id);
        }
        if doubt {
            // A second opinion that meets an outage, or a limit, says nothing.
            let waits = host.hearing.mute().is_some() || now < host.retry_at;
            let slow = (host.throttle.as_ref()).is_some_and(|t| t.ready_at() > now);
            if !(waits || slow || self.path.is_down()) {
                return self.second_opinion(now, id);
            }
            self.wakes.set(id, now + LOOK_AGAIN);
        }
        let host = self.hosts.at(id);
        let (kind, port, epoch) = host.hearing.control(now)?;
        if let Some(at) = host.hearing.poll_at() {
            self.wakes.set(id, at);
        }
        let mut slot = Slot::extra(Purpose::Control(kind), id, port, 1, now);
        (slot.epoch, slot.round) = (epoch, self.path.controlled());
        let step = self.send(now, slot);
        if let Step::Connect { id: probe, .. } = &step {
            self.hosts.at(id).controls.push(probe.slot);
        }
        Some(step)
    }

    /// Whether a mute host has been waited for long enough; the path is waited for elsewhere.
    fn is_given_up(&mut self, now: Instant, id: u32) -> bool {
        if self.path.is_down() {
            return false;
        }
        if self.is_useless_witness(now, id) {
            self.dismiss(id);
            return true;
        }
        let mute = self.hosts.at(id).hearing.mute();
        let banned = mute.is_some_and(|since| now.since(since) >= GIVE_UP);
        if !banned {
            return false;
        }
        let host = self.hosts.at(id);
        if host.hearing.knows_many() {
            self.stop_host(id, Reason::HostBanned);
            return true;
        }
        // One port that no longer answers is no ban: it may be that service alone.
        host.hearing.forget();
        let witness = host.witness;
        self.path.hears(now, witness);
        self.enqueue(id);
        true
    }

    /// A control was answered.
    pub(super) fn control_answered(&mut self, now: Instant, s: &Slot, kind: Kind) {
        if !s.overdue {
            self.control_over(now, s.host, false);
        }
        let Some(hearing) = self.hosts.at(s.host).hearing.known() else {
            return;
        };
        let mute = hearing.mute();
        if hearing.control_answered(kind, s.sent, s.epoch, s.overdue) {
            self.hears_again(now, s.host, mute.unwrap_or(now));
        }
    }

    /// A control's time is over.
    pub(super) fn control_silent(&mut self, now: Instant, s: &Slot, kind: Kind) {
        let enough = enough_failures(self.chance_elsewhere(s.host));
        self.control_over(now, s.host, true);
        let Some(hearing) = self.hosts.at(s.host).hearing.known() else {
            return;
        };
        let was_mute = hearing.mute();
        let fell = hearing.control_silent(now, kind, s.sent, s.epoch, enough);
        let is_mute = hearing.mute().is_some();
        let silent = hearing.silent_since().unwrap_or(now);
        match was_mute {
            _ if fell => self.fell_mute(now, s.host, silent),
            // One kind of answer was forgotten.
            Some(since) if !is_mute => self.hears_again(now, s.host, since),
            _ => {}
        }
        self.queue_control(now, s.host);
        if self.hosts.at(s.host).witness {
            self.witness_silent(now, s.host);
        }
    }

    /// A host fell mute that did not answer what was sent at `silent`.
    fn fell_mute(&mut self, now: Instant, id: u32, silent: Instant) {
        let witness = self.hosts.at(id).witness;
        if let Some(from) = self.path.fell_mute(now, silent, witness) {
            self.hold_no_longer(now, from);
        }
        self.give_up_all_held_of(id);
    }

    /// Nothing had come back of what was sent since `from`, and now it does: that says nothing of windows.
    pub(super) fn forget_outage(&mut self, now: Instant, from: Instant) {
        self.window.forget_since(now, from);
        (self.networks.each()).for_each(|network| network.window.forget_since(now, from));
    }

    /// A control had its time: what it says of the links that its host shares with others.
    fn control_over(&mut self, now: Instant, id: u32, failed: bool) {
        let host = self.hosts.at(id);
        if host.throttle.is_some() || host.hearing.mute().is_some() {
            return;
        }
        let network = self.networks.at(host.network);
        let narrow = network.window.control(now, failed);
        if self.window.control(now, failed) || narrow {
            self.give_up_all_held();
        }
    }

    /// A mute host answers again: it goes on at the pace that it bore.
    fn hears_again(&mut self, now: Instant, id: u32, fell: Instant) {
        self.path.hears(now, self.hosts.at(id).witness);
        let lossy = self.chance_elsewhere(id).is_some();
        let path = self.path.was_down_since(fell);
        let host = self.hosts.at(id);
        if path {
            // It was not the host that fell silent.
            self.enqueue(id);
            return;
        }
        if lossy && now.since(fell) < BRIEF && host.is_brief_by_chance(now) {
            self.enqueue(id);
            return;
        }
        let before = (host.throttle.as_ref()).map_or(f64::INFINITY, |t| t.per_second());
        let short = now.since(fell) < SHORT;
        let limited = before.is_finite().then_some(before);
        let bore = host.hearing.known().and_then(|h| h.bore(now, limited));
        let pace = bore.map(|bore| bore.min(before * 0.9));
        if let Some(pace) = pace {
            host.slowed(pace);
        }
        let quickly_to = match (lossy, short) {
            (true, _) => f64::INFINITY,
            (false, true) => before / 2.0,
            (false, false) => 0.0,
        };
        host.throttle = pace.map(|pace| Box::new(Throttle::new(pace, now, quickly_to)));
        self.enqueue(id);
    }

    /// The system would send the SYNs of what is held again, to a host that bears too many already.
    fn give_up_all_held_of(&mut self, id: u32) {
        for slot in self.flight.of_host(id) {
            let s = self.flight.at(slot);
            if s.phase == Phase::Held && !s.is_extra() {
                self.give_up(slot);
            }
        }
    }

    /// The host is done but for its controls: nobody needs their answers.
    pub(super) fn give_up_controls(&mut self, id: u32) {
        for slot in std::mem::take(&mut self.hosts.at(id).controls) {
            self.give_up(slot);
        }
    }
}

/// How many controls must fail in a row, so that loss alone is hardly the cause: the smallest k of at least 2 with qᵏ at or below
/// one in 100,000.
fn enough_failures(q: Option<f64>) -> u8 {
    q.map_or(FEWEST_FAILURES, |q| {
        timing::tries(q, BY_CHANCE, FEWEST_FAILURES, MOST_FAILURES)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lossier_the_network_the_more_controls_must_fail() {
        assert_eq!(enough_failures(None), 2);
        assert_eq!(enough_failures(Some(0.003)), 2);
        assert_eq!(enough_failures(Some(0.09)), 5);
        assert_eq!(enough_failures(Some(0.3)), 10);
        assert_eq!(enough_failures(Some(0.99)), 12);
    }
}
