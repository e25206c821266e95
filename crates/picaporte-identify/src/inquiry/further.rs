//! The user's own probes in the course of an inquiry: asked where ours have found nothing, in the order of their file.

use super::Inquiry;
use super::agenda::{Ask, is_fragile};
use crate::nmap::{Intensity, Probe, Probes};

impl Inquiry {
    pub(super) fn further_question(&self, at: usize) -> Vec<u8> {
        let probe = self.with.further.as_ref().and_then(|probes| probes.at(at));
        probe.map_or(Vec::new(), |probe| probe.send().to_vec())
    }

    /// Once, when nothing else is left and nothing is known: their questions are laid ready, and the greeting is held against their rules,
    /// which ends the search, or leaves of it what may tell more.
    pub(super) fn refill_further(&mut self) {
        let Some(probes) = self.with.further.clone() else {
            return;
        };
        if self.further_asked || self.found.is_known() {
            return;
        }
        self.further_asked = true;
        self.look_further(&probes);
        let greeted = std::mem::take(&mut self.greeted);
        if let Some(null) = probes.greeting().filter(|_| !greeted.is_empty()) {
            self.read_further(&probes, null, &greeted);
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
        // A soft match says what is worth asking still, as in nmap.
        let Some(name) = self.found.name() else {
            return true;
        };
        self.agenda.retain(|ask| match ask {
            Ask::Further(at) => probes
                .at(*at)
                .is_some_and(|probe| probes.may_tell(probe, name)),
            _ => false,
        });
        true
    }
}
