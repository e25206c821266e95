//! Which engine takes which pattern of a file: compiles them all, and keeps none.

use picaporte_toml::mistake;

use super::pattern::{self, Engine};
use super::wrong::WARNINGS;
use super::{Probes, Warning};

/// What becomes of the patterns of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Survey {
    /// Patterns that take time linear in the answer.
    pub linear: u32,
    /// Patterns that walk back, under a bound.
    pub walks_back: u32,
    /// Patterns that can't be used.
    pub unusable: u32,
    /// The first [`WARNINGS`] of these, with the line and why.
    pub why: Vec<Warning>,
}

impl Probes {
    /// Compiles every pattern, which takes seconds for a large file: for those who want to know what can't be used.
    pub fn survey(&self) -> Survey {
        let mut survey = Survey::default();
        for rule in &self.rules {
            match pattern::compile(rule.pattern.in_file(&self.file), rule.flags) {
                Ok(Engine::Plain(_)) => survey.linear += 1,
                Ok(Engine::Fancy(_)) => survey.walks_back += 1,
                Err(why) => survey.refuse(rule.line, why),
            }
        }
        survey
    }
}

impl Survey {
    fn refuse(&mut self, line: u32, why: &str) {
        self.unusable += 1;
        if self.why.len() < WARNINGS {
            let what = mistake!(
                "the pattern can't be used: {why}",
                "el patrón no se puede usar: '{why}'",
                why = why
            );
            let what = what.into();
            self.why.push(Warning { line, what });
        }
    }
}
