//! A score in plain words, at most 80 columns wide.

use std::fmt;

use crate::record::End;
use crate::words::wrapped;

use super::Score;

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, seed, .. } = self;
        writeln!(
            f,
            "{scenario}, seed {seed}: what was said ({}) of {} planned ports\n",
            self.format, self.planned
        )?;
        for (name, value, aside) in self.rows() {
            let line = format!("  {name:<28} {value:>10}  {aside}");
            writeln!(f, "{}", line.trim_end())?;
        }
        for note in self.notes() {
            write!(f, "\n{}", wrapped(&note, ""))?;
        }
        Ok(())
    }
}

type Row = (&'static str, String, String);

impl Score {
    fn rows(&self) -> Vec<Row> {
        let number = |value: u64| value.to_string();
        let or_silent = |value: Option<u64>| value.map_or("–".to_owned(), number);
        let answered = match self.false_open_answered {
            0 => String::new(),
            all if all == self.false_open => "the wire shows open there".to_owned(),
            some => format!("of them {some} where the wire shows open"),
        };
        let mut rows = vec![
            (
                "open ports found",
                number(self.found),
                format!("of {}", self.open),
            ),
            ("said open, but are not", number(self.false_open), answered),
            (
                "said closed, but are not",
                or_silent(self.false_closed),
                String::new(),
            ),
            (
                "said filtered, but are not",
                or_silent(self.false_filtered),
                String::new(),
            ),
            (
                "never mentioned",
                or_silent(self.unaccounted),
                String::new(),
            ),
            ("said to be untested", number(self.untested), String::new()),
            (
                "said, but not asked for",
                number(self.outside),
                String::new(),
            ),
        ];
        rows.extend(self.cost());
        rows
    }

    fn cost(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        if let Some(syns) = self.syns {
            let each = self.syns_a_port();
            rows.push((
                "SYNs on the wire",
                syns.to_string(),
                each.map_or(String::new(), |each| format!("{each:.2} for each port")),
            ));
        }
        if let Some(ms) = self.elapsed_ms {
            rows.push(("time", format!("{:.3} s", ms as f64 / 1e3), String::new()));
        }
        if let Some(kib) = self.peak_kib {
            rows.push((
                "peak memory",
                format!("{:.1} MiB", kib as f64 / 1024.0),
                String::new(),
            ));
        }
        rows
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.unaccounted.is_none() {
            notes.push(
                "–: the format names open ports only, and says nothing of the others.".to_owned(),
            );
        }
        if let Some(why) = &self.cut {
            notes.push(format!(
                "The output is cut off: {why}. What came before counts."
            ));
        }
        if let Some(end) = self.end.as_ref().and_then(how_it_ended) {
            notes.push(format!("The scanner {end}."));
        }
        if self.lab_kept_up == Some(false) {
            notes.push(
                "The lab lost packets that the scenario does not lose: this run says nothing about the scanner. Run it again on a machine that is less busy."
                    .to_owned(),
            );
        }
        notes
    }
}

/// What is worth saying of an end.
pub(crate) fn how_it_ended(end: &End) -> Option<String> {
    match end {
        End::Code(0) => None,
        End::Code(code) => Some(format!("ended with exit code {code}")),
        End::Signal(signal) => Some(format!("was ended by signal {signal}")),
        End::Bound => Some("was ended at the bound of the scenario".to_owned()),
        End::NotStarted(why) => Some(format!(
            "could not be started: {}",
            crate::reading::shown(why)
        )),
    }
}
