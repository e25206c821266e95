//! What is counted and lost between the scanner's machine and a world: nftables rules for the switch that joins them, and
//! what they have counted. Losses are drawn by the kernel, so that the seed does not decide them.

use std::fmt::Write as _;
use std::net::IpAddr;

use super::RealError;
use super::plan::Plan;
use super::rules::nets;
use crate::netns::{Netns, tool};
use crate::record::Wire;
use crate::scenario::{Loss, Path, Scenario, Target};

/// The switch's port that leads to the scanner.
pub(super) const SCANNER_PORT: &str = "scan";

/// A loss is drawn in so many parts of the whole.
const PARTS: f64 = 1e6;

/// Packets of the link itself, which no scanner sends.
const NOT_COUNTED: &str = "ip6 daddr ff00::/8 accept\n\
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n\
    meta protocol != { ip, ip6 } accept\n";

/// Rules for the switch whose other ports are `ports`. Counted is before any loss on the way out, and after it on the way back.
pub(super) fn rules(scenario: &Scenario, plans: &[Plan<'_>], ports: &[String]) -> String {
    let mut text = "table netdev lab {\n".to_owned();
    for name in ["sent", "syns", "strays", "received"] {
        let _ = writeln!(text, "counter {name} {{ }}");
    }
    for (name, v6) in [("targets4", false), ("targets6", true)] {
        text += &target_set(name, scenario, v6);
    }
    let scan = format!("devices = {{ {SCANNER_PORT} }}");
    let others = format!("devices = {{ {} }}", ports.join(", "));
    let _ = writeln!(
        text,
        "chain count_out {{ type filter hook ingress {scan} priority -10;\n{NOT_COUNTED}counter name sent\n\
         tcp flags & (syn|ack) == syn counter name syns\n\
         tcp flags & (syn|ack) == syn ip daddr != @targets4 counter name strays\n\
         tcp flags & (syn|ack) == syn ip6 daddr != @targets6 counter name strays\n}}"
    );
    text += &lose(scenario, plans, &scan, "out", "daddr");
    text += &lose(scenario, plans, &others, "back", "saddr");
    let _ = writeln!(
        text,
        "chain count_back {{ type filter hook ingress {others} priority 10;\n{NOT_COUNTED}counter name received\n}}\n}}"
    );
    text
}

fn target_set(name: &str, scenario: &Scenario, v6: bool) -> String {
    let members: Vec<String> = scenario
        .scan
        .targets
        .iter()
        .flat_map(|target| match target {
            Target::Net(net) => vec![net.to_string()],
            Target::Name(name) => scenario.names[name].iter().map(IpAddr::to_string).collect(),
        })
        .filter(|net| net.contains(':') == v6)
        .collect();
    let kind = if v6 { "ipv6_addr" } else { "ipv4_addr" };
    let elements = match &members[..] {
        [] => String::new(),
        _ => format!("elements = {{ {} }};", members.join(", ")),
    };
    format!("set {name} {{ type {kind}; flags interval; auto-merge; {elements} }}\n")
}

fn loss(path: &Path, way: &str) -> f64 {
    match if way == "out" {
        path.loss_out
    } else {
        path.loss_back
    } {
        Loss::Independent(share) => share.get(),
        // The scenario's reader has refused bursts.
        Loss::None | Loss::Bursts(_) => 0.0,
    }
}

/// One way's losses, path by path, by the addresses of the hosts and routers on it.
fn lose(scenario: &Scenario, plans: &[Plan<'_>], devices: &str, way: &str, word: &str) -> String {
    if scenario.paths.iter().all(|path| loss(path, way) == 0.0) {
        return String::new();
    }
    let mut text = String::new();
    for (index, path) in scenario.paths.iter().enumerate() {
        let parts = (loss(path, way) * PARTS).round();
        let rule = match parts {
            0.0 => String::new(),
            PARTS => "drop\n".to_owned(),
            _ => format!("numgen random mod {PARTS} < {parts} drop\n"),
        };
        let _ = writeln!(text, "chain {way}{index} {{\n{rule}}}");
    }
    let _ = writeln!(
        text,
        "chain lose_{way} {{ type filter hook ingress {devices} priority 0;\n{NOT_COUNTED}"
    );
    for plan in plans {
        for (v6, family) in [(false, "ip"), (true, "ip6")] {
            if plan.has(v6) {
                let (nets, path) = (nets(plan.nets_of(v6)), plan.hosts.path);
                let _ = writeln!(text, "{family} {word} {nets} goto {way}{path}");
            }
        }
    }
    // The first router is everybody's: with several paths, what it says itself is never lost.
    let first_own = if scenario.paths.len() == 1 { 1 } else { 2 };
    for (index, path) in scenario.paths.iter().enumerate() {
        for router in (first_own..=path.hops)
            .flat_map(|hop| [false, true].map(|v6| (v6, Path::router(index, hop, v6))))
        {
            let family = if router.0 { "ip6" } else { "ip" };
            let _ = writeln!(text, "{family} {word} {} goto {way}{index}", router.1);
        }
    }
    text + "}\n"
}

/// What the switch has counted so far.
pub(super) fn counted(switch: &Netns) -> Result<Wire, RealError> {
    let json = switch.exec(&["nft", "-j", "list", "counters"], "")?;
    let unread = || RealError::Uncounted(json.clone());
    let parsed: serde_json::Value = serde_json::from_str(&json).map_err(|_| unread())?;
    let packets = |name: &str| {
        parsed["nftables"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|entry| &entry["counter"])
            .find(|counter| counter["name"] == name)
            .and_then(|counter| counter["packets"].as_u64())
            .ok_or_else(unread)
    };
    Ok(Wire {
        syns: packets("syns")?,
        sent: packets("sent")?,
        received: packets("received")?,
        strays: packets("strays")?,
        ..Wire::default()
    })
}

/// Packets that no rule dropped and that links lost all the same, because a queue of the kernel was full; of the calling
/// thread's namespace too.
pub(super) fn dropped<'n>(namespaces: impl Iterator<Item = &'n Netns>) -> Result<u64, RealError> {
    let mut dropped = 0;
    for netns in namespaces.map(Some).chain([None]) {
        let mut command = vec!["ip", "-s", "-j", "-d"];
        command.extend(netns.iter().flat_map(|netns| ["-n", netns.name()]));
        command.extend(["link", "show"]);
        let json = tool(&command)?;
        let links: serde_json::Value =
            serde_json::from_str(&json).map_err(|_| RealError::Uncounted(json.clone()))?;
        let links = links.as_array().into_iter().flatten();
        dropped += links
            .filter(|link| link["linkinfo"]["info_kind"] == "veth")
            .filter_map(|link| link["stats64"]["tx"]["dropped"].as_u64())
            .sum::<u64>();
    }
    Ok(dropped)
}
