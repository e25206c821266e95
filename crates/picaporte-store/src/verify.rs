//! Whether a scan is still what was kept: every digest is made again, and everything beside the chunks is found again in them.
//! Only how often a scan was gone on with stands nowhere else.
//!
//! Whoever can write the file can make a chain of their own. So the last digest stands in every report: a scan is what the
//! report was made of if both agree, and verifying it finds nothing.

use std::collections::{BTreeMap, BTreeSet};

use picaporte_core::tally::Counts;
use rusqlite::params;

use crate::address::Key;
use crate::digest::{Digest, Link};
use crate::doing::{Doing, Part};
use crate::error::{Attempt, StoreError, Tried};
use crate::pending;
use crate::record::{Body, read_host};
use crate::rows::{self, Held};
use crate::scan::{End, ScanId, ScanMeta, Stage, State, Totals};
use crate::store::Store;
use crate::wire::{Bad, Take};

/// A scan that is what was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many chunks it has.
    pub chunks: u64,
    /// The digest of the last, which is to be the one in the report.
    pub digest: Digest,
}

/// What is found again from the chunks.
#[derive(Debug)]
struct Found {
    digest: Digest,
    chunks: i64,
    hosts: u64,
    counts: Counts,
    open: BTreeSet<(Key, u16)>,
    /// The chunks that have a body in the log, with its digest.
    decided: BTreeMap<i64, Digest>,
    /// Each part's last progress: in which chunk, and its digest.
    progress: BTreeMap<u32, (i64, Digest)>,
    /// When the last chunk was written, and how it ended the scan.
    written: i64,
    ending: Option<End>,
}

/// One row of chunks.
struct Row {
    number: i64,
    written: i64,
    ports: Vec<u8>,
    hosts: Vec<u8>,
    decided: Option<Digest>,
    progress: Vec<u8>,
    ending: Option<Vec<u8>>,
    digest: Digest,
}

impl Store {
    /// Makes every digest of a scan again.
    ///
    /// # Errors
    /// [`StoreError::Altered`] with what does not agree; [`StoreError::NoSuchScan`]; when the file can't be read.
    pub fn verify(&self, id: ScanId) -> Result<Verified, StoreError> {
        let attempt = self.attempt(Doing::Verifying);
        let transaction = self.db().unchecked_transaction().tried(attempt)?;
        let held = self.held(id, attempt)?;
        let (meta, _) = self.bound_meta(id, held.key, attempt)?;
        let mut found = Found::before_chunks(&meta);
        self.read_chunks(id, held.key, &mut found, attempt)?;
        if (held.digest, held.chunks) != (found.digest, found.chunks) {
            return Err(self.altered(id, Part::LastChunk));
        }
        self.check_log(id, held, &found, attempt)?;
        self.check_progress(id, held, &found, attempt)?;
        self.check_open(id, held.key, &found, attempt)?;
        self.check_sums(id, held.key, &found, attempt)?;
        transaction.commit().tried(attempt)?;
        Ok(Verified {
            chunks: held.chunks.cast_unsigned(),
            digest: held.digest,
        })
    }

    fn read_chunks(
        &self,
        id: ScanId,
        scan: i64,
        found: &mut Found,
        attempt: Attempt<'_>,
    ) -> Result<(), StoreError> {
        let select =
            "SELECT number, written, ports, hosts, decided, progress, ending, digest FROM chunks
             WHERE scan = ?1 ORDER BY number";
        rows::each(self.db(), select, scan, attempt, |row| {
            let row = read_row(row).tried(attempt)?;
            let number = row.number;
            if found.take(row).tried(attempt)? {
                Ok(())
            } else {
                Err(self.altered(id, Part::Chunk(number)))
            }
        })
    }

    /// What is left of the log begins with a snapshot, or is all of it.
    fn check_log(
        &self,
        id: ScanId,
        held: Held,
        found: &Found,
        attempt: Attempt<'_>,
    ) -> Result<(), StoreError> {
        let select = "SELECT number, body FROM decided WHERE scan = ?1 ORDER BY number";
        let altered = |number| self.altered(id, Part::Progress(number));
        let mut expected = found.decided.iter().peekable();
        let mut first = true;
        rows::each(self.db(), select, held.key, attempt, |row| {
            let number: i64 = row.get(0).tried(attempt)?;
            let body: Vec<u8> = row.get(1).tried(attempt)?;
            if first && pending::is_snapshot(&body) {
                while expected.next_if(|&(&before, _)| before < number).is_some() {}
            }
            first = false;
            if expected.next() == Some((&number, &Digest::of(&body))) {
                Ok(())
            } else {
                Err(altered(number))
            }
        })?;
        match expected.next() {
            Some((&number, _)) if held.state != State::Complete => Err(altered(number)),
            _ => Ok(()),
        }
    }

    fn check_progress(
        &self,
        id: ScanId,
        held: Held,
        found: &Found,
        attempt: Attempt<'_>,
    ) -> Result<(), StoreError> {
        let rows = self.progress(held.key, attempt)?;
        let kept: BTreeMap<u32, (i64, Digest)> = rows
            .iter()
            .map(|row| (row.part, (row.number, Digest::of(&row.body))))
            .collect();
        let agrees = match held.state {
            State::Complete => kept.is_empty(),
            State::Running | State::Interrupted => kept == found.progress,
        };
        if agrees {
            Ok(())
        } else {
            Err(self.altered(id, Part::GoesOn))
        }
    }

    fn check_open(
        &self,
        id: ScanId,
        scan: i64,
        found: &Found,
        attempt: Attempt<'_>,
    ) -> Result<(), StoreError> {
        let select = "SELECT address, port FROM open_ports WHERE scan = ?1 ORDER BY address, port";
        let mut select = self.db().prepare(select).tried(attempt)?;
        let kept = select.query_map(params![scan], |row| Ok((row.get(0)?, row.get(1)?)));
        let kept: rusqlite::Result<Vec<(Vec<u8>, u16)>> = kept.tried(attempt)?.collect();
        let mut counts: BTreeMap<u16, i64> = BTreeMap::new();
        for (_, port) in &found.open {
            *counts.entry(*port).or_default() += 1;
        }
        let select = "SELECT port, hosts FROM open_counts WHERE scan = ?1";
        let mut select = self.db().prepare(select).tried(attempt)?;
        let counted = select.query_map(params![scan], |row| Ok((row.get(0)?, row.get(1)?)));
        let counted: rusqlite::Result<BTreeMap<u16, i64>> = counted.tried(attempt)?.collect();
        let found = found.open.iter().map(|(key, port)| (key.as_bytes(), *port));
        let kept = kept.tried(attempt)?;
        let kept = kept.iter().map(|(key, port)| (&**key, *port));
        if found.eq(kept) && counts == counted.tried(attempt)? {
            Ok(())
        } else {
            Err(self.altered(id, Part::OpenPorts))
        }
    }

    fn check_sums(
        &self,
        id: ScanId,
        scan: i64,
        found: &Found,
        attempt: Attempt<'_>,
    ) -> Result<(), StoreError> {
        let listed = self.find(&id.to_string())?;
        let ending = found.ending.as_ref();
        let end_agrees = match listed.state {
            State::Running => listed.finished.is_none(),
            state => ending
                .is_some_and(|end| end.state() == state && Some(end.finished) == listed.finished),
        };
        let of_hosts = Totals::of(&found.counts);
        let sums = match (listed.state, ending) {
            (State::Running, _) | (_, None) => Totals {
                planned: listed.totals.planned,
                ..of_hosts
            },
            (_, Some(end)) => end.totals,
        };
        let so_far = self.sums_so_far(scan).tried(attempt)?;
        let agrees = listed.hosts == found.hosts && listed.totals == sums && so_far == of_hosts;
        if agrees && end_agrees && listed.written.0 == found.written {
            Ok(())
        } else {
            Err(self.altered(id, Part::Sums))
        }
    }

    /// The ports of hosts that are done: once a scan has ended, what is listed does not tell them.
    fn sums_so_far(&self, scan: i64) -> rusqlite::Result<Totals> {
        let select = "SELECT tested, untested, open, closed, filtered FROM scans WHERE key = ?1";
        self.db().query_row(select, [scan], |row| {
            let sum = |column| row.get::<_, i64>(column).map(i64::cast_unsigned);
            Ok(Totals {
                tested: sum(0)?,
                untested: sum(1)?,
                open: sum(2)?,
                closed: sum(3)?,
                filtered: sum(4)?,
                ..Totals::default()
            })
        })
    }
}

fn read_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row {
        number: row.get(0)?,
        written: row.get(1)?,
        ports: row.get(2)?,
        hosts: row.get(3)?,
        decided: row.get::<_, Option<[u8; 32]>>(4)?.map(Digest),
        progress: row.get(5)?,
        ending: row.get(6)?,
        digest: Digest(row.get(7)?),
    })
}

impl Found {
    fn before_chunks(meta: &ScanMeta) -> Self {
        Self {
            digest: meta.genesis(&meta.targets),
            chunks: 0,
            hosts: 0,
            counts: Counts::default(),
            open: BTreeSet::new(),
            decided: BTreeMap::new(),
            progress: BTreeMap::new(),
            written: meta.started.0,
            ending: None,
        }
    }

    /// Takes the next chunk; false if it does not follow from the last one.
    fn take(&mut self, row: Row) -> Result<bool, Bad> {
        let link = Link {
            number: row.number,
            written: row.written,
            ports: &row.ports,
            hosts: &row.hosts,
            decided: row.decided,
            progress: &row.progress,
            ending: row.ending.as_deref(),
        };
        let digest = link.digest(self.digest);
        if row.number != self.chunks + 1 || digest != row.digest {
            return Ok(false);
        }
        self.chunks = row.number;
        self.digest = digest;
        self.written = row.written;
        self.decided
            .extend(row.decided.map(|digest| (row.number, digest)));
        self.take_progress(row.number, &row.progress)?;
        self.ending = row.ending.as_deref().map(End::read).transpose()?;
        self.take_ports(Body::new(row.ports))?;
        self.take_hosts(Body::new(row.hosts))?;
        Ok(true)
    }

    fn take_progress(&mut self, number: i64, digests: &[u8]) -> Result<(), Bad> {
        let mut take = Take(digests);
        while !take.is_empty() {
            let part = u32::from_be_bytes(take.array()?);
            let digest = Digest(take.array()?);
            self.progress.insert(part, (number, digest));
        }
        Ok(())
    }

    fn take_ports(&mut self, mut ports: Body) -> Result<(), Bad> {
        while let Some(verdict) = ports.next_port() {
            let verdict = verdict?;
            if verdict.state() == picaporte_core::State::Open {
                self.open.insert((Key::of(verdict.address), verdict.port));
            }
        }
        Ok(())
    }

    fn take_hosts(&mut self, mut hosts: Body) -> Result<(), Bad> {
        while let Some(record) = hosts.next_record() {
            let (host, stage) = read_host(record?)?;
            if stage == Stage::Done {
                self.hosts += 1;
                self.counts.merge(&host.counts);
            }
        }
        Ok(())
    }
}
