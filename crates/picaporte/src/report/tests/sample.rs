//! Scans that never were: a small one made by hand that holds every case, and simulated ones.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use picaporte_core::block::Part;
use picaporte_core::scan::{HostReport, Slowed, System};
use picaporte_core::sim::{self, Event, World};
use picaporte_core::tally::{Counts, Outages, Tally};
use picaporte_core::target::{NoLookup, Target};
use picaporte_core::timing::Loss;
use picaporte_core::verdict::States;
use picaporte_core::{
    Address, Close, Evidence, Grade, Graded, Icmp, Instant, Options, Peer, Plan, PortSet, Reason,
    Report, Scan, Settings, State, Step, Suspicion, Verdict,
};
use picaporte_engine::{Account, Finding};
use picaporte_store::Who;
use proptest::prelude::*;

use super::super::{Header, Trailer};

/// Everything that a report is handed, in order.
pub(in super::super) struct Sample {
    pub(in super::super) header: Header,
    pub(in super::super) findings: Vec<Finding>,
    pub(in super::super) trailer: Trailer,
}

impl Sample {
    /// The same, but for the accounts of its hosts, which never come.
    pub(in super::super) fn without_hosts(mut self) -> Self {
        let findings = &mut self.findings;
        findings.retain(|finding| !matches!(finding, Finding::Host(_)));
        self
    }

    /// The same, of hosts that answer everything where they have an open port.
    pub(in super::super) fn answering_everything(mut self) -> Self {
        for finding in &mut self.findings {
            if let Finding::Host(host) = finding {
                host.answers_everything = !host.open.is_empty();
            }
        }
        self
    }
}

pub(in super::super) fn address(text: &str) -> Address {
    match text.split_once('%') {
        None => Address::new(text.parse().unwrap()),
        Some((ip, scope)) => Address {
            ip: ip.parse().unwrap(),
            scope: scope.parse().unwrap(),
        },
    }
}

pub(in super::super) fn header(plan: Plan) -> Header {
    Header {
        id: "01JGFJJZ00000000000000SCAN".to_owned(),
        version: "0.1.0".into(),
        started: "2026-01-01T00:00:00Z".parse().unwrap(),
        args: vec!["scan".to_owned(), "www.example.org".to_owned()],
        plan: Arc::new(plan),
        zones: BTreeMap::from([(2, "eth0".to_owned())]),
        scope: None,
        reverse: super::super::Reverse::default(),
        identified: crate::report::Identified::default(),
        from: Some(Who {
            user: "auditor".to_owned(),
            machine: "probe-1".to_owned(),
            source: None,
            ..Who::default()
        }),
    }
}

/// What a Linux server says of itself over Ethernet.
const PEER: Peer = Peer {
    options: Some(Options::from_bits(7)),
    window_scale: Some(7),
    mss: Some(1_448),
    window: Some(65_160),
};

pub(in super::super) fn verdict(
    address: Address,
    port: u16,
    reason: Reason,
    at_ms: u64,
) -> Verdict {
    let asked = reason.state() != State::Untested;
    let answered = asked && reason != Reason::NoResponse;
    Verdict {
        address,
        port,
        reason,
        rtt: answered.then_some(picaporte_core::Duration::from_micros(212)),
        attempts: u8::from(asked),
        at: Instant::ZERO + picaporte_core::Duration::from_millis(at_ms),
        evidence: Evidence {
            close: (reason == Reason::SynAck).then_some(Close::Fin),
            grade: (reason == Reason::SynAck).then_some(Grade::Confirmed),
            peer: (reason == Reason::SynAck).then_some(PEER),
            ..Evidence::default()
        },
    }
}

pub(in super::super) fn host(verdicts: &[Verdict]) -> Finding {
    Finding::Host(Box::new(host_report(verdicts)))
}

pub(in super::super) fn host_report(verdicts: &[Verdict]) -> HostReport {
    let mut counts = Counts::default();
    for verdict in verdicts {
        counts.add(verdict.reason);
    }
    let no_response = counts.of(Reason::NoResponse);
    let ports = |state| {
        let those = verdicts.iter().filter(|v| v.state() == state);
        PortSet::from_ports(those.map(|v| v.port))
    };
    let mut graded = Graded::default();
    for verdict in verdicts {
        graded.add(verdict.evidence.grade);
    }
    let rejected = verdicts.iter().filter(|v| v.evidence.icmp.is_some());
    HostReport {
        index: 0,
        address: verdicts[0].address,
        parts: 1,
        counts,
        answers_everything: false,
        graded,
        open: ports(State::Open),
        closed: ports(State::Closed),
        filtered: ports(State::Filtered),
        untested: ports(State::Untested),
        rejected: PortSet::from_ports(rejected.map(|v| v.port)),
        first_rejected: 0,
        rejects: verdicts
            .iter()
            .filter_map(|v| Some((v.evidence.icmp?, 1)))
            .collect(),
        slowed: (no_response == 1).then_some(Slowed {
            times: 2,
            per_second: 80,
        }),
    }
}

/// Interrupted: open, closed, filtered and untested ports, both families, a zone, names, ICMP
/// errors, a name without an address, a host that was never begun.
pub(in super::super) fn interrupted(show: States) -> Sample {
    let settings = Settings {
        seed: 7,
        show,
        ..Settings::default()
    };
    let plan = plan(settings);
    let mut findings = Vec::new();
    for verdicts in hosts() {
        for verdict in &verdicts {
            let Verdict { address, port, .. } = *verdict;
            if verdict.state() == State::Open {
                findings.push(Finding::Opened { address, port });
            }
            if show.contains(verdict.state()) {
                findings.push(Finding::Port(*verdict));
            }
        }
        findings.push(host(&verdicts));
    }
    let account = account(&plan, hosts().iter().flatten());
    findings.push(Finding::End(account.clone()));
    Sample {
        header: header(plan),
        findings,
        trailer: Trailer {
            finished: "2026-01-01T00:00:01.25Z".parse().unwrap(),
            account,
            sampled: None,
            reverse: None,
            identified: None,
            kept: None,
        },
    }
}

fn plan(settings: Settings) -> Plan {
    let mut plan = Plan::builder(PortSet::from_ports([22, 23, 80, 443]));
    plan.settings(settings);
    for name in ["www.example.org", "example.org"] {
        plan.name(name, &[address("192.0.2.7")], None).unwrap();
    }
    plan.name("nope.example", &[], None).unwrap();
    for range in [
        "203.0.113.1-3",
        "198.51.100.9-10",
        "2001:db8::5-2001:db8::6",
    ] {
        plan.target(&Target::parse(range, &NoLookup).unwrap())
            .unwrap();
    }
    plan.name("router.example", &[address("fe80::7%2")], None)
        .unwrap();
    plan.build().unwrap()
}

fn hosts() -> Vec<Vec<Verdict>> {
    use Reason::{
        AdminProhibited, ConnRefused, HostUnreach, Interrupted, LocalLimit, NoResponse, SynAck,
    };
    let ports = [443, 22, 80, 23];
    let whole = |text: &str, reasons: [Reason; 4], at| -> Vec<Verdict> {
        let each = ports.into_iter().zip(reasons);
        each.map(|(port, reason)| verdict(address(text), port, reason, at))
            .collect()
    };
    let mut web = whole(
        "192.0.2.7",
        [SynAck, SynAck, AdminProhibited, ConnRefused],
        100,
    );
    web[0].evidence.close = Some(Close::Reset);
    web[1].evidence.grade = Some(Grade::Suspect(Suspicion::NoOptionsNoWindow));
    web[1].evidence.peer = Some(Peer {
        options: Some(Options::NONE),
        window_scale: None,
        mss: Some(536),
        window: Some(0),
    });
    web[2].evidence.icmp = Some(icmp(false, 3, 13, "192.0.2.1"));
    let mut router = whole(
        "fe80::7%2",
        [AdminProhibited, SynAck, ConnRefused, NoResponse],
        200,
    );
    router[0].evidence.icmp = Some(icmp(true, 1, 1, "fe80::1%2"));
    router[1].evidence.grade = Some(Grade::HandshakeOnly);
    router[3].attempts = 3;
    router[3].evidence.retransmits = 2;
    let mut absent = whole("198.51.100.9", [HostUnreach; 4], 300);
    for verdict in &mut absent {
        verdict.rtt = None;
        verdict.evidence.neighbour = true;
    }
    let mut elsewhere = whole(
        "2001:db8::5",
        [LocalLimit, NoResponse, ConnRefused, Interrupted],
        1_200,
    );
    elsewhere[2].evidence.ambiguous = true;
    vec![
        web,
        whole("203.0.113.1", [ConnRefused; 4], 150),
        router,
        whole("203.0.113.2", [ConnRefused; 4], 160),
        absent,
        whole("198.51.100.10", [NoResponse; 4], 1_000),
        elsewhere,
        whole("2001:db8::6", [Interrupted; 4], 1_200),
    ]
}

pub(in super::super) fn icmp(v6: bool, kind: u8, code: u8, from: &str) -> Icmp {
    Icmp {
        v6,
        kind,
        code,
        from: Some(address(from)),
    }
}

/// The account of a scan that was interrupted with these verdicts.
pub(in super::super) fn account<'a>(
    plan: &Plan,
    verdicts: impl Iterator<Item = &'a Verdict>,
) -> Account {
    let mut part = Tally {
        attempts: 40,
        outages: Some(Outages {
            times: 2,
            silent: picaporte_core::Duration::from_millis(4_120),
            per_second: Some(334),
        }),
        ..Tally::default()
    };
    for verdict in verdicts {
        part.planned += 1;
        part.counts.add(verdict.reason);
        part.graded.add(verdict.evidence.grade);
    }
    Account {
        tally: Tally::of_scan(plan, [&part], Reason::Interrupted),
        elapsed: Duration::from_millis(1_250),
        loss: Loss {
            asked: 400,
            lost: 6,
        },
        interrupted: true,
        stopped: Some(Reason::Interrupted),
        failed_threads: 0,
    }
}

/// A network of any kind, and when its scan is stopped.
pub(in super::super) fn any_world()
-> impl Strategy<Value = (World, Option<picaporte_core::Duration>)> {
    let shares = (0_u32..30_000, 0_u32..20_000, 0_u32..20_000, 0_u32..20_000);
    let limit = proptest::option::of(1_u64..2_000);
    (any::<u64>(), shares, limit).prop_map(|(seed, (dead, open, silent, rejected), limit)| {
        let world = World {
            seed,
            dead,
            open,
            silent,
            rejected,
            ..World::default()
        };
        (world, limit.map(picaporte_core::Duration::from_millis))
    })
}

/// A scan that ran in the simulator, with every port listed.
pub(in super::super) fn simulated(
    world: &World,
    limit: Option<picaporte_core::Duration>,
) -> Sample {
    let mut plan = Plan::builder(PortSet::from_ranges(vec![(1, 40)]));
    plan.settings(Settings {
        seed: world.seed,
        show: States::ALL,
        max_time: limit,
        ..Settings::default()
    });
    plan.target(&Target::parse("192.0.2.0/26", &NoLookup).unwrap())
        .unwrap();
    plan.name("nope.example", &[], None).unwrap();
    let plan = Arc::new(plan.build().unwrap());
    let mut scan = Scan::new(plan.clone(), Part::WHOLE, System::default());
    let mut findings = Vec::new();
    let run = sim::run(
        &mut scan,
        *world,
        picaporte_core::Duration::from_secs(600),
        &mut |event| {
            if let Event::Step(_, Step::Report(report)) = event {
                findings.push(match report.clone() {
                    Report::Opened { address, port } => Finding::Opened { address, port },
                    Report::Port(verdict) => Finding::Port(verdict),
                    Report::Host(host) => Finding::Host(host),
                });
            }
        },
    );
    let account = Account {
        tally: Tally::of_scan(&plan, [scan.tally()], Reason::TimeLimit),
        elapsed: run.elapsed.into(),
        loss: scan.loss(),
        interrupted: false,
        stopped: None,
        failed_threads: 0,
    };
    let header = Header {
        plan,
        ..header(self::plan(Settings::default()))
    };
    let trailer = Trailer {
        finished: header.started,
        account,
        sampled: None,
        reverse: None,
        identified: None,
        kept: None,
    };
    Sample {
        header,
        findings,
        trailer,
    }
}
