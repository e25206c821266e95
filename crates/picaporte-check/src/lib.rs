//! A scan held against a policy: what must be open, may be open and must not be, on which hosts, why, and until when somebody
//! decided otherwise. `docs/check.md` has the rules, and the table of every state.
//!
//! A crate of its own, because it needs nothing of a scan that runs: a policy's text and a [`Snapshot`] of a scan go in, answers
//! come out. It opens no file, reads no clock, prints nothing, and knows no format to write.
//!
//! ```
//! use picaporte_check::{Answer, Policy, check};
//! use picaporte_core::target::NoLookup;
//! use picaporte_diff::{Limits, Wanted, read};
//!
//! let policy = br#"
//! otherwise = "must_not"
//! [[rule]]
//! name = "web"
//! reason = "the public site"
//! hosts = ["192.0.2.7"]
//! must = "443"
//! "#;
//! let policy = Policy::parse(policy, &NoLookup).unwrap();
//! let scan = br#"{"type":"host","ip":"192.0.2.7","ports":{"open":"23,443","closed":"80","filtered":"","untested":""}}
//! {"type":"end","untested":0,"complete":true}"#;
//! let scan = read(&scan[..], Wanted::default(), &Limits::default()).unwrap();
//!
//! let answers = check(&policy, &scan, jiff::civil::date(2026, 1, 31));
//! let all: Vec<_> = answers.rules.iter().map(|rule| rule.answer).collect();
//! // The web server answers, and so does telnet, of which no rule speaks.
//! assert_eq!(all, [Answer::Holds, Answer::Violated]);
//! ```
#![forbid(unsafe_code)]

mod answers;
mod hosts;
mod judge;
mod policy;
mod read;
mod services;
mod sets;
#[cfg(test)]
mod tests;
mod version;

#[cfg(doc)]
use picaporte_diff::Snapshot;

pub use answers::{
    Answer, Answers, Contradiction, Counted, Counts, Excepted, Finding, Gap, Ruled, Which,
};
pub use hosts::Hosts;
pub use judge::{check, judge};
pub use picaporte_toml::{Mistake, Text, Wrong};
pub use policy::{Ask, Demand, Exception, Filtered, Otherwise, Place, Policy, Ports, Rule};
pub use services::{Listening, Seen, Want, Wanted, judge_service};
pub use version::{Compare, order};

/// No larger policy is read, in bytes.
pub const MOST_BYTES: u64 = 1 << 20;
/// The most rules of a policy; as many exceptions and groups may be in it.
pub const MOST_RULES: usize = 1_024;
/// The most ranges of addresses of all rules and exceptions together, those of a group counted wherever it is named.
pub const MOST_RANGES: usize = 1 << 18;
/// The most names, counted in the same way.
pub const MOST_NAMES: usize = 1 << 16;
/// The most warnings of one policy that are told one by one.
pub const MOST_WARNINGS: usize = 64;
