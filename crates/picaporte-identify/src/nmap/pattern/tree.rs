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

impl Node {
    /// Repeats it. What takes no byte is there once or not at all: `fancy-regex` refuses to repeat it, and more often says no more.
    pub(super) fn repeat(self, (least, most): (u32, Option<u32>), greed: Greed) -> Self {
        if !self.takes_nothing() {
            let what = Box::new(self);
            return Self::Repeat {
                what,
                least,
                most,
                greed,
            };
        }
        match (least, greed) {
            (0, Greed::Least) => Self::Either(vec![Self::Empty, self]),
            (0, _) => Self::Either(vec![self, Self::Empty]),
            _ => self,
        }
    }

    fn takes_nothing(&self) -> bool {
        match self {
            Self::Empty | Self::Look { .. } | Self::At(_) => true,
            Self::Row(all) | Self::Either(all) => all.iter().all(Self::takes_nothing),
            Self::Group(what) | Self::Atomic(what) | Self::Repeat { what, .. } => {
                what.takes_nothing()
            }
            Self::Byte(_) | Self::Back { .. } => false,
        }
    }
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
