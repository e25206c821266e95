//! Texts of records that stand for something, or are damaged.

use jiff::Timestamp;
use jiff::civil::DateTime;
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

/// A moment, if it is one. The last that there is stands for the hours after it: the last second of the year 9999 says that a certificate
/// has no end (RFC 5280, section 4.1.2.5).
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let last = || {
        let utc: DateTime = text.strip_suffix('Z')?.parse().ok()?;
        (utc.year() == 9999).then_some(Timestamp::MAX)
    };
    text.parse().ok().or_else(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_without_an_end_has_a_moment() {
        assert_eq!(moment("9999-12-31T23:59:59.000Z"), Some(Timestamp::MAX));
        assert_eq!(
            moment("2026-01-01T00:00:00Z").map(Timestamp::as_second),
            Some(1_767_225_600)
        );
        assert_eq!(moment("2026-02-31T00:00:00Z"), None);
        assert_eq!(moment("9999-12-31"), None);
    }
}
