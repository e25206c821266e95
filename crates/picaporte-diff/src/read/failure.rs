//! Why a file could not be read, and where. What it quotes is cut short; whoever shows it encodes it.

use std::fmt;
use std::io;

/// Where in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Nowhere in particular.
    Whole,
    /// In this line, counted from 1.
    Line(u64),
    /// About this byte, counted from 0.
    Byte(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("its beginning"),
            Self::Line(line) => write!(f, "line {line}"),
            Self::Byte(byte) => write!(f, "byte {byte}"),
        }
    }
}

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ReadError {
    /// Where.
    pub place: Place,
    /// What stood there, and what to do about it.
    pub what: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::Whole => f.write_str(&self.what),
            place => write!(f, "{place}: {}", self.what),
        }
    }
}

impl ReadError {
    pub(super) fn new(place: Place, what: impl Into<String>) -> Self {
        Self {
            place,
            what: what.into(),
        }
    }

    pub(super) fn unreadable(error: &io::Error) -> Self {
        Self::new(Place::Whole, format!("can't be read: {error}"))
    }

    /// Something is not as the format has it.
    pub(super) fn damaged(place: Place, what: &str, format: &str) -> Self {
        let what = format!("{what}; the file is damaged, or is not {format}");
        Self::new(place, what)
    }
}

/// The longest quotation of a file, in characters.
const MOST: usize = 60;

/// A text of the file as an error quotes it.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(MOST).collect();
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}

/// What was wrong with a JSON text, without serde's own notion of a line.
pub(super) fn json(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text
        .rsplit_once(" at line ")
        .map_or(&*text, |(what, _)| what);
    shown_longer(what)
}

/// serde quotes what it met before it says what it expected.
fn shown_longer(text: &str) -> String {
    let count = text.chars().count();
    if count <= 2 * MOST {
        return text.to_owned();
    }
    let head: String = text.chars().take(MOST).collect();
    let tail: String = text.chars().skip(count - MOST).collect();
    format!("{head}…{tail}")
}
