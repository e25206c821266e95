//! What `locate` found out, as bytes: a sentence for each port and the hops beneath, or JSON of the
//! same. It judges nothing; where and by whom is decided in the core.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use picaporte_core::locate::Located;
use serde::Serialize;

use super::encode;
use super::header::Stamp;
use super::scope::{self, Scope};
use super::table::text::{columns, joined, wrap};
use super::{Header, Lang, Style};

mod record;
pub(super) mod words;

pub(super) use record::Port;

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocatedFormat {
    /// For a person.
    Table,
    /// One JSON object a line.
    JsonLines,
    /// One JSON document.
    Json,
}

/// What is known after the last port.
#[derive(Clone, Copy, Debug)]
pub struct LocatedEnd {
    /// When it ended.
    pub finished: Timestamp,
    /// How long it took.
    pub elapsed: Duration,
    /// Ports located, and ports that could not be.
    pub located: u64,
    /// See above.
    pub untested: u64,
}

/// Writes ports as they are located.
#[derive(Debug)]
pub struct LocatedReport {
    header: Header,
    format: LocatedFormat,
    style: Style,
    first: bool,
}

impl LocatedReport {
    /// Begins. Only the table heeds the style.
    pub fn begin(header: Header, format: LocatedFormat, style: Style, out: &mut Vec<u8>) -> Self {
        let begin = Begin {
            kind: "locate",
            schema: 1,
            id: &header.id,
            version: &header.version,
            started: Stamp::from(header.started),
            args: &header.args,
            planned: header.plan.planned(),
            scope: Scope::of(&header),
        };
        match format {
            LocatedFormat::Table => {
                if let Some(scope) = scope::sentence(&header, style.lang) {
                    let scope = wrap(&scope, 0, 2, style.width.into());
                    out.extend(format!("{scope}\n\n").as_bytes());
                }
            }
            LocatedFormat::JsonLines => line(&begin, out),
            LocatedFormat::Json => {
                out.extend(b"{\"locate\":");
                encode::json(&begin, out);
                out.extend(b",\n\"ports\":[");
            }
        }
        Self {
            header,
            format,
            style,
            first: true,
        }
    }

    /// A port.
    pub fn located(&mut self, found: &Located, out: &mut Vec<u8>) {
        let record = Port::of(&self.header, self.lang(), found);
        write(self.format, self.style, &mut self.first, &record, out);
    }

    /// A port of a name that has no address.
    pub fn unresolved(&mut self, name: &str, port: u16, out: &mut Vec<u8>) {
        let record = Port::unresolved(name, self.lang(), port);
        write(self.format, self.style, &mut self.first, &record, out);
    }

    /// What programs read is the same in every language.
    fn lang(&self) -> Lang {
        match self.format {
            LocatedFormat::Table => self.style.lang,
            LocatedFormat::JsonLines | LocatedFormat::Json => Lang::En,
        }
    }

    /// The end.
    pub fn end(&self, end: &LocatedEnd, out: &mut Vec<u8>) {
        let record = End {
            kind: "end",
            finished: Stamp::from(end.finished),
            elapsed_ms: u64::try_from(end.elapsed.as_millis()).unwrap_or(u64::MAX),
            planned: end.located + end.untested,
            located: end.located,
            untested: end.untested,
            complete: end.untested == 0,
        };
        match self.format {
            LocatedFormat::Table => {}
            LocatedFormat::JsonLines => line(&record, out),
            LocatedFormat::Json => {
                out.extend(b"\n],\n\"end\":");
                encode::json(&record, out);
                out.extend(b"}\n");
            }
        }
    }
}

fn write(
    format: LocatedFormat,
    style: Style,
    first: &mut bool,
    record: &Port<'_>,
    out: &mut Vec<u8>,
) {
    let first = std::mem::replace(first, false);
    match format {
        LocatedFormat::Table => table(record, style, first, out),
        LocatedFormat::JsonLines => line(record, out),
        LocatedFormat::Json => {
            out.extend(if first { b"\n".as_slice() } else { b",\n" });
            encode::json(record, out);
        }
    }
}

#[derive(Serialize)]
struct Begin<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    schema: u32,
    id: &'a str,
    version: &'a str,
    started: Stamp,
    args: &'a [String],
    planned: u64,
    scope: Option<Scope<'a>>,
}

#[derive(Serialize)]
struct End {
    #[serde(rename = "type")]
    kind: &'static str,
    finished: Stamp,
    elapsed_ms: u64,
    planned: u64,
    located: u64,
    untested: u64,
    complete: bool,
}

fn line(record: &impl Serialize, out: &mut Vec<u8>) {
    encode::json(record, out);
    out.push(b'\n');
}

fn table(record: &Port<'_>, style: Style, first: bool, out: &mut Vec<u8>) {
    let width = usize::from(style.width);
    let mut text = String::new();
    if !first {
        text.push('\n');
    }
    let seen = |text: &str| joined(&encode::terminal(text));
    let place = match (record.ip, record.name) {
        (Some(ip), Some(name)) => format!("{} ({})", seen(&ip.with_port(record.port)), seen(name)),
        (Some(ip), None) => seen(&ip.with_port(record.port)),
        (None, name) => format!("{}:{}", seen(name.unwrap_or_default()), record.port),
    };
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{}", wrap(&place, 0, 2, width));
    let says = encode::terminal(&record.says);
    let _ = writeln!(text, "  {}", wrap(&says, 2, 4, width));
    for hop in &record.hops {
        let from: Vec<String> = hop.from.iter().map(ToString::to_string).collect();
        let from = from.join(", ");
        let hop = say!(
            style.lang,
            "    hop {hop:>2}  ",
            "    salto {hop:>2}  ",
            hop = hop.hop
        );
        let at = columns(&hop);
        let from = wrap(&encode::terminal(&from), at, at, width);
        for line in format!("{hop}{from}").lines() {
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
    out.extend(text.as_bytes());
}

#[cfg(test)]
mod tests;
