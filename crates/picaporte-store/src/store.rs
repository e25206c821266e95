//! The file as its users see it: opened once, read by whoever likes, written through a [`Writer`].

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use crate::connect::{self, Access};
use crate::doing::{Doing, Part};
use crate::error::{Attempt, StoreError, Tried};
use crate::keeper::Keeper;
use crate::pending;
use crate::place;
use crate::rows::{self, Held};
use crate::scan::{ScanId, ScanMeta};
use crate::writer::Writer;

/// How a store is written, and how long it is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How long another program's lock is waited for, each time: 10 s. Other scans hold it for milliseconds.
    pub busy: Duration,
    /// The time from one commit to the next: 1 s.
    pub interval: Duration,
    /// How many bytes of findings may wait to be written: 64 MiB, which 150,000 verdicts a second make in 25 s. From a
    /// quarter of it on, a commit comes before its time.
    pub most_waiting: usize,
    /// How long one call to a [`Writer`] waits when there are more; then the store has failed. 2 s.
    pub patience: Duration,
    /// From how many bytes on the log of unfinished hosts is written anew when it has doubled: 8 MiB.
    pub log: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            busy: Duration::from_secs(10),
            interval: Duration::from_secs(1),
            most_waiting: 64 << 20,
            patience: Duration::from_secs(2),
            log: pending::LEAST,
        }
    }
}

/// A file of scans.
#[derive(Debug)]
pub struct Store {
    db: Connection,
    path: PathBuf,
    access: Access,
    options: Options,
}

/// What a part of a scan told last.
pub(crate) struct PartProgress {
    pub part: u32,
    pub number: i64,
    pub body: Vec<u8>,
}

impl Store {
    /// Opens the file; makes it if it is not there, readable by its user alone, and the directories it needs.
    ///
    /// # Errors
    /// Every way in which a file can fail to be a store that can be read.
    pub fn create(path: &Path, options: Options) -> Result<Self, StoreError> {
        place::make(path)?;
        Self::open(path, options)
    }

    /// Opens a file that is there. One that can't be written can still be read.
    ///
    /// # Errors
    /// Every way in which a file can fail to be a store that can be read; [`StoreError::Missing`] if it is not there.
    pub fn open(path: &Path, options: Options) -> Result<Self, StoreError> {
        let (db, access) = connect::open(path, options.busy)?;
        Ok(Self {
            db,
            path: path.to_owned(),
            access,
            options,
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Begins to keep a scan. That it began is kept when this returns.
    ///
    /// # Errors
    /// [`StoreError::Exists`] if there is one of this name; when the file can't be written.
    pub fn begin(&self, meta: &ScanMeta) -> Result<Writer, StoreError> {
        let db = self.to_write(Doing::Beginning)?;
        let keeper = Keeper::begin(db, self.path.clone(), meta, self.options.log)?;
        Writer::start(keeper, self.path.clone(), self.options)
    }

    /// Goes on with a scan. Whoever wrote it before can't any more.
    ///
    /// # Errors
    /// [`StoreError::NoSuchScan`]; [`StoreError::Finished`] if it is complete; when the file can't be written.
    pub fn go_on(&self, id: ScanId) -> Result<Writer, StoreError> {
        let db = self.to_write(Doing::GoingOn)?;
        let keeper = Keeper::go_on(db, self.path.clone(), id, self.options.log)?;
        Writer::start(keeper, self.path.clone(), self.options)
    }

    fn to_write(&self, doing: Doing) -> Result<Connection, StoreError> {
        if self.access == Access::ReadOnly {
            let path = self.path.clone();
            return Err(StoreError::ReadOnly { doing, path });
        }
        connect::again(&self.path, self.options.busy).tried(self.attempt(doing))
    }

    pub(crate) fn db(&self) -> &Connection {
        &self.db
    }

    pub(crate) fn attempt(&self, doing: Doing) -> Attempt<'_> {
        Attempt {
            doing,
            path: &self.path,
        }
    }

    pub(crate) fn held(&self, id: ScanId, attempt: Attempt<'_>) -> Result<Held, StoreError> {
        let held = rows::held(&self.db, id, attempt)?;
        held.ok_or_else(|| self.no_such_scan(&id.to_string()))
    }

    pub(crate) fn no_such_scan(&self, wanted: &str) -> StoreError {
        StoreError::NoSuchScan {
            path: self.path.clone(),
            wanted: wanted.to_owned(),
        }
    }

    pub(crate) fn altered(&self, id: ScanId, what: Part) -> StoreError {
        StoreError::Altered {
            path: self.path.clone(),
            id,
            what,
        }
    }

    pub(crate) fn progress(
        &self,
        scan: i64,
        attempt: Attempt<'_>,
    ) -> Result<Vec<PartProgress>, StoreError> {
        let select = "SELECT part, number, body FROM progress WHERE scan = ?1 ORDER BY part";
        let mut select = self.db.prepare_cached(select).tried(attempt)?;
        let rows = select.query_map([scan], |row| {
            Ok(PartProgress {
                part: row.get(0)?,
                number: row.get(1)?,
                body: row.get(2)?,
            })
        });
        let rows: rusqlite::Result<Vec<_>> = rows.tried(attempt)?.collect();
        rows.tried(attempt)
    }
}
