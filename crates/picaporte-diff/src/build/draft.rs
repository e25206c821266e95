//! One host while it is spoken of.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::claims::Claims;
use crate::evidence::{self, Reject};
use crate::limits::Full;
use crate::pool::Pool;
use crate::service;
use crate::snapshot::Host;

/// The most names of a host that are kept, the first in their order; JSON of the scan itself has them all.
pub(super) const NAMES: usize = 16;
/// The longest name that is kept, in bytes: DNS allows 253 (RFC 1035, section 2.3.4).
pub(super) const NAME: usize = 255;
/// The most kinds of rejection of one host that are kept; the scan itself keeps 16.
pub(super) const REJECTS: usize = 64;

#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    names: BTreeSet<Arc<str>>,
    pub(super) claims: Claims,
    pub(super) sign: bool,
    pub(super) left: bool,
    rejects: Option<BTreeSet<Reject>>,
    pub(super) evidence: Vec<(u16, u16, u32)>,
    pub(super) services: Vec<(u16, u32)>,
}

impl Draft {
    /// A name of it. One that is empty or too long is passed over.
    pub(super) fn name(&mut self, name: &str) {
        if !name.is_empty() && name.len() <= NAME && !self.names.contains(name) {
            self.names.insert(name.into());
            if self.names.len() > NAMES {
                self.names.pop_last();
            }
        }
    }

    /// Which ICMP errors came for its ports.
    pub(super) fn rejects(&mut self, rejects: impl IntoIterator<Item = Reject>) {
        let held = self.rejects.get_or_insert_default();
        for reject in rejects {
            held.insert(reject);
            if held.len() > REJECTS {
                held.pop_last();
            }
        }
    }

    /// What is said of it, and how many of its ports were claimed to be in several states.
    pub(super) fn finish(mut self, pool: &mut Pool) -> Result<(Host, u64), Full> {
        let before = self.claims.own();
        let (sets, at_odds) = self.claims.resolve(pool);
        pool.count(before, 0)?;
        let host = Host {
            names: self.names.into_iter().collect(),
            sets,
            sign: self.sign,
            left: self.left,
            rejects: self.rejects.map(|rejects| rejects.into_iter().collect()),
            evidence: evidence::by_port(self.evidence),
            services: service::by_port(self.services),
        };
        Ok((host, at_odds))
    }
}
