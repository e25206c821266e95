//! Something small for each port that a scanner touches, of which there may be millions. One big table would be moved whole
//! whenever it grows, which takes tens of milliseconds and makes everything late that is due meanwhile; so there are many
//! small ones, each moved in microseconds.

use std::collections::HashMap;
use std::net::SocketAddr;

use crate::random::{address_parts, hash};

/// The most ports; of others nothing is kept.
pub(super) const MOST_COUNTED: usize = if cfg!(test) { 1 << 12 } else { 1 << 21 };
/// With the most ports a table has 512.
const TABLES: usize = MOST_COUNTED / 512;

#[derive(Debug)]
pub(super) struct ByPort<T> {
    tables: Vec<HashMap<SocketAddr, T>>,
    len: usize,
}

impl<T: Default> ByPort<T> {
    pub(super) fn new() -> Self {
        Self {
            tables: (0..TABLES).map(|_| HashMap::new()).collect(),
            len: 0,
        }
    }

    /// What is kept of a port, a new one if there was none; `None` if there are too many.
    pub(super) fn entry(&mut self, port: SocketAddr) -> Option<&mut T> {
        let [high, low] = address_parts(port.ip());
        let mixed = hash(&[high, low, u64::from(port.port())]);
        let table = &mut self.tables[(mixed % TABLES as u64) as usize];
        if self.len >= MOST_COUNTED {
            return table.get_mut(&port);
        }
        let kept = &mut self.len;
        Some(table.entry(port).or_insert_with(|| {
            *kept += 1;
            T::default()
        }))
    }

    /// Of how many ports something is kept.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.len
    }
}
