//! Each bound of what waits, and of what is asked, is reached.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use picaporte_core::tally::Counts;
use picaporte_core::verdict::Evidence;
use picaporte_core::{Icmp, PortSet};

use super::*;

/// A name server that answers when the test says so.
#[derive(Clone, Default)]
struct Stub(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    asked: Vec<IpAddr>,
    answers: VecDeque<(IpAddr, Said)>,
    full: bool,
}

impl Stub {
    fn with<T>(&self, act: impl FnOnce(&mut Inner) -> T) -> T {
        act(&mut self.0.lock().unwrap())
    }

    fn says(&self, ip: IpAddr, said: Said) {
        self.with(|inner| inner.answers.push_back((ip, said)));
    }

    fn asked(&self) -> Vec<IpAddr> {
        self.with(|inner| inner.asked.clone())
    }
}

impl Ask for Stub {
    fn ask(&mut self, ip: IpAddr) -> bool {
        self.with(|inner| {
            if !inner.full {
                inner.asked.push(ip);
            }
            !inner.full
        })
    }

    fn answer(&mut self) -> Option<(IpAddr, Said)> {
        self.with(|inner| inner.answers.pop_front())
    }
}

fn naming() -> (Naming, Stub, Reverse) {
    let (stub, known) = (Stub::default(), Reverse::default());
    let naming = Naming::new(Box::new(stub.clone()), known.clone());
    (naming, stub, known)
}

fn ip(n: u32) -> IpAddr {
    std::net::Ipv4Addr::from_bits(0xc633_6400 + n).into()
}

fn names(text: &str) -> Said {
    Said::Names(vec![Untrusted::new(text)])
}

fn port(ip: IpAddr, port: u16, reason: Reason) -> Finding {
    Finding::Port(Verdict {
        address: Address::new(ip),
        port,
        reason,
        rtt: None,
        attempts: 1,
        at: picaporte_core::Instant::ZERO,
        evidence: Evidence::default(),
    })
}

fn open(n: u32, number: u16) -> Finding {
    port(ip(n), number, Reason::SynAck)
}

fn host(ip: IpAddr, reason: Reason) -> Finding {
    let mut counts = Counts::default();
    counts.add(reason);
    Finding::Host(Box::new(HostReport {
        counts,
        filtered: PortSet::from_ports([1]),
        ..HostReport::blank(0, Address::new(ip))
    }))
}

/// As the outputs do it: what is to be told at this moment.
fn told(naming: &mut Naming, now: Instant, findings: &[Finding]) -> Vec<Finding> {
    let mut told = Vec::new();
    for finding in findings {
        naming.heard(finding);
        if naming.holds(finding) {
            naming.hold(now, finding.clone());
            told.extend(std::iter::from_fn(|| naming.next(now)));
        } else {
            told.push(finding.clone());
        }
    }
    told
}

fn rest(naming: &mut Naming, now: Instant) -> Vec<Finding> {
    std::iter::from_fn(|| naming.next(now)).collect()
}

#[test]
fn what_waits_for_a_name_is_told_in_its_order_when_the_name_is_there() {
    let (mut naming, stub, known) = naming();
    let start = Instant::now();
    let findings = [open(1, 22), open(2, 22), open(1, 80)];
    assert_eq!(told(&mut naming, start, &findings), []);
    // The second's name alone frees nothing that stands behind the first.
    stub.says(ip(2), names("two.example"));
    assert_eq!(rest(&mut naming, start), []);
    stub.says(ip(1), names("one.example"));
    assert_eq!(rest(&mut naming, start), findings);
    assert!(!naming.is_holding());
    assert_eq!(known.of(ip(1)).unwrap()[0].terminal(), "one.example");
    // From now on nothing waits.
    let later = [open(2, 80), open(1, 443)];
    assert_eq!(told(&mut naming, start, &later), later);
}

#[test]
fn nothing_waits_longer_than_the_bound() {
    let (mut naming, _, _) = naming();
    let start = Instant::now();
    told(&mut naming, start, &[open(1, 22)]);
    let second = start + HOLD / 2;
    told(&mut naming, second, &[open(2, 22)]);
    let almost = start + HOLD.saturating_sub(Duration::from_nanos(1));
    assert_eq!(rest(&mut naming, almost), []);
    assert_eq!(rest(&mut naming, start + HOLD), [open(1, 22)]);
    assert_eq!(rest(&mut naming, second + HOLD), [open(2, 22)]);
}

#[test]
fn no_more_than_so_many_wait_and_the_first_goes_first() {
    let (mut naming, _, _) = naming();
    let start = Instant::now();
    let all: Vec<_> = (0..HELD).map(|n| open(1, n as u16)).collect();
    assert_eq!(told(&mut naming, start, &all), []);
    assert_eq!(told(&mut naming, start, &[open(2, 22)]), [open(1, 0)]);
    assert_eq!(naming.held.len(), HELD);
}

#[test]
fn nothing_waits_and_nothing_is_asked_after_a_stop() {
    let (mut naming, stub, _) = naming();
    let start = Instant::now();
    told(&mut naming, start, &[open(1, 22), open(2, 22)]);
    naming.stop();
    assert_eq!(rest(&mut naming, start), [open(1, 22), open(2, 22)]);
    assert_eq!(told(&mut naming, start, &[open(3, 22)]), [open(3, 22)]);
    assert_eq!(stub.asked(), [ip(1), ip(2)]);
    assert_eq!(naming.counts().unanswered, 2);
}

#[test]
fn each_address_is_asked_about_once_whatever_came_of_it() {
    let (mut naming, stub, known) = naming();
    let start = Instant::now();
    let said = [names("a"), Said::NoName, Said::Failed, Said::Silence];
    for round in 0..3 {
        for (n, said) in said.iter().enumerate() {
            let n = n as u32;
            told(
                &mut naming,
                start,
                &[open(n, round), host(ip(n), Reason::SynAck)],
            );
            stub.says(ip(n), said.clone());
        }
        rest(&mut naming, start);
    }
    assert_eq!(stub.asked().len(), 4);
    let counts = ReverseCounts {
        asked: 4,
        named: 1,
        unnamed: 1,
        failed: 1,
        unanswered: 1,
        left_out: 0,
    };
    assert_eq!(naming.counts(), counts);
    assert!(known.of(ip(0)).is_some());
    assert!((1..4).all(|n| known.of(ip(n)).is_none()));
}

#[test]
fn only_who_answered_is_asked_about() {
    let (mut naming, stub, _) = naming();
    let start = Instant::now();
    let rejected = |n, from| {
        let Finding::Port(mut verdict) = port(ip(n), 1, Reason::AdminProhibited) else {
            unreachable!("a port");
        };
        verdict.evidence.icmp = Some(Icmp {
            v6: false,
            kind: 3,
            code: 13,
            from: Some(Address::new(ip(from))),
        });
        verdict
    };
    let whole = |verdict: Verdict| {
        let Finding::Host(mut host) = host(verdict.address.ip, verdict.reason) else {
            unreachable!("a host");
        };
        host.rejects = verdict
            .evidence
            .icmp
            .map(|icmp| (icmp, 1))
            .into_iter()
            .collect();
        Finding::Host(host)
    };
    let silent = [
        port(ip(1), 1, Reason::NoResponse),
        host(ip(1), Reason::NoResponse),
        host(ip(2), Reason::HostUnreach),
        host(ip(3), Reason::Interrupted),
        Finding::Port(rejected(4, 254)),
        whole(rejected(4, 254)),
    ];
    assert_eq!(told(&mut naming, start, &silent), silent);
    assert!(stub.asked().is_empty());
    told(
        &mut naming,
        start,
        &[
            host(ip(5), Reason::ConnRefused),
            port(ip(6), 1, Reason::ConnRefused),
            Finding::Port(rejected(7, 7)),
            whole(rejected(8, 8)),
            Finding::Opened {
                address: Address::new(ip(9)),
                port: 1,
            },
        ],
    );
    assert_eq!(stub.asked(), [5, 6, 7, 8, 9].map(ip));
}

#[test]
fn an_address_of_one_link_is_not_asked_about() {
    let (mut naming, stub, _) = naming();
    let start = Instant::now();
    for text in ["fe80::7", "169.254.7.7"] {
        let finding = host(text.parse().unwrap(), Reason::SynAck);
        assert_eq!(
            told(&mut naming, start, std::slice::from_ref(&finding)),
            [finding]
        );
    }
    assert!(stub.asked().is_empty());
    assert_eq!(naming.counts().left_out, 2);
}

#[test]
fn no_more_addresses_are_asked_about_than_names_are_kept() {
    let (mut naming, stub, _) = naming();
    let start = Instant::now();
    let most = Reverse::ADDRESSES as u32;
    for n in 0..=most {
        told(
            &mut naming,
            start,
            &[open(n, 22), host(ip(n), Reason::SynAck)],
        );
    }
    assert_eq!(stub.asked().len(), Reverse::ADDRESSES);
    assert_eq!(naming.counts().left_out, 1);
}

#[test]
fn where_nobody_has_room_for_a_question_nothing_waits() {
    let (mut naming, stub, _) = naming();
    let start = Instant::now();
    stub.with(|inner| inner.full = true);
    let findings = [open(1, 22), host(ip(1), Reason::SynAck)];
    assert_eq!(told(&mut naming, start, &findings), findings);
    assert_eq!((naming.counts().asked, naming.counts().left_out), (0, 1));
}

#[test]
fn answers_that_nobody_asked_for_count_for_nothing() {
    let (mut naming, stub, known) = naming();
    let start = Instant::now();
    stub.says(ip(1), names("a"));
    told(&mut naming, start, &[open(2, 22)]);
    stub.says(ip(2), names("b"));
    stub.says(ip(2), names("c"));
    rest(&mut naming, start);
    assert_eq!(naming.counts().named, 1);
    assert_eq!(known.of(ip(1)), None);
    assert_eq!(known.of(ip(2)).unwrap()[0].terminal(), "b");
}

#[test]
fn a_name_without_room_is_counted() {
    let (mut naming, stub, _) = naming();
    let start = Instant::now();
    let whole = vec![b'a'; Untrusted::MOST];
    let room = (Reverse::BYTES / Untrusted::MOST) as u32;
    for n in 0..=room {
        told(&mut naming, start, &[open(n, 22)]);
        stub.says(ip(n), Said::Names(vec![Untrusted::new(&whole)]));
    }
    rest(&mut naming, start);
    let counts = naming.counts();
    assert_eq!((counts.named, counts.left_out), (u64::from(room) + 1, 1));
}

#[test]
fn a_name_that_was_kept_is_not_asked_for_again() {
    let (mut naming, stub, known) = naming();
    assert!(known.learn(ip(1), [Untrusted::new("one.example")]));
    let now = Instant::now();
    let findings = [open(1, 22), open(1, 80), open(2, 22)];
    assert_eq!(told(&mut naming, now, &findings), findings[..2]);
    assert_eq!(stub.asked(), [ip(2)]);
    stub.says(ip(2), names("two.example"));
    assert_eq!(rest(&mut naming, now), findings[2..]);
    let counts = naming.counts();
    assert_eq!((counts.asked, counts.named), (2, 2));
    let learned = naming.learned();
    assert_eq!(learned.len(), 1, "and is not kept again");
    assert_eq!(learned[0].0, ip(2));
    assert!(naming.learned().is_empty());
}
