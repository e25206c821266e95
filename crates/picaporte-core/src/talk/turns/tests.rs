//! Caps hold, nobody is left waiting, hosts take turns.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use proptest::prelude::*;

use super::*;
use crate::pace::Pace;

fn address(n: u8) -> Address {
    Address::new(Ipv4Addr::new(192, 0, 2, n).into())
}

fn at(ms: u64) -> Instant {
    Instant::ZERO + Duration::from_millis(ms)
}

fn turns(pace: Pace) -> Turns {
    Turns::new(pace.shares())
}

fn all_now(turns: &mut Turns, now: Instant) -> Vec<u64> {
    std::iter::from_fn(|| turns.next(now).map(|(_, talk)| talk)).collect()
}

#[test]
fn hosts_take_turns_and_each_keeps_its_cap() {
    let mut turns = turns(Pace {
        host_inflight: 20,
        ..Pace::NORMAL
    });
    for talk in 0..6_u64 {
        let address = address((talk / 3) as u8);
        turns.begins(address);
        turns.wants(address, talk);
    }
    assert_eq!(all_now(&mut turns, at(0)), [0, 3, 1, 4]);
    turns.ended(address(1));
    assert_eq!(all_now(&mut turns, at(0)), [5]);
}

#[test]
fn who_has_begun_goes_before_who_has_not() {
    let mut turns = turns(Pace {
        host_inflight: 20,
        ..Pace::NORMAL
    });
    for talk in 0..6 {
        turns.begins(address(1));
        turns.wants(address(1), talk);
    }
    let mut gone = Vec::new();
    let mut connections = BTreeMap::<u64, u32>::new();
    while let Some((_, talk)) = turns.next(at(0)) {
        gone.push(talk);
        turns.ended(address(1));
        let connections = connections.entry(talk).or_default();
        *connections += 1;
        if *connections < 3 {
            turns.goes_on(address(1), talk);
        }
    }
    let each_three_times: Vec<u64> = (0..6).flat_map(|talk| [talk; 3]).collect();
    assert_eq!(gone, each_three_times);
}

#[test]
fn at_a_low_rate_everybody_waits_for_the_end_of_the_scan_and_a_second() {
    let mut turns = turns(Pace::GENTLE);
    turns.begins(address(1));
    turns.wants(address(1), 7);
    turns.host_done(at(100), address(1));
    assert_eq!((turns.next(at(5_000)), turns.next_at()), (None, None));
    turns.scan_over(at(6_000));
    assert_eq!(turns.next(at(6_999)), None);
    assert_eq!(turns.next_at(), Some(at(7_000)));
    assert_eq!(turns.next(at(7_000)), Some((address(1), 7)));
}

#[test]
fn a_host_whose_caps_cant_be_split_waits_until_it_is_done() {
    let mut turns = turns(Pace {
        host_inflight: 9,
        ..Pace::NORMAL
    });
    for n in [1, 2] {
        turns.begins(address(n));
        turns.wants(address(n), n.into());
    }
    assert_eq!(turns.next(at(0)), None);
    turns.host_done(at(10), address(2));
    assert_eq!(all_now(&mut turns, at(10)), [2]);
}

#[test]
fn what_could_not_go_is_the_next_again() {
    let mut turns = turns(Pace::NORMAL);
    turns.begins(address(1));
    turns.wants(address(1), 1);
    turns.wants(address(1), 2);
    assert_eq!(turns.next(at(0)), Some((address(1), 1)));
    turns.put_back(address(1), 1);
    assert_eq!(all_now(&mut turns, at(0)), [1, 2]);
}

#[test]
fn a_host_without_talks_and_connections_is_forgotten() {
    let mut turns = turns(Pace::NORMAL);
    turns.begins(address(1));
    turns.wants(address(1), 1);
    assert!(turns.next(at(0)).is_some());
    turns.is_over(address(1));
    assert_eq!(turns.hosts.len(), 1);
    turns.ended(address(1));
    assert!(turns.hosts.is_empty() && turns.all.standing == 0);
}

proptest! {
    /// Whatever is asked and ends when: caps are kept in all and of each host, in any second and in all, and everybody has a turn.
    #[test]
    fn caps_hold_and_everybody_has_a_turn(
        rate in proptest::option::of(100_u32..400),
        host_rate in proptest::option::of(1_u32..200),
        host_inflight in 1_u32..40,
        max_inflight in 1_u32..60,
        talks in proptest::collection::vec((0_u8..5, 1_u64..700), 1..60),
    ) {
        let pace = Pace { rate, host_rate, max_inflight, host_inflight };
        let mut turns = turns(pace);
        for (talk, (host, _)) in talks.iter().enumerate() {
            turns.begins(address(*host));
            turns.wants(address(*host), talk as u64);
        }
        let (over, mut had) = (3_000, BTreeSet::new());
        let mut standing: Vec<(u64, Address)> = Vec::new();
        let mut sent: BTreeMap<Option<Address>, Vec<u64>> = BTreeMap::new();
        for ms in 0..200_000_u64 {
            if ms == over {
                turns.scan_over(at(ms));
            }
            let (ended, left) = standing.into_iter().partition(|(until, _)| *until <= ms);
            standing = left;
            let ended: Vec<(u64, Address)> = ended;
            for (_, address) in ended {
                turns.ended(address);
            }
            while let Some((address, talk)) = turns.next(at(ms)) {
                prop_assert!(had.insert(talk));
                standing.push((ms + talks[talk as usize].1, address));
                sent.entry(None).or_default().push(ms);
                sent.entry(Some(address)).or_default().push(ms);
                prop_assert!(standing.len() <= max_inflight as usize);
                let here = standing.iter().filter(|(_, host)| *host == address).count();
                prop_assert!(here <= host_inflight as usize);
            }
            if had.len() == talks.len() {
                break;
            }
            if standing.is_empty() && ms > over {
                prop_assert!(turns.next_at().is_some(), "somebody waits for nothing");
            }
        }
        prop_assert_eq!(had.len(), talks.len());
        for (who, times) in &sent {
            let Some(most) = (if who.is_some() { host_rate } else { rate }) else { continue };
            let window = |from: u64| times.iter().filter(|t| (from..from + 1_000).contains(*t)).count();
            prop_assert!(times.iter().all(|&t| window(t) <= most as usize), "{who:?}: {times:?}");
        }
    }
}
