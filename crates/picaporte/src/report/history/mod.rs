//! Which scans are kept, for a person or for a program. What users and machines are called, and what was written on a command
//! line, may be anything: it reaches the output through its sink's encoder.

use picaporte_store::{Listed, State};

use super::Style;

mod record;
mod table;
#[cfg(test)]
mod tests;

/// How a list of scans is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryFormat {
    /// For a person: two lines a scan.
    Table,
    /// One JSON object a line.
    JsonLines,
    /// One JSON document, each scan on a line of its own.
    Json,
}

/// Writes a list of scans, appended to `out`: [`begin`](Self::begin), then [`scan`](Self::scan) for each, then
/// [`end`](Self::end).
#[derive(Debug)]
pub struct HistoryReport(Sink);

#[derive(Debug)]
enum Sink {
    Table(table::Table),
    Json(record::Json),
}

impl HistoryReport {
    /// Writes what comes first. A table has the columns and the language of `style`, and is laid out for `scans`.
    pub fn begin(format: HistoryFormat, style: Style, scans: &[Listed], out: &mut Vec<u8>) -> Self {
        Self(match format {
            HistoryFormat::Table => Sink::Table(table::Table::begin(style, scans, out)),
            HistoryFormat::JsonLines => Sink::Json(record::Json::lines()),
            HistoryFormat::Json => Sink::Json(record::Json::document(out)),
        })
    }

    /// Writes a scan.
    pub fn scan(&mut self, scan: &Listed, out: &mut Vec<u8>) {
        match &mut self.0 {
            Sink::Table(table) => table.scan(scan, out),
            Sink::Json(json) => json.scan(scan, out),
        }
    }

    /// Writes what comes last.
    pub fn end(self, out: &mut Vec<u8>) {
        if let Sink::Json(json) = self.0 {
            json.end(out);
        }
    }
}

const fn state(state: State) -> &'static str {
    match state {
        State::Running => "running",
        State::Interrupted => "interrupted",
        State::Complete => "complete",
    }
}
