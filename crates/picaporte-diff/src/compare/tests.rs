//! The rules on hosts that are made up, and what must hold for any two scans.

use proptest::prelude::*;

use super::*;
use crate::evidence::{Belief, Reject};
use crate::{Builder, Format, Limits};

fn id(n: u8) -> HostId {
    HostId::Address([192, 0, 2, n].into(), None)
}

/// One scan: for each host what is said of which ports, whether it answered a ping, whether it was left.
type Scan = Vec<(u8, Vec<(Said, u16, u16)>, bool, bool)>;

fn snapshot(scan: &Scan) -> Snapshot {
    let mut builder = Builder::new(Format::JsonLines, "picaporte", &Limits::default());
    for (n, said, sign, left) in scan {
        let id = id(*n);
        builder.mention(&id).unwrap();
        for &(said, first, last) in said {
            builder.say(&id, said, first, last).unwrap();
        }
        if *sign {
            builder.sign_of_life(&id).unwrap();
        }
        if *left {
            builder.left_as_silent(&id).unwrap();
        }
    }
    builder.finish().unwrap()
}

/// One host with these ports on both sides, in short.
fn told(old: &[(Said, u16, u16)], new: &[(Said, u16, u16)]) -> Vec<String> {
    let one = |said: &[(Said, u16, u16)]| snapshot(&vec![(1, said.to_vec(), false, false)]);
    let changes = compare(&one(old), &one(new));
    let ports = changes.hosts.iter().flat_map(|host| &host.ports);
    ports
        .map(|c| format!("{} {}", c.change.name(), c.ports))
        .collect()
}

#[test]
fn ports_change_in_every_way() {
    let old = [
        (Said::Open, 1, 40),
        (Said::Closed, 41, 60),
        (Said::Filtered, 61, 90),
        (Said::Untested, 91, 100),
    ];
    let new = [
        (Said::Open, 1, 10),
        (Said::Closed, 11, 20),
        (Said::Filtered, 21, 30),
        (Said::Untested, 31, 35),
        (Said::Undecided, 36, 38),
        (Said::Open, 41, 50),
        (Said::Filtered, 51, 60),
        (Said::Open, 61, 70),
        (Said::Closed, 71, 80),
        (Said::Filtered, 81, 90),
        (Said::Undecided, 91, 95),
        (Said::Open, 96, 97),
        (Said::Closed, 200, 200),
    ];
    assert_eq!(
        told(&old, &new),
        [
            "opened 41-50",
            "opened 61-70",
            "closed 11-20",
            "became-filtered 21-30",
            "became-filtered 51-60",
            "became-reachable 71-80",
            "not-comparable 31-35",
            "not-comparable 36-38",
            "not-comparable 39-40",
            "not-comparable 96-97",
            "not-comparable 200",
        ]
    );
}

#[test]
fn a_host_that_was_not_tested_has_not_vanished() {
    let old = snapshot(&vec![(1, vec![(Said::Open, 22, 22)], false, false)]);
    for new in [
        snapshot(&vec![]),
        snapshot(&vec![(1, vec![(Said::Untested, 1, 100)], false, false)]),
        snapshot(&vec![(1, vec![(Said::Filtered, 80, 80)], false, false)]),
        snapshot(&vec![(1, vec![], false, false)]),
    ] {
        let changes = compare(&old, &new);
        assert_eq!(changes.counts.disappeared, 0);
        assert!(changes.hosts[0].only_not_comparable());
        assert_eq!(
            changes.counts.of(Change::NotComparable).ports,
            changes.hosts[0]
                .ports
                .iter()
                .map(|c| u64::from(c.ports.len()))
                .sum::<u64>()
        );
    }
}

#[test]
fn a_host_vanishes_where_it_was_asked_what_it_answered() {
    let alive = (
        1,
        vec![(Said::Open, 22, 22), (Said::Closed, 80, 80)],
        false,
        false,
    );
    let silent = (
        1,
        vec![(Said::Filtered, 22, 22), (Said::Untested, 80, 80)],
        false,
        false,
    );
    let left = (1, vec![(Said::Untested, 22, 80)], false, true);
    for gone in [silent, left] {
        let (old, new) = (snapshot(&vec![alive.clone()]), snapshot(&vec![gone]));
        assert_eq!(
            compare(&old, &new).hosts[0].presence,
            Some(Presence::Disappeared)
        );
        assert_eq!(
            compare(&new, &old).hosts[0].presence,
            Some(Presence::Appeared)
        );
    }
}

#[test]
fn what_a_ping_showed_is_not_held_against_ports() {
    let filtered = |sign, left| snapshot(&vec![(1, vec![(Said::Filtered, 22, 22)], sign, left)]);
    assert!(compare(&filtered(true, false), &filtered(false, false)).is_empty());
    let gone = compare(&filtered(true, false), &filtered(false, true));
    assert_eq!(
        (gone.hosts[0].presence, gone.counts.disappeared),
        (Some(Presence::Disappeared), 1)
    );
}

#[test]
fn ports_of_a_host_that_was_left_are_told_with_it() {
    let old = snapshot(&vec![(1, vec![(Said::Untested, 1, 80)], false, true)]);
    let new = snapshot(&vec![(
        1,
        vec![(Said::Open, 22, 22), (Said::Closed, 23, 81)],
        false,
        false,
    )]);
    let changes = compare(&old, &new);
    let short = |c: &PortChange| format!("{} {} {}", c.change.name(), c.new.name(), c.ports);
    let ports: Vec<_> = changes.hosts[0].ports.iter().map(short).collect();
    assert_eq!(
        ports,
        [
            "appeared open 22",
            "appeared closed 23-80",
            "not-comparable closed 81"
        ]
    );
}

#[test]
fn evidence_is_compared_where_both_tell_it() {
    let side = |belief, rejects: &[u8], filtered: (u16, u16)| {
        let mut builder = Builder::new(Format::JsonLines, "picaporte", &Limits::default());
        builder.say(&id(1), Said::Open, 20, 29).unwrap();
        builder
            .say(&id(1), Said::Filtered, filtered.0, filtered.1)
            .unwrap();
        let evidence = Evidence {
            belief,
            ..Evidence::default()
        };
        builder.prove(&id(1), 22, 24, evidence).unwrap();
        builder
            .prove(
                &id(1),
                100,
                120,
                Evidence {
                    icmp: Some((3, rejects[0])),
                    ..Evidence::default()
                },
            )
            .unwrap();
        let reject = |&code| Reject {
            from: None,
            kind: 3,
            code,
        };
        builder.rejects(&id(1), rejects.iter().map(reject)).unwrap();
        builder.finish().unwrap()
    };
    let old = side(Some(Belief::Confirmed), &[13], (100, 110));
    let new = side(Some(Belief::Suspect), &[10], (105, 110));
    let changes = compare(&old, &new);
    let host = &changes.hosts[0];
    let short: Vec<_> = host
        .evidence
        .iter()
        .map(|c| format!("{} {}", c.state.name(), c.ports))
        .collect();
    assert_eq!(short, ["open 22-24", "filtered 105-110"]);
    assert_eq!(
        (changes.counts.evidence.ports, changes.counts.proved.ports),
        (9, 9)
    );
    // Other ports are filtered than before: that others reject is no news.
    assert_eq!(host.rejects, None);
    let same = side(Some(Belief::Suspect), &[10], (100, 110));
    assert!(compare(&old, &same).hosts[0].rejects.is_some());
    let untold = side(None, &[13], (100, 110));
    assert!(compare(&old, &untold).is_empty());
}

#[test]
fn overlaps_are_where_both_lists_are() {
    let old = [(1, 10, 0), (20, 30, 1), (65_535, 65_535, 0)];
    let new = [(5, 22, 7), (23, 23, 8), (40, 65_535, 9)];
    assert_eq!(
        overlaps(&old, &new),
        [
            (5, 10, 0, 7),
            (20, 22, 1, 7),
            (23, 23, 1, 8),
            (65_535, 65_535, 0, 9)
        ]
    );
}

fn scan() -> impl Strategy<Value = Scan> {
    let said = (0_usize..Said::KNOWN.len(), 1_u16..30, 0_u16..12);
    let said = said.prop_map(|(said, first, more)| (Said::KNOWN[said], first, first + more));
    let ports = proptest::collection::vec(said, 0..6);
    proptest::collection::vec((0_u8..5, ports, any::<bool>(), any::<bool>()), 0..6)
}

/// What is told of a host: whether it came or went, and what each side says of which ports.
type Told = (HostId, Option<Presence>, Vec<(Said, Said, PortSet)>);

/// A change seen from the other side.
fn mirrored(changes: &Changes) -> Vec<Told> {
    let presence = |presence| match presence {
        Presence::Appeared => Presence::Disappeared,
        Presence::Disappeared => Presence::Appeared,
    };
    let host = |host: &HostChanges| {
        let mut ports: Vec<_> = host
            .ports
            .iter()
            .map(|c| (c.new, c.old, c.ports.clone()))
            .collect();
        ports.sort();
        (host.id.clone(), host.presence.map(presence), ports)
    };
    changes.hosts.iter().map(host).collect()
}

fn plain(changes: &Changes) -> Vec<Told> {
    let host = |host: &HostChanges| {
        let mut ports: Vec<_> = host
            .ports
            .iter()
            .map(|c| (c.old, c.new, c.ports.clone()))
            .collect();
        ports.sort();
        (host.id.clone(), host.presence, ports)
    };
    changes.hosts.iter().map(host).collect()
}

proptest! {
    #[test]
    fn a_scan_is_the_same_as_itself(scan in scan()) {
        let scan = snapshot(&scan);
        let changes = compare(&scan, &scan);
        prop_assert!(changes.is_empty(), "{changes:?}");
        prop_assert_eq!(Change::ALL.map(|change| changes.counts.of(change).ports).iter().sum::<u64>(), 0);
    }

    #[test]
    fn swapped_sides_mirror(old in scan(), new in scan()) {
        let (old, new) = (snapshot(&old), snapshot(&new));
        let (there, back) = (compare(&old, &new), compare(&new, &old));
        prop_assert_eq!(mirrored(&there), plain(&back));
        prop_assert_eq!(there.counts.same, back.counts.same);
        prop_assert_eq!(there.counts.unknown, back.counts.unknown);
    }

    #[test]
    fn every_port_is_accounted_for(old in scan(), new in scan()) {
        let (old, new) = (snapshot(&old), snapshot(&new));
        let changes = compare(&old, &new);
        let ids: BTreeSet<_> = old.hosts().chain(new.hosts()).map(|(id, _)| id).collect();
        let mentioned = |snapshot: &Snapshot, id| snapshot.host(id).map(Host::mentioned).unwrap_or_default();
        let all: u64 = ids.into_iter().map(|id| u64::from(mentioned(&old, id).union(&mentioned(&new, id)).len())).sum();
        let counts = &changes.counts;
        let changed: u64 = Change::ALL.map(|change| counts.of(change).ports).iter().sum();
        prop_assert_eq!(changed + counts.same.ports + counts.unknown.ports, all);
    }

    #[test]
    fn one_port_changes_as_the_rule_says(old in 0_usize..6, new in 0_usize..6) {
        let (old, new) = (Said::ALL[old], Said::ALL[new]);
        let side = |said| snapshot(&vec![(1, vec![(said, 7, 7)], false, false)]);
        let changes = compare(&side(old), &side(new));
        let told = changes.hosts.first().map(|host| (host.ports[0].change, host.presence));
        let presence = changes.hosts.first().and_then(|host| host.presence);
        prop_assert_eq!(told.map(|(change, _)| change), change(old, new, presence));
        // A port that only one side knows has changed in no way.
        if old.is_verdict() != new.is_verdict() {
            prop_assert_eq!(told, Some((Change::NotComparable, None)));
        }
    }
}

/// A scan of one host with these services, on ports that are open.
fn listening(scanner: &str, services: &[(u16, [&str; 3])]) -> Snapshot {
    let mut builder = Builder::new(Format::JsonLines, scanner, &Limits::default());
    builder.say(&id(1), Said::Open, 20, 30).unwrap();
    for (port, texts) in services {
        let [name, product, version] = texts.map(Service::text);
        let service = Service {
            name,
            product,
            version,
            ..Service::default()
        };
        builder.listens(&id(1), *port, service).unwrap();
    }
    builder.finish().unwrap()
}

#[test]
fn another_service_on_a_port_that_is_open_in_both_is_a_change() {
    let old = listening(
        "picaporte",
        &[
            (22, ["ssh", "OpenSSH", "9.2p1"]),
            (23, ["ssh", "OpenSSH", "9.2p1"]),
            (25, ["smtp", "", ""]),
        ],
    );
    let new = listening(
        "picaporte",
        &[
            (22, ["ssh", "OpenSSH", "9.6p1"]),
            (23, ["ssh", "OpenSSH", "9.6p1"]),
            (25, ["smtp", "Postfix", ""]),
            (26, ["ssh", "", ""]),
        ],
    );
    let changes = compare(&old, &new);
    let [change] = &changes.hosts[0].services[..] else {
        panic!("{changes:?}");
    };
    assert_eq!(change.ports.to_string(), "22-23");
    assert_eq!(change.new.version.as_deref(), Some("9.6p1"));
    assert_eq!(
        (changes.counts.services.ports, changes.counts.services.hosts),
        (2, 1)
    );
    assert!(!changes.is_empty() && !changes.hosts[0].only_not_comparable());
    assert!(compare(&new, &new).is_empty());
    let nmap = listening("nmap", &[(22, ["ssh", "OpenSSH", "9.2p1 Debian 2"])]);
    assert!(compare(&old, &nmap).is_empty(), "other words for the same");
}

#[test]
fn a_service_of_a_port_that_is_not_open_any_more_is_no_change_of_its_own() {
    let mut builder = Builder::new(Format::JsonLines, "picaporte", &Limits::default());
    builder.say(&id(1), Said::Closed, 22, 22).unwrap();
    builder
        .listens(
            &id(1),
            22,
            Service {
                name: Service::text("http"),
                ..Service::default()
            },
        )
        .unwrap();
    let new = builder.finish().unwrap();
    let old = listening("picaporte", &[(22, ["ssh", "", ""])]);
    assert!(compare(&old, &new).hosts[0].services.is_empty());
}
