//! What several objects hold: names, counts by reason, and grades.

use std::sync::Arc;

use picaporte_core::tally::Counts;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// The names of an address; told only where there is more than one.
pub(super) struct Names<'a>(pub(super) &'a [Arc<str>]);

impl<'a> Names<'a> {
    pub(super) fn first(&self) -> Option<&'a str> {
        self.0.first().map(|name| &**name)
    }

    /// Whether the field `name` has told it all.
    pub(super) fn is_told(&self) -> bool {
        self.0.len() < 2
    }
}

impl Serialize for Names<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|name| &**name))
    }
}

/// A count for each reason that occurred, in the contract's order.
pub(super) struct Reasons<'a>(pub(super) &'a Counts);

impl Serialize for Reasons<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (reason, count) in self.0.iter() {
            map.serialize_entry(reason.name(), &count)?;
        }
        map.end()
    }
}

/// Open ports by grade; those that were not watched to their end are in none.
#[derive(Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Graded {
    confirmed: u64,
    handshake_only: u64,
    suspect: u64,
}

impl Graded {
    pub(super) fn new(graded: &picaporte_core::Graded) -> Self {
        Self {
            confirmed: graded.confirmed,
            handshake_only: graded.handshake_only,
            suspect: graded.suspect,
        }
    }
}
