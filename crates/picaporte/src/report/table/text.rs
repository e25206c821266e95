//! Lines as a person reads them in a terminal. Knows no scan.

use unicode_width::UnicodeWidthStr as _;

use crate::words::numbers::NARROW;

/// How many columns a text takes.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// A blank that keeps what is beside it on one line, such as a count and what it counts. No text
/// from outside holds it: the terminal's encoder escapes it.
pub(crate) const JOINED: char = '\u{a0}';

/// Breaks a text between words so that lines have at most `width` columns, the first of which begins
/// at column `start`; later ones are indented to `hang`. A word that does not fit there begins
/// further left, and is never cut; the first one too begins on a line of its own if that helps. Blanks where a line ends go.
/// [`JOINED`] and the blank inside numbers are written as blanks that no line ends at.
pub(crate) fn wrap(text: &str, start: usize, hang: usize, width: usize) -> String {
    let mut wrapped = String::with_capacity(text.len());
    let mut column = start;
    for (i, word) in text.split(' ').enumerate() {
        let size = columns(word);
        let (blank, indent) = (usize::from(i > 0), hang.min(width.saturating_sub(size)));
        let fits = column + blank + size <= width;
        if fits || i == 0 && indent >= start {
            wrapped.extend(std::iter::repeat_n(' ', blank));
            column += blank + size;
        } else if word.is_empty() {
            continue;
        } else {
            wrapped.truncate(wrapped.trim_end_matches(' ').len());
            wrapped.push('\n');
            wrapped.extend(std::iter::repeat_n(' ', indent));
            column = indent + size;
        }
        wrapped.push_str(word);
    }
    drawn(&wrapped)
}

/// The text as one word, which is never broken: what somebody may copy, such as a name or a command.
pub(crate) fn joined(text: &str) -> String {
    text.replace(' ', &JOINED.to_string())
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

    #[test]
    fn the_first_word_too_goes_where_it_fits() {
        assert_eq!(
            wrap("2001:db8::1 is far", 10, 4, 20),
            "\n    2001:db8::1 is\n    far"
        );
        assert_eq!(wrap("2001:db8::1", 10, 10, 20), "\n         2001:db8::1");
        assert_eq!(wrap("2001:db8::1 ok", 2, 4, 5), "\n2001:db8::1\n   ok");
        assert_eq!(wrap("2001:db8::1", 0, 2, 5), "2001:db8::1");
    }

    #[test]
    fn blanks_stay_but_where_a_line_ends() {
        assert_eq!(wrap("  3 (one)", 4, 4, 20), "  3 (one)");
        assert_eq!(wrap("a  b", 0, 2, 9), "a  b");
        assert_eq!(wrap("abcd    efgh", 0, 2, 6), "abcd\n  efgh");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_but_of_one_word(
            text in "[a-zé日\u{301} ]{0,60}",
            start in 0_usize..30,
            hang in 0_usize..30,
            width in 0_usize..40,
        ) {
            let wrapped = wrap(&text, start, hang, width);
            let words = |text: &str| text.split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(words(&wrapped.replace('\n', " ")), words(&text));
            for (i, line) in wrapped.split('\n').enumerate() {
                let at = if i == 0 { start } else { 0 };
                let fits = at + columns(line) <= width;
                let word = line.trim_start_matches(' ');
                // As far left as can be.
                let alone = !word.contains(' ') && (i == 0 || word == line);
                prop_assert!(fits || alone, "{line:?}");
            }
        }

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
