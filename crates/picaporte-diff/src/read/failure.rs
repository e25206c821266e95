//! Why a file could not be read, and where: as types, so that whoever shows it can say it in another language. What it quotes
//! is cut short; whoever shows it encodes it.

use std::fmt;
use std::io;

use super::damage::{Damage, Writer};
use crate::limits::Full;

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
    pub what: Failure,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::Whole => self.what.fmt(f),
            place => write!(f, "{place}: {}", self.what),
        }
    }
}

/// What is wrong with a file, to be said behind its name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It is not of a kind that is read.
    #[error("{0}")]
    Other(#[from] Other),
    /// The system could not read it, and said this.
    #[error("can't be read: {0}")]
    Unreadable(String),
    /// It is longer than so many bytes.
    #[error("longer than {0} bytes, the most that is read; scan and compare in parts")]
    Long(u64),
    /// A part of it is longer than so many bytes.
    #[error(
        "{part} longer than {most} bytes, the most that one may have; the file is damaged, or was not made by a scanner"
    )]
    LongPart {
        /// What is.
        part: Part,
        /// The most bytes.
        most: usize,
    },
    /// Its records mean what a later version knows.
    #[error(
        "was written by a newer version (schema {found}, this one knows {known}); update picaporte"
    )]
    Newer {
        /// The meaning that it has.
        found: u32,
        /// The last that is known.
        known: u32,
    },
    /// More stands in it than is kept.
    #[error("{0}")]
    Full(#[from] Full),
    /// It is not as its writer makes it.
    #[error("{0}; the file is damaged, or is not what {1} writes")]
    Damaged(Damage, Writer),
}

/// A file that is not of a kind that is read, or holds nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Other {
    /// No byte.
    #[error("is empty; {}", GIVE)]
    Empty,
    /// Nothing but white space.
    #[error("holds nothing but blanks; {}", GIVE)]
    Blanks,
    /// An archive.
    #[error("is compressed; unpack it first")]
    Compressed,
    /// Text of two bytes a character.
    #[error("is text in UTF-16; write it in UTF-8")]
    Utf16,
    /// What nmap writes for people, or for grep.
    #[error(
        "is nmap's output for people or for grep, which does not tell every port; {}",
        GIVE
    )]
    NmapText,
    /// Text that begins so.
    #[error("begins with '{0}', and is neither JSON nor XML; {give}", give = GIVE)]
    Text(String),
    /// JSON in which no scan is told.
    #[error("holds no scan; give what 'picaporte scan -o' writes, or nmap's XML (-oX)")]
    NoScan,
    /// XML in which no run is told.
    #[error("holds no <nmaprun>; give what nmap -oX writes")]
    NoRun,
    /// It ends before anything is told.
    #[error("is cut off within its first record, and holds nothing; scan again")]
    CutOff,
    /// The same of XML.
    #[error("is cut off before <nmaprun>, and holds nothing; scan again")]
    CutOffXml,
}

/// A part of a file that has a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A line of JSON Lines.
    Line,
    /// A finding of a JSON document.
    Finding,
    /// An element of XML.
    Element,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Line => "a line",
            Self::Finding => "a finding",
            Self::Element => "an element",
        })
    }
}

/// What to write in place of a file that can't be read.
const GIVE: &str = "give Picaporte's .jsonl or .json, or nmap's XML (-oX)";

impl ReadError {
    pub(super) fn new(place: Place, what: impl Into<Failure>) -> Self {
        let what = what.into();
        Self { place, what }
    }

    pub(super) fn unreadable(error: &io::Error) -> Self {
        Self::new(Place::Whole, Failure::Unreadable(error.to_string()))
    }

    /// Something is not as its writer makes it.
    pub(super) fn damaged(place: Place, what: Damage, writer: Writer) -> Self {
        Self::new(place, Failure::Damaged(what, writer))
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
