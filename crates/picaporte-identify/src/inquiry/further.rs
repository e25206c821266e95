//! The user's own probes in the course of an inquiry: asked where ours have found nothing, in the order of their file.

use super::Inquiry;
use super::agenda::{Ask, is_fragile};
use crate::nmap::{Answered, Intensity, Probe, Probes};

impl Inquiry {
    fn further_probe(&self, at: usize) -> Option<(&Probes, &Probe)> {
        let probes = self.with.further.as_deref()?;
        Some((probes, probes.iter().nth(at)?))
    }

    pub(super) fn further_question(&self, at: usize) -> Vec<u8> {
        let probe = self.further_probe(at);
        probe.map_or(Vec::new(), |(_, probe)| probe.send().to_vec())
    }

    /// Once, when nothing else is left and nothing is known: first the greeting is held against their rules, then they are asked.
    pub(super) fn refill_further(&mut self) {
        let Some(probes) = self.with.further.clone() else {
            return;
        };
        if self.further_asked || self.found.is_known() {
            return;
        }
        self.further_asked = true;
        let greeted = std::mem::take(&mut self.greeted);
        if let Some(null) = probes.greeting().filter(|_| !greeted.is_empty()) {
            let answered = probes.matches(null, &greeted);
            if self.learn_further(null, &answered, &greeted) {
                return;
            }
        }
        let port = self.with.port;
        let left_alone = probes.excluded(port) || is_fragile(port);
        if left_alone && !self.with.opt_in {
            return;
        }
        for probe in probes.order(port, self.inside_tls, Intensity::default()) {
            let at = probes.iter().position(|other| other.name() == probe.name());
            if let Some(at) = at.filter(|_| !probe.send().is_empty()) {
                self.agenda.look(Ask::Further(at));
            }
        }
    }

    /// Whether one of their rules knows the answer.
    pub(super) fn understands_further(&mut self, at: usize, answer: &[u8]) -> bool {
        let Some(probes) = self.with.further.clone() else {
            return false;
        };
        let Some(probe) = probes.iter().nth(at) else {
            return false;
        };
        let answered = probes.matches(probe, answer);
        self.learn_further(probe, &answered, answer)
    }

    fn learn_further(&mut self, probe: &Probe, answered: &Answered, answer: &[u8]) -> bool {
        let Some(found) = &answered.found else {
            return false;
        };
        self.found.learn_further(probe, found, answer);
        if self.found.is_sure() {
            self.agenda.found();
            return true;
        }
        // A soft match says what is worth asking still, as in nmap.
        let (Some(probes), Some(name)) = (self.with.further.clone(), self.found.name().cloned())
        else {
            return true;
        };
        self.agenda.retain(|ask| match ask {
            Ask::Further(at) => probes
                .iter()
                .nth(*at)
                .is_some_and(|probe| probes.may_tell(probe, &name)),
            _ => false,
        });
        true
    }
}
