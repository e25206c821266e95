//! masscan's JSON list (`-oJ`), for programs that read it: open ports, one record each. The list is closed however the scan ended;
//! one without its end was cut off. It has no place for names, for a grade, nor for what was not tested.

use picaporte_core::Reason;
use picaporte_engine::Finding;
use serde::Serialize;

use super::header::Named;
use super::opened::Opened;
use super::{Header, Sink, Trailer, encode};

pub(super) struct Masscan {
    header: Header,
    /// No record was written yet.
    first: bool,
}

impl Masscan {
    pub(super) fn begin(header: Header, out: &mut Vec<u8>) -> Self {
        out.extend_from_slice(b"[\n");
        Self {
            header,
            first: true,
        }
    }
}

impl Sink for Masscan {
    fn finding(&mut self, finding: &Finding, out: &mut Vec<u8>) {
        let Some(opened) = Opened::of(&self.header, finding) else {
            return;
        };
        if !std::mem::replace(&mut self.first, false) {
            out.extend_from_slice(b",\n");
        }
        encode::json(&Record::of(&self.header, &opened), out);
        out.push(b'\n');
    }

    fn end(&mut self, _: &Trailer, out: &mut Vec<u8>) {
        out.extend_from_slice(b"]\n");
    }
}

#[derive(Serialize)]
struct Record<'a> {
    ip: Named<'a>,
    /// Seconds since 1970, as a string.
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
    ports: [Open; 1],
}

/// A port. `ttl` is not there, as a connect scan does not see it; masscan's own records of banners have none either.
#[derive(Serialize)]
struct Open {
    port: u16,
    proto: &'static str,
    status: &'static str,
    reason: &'static str,
}

impl<'a> Record<'a> {
    fn of(header: &'a Header, opened: &Opened) -> Self {
        Self {
            ip: header.named(opened.address),
            timestamp: opened.at.map(|at| at.second().to_string()),
            ports: [Open {
                port: opened.port,
                proto: "tcp",
                status: "open",
                reason: Reason::SynAck.name(),
            }],
        }
    }
}
