//! What every format looks up in a scan's header: names, zones, moments on the calendar, and the
//! ports that no address stands behind. It encodes nothing: that is each sink's own.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

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
        Stamp(self.started.checked_add(since).unwrap_or(Timestamp::MAX))
    }

    /// The same in seconds after 1970.
    pub(crate) fn second(&self, at: Instant) -> i64 {
        self.at(at).0.as_second()
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

/// A moment, as RFC 3339 with milliseconds, in UTC.
#[derive(Clone, Copy)]
pub(super) struct Stamp(pub(super) Timestamp);

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
