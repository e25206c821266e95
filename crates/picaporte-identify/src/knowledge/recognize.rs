//! Holds an answer against the rules that read it.
//!
//! A first look finds with one search which rules match at all; only these are compiled, and say what they caught. Rules that read the
//! answer of another file's probe come before that file's own: Jenkins is more than the web server that it runs in.

use std::sync::{Arc, OnceLock};

use regex::bytes::RegexSet;

use super::pattern::together;
use super::probe::ProbeId;
use super::rule::{Next, Rule, Said, StartTls};
use super::{Knowledge, MOST_ANSWER};

/// What an answer came in answer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Nothing: it came unasked.
    Greeting,
    /// This probe.
    Probe(ProbeId),
}

/// What an answer says.
#[derive(Debug)]
pub struct Recognized {
    /// Whose rule said it.
    pub source: Source,
    /// What was said.
    pub said: Said,
    /// The protocol is known and no more: further probes may say more.
    pub weak: bool,
    /// What is worth asking next.
    pub then: Vec<Next>,
    /// The rule that says how TLS begins; for [`Knowledge::starttls`].
    pub starttls: Option<RuleId>,
}

/// The number of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleId(usize);

/// The rules that read the same answer, in the order in which they are tried.
#[derive(Debug, Default)]
pub(super) struct Group {
    rules: Vec<usize>,
    first_look: OnceLock<Option<RegexSet>>,
}

/// Fewer rules than this are tried one by one.
const WORTH_A_LOOK: usize = 4;

impl Group {
    /// `guests` first, then `hosts`.
    pub(super) fn new(guests: Vec<usize>, hosts: Vec<usize>) -> Self {
        Self {
            rules: guests.into_iter().chain(hosts).collect(),
            first_look: OnceLock::new(),
        }
    }

    fn is_worth_a_look(&self) -> bool {
        self.rules.len() >= WORTH_A_LOOK
    }

    /// Those of its rules that match, in order.
    fn matching(&self, rules: &[Rule], answer: &[u8]) -> Vec<usize> {
        let patterns = || self.rules.iter().map(|&rule| rules[rule].pattern.text());
        let look = || {
            self.is_worth_a_look()
                .then(|| together(patterns()))
                .flatten()
        };
        if let Some(set) = self.first_look.get_or_init(look) {
            return set
                .matches(answer)
                .iter()
                .map(|at| self.rules[at])
                .collect();
        }
        let matches = |rule: &usize| rules[*rule].pattern.is_match(answer);
        self.rules.iter().copied().filter(matches).collect()
    }
}

impl Knowledge {
    /// What an answer says, as far as any rule knows it; its first [`MOST_ANSWER`] bytes count. With several sources (a
    /// question was sent at once, and what came may be a greeting) the rules of each are held against it.
    pub fn recognize(&self, sources: &[Source], answer: &[u8]) -> Option<Recognized> {
        let answer = &answer[..answer.len().min(MOST_ANSWER)];
        let mut matching = Vec::new();
        for source in sources {
            let rules = self.group(*source).matching(&self.rules, answer);
            matching.extend(rules.into_iter().map(|rule| (*source, rule)));
        }
        let strong = matching.iter().find(|(_, rule)| !self.rules[*rule].weak);
        if let Some(&(source, rule)) = strong {
            let said = self.rules[rule].says(answer)?;
            let then = self.rules[rule].then.clone();
            return Some(self.recognized(source, rule, said, then));
        }
        self.most_telling(&matching, answer)
    }

    /// How TLS begins by this rule.
    pub fn starttls(&self, rule: RuleId) -> Option<&StartTls> {
        self.rules[rule.0].starttls.as_ref()
    }

    fn group(&self, source: Source) -> &Group {
        match source {
            Source::Greeting => &self.groups[0],
            Source::Probe(probe) => &self.groups[probe.0 + 1],
        }
    }

    /// Of weak rules the one that says most, the first of equals; what any of them would ask is asked.
    fn most_telling(&self, matching: &[(Source, usize)], answer: &[u8]) -> Option<Recognized> {
        let mut best: Option<(Source, usize, Said)> = None;
        let mut then = Vec::new();
        for &(source, rule) in matching {
            let Some(said) = self.rules[rule].says(answer) else {
                continue;
            };
            for next in &self.rules[rule].then {
                if !then.contains(next) {
                    then.push(*next);
                }
            }
            if best
                .as_ref()
                .is_none_or(|(_, _, best)| said.weight() > best.weight())
            {
                best = Some((source, rule, said));
            }
        }
        best.map(|(source, rule, said)| self.recognized(source, rule, said, then))
    }

    fn recognized(&self, source: Source, rule: usize, said: Said, then: Vec<Next>) -> Recognized {
        Recognized {
            source,
            said,
            weak: self.rules[rule].weak,
            then,
            starttls: self.rules[rule].starttls.as_ref().map(|_| RuleId(rule)),
        }
    }

    /// The name by which a source is told: `greeting`, or the probe's.
    pub fn source_name(&self, source: Source) -> Arc<str> {
        match source {
            Source::Greeting => "greeting".into(),
            Source::Probe(probe) => self.probe(probe).name.clone(),
        }
    }

    /// Whether all rules that read an answer fit into one search, for tests.
    #[cfg(test)]
    pub(super) fn looks_together(&self, source: Source) -> bool {
        let group = self.group(source);
        group.matching(&self.rules, b"");
        !group.is_worth_a_look() || group.first_look.get().is_some_and(Option::is_some)
    }

    /// The rules that match, for tests: file, service, weak.
    #[cfg(test)]
    pub(super) fn all_matching(&self, source: Source, answer: &[u8]) -> Vec<(&str, &str, bool)> {
        let matching = self.group(source).matching(&self.rules, answer);
        let told = |&at: &usize| {
            let rule = &self.rules[at];
            (
                &*self.files[rule.file].name,
                rule.service.as_str(),
                rule.weak,
            )
        };
        matching.iter().map(told).collect()
    }
}
