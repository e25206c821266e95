//! The objects of JSON Lines and JSON, field by field as the contract has them: fields are added,
//! never renamed. Unknown is `null`; `evidence` holds only what was seen.

use serde::Serialize;

use super::Header;
use super::header::Stamp;
use super::scope::Scope;

mod end;
mod host;
mod port;
pub(super) mod service;
mod shared;

pub(super) use end::End;
pub(super) use host::Host;
pub(super) use port::Port;

/// The version of these objects' meaning.
const SCHEMA: u32 = 1;

/// The first object: what is scanned.
#[derive(Serialize)]
#[serde(tag = "type", rename = "scan")]
pub(super) struct Scan<'a> {
    schema: u32,
    id: &'a str,
    version: &'a str,
    started: Stamp,
    args: &'a [String],
    seed: u64,
    planned: u64,
    /// Null where none was set.
    scope: Option<Scope<'a>>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(header: &'a Header) -> Self {
        Self {
            schema: SCHEMA,
            id: &header.id,
            version: &header.version,
            started: Stamp::from(header.started),
            args: &header.args,
            seed: header.plan.settings().seed,
            planned: header.plan.planned(),
            scope: Scope::of(header),
        }
    }
}
