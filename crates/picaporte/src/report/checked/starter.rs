//! A policy that describes a scan, to start from: what is open must be, and nothing else may.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use picaporte_core::PortSet;
use picaporte_diff::{HostId, Said, Snapshot};

use super::super::changes::joined;
use super::super::changes::words as changes;
use super::encode;
use crate::report::Lang;

/// Appends the policy, with its comments and reasons in a language; `file` is the scan's, as it was named. Held against this scan it is never violated, and it holds as far
/// as the scan tested everything.
pub fn starting_policy(scan: &Snapshot, file: &str, lang: Lang, out: &mut Vec<u8>) {
    let about = format!("{file}: {}", changes::scan(lang, &scan.about));
    let mut text = say!(
        lang,
        "# What is open in this scan must be open, and nothing else may be:\n\
         # {about}\n\
         #\n\
         # To mend: give each rule the reason why it is there, write 'may' for what need not be\n\
         # open, call hosts that belong together a group, and take out what should not be open.\n\
         otherwise = \"must_not\"\n",
        "# Lo abierto en este escaneo debe estar abierto, y nada más puede estarlo:\n\
         # {about}\n\
         #\n\
         # Para mejorarla: dé a cada regla su motivo, escriba 'may' en lo que no necesita estar\n\
         # abierto, ponga en un grupo los equipos que van juntos, y quite lo que no deba estarlo.\n\
         otherwise = \"must_not\"\n",
        about = encode::terminal(&about)
    );
    let (rules, left_out) = rules(scan);
    for (ports, hosts) in rules {
        rule(lang, ports, &hosts, &mut text);
    }
    for id in left_out {
        let shown = id.to_string();
        text += &say!(
            lang,
            "\n# Left out, because no policy can name it: {host}\n",
            "\n# Excluido, porque ninguna política puede nombrarlo: {host}\n",
            host = encode::terminal(&shown)
        );
    }
    out.extend(text.as_bytes());
}

/// Hosts by what is open there, in the order of their first ones; and those with open ports that can't be named.
fn rules(scan: &Snapshot) -> (Vec<(&PortSet, Vec<&HostId>)>, Vec<&HostId>) {
    let (mut by_ports, mut left_out) = (BTreeMap::<&PortSet, Vec<&HostId>>::new(), Vec::new());
    for (id, host) in scan.hosts() {
        let open = host.of(Said::Open);
        if open.is_empty() {
            continue;
        }
        if can_be_named(id) {
            by_ports.entry(open).or_default().push(id);
        } else {
            left_out.push(id);
        }
    }
    let mut rules: Vec<_> = by_ports.into_iter().collect();
    rules.sort_by_key(|(_, hosts)| hosts[0]);
    (rules, left_out)
}

/// A zone comes from the file, and may be anything.
fn can_be_named(id: &HostId) -> bool {
    match id {
        HostId::Address(_, None) => true,
        HostId::Address(_, Some(zone)) => {
            let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            zone.chars().all(plain)
        }
        // A name without an address has no open ports.
        HostId::Name(_) => false,
    }
}

fn rule(lang: Lang, ports: &PortSet, hosts: &[&HostId], text: &mut String) {
    let name = say!(
        lang,
        "{ports} on {host}",
        "{ports} en {host}",
        ports = joined::ports(lang, ports),
        host = hosts[0]
    );
    let reason = lang.either(
        "it was open when this policy was begun",
        "estaba abierto cuando se empezó esta política",
    );
    let ranges = joined::in_a_row(hosts)
        .into_iter()
        .map(|(first, last, size)| match size {
            1 => encode::toml(&first.to_string()),
            _ => encode::toml(&format!("{first}-{last}")),
        });
    let _ = write!(
        text,
        "\n[[rule]]\nname = {}\nreason = \"{reason}\"\nhosts = [{}]\nmust = \"{ports}\"\n",
        encode::toml(&name),
        ranges.collect::<Vec<_>>().join(", ")
    );
}
