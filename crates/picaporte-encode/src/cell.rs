//! A cell of a CSV file: spreadsheets run what begins like a formula.

use std::borrow::Cow;

use crate::terminal;

/// What spreadsheets take for the beginning of a formula (OWASP, "CSV injection"), in full width too.
pub(crate) const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// The text for a cell of a CSV file: as for a [`terminal`], with a leading apostrophe where a spreadsheet would run it, and with
/// semicolons visible by their number where a formula could stand behind them, as many spreadsheets divide cells there too. Quoting is
/// left to who writes the file.
pub fn cell(text: &str) -> Cow<'_, str> {
    defused(text, terminal(text))
}

/// `seen` is what is shown of `text`.
pub(crate) fn defused<'a>(text: &str, seen: Cow<'a, str>) -> Cow<'a, str> {
    let seen = undivided(seen);
    if text.starts_with(FORMULA) {
        return Cow::Owned(format!("'{seen}"));
    }
    seen
}

/// Without a formula behind a semicolon, even if spaces stand between.
fn undivided(seen: Cow<'_, str>) -> Cow<'_, str> {
    let runs = |rest: &str| rest.trim_start_matches([' ', '"']).starts_with(FORMULA);
    if !seen.split(';').skip(1).any(runs) {
        return seen;
    }
    Cow::Owned(seen.replace(';', "\\u{3b}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_would_run_is_defused() {
        for (text, safe) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2", "'-2"),
            ("\t=1", "'\\u{9}=1"),
            ("www.example.org", "www.example.org"),
            ("a=b", "a=b"),
            ("a;b=1;", "a;b=1;"),
            ("a;=1", "a\\u{3b}=1"),
            ("a;b; \"@x", "a\\u{3b}b\\u{3b} \"@x"),
            ("-a;＝1", "'-a\\u{3b}＝1"),
        ] {
            assert_eq!(cell(text), safe);
        }
    }
}
