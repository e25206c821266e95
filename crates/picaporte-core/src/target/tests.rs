use proptest::prelude::*;

use super::*;

struct Here;

impl Lookup for Here {
    fn service(&self, name: &str) -> Option<Vec<u16>> {
        (name == "https").then(|| vec![443])
    }
    fn zone(&self, name: &str) -> Option<u32> {
        (name == "eth0" || name == "br-lan").then_some(3)
    }
}

fn parse(text: &str) -> Result<Target, TargetError> {
    Target::parse(text, &Here)
}

fn shown(text: &str) -> String {
    let target = parse(text).unwrap();
    let what = match target.what {
        What::One(a) => a.to_string(),
        What::Many(r) => r
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" "),
        What::Name(n) => n,
    };
    match target.ports {
        Some(p) => format!("{what} ports {p}"),
        None => what,
    }
}

#[test]
fn reads_what_the_contract_lists() {
    for (text, want) in [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.0/24", "192.0.2.0-192.0.2.255"),
        ("192.0.2.9/30", "192.0.2.8-192.0.2.11"),
        ("2001:db8::/120", "2001:db8::-2001:db8::ff"),
        ("192.0.2.1-192.0.2.50", "192.0.2.1-192.0.2.50"),
        ("192.0.2.1-50", "192.0.2.1-192.0.2.50"),
        (
            "192.0.0-1.1-254",
            "192.0.0.1-192.0.0.254 192.0.1.1-192.0.1.254",
        ),
        ("192.0.2-3.0-255", "192.0.2.0-192.0.3.255"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("2001:db8::1-2001:db8::9", "2001:db8::1-2001:db8::9"),
        ("fe80::1%eth0", "fe80::1%3"),
        ("[fe80::1%br-lan]:22", "fe80::1%3 ports 22"),
        ("192.0.2.7:8443", "192.0.2.7 ports 8443"),
        (
            "192.0.2.0/30:22,80-81",
            "192.0.2.0-192.0.2.3 ports 22,80-81",
        ),
        ("[2001:db8::1]:https", "2001:db8::1 ports 443"),
        ("WWW.Example.org.", "www.example.org"),
        ("www.example.org:443", "www.example.org ports 443"),
        ("web-1.example.org", "web-1.example.org"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ] {
        let got = shown(text);
        assert_eq!(got, want, "{text}");
    }
}

#[test]
fn refuses_with_the_offending_text() {
    for text in [
        "300.1.1.1",
        "010.77.0.2",
        "192.0.2.1-050",
        "10.0.0.0/33",
        "1.2.3",
        "1.2.3.4.5",
        "192.0.2.50-1",
        "192.0.2.9-192.0.2.1",
        "2001:db8::/129",
        "2001:db8:::1",
        "fe80::1%nosuch",
        "[2001:db8::1",
        "[2001:db8::1]x",
        "[192.0.2.1]:80",
        "192.0.2.1:0",
        "192.0.2.1:70000",
        "-bad.example",
        "a..b",
        "a b",
        "exämple.org",
        "1-254.1-254.1-254.1",
        "192.0.2.1:",
        "example.org/24",
        "host.123",
        "10.0.0.0/",
        "10.0.0.0/+8",
    ] {
        let error = parse(text).expect_err(text).to_string();
        let core = text.split_once(':').map_or(text, |(h, p)| {
            if h.contains('.') {
                if p.is_empty() { "''" } else { p }
            } else {
                text
            }
        });
        assert!(error.contains(core), "{text}: {error}");
    }
}

#[test]
fn what_is_never_scanned() {
    let never = never_scanned();
    let is = |text: &str| {
        let What::One(a) = parse(text).unwrap().what else {
            panic!("{text}")
        };
        never.iter().any(|r| r.overlaps(&a.range()))
    };
    for text in [
        "0.0.0.0",
        "0.1.2.3",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "ff02::1",
    ] {
        assert!(is(text), "{text}");
    }
    for text in [
        "1.0.0.0",
        "127.0.0.1",
        "10.0.0.1",
        "192.0.2.1",
        "223.255.255.255",
        "::1",
        "fe80::1",
        "2001:db8::1",
    ] {
        assert!(!is(text), "{text}");
    }
}

#[test]
fn the_last_address_of_all_has_none_after_it() {
    let all = AddressRange::prefix("::".parse().unwrap(), 0).unwrap();
    let one = Address::new("ffff::".parse().unwrap()).range();
    assert_eq!(merged(vec![one, all]), [all]);
}

proptest! {
    #[test]
    fn never_panics(text in "\\PC{0,40}") {
        let _ = parse(&text);
    }

    #[test]
    fn never_panics_on_what_nearly_is_one(text in "[0-9a-f:.%/\\[\\],-]{0,30}") {
        let _ = parse(&text);
    }

    #[test]
    fn an_octet_expression_is_the_product_of_its_octets(b in proptest::collection::vec((0u8..=255, 0u8..=3), 4)) {
        let ends: Vec<(u8, u8)> = b.iter().map(|&(f, n)| (f, f.saturating_add(n))).collect();
        let text = ends.iter().map(|(f, l)| format!("{f}-{l}")).collect::<Vec<_>>().join(".");
        let What::Many(ranges) = parse(&text).unwrap().what else { panic!() };
        let count: u128 = ranges.iter().map(AddressRange::count).sum();
        prop_assert_eq!(count, ends.iter().map(|(f, l)| u128::from(l - f) + 1).product::<u128>());
        for range in ranges {
            let bytes = (range.first as u32).to_be_bytes();
            prop_assert!(bytes.iter().zip(&ends).all(|(v, (f, l))| f <= v && v <= l));
        }
    }
}
