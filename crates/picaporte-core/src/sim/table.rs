//! A connection table at the first hop, as a home router or a firewall keeps it, and its other users.
//!
//! It keeps only when entries expire: whether a packet passes depends on how many there are, not
//! on whose they are. Each attempt is one flow, with one entry at most.

use std::collections::BTreeMap;

use crate::time::{Duration, Instant};

/// A connection table. A new connection that finds it full is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nat {
    /// How many connections it holds.
    pub entries: u32,
    /// How long an entry stays whose SYN has no answer but an ICMP error or none.
    pub syn_sent: Duration,
    /// How long an entry stays after a RST.
    pub reset: Duration,
    /// How long an entry stays after both sides' FIN.
    pub closed: Duration,
    /// New connections a second that others make through it, evenly spaced.
    pub others_per_second: u32,
    /// How long each of those stays.
    pub others_stay: Duration,
}

impl Nat {
    /// A table of this many entries that nobody else uses, with the times of Linux's
    /// `nf_conntrack_tcp_timeout_syn_sent` and `_close` (120 s and 10 s). What both sides ended in
    /// order stays 10 s too, as in the lab's tables; Linux keeps it for 120 s (`_time_wait`).
    pub const fn of(entries: u32) -> Self {
        Self {
            entries,
            syn_sent: Duration::from_secs(120),
            reset: Duration::from_secs(10),
            closed: Duration::from_secs(10),
            others_per_second: 0,
            others_stay: Duration::from_secs(10),
        }
    }
}

/// The table and what it counts.
#[derive(Clone, Debug)]
pub(super) struct Table {
    nat: Nat,
    /// How many entries expire at each moment.
    expiries: BTreeMap<Instant, u32>,
    used: u32,
    next_other: Instant,
    /// New connections of the scan that found no room.
    pub(super) refused: u64,
    /// New connections that others tried.
    pub(super) others: u64,
    /// Those among them that found no room.
    pub(super) others_refused: u64,
}

impl Table {
    pub(super) fn new(nat: Nat) -> Self {
        let next_other = if nat.others_per_second == 0 {
            Instant::NEVER
        } else {
            Instant::ZERO
        };
        Self {
            nat,
            expiries: BTreeMap::new(),
            used: 0,
            next_other,
            refused: 0,
            others: 0,
            others_refused: 0,
        }
    }

    /// Lets entries go whose time has come, and the others' new connections in, in the order of
    /// time.
    pub(super) fn pass_time(&mut self, now: Instant) {
        while self.next_other <= now {
            let at = self.next_other;
            self.expire(at);
            self.others += 1;
            if self.full() {
                self.others_refused += 1;
            } else {
                self.enter(at + self.nat.others_stay);
            }
            let every = 1_000_000_000 / u64::from(self.nat.others_per_second.max(1));
            self.next_other = at + Duration::from_nanos(every.max(1));
        }
        self.expire(now);
    }

    /// A SYN of a flow whose entry expires at `entry`, or did, or never was (`Instant::ZERO`).
    /// Gives when its entry expires now; `None` if it found no room.
    pub(super) fn syn(&mut self, now: Instant, entry: Instant) -> Option<Instant> {
        self.pass_time(now);
        if entry > now {
            self.leave(entry);
        } else if self.full() {
            self.refused += 1;
            return None;
        }
        let expires = now + self.nat.syn_sent;
        self.enter(expires);
        Some(expires)
    }

    /// The entry that expires at `entry` is one of a connection that a RST ends at this moment.
    pub(super) fn reset(&mut self, at: Instant, entry: Instant) -> Instant {
        self.leave(entry);
        self.enter(at + self.nat.reset);
        at + self.nat.reset
    }

    /// The same for a connection that both sides end in order.
    pub(super) fn closed(&mut self, at: Instant, entry: Instant) -> Instant {
        self.leave(entry);
        self.enter(at + self.nat.closed);
        at + self.nat.closed
    }

    fn full(&self) -> bool {
        self.used >= self.nat.entries
    }

    fn enter(&mut self, expires: Instant) {
        self.used += 1;
        *self.expiries.entry(expires).or_default() += 1;
    }

    /// Takes out one of the entries that expire at this moment; none has been let go yet.
    fn leave(&mut self, expires: Instant) {
        if let Some(n) = self.expiries.get_mut(&expires) {
            self.used -= 1;
            *n -= 1;
            if *n == 0 {
                self.expiries.remove(&expires);
            }
        }
    }

    fn expire(&mut self, now: Instant) {
        while let Some(first) = self.expiries.first_entry() {
            if *first.key() > now {
                return;
            }
            self.used -= first.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Instant = Instant::ZERO;

    fn s(n: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(n)
    }

    #[test]
    fn a_full_table_refuses_one_more_and_takes_it_after_an_entry_has_expired() {
        let mut table = Table::new(Nat::of(3));
        let entries: Vec<_> = (0..3).map(|n| table.syn(s(n), NONE)).collect();
        assert_eq!(entries, [Some(s(120)), Some(s(121)), Some(s(122))]);
        assert_eq!(table.syn(s(119), NONE), None);
        assert_eq!(table.refused, 1);
        assert_eq!(table.syn(s(120), NONE), Some(s(240)));
        assert_eq!(table.syn(s(120), NONE), None);
    }

    #[test]
    fn an_answered_entry_stays_shorter() {
        let mut table = Table::new(Nat {
            reset: Duration::from_secs(10),
            closed: Duration::from_secs(20),
            ..Nat::of(2)
        });
        let first = table.syn(s(0), NONE).unwrap();
        let second = table.syn(s(0), NONE).unwrap();
        assert_eq!(table.reset(s(1), first), s(11));
        assert_eq!(table.closed(s(1), second), s(21));
        assert_eq!(table.syn(s(10), NONE), None);
        assert!(table.syn(s(11), NONE).is_some());
        assert_eq!(table.syn(s(20), NONE), None);
        assert!(table.syn(s(21), NONE).is_some());
    }

    #[test]
    fn a_syn_that_is_sent_again_prolongs_its_entry_and_takes_no_other() {
        let mut table = Table::new(Nat::of(1));
        let entry = table.syn(s(0), NONE).unwrap();
        let entry = table.syn(s(60), entry).unwrap();
        assert_eq!(entry, s(180));
        assert_eq!(table.syn(s(179), NONE), None);
        // What has expired is a new connection again.
        assert_eq!(table.syn(s(180), entry), Some(s(300)));
        assert_eq!(table.used, 1);
    }

    #[test]
    fn others_find_room_or_are_counted() {
        let nat = Nat {
            others_per_second: 20,
            ..Nat::of(1024)
        };
        let mut table = Table::new(nat);
        table.pass_time(s(100));
        assert_eq!((table.others, table.others_refused), (2001, 0));
        assert_eq!(table.used, 200);
        let taken = (0..2000)
            .filter(|_| table.syn(s(100), NONE).is_some())
            .count();
        assert_eq!(taken, 824);
        // Each of theirs that expires makes room for the next one.
        table.pass_time(s(110));
        assert_eq!(table.others_refused, 0);
        let mut full = Table::new(nat);
        assert_eq!(
            (0..2000).filter(|_| full.syn(s(0), NONE).is_some()).count(),
            1023
        );
        full.pass_time(s(9));
        assert_eq!((full.others, full.others_refused), (181, 180));
    }
}
