//! What is different between two scans, written for a person, for a program, or into a document. It compares nothing: the
//! changes are handed in, host by host. Text of files and hosts reaches the output through its sink's encoder.

use picaporte_diff::{About, Changes, HostChanges};

pub(super) mod joined;
mod markdown;
pub(super) mod record;
mod table;
#[cfg(test)]
mod tests;
pub(super) mod words;

use super::{Style, encode};

/// How changes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangesFormat {
    /// For a person.
    Table,
    /// One JSON document, each host on a line of its own. It alone holds every port of hosts with very many changes.
    Json,
    /// A document in Markdown (GitHub's, for its tables).
    Markdown,
}

/// One of the two scans.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// Its file, as it was named.
    pub file: &'a str,
    /// What is known of it.
    pub about: &'a About,
}

/// What is compared.
#[derive(Clone, Copy, Debug)]
pub struct Compared<'a> {
    /// The version of the program.
    pub version: &'a str,
    /// The scan before.
    pub old: Side<'a>,
    /// The scan after.
    pub new: Side<'a>,
    /// Whether evidence was compared too.
    pub evidence: bool,
}

/// Writes changes, appended to `out`: [`begin`](Self::begin), then [`host`](Self::host) for each, then [`end`](Self::end).
#[derive(Debug)]
pub struct ChangesReport<'a> {
    compared: Compared<'a>,
    style: Style,
    sink: Sink<'a>,
}

#[derive(Debug)]
enum Sink<'a> {
    Table(table::Table<'a>),
    Json(record::Json),
    Markdown(markdown::Markdown<'a>),
}

impl<'a> ChangesReport<'a> {
    /// Writes what comes first.
    pub fn begin(
        compared: Compared<'a>,
        format: ChangesFormat,
        style: Style,
        out: &mut Vec<u8>,
    ) -> Self {
        let sink = match format {
            ChangesFormat::Table => Sink::Table(table::Table::begin(&compared, style, out)),
            ChangesFormat::Json => Sink::Json(record::Json::begin(&compared, out)),
            ChangesFormat::Markdown => {
                Sink::Markdown(markdown::Markdown::begin(&compared, style.lang, out))
            }
        };
        Self {
            compared,
            style,
            sink,
        }
    }

    /// A host, in the order of [`Changes::hosts`]. Hosts of which nothing is known to have changed may be kept back until the end.
    pub fn host(&mut self, host: &'a HostChanges, out: &mut Vec<u8>) {
        match &mut self.sink {
            Sink::Table(table) => table.host(host, self.style, out),
            Sink::Json(json) => json.host(host, out),
            Sink::Markdown(markdown) => markdown.host(host, out),
        }
    }

    /// Writes what comes last.
    pub fn end(self, changes: &Changes, out: &mut Vec<u8>) {
        match self.sink {
            Sink::Table(table) => table.end(&self.compared, changes, self.style, out),
            Sink::Json(_) => record::Json::end(&self.compared, changes, out),
            Sink::Markdown(markdown) => markdown.end(&self.compared, changes, out),
        }
    }
}
