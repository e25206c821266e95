//! What every format looks up in a scan's header: names, zones, moments on the calendar, and the
//! ports that no address stands behind. It encodes nothing: that is each sink's own.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use jiff::civil::{DateTime, date};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use picaporte_core::{Address, Instant, State};
use serde::{Serialize, Serializer};

use super::Header;

impl Header {
    /// The address with its zone's name. The name comes from the machine, so it is still to be
    /// encoded for its sink.
    pub(super) fn named(&self, address: Address) -> Named<'_> {
        let zone = self.zones.get(&address.scope).map(String::as_str);
        Named { address, zone }
    }

    /// The names that led to the address, as they were given.
    pub(super) fn names(&self, address: Address) -> &[Arc<str>] {
        self.plan.names(address)
    }

    /// The moment on the calendar.
    pub(super) fn at(&self, at: Instant) -> Stamp {
        let since = SignedDuration::from_nanos(at.as_nanos().try_into().unwrap_or(i64::MAX));
        Stamp::from(self.started.checked_add(since).unwrap_or(Timestamp::MAX))
    }

    /// The same in seconds after 1970.
    pub(crate) fn second(&self, at: Instant) -> i64 {
        self.at(at).second()
    }

    /// The ports of names without an address, where untested ports are listed one by one. The scan
    /// itself never meets them.
    pub(super) fn listed_unresolved(&self) -> impl Iterator<Item = (&str, u16)> {
        let listed = self.plan.settings().show.contains(State::Untested);
        let names = self.plan.unresolved().iter().filter(move |_| listed);
        names.flat_map(|u| u.ports.iter().map(|port| (&*u.name, port)))
    }
}

/// An address that prints as `192.0.2.7` or `fe80::1%eth0`.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    address: Address,
    zone: Option<&'a str>,
}

impl Named<'_> {
    /// `192.0.2.7:443`, `[fe80::1%eth0]:443`.
    pub(super) fn with_port(self, port: u16) -> String {
        match self.address.ip {
            IpAddr::V4(_) => format!("{self}:{port}"),
            IpAddr::V6(_) => format!("[{self}]:{port}"),
        }
    }
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.zone {
            Some(zone) if self.address.scope != 0 => write!(f, "{}%{zone}", self.address.ip),
            _ => self.address.fmt(f),
        }
    }
}

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A moment in UTC, as RFC 3339 with milliseconds; up to the last second of the year 9999, which says of a certificate that it has no end
/// (RFC 5280, section 4.1.2.5) and is later than any [`Timestamp`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp(pub(super) DateTime);

/// When seconds begin to be counted.
const EPOCH: DateTime = date(1970, 1, 1).at(0, 0, 0, 0);

impl Stamp {
    /// So many seconds after 1970; none where the calendar has no such day.
    pub(super) fn of_second(seconds: i64) -> Option<Self> {
        let since = SignedDuration::from_secs(seconds);
        EPOCH.checked_add(since).ok().map(Self)
    }

    /// Whole seconds after 1970.
    pub(super) fn second(self) -> i64 {
        self.0.duration_since(EPOCH).as_secs()
    }

    /// `2025-12-31`
    pub(super) fn day(self) -> String {
        self.0.date().to_string()
    }
}

impl From<Timestamp> for Stamp {
    fn from(at: Timestamp) -> Self {
        Self(Offset::UTC.to_datetime(at))
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}Z", self.0)
    }
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::Stamp;

    /// RFC 5280, section 4.1.2.5: `99991231235959Z`.
    #[test]
    fn a_certificate_without_an_end_is_told_with_its_day() {
        let end = Stamp::of_second(253_402_300_799).expect("a moment");
        assert_eq!(end.to_string(), "9999-12-31T23:59:59.000Z");
        assert_eq!(end.day(), "9999-12-31");
        assert_eq!(
            Stamp::of_second(0).map(|at| at.to_string()).as_deref(),
            Some("1970-01-01T00:00:00.000Z")
        );
        assert!(Stamp::of_second(253_402_300_800).is_none());
    }
}
