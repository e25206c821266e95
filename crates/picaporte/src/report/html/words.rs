//! Every text of the page, in each language. A text that is missing in one of them does not compile.
//!
//! `{0}`, `{1}` stand for what is filled in, in the order that the language wants. States, reasons and grades keep the
//! contract's names beside them, so that a page can be held against the other formats.

use picaporte_core::policy::Policy;
use picaporte_core::{Grade, Reason, State};

use super::super::Lang;

mod en;
mod es;
pub(super) mod numbers;
pub(super) mod services;
pub(super) mod since;

/// A word for one, and for several.
pub(super) struct Noun {
    pub(super) one: &'static str,
    pub(super) many: &'static str,
}

/// The page in one language.
pub(super) struct Words {
    pub(super) lang: Lang,
    pub(super) title: &'static str,
    pub(super) contents: &'static str,
    pub(super) cut_off: &'static str,

    pub(super) host: Noun,
    pub(super) port: Noun,
    pub(super) open_port: Noun,
    pub(super) probe: Noun,
    pub(super) attempt: Noun,

    pub(super) answer_open: &'static str,
    pub(super) answer_none: &'static str,
    pub(super) all_tested: &'static str,
    pub(super) left_as_asked: &'static str,
    pub(super) incomplete: &'static str,
    pub(super) fault: &'static str,
    pub(super) everything: &'static str,

    pub(super) coverage: &'static str,
    pub(super) coverage_sum: &'static str,
    pub(super) coverage_bar: &'static str,
    pub(super) state: &'static str,
    pub(super) share: &'static str,
    pub(super) reasons: &'static str,
    pub(super) untested_why: &'static str,
    pub(super) never_begun: &'static str,

    pub(super) ports: &'static str,
    pub(super) ports_by_number: &'static str,
    pub(super) ports_none: &'static str,
    pub(super) ports_more: &'static str,
    pub(super) service: &'static str,
    pub(super) hosts_open: &'static str,
    pub(super) evidence: &'static str,
    pub(super) evidence_folded: &'static str,
    pub(super) grade: &'static str,
    pub(super) grades: &'static str,
    pub(super) suspect_means: &'static str,
    pub(super) peer: &'static str,
    pub(super) closed_with: &'static str,

    pub(super) map: &'static str,
    pub(super) map_reads: &'static str,
    pub(super) map_folded: &'static str,
    pub(super) map_columns: &'static str,
    pub(super) map_networks: &'static str,
    pub(super) map_ragged: &'static str,
    pub(super) map_others: &'static str,
    pub(super) map_rest: &'static str,
    pub(super) map_all: &'static str,
    pub(super) map_text: &'static str,
    pub(super) map_none: &'static str,

    pub(super) firewalls: &'static str,
    pub(super) rejects: &'static str,
    pub(super) rejects_none: &'static str,
    pub(super) rejects_untold: &'static str,
    pub(super) from: &'static str,
    pub(super) unknown: &'static str,
    pub(super) policies: &'static str,
    pub(super) policy_none: &'static str,
    pub(super) located: &'static str,
    pub(super) located_folded: &'static str,
    pub(super) located_counts: &'static str,
    pub(super) where_answered: &'static str,
    pub(super) hops: &'static str,

    pub(super) scope: &'static str,
    pub(super) scope_none: &'static str,
    pub(super) scope_file: &'static str,
    pub(super) authorised_by: &'static str,
    pub(super) nobody: &'static str,
    pub(super) contact: &'static str,
    pub(super) valid: &'static str,
    pub(super) valid_between: &'static str,
    pub(super) allowed: &'static str,
    pub(super) excluded: &'static str,
    pub(super) any: &'static str,
    pub(super) nothing: &'static str,
    pub(super) and_more: &'static str,
    pub(super) lowered: &'static str,
    pub(super) lowered_to: &'static str,
    pub(super) no_cap: &'static str,
    pub(super) outside: &'static str,
    pub(super) outside_are: &'static str,
    pub(super) planned: &'static str,
    pub(super) planned_are: &'static str,
    pub(super) shard: &'static str,

    pub(super) method: &'static str,
    pub(super) how: &'static str,
    pub(super) scan: &'static str,
    pub(super) program: &'static str,
    pub(super) started: &'static str,
    pub(super) finished: &'static str,
    pub(super) elapsed: &'static str,
    pub(super) from_where: &'static str,
    pub(super) source: &'static str,
    pub(super) source_by_route: &'static str,
    pub(super) command: &'static str,
    pub(super) seed: &'static str,
    pub(super) sent: &'static str,
    pub(super) sent_at: &'static str,
    pub(super) extra: &'static str,
    pub(super) extra_are: &'static str,
    pub(super) extra_checks: &'static str,
    pub(super) loss: &'static str,
    pub(super) loss_is: &'static str,
    pub(super) loss_unknown: &'static str,
    pub(super) missed: &'static str,
    pub(super) missed_few: &'static str,
    pub(super) outages: &'static str,
    pub(super) outages_are: &'static str,
    pub(super) outages_pace: &'static str,
    pub(super) slowed: &'static str,
    pub(super) slowed_are: &'static str,
    pub(super) kept: &'static str,
    pub(super) kept_as: &'static str,
    pub(super) not_kept: &'static str,

    pub(super) hosts: &'static str,
    pub(super) hosts_none: &'static str,
    pub(super) hosts_folded: &'static str,
    pub(super) no_address: &'static str,
    pub(super) reverse: &'static str,
    pub(super) notes: &'static str,
    pub(super) host_everything: &'static str,
    pub(super) host_rejected: &'static str,
    pub(super) host_policy: &'static str,
    pub(super) host_rationed: &'static str,
    pub(super) host_differ: &'static str,
    pub(super) host_slowed: &'static str,
    pub(super) host_unfinished: &'static str,

    /// A state in a table, and what it means.
    pub(super) states: fn(State) -> (&'static str, &'static str),
    /// A grade, and what it means; `None` is a connection that was not watched to its end.
    pub(super) graded: fn(Option<Grade>) -> (&'static str, &'static str),
    /// What a reason stands for: for untested ports what to do about it.
    pub(super) because: fn(Reason) -> &'static str,
    pub(super) policy: fn(Policy) -> &'static str,
}

impl Words {
    /// Those of a language.
    pub(super) const fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &en::WORDS,
            Lang::Es => &es::WORDS,
        }
    }
}

/// The template with what is filled in. Numbers and our own words only: text from outside goes to the page by itself.
pub(super) fn fill(template: &str, parts: &[&str]) -> String {
    let mut text = template.to_owned();
    for (i, part) in parts.iter().enumerate() {
        text = text.replace(&format!("{{{i}}}"), part);
    }
    text
}
