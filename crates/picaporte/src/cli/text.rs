//! Numbers and times as a person reads them. Units are the same in each language.

use std::time::Duration;

use crate::report::Lang;

/// A number in groups of three: `65,535`.
pub(crate) fn grouped(n: u64) -> String {
    Lang::En.number(n)
}

/// A length of time, its two largest units: `0.4 s`, `12 s`, `3 min 20 s`, `5 h 7 min`, `12 d 3 h`.
pub(crate) fn time(lang: Lang, length: Duration) -> String {
    let seconds = length.as_secs();
    match seconds {
        0..10 => format!("{} s", lang.decimal(length.as_secs_f64(), 1)),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!(
            "{} d {} h",
            lang.number(seconds / 86_400),
            seconds % 86_400 / 3600
        ),
    }
}

/// A time as a clock shows it: `0:07`, `12:34`, `1:02:03`.
pub(crate) fn clock(length: Duration) -> String {
    let (hours, minutes, seconds) = (
        length.as_secs() / 3600,
        length.as_secs() / 60 % 60,
        length.as_secs() % 60,
    );
    if hours == 0 {
        format!("{minutes}:{seconds:02}")
    } else {
        format!("{hours}:{minutes:02}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!(
            [0, 999, 1000, 65_535, 1_234_567].map(grouped).join(" "),
            "0 999 1,000 65,535 1,234,567"
        );
    }

    #[test]
    fn times_have_units() {
        let shown = [0.42, 12.9, 200.0, 18_421.0, 1_047_600.0]
            .map(|s| time(Lang::En, Duration::from_secs_f64(s)));
        assert_eq!(
            shown.join(", "),
            "0.4 s, 12 s, 3 min 20 s, 5 h 7 min, 12 d 3 h"
        );
        assert_eq!(time(Lang::Es, Duration::from_millis(420)), "0,4 s");
        assert_eq!(clock(Duration::from_secs(3723)), "1:02:03");
        assert_eq!(clock(Duration::from_secs(67)), "1:07");
    }
}
