//! A message of SARIF, in which brackets are links and braces are arguments.

use crate::terminal;

/// The text as a message of SARIF in plain text: as for a [`terminal`]. Brackets would make a link of it, and braces stand for
/// arguments (SARIF 2.1.0, sections 3.11.5 and 3.11.6).
pub fn sarif(text: &str) -> String {
    let mut message = String::with_capacity(text.len() + 8);
    for c in terminal(text).chars() {
        match c {
            '\\' | '[' | ']' => message.extend(['\\', c]),
            '{' | '}' => message.extend([c, c]),
            _ => message.push(c),
        }
    }
    message
}
