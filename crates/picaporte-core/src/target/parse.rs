//! The grammar of a target. Pure text: what only the machine knows comes through [`Lookup`].

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Address, AddressRange, Lookup, MAX_RANGES, Target, TargetError, What};
use crate::port::PortSet;

pub(super) fn target(text: &str, lookup: &dyn Lookup) -> Result<Target, TargetError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(TargetError::Empty);
    }
    let (host, ports) = split_ports(text)?;
    let ports = ports.map(|p| port_set(text, p, lookup)).transpose()?;
    let what = if host.contains(':') {
        ipv6(host, lookup)?
    } else if looks_numeric(host) {
        ipv4(host)?
    } else {
        What::Name(name(host)?)
    };
    Ok(Target { what, ports })
}

/// Splits `host:ports` and `[host]:ports`. More than one colon without brackets is bare IPv6.
fn split_ports(text: &str) -> Result<(&str, Option<&str>), TargetError> {
    if let Some(rest) = text.strip_prefix('[') {
        let brackets = || TargetError::Brackets(text.to_owned());
        let (inner, after) = rest.split_once(']').ok_or_else(brackets)?;
        if !inner.contains(':') {
            return Err(brackets());
        }
        return match after.strip_prefix(':') {
            Some(ports) => Ok((inner, Some(ports))),
            None if after.is_empty() => Ok((inner, None)),
            None => Err(brackets()),
        };
    }
    match text.split_once(':') {
        Some((host, ports)) if !ports.contains(':') && !host.is_empty() => Ok((host, Some(ports))),
        _ => Ok((text, None)),
    }
}

fn port_set(text: &str, ports: &str, lookup: &dyn Lookup) -> Result<PortSet, TargetError> {
    PortSet::parse(ports, &|name| lookup.service(name)).map_err(|error| TargetError::Ports {
        text: text.to_owned(),
        error,
    })
}

/// Whether the text can only be meant as IPv4: digits, dots, dashes and a slash, or a name whose
/// last label is all digits, which no host name has (RFC 3696, section 2).
fn looks_numeric(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or(host);
    host.bytes()
        .all(|b| matches!(b, b'0'..=b'9' | b'.' | b'-' | b'/'))
        || (!last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()))
        || host.contains('/')
}

/// What is wrong with a text that is no target.
fn none(host: &str, otherwise: fn(String) -> TargetError) -> TargetError {
    let what = if host.contains(',') {
        TargetError::List
    } else {
        otherwise
    };
    what(host.to_owned())
}

fn ipv4(host: &str) -> Result<What, TargetError> {
    let bad = || none(host, TargetError::BadIpv4);
    if let Some((net, length)) = host.split_once('/') {
        let net: Ipv4Addr = net.parse().map_err(|_| bad())?;
        return prefix(host, IpAddr::V4(net), length, 32);
    }
    if let Ok(one) = host.parse::<Ipv4Addr>() {
        return Ok(What::One(Address::new(IpAddr::V4(one))));
    }
    if let Some((first, last)) = host.split_once('-')
        && let (Ok(first), Ok(last)) = (first.parse::<Ipv4Addr>(), last.parse::<Ipv4Addr>())
    {
        return range(host, IpAddr::V4(first), IpAddr::V4(last), 0);
    }
    octets(host)
}

/// `192.0.0-3.1-254`: each octet a number or a range; `192.0.2.1-50` is the commonest case.
fn octets(host: &str) -> Result<What, TargetError> {
    let bad = || none(host, TargetError::BadIpv4);
    let mut bounds = [(0u8, 0u8); 4];
    let mut parts = host.split('.');
    for bound in &mut bounds {
        let part = parts.next().ok_or_else(bad)?;
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        *bound = (octet(first).ok_or_else(bad)?, octet(last).ok_or_else(bad)?);
        if bound.0 > bound.1 {
            return Err(TargetError::Backwards(host.to_owned()));
        }
    }
    if parts.next().is_some() {
        return Err(bad());
    }
    expand(host, bounds)
}

/// A leading zero is refused: other tools read such a number as octal, and scan another host.
fn octet(text: &str) -> Option<u8> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let octal = text.len() > 1 && text.starts_with('0');
    (digits && !octal).then(|| text.parse().ok())?
}

/// Turns octet bounds into ranges, as few as there can be: trailing full octets join.
fn expand(host: &str, bounds: [(u8, u8); 4]) -> Result<What, TargetError> {
    let width = |i: usize| u64::from(bounds[i].1 - bounds[i].0) + 1;
    let mut run = 3;
    while run > 0 && bounds[run] == (0, 255) {
        run -= 1;
    }
    let ranges: u64 = (0..run).map(width).product();
    if ranges > MAX_RANGES {
        return Err(TargetError::TooManyRanges(host.to_owned()));
    }
    let mut out = Vec::with_capacity(ranges as usize);
    for n in 0..ranges {
        let (mut first, mut last, mut rest) = ([0u8; 4], [255u8; 4], n);
        for i in (0..run).rev() {
            let value = bounds[i].0 + (rest % width(i)) as u8;
            rest /= width(i);
            (first[i], last[i]) = (value, value);
        }
        (first[run], last[run]) = bounds[run];
        let (first, last) = (u32::from_be_bytes(first), u32::from_be_bytes(last));
        out.push(AddressRange {
            v6: false,
            scope: 0,
            first: first.into(),
            last: last.into(),
        });
    }
    Ok(What::Many(out))
}

fn ipv6(host: &str, lookup: &dyn Lookup) -> Result<What, TargetError> {
    if let Some((net, length)) = host.split_once('/') {
        let (net, scope) = ipv6_address(host, net, lookup)?;
        let mut what = prefix(host, net, length, 128)?;
        if let What::Many(ranges) = &mut what {
            for range in ranges {
                range.scope = scope;
            }
        }
        return Ok(what);
    }
    // A zone may hold a dash of its own (`fe80::1%br-lan`), so the whole is tried first.
    let whole = ipv6_address(host, host, lookup);
    if let (Err(_), Some((first, last))) = (&whole, host.split_once('-'))
        && last.contains(':')
    {
        let (first, scope) = ipv6_address(host, first, lookup)?;
        let (last, _) = ipv6_address(host, last, lookup)?;
        return range(host, first, last, scope);
    }
    let (ip, scope) = whole?;
    Ok(What::One(Address {
        scope,
        ..Address::new(ip)
    }))
}

fn ipv6_address(text: &str, part: &str, lookup: &dyn Lookup) -> Result<(IpAddr, u32), TargetError> {
    let (ip, zone) = match part.split_once('%') {
        Some((ip, zone)) => (ip, Some(zone)),
        None => (part, None),
    };
    let ip: Ipv6Addr = ip
        .parse()
        .map_err(|_| TargetError::BadIpv6(text.to_owned()))?;
    let scope = match zone {
        None => 0,
        Some(zone) => lookup.zone(zone).ok_or_else(|| TargetError::NoZone {
            text: text.to_owned(),
            zone: zone.to_owned(),
        })?,
    };
    Ok((IpAddr::V6(ip), scope))
}

fn prefix(text: &str, net: IpAddr, length: &str, max: u8) -> Result<What, TargetError> {
    let bad = || TargetError::BadPrefix {
        text: text.to_owned(),
        max,
    };
    if length.is_empty() || !length.bytes().all(|b| b.is_ascii_digit()) {
        return Err(bad());
    }
    let length: u8 = length.parse().map_err(|_| bad())?;
    let range = AddressRange::prefix(net, length).ok_or_else(bad)?;
    Ok(What::Many(vec![range]))
}

fn range(text: &str, first: IpAddr, last: IpAddr, scope: u32) -> Result<What, TargetError> {
    let range =
        AddressRange::new(first, last).ok_or_else(|| TargetError::Backwards(text.to_owned()))?;
    Ok(What::Many(vec![AddressRange { scope, ..range }]))
}

/// A host name: RFC 1123 letters, digits and dashes, and the underscore that is met in practice;
/// at most 253 characters, labels of at most 63 (RFC 1035, section 2.3.4).
fn name(host: &str) -> Result<String, TargetError> {
    let bad = || none(host, TargetError::BadName);
    let bare = host.strip_suffix('.').unwrap_or(host);
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    if bare.len() > 253 || !bare.split('.').all(label) {
        return Err(bad());
    }
    Ok(bare.to_ascii_lowercase())
}
