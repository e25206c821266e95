//! Whatever the core can say comes back as it was, and no bytes make a reader fail otherwise than with words.

use picaporte_core::scan::{HostReport, MAX_REJECTS, Slowed};
use picaporte_core::tally::Counts;
use picaporte_core::{
    Address, Close, Duration, Evidence, Grade, Graded, Icmp, Instant, Options, Peer, PortSet,
    Reason, Suspicion, Verdict,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::*;
use crate::address::tests::addresses;
use crate::scan::Stage;

pub(crate) fn reasons() -> impl Strategy<Value = Reason> {
    proptest::sample::select(Reason::ALL)
}

fn icmps() -> impl Strategy<Value = Icmp> {
    (any::<(bool, u8, u8)>(), of(addresses())).prop_map(|((v6, kind, code), from)| Icmp {
        v6,
        kind,
        code,
        from,
    })
}

fn peers() -> impl Strategy<Value = Peer> {
    let options = of(any::<u8>().prop_map(Options::from_bits));
    (options, any::<(Option<u8>, Option<u32>, Option<u32>)>()).prop_map(
        |(options, (window_scale, mss, window))| Peer {
            options,
            window_scale,
            mss,
            window,
        },
    )
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let close = proptest::sample::select(vec![Close::Fin, Close::Reset]);
    let suspect = Suspicion::ALL.map(Grade::Suspect);
    let grade = [&[Grade::Confirmed, Grade::HandshakeOnly][..], &suspect].concat();
    let grade = proptest::sample::select(grade);
    let plain = any::<(bool, u8, bool)>();
    (of(icmps()), plain, of(close), of(peers()), of(grade)).prop_map(
        |(icmp, (neighbour, retransmits, ambiguous), close, peer, grade)| Evidence {
            icmp,
            neighbour,
            retransmits,
            close,
            peer,
            grade,
            ambiguous,
        },
    )
}

pub(crate) fn verdicts() -> impl Strategy<Value = Verdict> {
    let plain = (1u16.., any::<(Option<u64>, u8, u64)>());
    (addresses(), plain, reasons(), evidence()).prop_map(
        |(address, (port, (rtt, attempts, at)), reason, evidence)| Verdict {
            address,
            port,
            reason,
            rtt: rtt.map(Duration::from_nanos),
            attempts,
            at: Instant::from_nanos(at),
            evidence,
        },
    )
}

fn sets() -> impl Strategy<Value = PortSet> {
    vec((1u16.., 0u16..300), 0..20).prop_map(|ranges| {
        let ranges = ranges.into_iter().map(|(a, n)| (a, a.saturating_add(n)));
        PortSet::from_ranges(ranges.collect())
    })
}

pub(crate) fn hosts() -> impl Strategy<Value = HostReport> {
    let counts = vec((reasons(), 0u32..70_000), 0..6);
    let plain = any::<(u64, u32, bool, u32, Option<(u32, u32)>, [u64; 3])>();
    let rejects = vec((icmps(), any::<u32>()), 0..=MAX_REJECTS);
    let sets = proptest::array::uniform5(sets());
    (addresses(), plain, counts, sets, rejects).prop_map(
        |(
            address,
            (index, parts, answers_everything, first_rejected, slowed, graded),
            counts,
            sets,
            rejects,
        )| {
            let mut kept = Counts::default();
            for (reason, ports) in counts {
                if kept.of(reason) == 0 {
                    kept.add_many(reason, ports.into());
                }
            }
            let [confirmed, handshake_only, suspect] = graded;
            let [open, closed, filtered, untested, rejected] = sets;
            HostReport {
                index,
                address,
                parts,
                counts: kept,
                graded: Graded {
                    confirmed,
                    handshake_only,
                    suspect,
                },
                answers_everything,
                open,
                closed,
                filtered,
                untested,
                rejected,
                first_rejected,
                rejects,
                slowed: slowed.map(|(times, per_second)| Slowed { times, per_second }),
            }
        },
    )
}

/// An open port as most are.
pub(crate) fn an_open_port(address: Address, port: u16) -> Verdict {
    Verdict {
        address,
        port,
        reason: Reason::SynAck,
        rtt: Some(Duration::from_micros(212)),
        attempts: 1,
        at: Instant::from_nanos(100_000_000),
        evidence: Evidence {
            close: Some(Close::Fin),
            grade: Some(Grade::Confirmed),
            peer: Some(Peer {
                options: Some(Options::from_bits(7)),
                window_scale: Some(7),
                mss: Some(1460),
                window: Some(65_160),
            }),
            ..Evidence::default()
        },
    }
}

/// A host with port 22 open and three closed ones.
pub(crate) fn a_host(address: Address, index: u64) -> HostReport {
    let mut counts = Counts::default();
    counts.add(Reason::SynAck);
    counts.add_many(Reason::ConnRefused, 3);
    HostReport {
        parts: 2,
        counts,
        graded: Graded {
            confirmed: 1,
            ..Graded::default()
        },
        open: PortSet::from_ports([22]),
        closed: PortSet::from_ports([21, 23, 80]),
        ..HostReport::blank(index, address)
    }
}

#[test]
fn an_open_port_and_a_plain_host_take_few_bytes() {
    let address = Address::new([192, 0, 2, 1].into());
    let (mut port, mut host) = (Vec::new(), Vec::new());
    write_port(&an_open_port(address, 22), &mut port);
    write_host(&a_host(address, 70_000), Stage::Done, &mut host);
    assert!(
        port.len() <= 32 && host.len() <= 36,
        "{} {}",
        port.len(),
        host.len()
    );
}

fn stages() -> impl Strategy<Value = Stage> {
    proptest::sample::select(vec![Stage::Done, Stage::CutOff])
}

#[test]
fn every_reason_has_a_number_of_its_own() {
    let codes: Vec<u8> = Reason::ALL.iter().map(|&r| reason_code(r)).collect();
    assert_eq!(codes, (0..Reason::ALL.len() as u8).collect::<Vec<_>>());
    assert!(take_reason(&mut Take(&[200])).is_err());
}

#[test]
fn every_grade_is_read_as_it_was_written() {
    let suspect = Suspicion::ALL.map(Grade::Suspect);
    for grade in [Grade::Confirmed, Grade::HandshakeOnly]
        .into_iter()
        .chain(suspect)
    {
        let mut verdict = an_open_port(Address::new([192, 0, 2, 1].into()), 22);
        verdict.evidence.grade = Some(grade);
        let mut record = Vec::new();
        write_port(&verdict, &mut record);
        assert_eq!(read_port(&record), Ok(verdict));
    }
}

#[test]
fn notes_stand_among_ports_and_each_is_read_as_what_it_is() {
    let address = Address::new([192, 0, 2, 1].into());
    let (mut port, mut body) = (Vec::new(), Vec::new());
    write_port(&an_open_port(address, 22), &mut port);
    assert_eq!(read_note(&port), Ok(None));
    for (of, subject) in [
        (22, Subject::Service(address, 22)),
        (0, Subject::Names(address)),
    ] {
        let mut note = Vec::new();
        write_note(address, of, b"learned", &mut note);
        assert_eq!(read_note(&note), Ok(Some((subject, &b"learned"[..]))));
        for length in 0..note.len() {
            assert!(read_note(&note[..length]).is_err(), "{length}");
        }
        append(&note, &mut body);
        append(&port, &mut body);
    }
    let mut body = Body::new(body);
    for _ in 0..2 {
        assert_eq!(body.next_port(), Some(Ok(an_open_port(address, 22))));
    }
    assert_eq!(body.next_port(), None);
}

#[test]
fn a_length_that_nothing_backs_ends_the_body() {
    let mut body = Body::new(vec![1, 7, 0xff, 0xff, 3]);
    assert_eq!(body.next_record(), Some(Ok(&[7][..])));
    assert!(body.next_record().unwrap().is_err());
    assert_eq!(body.next_record(), None);
}

#[test]
fn a_record_of_a_later_version_is_read_as_far_as_it_is_known() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let host = ValueTree::current(&hosts().new_tree(&mut runner).unwrap());
    let mut record = Vec::new();
    write_host(&host, Stage::Done, &mut record);
    record.extend(b"what is to come");
    assert_eq!(read_host(&record), Ok((host, Stage::Done)));
}

proptest! {
    #[test]
    fn ports_come_back(verdicts in vec(verdicts(), 0..20)) {
        let mut body = Vec::new();
        for verdict in &verdicts {
            let mut record = Vec::new();
            write_port(verdict, &mut record);
            append(&record, &mut body);
        }
        let mut body = Body::new(body);
        for verdict in verdicts {
            let record = body.next_record().unwrap().unwrap();
            prop_assert_eq!(read_port(record), Ok(verdict));
        }
        prop_assert!(body.next_record().is_none());
    }

    #[test]
    fn hosts_come_back(host in hosts(), stage in stages()) {
        let mut record = Vec::new();
        write_host(&host, stage, &mut record);
        prop_assert_eq!(read_host_index(&record), Ok((host.index, stage)));
        prop_assert_eq!(read_host(&record), Ok((host, stage)));
    }

    #[test]
    fn a_record_that_is_cut_off_is_refused(verdict in verdicts(), host in hosts(), cut: proptest::sample::Index) {
        let (mut port, mut whole) = (Vec::new(), Vec::new());
        write_port(&verdict, &mut port);
        write_host(&host, Stage::Done, &mut whole);
        prop_assert!(read_port(&port[..cut.index(port.len())]).is_err());
        prop_assert!(read_host(&whole[..cut.index(whole.len())]).is_err());
    }

    #[test]
    fn an_altered_record_is_read_or_refused(verdict in verdicts(), host in hosts(), at: proptest::sample::Index, byte: u8) {
        let (mut port, mut whole) = (Vec::new(), Vec::new());
        write_port(&verdict, &mut port);
        write_host(&host, Stage::Done, &mut whole);
        for record in [&mut port, &mut whole] {
            let at = at.index(record.len());
            record[at] = byte;
            if let Ok(verdict) = read_port(record) {
                prop_assert!(verdict.port > 0);
            }
            if let Ok((host, _)) = read_host(record) {
                prop_assert!(host.rejects.len() <= MAX_REJECTS);
            }
        }
    }
}
