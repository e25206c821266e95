//! Every plan comes back; any bytes are refused or read.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::kept::plan::{from_bytes, to_bytes};

/// Everything that a plan tells whoever scans it.
fn told(plan: &Plan) -> impl PartialEq + std::fmt::Debug {
    let hosts = (0..plan.hosts()).map(|n| (plan.ports_of(n), plan.outside_ports_of(n)));
    let outside =
        (0..plan.outside_hosts()).map(|n| plan.outside_host(n).map(|(a, p)| (a, p.clone())));
    let sums = [
        plan.hosts(),
        plan.shard_hosts(),
        plan.planned(),
        plan.planned_addresses(),
        plan.planned_hosts(),
        plan.outside(),
    ];
    (
        sums,
        hosts.collect::<Vec<_>>(),
        outside.collect::<Vec<_>>(),
        plan.pairs().collect::<Vec<_>>(),
        plan.outside_ranges(),
        plan.parts(),
    )
}

fn durations() -> impl Strategy<Value = Option<Duration>> {
    proptest::option::of((1..=u64::MAX).prop_map(Duration::from_nanos))
}

fn ports() -> impl Strategy<Value = Vec<u16>> {
    vec(1..=u16::MAX, 0..6)
}

prop_compose! {
    fn paces()(
        rate in proptest::option::of(1..=u32::MAX),
        host_rate in proptest::option::of(1..=u32::MAX),
        max_inflight in 1..=u32::MAX,
        host_inflight in 1..=u32::MAX,
    ) -> Pace {
        Pace { rate, host_rate, max_inflight, host_inflight }
    }
}

prop_compose! {
    fn settings()(
        seed: u64,
        pace in paces(),
        times in (durations(), durations(), durations()),
        attempts in proptest::option::of(1..=u8::MAX),
        recall in 0.0..1.0,
        shards in 1u32..5,
        shard in 0u32..5,
        beside in (ports(), ports()),
        shown in 0u8..16,
    ) -> Settings {
        let states = State::ALL.into_iter().enumerate();
        let shown = states.filter(|(n, _)| shown >> n & 1 == 1);
        Settings {
            seed,
            pace,
            timeout: times.0,
            attempts,
            recall,
            host_timeout: times.1,
            max_time: times.2,
            shard: Shard::new(shard % shards + 1, shards).unwrap(),
            discover: beside.0,
            canaries: beside.1,
            show: shown.fold(States::NONE, |states, (_, state)| states.with(state)),
        }
    }
}

/// What is asked: the first of the addresses, how many more, from which port, how many more, and of which family.
type Asked = Vec<(u8, u8, u16, u16, bool)>;

fn asked() -> impl Strategy<Value = Asked> {
    vec((1u8..60, 0u8..20, 1u16..30, 0u16..5, any::<bool>()), 1..8)
}

fn planned(asked: &Asked, excluded: u8, names: &[String], settings: Settings) -> Option<Plan> {
    let mut builder = Plan::builder(PortSet::from_ports([7]));
    builder.settings(settings);
    for &(first, more, port, ports, v6) in asked {
        builder
            .target(&picaporte_core::Target {
                what: picaporte_core::target::What::Many(vec![range(first, more, v6)]),
                ports: Some(PortSet::from_ranges(vec![(port, port + ports)])),
            })
            .unwrap();
    }
    for (n, name) in names.iter().enumerate() {
        let addresses = [address(n as u8 + 1, false), address(70, true)];
        builder.name(name, &addresses[..n % 3], None).unwrap();
    }
    builder.exclude([range(excluded, 3, false)]);
    builder.build().ok()
}

fn scope(allowed: u8, more: u8, ports: (u16, u16)) -> Scope {
    Scope::new(
        [range(allowed, more, false)],
        [range(allowed + 2, 0, false)],
    )
    .with_ports(PortSet::from_ranges(vec![(ports.0, ports.0 + ports.1)]))
    .with_limits(Limits {
        rate: Some(7),
        ..Limits::default()
    })
}

proptest! {
    #[test]
    fn every_plan_comes_back(
        asked in asked(),
        excluded in 0u8..60,
        names in vec(any::<String>(), 0..4),
        settings in settings(),
        scopes in vec((1u8..60, 0u8..30, (1u16..30, 0u16..30)), 0..3),
    ) {
        let Some(mut plan) = planned(&asked, excluded, &names, settings) else {
            return Ok(());
        };
        for (allowed, more, ports) in scopes {
            let bytes = to_bytes(&plan);
            let scope = scope(allowed, more, ports);
            // Held to a scope before or after it was kept: it is the same plan.
            let after = from_bytes(&bytes).unwrap().within(&scope);
            plan = plan.within(&scope);
            prop_assert_eq!(told(&after), told(&plan));
            prop_assert!(after.is_within(&scope));
        }
        let bytes = to_bytes(&plan);
        let back = from_bytes(&bytes).unwrap();
        prop_assert_eq!(told(&back), told(&plan));
        prop_assert_eq!(to_bytes(&back), bytes);
    }

    #[test]
    fn any_bytes_are_refused_or_read(
        asked in asked(),
        settings in settings(),
        changes in vec((any::<proptest::sample::Index>(), "[0-9a-f.,:%\\-\"\\[\\]{}]{0,3}"), 1..4),
        cut in any::<proptest::sample::Index>(),
    ) {
        let Some(plan) = planned(&asked, 0, &["a.test".to_owned()], settings) else {
            return Ok(());
        };
        let plan = plan.within(&scope(5, 20, (3, 9)));
        let mut bytes = to_bytes(&plan);
        for (place, text) in changes {
            let at = place.index(bytes.len());
            let end = (at + text.len()).min(bytes.len());
            bytes.splice(at..end, text.bytes());
        }
        for bytes in [&bytes[..], &bytes[..cut.index(bytes.len())]] {
            let Ok(plan) = from_bytes(bytes) else { continue };
            prop_assert!(plan.planned_addresses() + plan.outside() <= MAX_PROBES);
            let last = plan.hosts().saturating_sub(1);
            plan.ports_of(last);
            plan.outside_ports_of(last);
            plan.outside_host(plan.outside_hosts().saturating_sub(1));
            plan.outside_ranges();
            let mut cursor = picaporte_core::cursor::Cursor::new(&plan);
            if let Some(block) = cursor.next_block() {
                picaporte_core::block::Part::WHOLE.hosts(&plan, block);
            }
            prop_assert_eq!(from_bytes(&to_bytes(&plan)).unwrap().parts(), plan.parts());
        }
    }

    #[test]
    fn bytes_that_never_were_a_plan_are_refused(bytes: Vec<u8>) {
        prop_assert!(from_bytes(&bytes).is_err());
    }
}

#[test]
fn a_plan_is_kept_as_text() {
    let bytes = to_bytes(&plan().within(&scope(1, 200, (20, 79))));
    assert_eq!(bytes[0], plan::FORMAT);
    insta::assert_snapshot!(std::str::from_utf8(&bytes[1..]).unwrap());
}

/// The bytes of a plan with one text replaced by another.
fn altered(from: &str, to: &str) -> String {
    let bytes = to_bytes(&plan());
    let text = std::str::from_utf8(&bytes[1..]).unwrap();
    assert!(text.contains(from), "{text}");
    let mut bytes = vec![plan::FORMAT];
    bytes.extend(text.replacen(from, to, 1).bytes());
    from_bytes(&bytes).unwrap_err().to_string()
}

#[test]
fn what_no_plan_can_be_is_refused_with_what_is_wrong() {
    let hosts = r#""hosts":[{"ports":0,"ranges":"192.0.2.7"}]"#;
    let with = |ranges: &str| hosts.replace("192.0.2.7", ranges);
    let told = [
        altered(hosts, &with("192.0.2.7-192.0.2.1")),
        altered(hosts, &with("192.0.2.7-fe80::1")),
        altered(hosts, &with("192.0.2.9,192.0.2.7")),
        altered(hosts, &with("192.0.2.7,192.0.2.7")),
        altered(hosts, &with("224.0.0.1")),
        altered(hosts, &with("2001:db8::-2001:db8:0:ffff::")),
        altered(hosts, &with("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")),
        altered(hosts, r#""hosts":[]"#),
        altered(hosts, &hosts.replace(":0", ":9")),
        altered("22,80,443", ""),
        altered("22,80,443", "443,80"),
        altered("\"recall\":\"0.9999\"", "\"recall\":\"NaN\""),
        altered("\"shard\":[1,1]", "\"shard\":[2,1]"),
        altered("\"max_inflight\":20000", "\"max_inflight\":0"),
        altered("\"attempts\":null", "\"attempts\":0"),
        altered("\"skipped\"", "\"slipped\""),
        from_bytes(&[2]).unwrap_err().to_string(),
        from_bytes(&[]).unwrap_err().to_string(),
    ];
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn the_most_probes_fit_and_one_host_more_does_not() {
    let mut builder = Plan::builder(PortSet::from_ports([80]));
    let target = picaporte_core::Target::parse("2001:db8::/75", &picaporte_core::target::NoLookup);
    builder.target(&target.unwrap()).unwrap();
    let bytes = to_bytes(&builder.build().unwrap());
    assert_eq!(from_bytes(&bytes).unwrap().planned(), MAX_PROBES);
    let more = String::from_utf8(bytes).unwrap();
    let more = more.replace("-2001:db8::1f:", "-2001:db8::20:");
    let refused = from_bytes(more.as_bytes()).unwrap_err();
    assert!(
        matches!(refused, KeptError::Parts(PlanError::TooMany(_))),
        "{refused}"
    );
}
