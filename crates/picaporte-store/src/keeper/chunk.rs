//! What one transaction adds to a scan.

use std::collections::BTreeMap;

use rusqlite::{Transaction, params};

use crate::address::Key;
use crate::desk::Told;
use crate::digest::{Digest, Link};
use crate::pending;
use crate::rows::Held;
use crate::scan::{End, Totals, UnixMillis};

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Chunk {
    pub number: i64,
    written: UnixMillis,
    ports: Vec<u8>,
    open: Vec<(Key, u16)>,
    hosts: Vec<u8>,
    hosts_done: u64,
    sums: Totals,
    /// The body of the log; empty if there is nothing new.
    pub decided: Vec<u8>,
    progress: BTreeMap<u32, Vec<u8>>,
    progress_digests: Vec<u8>,
    ending: Option<Vec<u8>>,
}

impl Chunk {
    pub(super) fn new(told: Told, end: Option<&End>, number: i64, written: UnixMillis) -> Self {
        let mut open = told.open;
        open.sort_unstable();
        open.dedup();
        Self {
            number,
            written,
            ports: told.ports,
            open,
            hosts: told.hosts,
            hosts_done: told.done.len() as u64,
            sums: Totals::of(&told.counts),
            decided: pending::delta(told.decided, told.done),
            progress_digests: digests(&told.progress),
            progress: told.progress,
            ending: end.map(End::to_bytes),
        }
    }

    /// What its digest is made of; `decided` is that of [`decided`](Self::decided_digest).
    pub(super) fn link(&self, decided: Option<Digest>) -> Link<'_> {
        Link {
            number: self.number,
            written: self.written.0,
            ports: &self.ports,
            hosts: &self.hosts,
            decided,
            progress: &self.progress_digests,
            ending: self.ending.as_deref(),
        }
    }

    /// The digest of the log's body, of half a megabyte in a fast scan: made once.
    pub(super) fn decided_digest(&self) -> Option<Digest> {
        (!self.decided.is_empty()).then(|| Digest::of(&self.decided))
    }

    /// Adds to the scan's sums; false if the scan is not ours any more.
    pub(super) fn claim(
        &self,
        transaction: &Transaction<'_>,
        held: &Held,
    ) -> rusqlite::Result<bool> {
        let mut update = transaction.prepare_cached(
            "UPDATE scans SET chunks = ?3, digest = ?4, written = ?5, hosts = hosts + ?6, tested = tested + ?7,
             untested = untested + ?8, open = open + ?9, closed = closed + ?10, filtered = filtered + ?11
             WHERE key = ?1 AND holder = ?2 AND chunks = ?3 - 1",
        )?;
        let changed = update.execute(params![
            held.key,
            held.holder,
            self.number,
            held.digest.0,
            self.written.0,
            self.hosts_done.cast_signed(),
            self.sums.tested.cast_signed(),
            self.sums.untested.cast_signed(),
            self.sums.open.cast_signed(),
            self.sums.closed.cast_signed(),
            self.sums.filtered.cast_signed(),
        ])?;
        Ok(changed == 1)
    }

    /// Adds the chunk itself, and what is found again from it.
    pub(super) fn write(
        &self,
        transaction: &Transaction<'_>,
        held: &Held,
        decided: Option<Digest>,
    ) -> rusqlite::Result<()> {
        let mut insert = transaction.prepare_cached(
            "INSERT INTO chunks (scan, number, written, ports, hosts, decided, progress, ending, digest)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?;
        insert.execute(params![
            held.key,
            self.number,
            self.written.0,
            self.ports,
            self.hosts,
            decided.map(|digest| digest.0),
            self.progress_digests,
            self.ending,
            held.digest.0,
        ])?;
        self.write_log(transaction, held.key)?;
        self.write_open(transaction, held.key)
    }

    /// Adds from where the scan goes on.
    fn write_log(&self, transaction: &Transaction<'_>, scan: i64) -> rusqlite::Result<()> {
        if !self.decided.is_empty() {
            let insert = "INSERT INTO decided (scan, number, body) VALUES (?1, ?2, ?3)";
            let mut insert = transaction.prepare_cached(insert)?;
            insert.execute(params![scan, self.number, self.decided])?;
        }
        let insert =
            "INSERT OR REPLACE INTO progress (scan, part, number, body) VALUES (?1, ?2, ?3, ?4)";
        let mut insert = transaction.prepare_cached(insert)?;
        for (part, body) in &self.progress {
            insert.execute(params![scan, part, self.number, body])?;
        }
        Ok(())
    }

    /// Adds what lists are filtered by. A port can be found open twice: before a scan was cut off, and after.
    fn write_open(&self, transaction: &Transaction<'_>, scan: i64) -> rusqlite::Result<()> {
        let insert = "INSERT OR IGNORE INTO open_ports (scan, address, port) VALUES (?1, ?2, ?3)";
        let mut insert = transaction.prepare_cached(insert)?;
        let mut counts: BTreeMap<u16, i64> = BTreeMap::new();
        for (address, port) in &self.open {
            if insert.execute(params![scan, address.as_bytes(), port])? == 1 {
                *counts.entry(*port).or_default() += 1;
            }
        }
        let mut count = transaction.prepare_cached(
            "INSERT INTO open_counts (port, scan, hosts) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET hosts = hosts + excluded.hosts",
        )?;
        for (port, hosts) in counts {
            count.execute(params![port, scan, hosts])?;
        }
        Ok(())
    }
}

/// Each part's number, and the digest of its progress.
fn digests(progress: &BTreeMap<u32, Vec<u8>>) -> Vec<u8> {
    let mut out = Vec::with_capacity(progress.len() * 36);
    for (part, body) in progress {
        out.extend(part.to_be_bytes());
        out.extend(Digest::of(body).0);
    }
    out
}

/// Marks the scan as ended. A complete one does not go on: what that would need is let go.
pub(super) fn finish(transaction: &Transaction<'_>, scan: i64, end: &End) -> rusqlite::Result<()> {
    let mut totals = Vec::new();
    end.totals.put(&mut totals);
    let update = "UPDATE scans SET state = ?2, finished = ?3, totals = ?4 WHERE key = ?1";
    let state = end.state().code();
    transaction.execute(update, params![scan, state, end.finished.0, totals])?;
    if end.complete {
        transaction.execute("DELETE FROM decided WHERE scan = ?1", [scan])?;
        transaction.execute("DELETE FROM progress WHERE scan = ?1", [scan])?;
    }
    Ok(())
}
