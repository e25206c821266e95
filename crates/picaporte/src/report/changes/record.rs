//! Changes as one JSON document: `{"diff":{…},"hosts":[…],"end":{…}}`, each host on a line of its own. Fields are added, never
//! renamed. It holds every port.

use picaporte_diff::{About, Changes, HostChanges, Note};
use serde::Serialize;

use super::super::header::Stamp;
use super::{Compared, Side, encode, words};
use crate::report::Lang;

mod end;
mod host;

use end::End;
use host::Host;

/// The version of these objects' meaning.
const SCHEMA: u32 = 1;

#[derive(Debug)]
pub(super) struct Json {
    first: bool,
}

impl Json {
    pub(super) fn begin(compared: &Compared<'_>, out: &mut Vec<u8>) -> Self {
        out.extend(b"{\"diff\":");
        let begin = Begin {
            kind: "diff",
            schema: SCHEMA,
            version: compared.version,
            old: Scan::new(&compared.old),
            new: Scan::new(&compared.new),
            evidence: compared.evidence,
        };
        encode::json(&begin, out);
        out.extend(b",\n\"hosts\":[");
        Self { first: true }
    }

    pub(super) fn host(&mut self, host: &HostChanges, out: &mut Vec<u8>) {
        let first = std::mem::replace(&mut self.first, false);
        out.extend(if first { b"\n".as_slice() } else { b",\n" });
        encode::json(&Host::new(host), out);
    }

    pub(super) fn end(compared: &Compared<'_>, changes: &Changes, out: &mut Vec<u8>) {
        out.extend(b"\n],\n\"end\":");
        encode::json(&End::new(compared, changes), out);
        out.extend(b"}\n");
    }
}

#[derive(Serialize)]
struct Begin<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    schema: u32,
    version: &'a str,
    old: Scan<'a>,
    new: Scan<'a>,
    evidence: bool,
}

/// Which scan it is.
#[derive(Serialize)]
pub(in crate::report) struct Scan<'a> {
    file: &'a str,
    format: &'static str,
    scanner: &'a str,
    version: Option<&'a str>,
    id: Option<&'a str>,
    started: Option<Stamp>,
    complete: Option<bool>,
    notes: Vec<Told>,
}

impl<'a> Scan<'a> {
    pub(in crate::report) fn new(side: &Side<'a>) -> Self {
        let About {
            scanner,
            version,
            id,
            ..
        } = side.about;
        Self {
            file: side.file,
            format: side.about.format.name(),
            scanner,
            version: version.as_deref(),
            id: id.as_deref(),
            started: side.about.started.map(Stamp::from),
            complete: side.about.complete,
            notes: side.about.notes.iter().map(Told::new).collect(),
        }
    }
}

#[derive(Serialize)]
struct Told {
    note: &'static str,
    says: String,
}

impl Told {
    fn new(note: &Note) -> Self {
        let name = match note {
            Note::Cut(_) => "cut",
            Note::Several(_) => "several-scans",
            Note::Unnamed(_) => "untested-not-named",
            Note::DownUnnamed(_) => "down-not-named",
            Note::NoAddress(_) => "no-address",
            Note::Unresolved(_) => "unresolved",
            Note::Failed => "failed",
            Note::OtherProtocols(_) => "other-protocols",
            Note::AtOdds(_) => "two-states",
            Note::CannotTell(_) => "tells-no-state",
        };
        Self {
            note: name,
            says: words::note(Lang::En, note),
        }
    }
}
