use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::block::Part;
use crate::cursor::Cursor;
use crate::target::NoLookup;

mod parts;
mod within;

fn target(text: &str) -> Target {
    Target::parse(text, &NoLookup).unwrap()
}

fn ports(text: &str) -> PortSet {
    PortSet::parse(text, &|_| None).unwrap()
}

fn plan(targets: &[&str], p: &str) -> Result<Plan, PlanError> {
    let mut builder = Plan::builder(ports(p));
    for text in targets {
        builder.target(&target(text))?;
    }
    builder.build()
}

/// Every pair of a plan, as the cursor and its blocks list them.
fn pairs(plan: &Plan) -> Vec<(Address, u16)> {
    let mut out = Vec::new();
    let mut cursor = Cursor::new(plan);
    while let Some(block) = cursor.next_block() {
        for host in Part::WHOLE.hosts(plan, block) {
            for j in 0..host.count {
                out.push((
                    host.address,
                    plan.lists[host.list as usize][host.rank(j) as usize],
                ));
            }
        }
    }
    out
}

#[test]
fn overlaps_count_once() {
    let plan = plan(
        &[
            "192.0.2.0/30",
            "192.0.2.2:80,443",
            "192.0.2.3-9",
            "192.0.2.2",
        ],
        "22,80",
    )
    .unwrap();
    assert_eq!(plan.hosts(), 10);
    assert_eq!(plan.planned(), 21);
    assert!(plan.contains("192.0.2.2".parse::<std::net::IpAddr>().unwrap().into(), 443));
    assert!(!plan.contains("192.0.2.3".parse::<std::net::IpAddr>().unwrap().into(), 443));
}

#[test]
fn what_is_never_scanned_is_skipped_in_ranges_and_refused_by_name() {
    let p = plan(&["223.255.255.254-224.0.0.9"], "80").unwrap();
    assert_eq!(p.hosts(), 2);
    assert_eq!(
        p.skipped()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        ["224.0.0.0-224.0.0.9"]
    );
    let error = plan(&["224.0.0.1"], "80").unwrap_err();
    assert!(error.to_string().contains("'224.0.0.1'"), "{error}");
    assert_eq!(
        plan(&["224.0.0.0/8"], "80").unwrap_err(),
        PlanError::NothingLeft
    );
    let mut builder = Plan::builder(ports("80"));
    builder.never([std::net::IpAddr::from([192, 0, 2, 255]).into()]);
    assert!(builder.target(&target("192.0.2.255")).is_err());
    builder.target(&target("192.0.2.0/24")).unwrap();
    assert_eq!(builder.build().unwrap().hosts(), 255);
}

#[test]
fn bounds_are_told() {
    assert_eq!(plan(&[], "80").unwrap_err(), PlanError::NoTarget);
    let error = plan(&["2001:db8::/64"], "80").unwrap_err();
    assert_eq!(error, PlanError::TooMany(1 << 64));
    // 2^53 exactly still fits.
    assert_eq!(
        plan(&["2001:db8::/75"], "80").unwrap().planned(),
        MAX_PROBES
    );
    assert!(plan(&["2001:db8::/75", "192.0.2.1"], "80").is_err());
    assert!(matches!(plan(&["::/0"], "-"), Err(PlanError::TooMany(_))));
}

#[test]
fn a_zone_is_a_line_of_its_own() {
    let zoned = Address {
        ip: "fe80::1".parse().unwrap(),
        scope: 3,
    };
    let mut builder = Plan::builder(ports("80"));
    builder
        .target(&Target {
            what: What::One(zoned),
            ports: None,
        })
        .unwrap();
    builder.target(&target("fe80::1")).unwrap();
    assert_eq!(builder.clone().build().unwrap().hosts(), 2);
    // Without a zone, an exclusion holds in every zone.
    builder.exclude([Address::new("fe80::1".parse().unwrap()).range()]);
    assert_eq!(builder.build().unwrap_err(), PlanError::NothingLeft);
}

#[test]
fn names_are_kept_as_a_list() {
    let mut builder = Plan::builder(ports("80"));
    let a = Address::new("192.0.2.1".parse().unwrap());
    builder.name("a.example", &[a], None).unwrap();
    builder
        .name("b.example", &[a], Some(&ports("443")))
        .unwrap();
    builder.name("c.example", &[], None).unwrap();
    builder.name("c.example", &[], None).unwrap();
    let plan = builder.build().unwrap();
    assert_eq!(
        plan.names(a).iter().map(|n| &**n).collect::<Vec<_>>(),
        ["a.example", "b.example"]
    );
    assert_eq!(plan.planned(), 3);
    assert_eq!(plan.unresolved().len(), 1);
}

#[test]
fn only_unresolved_names_leave_nothing() {
    let mut builder = Plan::builder(ports("80"));
    builder.name("c.example", &[], None).unwrap();
    assert_eq!(builder.build().unwrap_err(), PlanError::NothingLeft);
}

#[test]
fn a_million_scattered_addresses_are_planned() {
    let mut builder = Plan::builder(ports("80"));
    for n in 0..1_000_000u32 {
        let ip = std::net::Ipv4Addr::from_bits(0x0a00_0000 + n * 3);
        builder
            .target(&Target {
                what: What::One(Address::new(ip.into())),
                ports: None,
            })
            .unwrap();
    }
    assert_eq!(builder.build().unwrap().planned(), 1_000_000);
}

proptest! {
    #[test]
    fn a_plan_is_the_set_it_was_asked_for(
        asked in proptest::collection::vec((0u8..60, 0u8..20, 1u16..30, 0u16..5), 1..12),
        excluded in proptest::collection::vec((0u8..60, 0u8..6), 0..4),
        no_port in 1u16..30,
        seed: u64,
    ) {
        let ip = |n: u8| std::net::IpAddr::from([192, 0, 2, n]);
        let range = |f: u8, n: u8| AddressRange::new(ip(f), ip(f + n)).unwrap();
        let mut builder = Plan::builder(PortSet::default());
        builder.settings(Settings { seed, ..Settings::default() });
        let mut want = BTreeSet::new();
        for &(f, n, p, k) in &asked {
            let ports = PortSet::from_ranges(vec![(p, p + k)]);
            builder.target(&Target { what: What::Many(vec![range(f, n)]), ports: Some(ports.clone()) }).unwrap();
            want.extend((f..=f + n).flat_map(|h| ports.iter().map(move |p| (Address::new(ip(h)), p)).collect::<Vec<_>>()));
        }
        for &(f, n) in &excluded {
            builder.exclude([range(f, n)]);
            want.retain(|(a, _)| !range(f, n).overlaps(&a.range()));
        }
        builder.exclude_ports(&PortSet::from_ports([no_port]));
        want.retain(|&(_, p)| p != no_port);
        match builder.build() {
            Err(error) => prop_assert!(want.is_empty() && error == PlanError::NothingLeft),
            Ok(plan) => {
                let got = pairs(&plan);
                prop_assert_eq!(got.len() as u64, plan.planned());
                prop_assert_eq!(got.len(), want.len());
                prop_assert_eq!(got.into_iter().collect::<BTreeSet<_>>(), want);
            }
        }
    }

    #[test]
    fn shards_and_parts_are_disjoint_and_whole(
        hosts in 1u32..9000,
        few in 1u16..7,
        many: bool,
        shards in 1u32..5,
        threads in 1u32..5,
        by_host: bool,
        seed: u64,
    ) {
        // So many ports that hosts are split.
        let (hosts, ports) = if many { (hosts / 100 + 1, few * 60) } else { (hosts, few) };
        let range = AddressRange::new(
            std::net::Ipv4Addr::from_bits(0x0a00_0000).into(),
            std::net::Ipv4Addr::from_bits(0x0a00_0000 + hosts - 1).into(),
        ).unwrap();
        let mut seen: BTreeMap<(Address, u16), u32> = BTreeMap::new();
        let mut planned = 0;
        for index in 1..=shards {
            let mut builder = Plan::builder(PortSet::from_ranges(vec![(1, ports)]));
            builder.settings(Settings { seed, shard: Shard::new(index, shards).unwrap(), ..Settings::default() });
            builder.target(&Target { what: What::Many(vec![range]), ports: None }).unwrap();
            let plan = builder.build().unwrap();
            planned += plan.planned();
            for thread in 0..threads {
                let part = Part::new(thread, threads, by_host);
                let mut cursor = Cursor::new(&plan);
                while let Some(block) = cursor.next_block() {
                    for host in part.hosts(&plan, block) {
                        prop_assert!(host.parts <= threads);
                        for j in 0..host.count {
                            *seen.entry((host.address, host.rank(j) as u16)).or_default() += 1;
                        }
                    }
                }
            }
        }
        prop_assert_eq!(planned, u64::from(hosts) * u64::from(ports));
        prop_assert_eq!(seen.len() as u64, planned);
        prop_assert!(seen.values().all(|&n| n == 1));
    }
}
