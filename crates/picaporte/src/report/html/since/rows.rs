//! What happened to which ports: a table for each kind of change, in the order of addresses; and what can't be compared, hosts
//! of which the same is to be said in one row.

use std::collections::BTreeMap;

use maud::{Markup, html};
use picaporte_diff::{Change, Changes, HostChanges, HostId, PortChange, Presence};

use super::super::hosts::NAMES;
use super::super::scope::some_of;
use super::super::text::{Outside, some};
use super::super::words::{Words, fill};
use crate::report::changes::joined::in_a_row;
use crate::report::changes::words as changed;

/// The most rows of one kind of change.
pub(in super::super) const ROWS: usize = 256;
/// The most ranges of hosts in one row of what can't be compared.
pub(in super::super) const RANGES: usize = 12;

/// Every table that has a row.
pub(super) fn tables(changes: &Changes, words: &Words) -> Markup {
    let known = Change::ALL
        .into_iter()
        .filter(|kind| *kind != Change::NotComparable);
    html! {
        @for kind in known { (table(kind, of_kind(changes, kind), words)) }
        (services(changes, words))
        (table(Change::NotComparable, not_comparable(changes), words))
    }
}

/// What listens otherwise on ports that are open as before.
fn services(changes: &Changes, words: &Words) -> Markup {
    let told = words.since();
    let hosts_with = changes.hosts.iter();
    let all: Vec<_> = hosts_with
        .flat_map(|host| host.services.iter().map(move |change| (host, change)))
        .collect();
    let counts = [all.len().min(ROWS), all.len()].map(|n| words.number(n as u64));
    html! {
        @if !all.is_empty() {
            h3 { (changed::other_service(words.lang)) }
            @if all.len() > ROWS { p.fold { (fill(told.folded, &[&counts[0], &counts[1]])) } }
            table.hosts {
                thead { tr { th { (words.host.one) } th { (words.port.many) } th { (told.before_now) } } }
                tbody {
                    @for (host, change) in all.into_iter().take(ROWS) {
                        @let [old, new] = changed::services(words.lang, change);
                        tr {
                            th scope="row" { (hosts(&Row::of_host(host, None), words)) }
                            td { (some_of(&change.ports, words)) }
                            td { bdi { (Outside(&old)) } " → " bdi { (Outside(&new)) } }
                        }
                    }
                }
            }
        }
    }
}

/// A row: hosts in their order, what is told of all of them, and of which ports.
struct Row<'a> {
    hosts: Vec<&'a HostId>,
    /// Of one host, its names too.
    alone: Option<&'a HostChanges>,
    mentioned: [bool; 2],
    presence: Option<Presence>,
    ports: Option<&'a PortChange>,
}

impl<'a> Row<'a> {
    fn of_host(host: &'a HostChanges, ports: Option<&'a PortChange>) -> Self {
        Self {
            hosts: vec![&host.id],
            alone: Some(host),
            mentioned: host.mentioned,
            presence: None,
            ports,
        }
    }
}

fn of_kind(changes: &Changes, kind: Change) -> Vec<Row<'_>> {
    let all = changes.hosts.iter();
    all.flat_map(|host| of_host(host, kind)).collect()
}

fn of_host(host: &HostChanges, kind: Change) -> Vec<Row<'_>> {
    let presence = host.presence.filter(|presence| match presence {
        Presence::Appeared => kind == Change::Appeared,
        Presence::Disappeared => kind == Change::Disappeared,
    });
    let itself = presence.map(|_| Row {
        presence,
        ..Row::of_host(host, None)
    });
    let ports = host.ports.iter().filter(|change| change.change == kind);
    let ports = ports.map(|change| Row::of_host(host, Some(change)));
    itself.into_iter().chain(ports).collect()
}

/// Hosts that were told the same of share rows.
fn not_comparable(changes: &Changes) -> Vec<Row<'_>> {
    let mut groups: BTreeMap<([bool; 2], Vec<&PortChange>), Vec<&HostChanges>> = BTreeMap::new();
    for host in &changes.hosts {
        let ports = host.ports.iter();
        let ports: Vec<_> = ports
            .filter(|change| change.change == Change::NotComparable)
            .collect();
        if !ports.is_empty() {
            groups
                .entry((host.mentioned, ports))
                .or_default()
                .push(host);
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by(|(_, a), (_, b)| a[0].id.cmp(&b[0].id));
    let rows = groups.into_iter().flat_map(|((mentioned, ports), hosts)| {
        let ids: Vec<&HostId> = hosts.iter().map(|host| &host.id).collect();
        let alone = (hosts.len() == 1).then_some(hosts[0]);
        ports.into_iter().map(move |change| Row {
            hosts: ids.clone(),
            alone,
            mentioned,
            presence: None,
            ports: Some(change),
        })
    });
    rows.collect()
}

fn table(kind: Change, rows: Vec<Row<'_>>, words: &Words) -> Markup {
    let told = words.since();
    let counts = [rows.len().min(ROWS), rows.len()].map(|n| words.number(n as u64));
    html! {
        @if !rows.is_empty() {
            h3 { ((told.change)(kind).0) }
            @if rows.len() > ROWS { p.fold { (fill(told.folded, &[&counts[0], &counts[1]])) } }
            table.hosts {
                thead { tr { th { (words.host.one) } th { (words.port.many) } th { (told.before_now) } } }
                tbody { @for row in rows.iter().take(ROWS) { (write(row, words)) } }
            }
        }
    }
}

fn write(row: &Row<'_>, words: &Words) -> Markup {
    html! {
        tr {
            th scope="row" { (hosts(row, words)) }
            td { @if let Some(change) = row.ports { (some_of(&change.ports, words)) } @else { "–" } }
            td {
                @if let Some(presence) = row.presence { (changed::presence(words.lang, presence)) }
                @if let Some(change) = row.ports { (changed::sides(words.lang, change)) }
            }
        }
    }
}

/// Which hosts, and that only one scan speaks of them.
fn hosts(row: &Row<'_>, words: &Words) -> Markup {
    let told = words.since();
    let ranges = in_a_row(&row.hosts);
    let range = |(first, last, size): &(&HostId, &HostId, usize)| {
        html! {
            bdi { (Outside(&first.to_string())) }
            @if *size > 1 { "–" bdi { (Outside(&last.to_string())) } }
        }
    };
    let names = row.alone.map_or(&[][..], |host| &host.names[..]);
    let missing = match row.mentioned {
        [true, false] => Some(told.only_before),
        [false, true] => Some(told.only_now),
        _ => None,
    };
    html! {
        (some(&ranges, RANGES, words, range))
        @if !names.is_empty() { small { (some(names, NAMES, words, |name| html! { bdi { (Outside(name)) } })) } }
        @if row.hosts.len() > 1 { small { (words.count(row.hosts.len() as u64, &words.host)) } }
        @if let Some(missing) = missing { small { (missing) } }
    }
}
