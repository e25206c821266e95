//! Ways whose hops have long addresses, and several of them.

use picaporte_core::locate::{Answer, By, Hop, Located};

use super::super::ways::found;
use super::*;

/// Routers whose addresses have so many columns, and what they do.
fn ways(routers: [&str; 5]) -> Vec<Located> {
    let to = address("2001:db8:1234:5678:9abc:def0:1234:5678");
    let hop = |distance, of: &[&str]| Hop {
        distance,
        addresses: of.iter().map(|a| address(a)).collect(),
    };
    let hops = vec![
        hop(1, &routers[..1]),
        hop(2, &routers[1..4]),
        hop(3, &routers[4..]),
    ];
    let rejected = |from| Answer::Rejected(Some(sample::icmp(true, 1, 1, from)));
    let cases = [
        (22, Answer::Accepted, By::Host, (4, Some(4))),
        (23, Answer::Reset, By::Firewall, (2, Some(2))),
        (25, rejected(routers[1]), By::Firewall, (2, Some(2))),
        (
            80,
            rejected("2001:db8:ffff:eeee:dddd:cccc:bbbb:aaa9"),
            By::Firewall,
            (1, Some(2)),
        ),
        (81, Answer::Silent, By::Unknown, (0, Some(3))),
        (
            82,
            Answer::Loop(Some(address(routers[4]))),
            By::Unknown,
            (2, None),
        ),
        (443, Answer::Accepted, By::Firewall, (3, Some(3))),
    ];
    let located = cases.map(|(port, answer, by, place)| Located {
        hops: hops.clone(),
        ..found(to, port, answer, by, place)
    });
    located.to_vec()
}

/// Addresses of all 39 characters, and one with a zone.
const LONG: [&str; 5] = [
    "fe80::1234:5678:9abc:def0%2",
    "2001:db8:ffff:eeee:dddd:cccc:bbbb:aaa1",
    "2001:db8:ffff:eeee:dddd:cccc:bbbb:aaa2",
    "2001:db8:ffff:eeee:dddd:cccc:bbbb:aaa3",
    "2001:db8:ffff:eeee:dddd:cccc:bbbb:aaaa",
];
const SHORT: [&str; 5] = [
    "10.0.0.1",
    "192.0.2.1",
    "192.0.2.2",
    "192.0.2.3",
    "203.0.113.255",
];

fn drawn(routers: [&str; 5], style: Style) -> String {
    let mut sample = sample(&[(LONG[4], &[])], Vec::new());
    sample.header.zones.insert(2, "日本網卡0".to_owned());
    let mut report = report(Format::Table, style);
    let mut out = Vec::new();
    report.begin(&sample.header, &mut out);
    let from = out.len();
    for found in ways(routers) {
        report.located(&found, &mut out);
    }
    report.end(&sample.trailer, &mut out);
    let text = String::from_utf8(out.split_off(from)).unwrap();
    let to = text.find("\n\n").unwrap();
    must_fit(&text[..to], style.width, &[]);
    text[..to].to_owned()
}

#[test]
fn hops_with_long_addresses() {
    for (routers, width, lang, name) in [
        (LONG, 80, Lang::En, "long_hops_at_80"),
        (LONG, 100, Lang::Es, "long_hops_at_100_in_spanish"),
        (LONG, 40, Lang::En, "long_hops_at_40"),
        (LONG, 200, Lang::En, "long_hops_at_200"),
        (SHORT, 80, Lang::Es, "short_hops_at_80_in_spanish"),
        (SHORT, 40, Lang::En, "short_hops_at_40"),
    ] {
        insta::assert_snapshot!(name, drawn(routers, at(width, lang)));
    }
}

/// Where there is room for it, all that is done begins in one column.
#[test]
fn what_is_done_begins_in_one_column() {
    for routers in [LONG, SHORT] {
        for width in 40..=200 {
            let text = drawn(routers, at(width, Lang::En));
            let bars: Vec<_> = text
                .lines()
                .filter_map(|line| line.split_once("| "))
                .map(|(before, _)| crate::report::columns(before))
                .collect();
            assert!(
                bars.len() >= 6 && bars.iter().all(|bar| *bar == bars[0]),
                "{text}"
            );
        }
    }
}
