//! What a scanner's words are worth: each is held against what is so, and against what the wire shows. It reads no files
//! and starts nothing.

#[cfg(test)]
mod tests;
mod text;

pub(crate) use text::how_it_ended;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use picaporte_core::PortSet;
use serde::{Deserialize, Serialize};

use crate::planned::Planned;
use crate::reading::{Coverage, Format, Reading, Said, Word, Words, shown};
use crate::record::{End, Record};
use crate::scenario::Scenario;
use crate::truth::{Port, State, Truth, Why};

/// A scenario that asks for more ports than this is not scored: it would take hours.
pub const MOST_PLANNED: u64 = 1 << 33;

/// What one run of one scanner is worth. `None` where the scanner's format, or the missing record, does not say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The scenario's name.
    pub scenario: String,
    /// The seed of its world.
    pub seed: u64,
    /// What the output was read as.
    pub format: Format,
    /// Ports that the scanner was told to scan, each once.
    pub planned: u64,
    /// Those of them that are open.
    pub open: u64,
    /// Those of the open ones that were said to be open.
    pub found: u64,
    /// Ports said to be open that are not.
    pub false_open: u64,
    /// Those of them where the wire shows open: a box that answers in another's name, and no invention of the scanner.
    pub false_open_answered: u64,
    /// Ports said to be closed that neither are nor look closed.
    pub false_closed: Option<u64>,
    /// Ports said to be filtered that neither are nor look filtered.
    pub false_filtered: Option<u64>,
    /// Ports of which the scanner said nothing at all.
    pub unaccounted: Option<u64>,
    /// Ports that the scanner itself said it did not test.
    pub untested: u64,
    /// Ports that were given a state though nobody asked for them.
    pub outside: u64,
    /// Why the output is taken for cut off, if it is.
    pub cut: Option<String>,
    /// SYNs that reached the wire, repeated ones too.
    pub syns: Option<u64>,
    /// Wall clock of the scanner.
    pub elapsed_ms: Option<u64>,
    /// Peak resident set of the scanner's largest process.
    pub peak_kib: Option<u64>,
    /// How the scanner ended.
    pub end: Option<End>,
    /// Whether the lab kept up; if not, the run says nothing about the scanner.
    pub lab_kept_up: Option<bool>,
}

/// Why something can't be scored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScoreError {
    /// Too much is asked for.
    #[error(
        "the scenario '{0}' asks for {1} ports; at most {MOST_PLANNED} are scored, so make its targets smaller"
    )]
    TooLarge(String, u64),
    /// The record is of another world.
    #[error(
        "the record is of scenario '{record}' with seed {record_seed}, and was to be scored as '{asked}' with seed {asked_seed}; name the scenario and the seed that were run"
    )]
    OtherWorld {
        /// The record's scenario.
        record: String,
        /// The record's seed.
        record_seed: u64,
        /// The scenario that was asked for.
        asked: String,
        /// The seed that was asked for.
        asked_seed: u64,
    },
    /// The scenario reads otherwise now, and so may its truth.
    #[error(
        "the scenario '{0}' has changed since that run; run it again, or score it with the file as it was"
    )]
    Changed(String),
    /// Somebody asked for an end.
    #[error("interrupted")]
    Stopped,
}

impl Score {
    /// Holds `reading` against the truth of `scenario` played with `seed`. `record` brings what the run cost.
    ///
    /// # Errors
    /// When the scenario asks for more than [`MOST_PLANNED`] ports, or when the record is of another scenario or seed, or
    /// of this one before it was changed.
    pub fn new(
        scenario: &Scenario,
        seed: u64,
        reading: &Reading,
        record: Option<&Record>,
    ) -> Result<Self, ScoreError> {
        Self::stoppable(scenario, seed, reading, record, &AtomicBool::new(false))
    }

    /// The same, which may take minutes, until `stop` becomes true.
    ///
    /// # Errors
    /// Those of [`Score::new`], and [`ScoreError::Stopped`].
    pub fn stoppable(
        scenario: &Scenario,
        seed: u64,
        reading: &Reading,
        record: Option<&Record>,
        stop: &AtomicBool,
    ) -> Result<Self, ScoreError> {
        if let Some(other) = record.filter(|r| (&r.scenario, r.seed) != (&scenario.name, seed)) {
            return Err(ScoreError::OtherWorld {
                record: shown(&other.scenario),
                record_seed: other.seed,
                asked: scenario.name.clone(),
                asked_seed: seed,
            });
        }
        let digest = record.and_then(|record| record.digest.as_ref());
        if digest.is_some_and(|digest| *digest != scenario.digest) {
            return Err(ScoreError::Changed(scenario.name.clone()));
        }
        let planned = Planned::new(scenario);
        let count = planned.count();
        if count > MOST_PLANNED {
            return Err(ScoreError::TooLarge(scenario.name.clone(), count));
        }
        let mut tally = Tally::of(scenario, seed, &planned, reading, stop)?;
        tally.believe_the_summary(reading.untested_unnamed());
        let everything = reading.coverage == Coverage::Everything;
        let says = |word, count| (everything || reading.says(word)).then_some(count);
        Ok(Self {
            scenario: scenario.name.clone(),
            seed,
            format: reading.format,
            planned: count,
            open: tally.open,
            found: tally.found,
            false_open: tally.false_open,
            false_open_answered: tally.false_open_answered,
            false_closed: says(Word::Closed, tally.false_closed),
            false_filtered: says(Word::Filtered, tally.false_filtered),
            unaccounted: everything.then_some(tally.unaccounted),
            untested: tally.untested,
            outside: outside(&planned, reading),
            cut: reading.cut.clone(),
            syns: record.map(|record| record.wire.syns),
            elapsed_ms: record.map(|record| record.elapsed_ms),
            peak_kib: record.map(|record| record.peak_kib),
            end: record.map(|record| record.end.clone()),
            lab_kept_up: record.map(|record| record.lab.kept_up()),
        })
    }

    /// Ports said to be open where neither is a service nor does the wire show one.
    pub fn invented(&self) -> u64 {
        self.false_open.saturating_sub(self.false_open_answered)
    }

    /// All that a gate holds against the run, each in words that follow a colon: what makes it worthless, and what is not
    /// clean. In a world that `answers_everything` no open port is held against a scanner. Empty: it passes.
    pub fn objections(&self, answers_everything: bool) -> Vec<String> {
        let mut all = Vec::new();
        if self.lab_kept_up == Some(false) {
            all.push("the lab did not keep up, so that the run is worth nothing".to_owned());
        }
        if let Some(end @ (End::Signal(_) | End::NotStarted(_))) = &self.end {
            all.extend(how_it_ended(end).map(|how| format!("the scanner {how}")));
        }
        let invented = if answers_everything {
            0
        } else {
            self.invented()
        };
        for (ports, what) in [
            (invented, "said to be open that the wire does not show"),
            (
                self.false_closed.unwrap_or(0),
                "said to be closed that are not",
            ),
            (self.unaccounted.unwrap_or(0), "never mentioned"),
        ] {
            if ports > 0 {
                all.push(format!("{ports} ports {what}"));
            }
        }
        all
    }

    /// Whether nothing false was said and nothing forgotten, as far as it can be known: no invented open port, no false
    /// closed one, none unaccounted for. Missed ports are another matter: loss takes its share. So is whether the run is
    /// worth anything: [`Score::objections`].
    pub fn is_clean(&self) -> bool {
        self.invented() == 0 && self.is_clean_but_for_open()
    }

    /// The same, whatever was said to be open: for worlds that answer everything.
    pub fn is_clean_but_for_open(&self) -> bool {
        self.false_closed.unwrap_or(0) == 0 && self.unaccounted.unwrap_or(0) == 0
    }

    /// SYNs on the wire for each planned port.
    pub fn syns_a_port(&self) -> Option<f64> {
        (self.planned > 0).then_some(self.syns? as f64 / self.planned as f64)
    }
}

#[derive(Default)]
struct Tally {
    open: u64,
    found: u64,
    false_open: u64,
    false_open_answered: u64,
    false_closed: u64,
    false_filtered: u64,
    unaccounted: u64,
    untested: u64,
}

impl Tally {
    fn of(
        scenario: &Scenario,
        seed: u64,
        planned: &Planned<'_>,
        reading: &Reading,
        stop: &AtomicBool,
    ) -> Result<Self, ScoreError> {
        let truth = Truth::new(scenario, seed);
        let mut tally = Self::default();
        for ip in planned.addresses() {
            if stop.load(Ordering::Relaxed) {
                return Err(ScoreError::Stopped);
            }
            tally.host(&truth, ip, planned.ports(), reading.of(ip));
        }
        tally.untested_names(scenario, planned, reading);
        Ok(tally)
    }

    fn host(&mut self, truth: &Truth<'_>, ip: IpAddr, ports: &PortSet, said: Option<&Said>) {
        let Some(said) = said else {
            self.unaccounted += u64::from(ports.len());
            // Nothing to hold against the truth, and no open port where no host is.
            let nobody = |port| truth.of(ip, port).why == Why::NoHost;
            if !ports.iter().next().is_some_and(nobody) {
                let states = ports.iter().map(|port| truth.of(ip, port).state);
                self.open += states.filter(|state| *state == State::Open).count() as u64;
            }
            return;
        };
        for port in ports.iter() {
            self.port(truth.of(ip, port), said.words(port));
        }
    }

    fn port(&mut self, truth: Port, said: Words) {
        let looks = |state| truth.state == state || truth.wire == state;
        let one = u64::from;
        let is_open = truth.state == State::Open;
        self.open += one(is_open);
        self.found += one(is_open && said.open);
        self.false_open += one(said.open && !is_open);
        self.false_open_answered += one(said.open && !is_open && truth.wire == State::Open);
        self.false_closed += one(said.closed && !looks(State::Closed));
        self.false_filtered += one(said.filtered && !looks(State::Filtered));
        self.untested += one(said.untested && !said.judged());
        self.unaccounted += one(!said.untested && !said.judged());
    }

    /// A name that was not resolved stands for all its addresses, which the scanner could not know.
    fn untested_names(&mut self, scenario: &Scenario, planned: &Planned<'_>, reading: &Reading) {
        let mut counted = BTreeSet::new();
        for (name, ports) in reading.unresolved() {
            for ip in scenario.names.get(name).into_iter().flatten() {
                if !planned.holds(*ip) || !counted.insert(*ip) {
                    continue;
                }
                let said = reading.of(*ip).map(all_words);
                let unsaid = planned.ports().minus(&said.unwrap_or_default());
                let untested = u64::from(unsaid.len() - unsaid.minus(ports).len());
                self.untested += untested;
                self.unaccounted -= untested.min(self.unaccounted);
            }
        }
    }

    /// Ports that a scanner's summary counts as untested are accounted for, though it did not name them.
    fn believe_the_summary(&mut self, untested: u64) {
        let believed = untested.min(self.unaccounted);
        self.untested += believed;
        self.unaccounted -= believed;
    }
}

fn all_words(said: &Said) -> PortSet {
    judged(said).union(said.of(Word::Untested))
}

fn judged(said: &Said) -> PortSet {
    Word::VERDICTS
        .iter()
        .fold(PortSet::default(), |all, word| all.union(said.of(*word)))
}

fn outside(planned: &Planned<'_>, reading: &Reading) -> u64 {
    let of_host = |(ip, said): (IpAddr, &Said)| {
        let judged = judged(said);
        if planned.holds(ip) {
            judged.minus(planned.ports()).len()
        } else {
            judged.len()
        }
    };
    reading.hosts().map(of_host).map(u64::from).sum()
}
