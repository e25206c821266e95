//! What a world of real kernels can't play: everything that needs a clock of one's own, and what nftables can't send or
//! hold. Said at the place in the file.

use ipnet::IpNet;
use picaporte_core::PortSet;
use toml::Spanned;

use super::address::net;
use super::raw::{self, Hosts, Kind, Scenario};
use super::wrong::{Wrong, refuse_if};
use super::{Icmp, Share, Then, World};
use crate::real::{MOST_V6_ADDRESSES, reject_name};

/// The most groups of a real world: each is a namespace.
const MOST_REAL_GROUPS: usize = 64;
/// The most addresses of a group of which the seed chooses some: each is a route or an element of a set.
const MOST_CHOSEN_ADDRESSES: u128 = 65_536;
/// The most addresses times ports of a rule that the seed decides one by one.
const MOST_CHOSEN: u128 = 1 << 22;

/// Refuses what only a simulated world has.
pub(super) fn check(raw: &Scenario) -> Result<(), Wrong> {
    if raw.world == World::Simulated {
        return Ok(());
    }
    refuse_if(
        raw.link.as_ref(),
        |_| true,
        "a real world is always joined by Ethernet; leave 'link' out",
    )?;
    if let Some(hosts) = raw.hosts.get(MOST_REAL_GROUPS) {
        return Err(Wrong::at(
            hosts,
            format!(
                "more than {MOST_REAL_GROUPS} [[hosts]] in a real world; give one group more addresses"
            ),
        ));
    }
    raw.paths
        .values()
        .try_for_each(|path| path_of_kernels(path.get_ref()))?;
    raw.hosts
        .iter()
        .map(Spanned::get_ref)
        .try_for_each(|hosts| {
            hosts_of_kernels(hosts)?;
            addresses_of_kernels(raw, hosts)?;
            ports_of_kernels(hosts)
        })
}

fn simulated<T>(key: &str, value: Option<&Spanned<T>>) -> Result<(), Wrong> {
    value.map_or(Ok(()), |value| {
        Err(Wrong::at(
            value,
            format!(
                "'{key}' needs a simulated world; leave it out, or write world = \"simulated\""
            ),
        ))
    })
}

fn path_of_kernels(path: &raw::Path) -> Result<(), Wrong> {
    simulated("rtt", path.rtt.as_ref())?;
    simulated("jitter", path.jitter.as_ref())?;
    simulated("bursts", path.bursts.as_ref())?;
    simulated("bursts_out", path.bursts_out.as_ref())?;
    simulated("bursts_back", path.bursts_back.as_ref())?;
    simulated("reorder", path.reorder.as_ref())?;
    simulated("duplicate", path.duplicate.as_ref())?;
    simulated("outages", path.outages.as_ref())?;
    simulated("bandwidth", path.bandwidth.as_ref())?;
    simulated("icmp_limit", path.icmp_limit.as_ref())?;
    simulated("nat", path.nat.as_ref())?;
    simulated("ips", path.ips.as_ref())
}

fn hosts_of_kernels(hosts: &Hosts) -> Result<(), Wrong> {
    simulated("absent", hosts.absent.as_ref())?;
    simulated("stack", hosts.stack.as_ref())?;
    simulated("rst_limit", hosts.rst_limit.as_ref())?;
    simulated("icmp_limit", hosts.icmp_limit.as_ref())?;
    simulated("listen_queue", hosts.listen_queue.as_ref())?;
    simulated("answers_from", hosts.answers_from.as_ref())?;
    if let Some(proxy) = hosts
        .proxy
        .as_ref()
        .filter(|proxy| proxy.get_ref().then != Then::Backend)
    {
        return Err(Wrong::at(
            proxy,
            "the SYN proxy of a real world is that of nftables, which connects to the host; write then = \"backend\", \
             or world = \"simulated\"",
        ));
    }
    rules(hosts).try_for_each(|rule| simulated("after", rule.after.as_ref()))
}

fn rules(hosts: &Hosts) -> impl Iterator<Item = &raw::Rule> {
    hosts.ports.iter().flatten().map(Spanned::get_ref)
}

/// Prefixes that are none are refused elsewhere, in the same words for both worlds.
fn nets(hosts: &Hosts) -> impl Iterator<Item = (&Spanned<String>, IpNet)> {
    hosts
        .addresses
        .iter()
        .filter_map(|text| Some((text, net(text.get_ref())?)))
}

fn count(net: &IpNet) -> u128 {
    1_u128
        .checked_shl(u32::from(net.max_prefix_len() - net.prefix_len()))
        .unwrap_or(u128::MAX)
}

fn addresses_of_kernels(raw: &Scenario, hosts: &Hosts) -> Result<(), Wrong> {
    let neighbours = hops(raw, hosts) == 0;
    let mut v6_neighbours = 0_u128;
    for (text, net) in nets(hosts) {
        if neighbours && net.addr().is_ipv6() {
            v6_neighbours = v6_neighbours.saturating_add(count(&net));
        }
        if v6_neighbours > MOST_V6_ADDRESSES {
            return Err(Wrong::at(
                text,
                format!(
                    "more than {MOST_V6_ADDRESSES} IPv6 neighbours, each of which has to answer for itself; write fewer, \
                     or a path with hops = 1"
                ),
            ));
        }
    }
    Ok(())
}

fn hops(raw: &Scenario, hosts: &Hosts) -> u8 {
    let path = match &hosts.path {
        Some(name) => raw.paths.get(name.get_ref()),
        None => raw.paths.values().next(),
    };
    path.and_then(|path| path.get_ref().hops.as_ref())
        .map_or(0, |hops| *hops.get_ref())
}

fn ports_of_kernels(hosts: &Hosts) -> Result<(), Wrong> {
    let addresses = nets(hosts).fold(0_u128, |all, (_, net)| all.saturating_add(count(&net)));
    if let Some(alive) = hosts
        .alive
        .as_ref()
        .filter(|it| *it.get_ref() != Share::ALL)
    {
        chosen("alive", alive, addresses, 1)?;
    }
    for rule in rules(hosts) {
        let some = |share: &&Spanned<Share>| ![Share::NONE, Share::ALL].contains(share.get_ref());
        if let Some(share) = rule.share.as_ref().filter(some) {
            let ports: &PortSet = &rule.ports.get_ref().0;
            chosen("share", share, addresses, ports.len())?;
        }
        rejectable(hosts, rule.is, rule.icmp.as_ref())?;
    }
    hosts.otherwise.as_ref().map_or(Ok(()), |otherwise| {
        let otherwise = otherwise.get_ref();
        rejectable(hosts, otherwise.is, otherwise.icmp.as_ref())
    })
}

fn chosen(key: &str, share: &Spanned<Share>, addresses: u128, ports: u32) -> Result<(), Wrong> {
    if addresses > MOST_CHOSEN_ADDRESSES {
        return Err(Wrong::at(
            share,
            format!(
                "'{key}' chooses among {addresses} addresses; in a real world at most {MOST_CHOSEN_ADDRESSES}: name fewer, \
                 or write world = \"simulated\""
            ),
        ));
    }
    if addresses * u128::from(ports) > MOST_CHOSEN {
        return Err(Wrong::at(
            share,
            format!(
                "'{key}' chooses among {addresses} addresses and {ports} ports; in a real world at most {MOST_CHOSEN} of both \
                 multiplied: name fewer, or write world = \"simulated\""
            ),
        ));
    }
    Ok(())
}

/// nftables sends few ICMP errors, each by its name.
fn rejectable(hosts: &Hosts, is: Kind, icmp: Option<&Spanned<Icmp>>) -> Result<(), Wrong> {
    let Some(icmp) = icmp.filter(|_| is == Kind::Rejected) else {
        return Ok(());
    };
    for v6 in [false, true] {
        let concerned = nets(hosts).any(|(_, net)| net.addr().is_ipv6() == v6);
        if concerned && reject_name(*icmp.get_ref(), v6).is_none() {
            let (kind, code) = icmp.get_ref().number(v6);
            let (family, known) = if v6 {
                ("ICMPv6", "1/0, 1/1, 1/3, 1/4, 1/5 and 1/6")
            } else {
                ("ICMP", "3/0, 3/1, 3/2, 3/3, 3/9, 3/10 and 3/13")
            };
            return Err(Wrong::at(
                icmp,
                format!(
                    "nftables sends no {family} error {kind}/{code}, only {known}; write one of them, or world = \"simulated\""
                ),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::scenario::from_text;

    /// Line and words of the refusal of a real world whose seventh line is the first of `text`.
    fn refusal(text: &str) -> (usize, String) {
        let head = "about = \"a\"\nsource = \"s\"\nworld = \"real\"\n[scan]\ntargets = [\"198.18.0.1\"]\nports = \"1-9\"\n";
        let error = from_text(Path::new("test.toml"), &format!("{head}{text}")).unwrap_err();
        (error.line, error.what)
    }

    const HOSTS: &str = "[[hosts]]\naddresses = [\"198.18.0.1\", \"2001:db8::1\"]\n";

    #[test]
    fn what_nftables_can_not_do_is_refused_where_it_stands() {
        for (text, line, words) in [
            (
                format!("{HOSTS}proxy = {{ hop = 1, then = \"ignore\" }}\n"),
                9,
                "then = \"backend\"",
            ),
            (
                format!("{HOSTS}otherwise = {{ is = \"rejected\", icmp = \"proto-unreach\" }}\n"),
                9,
                "no ICMPv6 error 4/1",
            ),
            (
                format!(
                    "{HOSTS}[[hosts.ports]]\nports = \"1\"\nis = \"rejected\"\nicmp = \"11/0\"\n"
                ),
                12,
                "no ICMP error 11/0",
            ),
            (
                format!("{HOSTS}[[hosts.ports]]\nports = \"1\"\nis = \"open\"\nafter = \"1s\"\n"),
                12,
                "'after' needs a simulated world",
            ),
        ] {
            let (at, what) = refusal(&text);
            assert!(at == line && what.contains(words), "{at}: {what}");
        }
    }

    #[test]
    fn neighbours_of_ipv6_are_bounded() {
        let (at, what) = refusal("[[hosts]]\naddresses = [\"2001:db8::/115\"]\n");
        assert!(
            at == 8 && what.contains("more than 4096 IPv6 neighbours"),
            "{at}: {what}"
        );
    }

    #[test]
    fn what_the_seed_chooses_is_bounded() {
        let alive = |net: &str| format!("[[hosts]]\naddresses = [\"{net}\"]\nalive = 0.1\n");
        let path = "[paths.p]\nhops = 1\n";
        let (at, what) = refusal(&format!("{path}{}", alive("10.0.0.0/15")));
        assert!(
            at == 11 && what.contains("among 131072 addresses"),
            "{at}: {what}"
        );
        let share = |net: &str| {
            format!(
                "{path}[[hosts]]\naddresses = [\"{net}\"]\n[[hosts.ports]]\nports = \"1-1024\"\nis = \"open\"\nshare = 0.5\n"
            )
        };
        let (at, what) = refusal(&share("10.0.0.0/19"));
        assert!(
            at == 14 && what.contains("8192 addresses and 1024 ports"),
            "{at}: {what}"
        );
        let head = "about = \"a\"\nsource = \"s\"\nworld = \"real\"\n[scan]\ntargets = [\"198.18.0.1\"]\nports = \"1-9\"\n";
        for within in [alive("10.0.0.0/16"), share("10.0.0.0/20")] {
            let text = format!(
                "{head}{}{within}",
                if within.contains(path) { "" } else { path }
            );
            assert!(from_text(Path::new("test.toml"), &text).is_ok());
        }
    }

    #[test]
    fn a_world_has_at_most_64_groups() {
        let group = |third| format!("[[hosts]]\naddresses = [\"198.18.{third}.1\"]\n");
        let groups = (0..65).map(group).collect::<Vec<_>>().concat();
        let (at, what) = refusal(&groups);
        assert!(
            at == 7 + 128 && what.contains("more than 64"),
            "{at}: {what}"
        );
    }
}
