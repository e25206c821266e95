//! Witnesses of the path: a few hosts that answered, so that it can be asked whether anything comes back. They are kept when they are
//! done: in a sweep of one port no host that answers stays to tell; without them an outage would look like many silent hosts.

use std::collections::VecDeque;

use super::Scan;
use crate::flight::Slot;
use crate::hearing::Judgement;
use crate::time::{Duration, Instant};

/// How many there are at most.
const WITNESSES: usize = 8;
/// How often one gives its place to another host, so that none is asked for long.
const TURN: Duration = Duration::from_secs(1);
/// A witness that is silent for so long while others are heard is none any more.
const FORGET: Duration = Duration::from_secs(3);
/// How often one is asked while answers come late.
const DOUBT: Duration = Duration::from_millis(20);
/// By then a control that was sent at the time of an attempt has had its time.
const PATIENCE: Duration = Duration::from_secs(1);

/// Hosts that may be asked at any time; those that joined first come first.
#[derive(Clone, Debug, Default)]
pub(super) struct Witnesses {
    hosts: VecDeque<u32>,
    turned: Instant,
    /// When one was last asked as something had been lost.
    doubted: Instant,
}

impl Scan {
    /// A host answered for the first time: it is known, and a witness if there are few.
    pub(super) fn is_known(&mut self, id: u32) {
        self.path.known();
        if self.witnesses.hosts.len() < WITNESSES {
            self.join_witnesses(id);
        }
    }

    fn join_witnesses(&mut self, id: u32) {
        self.hosts.at(id).witness = true;
        self.path.joins();
        self.witnesses.hosts.push_back(id);
        self.witnesses.turned = self.harvested;
    }

    /// Keeps a host that is done, if it is or can be a witness. Says whether it does.
    pub(super) fn keep_as_witness(&mut self, id: u32) -> bool {
        let host = self.hosts.at(id);
        let answers = host.hearing.ports() > 0 && host.hearing.mute().is_none();
        if !answers || host.stop.is_some() || self.stopping.is_some() {
            return false;
        }
        if !host.witness {
            if !self.has_place_for_witness() {
                return false;
            }
            self.join_witnesses(id);
        }
        self.hosts.retire(id);
        true
    }

    /// Whether there is a place for one more witness, or one that has been there for long gives way.
    fn has_place_for_witness(&mut self) -> bool {
        if self.witnesses.hosts.len() < WITNESSES {
            return true;
        }
        let (hosts, witnesses) = (&mut self.hosts, &self.witnesses);
        let idle = |&&w: &&u32| hosts.at(w).retired && hosts.at(w).open == 0;
        let idle = witnesses.hosts.iter().find(idle).copied();
        let old = idle.filter(|_| self.harvested.since(self.witnesses.turned) >= TURN);
        old.is_some_and(|old| {
            self.forget_host(old);
            true
        })
    }

    /// A host that has never answered is asked: somebody is to be heard at that time.
    pub(super) fn ask_witness(&mut self, now: Instant) {
        if !self.path.tells() {
            return;
        }
        for _ in 0..self.witnesses.hosts.len() {
            self.witnesses.hosts.rotate_left(1);
            let id = self.witnesses.hosts[0];
            let host = self.hosts.at(id);
            if host.hearing.mute().is_some() || host.control_queued || host.stop.is_some() {
                continue;
            }
            host.hearing.judges(now);
            if host.hearing.due(now) {
                self.queue_control(now, id);
                return;
            }
        }
    }

    /// An answer came late, or none: whether more is lost now is seen in controls, and those of witnesses where nobody else has any.
    pub(super) fn doubt_path(&mut self, now: Instant) {
        if now.since(self.witnesses.doubted) >= DOUBT {
            self.witnesses.doubted = now;
            self.ask_witness(now);
        }
    }

    /// Whether the silence of a host that never answered is to be judged a little later, when somebody was heard who was asked after it: else an
    /// outage that has just begun would be taken for dead hosts, and later for loss.
    pub(super) fn waits_for_path(&mut self, now: Instant, s: &Slot) -> bool {
        let waits = self.path.tells()
            && !self.path.is_down()
            && !self.path.heard_since(s.sent)
            && now.since(s.sent) < PATIENCE
            && self.hosts.at(s.host).hearing.ports() == 0
            && self.has_room(s.host);
        if waits {
            self.doubt_path(now);
        }
        waits
    }

    /// What the silence of a host is worth that never answered.
    pub(super) fn judge_by_path(&mut self, now: Instant, s: &Slot) -> Judgement {
        match self.path.was_heard(s) {
            Some(false) if now.since(s.sent) < PATIENCE => Judgement::Pending,
            Some(false) => Judgement::Void,
            Some(true) | None => Judgement::Proven,
        }
    }

    /// A witness did not answer in its time: the others are asked at once, or it is none any more.
    pub(super) fn witness_silent(&mut self, now: Instant, id: u32) {
        if self.hosts.at(id).hearing.mute().is_none() {
            self.ask_witness(now);
        }
    }

    /// Whether a mute witness is to be left: it is not the path that is silent.
    pub(super) fn is_useless_witness(&mut self, now: Instant, id: u32) -> bool {
        let host = self.hosts.at(id);
        let mute = host.hearing.mute();
        host.retired && mute.is_some_and(|since| now.since(since) >= FORGET)
    }

    /// Nobody needs this witness any more.
    pub(super) fn dismiss(&mut self, id: u32) {
        let host = self.hosts.at(id);
        host.stop = Some(crate::verdict::Reason::Interrupted);
        if host.open == 0 {
            self.forget_host(id);
        } else {
            self.give_up_all_of(id);
        }
    }

    /// The scan ends.
    pub(super) fn dismiss_witnesses(&mut self) {
        for id in self.witnesses.hosts.clone() {
            if self.hosts.at(id).retired {
                self.dismiss(id);
            }
        }
    }

    /// Nothing of a host is kept.
    pub(super) fn forget_host(&mut self, id: u32) {
        self.wakes.cancel(id);
        let Some(host) = self.hosts.remove(id) else {
            return;
        };
        self.networks.leave(host.network);
        if host.witness {
            self.witnesses.hosts.retain(|&other| other != id);
        }
        if host.hearing.was_known() {
            let mute = host.hearing.mute().is_some();
            self.path.gone(self.harvested, mute, host.witness);
        }
        if host.in_news {
            self.news.retain(|&other| other != id);
        }
    }
}
