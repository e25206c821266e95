//! A plan held to a scope: nothing is lost, and nothing outside is handed out.

use super::*;
use crate::scope::{Limits, Scope};

fn scope(allowed: &[&str], excluded: &[&str]) -> Scope {
    let ranges = |texts: &[&str]| -> Vec<AddressRange> {
        let of = |text: &&str| match target(text).what {
            What::One(address) => vec![address.range()],
            What::Many(ranges) => ranges,
            What::Name(name) => panic!("{name}"),
        };
        texts.iter().flat_map(of).collect()
    };
    Scope::new(ranges(allowed), ranges(excluded))
}

#[test]
fn a_wide_plan_in_a_narrow_scope_is_narrow() {
    let scope = scope(&["10.20.30.0/24"], &["10.20.30.7"]);
    let plan = plan(&["10.0.0.0/8"], "1-1000").unwrap().within(&scope);
    assert_eq!((plan.hosts(), plan.planned_addresses()), (255, 255_000));
    assert_eq!(plan.outside_hosts(), (1 << 24) - 255);
    assert_eq!(plan.planned(), 1000 << 24);
    let ranges: Vec<String> = plan
        .outside_ranges()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        ranges,
        [
            "10.0.0.0-10.20.29.255",
            "10.20.30.7",
            "10.20.31.0-10.255.255.255"
        ]
    );
}

#[test]
fn nothing_is_left_of_a_plan_outside_and_it_is_still_planned() {
    let plan = plan(&["192.0.2.0/30"], "80-81")
        .unwrap()
        .within(&Scope::default());
    assert_eq!((plan.hosts(), plan.outside(), plan.planned()), (0, 8, 8));
    assert!(pairs(&plan).is_empty());
    assert_eq!(plan.outside_host(4), None);
}

#[test]
fn a_host_of_which_some_ports_are_outside_keeps_the_others() {
    let scope = scope(&["192.0.2.0/31"], &[]).with_ports(ports("1-80"));
    let plan = plan(
        &["192.0.2.0/31:80,443", "192.0.2.2:80", "192.0.2.1:8443"],
        "1",
    )
    .unwrap();
    let plan = plan.within(&scope);
    assert_eq!(pairs(&plan).len(), 2);
    assert_eq!(plan.outside_ports_of(0).to_string(), "443");
    assert_eq!(plan.outside_ports_of(1).to_string(), "443,8443");
    assert_eq!(plan.outside_ports_of(2), PortSet::default());
    assert_eq!(
        (plan.outside_hosts(), plan.outside(), plan.planned()),
        (1, 4, 6)
    );
}

#[test]
fn what_is_asked_beside_the_plan_is_held_to_the_scope_too() {
    let settings = Settings {
        discover: vec![80, 443, 22],
        canaries: vec![1, 50_000],
        ..Settings::default()
    };
    let plan = plan(&["192.0.2.0/30"], "80").unwrap();
    let plan = plan.with_settings(settings).unwrap();
    let limits = Limits {
        host_rate: Some(9),
        ..Limits::default()
    };
    let scope = scope(&["192.0.2.0/24"], &[])
        .with_ports(ports("22-100"))
        .with_limits(limits);
    assert!(!plan.is_within(&scope));
    let plan = plan.within(&scope);
    assert!(plan.is_within(&scope));
    assert_eq!(plan.settings().discover, [80, 22]);
    assert!(plan.settings().canaries.is_empty());
    assert_eq!(plan.settings().pace.host_rate, Some(9));
}

proptest! {
    #[test]
    fn what_is_asked_is_what_was_planned_and_allowed(
        asked in proptest::collection::vec((0u8..60, 0u8..20, 1u16..30, 0u16..5), 1..8),
        allowed in proptest::collection::vec((0u8..60, 0u8..30), 0..4),
        excluded in proptest::collection::vec((0u8..60, 0u8..6), 0..4),
        may in (1u16..30, 0u16..30),
        shards in 1u32..4,
        twice: bool,
    ) {
        let ip = |n: u8| std::net::IpAddr::from([192, 0, 2, n]);
        let range = |f: u8, n: u8| AddressRange::new(ip(f), ip(f + n)).unwrap();
        let ranges = |all: &[(u8, u8)]| all.iter().map(|&(f, n)| range(f, n)).collect::<Vec<_>>();
        let scope = Scope::new(ranges(&allowed), ranges(&excluded))
            .with_ports(PortSet::from_ranges(vec![(may.0, may.0 + may.1)]));
        let mut asked_for = Vec::new();
        let (mut inside, mut outside, mut planned) = (BTreeSet::new(), BTreeSet::new(), 0);
        for index in 1..=shards {
            let mut builder = Plan::builder(PortSet::default());
            builder.settings(Settings { shard: Shard::new(index, shards).unwrap(), ..Settings::default() });
            for &(f, n, p, k) in &asked {
                let ports = PortSet::from_ranges(vec![(p, p + k)]);
                builder.target(&Target { what: What::Many(vec![range(f, n)]), ports: Some(ports) }).unwrap();
            }
            let whole = builder.build().unwrap();
            let mut plan = whole.clone().within(&scope);
            if twice {
                plan = plan.within(&scope);
            }
            prop_assert!(plan.is_within(&scope));
            prop_assert_eq!(plan.planned_addresses() as usize, pairs(&plan).len());
            for pair in pairs(&plan) {
                prop_assert!(inside.insert(pair), "{:?} twice", pair);
            }
            let mut told = plan.outside_hosts();
            for n in 0..plan.outside_hosts() {
                let (address, ports) = plan.outside_host(n).unwrap();
                told -= 1;
                outside.extend(ports.iter().map(|port| (address, port)));
            }
            prop_assert_eq!((told, plan.outside_host(plan.outside_hosts())), (0, None));
            for index in 0..plan.hosts() {
                let asked = plan.ports_of(index).union(&plan.outside_ports_of(index));
                prop_assert!(!plan.ports_of(index).is_empty() && !asked.is_empty());
            }
            planned += plan.planned();
            asked_for = whole.pairs().collect();
            let mut all: Vec<_> = plan.pairs().collect();
            all.sort_unstable();
            prop_assert_eq!(&all, &asked_for, "the same pairs are planned");
        }
        prop_assert_eq!(planned as usize, asked_for.len());
        for pair in &asked_for {
            prop_assert_eq!(inside.contains(pair), scope.allows(pair.0, pair.1));
            prop_assert_eq!(outside.contains(pair), !scope.holds(pair.0) || outside.contains(pair));
            prop_assert!(!(inside.contains(pair) && outside.contains(pair)));
        }
    }
}
