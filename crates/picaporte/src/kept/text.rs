//! Addresses and ports as text that people can read and this program reads back: `192.0.2.0-192.0.2.7,fe80::1%3`,
//! `22,8000-8100`. Written by the core's own `Display`; read strictly: one set has one text.

use std::net::IpAddr;

use picaporte_core::target::AddressRange;
use picaporte_core::{Address, PortSet};

/// What was refused, in words.
type Refused = String;

pub(super) fn ranges<'a>(ranges: impl IntoIterator<Item = &'a AddressRange>) -> String {
    let texts = ranges.into_iter().map(ToString::to_string);
    texts.collect::<Vec<_>>().join(",")
}

pub(super) fn read_ranges(text: &str) -> Result<Vec<AddressRange>, Refused> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    text.split(',').map(read_range).collect()
}

fn read_range(text: &str) -> Result<AddressRange, Refused> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (read_address(first)?.range(), read_address(last)?.range());
    if (first.v6, first.scope) != (last.v6, last.scope) {
        return Err(format!("'{text}' goes from one kind of address to another"));
    }
    Ok(AddressRange {
        last: last.first,
        ..first
    })
}

/// An IPv4 address that is written as IPv6 stays one: a range may begin or end there.
pub(super) fn read_address(text: &str) -> Result<Address, Refused> {
    let (ip, scope) = match text.split_once('%') {
        Some((ip, scope)) => (ip, scope.parse().ok()),
        None => (text, Some(0)),
    };
    let ip: Option<IpAddr> = ip.parse().ok();
    let address = ip.zip(scope).map(|(ip, scope)| Address { ip, scope });
    address.ok_or_else(|| format!("'{text}' is no address"))
}

pub(super) fn read_ports(text: &str) -> Result<PortSet, Refused> {
    if text.is_empty() {
        return Ok(PortSet::empty());
    }
    let ports = PortSet::parse(text, &|_| None).map_err(|error| error.to_string())?;
    if ports.to_string() == text {
        Ok(ports)
    } else {
        Err(format!("'{text}' is no list of ports in order"))
    }
}
