//! A terminal, a log, a person's eyes: a character that acts would steer the first and deceive the last.

use std::borrow::Cow;

use crate::is_unseen;

/// The text for a terminal, a log or a person's eyes: what is not seen becomes visible, as `\u{1b}`.
///
/// ```
/// # use picaporte_encode::terminal;
/// assert_eq!(terminal("www.example.org"), "www.example.org");
/// assert_eq!(terminal("\u{1b}[2J"), "\\u{1b}[2J");
/// ```
pub fn terminal(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unseen) {
        return Cow::Borrowed(text);
    }
    let mut seen = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_unseen(c) {
            seen.extend(c.escape_unicode());
        } else {
            seen.push(c);
        }
    }
    Cow::Owned(seen)
}
