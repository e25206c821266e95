//! A link that is too narrow for what is sent to all hosts behind it.

use super::limits::{one_in, played};
use super::*;
use crate::sim::{Limit, Queue};

/// The narrowest link of the path passes 2,000 SYNs a second, for whichever host they are.
#[test]
fn a_narrow_link_hides_nothing_and_little_is_sent_into_it_in_vain() {
    for seed in 0..20 {
        let world = World {
            seed,
            open: one_in(10),
            delay: Duration::from_millis(40),
            link: Some(Limit {
                per_second: 2000,
                burst: 200,
            }),
            ..World::default()
        };
        let settings = Settings { seed, ..settings() };
        let played = played(&["192.0.2.0/26"], "1-300", settings, world);
        assert_eq!(played.wrong, 0, "seed {seed}: {:?}", played.counts);
        assert_eq!(played.counts.tested(), played.planned, "seed {seed}");
        // 19,200 ports take 9.6 s at the pace of the link; no more than twice that.
        assert!(
            played.run.elapsed < Duration::from_secs(19),
            "seed {seed}: {}",
            played.run.elapsed
        );
        assert!(
            played.run.link_dropped < 6 * played.planned,
            "seed {seed}: {:?}",
            played.run
        );
    }
}

/// The same with a queue before the link, which makes answers late before it drops anything: 1 Mbit/s, SYNs of 60 bytes, 50 ms. What fills
/// it at the beginning silenced five of the eight witnesses for 70 ms, twice: that was taken for a limit of the path, one attempt a second,
/// and the scan took 85 s (seeds 1, 4, 5, 6).
#[test]
fn a_narrow_link_with_a_queue_is_filled_and_hides_nothing() {
    for seed in 0..20 {
        let world = World {
            seed,
            open: one_in(25),
            delay: Duration::from_millis(20),
            jitter: Duration::from_millis(2),
            queue: Some(Queue {
                per_second: 2083,
                longest: Duration::from_millis(50),
            }),
            ..World::default()
        };
        let settings = Settings { seed, ..settings() };
        let played = played(&["192.0.2.0/26"], "1-300", settings, world);
        // A recall of 99.99 % is two of 19,200.
        assert!(played.wrong <= 2, "seed {seed}: {:?}", played.counts);
        assert_eq!(played.counts.tested(), played.planned, "seed {seed}");
        // 19,200 ports take 9.2 s at the pace of the link; no more than twice that.
        assert!(
            played.run.elapsed < Duration::from_secs(18),
            "seed {seed}: {}",
            played.run.elapsed
        );
    }
}
