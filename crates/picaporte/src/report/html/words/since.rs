//! What is said of the changes since an earlier scan, in each language. What the command `diff` says in English too is taken
//! from its words.

use picaporte_diff::{Change, Full, Note, Presence, Said};

use super::Words;
use crate::report::Lang;
use crate::report::changes::words::Judged;

mod en;
mod es;

/// The texts of one language.
pub(in super::super) struct Texts {
    pub(in super::super) nav: &'static str,
    pub(in super::super) title: &'static str,
    pub(in super::super) earlier: &'static str,
    pub(in super::super) in_short: &'static str,
    pub(in super::super) scan: &'static str,
    pub(in super::super) this_scan: &'static str,
    pub(in super::super) complete: &'static str,
    pub(in super::super) incomplete: &'static str,
    pub(in super::super) change_head: &'static str,
    pub(in super::super) before_now: &'static str,
    pub(in super::super) before: &'static str,
    pub(in super::super) before_and_now: &'static str,
    pub(in super::super) only_before: &'static str,
    pub(in super::super) only_now: &'static str,
    pub(in super::super) folded: &'static str,
    /// What both found in the same state, and what neither knows; each with what it means.
    pub(in super::super) same: (&'static str, &'static str),
    pub(in super::super) neither: (&'static str, &'static str),
    /// A kind of change, and what it means.
    pub(in super::super) change: fn(Change) -> (&'static str, &'static str),
    /// What a scan says of so many ports.
    pub(in super::super) said: fn(Said, u64) -> &'static str,
    pub(in super::super) presence: fn(Presence) -> &'static str,
    pub(in super::super) judgement: fn(Judged) -> &'static str,
    pub(in super::super) note: fn(&Note) -> String,
    /// Why nothing was compared, with `{0}` for the limit.
    pub(in super::super) full: fn(&Full) -> &'static str,
}

impl Words {
    /// Those about changes.
    pub(in super::super) const fn since(&self) -> &'static Texts {
        match self.lang {
            Lang::En => &en::TEXTS,
            Lang::Es => &es::TEXTS,
        }
    }
}
