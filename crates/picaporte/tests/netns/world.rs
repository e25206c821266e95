//! Small networks for one test each: namespaces, the links between them, addresses, filter rules. Addresses
//! repeat from world to world, which is safe because no two worlds are joined. Knows nothing of the scanner.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use libtest_mimic::Failed;
pub(crate) use picaporte_lab::netns::Netns;

/// The interface of every namespace that has one link; the scanner's always has this name.
pub(crate) const LINK: &str = "veth0";
pub(crate) const SCANNER_V4: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);
pub(crate) const TARGET_V4: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 2);
pub(crate) const TARGET_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0x77, 0, 0, 0, 0, 0, 2);
pub(crate) const TARGET_LINK_LOCAL: Ipv6Addr = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 2);
/// In a routed world: the router's addresses on the scanner's side, and the target behind it.
pub(crate) const ROUTER_V4: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 2);
pub(crate) const ROUTER_V6: Ipv6Addr = TARGET_V6;
pub(crate) const FAR_V4: Ipv4Addr = Ipv4Addr::new(10, 78, 0, 2);
pub(crate) const FAR_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0x78, 0, 0, 0, 0, 0, 2);

/// The target of a two-namespace world, once per address family.
pub(crate) const TARGETS: [IpAddr; 2] = [IpAddr::V4(TARGET_V4), IpAddr::V6(TARGET_V6)];

/// A scanner and its target on one link, or with a router in between.
pub(crate) struct World {
    pub(crate) scanner: Netns,
    pub(crate) target: Netns,
    /// Only in a routed world.
    pub(crate) router: Option<Netns>,
}

impl World {
    /// Scanner and target joined by one link, IPv4 and IPv6, link-local addresses fixed.
    pub(crate) fn new() -> Result<Self, Failed> {
        let (scanner, target) = (Netns::new("scanner")?, Netns::new("target")?);
        join(&scanner, &target, LINK, "77")?;
        Ok(Self {
            scanner,
            target,
            router: None,
        })
    }

    /// Scanner, router, target: the target is [`FAR_V4`] and [`FAR_V6`].
    pub(crate) fn routed() -> Result<Self, Failed> {
        let (scanner, router, target) = (
            Netns::new("scanner")?,
            Netns::new("router")?,
            Netns::new("target")?,
        );
        join(&scanner, &router, LINK, "77")?;
        join(&router, &target, "veth1", "78")?;
        router.sysctl("ipv4/ip_forward", "1")?;
        router.sysctl("ipv6/conf/all/forwarding", "1")?;
        scanner.ip("route add default via 10.77.0.2")?;
        scanner.ip("-6 route add default via fd00:77::2")?;
        target.ip("route add default via 10.78.0.1")?;
        target.ip("-6 route add default via fd00:78::1")?;
        Ok(Self {
            scanner,
            target,
            router: Some(router),
        })
    }

    /// Gives the target every address of `prefix`, reached from the scanner through its own address.
    pub(crate) fn answer_for(&self, prefix: &str) -> Result<(), Failed> {
        self.target
            .ip(&format!("route add local {prefix} dev lo"))?;
        self.scanner
            .ip(&format!("route add {prefix} via {TARGET_V4}"))?;
        Ok(())
    }
}

/// Joins two namespaces by a veth pair: `.1` and `::1` on the near end, `.2` and `::2` on the far end.
fn join(near: &Netns, far: &Netns, near_link: &str, net: &str) -> Result<(), Failed> {
    near.ip(&format!(
        "link add {near_link} type veth peer name {LINK} netns {}",
        far.name()
    ))?;
    for (netns, link, host) in [(near, near_link, 1), (far, LINK, 2)] {
        netns.ip(&format!("link set {link} addrgenmode none"))?;
        netns.ip(&format!("addr add 10.{net}.0.{host}/24 dev {link}"))?;
        netns.ip(&format!(
            "-6 addr add fd00:{net}::{host}/64 dev {link} nodad"
        ))?;
        netns.ip(&format!("-6 addr add fe80::{host}/64 dev {link} nodad"))?;
        netns.ip(&format!("link set {link} up"))?;
    }
    Ok(())
}
