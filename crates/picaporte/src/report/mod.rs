//! Reports: findings become bytes, in the format that was asked for.
//!
//! A report opens no file, reads no clock and prints nothing: whoever calls it hands in what is to
//! be told, and takes the bytes away. It judges no port; the words and fields are the contract's.
//!
//! ```
//! use picaporte::report::{Format, Style, report};
//!
//! let format = Format::by_name("jsonl")?;
//! let report = report(format, Style::default());
//! # drop(report);
//! # Ok::<(), picaporte::report::UnknownFormat>(())
//! ```

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use picaporte_core::Plan;
use picaporte_core::locate::Located;
use picaporte_diff::Snapshot;
use picaporte_engine::{Account, Finding};
use picaporte_store::Who;

mod changes;
mod checked;
mod csv;
mod evidence;
mod firewalls;
mod format;
mod header;
mod history;
mod hostport;
mod html;
mod identified;
mod json;
mod lang;
mod located;
mod markdown;
mod masscan;
mod naabu;
mod nmap;
mod opened;
mod record;
mod reverse;
mod scope;
mod table;
#[cfg(test)]
mod tests;

pub use changes::{ChangesFormat, ChangesReport, Compared, Side};
pub use checked::{CheckFormat, Checked, check_report, starting_policy};
pub use format::{Format, UnknownFormat};
pub use history::{HistoryFormat, HistoryReport};
pub use identified::{Identified, IdentifiedCounts};
pub use lang::{Lang, UnknownLang};
pub use located::{LocatedEnd, LocatedFormat, LocatedReport};
pub use picaporte_encode as encode;
pub use reverse::{Reverse, ReverseCounts};
pub use scope::{Lowered, Scoped};
pub(crate) use table::text::{JOINED, columns, drawn, joined, wrap};

/// What is known before the first probe.
#[derive(Clone, Debug)]
pub struct Header {
    /// The scan's name: a ULID.
    pub id: String,
    /// The version of the program.
    pub version: Cow<'static, str>,
    /// When the scan began: the moment from which every [`Verdict::at`](picaporte_core::Verdict) counts.
    pub started: Timestamp,
    /// The command line, without the program's own name.
    pub args: Vec<String>,
    /// What is scanned; it knows the names and the seed.
    pub plan: Arc<Plan>,
    /// The names of zones, by scope id. A zone that is not in here is told by its number.
    pub zones: BTreeMap<u32, String>,
    /// The scope that it is held to, if one was set.
    pub scope: Option<Arc<Scoped>>,
    /// Who scans, and from where; `None` where that is not known.
    pub from: Option<Who>,
    /// What the reverse DNS calls the addresses, as far as it is known; it may become known while the scan goes on.
    pub reverse: Reverse,
    /// What listens on open ports, as far as it is known by now.
    pub identified: Identified,
}

/// What is known after the last finding.
#[derive(Clone, Debug)]
pub struct Trailer {
    /// When the scan ended.
    pub finished: Timestamp,
    /// Its account.
    pub account: Account,
    /// What was located of it; `None` where nobody asked for that.
    pub sampled: Option<Sampled>,
    /// What became of the questions to the reverse DNS; `None` where nobody asked for that.
    pub reverse: Option<ReverseCounts>,
    /// What became of the open ports that were to be identified; `None` where nobody asked for that.
    pub identified: Option<IdentifiedCounts>,
    /// Where it is kept; `None` where it is not.
    pub kept: Option<Kept>,
}

/// What a scan is called in a store, and what proves that it was not altered since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its name there.
    pub id: String,
    /// The digest of the last that was kept of it: SHA-256, in hexadecimal digits.
    pub digest: String,
}

/// How many ports of a scan were looked at once more, to say where on the way they are answered, rejected or swallowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sampled {
    /// Ports located.
    pub located: u64,
    /// Ports that were to be, and could not.
    pub untested: u64,
    /// Ports beyond the bound of one scan, which were not asked at all.
    pub left_out: u64,
}

/// How a report looks, beside its format. Only tables heed colour and width, only XML its own; what is read by people
/// (tables, Markdown, the page) heeds the language, and what programs read is the same in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether the states of a table are coloured; they can be told apart without.
    pub color: bool,
    /// How many columns a line of a table may have. Single words that are longer are not cut.
    pub width: u16,
    /// Whether nmap's XML calls the scanner `nmap`, as its DTD demands, and not Picaporte.
    pub xml_strict: bool,
    /// The language of what is read by people.
    pub lang: Lang,
}

impl Default for Style {
    /// No colour, 80 columns, in English: what a pipe gets; and the scanner by its own name.
    fn default() -> Self {
        Self {
            color: false,
            width: 80,
            xml_strict: false,
            lang: Lang::En,
        }
    }
}

/// Turns one scan into bytes, appended to `out`: [`begin`](Self::begin) once, then
/// [`finding`](Self::finding) for each, then [`end`](Self::end) once, unless the scan was cut off.
pub trait Report: Send {
    /// Writes what comes first.
    fn begin(&mut self, header: &Header, out: &mut Vec<u8>);

    /// Writes a finding, or keeps what it needs of it. [`Finding::End`] is left to [`end`](Self::end).
    ///
    /// # Panics
    /// When the report was not begun.
    fn finding(&mut self, finding: &Finding, out: &mut Vec<u8>);

    /// Writes, or keeps, where a port is answered, rejected or swallowed: after the findings, before the end. Formats of one
    /// line a port have no place for it.
    ///
    /// # Panics
    /// When the report was not begun.
    fn located(&mut self, found: &Located, out: &mut Vec<u8>);

    /// Writes what comes last.
    ///
    /// # Panics
    /// When the report was not begun.
    fn end(&mut self, trailer: &Trailer, out: &mut Vec<u8>);
}

/// An earlier scan, to tell what changed since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// What the user called it: a file, or the name of a kept scan.
    pub called: String,
    /// What it says.
    pub scan: Snapshot,
}

/// A report that has not begun.
pub fn report(format: Format, style: Style) -> Box<dyn Report> {
    report_since(format, style, None)
}

/// A report that also tells what changed since an earlier scan, if it is a page; the other formats don't heed it. Until its end
/// such a page keeps both scans, as far as the default [`Limits`](picaporte_diff::Limits) go; beyond, it says that nothing was compared.
pub fn report_since(
    format: Format,
    style: Style,
    earlier: Option<Arc<Earlier>>,
) -> Box<dyn Report> {
    Box::new(Once {
        format,
        style,
        earlier,
        sink: None,
    })
}

/// A report that was begun: what each format has to do.
trait Sink: Send {
    fn finding(&mut self, finding: &Finding, out: &mut Vec<u8>);
    fn located(&mut self, _: &Located, _: &mut Vec<u8>) {}
    fn end(&mut self, trailer: &Trailer, out: &mut Vec<u8>);
}

/// The one place that knows a report before it begins.
struct Once {
    format: Format,
    style: Style,
    earlier: Option<Arc<Earlier>>,
    sink: Option<Box<dyn Sink>>,
}

impl Once {
    fn sink(&mut self) -> &mut dyn Sink {
        let sink = self.sink.as_mut();
        sink.expect("a report begins before its findings").as_mut()
    }
}

impl Report for Once {
    fn begin(&mut self, header: &Header, out: &mut Vec<u8>) {
        let header = header.clone();
        self.sink = Some(match self.format {
            Format::Table => Box::new(table::Table::begin(header, self.style, out)),
            Format::JsonLines => Box::new(json::Json::begin(header, json::Frame::Lines, out)),
            Format::Json => Box::new(json::Json::begin(header, json::Frame::Document, out)),
            Format::Csv => Box::new(csv::Csv::begin(header, out)),
            Format::Xml => Box::new(nmap::xml::Xml::begin(header, self.style.xml_strict, out)),
            Format::Grepable => Box::new(nmap::grepable::Grepable::begin(header, out)),
            Format::Html => Box::new(html::Page::begin(
                header,
                self.style.lang,
                self.earlier.take(),
                out,
            )),
            Format::HostPort => Box::new(hostport::HostPort::begin(header)),
            Format::Markdown => Box::new(markdown::Markdown::begin(header, self.style.lang, out)),
            Format::Naabu => Box::new(naabu::Naabu::begin(header)),
            Format::Masscan => Box::new(masscan::Masscan::begin(header, out)),
        });
    }

    fn finding(&mut self, finding: &Finding, out: &mut Vec<u8>) {
        self.sink().finding(finding, out);
    }

    fn located(&mut self, found: &Located, out: &mut Vec<u8>) {
        self.sink().located(found, out);
    }

    fn end(&mut self, trailer: &Trailer, out: &mut Vec<u8>) {
        self.sink().end(trailer, out);
    }
}
