//! Why an output could not be read, and where. What it quotes is escaped and cut, so that it may be shown on a terminal.

use std::fmt;
use std::io;

/// Where in an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nowhere in particular.
    Whole,
    /// In this line, counted from 1.
    Line(u64),
    /// About this byte, counted from 0.
    Byte(u64),
}

/// Why an output could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}{what}")]
pub struct ReadError {
    /// Where.
    pub place: Place,
    /// What was expected, and what stood there.
    pub what: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => Ok(()),
            Self::Line(line) => write!(f, "line {line}: "),
            Self::Byte(byte) => write!(f, "byte {byte}: "),
        }
    }
}

impl ReadError {
    pub(super) fn at(place: Place, what: impl Into<String>) -> Self {
        Self {
            place,
            what: what.into(),
        }
    }

    pub(super) fn unreadable(error: &io::Error) -> Self {
        Self::at(Place::Whole, format!("can't be read: {error}"))
    }

    pub(super) fn unguessed(head: &[u8]) -> Self {
        let what = if head.is_empty() {
            "is empty, so its format can't be guessed".to_owned()
        } else {
            let start = &head[..head.len().min(40)];
            let start = shown(&String::from_utf8_lossy(start));
            format!("begins with '{start}', like none of the formats that are known")
        };
        Self::at(Place::Whole, what + "; name it with --format")
    }
}

/// The longest quotation of an output.
const MOST_SHOWN: usize = 100;

/// Text of an output for people: control characters escaped, the rest cut.
pub(crate) fn shown(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(MOST_SHOWN)
        .flat_map(|c| match c {
            '"' | '\'' => vec![c],
            _ => c.escape_debug().collect(),
        })
        .collect();
    if text.chars().nth(MOST_SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// What serde missed in one JSON text, without its own notion of a line.
pub(super) fn json_error(error: &serde_json::Error) -> String {
    let text = error.to_string();
    shown(
        text.rsplit_once(" at line ")
            .map_or(&*text, |(what, _)| what),
    )
}
