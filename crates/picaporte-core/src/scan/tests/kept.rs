//! Scans that are kept, cut off at any moment, and gone on with by other threads.

use super::*;
use crate::known::{Sketch, Sketches};

/// What was kept of a scan: what its parts told, and their journals.
#[derive(Default)]
struct Kept {
    ports: BTreeMap<(Address, u16), Reason>,
    hosts: BTreeMap<u64, (u32, HostReport)>,
    decided: BTreeMap<u64, BTreeMap<Reason, BTreeSet<u16>>>,
    sketches: Sketches,
    spent: Spent,
}

impl Kept {
    fn report(&mut self, report: Report) {
        match report {
            Report::Port(v) if v.reason.is_resumable() => {}
            Report::Port(v) => {
                let before = self.ports.insert((v.address, v.port), v.reason);
                assert_eq!(before, None, "{v:?} was told twice");
            }
            Report::Host(part) => {
                let missing = part.parts;
                let kept = self.hosts.entry(part.index);
                let (missing, host) =
                    kept.or_insert_with(|| (missing, HostReport::blank(part.index, part.address)));
                *missing -= 1;
                host.merge(&part);
            }
            Report::Opened { .. } => {}
        }
    }

    /// Plays a part for so long, and takes what a caller would have kept by then.
    fn play(&mut self, scan: &mut Scan, world: World, span: Duration) {
        let mut reports = Vec::new();
        sim::run(scan, world, span, &mut |event| {
            if let Event::Step(_, Step::Report(report)) = event {
                reports.push(report.clone());
            }
        });
        self.take(scan, reports);
    }

    /// Stops a part: nothing more is answered.
    fn stop(&mut self, scan: &mut Scan) {
        let mut reports = Vec::new();
        let now = scan.harvested;
        scan.stop(Reason::Interrupted);
        loop {
            match scan.poll(now) {
                Step::Abort(id) => scan.handle(now, id, Outcome::ABORTED),
                Step::Report(report) => reports.push(report),
                Step::Departs { host, .. } => scan.departs(now, host, Departure::Leaves),
                Step::Connect { .. } => panic!("sent after the stop"),
                Step::Wait(_) => {
                    for slot in scan.flight.all() {
                        let id = scan.flight.id(slot);
                        scan.handle(now, id, Outcome::Closed(Ending::IN_ORDER));
                    }
                }
                Step::Done => break,
            }
        }
        self.take(scan, reports);
    }

    fn take(&mut self, scan: &mut Scan, mut reports: Vec<Report>) {
        let plan = scan.plan.clone();
        reports.extend(scan.drain_reports());
        let journal = scan.take_journal();
        for report in reports {
            self.report(report);
        }
        self.sketches.add(&journal, |index| sketch(&plan, index));
        for d in journal.decided {
            let of_host = self.decided.entry(d.host).or_default();
            let fresh = of_host.entry(d.reason).or_default().insert(d.port);
            assert!(fresh, "{d:?} was noted twice");
        }
        self.spent = self.spent.and(scan.spent());
    }

    /// Hosts are done when all parts reported them; of the others, what was noted is known.
    fn known(&self, plan: &Plan) -> Known {
        let done = |index: &u64| {
            (self.hosts.get(index))
                .is_some_and(|(missing, host)| *missing == 0 && !host.is_cut_off())
        };
        let all = self.hosts.keys().filter(|index| done(index));
        let mut known = Known::new(all.map(|&i| (i, i)).collect(), self.spent);
        for (index, (_, host)) in self.hosts.iter().filter(|(index, _)| done(index)) {
            assert_eq!(*index, host.index);
            known.count_done(host, plan);
        }
        for (&index, ports) in self.decided.iter().filter(|(index, _)| !done(index)) {
            let ports: Vec<_> = ports
                .iter()
                .map(|(&reason, ports)| (reason, PortSet::from_ports(ports.iter().copied())))
                .collect();
            let sketch = self.sketches.iter().find(|s| s.index == index);
            let sketch = sketch.cloned().unwrap_or_else(|| self::sketch(plan, index));
            known.add_host(HostReport::restored(&sketch, &ports));
        }
        known
    }
}

fn sketch(plan: &Plan, index: u64) -> Sketch {
    let address = plan.address_of(index).unwrap();
    HostReport::blank(index, address)
}

/// Goes on with so many parts, one after the other, until all is decided; gives what was kept, and the account.
fn go_on(plan: &Arc<Plan>, mut kept: Kept, parts: u32, world: World) -> (Kept, Tally) {
    let known = Arc::new(kept.known(plan));
    kept.hosts.retain(|&index, _| known.is_done(index));
    let mut tallies = vec![known.tally()];
    for index in 0..parts {
        let part = Part::new(index, parts, false);
        let mut scan = Scan::new(plan.clone(), part, System::default()).kept(known.clone());
        kept.play(&mut scan, world, HOUR);
        tallies.push(scan.tally().clone());
    }
    for base in known.hosts() {
        let (missing, host) = kept
            .hosts
            .get_mut(&base.index)
            .expect("each host is reported");
        assert_eq!(*missing, 0, "{:?}", base.address);
        host.merge_earlier(base);
    }
    let tally = Tally::of_scan(plan, &tallies, Reason::Interrupted);
    (kept, tally)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_kept_and_what_a_later_run_finds_are_the_whole_scan(
        seed: u64, millis in 0u64..800, silent in 0u32..40_000, hosts in 1u32..60, parts in 1u32..4, stops: bool,
    ) {
        let target = format!("192.0.2.1-{hosts}");
        let pace = Pace { max_inflight: 50, ..Pace::NORMAL };
        let canaries = vec![20_001, 30_001, 40_001];
        let plan = plan_with(&[&target], "1-200", Settings { seed, pace, canaries, ..settings() });
        let world = World { seed, silent, open: 5000, mute: 20_000, ..World::default() };
        let mut kept = Kept::default();
        let mut first = scan(&plan).kept(Arc::default());
        kept.play(&mut first, world, Duration::from_millis(millis));
        if stops {
            kept.stop(&mut first);
        }
        let (kept, tally) = go_on(&plan, kept, parts, world);
        prop_assert_eq!(kept.ports.len() as u64, plan.planned());
        prop_assert_eq!(kept.hosts.len() as u64, plan.hosts());
        prop_assert!(tally.complete() && tally.balances(), "{tally:?}");
        let mut counts = Counts::default();
        kept.ports.values().for_each(|&reason| counts.add(reason));
        prop_assert_eq!(&tally.counts, &counts);
        let mut of_hosts = Tally::default();
        for (_, host) in kept.hosts.values() {
            prop_assert_eq!(host.ports().len(), 200, "{:?}", host);
            of_hosts.counts.merge(&host.counts);
            of_hosts.graded.merge(&host.graded);
            for port in host.open.iter() {
                prop_assert_eq!(kept.ports[&(host.address, port)], Reason::SynAck);
            }
        }
        prop_assert_eq!(of_hosts.counts, counts);
        prop_assert_eq!(of_hosts.graded, tally.graded);
    }
}

/// A host with 2,000 ports, cut off in the midst of them; how many were decided.
fn cut_off(world: World) -> (Arc<Plan>, Kept, usize) {
    let pace = Pace {
        max_inflight: 50,
        ..Pace::NORMAL
    };
    let plan = plan_with(&["192.0.2.7"], "1-2000", Settings { pace, ..settings() });
    let mut kept = Kept::default();
    let span = Duration::from_millis(30);
    kept.play(&mut scan(&plan).kept(Arc::default()), world, span);
    let before: usize = kept.decided[&0].values().map(BTreeSet::len).sum();
    (plan, kept, before)
}

#[test]
fn a_rejecting_host_that_was_cut_off_keeps_who_rejected() {
    let world = World {
        seed: 3,
        rejected: 65_536,
        ..World::default()
    };
    let (plan, kept, before) = cut_off(world);
    assert!((1..2000).contains(&before), "{before}");
    let (kept, tally) = go_on(&plan, kept, 1, world);
    let host = &kept.hosts[&0].1;
    assert_eq!(host.rejected.len(), 2000);
    assert_eq!(host.rejects.iter().map(|r| r.1).sum::<u32>(), 2000);
    assert_eq!(tally.counts.tested(), 2000);
}

/// A host that answered before it was cut off, and says nothing since, was called filtered.
#[test]
fn silence_of_a_host_that_answered_an_earlier_run_proves_nothing() {
    let world = World {
        seed: 3,
        ..World::default()
    };
    let (plan, kept, before) = cut_off(world);
    assert!((100..1900).contains(&before), "{before}");
    let dropped = World {
        silent: 65_536,
        ..world
    };
    let (_, tally) = go_on(&plan, kept, 1, dropped);
    assert_eq!(tally.counts.of(Reason::NoResponse), 0, "{tally:?}");
    assert_eq!(tally.counts.of(Reason::ConnRefused), before as u64);
    assert!(tally.balances());
}

#[test]
fn numbers_of_hosts_that_are_done_are_joined_whatever_their_order() {
    let known = Known::new(
        vec![(5, 9), (0, 2), (3, 3), (7, 12), (20, 19)],
        Spent::default(),
    );
    let done: Vec<u64> = (0..30).filter(|&n| known.is_done(n)).collect();
    assert_eq!(done, (0..=3).chain(5..=12).collect::<Vec<_>>());
    let last = Known::new(
        vec![(u64::MAX, u64::MAX), (4, u64::MAX - 1)],
        Spent::default(),
    );
    assert!(last.is_done(u64::MAX) && last.is_done(4) && !last.is_done(3));
}

/// Two runs one after the other do not bear the sum of their paces, as two parts at the same time do.
#[test]
fn a_host_that_two_runs_slowed_down_for_bore_the_slower_pace() {
    let address = Address::new([192, 0, 2, 1].into());
    let slowed = |times, per_second| HostReport {
        slowed: Some(Slowed { times, per_second }),
        ..HostReport::blank(0, address)
    };
    let mut parts = slowed(2, 40);
    parts.merge(&slowed(1, 60));
    assert_eq!(parts, slowed(2, 100));
    let mut runs = slowed(2, 40);
    runs.merge_earlier(&slowed(1, 60));
    assert_eq!(runs, slowed(3, 40));
}
