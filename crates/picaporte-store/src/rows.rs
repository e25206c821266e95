//! The rows of the file as values. A column that does not hold what it must is damage, and told as that.

use picaporte_core::target::AddressRange;
use rusqlite::{Connection, OptionalExtension as _, Row};

use crate::digest::Digest;
use crate::done::Done;
use crate::error::{Attempt, StoreError, Tried};
use crate::list::Listed;
use crate::pending::Pending;
use crate::record::Body;
use crate::scan::{ScanId, ScanMeta, State, Totals, UnixMillis, Who};
use crate::wire::{Bad, Take};

/// What a writer must know of its scan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    /// The scan's key in the file.
    pub key: i64,
    /// Whoever has this number may write.
    pub holder: i64,
    pub state: State,
    pub chunks: i64,
    /// The digest of the last chunk.
    pub digest: Digest,
}

/// The scan of this name, if there is one.
pub(crate) fn held(
    db: &Connection,
    id: ScanId,
    attempt: Attempt<'_>,
) -> Result<Option<Held>, StoreError> {
    let select = "SELECT key, holder, state, chunks, digest FROM scans WHERE id = ?1";
    let row = db.query_row(select, [id.to_string()], |row| {
        Ok((
            row.get(0)?,
            row.get(1)?,
            row.get(2)?,
            row.get(3)?,
            Digest(row.get(4)?),
        ))
    });
    let Some((key, holder, state, chunks, digest)) = row.optional().tried(attempt)? else {
        return Ok(None);
    };
    Ok(Some(Held {
        key,
        holder: counted(holder, 1).tried(attempt)?,
        state: state_of(state).tried(attempt)?,
        chunks: counted(chunks, 0).tried(attempt)?,
        digest,
    }))
}

/// From a column that is counted up one by one from `least`: there is always one more.
fn counted(number: i64, least: i64) -> Result<i64, Bad> {
    if (least..i64::MAX).contains(&number) {
        Ok(number)
    } else {
        Err(Bad::Counts)
    }
}

/// Hands over what is selected of a scan, row by row.
pub(crate) fn each(
    db: &Connection,
    select: &str,
    scan: i64,
    attempt: Attempt<'_>,
    mut take: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut select = db.prepare_cached(select).tried(attempt)?;
    let mut rows = select.query([scan]).tried(attempt)?;
    while let Some(row) = rows.next().tried(attempt)? {
        take(row)?;
    }
    Ok(())
}

/// The log of what was decided of hosts that are not done.
pub(crate) fn pending(
    db: &Connection,
    scan: i64,
    attempt: Attempt<'_>,
) -> Result<Pending, StoreError> {
    let select = "SELECT body FROM decided WHERE scan = ?1 ORDER BY number";
    let mut pending = Pending::default();
    each(db, select, scan, attempt, |row| {
        let body = row.get_ref(0).tried(attempt)?;
        let body = body.as_blob().map_err(|_| Bad::Log);
        pending.read(body.tried(attempt)?).tried(attempt)
    })?;
    Ok(pending)
}

/// The hosts that are done.
pub(crate) fn done(db: &Connection, scan: i64, attempt: Attempt<'_>) -> Result<Done, StoreError> {
    let select = "SELECT hosts FROM chunks WHERE scan = ?1 ORDER BY number";
    let mut done = Done::default();
    each(db, select, scan, attempt, |row| {
        let hosts = row.get(0).tried(attempt)?;
        done.read(Body::new(hosts)).tried(attempt)
    })?;
    Ok(done)
}

fn state_of(code: i64) -> Result<State, Bad> {
    State::read(code).ok_or(Bad::State)
}

/// Who scanned, as `SQLite` has it.
struct RawWho {
    user: String,
    uid: Option<u32>,
    machine: String,
    source: Option<String>,
}

/// Reads user, uid, machine and source: four columns from the `first` on.
fn raw_who(row: &Row<'_>, first: usize) -> rusqlite::Result<RawWho> {
    Ok(RawWho {
        user: row.get(first)?,
        uid: row.get(first + 1)?,
        machine: row.get(first + 2)?,
        source: row.get(first + 3)?,
    })
}

impl RawWho {
    fn parse(self) -> Result<Who, Bad> {
        let source = self.source.map(|text| text.parse()).transpose();
        Ok(Who {
            user: self.user,
            uid: self.uid,
            machine: self.machine,
            source: source.map_err(|_| Bad::Source)?,
        })
    }
}

/// The columns of a row that [`listed`] reads.
pub(crate) const LISTED: &str = "s.id, s.version, s.started, s.finished, s.written, s.user, s.uid, s.machine, s.source,
    s.arguments, s.seed, s.state, s.holder, s.chunks, s.digest, s.hosts, s.planned, s.tested, s.untested, s.open, s.closed,
    s.filtered, s.totals";

/// The columns of [`LISTED`], as `SQLite` has them.
pub(crate) struct RawScan {
    id: String,
    version: String,
    started: i64,
    finished: Option<i64>,
    written: i64,
    who: RawWho,
    arguments: String,
    seed: i64,
    state: i64,
    holder: i64,
    chunks: i64,
    digest: Digest,
    hosts: i64,
    so_far: Totals,
    totals: Option<Vec<u8>>,
}

/// Reads the columns of [`LISTED`].
pub(crate) fn listed(row: &Row<'_>) -> rusqlite::Result<RawScan> {
    let sum = |column| row.get::<_, i64>(column).map(i64::cast_unsigned);
    Ok(RawScan {
        id: row.get(0)?,
        version: row.get(1)?,
        started: row.get(2)?,
        finished: row.get(3)?,
        written: row.get(4)?,
        who: raw_who(row, 5)?,
        arguments: row.get(9)?,
        seed: row.get(10)?,
        state: row.get(11)?,
        holder: row.get(12)?,
        chunks: row.get(13)?,
        digest: Digest(row.get(14)?),
        hosts: row.get(15)?,
        so_far: Totals {
            planned: sum(16)?,
            tested: sum(17)?,
            untested: sum(18)?,
            open: sum(19)?,
            closed: sum(20)?,
            filtered: sum(21)?,
            extra: 0,
        },
        totals: row.get(22)?,
    })
}

impl RawScan {
    pub(crate) fn parse(self) -> Result<Listed, Bad> {
        let totals = self.totals.map(|totals| Totals::take(&mut Take(&totals)));
        Ok(Listed {
            id: scan_id(&self.id)?,
            version: self.version,
            started: UnixMillis(self.started),
            finished: self.finished.map(UnixMillis),
            written: UnixMillis(self.written),
            who: self.who.parse()?,
            arguments: json(&self.arguments)?,
            seed: self.seed.cast_unsigned(),
            state: state_of(self.state)?,
            resumed: (counted(self.holder, 1)? - 1).cast_unsigned(),
            chunks: counted(self.chunks, 0)?.cast_unsigned(),
            digest: self.digest,
            hosts: self.hosts.cast_unsigned(),
            totals: totals.unwrap_or(Ok(self.so_far))?,
        })
    }
}

/// From a column that holds a scan's name.
pub(crate) fn scan_id(text: &str) -> Result<ScanId, Bad> {
    ScanId::parse(text).ok_or(Bad::Id)
}

/// From a column that holds JSON.
pub(crate) fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Bad> {
    serde_json::from_str(text).map_err(|_| Bad::Json)
}

/// What is known of a scan before its first probe, as `SQLite` has it.
pub(crate) struct RawMeta {
    version: String,
    started: i64,
    who: RawWho,
    arguments: String,
    seed: i64,
    planned: i64,
    zones: String,
    plan: Vec<u8>,
    scope: Option<String>,
}

/// Reads version, start, user, uid, machine, source, arguments, seed, planned, zones, plan, scope.
pub(crate) fn raw_meta(row: &Row<'_>) -> rusqlite::Result<RawMeta> {
    Ok(RawMeta {
        version: row.get(0)?,
        started: row.get(1)?,
        who: raw_who(row, 2)?,
        arguments: row.get(6)?,
        seed: row.get(7)?,
        planned: row.get(8)?,
        zones: row.get(9)?,
        plan: row.get(10)?,
        scope: row.get(11)?,
    })
}

impl RawMeta {
    pub(crate) fn parse(self, id: ScanId, targets: Vec<AddressRange>) -> Result<ScanMeta, Bad> {
        Ok(ScanMeta {
            id,
            version: self.version,
            started: UnixMillis(self.started),
            who: self.who.parse()?,
            arguments: json(&self.arguments)?,
            seed: self.seed.cast_unsigned(),
            planned: self.planned.cast_unsigned(),
            plan: self.plan,
            scope: self.scope,
            zones: json(&self.zones)?,
            targets,
        })
    }
}
