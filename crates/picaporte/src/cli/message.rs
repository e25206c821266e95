//! Lines on standard error: one message is one line, whatever text is echoed in it.
//!
//! Text from a user, a file or a name server may be anything; it reaches the terminal only through
//! [`line`], which escapes what a terminal would obey and shortens what nobody would read.

use std::io::Write as _;

use crate::report::{Lang, encode};

/// The most characters of one message; more is cut from its middle, so that what is wrong (the
/// beginning) and what to do (the end) both stay.
const LONGEST: usize = 360;

/// Writes `error: …`, which is the same word in each language.
pub(crate) fn error(text: &str) {
    write("error", text);
}

/// Writes what the user should know although it ended nothing.
pub(crate) fn warning(lang: Lang, text: &str) {
    write(lang.either("warning", "aviso"), text);
}

/// Writes what the user may want to know.
pub(crate) fn note(lang: Lang, text: &str) {
    write(lang.either("note", "nota"), text);
}

/// One harmless line: no line breaks, nothing that a terminal obeys, about [`LONGEST`] characters.
pub(crate) fn line(text: &str) -> String {
    let count = text.chars().count();
    if count <= LONGEST {
        return encode::terminal(text).into_owned();
    }
    let half = |at: usize| {
        text.char_indices()
            .nth(at)
            .map_or(text.len(), |(byte, _)| byte)
    };
    let (head, tail) = (
        &text[..half(LONGEST / 2)],
        &text[half(count - LONGEST / 2)..],
    );
    format!("{}…{}", encode::terminal(head), encode::terminal(tail))
}

fn write(kind: &str, text: &str) {
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(std::io::stderr(), "{kind}: {}", line(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_harmless_line() {
        let hostile = line("a\nb\u{1b}[2J\u{202e}c\u{9b}31m");
        assert_eq!(hostile, "a\\u{a}b\\u{1b}[2J\\u{202e}c\\u{9b}31m");
    }

    #[test]
    fn a_long_text_keeps_its_beginning_and_its_end() {
        let long = line(&format!("begin {} end", "x".repeat(1_000_000)));
        assert!(long.starts_with("begin x") && long.ends_with("x end"));
        assert!(long.chars().count() <= LONGEST + 1);
    }
}
