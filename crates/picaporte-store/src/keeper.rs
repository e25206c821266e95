//! One transaction a chunk: everything that was told goes into the file together, or not at all.

use std::path::PathBuf;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use crate::desk::Told;
use crate::digest::Digest;
use crate::doing::Doing;
use crate::error::{Attempt, StoreError, Tried};
use crate::place;
use crate::rows::{self, Held};
use crate::scan::{End, ScanId, ScanMeta, State, UnixMillis};

mod begin;
mod chunk;

use chunk::Chunk;

/// Writes one scan.
#[derive(Debug)]
pub(crate) struct Keeper {
    db: Connection,
    path: PathBuf,
    /// The file behind the path when it was opened.
    file: Option<(u64, u64)>,
    id: ScanId,
    held: Held,
    log: Log,
}

/// How long the log of what was decided of unfinished hosts is.
#[derive(Clone, Copy, Debug)]
struct Log {
    /// Bytes since the last snapshot.
    since: usize,
    /// Bytes of that.
    snapshot: usize,
    /// Bytes that are not worth one.
    least: usize,
}

impl Log {
    fn new(least: usize) -> Self {
        Self {
            since: 0,
            snapshot: 0,
            least,
        }
    }

    fn is_long(self) -> bool {
        self.since > self.snapshot.max(self.least)
    }
}

impl Keeper {
    /// Begins a scan. A log of at least `least` bytes is written anew.
    pub(crate) fn begin(
        mut db: Connection,
        path: PathBuf,
        meta: &ScanMeta,
        least: usize,
    ) -> Result<Self, StoreError> {
        let attempt = Attempt {
            doing: Doing::Beginning,
            path: &path,
        };
        let transaction = immediate(&mut db).tried(attempt)?;
        if rows::held(&transaction, meta.id, attempt)?.is_some() {
            let id = meta.id;
            return Err(StoreError::Exists { path, id });
        }
        let held = begin::insert(&transaction, meta).tried(attempt)?;
        transaction.commit().tried(attempt)?;
        Ok(Self::new(db, path, meta.id, held, Log::new(least)))
    }

    /// Goes on with a scan, in the place of whoever wrote it before.
    pub(crate) fn go_on(
        mut db: Connection,
        path: PathBuf,
        id: ScanId,
        least: usize,
    ) -> Result<Self, StoreError> {
        let attempt = Attempt {
            doing: Doing::GoingOn,
            path: &path,
        };
        let transaction = immediate(&mut db).tried(attempt)?;
        let Some(held) = rows::held(&transaction, id, attempt)? else {
            let wanted = id.to_string();
            return Err(StoreError::NoSuchScan { path, wanted });
        };
        if held.state == State::Complete {
            return Err(StoreError::Finished { id });
        }
        let held = begin::take_over(&transaction, held).tried(attempt)?;
        let since = begin::log_length(&transaction, held.key).tried(attempt)?;
        transaction.commit().tried(attempt)?;
        let log = Log {
            since,
            ..Log::new(least)
        };
        Ok(Self::new(db, path, id, held, log))
    }

    fn new(db: Connection, path: PathBuf, id: ScanId, held: Held, log: Log) -> Self {
        Self {
            db,
            file: place::identity(&path),
            path,
            id,
            held,
            log,
        }
    }

    /// The digest of the last chunk.
    pub(crate) fn digest(&self) -> Digest {
        self.held.digest
    }

    /// Keeps what was told, at this moment, and the end of the scan if it has come.
    pub(crate) fn keep(
        &mut self,
        told: Told,
        end: Option<&End>,
        written: UnixMillis,
    ) -> Result<Digest, StoreError> {
        let attempt = Attempt {
            doing: Doing::Keeping,
            path: &self.path,
        };
        // A copy, and kept only when the file has it.
        let (mut held, mut log) = (self.held, self.log);
        let mut chunk = Chunk::new(told, end, held.chunks + 1, written);
        let transaction = immediate(&mut self.db).tried(attempt)?;
        log.since += chunk.decided.len();
        if log.is_long() {
            chunk.decided = snapshot(&transaction, held.key, &chunk.decided, attempt)?;
            log.snapshot = chunk.decided.len();
            log.since = 0;
        }
        let decided = chunk.decided_digest();
        held.digest = chunk.link(decided).digest(held.digest);
        held.chunks = chunk.number;
        if !chunk.claim(&transaction, &held).tried(attempt)? {
            let (path, id) = (self.path.clone(), self.id);
            return Err(StoreError::TakenOver { path, id });
        }
        chunk.write(&transaction, &held, decided).tried(attempt)?;
        if let Some(end) = end {
            chunk::finish(&transaction, held.key, end).tried(attempt)?;
        }
        transaction.commit().tried(attempt)?;
        (self.held, self.log) = (held, log);
        // What was committed to a file that nobody finds any more is not kept.
        if place::identity(&self.path) == self.file {
            Ok(held.digest)
        } else {
            let (path, id) = (self.path.clone(), self.id);
            Err(StoreError::Gone { path, id })
        }
    }
}

/// A transaction that may write from the beginning: waiting for another writer is possible only before the first read.
fn immediate(db: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    db.transaction_with_behavior(TransactionBehavior::Immediate)
}

/// The whole log in one body, this chunk's part included; the bodies before it are let go.
fn snapshot(
    transaction: &Transaction<'_>,
    scan: i64,
    delta: &[u8],
    attempt: Attempt<'_>,
) -> Result<Vec<u8>, StoreError> {
    let mut pending = rows::pending(transaction, scan, attempt)?;
    if !delta.is_empty() {
        pending.read(delta).tried(attempt)?;
    }
    let forget = "DELETE FROM decided WHERE scan = ?1";
    transaction.execute(forget, params![scan]).tried(attempt)?;
    Ok(pending.snapshot())
}
