//! Kept scans as JSON: one object a line, or all in one document. Fields are added, never renamed; unknown is `null`.

use std::net::IpAddr;

use picaporte_store::{Listed, UnixMillis};
use serde::Serialize;

use super::super::encode;
use super::super::header::Stamp;
use super::state;
use crate::kept::moment;

#[derive(Debug)]
pub(super) struct Json {
    is_document: bool,
    first: bool,
}

impl Json {
    pub(super) fn lines() -> Self {
        Self {
            is_document: false,
            first: true,
        }
    }

    pub(super) fn document(out: &mut Vec<u8>) -> Self {
        out.extend(b"{\"scans\":[");
        Self {
            is_document: true,
            first: true,
        }
    }

    pub(super) fn scan(&mut self, scan: &Listed, out: &mut Vec<u8>) {
        if self.is_document {
            out.extend(if self.first { "\n" } else { ",\n" }.as_bytes());
        }
        self.first = false;
        encode::json(&Scan::of(scan), out);
        if !self.is_document {
            out.push(b'\n');
        }
    }

    pub(super) fn end(self, out: &mut Vec<u8>) {
        if self.is_document {
            out.extend(b"\n]}\n");
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "kept")]
struct Scan<'a> {
    id: String,
    state: &'static str,
    version: &'a str,
    started: Option<Stamp>,
    /// Null while it has not ended.
    finished: Option<Stamp>,
    /// When something was last kept of it.
    written: Option<Stamp>,
    user: Option<&'a str>,
    uid: Option<u32>,
    machine: Option<&'a str>,
    source: Option<IpAddr>,
    args: &'a [String],
    seed: u64,
    /// Hosts that are done.
    hosts: u64,
    planned: u64,
    /// While it has not ended, these are of hosts that are done.
    tested: u64,
    untested: u64,
    open: u64,
    closed: u64,
    filtered: u64,
    extra: u64,
    /// How often it was gone on with.
    resumed: u64,
    digest: String,
}

impl<'a> Scan<'a> {
    fn of(scan: &'a Listed) -> Self {
        let stamp = |at: UnixMillis| moment(at).map(Stamp::from);
        let told = |text: &'a str| Some(text).filter(|text| !text.is_empty());
        let totals = scan.totals;
        Self {
            id: scan.id.to_string(),
            state: state(scan.state),
            version: &scan.version,
            started: stamp(scan.started),
            finished: scan.finished.and_then(stamp),
            written: stamp(scan.written),
            user: told(&scan.who.user),
            uid: scan.who.uid,
            machine: told(&scan.who.machine),
            source: scan.who.source,
            args: &scan.arguments,
            seed: scan.seed,
            hosts: scan.hosts,
            planned: totals.planned,
            tested: totals.tested,
            untested: totals.untested,
            open: totals.open,
            closed: totals.closed,
            filtered: totals.filtered,
            extra: totals.extra,
            resumed: scan.resumed,
            digest: scan.digest.to_string(),
        }
    }
}
