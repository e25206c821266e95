//! One line for each listed port, for spreadsheets. Totals don't fit in here, so there are none.

use std::borrow::Cow;

use picaporte_core::{Close, Duration, Grade, Instant, Options, Reason, Suspicion, Verdict};
use picaporte_engine::Finding;
use serde::Serialize;

use super::encode::Untrusted;
use super::header::Stamp;
use super::{Header, Sink, Trailer, encode};
use crate::services;

mod service;

use service::Found;

pub(super) struct Csv {
    header: Header,
}

impl Csv {
    pub(super) fn begin(header: Header, out: &mut Vec<u8>) -> Self {
        write_with(out, |writer| writer.write_record(COLUMNS));
        for (name, port) in header.listed_unresolved() {
            write(&Row::unresolved(&header, name, port), out);
        }
        Self { header }
    }
}

impl Sink for Csv {
    fn finding(&mut self, finding: &Finding, out: &mut Vec<u8>) {
        if let Finding::Port(verdict) = finding {
            write(&Row::decided(&self.header, verdict), out);
        }
    }

    fn end(&mut self, _: &Trailer, _: &mut Vec<u8>) {}
}

/// The names of [`Row`]'s fields, in their order, then those of [`Found`].
pub(super) const COLUMNS: [&str; 40] = [
    "ip",
    "name",
    "port",
    "protocol",
    "state",
    "reason",
    "service",
    "rtt_us",
    "attempts",
    "at",
    "icmp_type",
    "icmp_code",
    "icmp_from",
    "retransmits",
    "close",
    "origin",
    "open",
    "suspect",
    "options",
    "window_scale",
    "mss",
    "window",
    "ambiguous",
    "reverse",
    "identified",
    "product",
    "version",
    "extra",
    "hostname",
    "cpe",
    "inside_tls",
    "tls",
    "certificate_subject",
    "certificate_issuer",
    "certificate_names",
    "certificate_not_before",
    "certificate_not_after",
    "certificate_self_signed",
    "certificate_sha256",
    "excerpt",
];

/// One port. What is not known is an empty cell.
#[derive(Serialize)]
struct Row<'a> {
    ip: Option<Cow<'a, str>>,
    name: Option<Cow<'a, str>>,
    port: u16,
    protocol: &'static str,
    state: &'static str,
    reason: &'static str,
    service: Option<&'static str>,
    rtt_us: Option<u64>,
    attempts: u8,
    at: Stamp,
    icmp_type: Option<u8>,
    icmp_code: Option<u8>,
    icmp_from: Option<Cow<'a, str>>,
    retransmits: u8,
    close: Option<&'static str>,
    origin: Option<&'static str>,
    open: Option<&'static str>,
    suspect: Option<&'static str>,
    options: Option<String>,
    window_scale: Option<u8>,
    mss: Option<u32>,
    window: Option<u32>,
    ambiguous: Option<bool>,
    reverse: Option<String>,
    found: Found,
}

impl<'a> Row<'a> {
    fn decided(header: &'a Header, verdict: &Verdict) -> Self {
        let evidence = verdict.evidence;
        let icmp = evidence.icmp;
        let address = |address| Cow::Owned(encode::cell(&header.named(address).to_string()).into());
        let name = header.names(verdict.address).first();
        let reverse = header.reverse(verdict.address);
        let found = header.service(verdict.address, verdict.port);
        Self {
            ip: Some(address(verdict.address)),
            name: name.map(|name| encode::cell(name)),
            rtt_us: verdict.rtt.map(Duration::as_micros),
            attempts: verdict.attempts,
            at: header.at(verdict.at),
            icmp_type: icmp.map(|icmp| icmp.kind),
            icmp_code: icmp.map(|icmp| icmp.code),
            icmp_from: icmp.and_then(|icmp| icmp.from).map(address),
            retransmits: evidence.retransmits,
            close: evidence.close.map(Close::name),
            origin: evidence.neighbour.then_some("neighbour"),
            open: evidence.grade.map(Grade::name),
            suspect: evidence
                .grade
                .and_then(Grade::suspicion)
                .map(Suspicion::name),
            options: evidence.peer.and_then(|peer| peer.options).map(names),
            window_scale: evidence.peer.and_then(|peer| peer.window_scale),
            mss: evidence.peer.and_then(|peer| peer.mss),
            window: evidence.peer.and_then(|peer| peer.window),
            ambiguous: evidence.ambiguous.then_some(true),
            reverse: reverse.first().map(Untrusted::cell),
            found: found.as_deref().map(Found::of).unwrap_or_default(),
            ..Self::bare(header, verdict.port, verdict.reason)
        }
    }

    /// A port of a name that has no address.
    fn unresolved(header: &Header, name: &'a str, port: u16) -> Self {
        Self {
            name: Some(encode::cell(name)),
            ..Self::bare(header, port, Reason::Unresolved)
        }
    }

    fn bare(header: &Header, port: u16, reason: Reason) -> Self {
        Self {
            ip: None,
            name: None,
            port,
            protocol: "tcp",
            state: reason.state().name(),
            reason: reason.name(),
            service: services::name(port),
            rtt_us: None,
            attempts: 0,
            at: header.at(Instant::ZERO),
            icmp_type: None,
            icmp_code: None,
            icmp_from: None,
            retransmits: 0,
            close: None,
            origin: None,
            open: None,
            suspect: None,
            options: None,
            window_scale: None,
            mss: None,
            window: None,
            ambiguous: None,
            reverse: None,
            found: Found::default(),
        }
    }
}

/// `timestamps sack`; `none` where the peer took up none, which an empty cell would not say.
fn names(options: Options) -> String {
    let names: Vec<_> = options.names().collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(" ")
    }
}

fn write(row: &Row<'_>, out: &mut Vec<u8>) {
    write_with(out, |writer| writer.serialize(row));
}

/// Rows are short, and the writer's usual buffer would be 8 KiB for each.
fn write_with(
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut ::csv::Writer<&mut Vec<u8>>) -> ::csv::Result<()>,
) {
    let mut builder = ::csv::WriterBuilder::new();
    let mut writer = builder
        .has_headers(false)
        .buffer_capacity(256)
        .from_writer(out);
    write(&mut writer)
        .and_then(|()| Ok(writer.flush()?))
        .expect("one record, written to memory");
}
