//! What a scan says to a policy, written for a person, for a program, for CI, or for a code host; and a policy that describes a
//! scan, to start from. It judges nothing: the answers are handed in. Text of policies and scans reaches the output through its
//! sink's encoder.

use picaporte_check::{Answers, Policy, Wrong};
use picaporte_diff::Snapshot;

mod hint;
mod junit;
mod listening;
mod record;
mod sarif;
mod starter;
mod table;
#[cfg(test)]
mod tests;
mod words;

use super::changes::Side;
use super::{Style, encode};
pub use starter::starting_policy;

/// How answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckFormat {
    /// For a person.
    Table,
    /// One JSON document, each rule on a line of its own. It alone holds every host and port.
    Json,
    /// XML in the form of `JUnit`, a test for each rule.
    JUnit,
    /// SARIF 2.1.0 (OASIS), whose results point into the policy.
    Sarif,
}

/// A scan that was held against a policy.
#[derive(Clone, Copy, Debug)]
pub struct Checked<'a> {
    /// The version of the program.
    pub version: &'a str,
    /// The policy's file, as it was named.
    pub file: &'a str,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: &'a str,
    /// What it says.
    pub policy: &'a Policy,
    /// The scan's file, as it was named.
    pub scan_file: &'a str,
    /// What it says.
    pub scan: &'a Snapshot,
    /// What the scan says to the policy.
    pub answers: &'a Answers<'a>,
}

impl<'a> Checked<'a> {
    fn side(&self) -> Side<'a> {
        Side {
            file: self.scan_file,
            about: &self.scan.about,
        }
    }

    /// What the policy should be mended in, in the order of the file.
    fn warnings(&self) -> Vec<Wrong> {
        let expired = self.policy.expired(self.answers.today);
        let mut all: Vec<_> = self
            .policy
            .warnings
            .iter()
            .cloned()
            .chain(expired)
            .collect();
        all.sort_by_key(|wrong| (wrong.line == 0, wrong.line, wrong.column));
        all
    }
}

/// Writes what a scan says to a policy, appended to `out`.
pub fn check_report(checked: &Checked<'_>, format: CheckFormat, style: Style, out: &mut Vec<u8>) {
    match format {
        CheckFormat::Table => table::write(checked, style, out),
        CheckFormat::Json => record::write(checked, out),
        CheckFormat::JUnit => junit::write(checked, out),
        CheckFormat::Sarif => sarif::write(checked, out),
    }
}
