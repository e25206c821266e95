//! The tables, and how a file of an earlier version becomes one of this.
//!
//! A step is never changed once it was released: a new one is added. Each runs in one transaction together with the number of
//! the version it leads to, so that a file is of one version or of the next, whatever happens meanwhile.

use rusqlite::{Connection, TransactionBehavior};

#[cfg(test)]
mod tests;

/// "Pica", the application id of the file's header (<https://sqlite.org/fileformat2.html#application_id>).
pub(crate) const APPLICATION: i64 = 0x5069_6361;

/// The version that a step leads to, from the one before, and what leads there. Before the first is an empty file.
type Step = (i64, &'static str);

const STEPS: &[Step] = &[(1, include_str!("schema/v1.sql"))];

/// The latest version.
pub(crate) const VERSION: i64 = STEPS[STEPS.len() - 1].0;

/// What a file says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing is in it.
    Empty,
    /// A store of this version, 1 or more.
    Store(i64),
    /// A database of another program.
    Foreign,
}

/// In one transaction: another program may be making the file a store meanwhile.
pub(crate) fn kind(db: &Connection) -> rusqlite::Result<Kind> {
    let transaction = db.unchecked_transaction()?;
    let number = |pragma: &str| transaction.query_row(pragma, [], |row| row.get::<_, i64>(0));
    let application = number("PRAGMA application_id")?;
    let version = number("PRAGMA user_version")?;
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    transaction.commit()?;
    Ok(match (application, version, tables) {
        (0, 0, 0) => Kind::Empty,
        (APPLICATION, 1.., _) => Kind::Store(version),
        _ => Kind::Foreign,
    })
}

/// Brings the file to the latest version. Another program may do the same meanwhile.
pub(crate) fn migrate(db: &mut Connection) -> rusqlite::Result<()> {
    migrate_by(db, STEPS)
}

fn migrate_by(db: &mut Connection, steps: &[Step]) -> rusqlite::Result<()> {
    for (to, step) in steps {
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if version == to - 1 {
            transaction.execute_batch(step)?;
            transaction.execute_batch(&format!(
                "PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {to};"
            ))?;
        }
        transaction.commit()?;
    }
    Ok(())
}
