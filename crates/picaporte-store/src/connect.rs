//! A connection to the file, as everything here wants it.
//!
//! **A write-ahead log**: readers never wait for a scan, nor a scan for readers, and a commit is one append and one `fsync`
//! where a rollback journal takes three. **`synchronous` EXTRA**: with the log that is an `fsync` at each commit (FULL), so
//! that what was committed survives the loss of power; on the few file systems where there can be no log, it also flushes
//! the directory (<https://sqlite.org/pragma.html#pragma_synchronous>). At one commit a second this costs nothing that
//! could be measured.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::doing::Doing;
use crate::error::{Attempt, StoreError, Tried};
use crate::schema::{self, Kind, VERSION};
use crate::why::Why;

/// What a connection can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Write,
    ReadOnly,
}

/// Opens a file that is there, and brings it to the latest version.
pub(crate) fn open(path: &Path, busy: Duration) -> Result<(Connection, Access), StoreError> {
    let attempt = Attempt {
        doing: Doing::Opening,
        path,
    };
    match path.try_exists() {
        Ok(true) => {}
        Ok(false) => {
            return Err(StoreError::Missing {
                path: path.to_owned(),
            });
        }
        Err(error) => return Err(attempt.failed(Why::System(error.to_string()))),
    }
    let (mut db, access) = either(path, busy).tried(attempt)?;
    match (schema::kind(&db).tried(attempt)?, access) {
        (Kind::Foreign, _) => Err(StoreError::NotAStore {
            path: path.to_owned(),
        }),
        (Kind::Store(found), _) if found > VERSION => Err(StoreError::Newer {
            path: path.to_owned(),
            found,
            known: VERSION,
        }),
        (Kind::Store(VERSION), Access::ReadOnly) => Ok((db, access)),
        // Without a step there is nothing to write, and whoever writes is not waited for.
        (Kind::Store(VERSION), Access::Write) => {
            set_up(&db, busy).tried(attempt)?;
            Ok((db, access))
        }
        // What is of an earlier version, or empty, would have to be written first.
        (_, Access::ReadOnly) => Err(StoreError::ReadOnly {
            doing: attempt.doing,
            path: path.to_owned(),
        }),
        (_, Access::Write) => {
            schema::migrate(&mut db).tried(attempt)?;
            set_up(&db, busy).tried(attempt)?;
            Ok((db, access))
        }
    }
}

/// A second connection to a file that has been opened before.
pub(crate) fn again(path: &Path, busy: Duration) -> rusqlite::Result<Connection> {
    let db = plain(path, busy)?;
    set_up(&db, busy)?;
    Ok(db)
}

/// For writing, or else for reading.
fn either(path: &Path, busy: Duration) -> rusqlite::Result<(Connection, Access)> {
    let db = plain(path, busy)?;
    if !db.is_readonly(rusqlite::MAIN_DB)? {
        return Ok((db, Access::Write));
    }
    match schema::kind(&db) {
        // Reading with a log needs its index, which can't be made beside the file. Without a log none is needed.
        Err(_) if !has_log(path) => Ok((unchanging(path)?, Access::ReadOnly)),
        _ => Ok((db, Access::ReadOnly)),
    }
}

fn plain(path: &Path, busy: Duration) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(busy)?;
    Ok(db)
}

fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

/// A file that nobody can write: nothing is locked, and nothing made beside it.
fn unchanging(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(format!("file:{}?immutable=1", escaped(path)), flags)
}

/// A path as a URI has it (RFC 3986, section 2.1).
fn escaped(path: &Path) -> String {
    let mut out = String::new();
    for &byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

fn set_up(db: &Connection, busy: Duration) -> rusqlite::Result<()> {
    write_ahead(db, busy)?;
    db.execute_batch(
        "PRAGMA synchronous = EXTRA; PRAGMA fullfsync = 1; PRAGMA checkpoint_fullfsync = 1;",
    )
}

/// The log is switched on once for ever, and only while nobody else reads: `SQLite` does not wait for that by itself.
fn write_ahead(db: &Connection, busy: Duration) -> rusqlite::Result<()> {
    let began = Instant::now();
    loop {
        let switched = db.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()));
        match switched {
            Err(error) if is_busy(&error) && began.elapsed() < busy => {
                std::thread::sleep(Duration::from_millis(5));
            }
            switched => return switched,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_in_a_uri_keeps_its_odd_characters() {
        let path = Path::new("/tmp/a b?c#d%e/ñ.db");
        assert_eq!(escaped(path), "/tmp/a%20b%3Fc%23d%25e/%C3%B1.db");
    }
}
