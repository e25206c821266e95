//! One pattern of the file: read as PCRE reads it, and compiled for an engine whose time is bounded.

mod bytes;
mod need;
mod parse;
mod tree;
mod write;

use std::ops::Range;

pub(super) use need::{Need, begins};
pub(super) use parse::Flags;

use parse::Refused;
use write::Written;

#[cfg(test)]
mod tests;

/// What a compiled pattern may take of memory, in bytes. Of nmap's own, one takes more than a tenth of it and none more than a quarter.
const PROGRAM: usize = 1 << 20;

/// What `regex` may remember of the states that it went through, in bytes, for each pattern: answers are short.
const STATES: usize = 64 << 10;

/// How often a pattern for `fancy-regex` may walk back in one answer: as often as nmap lets PCRE (its match limit). A search from each byte
/// of the longest answer takes 65,536.
const WALKS_BACK: usize = 100_000;

/// Groups whose bytes a template can name: `$1` to `$9`.
pub(super) const GROUPS: usize = 9;

/// A compiled pattern.
#[derive(Debug)]
pub(super) enum Engine {
    /// In time linear in the answer.
    Plain(regex::bytes::Regex),
    /// With what needs walking back, under a bound.
    Fancy(Box<fancy_regex::Regex>),
}

/// What came of one pattern and one answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tried<'a> {
    Fits(Groups<'a>),
    Not,
    /// It walked back too often.
    GaveUp,
}

/// What the groups of a pattern took of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Groups<'a> {
    answer: &'a [u8],
    spans: [Option<(u32, u32)>; GROUPS + 1],
}

impl<'a> Groups<'a> {
    /// The bytes of group 1 to 9; nothing where it took no part.
    pub(super) fn get(&self, group: u8) -> &'a [u8] {
        let span = self.spans.get(usize::from(group)).copied().flatten();
        span.map_or(&[], |(from, to)| &self.answer[from as usize..to as usize])
    }

    fn new(answer: &'a [u8], span: impl Fn(usize) -> Option<Range<usize>>) -> Self {
        let span = |group| span(group).map(|span| (span.start as u32, span.end as u32));
        Self {
            answer,
            spans: std::array::from_fn(span),
        }
    }
}

/// What must be in an answer for this pattern to fit.
///
/// # Errors
/// What in the pattern is not supported.
pub(super) fn need(text: &[u8], flags: Flags) -> Result<Need, Refused> {
    parse::parse(text, flags).map(|node| Need::of(&node))
}

/// Compiles a pattern.
///
/// # Errors
/// What in it is not supported, or how it is too large.
pub(super) fn compile(text: &[u8], flags: Flags) -> Result<Engine, Refused> {
    let written = Written::of(&parse::parse(text, flags)?);
    if written.fancy {
        return fancy(written.text).map(|regex| Engine::Fancy(Box::new(regex)));
    }
    regex::bytes::RegexBuilder::new(&written.text)
        .unicode(false)
        .size_limit(PROGRAM)
        .dfa_size_limit(STATES)
        .build()
        .map(Engine::Plain)
        .map_err(|_| "it is too large when compiled")
}

fn fancy(text: String) -> Result<fancy_regex::Regex, Refused> {
    fancy_regex::RegexOptionsBuilder::new()
        .bytes_mode(fancy_regex::BytesMode::Ascii)
        .unicode_mode(false)
        .optimize(false)
        .backtrack_limit(WALKS_BACK)
        .delegate_size_limit(PROGRAM)
        .delegate_dfa_size_limit(STATES)
        .delegate_dfa_skip_cache_capacity_check(false)
        .max_prog_size(PROGRAM / 64)
        .build(text)
        .map_err(|_| "fancy-regex does not take it, or it is too large when compiled")
}

impl Engine {
    /// Looks for the pattern in an answer.
    pub(super) fn try_on<'a>(&self, answer: &'a [u8]) -> Tried<'a> {
        match self {
            Self::Plain(regex) => regex.captures(answer).map_or(Tried::Not, |found| {
                Tried::Fits(Groups::new(answer, |n| Some(found.get(n)?.range())))
            }),
            Self::Fancy(regex) => match regex.captures(answer) {
                Err(_) => Tried::GaveUp,
                Ok(None) => Tried::Not,
                Ok(Some(found)) => {
                    Tried::Fits(Groups::new(answer, |n| Some(found.get(n)?.range())))
                }
            },
        }
    }
}
