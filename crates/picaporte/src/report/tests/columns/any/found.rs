//! Anything that a scan can find, and anything that its hosts can be called.

use std::time::Duration;

use picaporte_core::locate::{Answer, By, Distance, Hop, Located, Place};
use picaporte_core::tally::{Counts, Outages};
use picaporte_core::timing::Loss;
use picaporte_core::{Address, Close, Grade, Icmp, Reason, Suspicion};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;

use super::super::super::super::encode::Untrusted;
use super::super::super::super::{Kept, ReverseCounts, Sampled};
use super::*;
use picaporte_identify::service::{Name, Service};

/// The most that is counted: 2^53 for each of twenty reasons and more would be no plan.
const MOST: u64 = 1 << 48;

/// A name of any characters, that is no part of what else is in a table.
pub(super) fn any_name() -> impl Strategy<Value = String> {
    let inner = prop_oneof![
        4 => "[a-z.-]{0,60}",
        4 => ".{0,40}",
        2 => "[日本\u{301}\u{202e}🦀 ]{0,100}",
        1 => "[a-z ]{200,251}",
    ];
    inner.prop_map(|inner| format!("q{inner}z"))
}

fn v6(ip: u128, scope: u32) -> Address {
    Address {
        ip: std::net::Ipv6Addr::from_bits(ip).into(),
        scope,
    }
}

fn any_address() -> impl Strategy<Value = Address> {
    prop_oneof![
        // Without what is never scanned.
        (10_u8..200, any::<[u8; 3]>()).prop_map(|(a, [b, c, d])| Address::new([a, b, c, d].into())),
        any::<u64>().prop_map(|low| v6(0x2001_0db8 << 96 | u128::from(low), 0)),
        any::<u128>().prop_map(|ip| v6(0x2001 << 112 | ip >> 16, 0)),
        (any::<u64>(), 1_u32..4)
            .prop_map(|(host, scope)| v6(0xfe80 << 112 | u128::from(host), scope)),
    ]
}

fn any_icmp() -> impl Strategy<Value = Icmp> {
    let from = proptest::option::of(any_address());
    (any::<bool>(), any::<u8>(), any::<u8>(), from).prop_map(|(v6, kind, code, from)| Icmp {
        v6,
        kind,
        code,
        from,
    })
}

/// What is found of a port, but for its number and its host.
fn any_verdict() -> impl Strategy<Value = Verdict> {
    let grades = vec![
        None,
        Some(Grade::Confirmed),
        Some(Grade::HandshakeOnly),
        Some(Grade::Suspect(Suspicion::NoOptionsNoWindow)),
        Some(Grade::Suspect(Suspicion::AnswersEverything)),
        Some(Grade::Suspect(Suspicion::Nearer)),
    ];
    let seen = (
        select(grades),
        proptest::option::of(any_icmp()),
        any::<[bool; 3]>(),
    );
    let often = (
        any::<u8>(),
        any::<u8>(),
        proptest::option::of(0..100_000_000_000_u64),
    );
    (select(Reason::ALL), seen, often).prop_map(
        |(reason, (grade, icmp, [neighbour, ambiguous, reset]), (attempts, retransmits, rtt))| {
            let mut verdict = verdict(Address::new([0; 4].into()), 0, reason, 100);
            verdict.attempts = attempts;
            verdict.rtt = rtt.map(picaporte_core::Duration::from_micros);
            verdict.evidence.retransmits = retransmits;
            verdict.evidence.grade = grade;
            verdict.evidence.icmp = icmp;
            verdict.evidence.neighbour = neighbour;
            verdict.evidence.ambiguous = ambiguous;
            verdict.evidence.close = reset.then_some(Close::Reset);
            verdict
        },
    )
}

/// A host: what it is called by the user and by the reverse DNS, and its ports.
#[derive(Clone, Debug)]
pub(super) struct Host {
    pub(super) address: Address,
    pub(super) names: Vec<String>,
    pub(super) reverse: Vec<String>,
    pub(super) verdicts: Vec<Verdict>,
    /// What the open ports are.
    pub(super) service: Option<Service>,
    pub(super) answers_everything: bool,
}

fn any_service() -> impl Strategy<Value = Service> {
    let said = || proptest::option::of(any_name());
    ("[a-z0-9./+-]{1,32}", any::<bool>(), said(), said(), said()).prop_map(
        |(name, inside_tls, product, extra, hostname)| Service {
            name: Name::new(&name),
            inside_tls,
            product: product.map(Untrusted::new),
            extra: extra.map(Untrusted::new),
            hostname: hostname.map(Untrusted::new),
            ..Service::default()
        },
    )
}

pub(super) fn any_host() -> impl Strategy<Value = Host> {
    let verdicts = btree_map(1_u16.., any_verdict(), 1..30);
    let names = (vec(any_name(), 0..4), vec(any_name(), 0..4));
    let service = proptest::option::of(any_service());
    (any_address(), names, verdicts, service, any::<bool>()).prop_map(
        |(address, (names, reverse), verdicts, service, answers_everything)| {
            let verdicts = verdicts.into_iter().map(|(port, verdict)| Verdict {
                address,
                port,
                ..verdict
            });
            Host {
                address,
                names,
                reverse,
                verdicts: verdicts.collect(),
                service,
                answers_everything,
            }
        },
    )
}

pub(super) fn any_located() -> impl Strategy<Value = Located> {
    let answers = prop_oneof![
        Just(Answer::Accepted),
        Just(Answer::Reset),
        Just(Answer::Silent),
        Just(Answer::NoNeighbour),
        Just(Answer::Untested(Reason::TimeLimit)),
        proptest::option::of(any_icmp()).prop_map(Answer::Rejected),
        proptest::option::of(any_address()).prop_map(Answer::Loop),
    ];
    let by = vec![
        By::Host,
        By::Firewall,
        By::Behind,
        By::HostOrBefore,
        By::Unknown,
    ];
    let place = (0_u8..30, proptest::option::of(0_u8..5));
    let hops = btree_map(1_u8..32, vec(any_address(), 1..5), 0..6);
    (
        any::<u16>(),
        answers,
        select(by),
        place,
        hops,
        any::<bool>(),
    )
        .prop_map(|(port, answer, by, (after, more), hops, contradicts)| {
            let hops = hops.into_iter().map(|(distance, addresses)| Hop {
                distance,
                addresses,
            });
            let distance = Distance {
                at_least: after.max(1),
                exact: more.map(|more| after + more + 1),
            };
            let hops: Vec<_> = hops.collect();
            Located {
                address: Address::new([0; 4].into()),
                port,
                answer,
                by,
                place: Place {
                    after,
                    until: more.map(|more| after + more),
                },
                host: distance,
                hops,
                contradicts,
                attempts: 3,
            }
        })
}

/// The counts at the end, none of which has to do with the hosts.
#[derive(Clone, Debug)]
pub(super) struct End {
    counts: Vec<u64>,
    numbers: [u64; 8],
    outages: Option<(u32, u64, Option<u32>)>,
}

pub(super) fn any_end() -> impl Strategy<Value = End> {
    let number = || prop_oneof![0..100_u64, 0..MOST];
    let outages = (
        1_u32..,
        0..u64::from(u32::MAX),
        proptest::option::of(any::<u32>()),
    );
    (
        vec(number(), Reason::ALL.len()),
        proptest::array::uniform8(number()),
        proptest::option::of(outages),
    )
        .prop_map(|(counts, numbers, outages)| End {
            counts,
            numbers,
            outages,
        })
}

impl End {
    pub(super) fn put(&self, sample: &mut Sample) {
        let mut counts = Counts::default();
        for (&reason, &n) in Reason::ALL.iter().zip(&self.counts) {
            counts.add_many(reason, n);
        }
        let [
            extra,
            attempts,
            missed,
            micros,
            asked,
            located,
            untested,
            left_out,
        ] = self.numbers;
        let account = &mut sample.trailer.account;
        account.tally.planned =
            counts.tested() + counts.in_state(State::Untested) + u64::from(extra == 1);
        account.tally.graded.confirmed = counts.in_state(State::Open) / 2;
        account.tally.graded.suspect = counts.in_state(State::Open) / 3;
        account.tally.counts = counts;
        account.tally.extra = extra;
        account.tally.attempts = attempts;
        account.tally.missed_millionths = missed;
        account.elapsed = Duration::from_micros(micros);
        account.loss = Loss {
            asked,
            lost: asked / 3,
        };
        account.tally.outages = self.outages.map(|(times, silent, per_second)| Outages {
            times,
            silent: picaporte_core::Duration::from_millis(silent),
            per_second,
        });
        sample.trailer.sampled = Some(Sampled {
            located,
            untested,
            left_out,
        });
        sample.trailer.reverse = Some(ReverseCounts {
            asked: located,
            named: untested,
            unnamed: left_out,
            failed: extra,
            unanswered: attempts,
            left_out: missed,
        });
        sample.trailer.kept = Some(Kept {
            id: sample.header.id.clone(),
            digest: "0123456789abcdef".repeat(4),
        });
    }
}
