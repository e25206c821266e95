//! The user's own `nmap-service-probes`, read from their file. Nothing of that file is in this project.
//!
//! [`Probes::read`] takes the file's bytes; [`Probes::order`] says which probes are worth sending to a port; [`Probes::matches`] reads an answer.
//! As nmap does it: a probe's answer is held against its own rules, then those of its fallbacks, then those of the probe that only listens.
//! The first rule that fits ends the search, be it strong or soft. A soft one names the protocol and no more, and only probes that
//! [may tell](Probes::may_tell) more of it are worth asking then; if one of these brings a strong one, that counts, whatever protocol it names.
//!
//! A large file costs little until it is used: patterns are compiled one by one, each when an answer holds the bytes that it needs (`filter`).

mod cpe;
mod filter;
mod found;
mod pattern;
mod probe;
mod read;
mod rule;
mod survey;
mod template;
mod wrong;

use std::sync::atomic::AtomicU32;

use picaporte_core::{Port, PortSet};

use crate::service::Name;
use filter::Filter;
use pattern::Tried;
use rule::Rule;
use wrong::Warnings;

pub use found::{Answered, Match};
pub use probe::{Intensity, Probe};
pub use survey::Survey;
pub use wrong::{WARNINGS, Warning, Wrong};

#[cfg(test)]
mod tests;

/// The longest file, in bytes: six times nmap's own.
pub const FILE: usize = 16 << 20;

/// Probes of a file, at most.
pub const PROBES: usize = 4_096;

/// Rules of a file, at most.
pub const RULES: usize = 65_536;

/// The longest pattern, in bytes.
pub const PATTERN: usize = 64 << 10;

/// What a probe sends at most, in bytes.
pub const SENT: usize = 64 << 10;

/// Fields of a rule, at most.
pub const FIELDS: usize = 32;

/// Probes that one falls back to, at most.
pub const FALLBACKS: usize = 16;

/// As much of an answer as is read, in bytes: as much as is read of an open connection.
pub const ANSWER: usize = 64 << 10;

/// Rules that are tried on one answer at most, of those whose bytes are in it: of nmap's own file that is 30 to 80 for ordinary answers.
pub const RULES_TRIED: usize = 512;

/// Compiled patterns that are kept, at most: 28 KiB each on average. What is compiled beyond is used once, so that answers made to need every rule
/// cost time and no memory.
pub const KEPT: u32 = 1_024;

/// A file of probes, for all ports of a scan.
#[derive(Debug)]
pub struct Probes {
    file: Box<[u8]>,
    all: Vec<Probe>,
    rules: Vec<Rule>,
    /// The probe that only listens.
    greeting: Option<usize>,
    excluded: PortSet,
    counts: Counts,
    warnings: Warnings,
    /// Compiled patterns that are kept so far.
    kept: AtomicU32,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// TCP probes.
    pub probes: u32,
    /// Their rules.
    pub rules: u32,
    /// UDP probes, which are never sent.
    pub udp_probes: u32,
    /// Their rules, which are used only where a TCP probe falls back to them.
    pub udp_rules: u32,
    /// All warnings, those included that are not kept word by word.
    pub warnings: u32,
}

impl Probes {
    /// Reads a file, of 16 MiB at most, that the caller has opened; `name` is what an error calls it.
    ///
    /// # Errors
    /// The first mistake in what is known of the format, or a bound that is exceeded.
    pub fn read(name: &str, file: Vec<u8>) -> Result<Self, Wrong> {
        read::read(name, file)
    }

    /// What was passed over; at most [`WARNINGS`] of them, [`Counts::warnings`] counts all.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings.kept
    }

    /// What the file holds.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// All TCP probes, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Probe> {
        self.all.iter().filter(|probe| !probe.udp)
    }

    /// The TCP probe of this name.
    pub fn get(&self, name: &str) -> Option<&Probe> {
        self.iter().find(|probe| probe.name() == name)
    }

    /// The probe that has this place in the file.
    pub(crate) fn at(&self, index: usize) -> Option<&Probe> {
        self.all.get(index)
    }

    /// The probe that sends nothing, `NULL`: its rules read what comes unasked.
    pub fn greeting(&self) -> Option<&Probe> {
        self.all.get(self.greeting?)
    }

    /// Whether the file asks to leave a port alone (`Exclude`), as some printers print whatever they are sent.
    pub fn excluded(&self, port: Port) -> bool {
        self.excluded.contains(port.get())
    }

    /// What may be sent to a port, in this order: the probes that name it, in the clear or inside TLS, whatever their rarity; then those that are
    /// not rarer than the intensity. Both in the order of the file.
    pub fn order(&self, port: Port, inside_tls: bool, intensity: Intensity) -> Vec<&Probe> {
        let asking = self.iter().filter(|probe| !probe.send.is_empty());
        let (mut order, others): (Vec<_>, Vec<_>) =
            asking.partition(|probe| probe.names(port, inside_tls));
        let common = |probe: &&Probe| probe.rarity <= intensity.get();
        order.extend(others.into_iter().filter(common));
        order
    }

    /// Whether one of a probe's own rules names this protocol: whether it is worth sending when a soft rule said so.
    pub fn may_tell(&self, probe: &Probe, service: &Name) -> bool {
        let rules = self.rules.get(probe.rules.clone()).unwrap_or_default();
        rules.iter().any(|rule| rule.service == *service)
    }

    /// Holds an answer against the rules of the probe that it answers, then its fallbacks', then the greeting's, up to the first that fits.
    ///
    /// Of an answer [`ANSWER`] bytes are read, and [`RULES_TRIED`] rules tried at most. The same answer gives the same result.
    pub fn matches(&self, probe: &Probe, answer: &[u8]) -> Answered {
        let answer = &answer[..answer.len().min(ANSWER)];
        let mut answered = Answered::default();
        let chain = self.chain(probe);
        let rules = chain.flat_map(|probe| self.may_fit(probe, answer));
        for (tried, rule) in rules.enumerate() {
            if tried == RULES_TRIED {
                answered.cut = true;
                break;
            }
            match rule.try_on(&self.file, answer, &self.kept) {
                Tried::Not => {}
                Tried::GaveUp => answered.gave_up += 1,
                Tried::Fits(groups) => {
                    answered.found = Some(rule.says(&self.file, &groups));
                    break;
                }
            }
        }
        answered
    }

    /// The probes whose rules read a probe's answer, each once.
    fn chain(&self, probe: &Probe) -> impl Iterator<Item = &Probe> {
        let mut chain = vec![probe.index];
        for next in probe.fallbacks.iter().copied().chain(self.greeting) {
            if !chain.contains(&next) {
                chain.push(next);
            }
        }
        chain.into_iter().filter_map(|index| self.all.get(index))
    }

    /// A probe's own rules that may fit an answer.
    fn may_fit(&self, probe: &Probe, answer: &[u8]) -> Vec<&Rule> {
        let rules = &self.rules[probe.rules.clone()];
        let filter = probe.filter.get_or_init(|| Filter::new(&self.file, rules));
        filter.may_fit(answer).map(|n| &rules[n]).collect()
    }
}
