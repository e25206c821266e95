//! Groups of hosts: whether each stands on a path that there is, has addresses that hosts can have, and is ever met.

use std::collections::HashMap;

use ipnet::IpNet;
use toml::Spanned;

use super::address::{check_usable, net, show};
use super::check_path::{check_hop, check_icmp_limit, check_limit};
use super::check_rule::{check_otherwise, check_rules};
use super::raw;
use super::wrong::{Checked, Wrong, copied, or_default, refuse_if};
use super::{Absent, Hosts, MOST_GROUPS, MOST_PREFIXES, Path, Proxy, Share};

/// Every group, in the order of the file.
pub(super) fn check_groups(raw: &raw::Scenario, paths: &[Path]) -> Checked<Vec<Hosts>> {
    if let Some(hosts) = raw.hosts.get(MOST_GROUPS) {
        return Err(Wrong::at(
            hosts,
            format!("more than {MOST_GROUPS} [[hosts]]; give one group more addresses"),
        ));
    }
    let groups = raw
        .hosts
        .iter()
        .map(|hosts| check_hosts(hosts, paths))
        .collect::<Checked<_>>()?;
    check_shadows(raw)?;
    Ok(groups)
}

/// The first group that holds an address speaks for it, so whatever lies wholly in an earlier one is never met.
fn check_shadows(raw: &raw::Scenario) -> Checked<()> {
    let mut seen: HashMap<IpNet, usize> = HashMap::new();
    for (group, hosts) in raw.hosts.iter().enumerate() {
        for text in &hosts.get_ref().addresses {
            let Some(net) = net(text.get_ref()) else {
                continue;
            };
            let around =
                std::iter::successors(Some(net), IpNet::supernet).find_map(|net| seen.get(&net));
            if let Some(&before) = around {
                let (which, mend) = if before == group {
                    ("in this group".to_owned(), "before this; leave it out")
                } else {
                    (
                        format!("in [[hosts]] number {} of the file", before + 1),
                        "which speaks for it; leave it out, or put the narrower group first",
                    )
                };
                return Err(Wrong::at(
                    text,
                    format!("{} is already {which}, {mend}", show(net)),
                ));
            }
            if seen.len() == MOST_PREFIXES {
                return Err(Wrong::at(
                    text,
                    format!("more than {MOST_PREFIXES} addresses and prefixes; write prefixes"),
                ));
            }
            seen.insert(net, group);
        }
    }
    Ok(())
}

fn check_hosts(hosts: &Spanned<raw::Hosts>, paths: &[Path]) -> Checked<Hosts> {
    let raw = hosts.get_ref();
    let path = check_which_path(hosts, paths)?;
    let hops = paths[path].hops;
    check_limits(raw)?;
    refuse_if(
        raw.absent.as_ref(),
        |absent| *absent == Absent::HostUnreachable && hops == 0,
        "no router on this path to say host-unreachable; write hops = 1 on the path, or leave 'absent' out",
    )?;
    Ok(Hosts {
        addresses: check_addresses(hosts, paths)?,
        alive: copied(raw.alive.as_ref()).unwrap_or(Share::ALL),
        absent: or_default(raw.absent.as_ref()),
        path,
        rules: check_rules(raw.ports.as_deref().unwrap_or_default(), hops)?,
        otherwise: check_otherwise(raw.otherwise.as_ref(), hops)?,
        stack: or_default(raw.stack.as_ref()),
        proxy: check_proxy(raw.proxy.as_ref(), hops)?,
        rst_limit: copied(raw.rst_limit.as_ref()),
        icmp_limit: copied(raw.icmp_limit.as_ref()),
        listen_queue: copied(raw.listen_queue.as_ref()),
        answers_from: copied(raw.answers_from.as_ref()).unwrap_or(1),
    })
}

/// The index of the path; it has to be named where there are several.
fn check_which_path(hosts: &Spanned<raw::Hosts>, paths: &[Path]) -> Checked<usize> {
    let names: Vec<&str> = paths.iter().map(|path| path.name.as_str()).collect();
    match &hosts.get_ref().path {
        Some(path) => names
            .iter()
            .position(|name| name == path.get_ref())
            .ok_or_else(|| {
                let what = format!(
                    "no path '{}'; there are: {}",
                    path.get_ref(),
                    names.join(", ")
                );
                Wrong::at(path, what)
            }),
        None if paths.len() > 1 => Err(Wrong::at(
            hosts,
            format!(
                "several paths; say by which: path = \"{}\"",
                names.join("\" or \"")
            ),
        )),
        None => Ok(0),
    }
}

fn check_addresses(hosts: &Spanned<raw::Hosts>, paths: &[Path]) -> Checked<Vec<IpNet>> {
    let addresses = &hosts.get_ref().addresses;
    if addresses.is_empty() {
        return Err(Wrong::at(
            hosts,
            "hosts without addresses; write addresses = [\"198.18.0.1\"]",
        ));
    }
    let check = |text: &Spanned<String>| {
        let net = net(text.get_ref()).ok_or_else(|| {
            Wrong::at(
                text,
                format!(
                    "'{}' is no address and no prefix; write it like 198.18.0.1 or 198.18.0.0/24",
                    text.get_ref()
                ),
            )
        })?;
        check_usable(text, net, paths)?;
        Ok(net)
    };
    addresses.iter().map(check).collect()
}

fn check_limits(raw: &raw::Hosts) -> Checked<()> {
    if let Some(limit) = &raw.rst_limit {
        check_limit(limit, limit.get_ref())?;
    }
    check_icmp_limit(raw.icmp_limit.as_ref())?;
    refuse_if(
        raw.listen_queue.as_ref(),
        |queue| queue.length == 0,
        "'length' is 0; a listen queue holds at least one connection",
    )?;
    refuse_if(
        raw.answers_from.as_ref(),
        |first| !(1..=10).contains(first),
        "'answers_from' goes from 1 (the first SYN) to 10",
    )
}

fn check_proxy(proxy: Option<&Spanned<raw::Proxy>>, hops: u8) -> Checked<Option<Proxy>> {
    let Some(proxy) = proxy else { return Ok(None) };
    Ok(Some(Proxy {
        hop: check_hop(&proxy.get_ref().hop, hops)?,
        then: proxy.get_ref().then,
    }))
}
