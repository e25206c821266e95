//! What a scan does not speak of, so that nobody can tell what it would say to a rule.

use std::collections::BTreeSet;

use picaporte_diff::{About, Note};

use crate::answers::Gap;
use crate::hosts::{Scanned, shown};
use crate::policy::{Demand, Policy, Rule};

/// What of a rule's hosts the scan does not speak of.
///
/// `known` has those of its names that the scan knows.
pub(super) fn of(
    policy: &Policy,
    rule: &Rule,
    known: &BTreeSet<usize>,
    scanned: &Scanned,
) -> Vec<Gap> {
    if !rule.demands() {
        return Vec::new();
    }
    let mut gaps = Vec::new();
    let missing = rule.hosts.missing(scanned, Gap::FEW);
    if missing.count > 0 {
        let first = missing.first.iter();
        gaps.push(Gap::Addresses {
            count: missing.count,
            first: first.map(|range| shown(range, &policy.zones)).collect(),
            more: missing.ranges > missing.first.len(),
        });
    }
    let names = rule.hosts.names.iter().enumerate();
    let unknown = names.filter(|(at, _)| !known.contains(at));
    let unknown: Vec<String> = unknown.map(|(_, name)| name.clone()).collect();
    if !unknown.is_empty() {
        gaps.push(Gap::Names(unknown));
    }
    gaps
}

/// Whether there is more than the scan names, of which rules can't be told to hold that speak of everything.
pub(super) fn unnamed(policy: &Policy, about: &About) -> Vec<Gap> {
    let leaves_out = |note: &Note| {
        matches!(
            note,
            Note::Cut(_)
                | Note::Unnamed(_)
                | Note::DownUnnamed(_)
                | Note::NoAddress(_)
                | Note::Failed
        )
    };
    let demands = policy.otherwise.demand() != Demand::May;
    if demands && about.notes.iter().any(leaves_out) {
        return vec![Gap::Unnamed];
    }
    Vec::new()
}
