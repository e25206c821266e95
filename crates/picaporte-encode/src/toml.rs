//! TOML that a person goes on to edit.

use std::fmt::Write as _;

use crate::is_unseen;

/// The text as a basic string of TOML (TOML 1.0, "String"), with its quotes. What is not seen is escaped, so that reading it back
/// gives the same text, and looking at it is safe.
pub fn toml(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            _ if is_unseen(c) => {
                // Writing to a String cannot fail.
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
