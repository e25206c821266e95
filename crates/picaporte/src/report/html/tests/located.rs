//! Where ports are answered, as it is read.

use picaporte_core::Icmp;
use picaporte_core::locate::{Answer, By, Distance, Hop, Located, Place};

use super::*;
use crate::report::Sampled;

fn found(port: u16, answer: Answer, by: By, (after, until): (u8, Option<u8>)) -> Located {
    Located {
        address: sample::address("fe80::7%2"),
        port,
        answer,
        by,
        place: Place { after, until },
        host: Distance {
            at_least: 4,
            exact: Some(4),
        },
        hops: vec![
            Hop {
                distance: 1,
                addresses: ["192.0.2.1", "192.0.2.2"].map(sample::address).into(),
            },
            Hop {
                distance: 2,
                addresses: vec![sample::address("fe80::1%2")],
            },
        ],
        contradicts: false,
        attempts: 9,
    }
}

/// The section of a page with ways, on a machine whose interface is called so.
fn told(lang: Lang, zone: &str) -> String {
    let icmp = Icmp {
        v6: true,
        kind: 1,
        code: 1,
        from: Some(sample::address("fe80::1%2")),
    };
    let mut sample = sample::interrupted(States::NONE);
    sample.header.zones.insert(2, zone.to_owned());
    sample.trailer.sampled = Some(Sampled {
        located: 4,
        untested: 1,
        left_out: 0,
    });
    let (mut report, mut out) = (in_lang(lang), Vec::new());
    report.begin(&sample.header, &mut out);
    for found in [
        found(22, Answer::Accepted, By::Host, (4, Some(4))),
        found(23, Answer::Reset, By::Firewall, (2, Some(3))),
        found(25, Answer::Rejected(Some(icmp)), By::Firewall, (2, Some(2))),
        found(80, Answer::Silent, By::Unknown, (2, Some(3))),
        found(
            443,
            Answer::Untested(Reason::Interrupted),
            By::Unknown,
            (0, None),
        ),
    ] {
        report.located(&found, &mut out);
    }
    report.end(&sample.trailer, &mut out);
    let page = text(&out);
    let (_, ways) = page.split_once("<section slot=\"firewalls\"").unwrap();
    let (ways, _) = ways.split_once("</section>").unwrap();
    read(&format!("<section slot=\"firewalls\"{ways}</section>"))
}

#[test]
fn ways_in_english_as_they_are_read() {
    insta::assert_snapshot!(told(Lang::En, "eth0"));
}

#[test]
fn ways_in_spanish_as_they_are_read() {
    insta::assert_snapshot!(told(Lang::Es, "eth0"));
}

#[test]
fn the_name_of_an_interface_is_only_text() {
    let ways = told(Lang::En, "<b>\u{202e}");
    assert!(ways.contains("[fe80::7%<b>\\u{202e}]:22\n"), "{ways}");
    assert!(ways.contains("2 fe80::1%<b>\\u{202e}"), "{ways}");
}
