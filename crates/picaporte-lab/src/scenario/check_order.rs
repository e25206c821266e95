//! What a scanner is told: whether its targets can be listed, and its names resolved.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use toml::Spanned;

use super::address::{check_usable, net};
use super::raw;
use super::wrong::{Checked, Wrong, copied, refuse_if};
use super::{Link, MOST_NAMES, MOST_OWN, MOST_TARGETS, Order, Path, Span, Target};

/// A longer run would be nobody's idea of a test.
const LONGEST_BOUND: Span = Span::from_ms(1_800_000);
const USUAL_BOUND: Span = Span::from_ms(120_000);
/// What Linux has (`ip_local_port_range`, 32,768 to 60,999).
const MOST_LOCAL_PORTS: u16 = 28_232;
/// Shorter prefixes of IPv6 hold more addresses than can ever be listed.
const SHORTEST_V6: u8 = 96;

/// The order, its targets held against the names.
pub(super) fn check_order(raw: &raw::Scenario, paths: &[Path]) -> Checked<Order> {
    let order = &raw.scan;
    refuse_if(
        Some(&order.targets),
        Vec::is_empty,
        "no targets; write addresses, prefixes or names of [names]",
    )?;
    refuse_if(
        order.targets.get_ref().get(MOST_TARGETS),
        |_| true,
        &format!("more than {MOST_TARGETS} targets; write prefixes"),
    )?;
    refuse_if(
        order.bound.as_ref(),
        |bound| !(Span::SECOND..=LONGEST_BOUND).contains(bound),
        "'bound' goes from 1s to 30min",
    )?;
    refuse_if(
        order.descriptors.as_ref(),
        |count| *count < 16,
        "'descriptors' is at least 16: no program starts with fewer",
    )?;
    refuse_if(
        order.local_ports.as_ref(),
        |count| !(1..=MOST_LOCAL_PORTS).contains(count),
        &format!("'local_ports' goes from 1 to {MOST_LOCAL_PORTS}, what Linux has"),
    )?;
    refuse_if(
        order.own_addresses.get(MOST_OWN),
        |_| true,
        &format!("more than {MOST_OWN} addresses of the scanner's own"),
    )?;
    let targets = order.targets.get_ref().iter();
    Ok(Order {
        targets: targets
            .map(|target| check_target(target, raw, paths))
            .collect::<Checked<_>>()?,
        ports: order.ports.0.clone(),
        bound: copied(order.bound.as_ref()).unwrap_or(USUAL_BOUND),
        descriptors: copied(order.descriptors.as_ref()),
        local_ports: copied(order.local_ports.as_ref()),
        own_addresses: order
            .own_addresses
            .iter()
            .map(|own| check_own(own, raw, paths))
            .collect::<Checked<_>>()?,
    })
}

fn check_own(own: &Spanned<String>, raw: &raw::Scenario, paths: &[Path]) -> Checked<IpNet> {
    let text = own.get_ref();
    let Ok(net) = text.parse::<IpNet>() else {
        let what = format!("'{text}' is no address with a prefix; write it like 198.18.0.254/24");
        return Err(Wrong::at(own, what));
    };
    if copied(raw.link.as_ref()) != Some(Link::Ethernet) {
        return Err(Wrong::at(
            own,
            "only a LAN gives the scanner addresses; write link = \"ethernet\"",
        ));
    }
    check_usable(own, net.addr().into(), paths)?;
    Ok(net)
}

fn check_target(target: &Spanned<String>, raw: &raw::Scenario, paths: &[Path]) -> Checked<Target> {
    let text = target.get_ref();
    let Some(net) = net(text) else {
        if raw.names.contains_key(text) {
            return Ok(Target::Name(text.clone()));
        }
        let what = format!("'{text}' is no address, no prefix and no name of [names]");
        return Err(Wrong::at(target, what));
    };
    if matches!(net, IpNet::V6(net) if net.prefix_len() < SHORTEST_V6) {
        return Err(Wrong::at(
            target,
            format!(
                "{net} has more addresses than anybody can scan; write /{SHORTEST_V6} or longer"
            ),
        ));
    }
    check_usable(target, net, paths)?;
    Ok(Target::Net(net))
}

/// The names and their addresses.
pub(super) fn check_names(
    raw: &raw::Scenario,
    paths: &[Path],
) -> Checked<BTreeMap<String, Vec<IpAddr>>> {
    if let Some(ips) = raw.names.values().nth(MOST_NAMES) {
        return Err(Wrong::at(ips, format!("more than {MOST_NAMES} names")));
    }
    raw.names
        .iter()
        .map(|(name, ips)| Ok((name.clone(), check_name(name, ips, paths)?)))
        .collect()
}

fn check_name(
    name: &str,
    ips: &Spanned<Vec<Spanned<String>>>,
    paths: &[Path],
) -> Checked<Vec<IpAddr>> {
    if !is_host_name(name) {
        return Err(Wrong::at(
            ips,
            format!(
                "'{name}' is no host name; write lower-case letters, digits and hyphens between dots, like \"www.lab.test\""
            ),
        ));
    }
    if ips.get_ref().is_empty() {
        return Err(Wrong::at(ips, format!("'{name}' has no address")));
    }
    if ips.get_ref().len() > MOST_NAMES {
        return Err(Wrong::at(
            ips,
            format!("'{name}' has more than {MOST_NAMES} addresses"),
        ));
    }
    let address = |text: &Spanned<String>| {
        let ip: IpAddr = text.get_ref().parse().map_err(|_| {
            Wrong::at(
                text,
                format!(
                    "'{}' is no address; write it like 198.18.0.1",
                    text.get_ref()
                ),
            )
        })?;
        check_usable(text, IpNet::from(ip), paths)?;
        Ok(ip)
    };
    ips.get_ref().iter().map(address).collect()
}

/// RFC 1123, section 2.1, in lower case, and not to be taken for an address: the last label is no number.
fn is_host_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let last_is_word = name
        .rsplit('.')
        .next()
        .is_some_and(|last| last.bytes().any(|byte| byte.is_ascii_lowercase()));
    name.len() <= 253 && last_is_word && name.split('.').all(label) && name != "localhost"
}
