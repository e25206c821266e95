//! A kept scan, read again: ports and hosts one by one, in the order in which they were kept.

use std::collections::HashMap;

use picaporte_core::Verdict;
use picaporte_core::scan::HostReport;
use picaporte_core::target::AddressRange;
use rusqlite::{OptionalExtension as _, params};

use crate::address::{Key, read_range};
use crate::digest::Digest;
use crate::doing::{Doing, Part};
use crate::error::{Attempt, StoreError, Tried};
use crate::record::{Body, read_host, read_host_index};
use crate::rows::{self, Held};
use crate::scan::{End, ScanId, ScanMeta, Stage};
use crate::store::Store;
use crate::wire::Bad;

/// Something that was kept.
#[derive(Clone, Debug, PartialEq)]
#[allow(
    clippy::large_enum_variant,
    reason = "handed over once, never kept in numbers"
)]
pub enum Kept {
    /// A port that was listed.
    Port(Verdict),
    /// A host, and whether all of its ports are decided.
    Host(Box<HostReport>, Stage),
}

/// Reads a scan chunk by chunk; memory holds one of them. Where a scan was gone on with, and a port or host was told once
/// more, the last word is given and no other.
#[derive(Debug)]
pub struct Load<'a> {
    chunks: Chunks<'a>,
    latest: Latest,
    ports: Body,
    hosts: Body,
    /// How many records were read before.
    position: u64,
}

/// The bodies of a scan, one chunk after the other, up to the last of one moment: chunks are never changed, so that whoever
/// reads them twice reads the same, whatever is kept meanwhile.
#[derive(Debug)]
pub(crate) struct Chunks<'a> {
    store: &'a Store,
    scan: i64,
    number: i64,
    last: i64,
}

impl<'a> Chunks<'a> {
    pub(crate) fn new(store: &'a Store, held: Held) -> Self {
        Self {
            store,
            scan: held.key,
            number: 0,
            last: held.chunks,
        }
    }

    /// The number of the chunk that was read last.
    pub(crate) fn number(&self) -> i64 {
        self.number
    }

    /// Ports and hosts of the next chunk.
    pub(crate) fn next_chunk(
        &mut self,
        attempt: Attempt<'_>,
    ) -> Result<Option<(Body, Body)>, StoreError> {
        let select = "SELECT number, ports, hosts FROM chunks WHERE scan = ?1 AND number > ?2 AND number <= ?3
             ORDER BY number LIMIT 1";
        let mut select = self.store.db().prepare_cached(select).tried(attempt)?;
        let row = select.query_row(params![self.scan, self.number, self.last], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        });
        let Some((number, ports, hosts)) = row.optional().tried(attempt)? else {
            return Ok(None);
        };
        self.number = number;
        Ok(Some((Body::new(ports), Body::new(hosts))))
    }
}

/// Which record is the last word on a port or host, where there may be more than one.
#[derive(Debug, Default)]
struct Latest {
    ports: HashMap<(Key, u16), u64>,
    /// Only of hosts that were cut off once.
    hosts: HashMap<u64, u64>,
}

pub(crate) const LOADING: Doing = Doing::Loading;

impl Latest {
    fn read(mut chunks: Chunks<'_>, attempt: Attempt<'_>) -> Result<Self, StoreError> {
        let mut latest = Self::default();
        let mut position = 0;
        while let Some((mut ports, mut hosts)) = chunks.next_chunk(attempt)? {
            while let Some(verdict) = ports.next_port() {
                let verdict = verdict.tried(attempt)?;
                let key = (Key::of(verdict.address), verdict.port);
                latest.ports.insert(key, position);
                position += 1;
            }
            while let Some(record) = hosts.next_record() {
                let (host, stage) = record.and_then(read_host_index).tried(attempt)?;
                if stage == Stage::CutOff || latest.hosts.contains_key(&host) {
                    latest.hosts.insert(host, position);
                }
                position += 1;
            }
        }
        Ok(latest)
    }

    /// Whether nothing later takes the place of this.
    fn is_last_word(&self, kept: &Kept, position: u64) -> bool {
        let last = match kept {
            Kept::Port(verdict) => self.ports.get(&(Key::of(verdict.address), verdict.port)),
            Kept::Host(host, _) => self.hosts.get(&host.index),
        };
        last.is_none_or(|&last| last == position)
    }
}

impl Load<'_> {
    fn next_kept(&mut self) -> Result<Option<Kept>, StoreError> {
        let attempt = self.chunks.store.attempt(LOADING);
        loop {
            if let Some(kept) = self.next_of_chunk().tried(attempt)? {
                self.position += 1;
                if self.latest.is_last_word(&kept, self.position - 1) {
                    return Ok(Some(kept));
                }
            } else {
                let Some(bodies) = self.chunks.next_chunk(attempt)? else {
                    return Ok(None);
                };
                (self.ports, self.hosts) = bodies;
            }
        }
    }

    fn next_of_chunk(&mut self) -> Result<Option<Kept>, Bad> {
        if let Some(verdict) = self.ports.next_port() {
            return Ok(Some(Kept::Port(verdict?)));
        }
        let Some(record) = self.hosts.next_record() else {
            return Ok(None);
        };
        let (host, stage) = read_host(record?)?;
        Ok(Some(Kept::Host(Box::new(host), stage)))
    }
}

impl Iterator for Load<'_> {
    type Item = Result<Kept, StoreError>;

    /// After an error, what follows it is not to be relied on.
    fn next(&mut self) -> Option<Self::Item> {
        self.next_kept().transpose()
    }
}

impl Store {
    /// What was found, in the order in which it was kept: all that was kept when this was called, and nothing later.
    ///
    /// # Errors
    /// [`StoreError::NoSuchScan`]; when the file can't be read.
    pub fn load(&self, id: ScanId) -> Result<Load<'_>, StoreError> {
        let attempt = self.attempt(LOADING);
        let held = self.held(id, attempt)?;
        let latest = if held.holder > 1 {
            Latest::read(Chunks::new(self, held), attempt)?
        } else {
            Latest::default()
        };
        Ok(Load {
            chunks: Chunks::new(self, held),
            latest,
            ports: Body::default(),
            hosts: Body::default(),
            position: 0,
        })
    }

    /// What was known of the scan before its first probe.
    ///
    /// # Errors
    /// [`StoreError::NoSuchScan`]; when the file can't be read.
    pub fn meta(&self, id: ScanId) -> Result<ScanMeta, StoreError> {
        let attempt = self.attempt(LOADING);
        let key = self.held(id, attempt)?.key;
        self.meta_of(id, key, attempt)
    }

    /// The same, with [what binds it](crate::binding), which must be what is kept as that.
    pub(crate) fn bound_meta(
        &self,
        id: ScanId,
        key: i64,
        attempt: Attempt<'_>,
    ) -> Result<(ScanMeta, Digest), StoreError> {
        let meta = self.meta_of(id, key, attempt)?;
        let binding = meta.binding();
        let select = "SELECT binding FROM scans WHERE key = ?1";
        let kept = self.db().query_row(select, [key], |row| row.get(0));
        if binding == Digest(kept.tried(attempt)?) {
            Ok((meta, binding))
        } else {
            Err(self.altered(id, Part::Asked))
        }
    }

    fn meta_of(&self, id: ScanId, key: i64, attempt: Attempt<'_>) -> Result<ScanMeta, StoreError> {
        let select = "SELECT s.version, s.started, s.user, s.uid, s.machine, s.source, s.arguments, s.seed, s.planned, s.zones,
             p.plan, p.scope FROM scans s JOIN plans p ON p.scan = s.key WHERE s.key = ?1";
        let raw = self.db().query_row(select, [key], rows::raw_meta);
        let targets = self.targets(key, attempt)?;
        raw.tried(attempt)?.parse(id, targets).tried(attempt)
    }

    fn targets(&self, scan: i64, attempt: Attempt<'_>) -> Result<Vec<AddressRange>, StoreError> {
        let select = "SELECT first, last FROM targets WHERE scan = ?1 ORDER BY first";
        let mut targets = Vec::new();
        rows::each(self.db(), select, scan, attempt, |row| {
            let first: Vec<u8> = row.get(0).tried(attempt)?;
            let last: Vec<u8> = row.get(1).tried(attempt)?;
            targets.push(read_range(&first, &last).tried(attempt)?);
            Ok(())
        })?;
        Ok(targets)
    }

    /// How the scan ended, if it did; [`End::record`] is what it was told to keep.
    ///
    /// # Errors
    /// [`StoreError::NoSuchScan`]; when the file can't be read.
    pub fn end(&self, id: ScanId) -> Result<Option<End>, StoreError> {
        let attempt = self.attempt(LOADING);
        let held = self.held(id, attempt)?;
        let select = "SELECT ending FROM chunks WHERE scan = ?1 AND number = ?2";
        let ending = self
            .db()
            .query_row(select, [held.key, held.chunks], |row| row.get(0));
        let ending: Option<Vec<u8>> = ending.optional().tried(attempt)?.flatten();
        ending
            .map(|bytes| End::read(&bytes))
            .transpose()
            .tried(attempt)
    }
}
