//! Caps on rate and on what is in flight, and the named sets of them.

/// Caps of a scan. `None` means that only the measured network sets the pace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// At most this many probes in any second, in all; at least 1.
    pub rate: Option<u32>,
    /// At most this many probes in any second, per host; at least 1.
    pub host_rate: Option<u32>,
    /// At most this many open attempts, in all; at least 1.
    pub max_inflight: u32,
    /// At most this many open attempts, per host; at least 1.
    pub host_inflight: u32,
}

impl Pace {
    /// For fragile devices and small NAT tables: 60 probes a second hold 600 places in a table whose entries stay 10 s after a RST
    /// (Linux conntrack's `tcp_timeout_close`), of the 1,024 of a small home router. A silent port holds its place for 120 s
    /// (`tcp_timeout_syn_sent`): where most ports are silent, even this fills such a table.
    pub const GENTLE: Self = Self {
        rate: Some(60),
        host_rate: Some(30),
        max_inflight: 64,
        host_inflight: 16,
    };

    /// No fixed rate: the windows adapt to what answers.
    pub const NORMAL: Self = Self {
        rate: None,
        host_rate: None,
        max_inflight: 20_000,
        host_inflight: 20_000,
    };

    /// As many as there are descriptors and local ports.
    pub const FAST: Self = Self {
        rate: None,
        host_rate: None,
        max_inflight: 65_536,
        host_inflight: 65_536,
    };

    /// How many threads these caps can be split over, `threads` at most. Every thread needs a
    /// part of each cap, and of the max(1, rate/50) probes allowed in 10 ms.
    pub fn threads(&self, threads: u32) -> u32 {
        let by_rate = self.rate.map_or(u32::MAX, |r| (r / 50).max(1));
        threads.min(by_rate).min(self.max_inflight).max(1)
    }

    /// Whether a host's caps are too small to be split, so that it belongs to one thread.
    pub fn by_host(&self, threads: u32) -> bool {
        self.host_inflight < threads || self.host_rate.is_some_and(|r| r / 50 < threads)
    }
}

/// Caps split between a scan and connections beside it, so that both together keep within them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    /// What the scan may use.
    pub scan: Pace,
    /// What connections beside it may use while it goes on; `None` if the caps of the whole can't be split: they wait for its end.
    pub during_scan: Option<Share>,
    /// The same for each host, and until it is done.
    pub during_host: Option<Share>,
    /// What they may use when the scan is over.
    pub after_scan: Share,
    /// What they may use at a host that is done.
    pub after_host: Share,
}

/// A rate, and what may stand at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// At most this many in any second; at least 1.
    pub rate: Option<u32>,
    /// At most this many at once; at least 1.
    pub inflight: u32,
}

/// Connections beside a scan, at most, at once.
pub const BESIDE: u32 = 1_024;
/// The same at one host. nmap's version scan has 20 in all by default (its `service_scan.cc`).
pub const BESIDE_HOST: u32 = 32;

impl Share {
    /// A tenth, where that is 50 in a second or more: below, one of two senders would break the bound of one in 10 ms of the other.
    fn tenth(self, most: u32) -> Option<Self> {
        let rate = match self.rate {
            Some(rate) if rate < 100 => return None,
            rate => rate.map(|rate| (rate / 10).max(50)),
        };
        let inflight = (self.inflight / 10).min(most);
        (inflight > 0).then_some(Self { rate, inflight })
    }

    /// What is left without that.
    fn without(self, share: Option<Self>) -> Self {
        let Some(share) = share else { return self };
        Self {
            rate: self.rate.zip(share.rate).map(|(all, part)| all - part),
            inflight: self.inflight - share.inflight,
        }
    }

    fn at_most(self, most: u32) -> Self {
        Self {
            inflight: self.inflight.min(most),
            ..self
        }
    }
}

impl Pace {
    /// Sets a tenth of each cap aside for connections beside the scan, where it can be split.
    pub fn shares(&self) -> Shares {
        let whole = Share {
            rate: self.rate,
            inflight: self.max_inflight,
        };
        let host = Share {
            rate: self.host_rate,
            inflight: self.host_inflight,
        };
        let (during_scan, during_host) = (whole.tenth(BESIDE), host.tenth(BESIDE_HOST));
        let (of_all, of_host) = (whole.without(during_scan), host.without(during_host));
        Shares {
            scan: Self {
                rate: of_all.rate,
                max_inflight: of_all.inflight,
                host_rate: of_host.rate,
                host_inflight: of_host.inflight,
            },
            during_scan,
            during_host,
            after_scan: whole.at_most(BESIDE),
            after_host: host.at_most(BESIDE_HOST),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is allowed in any 10 ms (see [`Rate`](crate::rate::Rate)).
    fn burst(rate: u32) -> u32 {
        (rate / 50).max(1)
    }

    proptest! {
        #[test]
        fn shares_keep_within_the_caps_together(rate in proptest::option::of(1_u32..100_000), inflight in 1_u32..70_000) {
            let pace = Pace { rate, host_rate: rate, max_inflight: inflight, host_inflight: inflight };
            let shares = pace.shares();
            for (part, whole) in [(shares.during_scan, shares.scan.max_inflight), (shares.during_host, shares.scan.host_inflight)] {
                prop_assert!(whole >= 1 && whole + part.map_or(0, |part| part.inflight) == inflight);
                let Some((all, part)) = rate.zip(part.and_then(|part| part.rate)) else { continue };
                let left = shares.scan.rate.unwrap();
                prop_assert_eq!(left + part, all);
                prop_assert!(left >= 50 && burst(left) + burst(part) <= burst(all));
            }
        }
    }

    #[test]
    fn caps_that_cant_be_split_belong_to_the_scan_until_it_is_over() {
        let shares = Pace::GENTLE.shares();
        assert_eq!((shares.during_scan, shares.scan.rate), (None, Some(60)));
        assert_eq!(
            (shares.during_host, shares.scan.host_rate),
            (None, Some(30))
        );
        assert_eq!(
            shares.after_host,
            Share {
                rate: Some(30),
                inflight: 16
            }
        );
        assert!(Pace::NORMAL.shares().during_scan.is_some());
        assert!(
            Pace {
                max_inflight: 9,
                ..Pace::NORMAL
            }
            .shares()
            .during_scan
            .is_none()
        );
    }

    #[test]
    fn caps_too_small_to_split_are_not_split() {
        let pace = |rate, max_inflight| Pace {
            rate,
            max_inflight,
            ..Pace::NORMAL
        };
        assert_eq!(pace(None, 20_000).threads(2), 2);
        assert_eq!(pace(Some(99), 20_000).threads(2), 1);
        assert_eq!(pace(Some(100), 20_000).threads(2), 2);
        assert_eq!(pace(Some(1), 20_000).threads(8), 1);
        assert_eq!(pace(None, 1).threads(2), 1);
        assert!(
            Pace {
                host_inflight: 1,
                ..Pace::NORMAL
            }
            .by_host(2)
        );
        assert!(
            Pace {
                host_rate: Some(99),
                ..Pace::NORMAL
            }
            .by_host(2)
        );
        assert!(!Pace::NORMAL.by_host(2));
    }
}
