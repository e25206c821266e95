//! The user's own probes in the course of an inquiry: asked where ours have found nothing, in the order of their file. What they may take is theirs alone, so that
//! our search leaves something of it, also where it ended at its limits.

use super::Inquiry;
use super::agenda::{Ask, is_fragile};
use crate::nmap::{Intensity, Probe, Probes};

impl Inquiry {
    pub(super) fn further_question(&self, at: usize) -> Vec<u8> {
        let probe = self.with.further.as_ref().and_then(|probes| probes.at(at));
        probe.map_or(Vec::new(), |probe| probe.send().to_vec())
    }

    /// Once, when nothing else is left and nothing is known: their questions are laid ready, with limits of their own.
    pub(super) fn refill_further(&mut self) {
        let Some(probes) = self.with.further.clone() else {
            return;
        };
        if self.further_asked || self.found.is_known() {
            return;
        }
        self.further_asked = true;
        self.with.limits = self.with.limits.and_further();
        self.look_further(&probes);
    }

    /// The same where our search has taken all that it may.
    pub(super) fn turn_to_further(&mut self) {
        if self.with.further.is_some() && !self.further_asked && !self.found.is_known() {
            self.agenda.found();
            self.refill_further();
        }
    }

    /// A greeting that no rule of ours knows is held against theirs, which ends the search, or leaves of it what may tell more.
    pub(super) fn greeted_further(&mut self, greeting: &[u8]) {
        let Some(probes) = self.with.further.clone() else {
            return;
        };
        let Some(null) = probes.greeting() else {
            return;
        };
        if self.read_further(&probes, null, greeting) && !self.found.is_sure() {
            self.further_asked = true;
            self.look_further(&probes);
            self.leave_what_may_tell(&probes);
        }
    }

    /// All that may be asked of this port, unless it is to be left alone.
    fn look_further(&mut self, probes: &Probes) {
        let port = self.with.port;
        let left_alone = probes.excluded(port) || is_fragile(port);
        if left_alone && !self.with.opt_in {
            return;
        }
        for probe in probes.order(port, self.inside_tls, Intensity::default()) {
            self.agenda.look(Ask::Further(probe.index()));
        }
    }

    /// Whether one of their rules knows the answer.
    pub(super) fn understands_further(&mut self, at: usize, answer: &[u8]) -> bool {
        let Some(probes) = self.with.further.clone() else {
            return false;
        };
        let probe = probes.at(at);
        probe.is_some_and(|probe| self.read_further(&probes, probe, answer))
    }

    fn read_further(&mut self, probes: &Probes, probe: &Probe, answer: &[u8]) -> bool {
        let Some(found) = probes.matches(probe, answer).found else {
            return false;
        };
        self.found.learn_further(probe, &found, answer);
        if self.found.is_sure() {
            self.agenda.found();
            return true;
        }
        self.leave_what_may_tell(probes);
        true
    }

    /// A soft match says what is worth asking still, as in nmap.
    fn leave_what_may_tell(&mut self, probes: &Probes) {
        let Some(name) = self.found.name() else {
            return;
        };
        self.agenda.retain(|ask| match ask {
            Ask::Further(at) => probes
                .at(*at)
                .is_some_and(|probe| probes.may_tell(probe, name)),
            _ => false,
        });
    }
}
