//! Scope files, good ones and those that are wrong in one thing each.

use std::fmt::Write as _;

use picaporte_core::target::NoLookup;
use proptest::prelude::*;

use super::*;

use crate::words::english;
use crate::words::errors::Spanish as _;

mod wrong_ones;

/// A machine with the zone eth0, number 2, and one service.
struct MadeUp;

impl Lookup for MadeUp {
    fn service(&self, name: &str) -> Option<Vec<u16>> {
        (name == "ssh").then(|| vec![22])
    }

    fn zone(&self, name: &str) -> Option<u32> {
        (name == "eth0").then_some(2)
    }
}

fn read(text: &str) -> Result<ScopeFile, Wrong> {
    ScopeFile::parse(text.as_bytes(), &MadeUp)
}

const FULL: &str = "\u{feff}# The whole of it.
authorised_by = 'Jane Doe, Example Corp'
contact = 'noc@example.org, +34 600 000 000'
valid_from = 2026-01-01T00:00:00+01:00
valid_until = 2026-02-01 00:00:00Z

[allowed]
networks = ['192.0.2.0/24', '2001:db8::/64', '198.51.100.1-9', 'fe80::%eth0/64']
names = ['WWW.example.org.']
ports = 'ssh,80-90'

[excluded]
networks = ['192.0.2.128/25', 'fe80::1']
names = ['vpn.example.org']
ports = '85'

[limits]
rate = 300
host_rate = 30
max_inflight = 100
host_inflight = 10
";

#[test]
fn everything_that_can_be_written_is_read() {
    let file = read(FULL).unwrap();
    insta::assert_debug_snapshot!(file);
    let scope = file.scope(&|name| match name {
        "www.example.org" => vec![
            "203.0.113.1".parse().unwrap(),
            "203.0.113.2".parse().unwrap(),
        ],
        "vpn.example.org" => vec!["203.0.113.2".parse().unwrap()],
        other => panic!("{other}"),
    });
    let allows = |text: &str, zone, port| {
        let ip = text.parse().unwrap();
        scope.allows(Address { ip, scope: zone }, port)
    };
    for (text, zone) in [
        ("192.0.2.127", 0),
        ("2001:db8::1", 0),
        ("198.51.100.9", 0),
        ("203.0.113.1", 0),
        ("fe80::2", 2),
    ] {
        assert!(allows(text, zone, 22) && allows(text, zone, 84), "{text}");
        assert!(!allows(text, zone, 85) && !allows(text, zone, 91), "{text}");
    }
    for (text, zone) in [
        ("192.0.2.128", 0),
        ("198.51.100.10", 0),
        ("203.0.113.2", 0),
        ("fe80::1", 2),
        ("fe80::2", 3),
    ] {
        assert!(!allows(text, zone, 22), "{text}");
    }
    assert_eq!(scope.limits(), file.limits);
    let at = |text: &str| text.parse::<Timestamp>().unwrap().as_millisecond() as u64;
    assert!(
        scope.is_valid_at(at("2025-12-31T23:00:00Z"))
            && scope.is_early_at(at("2025-12-31T22:59:59Z"))
    );
    assert!(!scope.is_valid_at(at("2026-02-01T00:00:00Z")));
}

#[test]
fn the_digest_is_of_the_bytes() {
    // FIPS 180-4, the digest of these bytes by `sha256sum`.
    let file = read("[allowed]\nnames=['a']\n").unwrap();
    assert_eq!(
        file.sha256,
        "e36874f95e572ae0553e3ec16cd4bb182f7000e0ce99e9fa6edfae5ccb3176fd"
    );
    assert_ne!(
        read("[allowed]\nnames=['b']\n").unwrap().sha256,
        file.sha256
    );
}

#[test]
fn a_lookup_that_knows_nothing_will_do() {
    let file = ScopeFile::parse(b"[allowed]\nnetworks = ['192.0.2.1']", &NoLookup).unwrap();
    assert_eq!((file.limits, file.valid_until), (Limits::default(), None));
    assert!(file.warnings.is_empty());
}

/// Every mistake, with what is said of it.
#[test]
fn every_mistake_is_told_with_its_place_and_what_to_mend() {
    let mut told = String::new();
    for (what, text) in wrong_ones::refused() {
        let wrong = read(&text).expect_err(what);
        writeln!(told, "{what}:\n    {wrong}").unwrap();
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_table_of_several_is_told_to_be_one() {
    let wrong = read("[[allowed]]\nnetworks = ['192.0.2.0/24']\n").expect_err("a list of tables");
    assert!(wrong.to_string().contains("write [allowed]"), "{wrong}");
    assert!(
        wrong.spanish().contains("escriba [allowed]"),
        "{}",
        wrong.spanish()
    );
    let wrong = read("[allowed]\nnetworks = '192.0.2.0/24'\n").expect_err("no list");
    assert!(
        wrong.to_string().contains("write it like ['192.0.2.0/24']"),
        "{wrong}"
    );
}

#[test]
fn mistakes_and_warnings_are_told_in_spanish_too() {
    let mut told = String::new();
    let mut tell = |what: &str, wrong: &Wrong| {
        let spanish = wrong.spanish();
        // What the reader of TOML says of its own stays as it is.
        let own = spanish.contains("no es TOML");
        let sentence = spanish.replace("names, ports", "").replace("y ports =", "");
        let english = english::left(&sentence);
        assert!(own || english.is_none(), "{english:?} in {spanish}");
        writeln!(told, "{what}:\n    {spanish}").unwrap();
    };
    for (what, text) in wrong_ones::refused() {
        tell(what, &read(&text).expect_err(what));
    }
    for (what, text) in wrong_ones::warned() {
        let file = read(&text).unwrap();
        file.warnings.iter().for_each(|wrong| tell(what, wrong));
    }
    insta::assert_snapshot!(told);
}

#[test]
fn what_is_harmless_but_hardly_meant_is_warned_of() {
    let mut told = String::new();
    for (what, text) in wrong_ones::warned() {
        let file = read(&text).unwrap_or_else(|wrong| panic!("{what}: {wrong}"));
        assert!(!file.warnings.is_empty(), "{what}");
        writeln!(told, "{what}:").unwrap();
        for warning in &file.warnings {
            writeln!(told, "    {warning}").unwrap();
        }
    }
    insta::assert_snapshot!(told);
}

#[test]
fn bounds_are_reached_and_not_passed() {
    let names = |n: usize| {
        let names: String = (0..n)
            .map(|i| format!("'n{i}.test',"))
            .collect::<Vec<_>>()
            .concat();
        read(&format!("[allowed]\nnames = [{names}]\n"))
    };
    assert_eq!(names(MOST_NAMES).unwrap().names().count(), MOST_NAMES);
    assert!(names(MOST_NAMES + 1).is_err());
    let ranges = |n: usize| {
        // Each stands for as many ranges as it has third octets.
        let full: String = (0..n / 256)
            .map(|i| format!("'10.{i}.0-255.1',"))
            .collect::<Vec<_>>()
            .concat();
        let rest: String = (0..n % 256)
            .map(|i| format!("'11.0.{i}.1',"))
            .collect::<Vec<_>>()
            .concat();
        read(&format!("[allowed]\nnetworks = [{full}{rest}]\n"))
    };
    assert_eq!(
        ranges(MOST_RANGES).unwrap().allowed.ranges.len(),
        MOST_RANGES
    );
    let wrong = ranges(MOST_RANGES + 1).unwrap_err();
    assert!(
        wrong.what.to_string().starts_with("more than 65536 ranges"),
        "{wrong}"
    );
}

#[test]
fn names_let_in_what_is_theirs_to_give() {
    for (name, ip, lets) in [
        ("www.example.org", "192.0.2.1", true),
        ("www.example.org", "10.0.0.1", true),
        ("www.example.org", "127.0.0.1", false),
        ("www.example.org", "::1", false),
        ("www.example.org", "::ffff:127.0.0.1", false),
        ("www.example.org", "169.254.169.254", false),
        ("www.example.org", "fe80::1", false),
        ("localhost", "127.0.0.1", true),
        ("a.localhost", "::1", true),
        ("localhost", "169.254.169.254", false),
        ("notlocalhost", "127.0.0.1", false),
    ] {
        assert_eq!(lets_in(name, ip.parse().unwrap()), lets, "{name} {ip}");
    }
}

/// Lines that make up scope files, sound and unsound.
fn line() -> impl Strategy<Value = String> {
    let network = prop_oneof![
        "(10|192)\\.[0-3]\\.[0-3]\\.[0-9]{1,2}(/(8|16|24|33|3[0-2]))?",
        "2001:db8::[0-9a-f]{1,4}(/[0-9]{1,3})?",
        "::ffff:[0-9a-f]{1,4}:[0-9a-f]{1,4}(/1[0-2][0-9])?",
        "[a-z.*-]{1,8}",
        ".{0,6}",
    ];
    let key = prop_oneof![
        Just("networks"),
        Just("names"),
        Just("ports"),
        Just("rate"),
        Just("valid_from"),
        Just("contact"),
        Just("x"),
    ];
    let value = prop_oneof![
        proptest::collection::vec(network, 0..5).prop_map(|all| format!("{all:?}")),
        "[0-9]{0,6}",
        "'[0-9,-]{0,8}'",
        "20[0-9]{2}-0[1-9]-[0-3][0-9]T[0-2][0-9]:00:00(Z|\\+01:00)?",
    ];
    prop_oneof![
        3 => Just("[allowed]".to_owned()),
        2 => Just("[excluded]".to_owned()),
        1 => Just("[limits]".to_owned()),
        9 => (key, value).prop_map(|(key, value)| format!("{key} = {value}")),
        1 => ".{0,20}",
    ]
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = ScopeFile::parse(&bytes, &MadeUp);
    }

    #[test]
    fn any_file_is_refused_at_a_place_in_it_or_allows_no_more_than_it_says(
        lines in proptest::collection::vec(line(), 0..12),
    ) {
        let text = lines.join("\n");
        match read(&text) {
            Err(wrong) => {
                prop_assert!(!wrong.what.to_string().is_empty());
                prop_assert!(wrong.line <= text.lines().count().max(1) + 1, "{wrong}");
            }
            Ok(file) => {
                let scope = file.scope(&|_| Vec::new());
                let listed = Scope::new(file.allowed.ranges.clone(), []);
                let denied = Scope::new(file.excluded.ranges.clone(), []);
                for range in file.allowed.ranges.iter().chain(&file.excluded.ranges) {
                    let edges = [range.nth(0), range.nth((range.count() - 1).min(u64::MAX.into()) as u64)];
                    for address in edges {
                        let may = listed.holds(address) && !denied.holds(address);
                        prop_assert!(may || !scope.holds(address), "{address}");
                    }
                }
            }
        }
    }
}
