//! What stands before the hosts: which devices rejected, how often and how; what is done by default; where ports are answered.

use maud::{Markup, html};
use picaporte_core::Icmp;
use picaporte_core::locate::Located;
use picaporte_core::verdict::icmp_reason;

use super::text::{Outside, joined};
use super::words::{Words, fill};
use super::{Told, section as framed};
use crate::report::Header;
use crate::report::firewalls::Firewalls;
use crate::report::located::words::sentence;
use crate::report::table::host::icmp_number;

/// The section. `more` is how many located ports are not among those given.
pub(super) fn section(
    told: Told<'_>,
    firewalls: &Firewalls,
    located: &[Located],
    more: u64,
) -> Markup {
    let words = told.words;
    let content = html! {
        (rejects(told, firewalls))
        (policies(words, firewalls))
        @if !located.is_empty() || told.trailer.sampled.is_some() { (ways(told, located, more)) }
    };
    framed("firewalls", words.firewalls, content)
}

fn rejects(told: Told<'_>, firewalls: &Firewalls) -> Markup {
    let words = told.words;
    let kinds = firewalls.rejects();
    let untold = firewalls.untold();
    html! {
        h3 { (words.rejects) }
        @if kinds.len() == 0 { p { (words.rejects_none) } } @else {
            table {
                thead { tr {
                    th { (words.from) } th { "ICMP" } th.n { (words.port.many) } th.n { (words.host.many) }
                } }
                tbody {
                    @for kind in kinds {
                        tr {
                            th.addr scope="row" { (from(told.header, words, &kind.icmp)) }
                            td { (icmp_number(&kind.icmp)) small { ((words.because)(icmp_reason(&kind.icmp))) } }
                            td.n { (words.number(kind.ports)) }
                            td.n { (words.number(kind.hosts)) }
                        }
                    }
                }
            }
        }
        @if untold > 0 { p.fold { (fill(words.rejects_untold, &[&words.count(untold, &words.port)])) } }
    }
}

fn from(header: &Header, words: &Words, icmp: &Icmp) -> Markup {
    let from = icmp.from.map(|from| header.named(from).to_string());
    html! { @if let Some(from) = &from { (Outside(from)) } @else { (words.unknown) } }
}

/// `icmp 3/13 192.0.2.1`.
pub(super) fn icmp_error(header: &Header, icmp: &Icmp) -> Markup {
    let from = icmp.from.map(|from| header.named(from).to_string());
    html! { (icmp_number(icmp)) @if let Some(from) = &from { " " (Outside(from)) } }
}

fn policies(words: &Words, firewalls: &Firewalls) -> Markup {
    let policies: Vec<_> = firewalls
        .policies()
        .filter(|(_, hosts)| *hosts > 0)
        .collect();
    html! {
        h3 { (words.policies) }
        @if policies.is_empty() { p { (words.policy_none) } } @else {
            dl {
                @for (policy, hosts) in policies {
                    dt { ((words.policy)(policy)) }
                    dd { (words.count(hosts, &words.host)) }
                }
            }
        }
    }
}

fn ways(told: Told<'_>, located: &[Located], more: u64) -> Markup {
    let words = told.words;
    let listed = located.len() as u64;
    html! {
        h3 { (words.located) }
        @if let Some(sampled) = told.trailer.sampled {
            @let counts = [sampled.located, sampled.untested, sampled.left_out].map(|n| words.number(n));
            p { (fill(words.located_counts, &[&counts[0], &counts[1], &counts[2]])) }
        }
        @if more > 0 { p.fold { (fill(words.located_folded, &[&words.count(listed, &words.port), &words.number(listed + more)])) } }
        @if listed > 0 {
            table.ways {
                thead { tr { th { (words.port.one) } th { (words.where_answered) } } }
                tbody { @for found in located { (way(told, found)) } }
            }
        }
    }
}

/// The sentence that the table and `locate` have, and the hops that spoke.
fn way(told: Told<'_>, found: &Located) -> Markup {
    let (words, header) = (told.words, told.header);
    let at = header.named(found.address).with_port(found.port);
    let name = |address| header.named(address).to_string();
    let says = sentence(words.lang, found, &name);
    let hops = found.hops.iter().map(|hop| {
        let from: Vec<_> = hop.addresses.iter().map(|address| name(*address)).collect();
        html! { (hop.distance) " " span.mono { (Outside(&from.join(", "))) } }
    });
    let hops: Vec<_> = hops.collect();
    html! {
        tr {
            th scope="row" { (Outside(&at)) }
            td {
                (Outside(&says))
                @if !hops.is_empty() { small { (words.hops) ": " (joined(&hops, "; ")) } }
            }
        }
    }
}
