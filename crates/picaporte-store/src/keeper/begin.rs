//! The rows of a scan that begins, or goes on.

use picaporte_core::target::AddressRange;
use rusqlite::{Transaction, params};

use crate::address::Key;
use crate::rows::Held;
use crate::scan::{ScanMeta, State};

/// Writes what is known before the first probe.
pub(super) fn insert(transaction: &Transaction<'_>, meta: &ScanMeta) -> rusqlite::Result<Held> {
    let held = Held {
        key: insert_scan(transaction, meta)?,
        holder: 1,
        state: State::Running,
        chunks: 0,
        digest: meta.genesis(),
    };
    let plan = "INSERT INTO plans (scan, plan, scope) VALUES (?1, ?2, ?3)";
    transaction.execute(plan, params![held.key, meta.plan, meta.scope])?;
    let mut target =
        transaction.prepare("INSERT INTO targets (scan, first, last) VALUES (?1, ?2, ?3)")?;
    for (first, last) in disjoint(&meta.targets) {
        target.execute(params![held.key, first.as_bytes(), last.as_bytes()])?;
    }
    Ok(held)
}

fn insert_scan(transaction: &Transaction<'_>, meta: &ScanMeta) -> rusqlite::Result<i64> {
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
            meta.genesis().0,
            meta.planned.cast_signed(),
        ],
    )?;
    Ok(transaction.last_insert_rowid())
}

/// The ranges in order, those that overlap or touch as one.
fn disjoint(ranges: &[AddressRange]) -> Vec<(Key, Key)> {
    let mut ranges = ranges.to_vec();
    ranges.sort_unstable();
    let mut joined: Vec<AddressRange> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if is_one(last, &range) => last.last = last.last.max(range.last),
            _ => joined.push(range),
        }
    }
    joined.iter().map(Key::ends).collect()
}

/// Whether the second, which does not begin before the first, begins in it or right after it.
fn is_one(first: &AddressRange, second: &AddressRange) -> bool {
    (first.v6, first.scope) == (second.v6, second.scope)
        && second.first <= first.last.saturating_add(1)
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

#[cfg(test)]
mod tests {
    use picaporte_core::Address;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_last_address_of_all_has_none_after_it() {
        let all = AddressRange::prefix("::".parse().unwrap(), 0).unwrap();
        let one = Address::new("ffff::".parse().unwrap()).range();
        assert_eq!(disjoint(&[one, all]), [Key::ends(&all)]);
    }

    proptest! {
        #[test]
        fn ranges_are_joined_and_cover_the_same(
            ranges in proptest::collection::vec((0u8..40, 0u8..6, 0u32..2), 0..20),
        ) {
            let range = |&(first, more, scope): &(u8, u8, u32)| {
                let first = Address { ip: [0xfe80, 0, 0, 0, 0, 0, 0, first.into()].into(), scope };
                AddressRange { last: first.range().first + u128::from(more), ..first.range() }
            };
            let ranges: Vec<_> = ranges.iter().map(range).collect();
            let joined = disjoint(&ranges);
            for pair in joined.windows(2) {
                prop_assert!(pair[0].1 < pair[1].0);
            }
            for (scope, host) in (0..2).flat_map(|scope| (0..50u16).map(move |host| (scope, host))) {
                let address = Address { ip: [0xfe80, 0, 0, 0, 0, 0, 0, host].into(), scope };
                let (key, at) = (Key::of(address), address.range());
                let is_in = |r: &AddressRange| r.scope == scope && r.first <= at.first && at.first <= r.last;
                let found = joined.iter().any(|(first, last)| *first <= key && key <= *last);
                prop_assert_eq!(found, ranges.iter().any(is_in));
            }
        }
    }
}
