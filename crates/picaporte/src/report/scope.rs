//! The scope that a scan was held to, as its reports tell it: who allowed it, until when, what it takes out, what it lowers.

use std::fmt::Write as _;
use std::sync::Arc;

use picaporte_core::{Plan, PortSet};
use serde::Serialize;

use super::header::Stamp;
use super::table::text::joined;
use super::{Header, Lang, encode};
use crate::scope::{Listed, ScopeFile};
use crate::words::nouns::MORE_RANGES;

/// How many entries of a list are told one by one.
const TOLD: usize = 64;
/// How many ranges outside the scope a table names.
const NAMED: usize = 3;

/// A scope file, and what became of it in a scan.
#[derive(Clone, Debug)]
pub struct Scoped {
    /// Where the file was, as it was written.
    pub path: String,
    /// What it says.
    pub file: Arc<ScopeFile>,
    /// The caps of the scan that it lowers.
    pub lowered: Vec<Lowered>,
}

/// A cap that a scope lowers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Lowered {
    /// The limit, as the file calls it.
    pub limit: &'static str,
    /// What the scan would have gone by; `None` for no cap.
    pub asked: Option<u32>,
    /// What it goes by.
    pub allowed: u32,
}

/// The object `scope` of the first line.
#[derive(Serialize)]
pub(super) struct Scope<'a> {
    file: &'a str,
    sha256: &'a str,
    authorised_by: Option<&'a str>,
    contact: Option<&'a str>,
    valid_from: Option<Stamp>,
    valid_until: Option<Stamp>,
    allowed: Lists<'a>,
    excluded: Lists<'a>,
    limits: Limits,
    lowered: &'a [Lowered],
    outside: Outside,
}

#[derive(Serialize)]
struct Lists<'a> {
    networks: &'a [String],
    names: &'a [String],
    ports: Option<String>,
    /// How many networks and names are not told.
    #[serde(skip_serializing_if = "is_zero")]
    untold: usize,
}

#[derive(Serialize)]
struct Limits {
    rate: Option<u32>,
    host_rate: Option<u32>,
    max_inflight: Option<u32>,
    host_inflight: Option<u32>,
}

/// What of the plan lies outside; none of it was asked.
#[derive(Serialize)]
struct Outside {
    probes: u64,
    /// Hosts that are outside with every port.
    hosts: u64,
    /// Their addresses.
    ranges: Vec<String>,
    #[serde(skip_serializing_if = "is_zero")]
    untold: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
pub(super) fn is_zero(n: &usize) -> bool {
    *n == 0
}

impl<'a> Scope<'a> {
    pub(super) fn of(header: &'a Header) -> Option<Self> {
        let scoped = header.scope.as_deref()?;
        let file = &*scoped.file;
        let limits = file.limits;
        Some(Self {
            file: &scoped.path,
            sha256: &file.sha256,
            authorised_by: file.authorised_by.as_deref(),
            contact: file.contact.as_deref(),
            valid_from: file.valid_from.map(Stamp::from),
            valid_until: file.valid_until.map(Stamp::from),
            allowed: Lists::of(&file.allowed),
            excluded: Lists::of(&file.excluded),
            limits: Limits {
                rate: limits.rate,
                host_rate: limits.host_rate,
                max_inflight: limits.max_inflight,
                host_inflight: limits.host_inflight,
            },
            lowered: &scoped.lowered,
            outside: Outside::of(&header.plan),
        })
    }
}

impl<'a> Lists<'a> {
    fn of(listed: &'a Listed) -> Self {
        let (networks, more) = first(&listed.networks);
        let (names, others) = first(&listed.names);
        Self {
            networks,
            names,
            ports: listed.ports.as_ref().map(PortSet::to_string),
            untold: more + others,
        }
    }
}

fn first<T>(all: &[T]) -> (&[T], usize) {
    let told = all.len().min(TOLD);
    (&all[..told], all.len() - told)
}

impl Outside {
    fn of(plan: &Plan) -> Self {
        let ranges = plan.outside_ranges();
        let (told, untold) = first(&ranges);
        Self {
            probes: plan.outside(),
            hosts: plan.outside_hosts(),
            ranges: told.iter().map(ToString::to_string).collect(),
            untold,
        }
    }
}

/// The scope in a sentence for a table; the text is encoded for a terminal.
pub(super) fn sentence(header: &Header, lang: Lang) -> Option<String> {
    let scoped = header.scope.as_deref()?;
    let file = &*scoped.file;
    let by = match file.authorised_by.as_deref() {
        Some(by) => say!(
            lang,
            "authorised by {by}",
            "autorizado por {by}",
            by = encode::terminal(by)
        ),
        None => lang
            .either("authorised by nobody named", "no consta quién lo autorizó")
            .to_owned(),
    };
    let mut text = say!(
        lang,
        "Scope {path}, {by}",
        "Alcance {path}, {by}",
        path = joined(&encode::terminal(&scoped.path)),
        by = by
    );
    if let Some(contact) = &file.contact {
        let contact = encode::terminal(contact);
        let contact = say!(lang, ", contact {it}", ", contacto {it}", it = contact);
        text.push_str(&contact);
    }
    if let Some(from) = file.valid_from {
        let from = format!("{from:.0}");
        text.push_str(&say!(lang, ", from {from}", ", desde {from}", from = from));
    }
    if let Some(until) = file.valid_until {
        let until = format!("{until:.0}");
        text.push_str(&say!(
            lang,
            ", until {until}",
            ", hasta {until}",
            until = until
        ));
    }
    for lowered in &scoped.lowered {
        let asked = lowered.asked.map_or(String::new(), |asked| {
            let asked = lang.number(asked.into());
            say!(lang, ", not {asked}", ", no {asked}", asked = asked)
        });
        // Writing to a String cannot fail.
        let allowed = lang.number(lowered.allowed.into());
        let _ = write!(text, "; {} {allowed}{asked}", lowered.limit);
    }
    let _ = write!(text, ", SHA-256 {}", file.sha256);
    Some(text)
}

/// The hosts outside the scope: `192.0.2.0-192.0.2.31, 198.51.100.7 and 2 more ranges`; nothing if there are none.
pub(super) fn outside(header: &Header, lang: Lang) -> Option<String> {
    let ranges = header.plan.outside_ranges();
    let named: Vec<String> = ranges.iter().take(NAMED).map(ToString::to_string).collect();
    if named.is_empty() {
        return None;
    }
    let more = (ranges.len() - named.len()) as u64;
    let named = named.join(", ");
    Some(match more {
        0 => named,
        n => say!(
            lang,
            "{named} and {more}",
            "{named} y {more}",
            named = named,
            more = lang.count(n, MORE_RANGES)
        ),
    })
}
