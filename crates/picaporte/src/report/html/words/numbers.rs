//! Numbers, shares and times as a person reads them in each language. Knows no scan.

use std::time::Duration;

use picaporte_core::State;

use super::{Noun, Words};
use crate::report::Lang;
use crate::report::table::text;

impl Words {
    /// `60,990`; `60 990` in Spanish, with a space that no line ends at, and from five digits on (the Academies' Ortografía, 2010).
    pub(in super::super) fn number(&self, n: u64) -> String {
        match self.lang {
            Lang::En => text::number(n),
            Lang::Es if n < 10_000 => n.to_string(),
            Lang::Es => text::number(n).replace(',', "\u{202f}"),
        }
    }

    /// `1 host`, `2 hosts`.
    pub(in super::super) fn count(&self, n: u64, noun: &Noun) -> String {
        let word = if n == 1 { noun.one } else { noun.many };
        format!("{} {word}", self.number(n))
    }

    /// `1 open`, `2 open`.
    pub(in super::super) fn in_state(&self, state: State, n: u64) -> String {
        format!("{} {}", self.number(n), (self.in_state)(state, n))
    }

    /// A number with so many decimals.
    pub(in super::super) fn decimal(&self, number: f64, decimals: usize) -> String {
        self.pointed(&format!("{number:.decimals$}"))
    }

    /// An English text with a decimal point, as the language writes that.
    fn pointed(&self, text: &str) -> String {
        match self.lang {
            Lang::En => text.to_owned(),
            Lang::Es => text.replace('.', ","),
        }
    }

    /// `12.5 %`. What is not nothing is never shown as nothing, and what is not all never as all.
    pub(in super::super) fn percent(&self, part: u64, whole: u64) -> String {
        if part == 0 || whole == 0 {
            return format!("{} %", self.decimal(0.0, 1));
        }
        let share = part as f64 * 100.0 / whole as f64;
        if share < 0.05 {
            return format!("< {} %", self.decimal(0.1, 1));
        }
        if part < whole && share > 99.95 {
            return format!("> {} %", self.decimal(99.9, 1));
        }
        format!("{} %", self.decimal(share, 1))
    }

    /// A round trip: `0.21 ms`, `1.25 s`.
    pub(in super::super) fn micros(&self, micros: u64) -> String {
        self.pointed(&text::round_trip(micros))
    }

    /// How long something took: `350 ms`, `1.25 s`, `4 min 05 s`, `2 h 07 min`.
    pub(in super::super) fn length(&self, time: Duration) -> String {
        match time.as_secs() {
            0..3600 => self.pointed(&text::length(time)),
            // The hours may have a separator of their own.
            seconds => format!(
                "{} h {:02} min",
                self.number(seconds / 3600),
                seconds / 60 % 60
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_language_writes_them() {
        let (en, es) = (Words::of(Lang::En), Words::of(Lang::Es));
        let shown = |words: &Words| {
            [7, 1_000, 60_990, 1_234_567]
                .map(|n| words.number(n))
                .join(" ")
        };
        assert_eq!(shown(en), "7 1,000 60,990 1,234,567");
        assert_eq!(shown(es), "7 1000 60\u{202f}990 1\u{202f}234\u{202f}567");
        assert_eq!(
            (en.micros(212), es.micros(1_250_000)),
            ("0.21 ms".to_owned(), "1,25 s".to_owned())
        );
    }

    #[test]
    fn little_is_not_nothing_and_nearly_all_is_not_all() {
        let en = Words::of(Lang::En);
        let shown = [
            (0, 9),
            (1, 65_535),
            (1, 8),
            (65_534, 65_535),
            (9, 9),
            (0, 0),
        ];
        let shown = shown.map(|(part, whole)| en.percent(part, whole));
        assert_eq!(
            shown.join(", "),
            "0.0 %, < 0.1 %, 12.5 %, > 99.9 %, 100.0 %, 0.0 %"
        );
    }

    #[test]
    fn lengths_of_time_grow_coarser() {
        let es = Words::of(Lang::Es);
        let shown = [0, 350, 1_259, 59_999, 245_000, 7_620_000]
            .map(|ms| es.length(Duration::from_millis(ms)));
        assert_eq!(
            shown.join("; "),
            "0 ms; 350 ms; 1,25 s; 59,99 s; 4 min 05 s; 2 h 07 min"
        );
    }
}
