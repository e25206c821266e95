//! A regular expression over bytes that is compiled when it is first needed.
//!
//! `regex` takes time linear in the answer whatever the pattern and the answer are, so a hostile answer costs no more than its length.

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

/// How large a compiled pattern may be, in bytes.
pub(super) const MOST_COMPILED: usize = 1 << 20;
/// How large what a pattern remembers while it searches may grow, in bytes. Small, as hundreds of patterns may be in use at once, and
/// who answers chooses what is remembered; a pattern that needs more is a little slower.
const MOST_REMEMBERED: usize = 64 << 10;
/// The same for the patterns that read the same answer, taken together.
const MOST_REMEMBERED_SET: usize = 1 << 20;

/// A pattern.
#[derive(Debug)]
pub(super) struct Pattern {
    text: Box<str>,
    compiled: OnceLock<Result<Regex, String>>,
}

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        Self {
            text: text.into(),
            compiled: OnceLock::new(),
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Compiled, or why it can't be.
    pub(super) fn compiled(&self) -> Result<&Regex, &str> {
        let compile = || {
            let mut builder = RegexBuilder::new(&self.text);
            builder
                .unicode(false)
                .size_limit(MOST_COMPILED)
                .dfa_size_limit(MOST_REMEMBERED);
            builder.build().map_err(|error| error.to_string())
        };
        self.compiled
            .get_or_init(compile)
            .as_ref()
            .map_err(String::as_str)
    }

    /// Whether it is found. One that can't be compiled is found nowhere.
    pub(super) fn is_match(&self, bytes: &[u8]) -> bool {
        self.compiled().is_ok_and(|regex| regex.is_match(bytes))
    }
}

/// All these patterns as one, to find at once which of them match; `None` where that would be too large.
pub(super) fn together<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Option<RegexSet> {
    let mut builder = RegexSetBuilder::new(patterns);
    builder
        .unicode(false)
        .size_limit(16 * MOST_COMPILED)
        .dfa_size_limit(MOST_REMEMBERED_SET);
    builder.build().ok()
}
