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

#[cfg(test)]
mod tests {
    use super::*;

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
