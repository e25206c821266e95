//! Numbers, shares and times as a person reads them in each language. Knows no scan.

use std::time::Duration;

use crate::report::Lang;

/// What stands between the groups of a Spanish number: a narrow blank that no line ends at.
pub(crate) const NARROW: char = '\u{202f}';

/// Times below are not told apart.
const SHORT: Duration = Duration::from_millis(1);

impl Lang {
    /// `60,990`; `60 990` in Spanish, with [`NARROW`], and from five digits on (the Academies' Ortografía, 2010).
    pub(crate) fn number(self, n: u64) -> String {
        match self {
            Self::En => grouped(n, ','),
            Self::Es if n < 10_000 => n.to_string(),
            Self::Es => grouped(n, NARROW),
        }
    }

    /// A number with so many decimals.
    pub(crate) fn decimal(self, number: f64, decimals: usize) -> String {
        self.pointed(format!("{number:.decimals$}"))
    }

    /// An English text with a decimal point, as the language writes that.
    fn pointed(self, text: String) -> String {
        match self {
            Self::En => text,
            Self::Es => text.replace('.', ","),
        }
    }

    /// `12.5 %`. What is not nothing is never shown as nothing, and what is not all never as all.
    pub(crate) fn percent(self, part: u64, whole: u64) -> String {
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

    /// A round trip: `0.21 ms`, `1.25 s`; `< 0.01 ms` where it would be rounded to nothing.
    pub(crate) fn round_trip(self, micros: u64) -> String {
        match micros {
            0..5 => format!("< {} ms", self.decimal(0.01, 2)),
            5..1_000_000 => format!("{} ms", self.decimal(micros as f64 / 1e3, 2)),
            _ => format!("{} s", self.decimal(micros as f64 / 1e6, 2)),
        }
    }

    /// How long something took: `less than 1 ms`, `350 ms`, `1.25 s`, `4 min 05 s`, `2 h 07 min`.
    pub(crate) fn length(self, time: Duration) -> String {
        let seconds = time.as_secs();
        match seconds {
            _ if !time.is_zero() && time < SHORT => {
                self.either("less than 1 ms", "menos de 1 ms").to_owned()
            }
            0 => format!("{} ms", time.as_millis()),
            1..60 => self.pointed(format!("{seconds}.{:02} s", time.subsec_millis() / 10)),
            60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
            _ => format!(
                "{} h {:02} min",
                self.number(seconds / 3600),
                seconds / 60 % 60
            ),
        }
    }

    /// `once`, `twice`, `3 times`.
    pub(crate) fn times(self, n: u64) -> String {
        match n {
            1 => self.either("once", "una vez").to_owned(),
            2 => self.either("twice", "dos veces").to_owned(),
            n => say!(self, "{n} times", "{n} veces", n = self.number(n)),
        }
    }
}

/// A number in groups of three.
fn grouped(n: u64, separator: char) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// How many a second, rounded; `None` where it took less than a millisecond: a few attempts within microseconds say nothing
/// of a second.
pub(crate) fn per_second(n: u64, time: Duration) -> Option<u64> {
    (time >= SHORT).then(|| (n as f64 / time.as_secs_f64()).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_language_writes_them() {
        let shown = |lang: Lang| {
            [0, 7, 999, 1_000, 60_990, 1_234_567, 10_000_000]
                .map(|n| lang.number(n))
                .join("; ")
        };
        assert_eq!(
            shown(Lang::En),
            "0; 7; 999; 1,000; 60,990; 1,234,567; 10,000,000"
        );
        assert_eq!(
            shown(Lang::Es),
            "0; 7; 999; 1000; 60\u{202f}990; 1\u{202f}234\u{202f}567; 10\u{202f}000\u{202f}000"
        );
        assert_eq!(Lang::En.round_trip(212), "0.21 ms");
        assert_eq!(Lang::Es.round_trip(1_250_000), "1,25 s");
        assert_eq!(
            [4, 5].map(|n| Lang::En.round_trip(n)),
            ["< 0.01 ms", "0.01 ms"]
        );
    }

    #[test]
    fn little_is_not_nothing_and_nearly_all_is_not_all() {
        let shown = [
            (0, 9),
            (1, 65_535),
            (1, 8),
            (65_534, 65_535),
            (9, 9),
            (0, 0),
        ];
        let shown = |lang: Lang| {
            let shown = shown.map(|(part, whole)| lang.percent(part, whole));
            shown.join("; ")
        };
        assert_eq!(
            shown(Lang::En),
            "0.0 %; < 0.1 %; 12.5 %; > 99.9 %; 100.0 %; 0.0 %"
        );
        assert_eq!(
            shown(Lang::Es),
            "0,0 %; < 0,1 %; 12,5 %; > 99,9 %; 100,0 %; 0,0 %"
        );
    }

    #[test]
    fn lengths_of_time_grow_coarser() {
        let shown = |lang: Lang| {
            [0, 350, 1_259, 59_999, 245_000, 7_620_000]
                .map(|ms| lang.length(Duration::from_millis(ms)))
                .join("; ")
        };
        assert_eq!(
            shown(Lang::En),
            "0 ms; 350 ms; 1.25 s; 59.99 s; 4 min 05 s; 2 h 07 min"
        );
        assert_eq!(
            shown(Lang::Es),
            "0 ms; 350 ms; 1,25 s; 59,99 s; 4 min 05 s; 2 h 07 min"
        );
        let short = |lang: Lang| [999, 1_000].map(|us| lang.length(Duration::from_micros(us)));
        assert_eq!(short(Lang::En), ["less than 1 ms", "1 ms"]);
        assert_eq!(short(Lang::Es), ["menos de 1 ms", "1 ms"]);
    }

    #[test]
    fn a_rate_needs_a_millisecond() {
        assert_eq!(per_second(500, Duration::from_millis(250)), Some(2_000));
        assert_eq!(per_second(6, Duration::from_millis(1)), Some(6_000));
        assert_eq!(per_second(6, Duration::from_micros(999)), None);
        assert_eq!(per_second(500, Duration::ZERO), None);
    }

    #[test]
    fn the_first_times_have_words() {
        assert_eq!(
            [1, 2, 3].map(|n| Lang::En.times(n)),
            ["once", "twice", "3 times"]
        );
        assert_eq!(
            [1, 2, 3].map(|n| Lang::Es.times(n)),
            ["una vez", "dos veces", "3 veces"]
        );
    }
}
