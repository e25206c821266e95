//! How fast ports are located at most, and what an attempt costs that was refused.

use super::{ASKING, Locate, MOST_INFLIGHT};
use crate::outcome::Outcome;
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

/// Whether an attempt was refused for lying outside the scope; then it costs nothing.
pub(super) fn is_refused(outcome: &Outcome, rate: Option<&mut Rate>) -> bool {
    let refused = *outcome == Outcome::OutOfScope;
    if let Some(rate) = rate.filter(|_| refused) {
        rate.give_back();
    }
    refused
}

/// A cap on the rate stretches the time that a port takes: about 60 SYNs, or 4 s.
pub(super) fn asking(rate: Option<u32>) -> Duration {
    let slow = rate.map_or(Duration::ZERO, |n| {
        Duration::from_secs(60).divided(n.max(1).into())
    });
    ASKING.max(slow)
}
