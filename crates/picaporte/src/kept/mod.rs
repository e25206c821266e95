//! Scans on their way into a store and out of it again: what a [`Header`](crate::report::Header) says becomes a
//! [`ScanMeta`](picaporte_store::ScanMeta) and comes back, the plan as bytes, the account as JSON.
//!
//! A [`Replay`] tells a kept scan once more, finding by finding; a [`snapshot()`] is what is compared with another scan.
//!
//! It opens no store. What it reads may have been altered since it was written: it is checked as what a person writes is, and
//! refused in one sentence.

use jiff::Timestamp;
use picaporte_core::PlanError;
use picaporte_core::target::Lookup;
use picaporte_store::{StoreError, UnixMillis};

pub mod account;
mod meta;
pub mod plan;
pub(crate) mod progress;
mod recall;
mod replay;
pub(crate) mod service;
mod snapshot;
#[cfg(test)]
mod tests;
mod text;
mod unfinished;
mod who;

pub use meta::{begun, header, meta};
pub use plan::How;
pub(crate) use recall::Recall;
pub use replay::Replay;
pub(crate) use replay::Teller;
pub use snapshot::snapshot;
pub use who::who;

use crate::scope::Wrong;

/// Why what is kept of a scan can't be used. Each says what is wrong; whoever asked says of which scan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeptError {
    /// The plan was written by a later version.
    #[error(
        "its plan has the format {0}, and this version of Picaporte knows up to {known}; use a later version",
        known = plan::FORMAT
    )]
    Format(u8),
    /// The plan's bytes are no plan.
    #[error("its plan can't be read: {0}")]
    Plan(String),
    /// What they say is no plan.
    #[error("its plan can't be made again: {0}")]
    Parts(#[from] PlanError),
    /// The scope's text is not what a scope file may say.
    #[error("its scope can't be read: {0}")]
    Scope(Wrong),
    /// The text is not that of the scope which the scan is held to.
    #[error("its scope is another one than the text that is to be kept")]
    OtherScope,
    /// It began when no calendar goes.
    #[error("it began {0} ms after 1970, which no calendar reaches")]
    Moment(i64),
    /// Its name is no ULID.
    #[error("its name '{0}' is no ULID")]
    Name(String),
    /// The account is not one.
    #[error("its account can't be read: {0}")]
    Account(String),
    /// What stands beside its ports was written by another version.
    #[error("its progress was written by another version of Picaporte; use that version")]
    OtherProgress,
    /// What stands beside its ports was written by nobody.
    #[error("its progress can't be read")]
    Progress,
    /// What was learned of its ports and addresses was written by another version.
    #[error(
        "what was learned of its ports was written by another version of Picaporte; use that version"
    )]
    OtherNotes,
    /// What was learned of its ports and addresses was written by nobody.
    #[error("what was learned of its ports can't be read")]
    Notes,
    /// The store itself can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A snapshot of it would take too much memory.
    #[error("it holds {0}")]
    Full(#[from] picaporte_diff::Full),
}

impl KeptError {
    /// Whether the scan may be as it was kept, and it is this version, or this machine's memory, that can't use it.
    pub(crate) const fn is_sound(&self) -> bool {
        matches!(
            self,
            Self::Format(_) | Self::OtherProgress | Self::OtherNotes | Self::Full(_)
        )
    }
}

/// Looks up what a scope's text means as it was meant when it was kept: zones by the names and numbers they had then.
struct Then<'a> {
    zones: &'a [(u32, String)],
}

impl Lookup for Then<'_> {
    fn service(&self, name: &str) -> Option<Vec<u16>> {
        crate::services::by_name(name)
    }

    fn zone(&self, name: &str) -> Option<u32> {
        let zone = self.zones.iter().find(|(_, known)| known == name);
        zone.map(|(number, _)| *number)
    }
}

/// The moment without what is below a millisecond, which no store keeps: so a kept scan tells the same moments as the scan did.
pub(crate) fn whole(moment: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(moment.as_millisecond()).unwrap_or(moment)
}

/// A moment on the calendar; `None` where it does not reach.
pub(crate) fn moment(at: UnixMillis) -> Option<Timestamp> {
    Timestamp::from_millisecond(at.0).ok()
}
