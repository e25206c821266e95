//! naabu's JSON lines, for programs that read them: open ports, one a line for each name of an address, as naabu writes them.
//! It has no place for a grade, nor for how the scan ended.

use picaporte_engine::Finding;
use serde::Serialize;

use super::header::{Named, Stamp};
use super::opened::Opened;
use super::{Header, Sink, Trailer, encode};

pub(super) struct Naabu {
    header: Header,
}

impl Naabu {
    pub(super) fn begin(header: Header) -> Self {
        Self { header }
    }
}

impl Sink for Naabu {
    fn finding(&mut self, finding: &Finding, out: &mut Vec<u8>) {
        let Some(opened) = Opened::of(&self.header, finding) else {
            return;
        };
        let names = self.header.names(opened.address);
        if names.is_empty() {
            write(&Line::of(&self.header, &opened, None), out);
        }
        for name in names {
            write(&Line::of(&self.header, &opened, Some(name)), out);
        }
    }

    fn end(&mut self, _: &Trailer, _: &mut Vec<u8>) {}
}

/// One line. `tls` is not there, as nobody looked; versions of naabu before that field don't write it either.
#[derive(Serialize)]
struct Line<'a> {
    /// Only where there is a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'a str>,
    ip: Named<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<Stamp>,
    port: u16,
    protocol: &'static str,
}

impl<'a> Line<'a> {
    fn of(header: &'a Header, opened: &Opened, name: Option<&'a str>) -> Self {
        Self {
            host: name,
            ip: header.named(opened.address),
            timestamp: opened.at,
            port: opened.port,
            protocol: "tcp",
        }
    }
}

fn write(line: &Line<'_>, out: &mut Vec<u8>) {
    encode::json(line, out);
    out.push(b'\n');
}
