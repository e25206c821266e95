//! What can go wrong with a store, each in one line: what was tried, on what, and what to do about it.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::doing::{Doing, Part};
use crate::scan::ScanId;
use crate::why::{Bad, Why};

/// Why the store did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The environment names no directory.
    #[error(
        "there is no place for the store: neither XDG_STATE_HOME nor HOME names an absolute path; name a file with --store FILE, or keep nothing with --store none"
    )]
    NoPlace,
    /// The file is not there.
    #[error("opening the store '{}': there is no such file; a scan that is kept there makes it", .path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file or its directory can't be made.
    #[error("making the store '{}': {reason}; name another file with --store FILE, or keep nothing with --store none", .path.display())]
    NotMade {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The file is something else.
    #[error("opening the store '{}': it is not a store of Picaporte, and was left as it is; name another file with --store FILE", .path.display())]
    NotAStore {
        /// The file.
        path: PathBuf,
    },
    /// The file was written by a later version.
    #[error("opening the store '{}': it was written by a later version of Picaporte (format {found}; this one knows up to {known}); use that version, or another file with --store FILE", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version found.
        found: i64,
        /// The latest version that this program knows.
        known: i64,
    },
    /// The file does not hold what it must.
    #[error("{doing} the store '{}': it is damaged ({detail}); put a copy back, or move it away and begin another", .path.display())]
    Damaged {
        /// What was tried.
        doing: Doing,
        /// The file.
        path: PathBuf,
        /// What was found.
        detail: Why,
    },
    /// The file can't be written.
    #[error("{doing} the store '{}': it can't be written; make it and its directory writable, or name another file with --store FILE", .path.display())]
    ReadOnly {
        /// What was tried.
        doing: Doing,
        /// The file.
        path: PathBuf,
    },
    /// Another program holds the file locked for longer than is waited for.
    #[error("{doing} the store '{}': another program keeps it locked; end that program, or name another file with --store FILE", .path.display())]
    Locked {
        /// What was tried.
        doing: Doing,
        /// The file.
        path: PathBuf,
    },
    /// The disk is full.
    #[error("{doing} the store '{}': the disk is full; make room: what was kept before is still there, and the scan can be resumed from it", .path.display())]
    Full {
        /// What was tried.
        doing: Doing,
        /// The file.
        path: PathBuf,
    },
    /// The disk takes less than the scan brings.
    #[error("keeping findings in the store '{}': the disk is too slow, {waiting} bytes wait to be written; name a file on another disk with --store FILE: what was kept before is still there", .path.display())]
    Slow {
        /// The file.
        path: PathBuf,
        /// How many bytes were waiting.
        waiting: usize,
    },
    /// Another process went on with the scan.
    #[error("keeping findings in the store '{}': another process goes on with the scan {id}; end one of the two", .path.display())]
    TakenOver {
        /// The file.
        path: PathBuf,
        /// The scan.
        id: ScanId,
    },
    /// The file was removed, or moved, or another took its place.
    #[error("keeping findings in the store '{}': the file was removed, moved or replaced while the scan {id} ran, which is not kept any more; put it back with its -wal file, or scan again", .path.display())]
    Gone {
        /// The file.
        path: PathBuf,
        /// The scan.
        id: ScanId,
    },
    /// No such scan.
    #[error("there is no scan '{wanted}' in the store '{}'; 'picaporte history' lists those that are", .path.display())]
    NoSuchScan {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        wanted: String,
    },
    /// More than one scan has such a name.
    #[error("'{wanted}' is the beginning of more than one scan in the store '{}', {first} among them; write more of it", .path.display())]
    Ambiguous {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        wanted: String,
        /// One of them.
        first: ScanId,
    },
    /// A scan of this name is there already.
    #[error("there is already a scan {id} in the store '{}'; give the new one a name of its own", .path.display())]
    Exists {
        /// The file.
        path: PathBuf,
        /// The scan.
        id: ScanId,
    },
    /// The scan came to its end.
    #[error(
        "the scan {id} is complete: there is nothing to resume; scan again, or print it with 'picaporte show {id}'"
    )]
    Finished {
        /// The scan.
        id: ScanId,
    },
    /// What is kept of a scan is not what was kept.
    #[error("the scan {id} in the store '{}' was altered since it was kept: {what} does not agree with its digests; don't rely on it", .path.display())]
    Altered {
        /// The file.
        path: PathBuf,
        /// The scan.
        id: ScanId,
        /// Where.
        what: Part,
    },
    /// Anything else.
    #[error("{doing} the store '{}': {reason}; look after the disk, or name another file with --store FILE", .path.display())]
    Failed {
        /// What was tried.
        doing: Doing,
        /// The file.
        path: PathBuf,
        /// What the system or the database said.
        reason: Why,
    },
}

/// What is tried, on which file: what every error has to say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt<'a> {
    pub doing: Doing,
    pub path: &'a Path,
}

/// `SQLITE_IOERR_SHMSIZE`, 10 + 19 × 256 (<https://sqlite.org/rescode.html>): the index of the log could not be made longer, which `SQLite` does
/// not tell apart from other failures.
const NO_ROOM_FOR_INDEX: i32 = 0x130a;

impl Attempt<'_> {
    pub(crate) fn sqlite(self, error: rusqlite::Error) -> StoreError {
        let rusqlite::Error::SqliteFailure(failure, message) = &error else {
            return self.damaged(Why::Database(error.to_string()));
        };
        let said = message.clone().unwrap_or_else(|| failure.to_string());
        let (doing, path) = (self.doing, self.path.to_owned());
        match failure.code {
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::FileLockingProtocolFailed => StoreError::Locked { doing, path },
            ErrorCode::DiskFull => StoreError::Full { doing, path },
            ErrorCode::SystemIoFailure if failure.extended_code == NO_ROOM_FOR_INDEX => {
                StoreError::Full { doing, path }
            }
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
                StoreError::ReadOnly { doing, path }
            }
            ErrorCode::NotADatabase => StoreError::NotAStore { path },
            ErrorCode::DatabaseCorrupt => self.damaged(Why::Database(said)),
            _ => self.failed(Why::Database(said)),
        }
    }

    pub(crate) fn damaged(self, detail: Why) -> StoreError {
        StoreError::Damaged {
            doing: self.doing,
            path: self.path.to_owned(),
            detail,
        }
    }

    pub(crate) fn failed(self, reason: Why) -> StoreError {
        StoreError::Failed {
            doing: self.doing,
            path: self.path.to_owned(),
            reason,
        }
    }

    pub(crate) fn bad(self, bad: Bad) -> StoreError {
        self.damaged(Why::Record(bad))
    }
}

/// Tells an error what was tried.
pub(crate) trait Tried<T> {
    fn tried(self, attempt: Attempt<'_>) -> Result<T, StoreError>;
}

impl<T> Tried<T> for rusqlite::Result<T> {
    fn tried(self, attempt: Attempt<'_>) -> Result<T, StoreError> {
        self.map_err(|error| attempt.sqlite(error))
    }
}

impl<T> Tried<T> for Result<T, Bad> {
    fn tried(self, attempt: Attempt<'_>) -> Result<T, StoreError> {
        self.map_err(|bad| attempt.bad(bad))
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi::{self, Error as Code};

    use super::*;

    const ATTEMPT: fn() -> Attempt<'static> = || Attempt {
        doing: Doing::Keeping,
        path: Path::new("/s/p.db"),
    };

    fn said(code: i32) -> String {
        let error = rusqlite::Error::SqliteFailure(Code::new(code), Some("it said".to_owned()));
        ATTEMPT().sqlite(error).to_string()
    }

    #[test]
    fn what_the_database_says_becomes_what_was_tried_on_what_and_what_to_do() {
        let keeping = "keeping findings in the store '/s/p.db': ";
        let full = "the disk is full; make room: what was kept before is still there, and the scan can be resumed from it";
        let locked = "another program keeps it locked; end that program, or name another file with --store FILE";
        let read_only = "it can't be written; make it and its directory writable, or name another file with --store FILE";
        let damaged = "it is damaged (it said); put a copy back, or move it away and begin another";
        let other = "it said; look after the disk, or name another file with --store FILE";
        for (code, expected) in [
            (ffi::SQLITE_FULL, full),
            (ffi::SQLITE_IOERR_SHMSIZE, full),
            (ffi::SQLITE_BUSY, locked),
            (ffi::SQLITE_BUSY_RECOVERY, locked),
            (ffi::SQLITE_READONLY, read_only),
            (ffi::SQLITE_READONLY_DIRECTORY, read_only),
            (ffi::SQLITE_CORRUPT, damaged),
            (ffi::SQLITE_IOERR_FSYNC, other),
            (ffi::SQLITE_CANTOPEN, other),
        ] {
            assert_eq!(said(code), format!("{keeping}{expected}"));
        }
        assert!(
            said(ffi::SQLITE_NOTADB).contains("not a store of Picaporte, and was left as it is")
        );
        let missing = ATTEMPT().sqlite(rusqlite::Error::QueryReturnedNoRows);
        assert!(matches!(missing, StoreError::Damaged { .. }), "{missing}");
    }
}
