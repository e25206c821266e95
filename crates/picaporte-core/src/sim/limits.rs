//! What runs out at a host or just before it: allowances of RSTs and ICMP errors, places in a listen queue, the patience
//! of an IPS. Whole numbers only; time is handed in.

use std::collections::{BTreeMap, VecDeque};

use super::World;
use crate::target::Address;
use crate::time::{Duration, Instant};
use crate::verdict::Reason;

/// A token bucket, full at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many tokens it gains in a second.
    pub per_second: u32,
    /// How many it holds at most.
    pub burst: u32,
}

/// A listen queue, one for all open ports of a host. A SYN that finds it full is dropped (Linux,
/// `net/ipv4/tcp_input.c`, `tcp_conn_request`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenQueue {
    /// How many connections wait in it at most.
    pub length: u32,
    /// How many the listener takes out of it in a second.
    pub per_second: u32,
}

/// Something before a host that drops all that comes from a source for a while, once the source
/// has sent too many SYNs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ips {
    /// More SYNs than this …
    pub syns: u32,
    /// … within this time …
    pub within: Duration,
    /// … and nothing passes for this long.
    pub silences: Duration,
}

/// One token, in the unit that a bucket counts: a second's gain is spread over its nanoseconds.
const TOKEN: u64 = 1_000_000_000;

/// How much of a [`Limit`] is left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    limit: Limit,
    left: u64,
    filled: Instant,
}

impl Bucket {
    pub(super) fn new(limit: Limit) -> Self {
        Self {
            limit,
            left: u64::from(limit.burst) * TOKEN,
            filled: Instant::ZERO,
        }
    }

    /// Takes a token, if there is one.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let passed = now.since(self.filled).as_nanos();
        let gained = passed.saturating_mul(self.limit.per_second.into());
        let most = u64::from(self.limit.burst) * TOKEN;
        self.left = self.left.saturating_add(gained).min(most);
        self.filled = self.filled.max(now);
        let there = self.left >= TOKEN;
        self.left -= if there { TOKEN } else { 0 };
        there
    }
}

/// What an IPS remembers of the one source that there is.
#[derive(Clone, Debug)]
struct Watch {
    ips: Ips,
    /// When SYNs came, no more than the limit of them.
    syns: VecDeque<Instant>,
    silent_until: Instant,
}

impl Watch {
    fn new(ips: Ips) -> Self {
        Self {
            ips,
            syns: VecDeque::new(),
            silent_until: Instant::ZERO,
        }
    }

    /// Whether a SYN passes; one that does not is not counted again.
    fn passes(&mut self, now: Instant) -> bool {
        if now < self.silent_until {
            return false;
        }
        while self
            .syns
            .front()
            .is_some_and(|&at| now.since(at) >= self.ips.within)
        {
            self.syns.pop_front();
        }
        self.syns.push_back(now);
        if self.syns.len() > self.ips.syns as usize {
            self.syns.clear();
            self.silent_until = now + self.ips.silences;
            return false;
        }
        true
    }
}

/// What is left at one host.
#[derive(Clone, Debug)]
struct Host {
    watch: Option<Watch>,
    resets: Option<Bucket>,
    icmp: Option<Bucket>,
    /// Places left in the listen queue; taking connections out is what fills it.
    places: Option<Bucket>,
    /// The RSTs of a second, where they are counted by the second.
    second: (u64, u32),
}

impl Host {
    fn new(world: &World) -> Self {
        let places = world.listen_queue.map(|queue| Limit {
            per_second: queue.per_second,
            burst: queue.length,
        });
        Self {
            watch: world.ips.map(Watch::new),
            resets: world.rst_bucket.map(Bucket::new),
            icmp: world.icmp_bucket.map(Bucket::new),
            places: places.map(Bucket::new),
            second: (0, 0),
        }
    }

    /// Whether this host has not yet sent all the RSTs of this second.
    fn within_second(&mut self, now: Instant, limit: Option<u32>) -> bool {
        let Some(limit) = limit else {
            return true;
        };
        let second = now.as_millis() / 1000;
        if self.second.0 != second {
            self.second = (second, 0);
        }
        self.second.1 += 1;
        self.second.1 <= limit
    }
}

/// The hosts of a world with limits.
#[derive(Clone, Debug, Default)]
pub(super) struct Hosts(BTreeMap<Address, Host>);

impl Hosts {
    /// Nothing to keep where a world has no limit.
    pub(super) fn new(world: &World) -> Option<Self> {
        let limited = world.ips.is_some()
            || world.rst_limit.is_some()
            || world.rst_bucket.is_some()
            || world.icmp_bucket.is_some()
            || world.listen_queue.is_some();
        limited.then(Self::default)
    }

    /// A SYN arrives at a port of this kind: whether it is answered. Silent ports never answer.
    pub(super) fn answers(
        &mut self,
        world: &World,
        now: Instant,
        address: Address,
        truth: Reason,
    ) -> bool {
        let host = self.0.entry(address).or_insert_with(|| Host::new(world));
        if host.watch.as_mut().is_some_and(|w| !w.passes(now)) {
            return false;
        }
        let takes = |bucket: &mut Option<Bucket>| bucket.as_mut().is_none_or(|b| b.take(now));
        match truth {
            Reason::SynAck => takes(&mut host.places),
            Reason::AdminProhibited => takes(&mut host.icmp),
            Reason::ConnRefused => {
                host.within_second(now, world.rst_limit) && takes(&mut host.resets)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    fn ms(n: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(n)
    }

    /// How many of `syns` SYNs at one moment are answered.
    fn answered(hosts: &mut Hosts, world: &World, at: u64, host: u8, truth: Reason) -> usize {
        let address = Address::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, host)));
        (0..1000)
            .filter(|_| hosts.answers(world, ms(at), address, truth))
            .count()
    }

    #[test]
    fn a_world_without_limits_keeps_nothing() {
        assert!(Hosts::new(&World::default()).is_none());
    }

    #[test]
    fn a_bucket_gives_its_burst_at_once_and_then_its_rate() {
        let mut bucket = Bucket::new(Limit {
            per_second: 3,
            burst: 5,
        });
        let mut taken = |at| (0..10).filter(|_| bucket.take(ms(at))).count();
        assert_eq!(taken(0), 5);
        assert_eq!(taken(333), 0);
        assert_eq!(taken(334), 1);
        assert_eq!(taken(666), 0);
        assert_eq!(taken(667), 1);
        // However long it rests, it holds no more than its burst.
        assert_eq!(taken(1_000_000_000_000), 5);
    }

    #[test]
    fn each_limit_is_for_its_own_kind_of_answer_and_for_each_host() {
        let limit = |burst| {
            Some(Limit {
                per_second: 10,
                burst,
            })
        };
        let world = World {
            rst_bucket: limit(200),
            icmp_bucket: limit(6),
            listen_queue: Some(ListenQueue {
                length: 64,
                per_second: 250,
            }),
            ..World::default()
        };
        let mut hosts = Hosts::new(&world).unwrap();
        for host in [1, 2] {
            let mut at_once = |truth| answered(&mut hosts, &world, 0, host, truth);
            assert_eq!(at_once(Reason::ConnRefused), 200);
            assert_eq!(at_once(Reason::AdminProhibited), 6);
            assert_eq!(at_once(Reason::SynAck), 64);
            assert_eq!(at_once(Reason::NoResponse), 0);
        }
        let mut later = |truth| answered(&mut hosts, &world, 100, 1, truth);
        assert_eq!(later(Reason::ConnRefused), 1);
        assert_eq!(later(Reason::AdminProhibited), 1);
        assert_eq!(later(Reason::SynAck), 25);
    }

    #[test]
    fn resets_may_be_counted_by_the_second() {
        let world = World {
            rst_limit: Some(100),
            ..World::default()
        };
        let mut hosts = Hosts::new(&world).unwrap();
        for (at, sent) in [(999, 100), (999, 0), (1000, 100), (1999, 0)] {
            assert_eq!(
                answered(&mut hosts, &world, at, 1, Reason::ConnRefused),
                sent,
                "{at} ms"
            );
        }
    }

    #[test]
    fn an_ips_silences_whoever_passes_its_limit_and_forgets() {
        let ips = Ips {
            syns: 100,
            within: Duration::from_secs(1),
            silences: Duration::from_secs(10),
        };
        let mut watch = Watch::new(ips);
        let mut pass = |at, n: usize| (0..n).filter(|_| watch.passes(ms(at))).count();
        assert_eq!(pass(0, 100), 100);
        assert_eq!(pass(1000, 100), 100);
        // One more within the second, and the ban lasts from there.
        assert_eq!(pass(1999, 1), 0);
        assert_eq!(pass(11_998, 500), 0);
        assert_eq!(pass(11_999, 100), 100);
    }

    #[test]
    fn an_ips_counts_syns_to_silent_ports_too() {
        let ips = Ips {
            syns: 10,
            within: Duration::from_secs(1),
            silences: Duration::from_secs(10),
        };
        let world = World {
            ips: Some(ips),
            ..World::default()
        };
        let mut hosts = Hosts::new(&world).unwrap();
        answered(&mut hosts, &world, 0, 1, Reason::NoResponse);
        assert_eq!(answered(&mut hosts, &world, 0, 1, Reason::SynAck), 0);
        assert_eq!(answered(&mut hosts, &world, 0, 2, Reason::SynAck), 10);
    }
}
