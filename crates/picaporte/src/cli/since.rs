//! A moment as a person tells it: a date, a moment with its zone, or how long ago. Reading it is pure; the clock is asked later.

use jiff::{SignedDuration, Timestamp};

use crate::words::said::Said;

/// From when on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    /// A moment.
    At(Timestamp),
    /// So long ago.
    Ago(SignedDuration),
}

impl Since {
    /// The moment, seen from `now`; one before all calendars is their beginning.
    pub(crate) fn moment(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(moment) => moment,
            Self::Ago(length) => now.checked_sub(length).unwrap_or(Timestamp::MIN),
        }
    }
}

fn forms() -> Said {
    said!(
        "write a date (2026-01-31), a moment (2026-01-31T18:00:00Z), or how long ago (7d, 12h, 30m)",
        "escriba una fecha (2026-01-31), un momento (2026-01-31T18:00:00Z), o hace cuánto (7d, 12h, 30m)"
    )
}

/// Reads one. A date begins at midnight, UTC, as all moments are told.
pub(crate) fn parse(text: &str) -> Result<Since, Said> {
    if let Some(length) = ago(text) {
        return Ok(Since::Ago(length));
    }
    if let Ok(moment) = text.parse() {
        return Ok(Since::At(moment));
    }
    let is_date = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let midnight = is_date.then(|| format!("{text}T00:00:00Z").parse().ok());
    midnight.flatten().map(Since::At).ok_or_else(forms)
}

fn ago(text: &str) -> Option<SignedDuration> {
    let unit = text.chars().last()?;
    let seconds = match unit {
        'd' => 86_400,
        'h' => 3_600,
        'm' => 60,
        _ => return None,
    };
    let number = text.strip_suffix(unit)?;
    let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let number: i64 = digits.then(|| number.parse().ok())??;
    number.checked_mul(seconds).map(SignedDuration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn since(text: &str) -> String {
        let now = "2026-01-31T12:00:00Z".parse().unwrap();
        parse(text).map_or_else(|e| e.to_string(), |since| since.moment(now).to_string())
    }

    #[test]
    fn a_moment_is_a_date_a_moment_or_how_long_ago() {
        for (text, moment) in [
            ("2026-01-30", "2026-01-30T00:00:00Z"),
            ("2026-01-30T18:00:00+02:00", "2026-01-30T16:00:00Z"),
            ("2026-01-30T18:00:00.5Z", "2026-01-30T18:00:00.5Z"),
            ("7d", "2026-01-24T12:00:00Z"),
            ("12h", "2026-01-31T00:00:00Z"),
            ("30m", "2026-01-31T11:30:00Z"),
            ("0d", "2026-01-31T12:00:00Z"),
        ] {
            assert_eq!(since(text), moment, "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_refused_with_what_to_write() {
        for text in [
            "",
            "d",
            "7",
            "-7d",
            "+7d",
            "7 d",
            "7w",
            "yesterday",
            "2026-13-01",
            "2026-02-30",
            "2026-01-30T18:00:00",
            "18:00",
            "99999999999999999999d",
            "9999999999999999d",
            "ünd",
        ] {
            assert_eq!(since(text), forms().to_string(), "{text}");
        }
    }

    #[test]
    fn longer_ago_than_any_calendar_is_its_beginning() {
        assert_eq!(
            parse("99999999d").map(|s| s.moment(Timestamp::now())),
            Ok(Timestamp::MIN)
        );
    }
}
