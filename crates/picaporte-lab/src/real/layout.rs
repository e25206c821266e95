//! Puts a world together: which namespaces there are, how they are joined, who owns which address, and who listens.
//! Links between routers have link-local addresses only; a router's own address is the source of what it says.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::listen::{listen, listeners_at_most};
use super::plan::Plan;
use super::rules::NEAR;
use super::wire::SCANNER_PORT;
use super::{LINK, RealError, RealWorld, rules, settle, wire};
use crate::netns::{Netns, feed};
use crate::scenario::{Path, SCANNER_V4, SCANNER_V6, Scenario, every_address};
use crate::server::{Listener, Server};

/// The most IPv6 addresses of a group that are given to an interface one by one; beyond, a route makes them local.
pub const MOST_V6_ADDRESSES: u128 = 4_096;

/// The network of the scanner's link, in which neighbours are asked for without a route.
const LINK_V4: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(198, 51, 100, 0), 24);
/// See [`LINK_V4`].
const LINK_V6: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x2001, 0xdb8, 0x51, 0, 0, 0, 0, 0), 64);

/// Builds the world before the calling thread's namespace.
pub(super) fn build(scenario: &Scenario, seed: u64) -> Result<RealWorld, RealError> {
    let plans = (0..scenario.hosts.len())
        .filter_map(|index| Plan::new(scenario, index, seed).transpose())
        .collect::<Result<Vec<_>, _>>()?;
    let mut site = Site::new(scenario, &plans)?;
    site.scanner()?;
    site.routers()?;
    let mut budget = listeners_at_most();
    let mut listeners = Vec::new();
    for plan in &plans {
        listeners.extend(site.hosts(plan, &mut budget)?);
    }
    let server = Server::start(listeners).map_err(|source| RealError::Listen {
        what: "all ports".to_owned(),
        source,
    })?;
    site.switch
        .nft(&wire::rules(scenario, &plans, &site.switch_ports))?;
    settle::wait(site.others.iter().chain([&site.switch]))?;
    let dropped = wire::dropped(site.others.iter().chain([&site.switch]))?;
    Ok(RealWorld {
        server: Some(server),
        switch: site.switch,
        others: site.others,
        dropped_before: dropped,
    })
}

/// A world that is being built.
struct Site<'a> {
    scenario: &'a Scenario,
    plans: &'a [Plan<'a>],
    switch: Netns,
    /// The switch's ports but the scanner's.
    switch_ports: Vec<String>,
    others: Vec<Netns>,
    /// The last router of every path; an index into `others`.
    last_routers: Vec<Option<usize>>,
}

impl<'a> Site<'a> {
    fn new(scenario: &'a Scenario, plans: &'a [Plan<'a>]) -> Result<Self, RealError> {
        let switch = Netns::new("switch")?;
        switch.sysctls(&[
            ("ipv6/conf/all/disable_ipv6", "1"),
            ("ipv6/conf/default/disable_ipv6", "1"),
        ])?;
        switch.ip_batch("link add br0 type bridge mcast_snooping 0\nlink set br0 up\n")?;
        Ok(Self {
            scenario,
            plans,
            switch,
            switch_ports: Vec::new(),
            others: Vec::new(),
            last_routers: vec![None; scenario.paths.len()],
        })
    }

    /// The scanner's end: its addresses, and the routes of a machine with one way out.
    fn scanner(&self) -> Result<(), RealError> {
        let gateway = |v6| Path::router(0, 1, v6);
        let mut commands = format!(
            "link add {LINK} type veth peer name {SCANNER_PORT} netns {}\n\
             link set {LINK} addrgenmode none\n\
             link set {LINK} up\n\
             addr add {SCANNER_V4}/24 dev {LINK}\n\
             addr add {SCANNER_V6}/64 dev {LINK} nodad\n\
             addr add fe80::2/64 dev {LINK} nodad\n\
             route add default via {} dev {LINK}\n\
             route add default via {} dev {LINK}\n",
            self.switch.name(),
            gateway(false),
            gateway(true),
        );
        for plan in self.plans {
            let neighbours = self.path_of(plan).hops == 0;
            for net in &plan.nets {
                if neighbours {
                    let _ = writeln!(commands, "route add {net} dev {LINK}");
                } else if is_on_link(net) {
                    let via = gateway(net.addr().is_ipv6());
                    let _ = writeln!(commands, "route add {net} via {via} dev {LINK}");
                }
            }
        }
        feed(&["ip", "-batch", "-"], &commands)?;
        self.plug(SCANNER_PORT)
    }

    fn plug(&self, port: &str) -> Result<(), RealError> {
        let commands = format!("link set {port} master br0\nlink set {port} up\n");
        Ok(self.switch.ip_batch(&commands)?)
    }

    fn path_of(&self, plan: &Plan<'_>) -> &'a Path {
        &self.scenario.paths[plan.hosts.path]
    }

    /// A new namespace on the switch, with the link [`NEAR`] up.
    fn on_switch(&mut self, role: &str, port: &str) -> Result<Netns, RealError> {
        let netns = Netns::new(role)?;
        self.switch.ip(&format!(
            "link add {port} type veth peer name {NEAR} netns {}",
            netns.name()
        ))?;
        netns.ip_batch(&format!(
            "link set {NEAR} addrgenmode none\nlink set {NEAR} up\n"
        ))?;
        self.plug(port)?;
        self.switch_ports.push(port.to_owned());
        Ok(netns)
    }

    /// The gateway, and the routers behind it of every path that has more.
    fn routers(&mut self) -> Result<(), RealError> {
        let gateway = self.on_switch("hop1", "gateway")?;
        let address = |v6| Path::router(0, 1, v6);
        gateway.ip_batch(&format!(
            "addr add {}/24 dev {NEAR}\naddr add {}/64 dev {NEAR} nodad\naddr add fe80::1/64 dev {NEAR} nodad\n\
             route add blackhole 0.0.0.0/0\nroute add blackhole ::/0\n",
            address(false),
            address(true)
        ))?;
        let behind: Vec<&Plan<'_>> = self
            .plans
            .iter()
            .filter(|plan| self.path_of(plan).hops > 0)
            .collect();
        let silent = self
            .scenario
            .paths
            .iter()
            .any(|path| path.silent_hops.contains(&1));
        forwarding(&gateway, &behind, 1, silent)?;
        self.others.push(gateway);
        for (index, path) in self.scenario.paths.iter().enumerate() {
            let plans: Vec<&Plan<'_>> = behind
                .iter()
                .filter(|plan| plan.hosts.path == index)
                .copied()
                .collect();
            let mut last = 0;
            for hop in 2..=path.hops {
                let router = behind_router(&self.others[last], index, hop, &plans)?;
                forwarding(&router, &plans, hop, path.silent_hops.contains(&hop))?;
                last = self.others.len();
                self.others.push(router);
            }
            self.last_routers[index] = (path.hops > 0).then_some(last);
        }
        Ok(())
    }

    /// The namespace of a group, its addresses, its firewall and its listeners.
    fn hosts(&mut self, plan: &Plan<'_>, budget: &mut usize) -> Result<Vec<Listener>, RealError> {
        let port = format!("hosts{}", plan.index);
        let netns = match self.last_routers[plan.hosts.path] {
            None => {
                let netns = self.on_switch("hosts", &port)?;
                // A link-local address of its own on the common link, beyond the scanner's and the gateway's.
                let commands = format!(
                    "addr add fe80::{:x}/64 dev {NEAR} nodad\nroute add {SCANNER_V4} dev {NEAR}\n\
                     route add {SCANNER_V6} dev {NEAR}\n",
                    0x100 + plan.index
                );
                netns.ip_batch(&commands)?;
                netns
            }
            Some(last) => {
                let router = &self.others[last];
                let netns = joined("hosts", router, &port)?;
                router.ip_batch(&routes_to(&[plan], &port))?;
                netns.ip_batch(&format!(
                    "route add 0.0.0.0/0 via inet6 fe80::1 dev {NEAR}\nroute add ::/0 via fe80::1 dev {NEAR}\n"
                ))?;
                netns
            }
        };
        netns.sysctls(&[
            ("core/somaxconn", "65535"),
            ("ipv4/tcp_max_syn_backlog", "65535"),
        ])?;
        netns.ip_batch(&own_addresses(plan))?;
        let listeners = listen(plan, &netns, budget)?;
        self.others.push(netns);
        Ok(listeners)
    }
}

/// Whether packets to it would ask for a neighbour, were there no route.
fn is_on_link(net: &IpNet) -> bool {
    match net {
        IpNet::V4(net) => LINK_V4.contains(net),
        IpNet::V6(net) => LINK_V6.contains(net),
    }
}

/// A new namespace behind `router`, whose end of the link is `port`; `fe80::1` is the router's end, `fe80::2` the other.
fn joined(role: &str, router: &Netns, port: &str) -> Result<Netns, RealError> {
    let netns = Netns::new(role)?;
    router.ip_batch(&format!(
        "link add {port} type veth peer name {NEAR} netns {}\n\
         link set {port} addrgenmode none\nlink set {port} up\n",
        netns.name()
    ))?;
    netns.ip_batch(&format!(
        "link set {NEAR} addrgenmode none\nlink set {NEAR} up\naddr add fe80::2/64 dev {NEAR} nodad\n"
    ))?;
    router.ip(&format!("addr add fe80::1/64 dev {port} nodad"))?;
    Ok(netns)
}

fn behind_router(
    before: &Netns,
    path: usize,
    hop: u8,
    plans: &[&Plan<'_>],
) -> Result<Netns, RealError> {
    let port = format!("path{path}");
    let router = joined(&format!("hop{hop}"), before, &port)?;
    before.ip_batch(&routes_to(plans, &port))?;
    let (v4, v6) = (
        Path::router(path, hop, false),
        Path::router(path, hop, true),
    );
    router.ip_batch(&format!(
        "addr add {v4}/32 dev {NEAR}\naddr add {v6}/128 dev {NEAR} nodad\n\
         route add 0.0.0.0/0 via inet6 fe80::1 dev {NEAR} src {v4}\n\
         route add ::/0 via fe80::1 dev {NEAR} src {v6}\n"
    ))?;
    Ok(router)
}

fn routes_to(plans: &[&Plan<'_>], port: &str) -> String {
    let mut commands = String::new();
    for net in plans.iter().flat_map(|plan| &plan.nets) {
        let family = if net.addr().is_ipv6() { "" } else { "inet6 " };
        let _ = writeln!(commands, "route add {net} via {family}fe80::2 dev {port}");
    }
    commands
}

/// Makes a router of a namespace, with the firewall of its place.
fn forwarding(router: &Netns, plans: &[&Plan<'_>], hop: u8, silent: bool) -> Result<(), RealError> {
    router.sysctls(&[
        ("ipv4/conf/all/send_redirects", "0"),
        ("ipv4/conf/default/send_redirects", "0"),
        ("ipv4/ip_forward", "1"),
        ("ipv6/conf/all/forwarding", "1"),
    ])?;
    router.nft(&rules::of_router(plans, hop, silent))?;
    let shields = |plan: &&Plan<'_>| plan.hosts.proxy.is_some_and(|proxy| proxy.hop == hop);
    if plans.iter().any(shields) {
        // What nft(8) asks for beside `synproxy`. Without the last, the ACK that ends a handshake would be taken for a
        // connection that was there before.
        router.sysctls(&[
            ("ipv4/tcp_syncookies", "1"),
            ("ipv4/tcp_timestamps", "1"),
            ("netfilter/nf_conntrack_tcp_loose", "0"),
        ])?;
    }
    Ok(())
}

/// Commands that make all of a group's addresses local. IPv4 neighbours are answered for any local address; IPv6 ones, and
/// the sender of an ICMPv6 error, need the address on an interface.
fn own_addresses(plan: &Plan<'_>) -> String {
    let one_by_one =
        plan.nets_of(true).map(count).fold(0, u128::saturating_add) <= MOST_V6_ADDRESSES;
    let mut commands = String::new();
    let single: Vec<IpNet> = match &plan.present {
        Some(present) => present.iter().copied().map(IpNet::from).collect(),
        None => plan.nets.clone(),
    };
    for net in single {
        if net.addr().is_ipv4() || !one_by_one {
            let _ = writeln!(commands, "route add local {net} dev lo");
        } else {
            for ip in every_address(net) {
                let _ = writeln!(commands, "addr add {ip}/128 dev {NEAR} nodad");
            }
        }
    }
    if !one_by_one && let Some(net) = plan.nets_of(true).next() {
        let _ = writeln!(commands, "addr add {}/128 dev {NEAR} nodad", net.addr());
    }
    commands
}

fn count(net: &IpNet) -> u128 {
    1_u128
        .checked_shl(u32::from(net.max_prefix_len() - net.prefix_len()))
        .unwrap_or(u128::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::real::plan::with_plan;

    #[test]
    fn many_ipv6_addresses_are_one_route() {
        let commands = |net: &str| with_plan(&format!("addresses = [\"{net}\"]\n"), own_addresses);
        let few = commands("2001:db8::/116");
        assert_eq!(few.lines().count(), 4_096);
        assert!(few.lines().all(|line| line.starts_with("addr add ")));
        let many = commands("2001:db8::/115");
        assert_eq!(
            many,
            "route add local 2001:db8::/115 dev lo\naddr add 2001:db8::/128 dev near nodad\n"
        );
    }
}
