//! What a page alone says of the changes since an earlier scan, in each language. What the command `diff` says too is taken from
//! its words.

use picaporte_diff::{Change, Full};

use super::Words;
use crate::report::Lang;

mod en;
mod es;

/// The texts of one language.
pub(in super::super) struct Texts {
    pub(in super::super) nav: &'static str,
    pub(in super::super) title: &'static str,
    pub(in super::super) earlier: &'static str,
    /// With `{4}` for [`Texts::in_short_service`], or nothing.
    pub(in super::super) in_short: &'static str,
    /// How many ports have another service, with `{0}` for what `diff` calls that.
    pub(in super::super) in_short_service: &'static str,
    pub(in super::super) scan: &'static str,
    pub(in super::super) this_scan: &'static str,
    pub(in super::super) complete: &'static str,
    pub(in super::super) incomplete: &'static str,
    pub(in super::super) change_head: &'static str,
    pub(in super::super) before_now: &'static str,
    pub(in super::super) only_before: &'static str,
    pub(in super::super) only_now: &'static str,
    pub(in super::super) folded: &'static str,
    /// What is to be said of ports on which something else listens, by the name that `diff` has for them.
    pub(in super::super) service: &'static str,
    /// What both found in the same state, and what neither knows; each with what it means.
    pub(in super::super) same: (&'static str, &'static str),
    pub(in super::super) neither: (&'static str, &'static str),
    /// A kind of change, and what it means.
    pub(in super::super) change: fn(Change) -> (&'static str, &'static str),
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
