//! Numbers, times and lines as a person reads them. Knows no scan.

use std::time::Duration;

use unicode_width::UnicodeWidthStr as _;

/// `60,990`.
pub(in crate::report) fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 host`, `2 hosts`.
pub(in crate::report) fn counted(n: u64, one: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{} {one}{s}", number(n))
}

/// A round trip: `0.21 ms`, `1.25 s`.
pub(in crate::report) fn round_trip(micros: u64) -> String {
    match micros {
        0..1_000_000 => format!("{:.2} ms", micros as f64 / 1e3),
        _ => format!("{:.2} s", micros as f64 / 1e6),
    }
}

/// How long something took: `350 ms`, `1.25 s`, `4 min 05 s`, `2 h 07 min`.
pub(in crate::report) fn length(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => format!("{} ms", time.as_millis()),
        1..60 => format!("{seconds}.{:02} s", time.subsec_millis() / 10),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", number(seconds / 3600), seconds / 60 % 60),
    }
}

/// How many a second, rounded; `None` where no time has passed.
pub(in crate::report) fn per_second(n: u64, time: Duration) -> Option<u64> {
    let seconds = time.as_secs_f64();
    (seconds > 0.0).then(|| (n as f64 / seconds).round() as u64)
}

/// How many columns a text takes.
pub(in crate::report) fn columns(text: &str) -> usize {
    text.width()
}

/// A blank that keeps what is beside it on one line, such as a count and what it counts. No text
/// from outside holds it: the terminal's encoder escapes it.
pub(in crate::report) const JOINED: char = '\u{a0}';

/// Breaks a text between words so that lines have at most `width` columns, the first of which begins
/// at column `start`; later ones are indented to `hang`. A word that does not fit there begins
/// further left, and is never cut. [`JOINED`] is written as a blank that no line ends at.
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
    wrapped.replace(JOINED, " ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_have_separators_and_units() {
        let shown = [0, 7, 999, 1_000, 60_990, 1_234_567, 10_000_000].map(number);
        assert_eq!(shown.join(" "), "0 7 999 1,000 60,990 1,234,567 10,000,000");
        assert_eq!(counted(1, "host"), "1 host");
        assert_eq!(counted(1_500, "host"), "1,500 hosts");
        assert_eq!(round_trip(212), "0.21 ms");
        assert_eq!(round_trip(1_250_000), "1.25 s");
    }

    #[test]
    fn lengths_of_time_grow_coarser() {
        let shown =
            [0, 350, 1_259, 59_999, 245_000, 7_620_000].map(|ms| length(Duration::from_millis(ms)));
        assert_eq!(
            shown.join("; "),
            "0 ms; 350 ms; 1.25 s; 59.99 s; 4 min 05 s; 2 h 07 min"
        );
    }

    #[test]
    fn a_rate_needs_time() {
        assert_eq!(per_second(500, Duration::from_millis(250)), Some(2_000));
        assert_eq!(per_second(500, Duration::ZERO), None);
    }

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
