//! The rows of a scan that begins, or goes on.

use picaporte_core::target::merged;
use rusqlite::{Transaction, params};

use crate::address::Key;
use crate::digest::Digest;
use crate::rows::Held;
use crate::scan::{ScanMeta, State};

/// Writes what is known before the first probe.
pub(super) fn insert(transaction: &Transaction<'_>, meta: &ScanMeta) -> rusqlite::Result<Held> {
    let targets = merged(meta.targets.clone());
    let digest = meta.genesis(&targets);
    let held = Held {
        key: insert_scan(transaction, meta, digest)?,
        holder: 1,
        state: State::Running,
        chunks: 0,
        digest,
    };
    let plan = "INSERT INTO plans (scan, plan, scope) VALUES (?1, ?2, ?3)";
    transaction.execute(plan, params![held.key, meta.plan, meta.scope])?;
    let mut target =
        transaction.prepare("INSERT INTO targets (scan, first, last) VALUES (?1, ?2, ?3)")?;
    for range in &targets {
        let (first, last) = Key::ends(range);
        target.execute(params![held.key, first.as_bytes(), last.as_bytes()])?;
    }
    Ok(held)
}

fn insert_scan(
    transaction: &Transaction<'_>,
    meta: &ScanMeta,
    genesis: Digest,
) -> rusqlite::Result<i64> {
    let json = "a list of texts and numbers is always JSON";
    let insert = "INSERT INTO scans
        (id, version, started, user, uid, machine, source, arguments, seed, zones, binding, state, holder,
         chunks, digest, written, planned, hosts, tested, untested, open, closed, filtered)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 1, 0, ?13, ?3, ?14, 0, 0, 0, 0, 0, 0)";
    transaction.execute(
        insert,
        params![
            meta.id.to_string(),
            meta.version,
            meta.started.0,
            meta.who.user,
            meta.who.uid,
            meta.who.machine,
            meta.who.source.map(|source| source.to_string()),
            serde_json::to_string(&meta.arguments).expect(json),
            meta.seed.cast_signed(),
            serde_json::to_string(&meta.zones).expect(json),
            meta.binding().0,
            State::Running.code(),
            genesis.0,
            meta.planned.cast_signed(),
        ],
    )?;
    Ok(transaction.last_insert_rowid())
}

/// Takes the scan from whoever wrote it before.
pub(super) fn take_over(transaction: &Transaction<'_>, held: Held) -> rusqlite::Result<Held> {
    let held = Held {
        holder: held.holder + 1,
        state: State::Running,
        ..held
    };
    let update =
        "UPDATE scans SET holder = ?2, state = ?3, finished = NULL, totals = NULL WHERE key = ?1";
    transaction.execute(update, params![held.key, held.holder, held.state.code()])?;
    Ok(held)
}

/// How many bytes of the log of unfinished hosts there are.
pub(super) fn log_length(transaction: &Transaction<'_>, scan: i64) -> rusqlite::Result<usize> {
    let sum = "SELECT ifnull(sum(length(body)), 0) FROM decided WHERE scan = ?1";
    let bytes: i64 = transaction.query_row(sum, [scan], |row| row.get(0))?;
    Ok(bytes.try_into().unwrap_or(0))
}
