//! Which scans there are: newest first, filtered by what was scanned and what was found.
//!
//! A list reads one row a scan and, for each filter, looks one key up a scan. It reads no findings: a thousand scans of a
//! thousand hosts are a thousand rows.

use picaporte_core::Address;
use rusqlite::params;

use crate::address::Key;
use crate::digest::Digest;
use crate::doing::Doing;
use crate::error::{Attempt, StoreError, Tried};
use crate::rows::{self, LISTED};
use crate::scan::{ScanId, State, Totals, UnixMillis, Who};
use crate::store::Store;

/// Which scans are listed: those for which everything here holds that is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// This address was planned; with [`open`](Self::open), the port is open there.
    pub host: Option<Address>,
    /// It began then or later.
    pub since: Option<UnixMillis>,
    /// This port was found open somewhere.
    pub open: Option<u16>,
    /// At most so many.
    pub limit: Option<u32>,
}

/// What a list says of a scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub id: ScanId,
    /// The version of the program.
    pub version: String,
    /// When it began.
    pub started: UnixMillis,
    /// When it ended, if it has.
    pub finished: Option<UnixMillis>,
    /// When something was last kept of it.
    pub written: UnixMillis,
    /// Who scanned.
    pub who: Who,
    /// The arguments of the program.
    pub arguments: Vec<String>,
    /// The seed of its order.
    pub seed: u64,
    /// How far it came.
    pub state: State,
    /// How often it was gone on with.
    pub resumed: u64,
    /// In how many chunks it is kept.
    pub chunks: u64,
    /// The digest of the last one.
    pub digest: Digest,
    /// How many hosts are done.
    pub hosts: u64,
    /// Its sums; while it has not ended, what is planned and the ports of hosts that are done.
    pub totals: Totals,
}

/// An address is planned if the last range that begins at it or before does not end before it.
const CONDITIONS: &str = "(?1 IS NULL OR s.started >= ?1)
    AND (?2 IS NULL OR ?2 <= (SELECT t.last FROM targets t WHERE t.scan = s.key AND t.first <= ?2 ORDER BY t.first DESC LIMIT 1))
    AND (?3 IS NULL OR EXISTS (SELECT 1 FROM open_counts c WHERE c.port = ?3 AND c.scan = s.key))
    AND (?2 IS NULL OR ?3 IS NULL
         OR EXISTS (SELECT 1 FROM open_ports o WHERE o.scan = s.key AND o.address = ?2 AND o.port = ?3))";

/// The query of a list; its parameters are those of [`CONDITIONS`], and how many.
fn query() -> String {
    format!(
        "SELECT {LISTED} FROM scans s WHERE {CONDITIONS} ORDER BY s.started DESC, s.id DESC LIMIT ?4"
    )
}

impl Store {
    /// The scans that pass the filter, newest first.
    ///
    /// # Errors
    /// When the file can't be read, or a scan is damaged.
    pub fn list(&self, filter: &Filter) -> Result<Vec<Listed>, StoreError> {
        self.list_each(filter)?.into_iter().collect()
    }

    /// The same, with an error in the place of each scan that is damaged: the others can be listed all the same.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn list_each(
        &self,
        filter: &Filter,
    ) -> Result<Vec<Result<Listed, StoreError>>, StoreError> {
        let attempt = self.attempt(Doing::Listing);
        let mut select = self.db().prepare_cached(&query()).tried(attempt)?;
        let host = filter.host.map(Key::of);
        let limit = filter.limit.map_or(-1, i64::from);
        let parameters = params![
            filter.since.map(|since| since.0),
            host.as_ref().map(Key::as_bytes),
            filter.open,
            limit
        ];
        let mut rows = select.query(parameters).tried(attempt)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().tried(attempt)? {
            let scan = rows::listed(row).tried(attempt);
            found.push(scan.and_then(|scan| scan.parse().tried(attempt)));
        }
        Ok(found)
    }

    /// The scan that began last, if there is any.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn newest(&self) -> Result<Option<Listed>, StoreError> {
        let one = Filter {
            limit: Some(1),
            ..Filter::default()
        };
        Ok(self.list(&one)?.pop())
    }

    /// The scan whose name begins like this, in capitals or not.
    ///
    /// # Errors
    /// [`StoreError::NoSuchScan`] and [`StoreError::Ambiguous`]; when the file can't be read.
    pub fn find(&self, beginning: &str) -> Result<Listed, StoreError> {
        let attempt = self.attempt(Doing::Finding);
        let mut found = self.beginning_with(beginning, attempt)?;
        match (found.pop(), found.pop()) {
            (None, _) => Err(self.no_such_scan(beginning)),
            (Some(one), None) => Ok(one),
            (Some(one), Some(_)) => Err(StoreError::Ambiguous {
                path: self.path().to_owned(),
                wanted: beginning.to_owned(),
                first: one.id,
            }),
        }
    }

    /// Two scans at most.
    fn beginning_with(
        &self,
        beginning: &str,
        attempt: Attempt<'_>,
    ) -> Result<Vec<Listed>, StoreError> {
        // All of a name is letters and digits, so that nothing in it is a pattern.
        if beginning.is_empty() || !beginning.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Ok(Vec::new());
        }
        let select = format!(
            "SELECT {LISTED} FROM scans s WHERE s.id BETWEEN ?1 AND ?1 || '~' ORDER BY s.id DESC LIMIT 2"
        );
        let mut select = self.db().prepare_cached(&select).tried(attempt)?;
        let rows = select.query_map([beginning.to_ascii_uppercase()], rows::listed);
        rows.tried(attempt)?
            .map(|scan| scan.tried(attempt)?.parse().tried(attempt))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Options;

    #[test]
    fn a_list_reads_no_table_but_that_of_scans_from_end_to_end() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::create(&directory.path().join("s.db"), Options::default()).unwrap();
        let explained = format!("EXPLAIN QUERY PLAN {}", query());
        let mut explain = store.db().prepare(&explained).unwrap();
        let null = rusqlite::types::Null;
        let steps = explain.query_map(params![null, null, null, 10], |row| row.get::<_, String>(3));
        let steps: Vec<String> = steps.unwrap().map(Result::unwrap).collect();
        let scanned: Vec<_> = steps
            .iter()
            .filter(|step| step.starts_with("SCAN"))
            .collect();
        assert_eq!(scanned, ["SCAN s USING INDEX scans_by_start"], "{steps:#?}");
        let seeks = steps.iter().filter(|step| step.starts_with("SEARCH"));
        assert_eq!(seeks.count(), 3, "{steps:#?}");
        assert!(
            !steps.iter().any(|step| step.contains("TEMP B-TREE")),
            "{steps:#?}"
        );
    }
}
