//! Texts of records that stand for something, or are damaged.

use jiff::Timestamp;
use picaporte_core::PortSet;

use crate::read::damage::{Damage, Writer};
use crate::read::failure::{Failure, shown};
use crate::snapshot::{HostId, Said};

pub(super) fn damaged(what: Damage) -> Failure {
    Failure::Damaged(what, Writer::Picaporte)
}

pub(super) fn host_id(ip: Option<&str>, name: Option<&str>) -> Result<HostId, Failure> {
    match (ip, name) {
        (Some(ip), _) => HostId::parse(ip).ok_or_else(|| damaged(Damage::Address(shown(ip)))),
        (None, Some(name)) if name.len() <= 255 => Ok(HostId::Name(name.into())),
        (None, Some(name)) => Err(damaged(Damage::Name(shown(name)))),
        (None, None) => Err(damaged(Damage::Nameless)),
    }
}

pub(super) fn state(text: &str) -> Result<Said, Failure> {
    let said = match text {
        "open" => Said::Open,
        "closed" => Said::Closed,
        "filtered" => Said::Filtered,
        "untested" => Said::Untested,
        _ => return Err(damaged(Damage::State(shown(text)))),
    };
    Ok(said)
}

pub(super) fn port_set(text: &str) -> Result<PortSet, Failure> {
    if text.is_empty() {
        return Ok(PortSet::empty());
    }
    let set = PortSet::parse(text, &|_| None);
    set.map_err(|error| damaged(Damage::ports(error)))
}

/// A moment, if it is one.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}
