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
//! chance in fewer than one case in a thousand, silence is taken for rejections that were not sent. A limit that lets some
//! through all the time shows in another way: many rejections, all of one kind from one device, are spread over the ports as
//! chance would spread them. A rule rejects ranges.

use crate::port::PortSet;
use crate::scan::HostReport;
use crate::verdict::Reason;

/// How many attempts are a host's first, its parts together: those of its first window
/// ([`FIRST_HOST_WINDOW`](crate::window::FIRST_HOST_WINDOW)), which arrive in no certain order.
pub const FIRST: u32 = crate::window::FIRST_HOST_WINDOW;
/// The least ports that show a policy.
const ENOUGH: u64 = 10;
/// The least rejections among the first that show rationing.
const BURST: u64 = 3;
/// The least rejections that show by how they are spread that they are rationed.
const SPREAD: u64 = 32;
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
        let rejected =
            u64::from(self.rejected.len()).saturating_sub(counts.of(Reason::TimeExceeded));
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

    /// Whether ICMP errors came for its first ports and then hardly any, more so than chance brings, or for some of many.
    fn is_rationed(&self, rejected: u64, tested: u64) -> bool {
        if self.is_spread(rejected) {
            return true;
        }
        let first = u64::from(self.first_rejected);
        if first < BURST || rejected >= tested {
            return false;
        }
        let asked = tested.min((first_of_part(self.parts) * self.parts).into());
        at_least(first, asked, rejected as f64 / tested as f64) < CHANCE
    }

    /// Whether rejections of one kind are spread over the filtered ports as chance does: so many ports in so many runs. Of `k`
    /// among `n` it makes `k (n − k + 1) ÷ n` (Wald and Wolfowitz, 1940).
    fn is_spread(&self, rejected: u64) -> bool {
        let filtered = u64::from(self.filtered.len());
        // Where most are rejected it is the silent ones that are exceptions.
        if rejected < SPREAD || rejected * 2 >= filtered || self.rejects.len() != 1 {
            return false;
        }
        let (mut runs, mut before) = (0u64, false);
        for port in self.filtered.iter() {
            let now = self.rejected.contains(port);
            runs += u64::from(now && !before);
            before = now;
        }
        let by_chance = rejected * (filtered - rejected + 1) / filtered;
        runs * 10 >= by_chance * 9
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

/// How many attempts of each part are the host's first.
pub(crate) fn first_of_part(parts: u32) -> u32 {
    FIRST.div_ceil(parts.max(1))
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::grade::Graded;
    use crate::outcome::Icmp;
    use crate::tally::Counts;
    use crate::target::Address;

    /// What a host's ports met, from port 1 on: open, closed, rejected, with an exceeded hop limit, silent, untested.
    #[derive(Clone, Copy, Debug, Default)]
    struct Met {
        open: u16,
        closed: u16,
        rejected: u16,
        exceeded: u16,
        silent: u16,
        untested: u16,
        /// How many rejections there were among the first.
        first: u32,
    }

    fn host(met: Met) -> HostReport {
        let mut counts = Counts::default();
        let mut next = 1;
        let mut ports = |n: u16, reason| {
            counts.add_many(reason, n.into());
            next += n;
            PortSet::from_ports(next - n..next)
        };
        let open = ports(met.open, Reason::SynAck);
        let closed = ports(met.closed, Reason::ConnRefused);
        let rejected = ports(met.rejected, Reason::AdminProhibited)
            .union(&ports(met.exceeded, Reason::TimeExceeded));
        let silent = ports(met.silent, Reason::NoResponse);
        let untested = ports(met.untested, Reason::Interrupted);
        HostReport {
            index: 0,
            address: Address::new([192, 0, 2, 1].into()),
            parts: 2,
            counts,
            answers_everything: false,
            graded: Graded::default(),
            open,
            closed,
            filtered: rejected.union(&silent),
            untested,
            rejected,
            first_rejected: met.first,
            rejects: Vec::new(),
            slowed: None,
        }
    }

    /// The policy's name, whether errors are rationed, and how many ports differ.
    fn policy(met: Met) -> Option<(&'static str, bool, u32)> {
        let default = host(met).default_policy()?;
        Some((
            default.policy.name(),
            default.rationed,
            default.differ.len(),
        ))
    }

    #[test]
    fn rejections_that_are_spread_over_the_ports_are_rationed() {
        let spread = |rejected: PortSet, kinds: usize| {
            let mut host = host(Met {
                closed: 20,
                silent: 900,
                ..Met::default()
            });
            let n = u64::from(rejected.len());
            host.counts = Counts::default();
            host.counts.add_many(Reason::ConnRefused, 20);
            host.counts.add_many(Reason::NoResponse, 900 - n);
            host.counts.add_many(Reason::AdminProhibited, n);
            host.rejected = rejected;
            let icmp = |code| Icmp {
                v6: false,
                kind: 3,
                code,
                from: Some(Address::new([192, 0, 2, 9].into())),
            };
            host.rejects = (0..kinds as u8).map(|code| (icmp(code), 40)).collect();
            let default = host.default_policy().unwrap();
            (default.policy, default.rationed, default.differ.len())
        };
        let every_tenth = PortSet::from_ports((21..=920).step_by(10));
        let range = PortSet::from_ports(21..=110);
        let few = PortSet::from_ports((21..=920).step_by(30));
        assert_eq!(spread(every_tenth.clone(), 1), (Policy::Reject, true, 20));
        assert_eq!(spread(every_tenth, 2), (Policy::Silent, false, 110));
        assert_eq!(spread(range, 1), (Policy::Silent, false, 110));
        assert_eq!(spread(few, 1), (Policy::Silent, false, 50));
        let all_but_one = PortSet::from_ports((21..=920).filter(|&port| port != 200));
        assert_eq!(spread(all_but_one, 1), (Policy::Reject, false, 21));
    }

    #[test]
    fn ten_ports_and_three_quarters_make_a_policy() {
        let none = Met::default();
        for (met, expected) in [
            (Met { closed: 9, ..none }, None),
            (Met { closed: 10, ..none }, Some(("reset", false, 0))),
            (
                Met {
                    closed: 74,
                    silent: 26,
                    ..none
                },
                None,
            ),
            (
                Met {
                    closed: 75,
                    silent: 25,
                    ..none
                },
                Some(("reset", false, 25)),
            ),
            (
                Met {
                    rejected: 75,
                    open: 25,
                    ..none
                },
                Some(("reject", false, 25)),
            ),
            (
                Met {
                    silent: 75,
                    open: 5,
                    closed: 10,
                    rejected: 10,
                    ..none
                },
                Some(("silent", false, 25)),
            ),
            // What was not tested counts for nothing.
            (
                Met {
                    closed: 10,
                    untested: 900,
                    ..none
                },
                Some(("reset", false, 0)),
            ),
            (Met { open: 1000, ..none }, None),
        ] {
            assert_eq!(policy(met), expected, "{met:?}");
        }
    }

    #[test]
    fn silence_is_a_policy_only_where_something_answers() {
        let silent = Met {
            silent: 1000,
            ..Met::default()
        };
        assert_eq!(policy(silent), None);
        for heard in [
            Met { open: 1, ..silent },
            Met {
                closed: 1,
                ..silent
            },
            Met {
                rejected: 1,
                ..silent
            },
        ] {
            assert_eq!(policy(heard), Some(("silent", false, 1)), "{heard:?}");
        }
        // A routing loop is heard of, but it is not the host.
        assert_eq!(
            policy(Met {
                exceeded: 1,
                ..silent
            }),
            None
        );
        assert_eq!(
            policy(Met {
                exceeded: 1000,
                ..Met::default()
            }),
            None
        );
    }

    #[test]
    fn rejections_that_come_first_and_then_hardly_any_are_rationed() {
        let met = |rejected, silent, first| {
            policy(Met {
                open: 2,
                rejected,
                silent,
                first,
                ..Met::default()
            })
        };
        // A burst of six, of which one was lost; then one a second.
        assert_eq!(met(8, 990, 5), Some(("reject", true, 2)));
        // As many rejections, spread over the ports.
        assert_eq!(met(8, 990, 0), Some(("silent", false, 10)));
        assert_eq!(met(8, 990, 2), Some(("silent", false, 10)));
        // A fifth is rejected: three of the first sixteen are what chance brings.
        assert_eq!(met(200, 798, 3), Some(("silent", false, 202)));
        // Two kinds of ports, half and half: no policy, and no rationing.
        assert_eq!(met(500, 500, 9), None);
    }

    #[test]
    fn the_tail_is_that_of_the_binomial_distribution() {
        for (least, n, p, expected) in [
            (0, 8, 0.5, 1.0),
            (10, 13, 0.5, 0.046_142_578_1),
            (1, 16, 0.01, 0.148_542_228_9),
            (16, 16, 0.5, 1.525_878_906e-5),
            (17, 16, 0.5, 0.0),
        ] {
            let tail = at_least(least, n, p);
            assert!(
                (tail - expected).abs() < 1e-8,
                "{least} of {n} at {p}: {tail}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_differs_and_what_does_not_are_all_that_was_tested(
            open in 0_u16..50, closed in 0_u16..300, rejected in 0_u16..300, silent in 0_u16..300, untested in 0_u16..300, first in 0_u32..16,
        ) {
            let met = Met { open, closed, rejected, silent, untested, first, exceeded: 0 };
            let host = host(met);
            if let Some(default) = host.default_policy() {
                let usual = match default.policy {
                    Policy::Silent => silent,
                    Policy::Reject if default.rationed => rejected + silent,
                    Policy::Reject => rejected,
                    Policy::Reset => closed,
                };
                prop_assert!(usual >= 10 && u64::from(usual) * 4 >= host.counts.tested() * 3);
                prop_assert_eq!(u64::from(default.differ.len() + u32::from(usual)), host.counts.tested());
                prop_assert_eq!(default.differ.minus(&host.untested), default.differ);
            }
        }
    }
}
