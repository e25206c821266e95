//! What is wrong with a file, and where. The file's name is added by whoever opened it.

use std::fmt;
use std::ops::Range;

use toml::Spanned;

use crate::mistake::Mistake;

/// What is wrong, where, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Counted from 1; 0 where it is about the whole file.
    pub line: usize,
    /// In characters, counted from 1; 0 where it is about the whole file.
    pub column: usize,
    /// One sentence. It may quote the file, so it is still to be encoded for its sink.
    pub what: Mistake,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => self.what.fmt(f),
            line => write!(f, "line {line}, column {}: {}", self.column, self.what),
        }
    }
}

impl std::error::Error for Wrong {}

/// The same while the file is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    /// One sentence.
    pub what: Mistake,
    /// The bytes of the text that say it; empty at the beginning where it is about the whole file.
    pub span: Range<usize>,
}

/// What was read, or the first mistake.
pub type Checked<T> = Result<T, At>;

impl At {
    /// About what stands there.
    pub fn place<T>(place: &Spanned<T>, what: impl Into<Mistake>) -> Self {
        Self {
            what: what.into(),
            span: place.span(),
        }
    }

    /// About the file as a whole.
    pub fn whole(what: impl Into<Mistake>) -> Self {
        Self {
            what: what.into(),
            span: 0..0,
        }
    }

    /// The same with line and column, in the text that was read.
    pub fn in_text(self, text: &str) -> Wrong {
        let (line, column) = position(text, self.span.start);
        Wrong {
            line,
            column,
            what: self.what,
        }
    }
}

/// Line and column of a byte, both from 1, the column in characters.
pub fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let begin = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
    (line, before[begin..].chars().count() + 1)
}
