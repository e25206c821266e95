//! Addresses of a scenario: which texts are one, and which no host of a world can have.

use std::net::IpAddr;

use ipnet::IpNet;
use toml::Spanned;

use super::wrong::{Checked, Wrong};
use super::{Path, SCANNER_V4, SCANNER_V6};

/// Addresses that no kernel sends a TCP segment to over a link, or that mean the sender itself.
const NEVER_HOSTS: [(&str, &str); 9] = [
    ("0.0.0.0/8", "this network, RFC 1122, section 3.2.1.3"),
    ("127.0.0.0/8", "loopback"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved and broadcast, RFC 1112, section 4"),
    ("::/127", "unspecified or loopback"),
    ("::ffff:0:0/96", "IPv4 written as IPv6"),
    ("fe80::/10", "link-local, which needs a zone"),
    ("ff00::/8", "multicast"),
    ("2001:db8:71::/48", "the lab's own routers"),
];

/// The address or prefix that this text is; bits beyond the prefix are dropped.
pub(super) fn net(text: &str) -> Option<IpNet> {
    let single = || Some(IpNet::from(text.parse::<IpAddr>().ok()?));
    Some(text.parse().ok().or_else(single)?.trunc())
}

/// Refuses what contains addresses that no host can have, the scanner's own, or a router's of these paths.
pub(super) fn check_usable<T>(place: &Spanned<T>, net: IpNet, paths: &[Path]) -> Checked<()> {
    for (range, what) in NEVER_HOSTS {
        let Ok(never) = range.parse::<IpNet>() else {
            continue;
        };
        let how = match (never.contains(&net), net.contains(&never)) {
            (true, _) => "lies in",
            (_, true) => "reaches into",
            _ => continue,
        };
        return Err(Wrong::at(
            place,
            format!(
                "{} {how} {range} ({what}); write addresses like 198.18.0.1 or 2001:db8::1",
                show(net)
            ),
        ));
    }
    let scanner: [IpAddr; 2] = [SCANNER_V4.into(), SCANNER_V6.into()];
    if let Some(own) = scanner.iter().find(|own| net.contains(*own)) {
        return Err(Wrong::at(
            place,
            format!("{} the scanner's own address", contains(net, *own)),
        ));
    }
    match routers(paths).find(|router| net.contains(router)) {
        None => Ok(()),
        Some(router) => Err(Wrong::at(
            place,
            format!(
                "{} the address of one of the lab's routers",
                contains(net, router)
            ),
        )),
    }
}

/// The nearest router of both families, and all others of IPv4.
fn routers(paths: &[Path]) -> impl Iterator<Item = IpAddr> + '_ {
    let near = [false, true].map(|v6| Path::router(0, 1, v6));
    let far = paths
        .iter()
        .enumerate()
        .flat_map(|(index, path)| (2..=path.hops).map(move |hop| Path::router(index, hop, false)));
    near.into_iter().chain(far)
}

/// The first words of what is wrong with a prefix that holds an address of the lab.
fn contains(net: IpNet, ip: IpAddr) -> String {
    if net == IpNet::from(ip) {
        format!("{ip} is")
    } else {
        format!("{net} contains {ip},")
    }
}

/// How an address is shown: without its prefix where it is a single one.
pub(super) fn show(net: IpNet) -> String {
    if net.prefix_len() == net.max_prefix_len() {
        net.addr().to_string()
    } else {
        net.to_string()
    }
}
