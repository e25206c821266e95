//! What one group of a scenario does, sorted by what has to be done about it: which ports of all its addresses, and which
//! single ports of single addresses, are open, dropped, rejected or reset. Knows no namespaces and no nftables.

use std::net::IpAddr;

use ipnet::IpNet;
use picaporte_core::PortSet;

use super::RealError;
use crate::scenario::{Act, Hosts, Scenario, Share};

/// The most single ports of single addresses that differ from what the rest of their group does, in one group: each
/// is an element of an nftables set.
pub const MOST_SINGLE: usize = 65_536;

/// One group of a scenario.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    /// Its index in [`Scenario::hosts`].
    pub(super) index: usize,
    pub(super) hosts: &'a Hosts,
    /// The prefixes for which it speaks; where an earlier group has a longer one inside, the longer one wins, as in routing.
    pub(super) nets: Vec<IpNet>,
    /// The addresses that exist; `None` when all do.
    pub(super) present: Option<Vec<IpAddr>>,
    /// Every act that some port has, once.
    pub(super) acts: Vec<Acting<'a>>,
}

/// An act, and the ports that have it.
#[derive(Debug)]
pub(super) struct Acting<'a> {
    pub(super) act: &'a Act,
    /// On every address, unless the address is listed with this port elsewhere.
    pub(super) ports: PortSet,
    /// On single addresses.
    pub(super) single: Vec<(IpAddr, u16)>,
}

/// Where an act is carried out: at this router, or (`None`) at the host.
pub(super) type Place = Option<u8>;

impl<'a> Plan<'a> {
    /// Sorts group `index`; `None` when earlier groups speak for all of its addresses.
    pub(super) fn new(
        scenario: &'a Scenario,
        index: usize,
        seed: u64,
    ) -> Result<Option<Self>, RealError> {
        let hosts = &scenario.hosts[index];
        let nets = spoken_for(scenario, index);
        if nets.is_empty() {
            return Ok(None);
        }
        let chosen = chosen_ports(hosts);
        let partly = hosts.alive != Share::ALL;
        let addresses = if partly || !chosen.is_empty() {
            existing(scenario, index, seed, &nets)
        } else {
            Vec::new()
        };
        let acts = sort_acts(hosts, &chosen, &addresses, seed);
        let listed: usize = acts.iter().map(|acting| acting.single.len()).sum();
        if listed > MOST_SINGLE {
            return Err(RealError::TooMany {
                what: format!("ports in [[hosts]] number {} that 'share' chose", index + 1),
                count: listed,
                most: MOST_SINGLE,
            });
        }
        Ok(Some(Self {
            index,
            hosts,
            nets,
            present: partly.then_some(addresses),
            acts,
        }))
    }

    /// What is done at this place.
    pub(super) fn at(&self, place: Place) -> impl Iterator<Item = &Acting<'a>> {
        self.acts
            .iter()
            .filter(move |acting| is_refusal(acting.act) && acting.act.hop() == place)
    }

    /// Single ports that are to be let through here although other addresses' same ports are not.
    pub(super) fn let_through(&self, place: Place) -> Vec<(IpAddr, u16)> {
        let held = self.at(place).fold(PortSet::default(), |ports, acting| {
            ports.union(&acting.ports)
        });
        self.acts
            .iter()
            .filter(|acting| !is_refusal(acting.act) || acting.act.hop() != place)
            .flat_map(|acting| &acting.single)
            .filter(|(_, port)| held.contains(*port))
            .copied()
            .collect()
    }

    /// Single ports that are closed although a listener of the others' is on the port.
    pub(super) fn closed_on_open(&self) -> Vec<(IpAddr, u16)> {
        let open = self.open().fold(PortSet::default(), |ports, acting| {
            ports.union(&acting.ports)
        });
        let closed = self
            .acts
            .iter()
            .filter(|acting| *acting.act == Act::Closed)
            .flat_map(|acting| &acting.single);
        closed
            .filter(|(_, port)| open.contains(*port))
            .copied()
            .collect()
    }

    /// What listens.
    pub(super) fn open(&self) -> impl Iterator<Item = &Acting<'a>> {
        self.acts
            .iter()
            .filter(|acting| matches!(acting.act, Act::Open(_)))
    }

    /// Whether the group has addresses of this family.
    pub(super) fn has(&self, v6: bool) -> bool {
        self.nets_of(v6).next().is_some()
    }

    /// Its prefixes of one family.
    pub(super) fn nets_of(&self, v6: bool) -> impl Iterator<Item = &IpNet> {
        self.nets
            .iter()
            .filter(move |net| net.addr().is_ipv6() == v6)
    }
}

/// Whether something else than the host's own stack decides.
fn is_refusal(act: &Act) -> bool {
    matches!(act, Act::Dropped(_) | Act::Rejected(..) | Act::Reset(_))
}

/// The group's prefixes without those that lie inside one of an earlier group.
fn spoken_for(scenario: &Scenario, index: usize) -> Vec<IpNet> {
    let earlier = |net: &IpNet| {
        scenario.hosts[..index]
            .iter()
            .flat_map(|hosts| &hosts.addresses)
            .any(|other| other.contains(net))
    };
    let own: Vec<IpNet> = scenario.hosts[index]
        .addresses
        .iter()
        .filter(|net| !earlier(net))
        .copied()
        .collect();
    IpNet::aggregate(&own)
}

/// Every address for which the group speaks and where a host is. The scenario's reader has bounded how many.
fn existing(scenario: &Scenario, index: usize, seed: u64, nets: &[IpNet]) -> Vec<IpAddr> {
    nets.iter()
        .flat_map(|net| crate::scenario::every_address(*net))
        .filter(|ip| {
            scenario
                .group_of(*ip)
                .is_some_and(|(group, hosts)| group == index && hosts.exists(seed, *ip))
        })
        .collect()
}

/// The ports about which the seed decides, address by address.
fn chosen_ports(hosts: &Hosts) -> PortSet {
    let mut decided = PortSet::default();
    let mut chosen = PortSet::default();
    for rule in &hosts.rules {
        if rule.share == Share::ALL {
            decided = decided.union(&rule.ports);
        } else if rule.share != Share::NONE {
            chosen = chosen.union(&rule.ports.minus(&decided));
        }
    }
    chosen
}

fn sort_acts<'a>(
    hosts: &'a Hosts,
    chosen: &PortSet,
    addresses: &[IpAddr],
    seed: u64,
) -> Vec<Acting<'a>> {
    let mut acts = on_every_address(hosts);
    for &ip in addresses {
        for port in chosen.iter() {
            let act = hosts.act(seed, ip, port);
            let at = index_of(&mut acts, act);
            if !acts[at].ports.contains(port) {
                acts[at].single.push((ip, port));
            }
        }
    }
    acts
}

/// The ports as they are where no rule with a share speaks.
fn on_every_address(hosts: &Hosts) -> Vec<Acting<'_>> {
    let mut acts = Vec::new();
    let mut left = PortSet::all();
    let sure = hosts.rules.iter().filter(|rule| rule.share == Share::ALL);
    for (ports, act) in sure.map(|rule| (&rule.ports, &rule.act)) {
        let rest = left.minus(ports);
        let new = left.minus(&rest);
        let at = index_of(&mut acts, act);
        acts[at].ports = acts[at].ports.union(&new);
        left = rest;
    }
    let at = index_of(&mut acts, &hosts.otherwise);
    acts[at].ports = acts[at].ports.union(&left);
    acts
}

fn index_of<'a>(acts: &mut Vec<Acting<'a>>, act: &'a Act) -> usize {
    acts.iter()
        .position(|acting| acting.act == act)
        .unwrap_or_else(|| {
            acts.push(Acting {
                act,
                ports: PortSet::default(),
                single: Vec::new(),
            });
            acts.len() - 1
        })
}

/// For tests: the plan of one group behind one router, from the lines of its `[[hosts]]`.
#[cfg(test)]
pub(super) fn with_plan<T>(hosts: &str, look: impl FnOnce(&Plan<'_>) -> T) -> T {
    let scenario = crate::scenario::scenario(&format!(
        "about = \"a\"\nsource = \"s\"\nworld = \"real\"\n[scan]\ntargets = [\"198.18.0.1\"]\nports = \"1-9\"\n\
         [paths.p]\nhops = 1\n[[hosts]]\n{hosts}"
    ));
    look(&Plan::new(&scenario, 0, 1).unwrap().unwrap())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::scenario;

    const HEAD: &str = "about = \"a\"\nsource = \"s\"\nworld = \"real\"\n[scan]\ntargets = [\"198.18.0.1\"]\nports = \"1-9\"\n";

    #[test]
    fn every_port_of_every_address_is_where_the_scenario_says() {
        let scenario = scenario(&format!(
            "{HEAD}[[hosts]]\naddresses = [\"198.18.0.0/28\", \"2001:db8:18::/124\"]\nalive = 0.7\n\
             otherwise = {{ is = \"dropped\" }}\n\
             [[hosts.ports]]\nports = \"22\"\nis = \"open\"\n\
             [[hosts.ports]]\nports = \"20-40\"\nshare = 0.3\nis = \"open\"\nsays = \"x\"\n\
             [[hosts.ports]]\nports = \"30-50\"\nis = \"closed\"\n"
        ));
        let plan = Plan::new(&scenario, 0, 7).unwrap().unwrap();
        let present = plan.present.clone().unwrap();
        assert!((8..32).contains(&present.len()), "{}", present.len());
        for ip in &present {
            for port in 1..=60 {
                let said: Vec<&Act> = plan
                    .acts
                    .iter()
                    .filter(|acting| acting.single.contains(&(*ip, port)))
                    .map(|acting| acting.act)
                    .collect();
                let here = match said[..] {
                    [] => {
                        let on_all = |acting: &&Acting<'_>| acting.ports.contains(port);
                        plan.acts.iter().find(on_all).unwrap().act
                    }
                    [one] => one,
                    _ => panic!("{ip} port {port} is listed twice"),
                };
                assert_eq!(here, scenario.hosts[0].act(7, *ip, port), "{ip} {port}");
            }
        }
    }

    #[test]
    fn too_many_single_ports_are_refused() {
        let scenario = scenario(&format!(
            "{HEAD}[[hosts]]\naddresses = [\"198.18.0.0/24\"]\n[[hosts.ports]]\nports = \"1-1024\"\nshare = 0.5\nis = \"open\"\n"
        ));
        let error = Plan::new(&scenario, 0, 1).unwrap_err().to_string();
        assert!(error.contains("at most 65536"), "{error}");
    }
}
