//! nftables rules for the firewalls of a world: what a host or a router does with the ports of a group. Text from a plan;
//! knows no namespaces.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use super::plan::{Acting, Place, Plan};
use crate::scenario::{Act, Icmp};

/// The interface towards the scanner, in every namespace but the scanner's own.
pub(super) const NEAR: &str = "near";

/// The words in which nftables says both families' (v4, v6) parts of a rule.
const FAMILIES: [bool; 2] = [false, true];

/// What `reject with` can send, by type and code: nft(8), REJECT STATEMENT; numbers of RFC 792, 1812 and 4443.
const REJECTS_V4: [((u8, u8), &str); 7] = [
    ((3, 0), "net-unreachable"),
    ((3, 1), "host-unreachable"),
    ((3, 2), "prot-unreachable"),
    ((3, 3), "port-unreachable"),
    ((3, 9), "net-prohibited"),
    ((3, 10), "host-prohibited"),
    ((3, 13), "admin-prohibited"),
];
/// See [`REJECTS_V4`].
const REJECTS_V6: [((u8, u8), &str); 6] = [
    ((1, 0), "no-route"),
    ((1, 1), "admin-prohibited"),
    ((1, 3), "addr-unreachable"),
    ((1, 4), "port-unreachable"),
    ((1, 5), "policy-fail"),
    ((1, 6), "reject-route"),
];

/// The name of an ICMP error in nftables, if it has one.
pub(crate) fn reject_name(icmp: Icmp, v6: bool) -> Option<&'static str> {
    let number = icmp.number(v6);
    let names: &[_] = if v6 { &REJECTS_V6 } else { &REJECTS_V4 };
    names
        .iter()
        .find(|(known, _)| *known == number)
        .map(|(_, name)| *name)
}

fn family(v6: bool) -> &'static str {
    if v6 { "ip6" } else { "ip" }
}

/// `{ 198.18.0.0/24, 198.18.2.0/24 }`
pub(super) fn nets<'n>(nets: impl Iterator<Item = &'n IpNet>) -> String {
    let all: Vec<String> = nets.map(ToString::to_string).collect();
    format!("{{ {} }}", all.join(", "))
}

fn verdict(act: &Act, v6: bool) -> String {
    match act {
        Act::Dropped(_) => "drop".to_owned(),
        Act::Reset(_) | Act::Closed => "reject with tcp reset".to_owned(),
        Act::Rejected(icmp, _) => {
            let kind = if v6 { "icmpv6" } else { "icmp" };
            // The scenario's reader has refused what has no name.
            let name = reject_name(*icmp, v6).unwrap_or("port-unreachable");
            format!("reject with {kind} type {name}")
        }
        Act::Open(_) => "accept".to_owned(),
    }
}

/// Sets and chains of one table, written one after the other: nftables wants a set before its use.
#[derive(Debug, Default)]
struct Table {
    sets: String,
    chains: String,
}

impl Table {
    /// A set of addresses with ports; its name.
    fn single<'p>(&mut self, members: impl Iterator<Item = &'p (IpAddr, u16)>, v6: bool) -> String {
        let members: Vec<String> = members
            .filter(|(ip, _)| ip.is_ipv6() == v6)
            .map(|(ip, port)| format!("{ip} . {port}"))
            .collect();
        let kind = if v6 { "ipv6_addr" } else { "ipv4_addr" };
        self.set(&format!("{kind} . inet_service"), "", &members)
    }

    fn set(&mut self, kind: &str, flags: &str, members: &[String]) -> String {
        let name = format!("s{}", self.sets.matches("set s").count());
        let elements = match members {
            [] => String::new(),
            _ => format!("elements = {{ {} }};", members.join(", ")),
        };
        let _ = writeln!(
            self.sets,
            "set {name} {{ type {kind}; {flags} {elements} }}"
        );
        name
    }

    fn chain(&mut self, name: &str, rules: &str) {
        let _ = writeln!(self.chains, "chain {name} {{\n{rules}}}");
    }

    fn text(&self) -> String {
        format!("table inet lab {{\n{}{}}}\n", self.sets, self.chains)
    }
}

/// A listener of a group that many ports or single ports share.
#[derive(Debug)]
pub(super) struct Shared<'p> {
    /// What it takes.
    pub(super) acting: &'p Acting<'p>,
    /// Whether it takes all ports of the act and not only the single ones.
    pub(super) all_ports: bool,
    /// Where it listens, in IPv4 and in IPv6.
    pub(super) at: [SocketAddr; 2],
}

/// The rules of a group's own namespace.
pub(super) fn of_hosts(plan: &Plan<'_>, shared: &[Shared<'_>]) -> String {
    let mut table = Table::default();
    let mut handed = String::new();
    let (single, all): (Vec<_>, Vec<_>) = (
        shared.iter().map(|it| (it, true)).collect(),
        shared
            .iter()
            .filter(|it| it.all_ports)
            .map(|it| (it, false))
            .collect(),
    );
    for (it, single) in single.into_iter().chain(all) {
        for v6 in FAMILIES.into_iter().filter(|v6| plan.has(*v6)) {
            hand_over(&mut table, &mut handed, it, single, v6);
        }
    }
    if !shared.is_empty() {
        let hook = "type filter hook prerouting priority mangle; policy accept;\n";
        table.chain("handed", &format!("{hook}{handed}"));
    }
    let mut rules = refusals(plan, None, "accept", &mut table);
    let closed = plan.closed_on_open();
    for v6 in FAMILIES.into_iter().filter(|_| !closed.is_empty()) {
        let set = table.single(closed.iter(), v6);
        let _ = writeln!(
            rules,
            "{} daddr . tcp dport @{set} reject with tcp reset",
            family(v6)
        );
    }
    let hook = "type filter hook input priority filter; policy accept;\n";
    table.chain("input", &format!("{hook}{rules}"));
    table.text()
}

fn hand_over(table: &mut Table, rules: &mut String, it: &Shared<'_>, single: bool, v6: bool) {
    let matched = if single {
        if !it.acting.single.iter().any(|(ip, _)| ip.is_ipv6() == v6) {
            return;
        }
        let set = table.single(it.acting.single.iter(), v6);
        format!("{} daddr . tcp dport @{set}", family(v6))
    } else {
        let protocol = if v6 { "ipv6" } else { "ipv4" };
        format!(
            "meta nfproto {protocol} tcp dport {{ {} }}",
            it.acting.ports
        )
    };
    let (family, to) = (family(v6), it.at[usize::from(v6)]);
    let _ = writeln!(rules, "{matched} tproxy {family} to {to} accept");
}

/// What is refused of a group at one place: single ports first, then those that single ports are excepted from (these get
/// `otherwise`), then the ports of all.
fn refusals(plan: &Plan<'_>, place: Place, otherwise: &str, table: &mut Table) -> String {
    let mut rules = String::new();
    let let_through = plan.let_through(place);
    for v6 in FAMILIES.into_iter().filter(|v6| plan.has(*v6)) {
        let family = family(v6);
        for acting in plan.at(place).filter(|acting| !acting.single.is_empty()) {
            let set = table.single(acting.single.iter(), v6);
            let verdict = verdict(acting.act, v6);
            let _ = writeln!(rules, "{family} daddr . tcp dport @{set} {verdict}");
        }
        if !let_through.is_empty() {
            let set = table.single(let_through.iter(), v6);
            let _ = writeln!(rules, "{family} daddr . tcp dport @{set} {otherwise}");
        }
        let protocol = if v6 { "ipv6" } else { "ipv4" };
        for acting in plan.at(place).filter(|acting| !acting.ports.is_empty()) {
            let verdict = verdict(acting.act, v6);
            let _ = writeln!(
                rules,
                "meta nfproto {protocol} tcp dport {{ {} }} {verdict}",
                acting.ports
            );
        }
    }
    rules
}

/// The rules of a router: what it refuses in the name of the groups behind it, in their order.
pub(super) fn of_router(plans: &[&Plan<'_>], hop: u8, silent: bool) -> String {
    let mut table = Table::default();
    let mut forward = format!(
        "type filter hook forward priority filter; policy accept;\niifname != \"{NEAR}\" accept\n"
    );
    for plan in plans {
        let name = format!("group{}", plan.index);
        let rules = of_group(plan, hop, &mut table);
        table.chain(&name, &rules);
        for v6 in FAMILIES.into_iter().filter(|v6| plan.has(*v6)) {
            let nets = nets(plan.nets_of(v6));
            let _ = writeln!(forward, "{} daddr {nets} goto {name}", family(v6));
        }
    }
    if plans.iter().any(|plan| is_shielded(plan, hop)) {
        untrack(plans, hop, &mut table);
    }
    table.chain("forward", &forward);
    if silent {
        table.chain(
            "output",
            "type filter hook output priority filter; policy accept;\nicmp type time-exceeded drop\nicmpv6 type time-exceeded drop\n",
        );
    }
    table.text()
}

fn is_shielded(plan: &Plan<'_>, hop: u8) -> bool {
    plan.hosts.proxy.is_some_and(|proxy| proxy.hop == hop)
}

fn of_group(plan: &Plan<'_>, hop: u8, table: &mut Table) -> String {
    let mut rules = String::new();
    if let (1, Some(present)) = (hop, &plan.present) {
        // Nobody refuses in the name of a host that is not there.
        for v6 in FAMILIES.into_iter().filter(|v6| plan.has(*v6)) {
            let members: Vec<String> = present
                .iter()
                .filter(|ip| ip.is_ipv6() == v6)
                .map(ToString::to_string)
                .collect();
            let kind = if v6 { "ipv6_addr" } else { "ipv4_addr" };
            let set = table.set(kind, "", &members);
            let _ = writeln!(rules, "{} daddr != @{set} drop", family(v6));
        }
    }
    if !is_shielded(plan, hop) {
        rules += &refusals(plan, Some(hop), "accept", table);
        return rules;
    }
    let shield = format!("shield{}", plan.index);
    // As in nft(8), SYNPROXY STATEMENT: SYNs are not tracked, and the ACK that ends a handshake is no part of any.
    table.chain(
        &shield,
        "ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm\nct state invalid drop\n",
    );
    rules += &refusals(plan, Some(hop), &format!("goto {shield}"), table);
    let _ = writeln!(rules, "goto {shield}");
    rules
}

/// Only connections through the SYN proxy are tracked, and not their first SYN, so that the table of connections does not
/// fill with what it is not for.
fn untrack(plans: &[&Plan<'_>], hop: u8, table: &mut Table) {
    table.chain("untracked", "notrack\n");
    table.chain("first", "tcp flags & (fin|syn|rst|ack) == syn notrack\n");
    let mut rules = "type filter hook prerouting priority raw; policy accept;\n".to_owned();
    for (side, word) in [("==", "daddr"), ("!=", "saddr")] {
        for plan in plans {
            for v6 in FAMILIES.into_iter().filter(|v6| plan.has(*v6)) {
                let verdict = match (is_shielded(plan, hop), word) {
                    (false, _) => "goto untracked",
                    (true, "daddr") => "goto first",
                    (true, _) => "accept",
                };
                let nets = nets(plan.nets_of(v6));
                let _ = writeln!(
                    rules,
                    "iifname {side} \"{NEAR}\" {} {word} {nets} {verdict}",
                    family(v6)
                );
            }
        }
    }
    rules += "goto untracked\n";
    table.chain("raw", &rules);
}
