//! Every account comes back; an older one lacks what it did not know.

use picaporte_core::Graded;
use picaporte_core::tally::{Counts, Outages, Tally};
use proptest::prelude::*;

use super::*;
use crate::kept::account::{Asked, from_json, to_json};
use crate::report::{IdentifiedCounts, ReverseCounts};

fn count() -> std::ops::RangeInclusive<u64> {
    0..=MAX_PROBES
}

prop_compose! {
    fn tallies()(
        reasons in proptest::collection::vec((0..Reason::ALL.len(), 0u64..1 << 40), 0..9),
        graded in [count(), count(), count()],
        sums in [count(), count(), count(), count()],
        missed_millionths: u64,
        outages in proptest::option::of((any::<u32>(), any::<u64>(), any::<Option<u32>>())),
    ) -> Tally {
        let mut counts = Counts::default();
        for &(reason, n) in &reasons {
            counts.add_many(Reason::ALL[reason], n);
        }
        let [confirmed, handshake_only, suspect] = graded;
        let [planned, extra, attempts, hosts] = sums;
        let outages = outages.map(|(times, silent, per_second)| Outages {
            times,
            silent: Duration::from_nanos(silent),
            per_second,
        });
        let graded = Graded { confirmed, handshake_only, suspect };
        Tally { planned, counts, graded, extra, attempts, hosts, missed_millionths, outages }
    }
}

proptest! {
    #[test]
    fn every_account_comes_back(
        tally in tallies(),
        elapsed: u64,
        loss in [count(), count()],
        interrupted: bool,
        stopped in proptest::option::of(proptest::sample::select(Reason::ALL)),
        failed_threads: u32,
        services in proptest::option::of([count(), count(), count(), count(), count(), count(), count()]),
        names in proptest::option::of([count(), count(), count(), count(), count(), count()]),
    ) {
        let account = Account {
            tally,
            elapsed: std::time::Duration::from_nanos(elapsed),
            loss: Loss { asked: loss[0], lost: loss[1] },
            interrupted,
            stopped,
            failed_threads,
        };
        let asked = Asked {
            identified: services.map(|[asked, identified, unknown, not_asked, pending, left_alone, connections]| {
                IdentifiedCounts { asked, identified, unknown, not_asked, pending, left_alone, connections }
            }),
            reverse: names.map(|[asked, named, unnamed, failed, unanswered, left_out]| {
                ReverseCounts { asked, named, unnamed, failed, unanswered, left_out }
            }),
        };
        prop_assert_eq!(from_json(&to_json(&account, &asked)), Ok((account, asked)));
    }

    #[test]
    fn any_text_is_refused_or_read(text in "[{}\\[\\]\":,0-9a-z_]{0,40}") {
        let _ = from_json(&text);
    }
}

#[test]
fn what_an_account_lacks_counts_as_nothing() {
    let nothing = Account {
        tally: Tally::default(),
        elapsed: std::time::Duration::ZERO,
        loss: Loss::default(),
        interrupted: false,
        stopped: None,
        failed_threads: 0,
    };
    assert_eq!(
        from_json("{\"later\":[1]}"),
        Ok((nothing.clone(), Asked::default()))
    );
    let (some, _) = from_json("{\"reasons\":{\"syn-ack\":3,\"moon-phase\":9}}").unwrap();
    assert_eq!(
        (
            some.tally.counts.of(Reason::SynAck),
            some.tally.counts.tested()
        ),
        (3, 3)
    );
}

#[test]
fn counts_that_would_run_over_are_refused() {
    let told = |text: &str| from_json(text).unwrap_err().to_string();
    insta::assert_snapshot!(told("{\"reasons\":{\"syn-ack\":18446744073709551615}}"), @"its account can't be read: it counts 18446744073709551615, and no scan has more than 2^53 probes");
    assert!(from_json("{\"planned\":-1}").is_err());
    assert!(from_json("{\"identified\":{\"asked\":9007199254740993}}").is_err());
    assert!(from_json("{\"reverse_dns\":{\"left_out\":9007199254740993}}").is_err());
    assert!(from_json("{\"planned\":9007199254740992}").is_ok());
}
