//! Sets of ports that many hosts have in common are kept once, and all that is kept is counted, so that a small output
//! can't fill the memory.

use std::collections::HashSet;
use std::sync::Arc;

use picaporte_core::PortSet;

use super::MOST_RANGES;

#[derive(Clone, Debug, Default)]
pub(super) struct Pool {
    sets: HashSet<Arc<PortSet>>,
    kept: usize,
}

impl Pool {
    /// The set that is equal to this one; the first of its kind counts.
    pub(super) fn share(&mut self, set: Arc<PortSet>) -> Arc<PortSet> {
        if let Some(same) = self.sets.get(&set) {
            return Arc::clone(same);
        }
        self.kept += set.ranges().len();
        self.sets.insert(Arc::clone(&set));
        set
    }

    /// Counts what a host, or a name, held of its own and what it holds now.
    pub(super) fn count(&mut self, before: usize, now: usize) -> Result<(), String> {
        self.kept = (self.kept + now).saturating_sub(before);
        if self.kept > MOST_RANGES {
            return Err(format!(
                "at most {MOST_RANGES} ranges of ports in all; a scenario with fewer hosts or ports can be scored"
            ));
        }
        Ok(())
    }

    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.kept
    }
}
