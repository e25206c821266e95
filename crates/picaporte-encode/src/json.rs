//! JSON, on one line: for programs, and for the person who looks at it on the way.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::is_unseen;

/// Appends the value as JSON on one line, without a line end. What is not seen is escaped (`\u202e`),
/// so that reading it back gives the same text, and looking at it is safe.
///
/// # Panics
/// When the value can't be written as JSON: a map with keys that are no strings.
pub fn json<T: Serialize>(value: &T, out: &mut Vec<u8>) {
    value
        .serialize(&mut Serializer::with_formatter(out, Seen))
        .expect("a record of strings and numbers, written to memory");
}

/// JSON's compact form, in which every character can be seen.
struct Seen;

impl Formatter for Seen {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_unseen(*c)) {
            writer.write_all(&rest.as_bytes()[..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + c.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}
