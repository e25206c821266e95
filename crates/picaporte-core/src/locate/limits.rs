//! How fast ports are located at most.

use super::{ASKING, Locate, MOST_INFLIGHT};
use crate::rate::Rate;
use crate::scope::Limits;
use crate::time::Duration;

impl Locate {
    /// Goes no faster than this. Hosts are located one after the other, so that the caps of one hold for all.
    pub fn keep_within(&mut self, limits: Limits) {
        let rates = [self.per_second, limits.rate, limits.host_rate];
        self.per_second = rates.into_iter().flatten().min();
        self.rate = self.per_second.map(|n| Rate::new(n, 1));
        self.asking = asking(self.per_second);
        for most in [limits.max_inflight, limits.host_inflight] {
            let most = most.map_or(MOST_INFLIGHT, |most| most.max(1) as usize);
            self.most_inflight = self.most_inflight.min(most);
        }
    }
}

/// A cap on the rate stretches the time that a port takes: about 60 SYNs, or 4 s.
pub(super) fn asking(rate: Option<u32>) -> Duration {
    let slow = rate.map_or(Duration::ZERO, |n| {
        Duration::from_secs(60).divided(n.max(1).into())
    });
    ASKING.max(slow)
}
