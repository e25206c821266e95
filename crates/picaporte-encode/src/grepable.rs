//! nmap's grepable format, in which punctuation divides fields.

use std::fmt::Write as _;

use crate::terminal;

/// The text as a field of nmap's grepable format: as for a [`terminal`], and what divides fields there, ends them, or begins a
/// comment becomes visible by its number.
pub fn grepable(text: &str) -> String {
    field(&terminal(text))
}

/// What is shown of a text, without what divides.
pub(crate) fn field(seen: &str) -> String {
    let mut field = String::with_capacity(seen.len());
    for c in seen.chars() {
        if matches!(c, '(' | ')' | '/' | ',' | '#') {
            // Writing to a String cannot fail.
            let _ = write!(field, "\\u{{{:x}}}", u32::from(c));
        } else {
            field.push(c);
        }
    }
    field
}
