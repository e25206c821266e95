//! A plan taken apart and put together again is the same plan; what no plan can be is refused.

use super::*;
use crate::plan::parts::{MAX_CANARIES, PlanParts, Ports};
use crate::scope::Scope;

fn parts() -> PlanParts {
    plan(&["192.0.2.0/30", "198.51.100.7:443"], "22,80")
        .unwrap()
        .parts()
}

#[track_caller]
fn refused(parts: PlanParts, what: &str) {
    let error = Plan::from_parts(parts).unwrap_err().to_string();
    assert!(error.contains(what), "{error}");
}

#[test]
fn a_plan_has_the_parts_that_made_it() {
    let whole = plan(&["192.0.2.0/30", "192.0.2.2:443"], "22,80").unwrap();
    let again = Plan::from_parts(whole.parts()).unwrap();
    assert_eq!(again.parts(), whole.parts());
    assert_eq!(pairs(&again), pairs(&whole));
    let ranges: Vec<String> = again
        .planned_ranges()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(ranges, ["192.0.2.0-192.0.2.3"]);
}

#[test]
fn planned_ports_are_those_of_all_hosts_and_names_whatever_the_scope() {
    let mut builder = Plan::builder(PortSet::from_ports([22, 80]));
    let host = Target::parse("192.0.2.2:443", &NoLookup).unwrap();
    builder.target(&host).unwrap();
    builder.name("nope.example", &[], None).unwrap();
    let plan = builder.build().unwrap();
    assert_eq!(plan.planned_ports().to_string(), "22,80,443");
    let outside = plan.within(&Scope::default().with_ports(PortSet::from_ports([22])));
    assert_eq!(outside.planned_ports().to_string(), "22,80,443");
}

#[test]
fn whether_it_was_ever_held_to_a_scope_makes_no_difference() {
    let all = [AddressRange::new([0, 0, 0, 0].into(), [255, 255, 255, 255].into()).unwrap()];
    let held = plan(&["192.0.2.0/30"], "22,80")
        .unwrap()
        .within(&Scope::new(all, []));
    let again = Plan::from_parts(held.parts()).unwrap();
    let narrow = Scope::new(
        [AddressRange::prefix([192, 0, 2, 0].into(), 31).unwrap()],
        [],
    );
    let (held, again) = (held.within(&narrow), again.within(&narrow));
    assert_eq!((held.outside(), held.parts()), (4, again.parts()));
    assert_eq!(
        held.pairs().collect::<Vec<_>>(),
        again.pairs().collect::<Vec<_>>()
    );
}

#[test]
fn hosts_are_in_order_and_each_once() {
    let swapped = |mut parts: PlanParts| {
        parts.hosts.swap(0, 1);
        parts
    };
    refused(swapped(parts()), "not in order");
    let twice = |mut parts: PlanParts| {
        parts.outside.push(parts.hosts[0]);
        parts
    };
    refused(twice(parts()), "in it twice");
    let backwards = |mut parts: PlanParts| {
        let range = &mut parts.hosts[0].0;
        (range.first, range.last) = (range.last, range.first);
        parts
    };
    refused(backwards(parts()), "backwards");
    let beyond = |mut parts: PlanParts| {
        parts.hosts[1].0.last = 1 << 32;
        parts
    };
    refused(beyond(parts()), "32 bits");
    let everyone = |mut parts: PlanParts| {
        parts.hosts[1].0.last = u32::MAX.into();
        parts
    };
    refused(everyone(parts()), "never scanned");
    let skipped = |mut parts: PlanParts| {
        parts.skipped.push(AddressRange {
            v6: true,
            scope: 0,
            first: 2,
            last: 1,
        });
        parts
    };
    refused(skipped(parts()), "backwards");
}

#[test]
fn every_host_has_a_port_that_may_be_asked() {
    let no_list = |mut parts: PlanParts| {
        parts.ports.pop();
        parts
    };
    refused(no_list(parts()), "not there");
    let no_ports = |mut parts: PlanParts| {
        parts.ports[0] = Ports::default();
        parts
    };
    refused(no_ports(parts()), "no ports");
    let barred = |mut parts: PlanParts| {
        parts.ports[0].barred = std::mem::take(&mut parts.ports[0].asked);
        parts
    };
    refused(barred(parts()), "no port there");
    let both = |mut parts: PlanParts| {
        parts.ports[0].barred = ports("80-90");
        parts
    };
    refused(both(parts()), "within and outside");
    let nothing = |mut parts: PlanParts| {
        parts.hosts.clear();
        parts
    };
    refused(nothing(parts()), "nothing is left");
}

#[test]
fn no_more_probes_than_a_plan_may_hold() {
    let v6 = |last: u128| {
        let first = 0x2001_0db8 << 96;
        let range = AddressRange {
            v6: true,
            scope: 0,
            first,
            last: first + last,
        };
        let mut parts = plan(&["2001:db8::1"], "80").unwrap().parts();
        parts.hosts[0].0 = range;
        Plan::from_parts(parts)
    };
    assert_eq!(
        v6(u128::from(MAX_PROBES) - 1).unwrap().planned(),
        MAX_PROBES
    );
    for more in [u128::from(MAX_PROBES), (1 << 96) - 1] {
        assert_eq!(v6(more).unwrap_err(), PlanError::TooMany(more + 1));
    }
}

#[test]
fn settings_are_those_that_a_scan_can_bear() {
    let with = |change: &dyn Fn(&mut Settings)| {
        let mut parts = parts();
        change(&mut parts.settings);
        parts
    };
    refused(with(&|s| s.pace.rate = Some(0)), "a cap is 0");
    refused(with(&|s| s.pace.host_rate = Some(0)), "a cap is 0");
    refused(with(&|s| s.pace.max_inflight = 0), "a cap is 0");
    refused(with(&|s| s.pace.host_inflight = 0), "a cap is 0");
    refused(with(&|s| s.discover = vec![80, 0]), "a port is 0");
    refused(with(&|s| s.canaries = vec![0]), "a port is 0");
    refused(
        with(&|s| s.canaries = vec![9; MAX_CANARIES + 1]),
        "64 canaries",
    );
    refused(with(&|s| s.recall = f64::NAN), "recall");
    let most = with(&|s| s.canaries = vec![9; MAX_CANARIES]);
    assert!(Plan::from_parts(most).is_ok());
}

#[test]
fn an_address_has_its_names_once() {
    let named = |names: &[&str], times: usize| {
        let names: Vec<Arc<str>> = names.iter().map(|&n| n.into()).collect();
        let mut parts = parts();
        parts.names = vec![(Address::new([192, 0, 2, 1].into()), names); times];
        parts
    };
    refused(named(&[], 1), "has none");
    refused(named(&["a.test"], 2), "twice");
    assert!(Plan::from_parts(named(&["a.test", "b.test"], 1)).is_ok());
}
