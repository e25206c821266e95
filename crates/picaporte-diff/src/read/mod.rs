//! Reads what scanners wrote into a [`Snapshot`]. A file is hostile input: it is read as a stream, within bounds, and what
//! stands in it reaches an error only cut short. Which kind of file it is, its first bytes tell.

use std::cell::Cell;
use std::io::{self, BufReader, Cursor, Read};
use std::rc::Rc;

mod damage;
mod document;
mod failure;
mod lines;
mod nmap;
mod ration;
mod record;
#[cfg(test)]
mod tests;

use crate::build::Builder;
use crate::limits::Limits;
use crate::snapshot::{Format, Snapshot};
pub use damage::{Damage, Writer};
use failure::shown;
pub use failure::{Failure, Other, Part, Place, ReadError};

/// How much of a file is looked at to tell its format.
const HEAD: u64 = 4096;

/// What is to be read beside states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Also evidence, of ports that have a line of their own, and who rejects.
    pub evidence: bool,
}

/// Reads Picaporte's JSON Lines or JSON, or nmap's XML. A file that merely ends too soon is no error: it has
/// [`Note::Cut`](crate::Note::Cut), and what stands before counts.
///
/// # Errors
/// The first place where it is not what its format asks for, where it passes a bound or can't be read; and when it is of
/// another kind, or has nothing in it.
pub fn read(input: impl Read, wanted: Wanted, limits: &Limits) -> Result<Snapshot, ReadError> {
    let mut input = input.take(limits.bytes.saturating_add(1));
    let mut head = Vec::new();
    let read = input.by_ref().take(HEAD).read_to_end(&mut head);
    read.map_err(|error| ReadError::unreadable(&error))?;
    let kind = guess(&head)?;
    let all = Counting {
        inner: Cursor::new(head).chain(input),
        read: Rc::default(),
    };
    let (read, mut all) = (all.read.clone(), BufReader::new(all));
    let snapshot = match kind {
        Kind::Lines => lines::read(&mut all, wanted, limits),
        Kind::Document => document::read(&mut all, wanted, limits),
        Kind::Nmap => nmap::read(&mut all, wanted, limits),
    };
    if read.get() > limits.bytes {
        let what = Failure::Long(limits.bytes);
        return Err(ReadError::new(Place::Byte(limits.bytes), what));
    }
    snapshot
}

/// Counts what was read.
struct Counting<R> {
    inner: R,
    read: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.read.set(self.read.get() + read as u64);
        Ok(read)
    }
}

/// A kind of file.
enum Kind {
    Lines,
    Document,
    Nmap,
}

fn guess(head: &[u8]) -> Result<Kind, ReadError> {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let other = |is: Other| Err(ReadError::new(Place::Whole, is));
    match head {
        [] => return other(Other::Empty),
        [0x1f, 0x8b, ..]
        | [0x28, 0xb5, 0x2f, 0xfd, ..]
        | [b'B', b'Z', b'h', ..]
        | [b'P', b'K', 3, 4, ..] => return other(Other::Compressed),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return other(Other::Utf16),
        _ if text.is_empty() => return other(Other::Blanks),
        _ => {}
    }
    if text.starts_with('<') {
        return Ok(Kind::Nmap);
    }
    if let Some(rest) = text.strip_prefix('{') {
        return Ok(if is_document(rest) {
            Kind::Document
        } else {
            Kind::Lines
        });
    }
    if text.starts_with("# Nmap") || text.starts_with("Starting Nmap") {
        return other(Other::NmapText);
    }
    let begin: String = text
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(40)
        .collect();
    other(Other::Text(shown(&begin)))
}

/// The document has its scan, findings and end as fields; a line has a type.
fn is_document(after_brace: &str) -> bool {
    let keys = ["\"scan\"", "\"findings\"", "\"end\""];
    keys.into_iter().any(|key| {
        let rest = after_brace.trim_start().strip_prefix(key);
        rest.is_some_and(|rest| rest.trim_start().starts_with(':') || rest.trim().is_empty())
    })
}

/// Where reading stands; what all formats have in common.
struct Reading {
    builder: Builder,
    wanted: Wanted,
}

impl Reading {
    fn new(format: Format, wanted: Wanted, limits: &Limits) -> Self {
        let scanner = match format {
            Format::JsonLines | Format::Json | Format::Store => "picaporte",
            Format::Nmap => "nmap",
        };
        Self {
            builder: Builder::new(format, scanner, limits),
            wanted,
        }
    }
}
