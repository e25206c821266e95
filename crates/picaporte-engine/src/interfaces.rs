//! This machine's interfaces: zones, own and broadcast addresses, and which targets are on a link.

use std::collections::{BTreeMap, HashSet};
use std::net::{IpAddr, Ipv4Addr};

use nix::ifaddrs::{InterfaceAddress, getifaddrs};
use nix::net::if_::{InterfaceFlags, if_nametoindex};
use nix::sys::socket::SockaddrStorage;
use picaporte_core::Address;
use picaporte_core::target::AddressRange;

/// The scope id of a zone: the name of an interface or its number.
pub fn scope_id(zone: &str) -> Option<u32> {
    if_nametoindex(zone).ok().or_else(|| {
        zones()
            .contains_key(&zone.parse().ok()?)
            .then(|| zone.parse().ok())?
    })
}

/// The interfaces that have an address, by scope id.
pub fn zones() -> BTreeMap<u32, String> {
    let names = all().into_iter().map(|i| i.interface_name);
    names
        .filter_map(|name| Some((if_nametoindex(name.as_str()).ok()?, name)))
        .collect()
}

/// The broadcast addresses of this machine's interfaces: those that are set, and those that the
/// kernel takes as such all the same, the last of each network of more than two hosts
/// (`fib_add_ifaddr` in Linux `net/ipv4/fib_frontend.c`).
pub fn broadcasts() -> Vec<Address> {
    all().iter().flat_map(broadcasts_of).collect()
}

fn broadcasts_of(interface: &InterfaceAddress) -> Vec<Address> {
    let address = |a: &Option<SockaddrStorage>| a.as_ref().and_then(ip);
    let Some(IpAddr::V4(own)) = address(&interface.address) else {
        return Vec::new();
    };
    if !interface.flags.contains(InterfaceFlags::IFF_BROADCAST) {
        return Vec::new();
    }
    let last = match address(&interface.netmask) {
        Some(IpAddr::V4(mask)) if mask.to_bits().leading_ones() <= 30 => Some(IpAddr::V4(
            Ipv4Addr::from_bits(own.to_bits() | !mask.to_bits()),
        )),
        _ => None,
    };
    // An interface that has none is listed with its own address in that place.
    let set = address(&interface.broadcast).filter(|&b| b != IpAddr::V4(own));
    set.into_iter().chain(last).map(Address::new).collect()
}

/// The addresses of this machine's interfaces.
pub fn own() -> HashSet<IpAddr> {
    all()
        .iter()
        .filter_map(|i| i.address.as_ref().and_then(ip))
        .collect()
}

/// A network that is reached without a router, and the number of the interface it is on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OnLink {
    range: AddressRange,
    pub interface: u32,
}

/// The networks on this machine's links, where neighbours are asked for their link address.
pub(crate) fn on_link() -> Vec<OnLink> {
    let silent =
        InterfaceFlags::IFF_LOOPBACK | InterfaceFlags::IFF_NOARP | InterfaceFlags::IFF_POINTOPOINT;
    all()
        .into_iter()
        .filter(|i| !i.flags.intersects(silent))
        .filter_map(|i| {
            let length = prefix_length(ip(i.netmask.as_ref()?)?);
            let mut range = AddressRange::prefix(ip(i.address.as_ref()?)?, length)?;
            let interface = if_nametoindex(i.interface_name.as_str()).ok()?;
            if is_link_local(i.address.as_ref().and_then(ip)?) {
                range.scope = interface;
            }
            Some(OnLink { range, interface })
        })
        .collect()
}

/// The interface whose link this address is on.
pub(crate) fn interface_of(links: &[OnLink], address: Address) -> Option<u32> {
    let range = address.range();
    links
        .iter()
        .find(|l| l.range.overlaps(&range))
        .map(|l| l.interface)
}

fn all() -> Vec<InterfaceAddress> {
    getifaddrs().map(Iterator::collect).unwrap_or_default()
}

fn ip(address: &SockaddrStorage) -> Option<IpAddr> {
    let v4 = address.as_sockaddr_in().map(|a| IpAddr::V4(a.ip()));
    v4.or_else(|| address.as_sockaddr_in6().map(|a| IpAddr::V6(a.ip())))
}

fn prefix_length(mask: IpAddr) -> u8 {
    let ones = match mask {
        IpAddr::V4(m) => m.to_bits().leading_ones(),
        IpAddr::V6(m) => m.to_bits().leading_ones(),
    };
    ones as u8
}

fn is_link_local(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(a) if a.is_unicast_link_local())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_is_a_zone_and_own() {
        let index = scope_id("lo").unwrap();
        assert_eq!(scope_id(&index.to_string()), Some(index));
        assert_eq!(zones().get(&index).map(String::as_str), Some("lo"));
        assert_eq!(scope_id("nosuchzone"), None);
        let own = own();
        assert!(broadcasts().iter().all(|b| !own.contains(&b.ip)));
        assert!(own.contains(&IpAddr::from([127, 0, 0, 1])));
    }
}
