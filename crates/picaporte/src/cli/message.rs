//! Lines on standard error: one message is one line, whatever text is echoed in it; in a terminal it is wrapped.
//!
//! Text from a user, a file or a name server may be anything; it reaches the terminal only through
//! [`line`], which escapes what a terminal would obey and shortens what nobody would read.

use std::io::Write as _;

use super::terminal;
use crate::report::{JOINED, Lang, encode};
use crate::words::numbers::NARROW;

/// The most characters of one message; more is cut from its middle, so that what is wrong (the
/// beginning) and what to do (the end) both stay.
const LONGEST: usize = 360;

/// Writes `error: …`, which is the same word in each language.
pub(crate) fn error(text: &str) {
    write("error", &marked(text));
}

/// Writes what the user should know although it ended nothing.
pub(crate) fn warning(lang: Lang, text: &str) {
    write(lang.either("warning", "aviso"), &marked(text));
}

/// Writes what the user may want to know.
pub(crate) fn note(lang: Lang, text: &str) {
    write(lang.either("note", "nota"), &marked(text));
}

/// One harmless line: no line breaks, nothing that a terminal obeys, about [`LONGEST`] characters.
pub(crate) fn line(text: &str) -> String {
    shortened(text, |text| encode::terminal(text).into_owned())
}

/// The same, but for the blanks that keep together what is beside them.
fn marked(text: &str) -> String {
    let seen = |part: &str| encode::terminal(part).into_owned();
    shortened(text, |text| {
        let parts = text.split_inclusive([JOINED, NARROW]).map(|part| {
            match part.strip_suffix([JOINED, NARROW]) {
                Some(before) => seen(before) + &part[before.len()..],
                None => seen(part),
            }
        });
        parts.collect()
    })
}

fn shortened(text: &str, encode: impl Fn(&str) -> String) -> String {
    let count = text.chars().count();
    if count <= LONGEST {
        return encode(text);
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
    format!("{}…{}", encode(head), encode(tail))
}

/// Writes what is encoded. No line of it ends at the blanks [`JOINED`] and [`NARROW`].
fn write(kind: &str, line: &str) {
    let mut out = std::io::stderr().lock();
    let message = terminal::message(&format!("{kind}: {line}"), terminal::width(&out));
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(out, "{message}");
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
    fn only_marks_stay_as_they_are() {
        let text = "9\u{202f}999 a\u{a0}b\u{2003}c\u{1b}\n\u{a0}";
        assert_eq!(
            marked(text),
            "9\u{202f}999 a\u{a0}b\\u{2003}c\\u{1b}\\u{a}\u{a0}"
        );
        assert_eq!(line("a\u{a0}b"), "a\\u{a0}b");
    }

    #[test]
    fn a_long_text_keeps_its_beginning_and_its_end() {
        let long = line(&format!("begin {} end", "x".repeat(1_000_000)));
        assert!(long.starts_with("begin x") && long.ends_with("x end"));
        assert!(long.chars().count() <= LONGEST + 1);
    }
}
