//! Lines as a person reads them in a terminal. Knows no scan.

use unicode_width::UnicodeWidthStr as _;

use crate::words::numbers::NARROW;

/// How many columns a text takes.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// A blank that keeps what is beside it on one line, such as a count and what it counts. No text
/// from outside holds it: the terminal's encoder escapes it.
pub(in crate::report) const JOINED: char = '\u{a0}';

/// Breaks a text between words so that lines have at most `width` columns, the first of which begins
/// at column `start`; later ones are indented to `hang`. A word that does not fit there begins
/// further left, and is never cut. [`JOINED`] and the blank inside numbers are written as blanks that no line ends at.
pub(in crate::report) fn wrap(text: &str, start: usize, hang: usize, width: usize) -> String {
    let mut wrapped = String::with_capacity(text.len());
    let mut column = start;
    for word in text.split(' ') {
        let size = columns(word);
        if wrapped.is_empty() {
            column += size;
        } else if column + 1 + size <= width {
            wrapped.push(' ');
            column += 1 + size;
        } else {
            let indent = hang.min(width.saturating_sub(size));
            wrapped.push('\n');
            wrapped.extend(std::iter::repeat_n(' ', indent));
            column = indent + size;
        }
        wrapped.push_str(word);
    }
    drawn(&wrapped)
}

/// The text with ordinary blanks, which every terminal can draw, in place of those that keep together what is beside them.
pub(crate) fn drawn(text: &str) -> String {
    text.replace([JOINED, NARROW], " ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_word_too_long_for_its_place_begins_further_left() {
        let wrapped = wrap("icmp 3/13 from 2001:db8::1", 10, 10, 20);
        assert_eq!(wrapped, "icmp 3/13\n          from\n         2001:db8::1");
    }

    #[test]
    fn what_is_joined_stays_on_one_line() {
        let text = format!("filtered (10{JOINED}no-response, 2{JOINED}net-unreach)");
        assert_eq!(
            wrap(&text, 0, 2, 29),
            "filtered (10 no-response,\n  2 net-unreach)"
        );
        let number = crate::report::Lang::Es.number(1_234_567);
        assert_eq!(wrap(&format!("a {number}"), 0, 0, 9), "a\n1 234 567");
    }

    proptest! {
        #[test]
        fn wrapping_keeps_the_words_and_the_width(
            words in proptest::collection::vec("[a-z]{1,12}", 1..20),
            hang in 0_usize..30,
            width in 12_usize..60,
        ) {
            let text = words.join(" ");
            let wrapped = wrap(&text, 0, hang, width);
            prop_assert_eq!(wrapped.split_whitespace().collect::<Vec<_>>(), words);
            for line in wrapped.lines() {
                prop_assert!(columns(line) <= width, "{line:?}");
            }
        }
    }
}
