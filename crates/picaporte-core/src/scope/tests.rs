use std::net::IpAddr;

use proptest::prelude::*;

use super::*;

fn range(text: &str) -> AddressRange {
    let (ip, length) = text.split_once('/').unwrap();
    AddressRange::prefix(ip.parse().unwrap(), length.parse().unwrap()).unwrap()
}

fn scope(allowed: &[&str], excluded: &[&str]) -> Scope {
    let ranges = |texts: &[&str]| texts.iter().map(|text| range(text)).collect::<Vec<_>>();
    Scope::new(ranges(allowed), ranges(excluded))
}

/// As it may come from anywhere, in no particular form.
fn raw(text: &str, zone: u32) -> Address {
    Address {
        ip: text.parse().unwrap(),
        scope: zone,
    }
}

fn holds(scope: &Scope, text: &str) -> bool {
    scope.holds(raw(text, 0))
}

#[test]
fn nothing_is_allowed_by_itself() {
    assert!(Scope::default().is_empty());
    assert!(!Scope::default().allows(raw("192.0.2.1", 0), 80));
    let all = scope(&["0.0.0.0/0", "::/0"], &["0.0.0.0/0", "::/0"]);
    assert!(all.is_empty() && !holds(&all, "192.0.2.1") && !holds(&all, "::1"));
}

#[test]
fn an_exclusion_goes_before_what_is_allowed() {
    let scope = scope(&["192.0.2.0/24", "192.0.2.64/26"], &["192.0.2.64/27"]);
    assert!(holds(&scope, "192.0.2.63") && holds(&scope, "192.0.2.96"));
    assert!(!holds(&scope, "192.0.2.64") && !holds(&scope, "192.0.2.95"));
    assert!(!holds(&scope, "192.0.1.255") && !holds(&scope, "192.0.3.0"));
}

#[test]
fn ipv4_is_the_same_however_it_is_written() {
    let scope = scope(&["192.0.2.0/24"], &["192.0.2.7/32"]);
    assert!(holds(&scope, "::ffff:192.0.2.1") && !holds(&scope, "::ffff:192.0.2.7"));
    assert!(!holds(&scope, "::ffff:192.0.3.1") && !holds(&scope, "::192.0.2.1"));
    let mapped = |first: &str, last: &str| AddressRange {
        v6: true,
        scope: 0,
        first: first.parse::<Ipv6Addr>().unwrap().to_bits(),
        last: last.parse::<Ipv6Addr>().unwrap().to_bits(),
    };
    let written = Scope::new(
        [mapped("::ffff:192.0.2.0", "::ffff:192.0.2.255")],
        [mapped("::ffff:192.0.2.7", "::ffff:192.0.2.7")],
    );
    assert_eq!(written, scope);
    // All of IPv6 is not IPv4.
    let six = self::scope(&["::/0"], &[]);
    assert!(
        holds(&six, "2001:db8::1") && !holds(&six, "::ffff:192.0.2.1") && !holds(&six, "192.0.2.1")
    );
}

#[test]
fn a_translator_does_not_lead_to_what_is_excluded() {
    let scope = scope(&["::/0", "0.0.0.0/0"], &["192.0.2.0/24"]);
    for denied in [
        "64:ff9b::c000:201",
        "64:ff9b::192.0.2.255",
        "2002:c000:201::1",
        "2002:c000:2ff:ffff::",
    ] {
        assert!(!holds(&scope, denied), "{denied}");
    }
    for allowed in [
        "64:ff9b::c000:301",
        "2002:c000:301::1",
        "2001:db8::192.0.2.1",
    ] {
        assert!(holds(&scope, allowed), "{allowed}");
    }
}

#[test]
fn link_local_addresses_are_allowed_with_their_zone_only() {
    let zoned = |text: &str, scope: u32| AddressRange {
        scope,
        ..range(text)
    };
    let scope = Scope::new(
        [
            zoned("fe80::/64", 2),
            range("fe80::/64"),
            range("2001:db8::/64"),
        ],
        [zoned("fe80::7/128", 2), range("fe80::9/128")],
    );
    assert!(scope.holds(raw("fe80::1", 2)));
    for (text, zone) in [
        ("fe80::1", 0),
        ("fe80::1", 3),
        ("fe80::7", 2),
        ("fe80::9", 2),
    ] {
        assert!(!scope.holds(raw(text, zone)), "{text}%{zone}");
    }
    // To the kernel the zone of any other address means nothing, and so it does here.
    assert!(scope.holds(raw("2001:db8::1", 2)));
    let excluded = Scope::new([range("2001:db8::/64")], [range("2001:db8::7/128")]);
    assert!(!excluded.holds(raw("2001:db8::7", 2)));
    let zoned_exclusion = Scope::new([range("2001:db8::/64")], [zoned("2001:db8::7/128", 2)]);
    assert!(!zoned_exclusion.holds(raw("2001:db8::7", 0)));
}

#[test]
fn the_ends_of_the_families_are_ends() {
    let scope = scope(&["0.0.0.0/0", "::/0"], &["255.255.255.255/32", "::/128"]);
    assert!(holds(&scope, "0.0.0.0") && !holds(&scope, "255.255.255.255"));
    assert!(!holds(&scope, "::") && holds(&scope, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
}

#[test]
fn only_the_ports_that_are_allowed() {
    let ports = PortSet::from_ranges(vec![(22, 22), (80, 90)]);
    let scope = scope(&["192.0.2.0/24"], &[]).with_ports(ports);
    let asked: Vec<u16> = (1..=100)
        .filter(|&p| scope.allows(raw("192.0.2.1", 0), p))
        .collect();
    assert_eq!(asked.len(), 12);
    assert!(!scope.allows(raw("192.0.3.1", 0), 22));
}

#[test]
fn limits_lower_and_never_raise() {
    let limits = Limits {
        rate: Some(300),
        host_rate: None,
        max_inflight: Some(100),
        host_inflight: Some(0),
    };
    let slow = Pace {
        rate: Some(5),
        host_rate: Some(7),
        max_inflight: 9,
        host_inflight: 3,
    };
    assert_eq!(
        limits.lower(slow),
        Pace {
            host_inflight: 1,
            ..slow
        }
    );
    let lowered = limits.lower(Pace::NORMAL);
    assert_eq!((lowered.rate, lowered.host_rate), (Some(300), None));
    assert_eq!((lowered.max_inflight, lowered.host_inflight), (100, 1));
    assert_eq!(Limits::default().lower(slow), slow);
}

#[test]
fn a_period_has_a_first_moment_and_no_last_one() {
    let scope = scope(&["192.0.2.0/24"], &[]);
    assert!(!scope.has_period() && scope.is_valid_at(0) && scope.is_valid_at(u64::MAX));
    let scope = scope.with_period(Some(10), Some(20));
    let valid: Vec<u64> = (0..30).filter(|&at| scope.is_valid_at(at)).collect();
    assert_eq!(valid, (10..20).collect::<Vec<_>>());
    assert!(scope.is_early_at(9) && !scope.is_early_at(20));
}

/// A little world of addresses, so that ranges meet often: IPv4, IPv6, IPv4 written as IPv6, and link-local ones in zones.
fn address() -> impl Strategy<Value = Address> {
    (0u8..5, 0u32..40, 0u32..3).prop_map(|(kind, last, zone)| {
        let v6 = |first: u128| IpAddr::V6(Ipv6Addr::from_bits(first + u128::from(last)));
        let ip = match kind {
            0 => IpAddr::from(u32::to_be_bytes(0xc000_0200 + last)),
            1 => v6(0x2001_0db8 << 96),
            2 => v6(MAPPED.first + 0xc000_0200),
            3 => v6(LINK_LOCAL.first - 20),
            _ => v6(MAPPED.first - 20),
        };
        Address { ip, scope: zone }
    })
}

fn wild_range() -> impl Strategy<Value = AddressRange> {
    (address(), 0u128..30).prop_map(|(address, more)| {
        let one = address.range();
        AddressRange {
            last: one.last + more,
            ..one
        }
    })
}

/// What [`Scope`] promises of one address, without sorting anything.
fn by_hand(allowed: &[AddressRange], excluded: &[AddressRange], address: Address) -> bool {
    let ip = address.ip.to_canonical();
    let local = matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
    let bits = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => u128::from(ip.to_bits()),
        IpAddr::V6(ip) => ip.to_bits(),
    };
    let among = |range: &AddressRange, everywhere: bool| {
        let unzoned = AddressRange { scope: 0, ..*range };
        // All of a range must be IPv4 to mean IPv4, and link-local to have a zone.
        let (v4, linked) = (within(&unzoned, &MAPPED), within(&unzoned, &LINK_LOCAL));
        let zone = if linked { range.scope } else { 0 };
        let zones_agree = !local || zone == address.scope || everywhere && zone == 0;
        let families_agree = ip.is_ipv6() || !range.v6 || v4;
        let members = (range.first..=range.last).map(|bits| AddressRange {
            first: bits,
            last: bits,
            ..*range
        });
        let mut others = members.map(|one| one.nth(0).ip.to_canonical());
        zones_agree
            && families_agree
            && others.any(|other| other.is_ipv6() == ip.is_ipv6() && bits(other) == bits(ip))
    };
    !(local && address.scope == 0)
        && allowed.iter().any(|range| among(range, false))
        && !excluded.iter().any(|range| among(range, true))
}

proptest! {
    #[test]
    fn holds_what_is_allowed_and_not_excluded(
        allowed in proptest::collection::vec(wild_range(), 0..6),
        excluded in proptest::collection::vec(wild_range(), 0..6),
        asked in proptest::collection::vec(address(), 1..40),
    ) {
        let scope = Scope::new(allowed.clone(), excluded.clone());
        for address in asked {
            prop_assert_eq!(scope.holds(address), by_hand(&allowed, &excluded, address), "{}", address);
        }
    }

    #[test]
    fn its_ranges_are_in_order_and_neither_touch_nor_overlap(
        allowed in proptest::collection::vec(wild_range(), 0..8),
        excluded in proptest::collection::vec(wild_range(), 0..8),
    ) {
        let scope = Scope::new(allowed, excluded);
        for pair in scope.ranges.windows(2) {
            prop_assert!(order(pair[0].last, &pair[0]) < order(pair[1].first, &pair[1]));
        }
    }

    #[test]
    fn pieces_are_the_whole_range_and_each_is_as_its_addresses_are(
        allowed in proptest::collection::vec(wild_range(), 0..6),
        excluded in proptest::collection::vec(wild_range(), 0..6),
        range in wild_range(),
    ) {
        let scope = Scope::new(allowed, excluded);
        let pieces = scope.pieces(range);
        let mut at = range.first;
        for (piece, is_in) in &pieces {
            prop_assert_eq!((piece.v6, piece.scope, piece.first), (range.v6, range.scope, at));
            for n in 0..piece.count() as u64 {
                prop_assert_eq!(scope.holds(piece.nth(n)), *is_in, "{}", piece.nth(n));
            }
            at = piece.last + 1;
        }
        prop_assert_eq!(at, range.last + 1);
    }
}
