//! What was learned of ports and addresses after they were told: where it lies in the file. Only places are in memory, as a certificate takes
//! kilobytes and a scan may find a million of them; the bytes are fetched when they are asked for.

use std::cell::RefCell;
use std::collections::BTreeMap;

use picaporte_core::Address;
use rusqlite::{OptionalExtension as _, params};

use crate::error::{Attempt, StoreError, Tried};
use crate::load::{Chunks, LOADING};
use crate::record::{Subject, read_note};
use crate::scan::ScanId;
use crate::store::Store;
use crate::wire::Bad;

/// What was learned of a scan's ports and addresses; the last word on each.
#[derive(Debug)]
pub struct Notes<'a> {
    store: &'a Store,
    scan: i64,
    places: BTreeMap<Subject, Place>,
    /// The chunk that was read last, by its number: what is told one after the other mostly lies in one, and `SQLite` reads it whole for any part of it.
    read: RefCell<Option<(i64, Vec<u8>)>>,
}

/// A record in a chunk's ports: its chunk, and where its bytes are.
#[derive(Clone, Copy, Debug)]
struct Place {
    chunk: i64,
    first: usize,
    length: usize,
}

impl Notes<'_> {
    /// What [`Findings::service`](crate::Findings::service) was told of this port.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn service(&self, address: Address, port: u16) -> Result<Option<Vec<u8>>, StoreError> {
        self.of(Subject::Service(address, port))
    }

    /// What [`Findings::names`](crate::Findings::names) was told of this address.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn names(&self, address: Address) -> Result<Option<Vec<u8>>, StoreError> {
        self.of(Subject::Names(address))
    }

    /// Every address whose names were told, in order.
    /// An error is as that of [`names`](Self::names).
    pub fn named(&self) -> impl Iterator<Item = Result<(Address, Vec<u8>), StoreError>> + '_ {
        let named = self.places.iter().filter_map(|(subject, &place)| {
            let Subject::Names(address) = *subject else {
                return None;
            };
            Some((address, place))
        });
        named.map(|(address, place)| Ok((address, self.fetch(place)?.1)))
    }

    fn of(&self, subject: Subject) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(&place) = self.places.get(&subject) else {
            return Ok(None);
        };
        let (found, bytes) = self.fetch(place)?;
        if found == subject {
            Ok(Some(bytes))
        } else {
            let attempt = self.store.attempt(LOADING);
            Err(Bad::OtherNote).tried(attempt)
        }
    }

    fn fetch(&self, place: Place) -> Result<(Subject, Vec<u8>), StoreError> {
        let attempt = self.store.attempt(LOADING);
        let mut read = self.read.borrow_mut();
        let ports = match &mut *read {
            Some((chunk, ports)) if *chunk == place.chunk => ports,
            other => &mut other.insert((place.chunk, self.ports(place.chunk)?)).1,
        };
        // A chunk that is gone or shorter now has no note there.
        let record = ports.get(place.first..place.first + place.length);
        let note = read_note(record.unwrap_or_default()).tried(attempt)?;
        let gone = Bad::NotANote;
        let (subject, bytes) = note.ok_or(gone).tried(attempt)?;
        Ok((subject, bytes.to_vec()))
    }

    /// What a chunk holds of ports; nothing if there is no such chunk.
    fn ports(&self, chunk: i64) -> Result<Vec<u8>, StoreError> {
        let attempt = self.store.attempt(LOADING);
        let select = "SELECT ports FROM chunks WHERE scan = ?1 AND number = ?2";
        let mut select = self.store.db().prepare_cached(select).tried(attempt)?;
        let row = select.query_row(params![self.scan, chunk], |row| row.get(0));
        Ok(row.optional().tried(attempt)?.unwrap_or_default())
    }
}

impl Store {
    /// What was learned of the scan's ports and addresses: all that was kept when this was called.
    ///
    /// # Errors
    /// [`StoreError::NoSuchScan`]; when the file can't be read.
    pub fn notes(&self, id: ScanId) -> Result<Notes<'_>, StoreError> {
        let attempt = self.attempt(LOADING);
        let held = self.held(id, attempt)?;
        let chunks = Chunks::new(self, held);
        Ok(Notes {
            store: self,
            scan: held.key,
            places: places(chunks, attempt)?,
            read: RefCell::default(),
        })
    }
}

fn places(
    mut chunks: Chunks<'_>,
    attempt: Attempt<'_>,
) -> Result<BTreeMap<Subject, Place>, StoreError> {
    let mut places = BTreeMap::new();
    while let Some((mut ports, _)) = chunks.next_chunk(attempt)? {
        while let Some(record) = ports.next_record() {
            let record = record.tried(attempt)?;
            let Some((subject, _)) = read_note(record).tried(attempt)? else {
                continue;
            };
            let length = record.len();
            let place = Place {
                chunk: chunks.number(),
                // It ends where the next one begins.
                first: ports.position() - length,
                length,
            };
            places.insert(subject, place);
        }
    }
    Ok(places)
}
