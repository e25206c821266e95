//! What a pattern says, without a syntax.

use super::bytes::ByteSet;

/// One part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Empty,
    /// One byte of these.
    Byte(Box<ByteSet>),
    /// One after the other.
    Row(Vec<Node>),
    /// The first that fits.
    Either(Vec<Node>),
    Repeat {
        what: Box<Node>,
        least: u32,
        most: Option<u32>,
        greed: Greed,
    },
    /// Remembers what it took.
    Group(Box<Node>),
    /// Takes what it takes, and gives nothing back.
    Atomic(Box<Node>),
    Look {
        what: Box<Node>,
        behind: bool,
        not: bool,
    },
    /// What a group took, again.
    Back {
        group: u32,
        fold: bool,
    },
    At(Place),
}

/// How much a repetition takes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Greed {
    Most,
    Least,
    /// As much as there is, for good.
    Possessive,
}

/// A place between two bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Start,
    End,
    /// At the end, or before a newline that ends it: what `$` means to Perl.
    EndOrNewline,
    LineStart,
    LineEnd,
    WordEdge,
    NoWordEdge,
}
