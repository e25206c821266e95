//! What is tried on a store, and which part of a scan it is about: what errors name, so that whoever shows them can say it in
//! another language.

use std::fmt;

/// What was tried on the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Opening the file.
    Opening,
    /// Beginning a scan.
    Beginning,
    /// Going on with one that was cut off.
    GoingOn,
    /// Keeping what a scan finds.
    Keeping,
    /// Starting the thread that writes.
    Starting,
    /// Holding a scan against its digests.
    Verifying,
    /// Reading where a scan goes on.
    Resuming,
    /// Listing scans.
    Listing,
    /// Looking for one by its name.
    Finding,
    /// Reading a scan.
    Loading,
}

impl Doing {
    /// Everything that is tried.
    pub const ALL: [Self; 10] = [
        Self::Opening,
        Self::Beginning,
        Self::GoingOn,
        Self::Keeping,
        Self::Starting,
        Self::Verifying,
        Self::Resuming,
        Self::Listing,
        Self::Finding,
        Self::Loading,
    ];
}

/// The words before "the store".
impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Opening => "opening",
            Self::Beginning => "beginning a scan in",
            Self::GoingOn => "going on with a scan in",
            Self::Keeping => "keeping findings in",
            Self::Starting => "starting the thread for",
            Self::Verifying => "verifying a scan in",
            Self::Resuming => "reading where to resume from",
            Self::Listing => "listing the scans in",
            Self::Finding => "looking for a scan in",
            Self::Loading => "reading a scan from",
        })
    }
}

/// The part of a scan that its digests don't fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What it was begun with: arguments, seed, plan, scope.
    Asked,
    /// One chunk, by its number.
    Chunk(i64),
    /// The chunk that must be the last.
    LastChunk,
    /// What was decided by the end of this chunk.
    Progress(i64),
    /// Where its parts go on.
    GoesOn,
    /// The list of open ports.
    OpenPorts,
    /// The sums.
    Sums,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked => f.write_str("what was asked"),
            Self::Chunk(number) => write!(f, "chunk {number}"),
            Self::LastChunk => f.write_str("the last chunk"),
            Self::Progress(number) => write!(f, "the progress of chunk {number}"),
            Self::GoesOn => f.write_str("where its parts go on"),
            Self::OpenPorts => f.write_str("the list of open ports"),
            Self::Sums => f.write_str("the sums"),
        }
    }
}
