//! Sets of ports that many hosts have in common are kept once, and all that is kept is counted.

use std::collections::HashSet;
use std::sync::Arc;

use picaporte_core::PortSet;

use crate::limits::Full;

#[derive(Clone, Debug)]
pub(crate) struct Pool {
    sets: HashSet<Arc<PortSet>>,
    /// Ranges in the pool, and those that a host still holds alone.
    kept: usize,
    most: usize,
}

impl Pool {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            sets: HashSet::new(),
            kept: 0,
            most,
        }
    }

    /// The set that is equal to this one; the first of its kind counts.
    pub(crate) fn share(&mut self, set: Arc<PortSet>) -> Arc<PortSet> {
        if let Some(same) = self.sets.get(&set) {
            return Arc::clone(same);
        }
        self.kept += set.ranges().len();
        self.sets.insert(Arc::clone(&set));
        set
    }

    /// Counts what somebody held alone, and what they hold now.
    pub(crate) fn count(&mut self, before: usize, now: usize) -> Result<(), Full> {
        self.kept = (self.kept + now).saturating_sub(before);
        if self.kept > self.most {
            return Err(Full::Ranges(self.most));
        }
        Ok(())
    }
}
