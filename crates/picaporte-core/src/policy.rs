//! What a host, or a firewall before it, does with a port that nobody made a rule for, inferred from what was scanned.
//!
//! The rule: a host's default policy is what at least three quarters of its tested ports met, if those are ten or more.
//! Three quarters, because exceptions are few by nature, and a plain majority would call a host with two halves by the
//! larger one. Ten, because then a host that treats half of its ports in another way shows such a picture in fewer than one
//! case in twenty (10 of 13: 4.6 %). Open ports are never a default, and stand against one. Silence is a policy only where
//! something else answers: a host of which nothing was ever heard may not be there. An exceeded hop limit is a routing loop,
//! a missing neighbour an absent host: nobody's policy.
//!
//! ICMP errors are rationed (Linux: 1 a second after a burst of 6, `icmp_ratelimit` in Documentation/networking/ip-sysctl.rst;
//! RFC 4443 section 2.4(f) demands it): a host that rejects every port then looks as if it dropped most. But ports are asked
//! in random order, and rationed errors come first. If so many among the first ports were rejected that it happened by
//! chance in fewer than one case in a thousand, silence is taken for rejections that were not sent.

use crate::port::PortSet;
use crate::scan::HostReport;
use crate::verdict::Reason;

/// The ports of one part of a host that are counted as its first.
pub const FIRST: u32 = 8;
/// The least ports that show a policy.
const ENOUGH: u64 = 10;
/// The least rejections among the first that show rationing.
const BURST: u64 = 3;
/// What is rarer is not called chance.
const CHANCE: f64 = 0.001;

/// What is done with a port that nobody made a rule for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Policy {
    /// Nothing comes back.
    Silent,
    /// An ICMP error comes back.
    Reject,
    /// A RST comes back, as from a host without a firewall.
    Reset,
}

impl Policy {
    /// Every policy, in the order of the outputs.
    pub const ALL: [Self; 3] = [Self::Silent, Self::Reject, Self::Reset];

    /// Its name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Reject => "reject",
            Self::Reset => "reset",
        }
    }
}

/// The default policy of a host, and what departs from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultPolicy {
    /// The policy.
    pub policy: Policy,
    /// ICMP errors are rationed, so that silence may be a rejection that was not sent.
    pub rationed: bool,
    /// The tested ports that met something else.
    pub differ: PortSet,
}

impl HostReport {
    /// The default policy that its ports show; `None` where they show none. See [the rule](crate::policy).
    pub fn default_policy(&self) -> Option<DefaultPolicy> {
        let counts = &self.counts;
        let tested = counts.tested();
        let (silent, reset) = (
            counts.of(Reason::NoResponse),
            counts.of(Reason::ConnRefused),
        );
        let rejected = u64::from(self.rejected.len()).saturating_sub(counts.of(Reason::TimeExceeded));
        let heard = rejected + reset + counts.of(Reason::SynAck) > 0;
        let is_default = |ports: u64| ports >= ENOUGH && ports * 4 >= tested * 3;
        let rationed = self.is_rationed(rejected, tested);
        let policy = if rationed && is_default(rejected + silent) {
            Policy::Reject
        } else if heard && is_default(silent) {
            Policy::Silent
        } else if is_default(rejected) {
            Policy::Reject
        } else if is_default(reset) {
            Policy::Reset
        } else {
            return None;
        };
        let rationed = rationed && policy == Policy::Reject;
        Some(DefaultPolicy {
            policy,
            rationed,
            differ: self.differ(policy, rationed),
        })
    }

    /// Whether ICMP errors came for its first ports and then hardly any, more so than chance brings.
    fn is_rationed(&self, rejected: u64, tested: u64) -> bool {
        let first = u64::from(self.first_rejected);
        if first < BURST || rejected >= tested {
            return false;
        }
        let asked = tested.min(u64::from(FIRST) * u64::from(self.parts));
        at_least(first, asked, rejected as f64 / tested as f64) < CHANCE
    }

    fn differ(&self, policy: Policy, rationed: bool) -> PortSet {
        let others = match policy {
            Policy::Silent => self.closed.union(&self.rejected),
            Policy::Reject if rationed => self.closed.clone(),
            Policy::Reject => self.closed.union(&self.filtered.minus(&self.rejected)),
            Policy::Reset => self.filtered.clone(),
        };
        self.open.union(&others)
    }
}

/// How likely it is that `least` or more of `n` ports are rejected, if each is with chance `p`: the upper tail of the
/// binomial distribution.
fn at_least(least: u64, n: u64, p: f64) -> f64 {
    let mut below = 0.0;
    let mut exactly = (1.0 - p).powi(n as i32);
    for k in 0..least.min(n + 1) {
        below += exactly;
        exactly *= (n - k) as f64 / (k + 1) as f64 * p / (1.0 - p);
    }
    (1.0 - below).max(0.0)
}
