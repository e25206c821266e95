//! Answers in plain words. Every sentence about what holds and what does not stands here. Text of policies and scans is put into
//! them as [`Manner`] says.

use picaporte_check::{Answer, Demand, Otherwise, Place, Which};

use super::super::encode;
use super::Checked;
use crate::report::Lang;

mod exceptions;
mod findings;

pub(super) use exceptions::{excepted, exception};
pub(super) use findings::{contradiction, extent, finding, gap, hosts, lines};

/// What holds where there is no rule, as reports call it.
pub(super) const OTHERWISE: &str = "otherwise";

/// How sentences are told.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    /// In which language.
    pub(super) lang: Lang,
    /// What text of policies and scans becomes in them.
    seen: fn(&str) -> String,
}

impl Manner {
    /// For programs: in English, each text as it is; the whole is still to be encoded for its sink.
    pub(super) const PLAIN: Self = Self {
        lang: Lang::En,
        seen: str::to_owned,
    };

    /// For a terminal, which gets them as they are.
    pub(super) fn terminal(lang: Lang) -> Self {
        Self {
            lang,
            seen: |text| encode::terminal(text).into_owned(),
        }
    }

    /// A text of a policy or a scan.
    pub(super) fn seen(self, text: &str) -> String {
        (self.seen)(text)
    }
}

pub(super) const fn answer(lang: Lang, answer: Answer, n: u64) -> &'static str {
    match answer {
        Answer::Holds => lang.agree(n, ["holds", "hold"], ["cumple", "cumplen"]),
        Answer::CannotTell => lang.agree(n, ["can't tell"; 2], ["no consta", "no constan"]),
        Answer::Violated => lang.agree(n, ["violated"; 2], ["incumple", "incumplen"]),
    }
}

/// `1 holds`, `2 hold`.
pub(super) fn many(lang: Lang, n: u64, is: Answer) -> String {
    format!("{} {}", lang.number(n), answer(lang, is, n))
}

const fn otherwise(lang: Lang, otherwise: Otherwise) -> &'static str {
    match otherwise {
        Otherwise::May => lang.either(
            "what no rule speaks of may be open",
            "lo que ninguna regla menciona puede estar abierto",
        ),
        Otherwise::MustNot => lang.either(
            "what no rule speaks of must not be open",
            "lo que ninguna regla menciona no debe estar abierto",
        ),
    }
}

/// What a rule is called.
pub(super) fn name<'a>(checked: &Checked<'a>, which: Which) -> &'a str {
    match which {
        Which::Rule(at) => &checked.policy.rules[at].name,
        Which::Otherwise => OTHERWISE,
    }
}

/// Why it is there.
pub(super) fn reason<'a>(lang: Lang, checked: &Checked<'a>, which: Which) -> &'a str {
    match which {
        Which::Rule(at) => &checked.policy.rules[at].reason,
        Which::Otherwise => otherwise(lang, checked.policy.otherwise),
    }
}

/// Where it begins.
pub(super) fn place(checked: &Checked<'_>, which: Which) -> Place {
    match which {
        Which::Rule(at) => checked.policy.rules[at].place,
        Which::Otherwise => checked.policy.otherwise_place,
    }
}

/// Where it asks this.
pub(super) fn place_of(checked: &Checked<'_>, which: Which, demand: Demand) -> Place {
    let asks = match which {
        Which::Rule(at) => &checked.policy.rules[at].asks[..],
        Which::Otherwise => &[],
    };
    let ask = asks.iter().find(|ask| ask.demand == demand);
    ask.map_or_else(|| place(checked, which), |ask| ask.place)
}

/// `policy.toml:12:1`.
pub(super) fn at(checked: &Checked<'_>, place: Place) -> String {
    format!("{}:{}:{}", checked.file, place.line, place.column)
}

/// What it comes to.
pub(super) const fn judgement(lang: Lang, answer: Answer) -> &'static str {
    match answer {
        Answer::Holds => lang.either("The policy holds.", "La política se cumple."),
        Answer::CannotTell => lang.either(
            "Nothing is known to violate the policy, but not everything can be told.",
            "No consta que nada incumpla la política, pero no todo se puede saber.",
        ),
        Answer::Violated => lang.either("The policy is violated.", "La política se incumple."),
    }
}
