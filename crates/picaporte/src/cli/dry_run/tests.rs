//! The estimate of a dry run.

use picaporte_core::PortSet;
use picaporte_core::pace::Pace;
use picaporte_core::target::{NoLookup, Target};

use super::*;

fn plan(pace: Pace) -> Plan {
    let mut builder = Plan::builder(PortSet::from_ranges(vec![(1, 1000)]));
    builder.settings(Settings {
        pace,
        ..Settings::default()
    });
    builder
        .target(&Target::parse("192.0.2.0/24", &NoLookup).unwrap())
        .unwrap();
    builder.build().unwrap()
}

#[test]
fn the_estimate_follows_the_caps() {
    let seconds = |pace| {
        let (least, most) = estimate(&plan(pace));
        (least.as_secs(), most.as_secs())
    };
    // 256,000 probes; two attempts of 0.95 s each, 20,000 at a time.
    assert_eq!(seconds(Pace::NORMAL), (2, 26));
    // 300 a second.
    assert_eq!(
        seconds(Pace {
            rate: Some(300),
            ..Pace::NORMAL
        }),
        (853, 1708)
    );
    // 256 hosts with 10 a second each.
    assert_eq!(
        seconds(Pace {
            host_rate: Some(10),
            ..Pace::NORMAL
        }),
        (100, 201)
    );
}
