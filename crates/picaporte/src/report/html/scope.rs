//! Who allowed the scan, what of, and what was planned. Known before the first probe.

use jiff::Timestamp;
use maud::{Markup, html};
use picaporte_core::PortSet;

use super::text::{Outside, filled, moment, ours, some};
use super::words::{Words, fill};
use super::{section as framed, term};
use crate::report::{Header, Lowered, Scoped};
use crate::scope::Listed;

/// How many entries of a list are told one by one.
pub(super) const TOLD: usize = 64;

/// The section.
pub(super) fn section(header: &Header, words: &Words) -> Markup {
    let plan = &header.plan;
    let shard = plan.settings().shard;
    let probes = words.count(plan.planned(), &words.probe);
    let planned = fill(
        words.planned_are,
        &[&probes, &words.count(plan.planned_hosts(), &words.host)],
    );
    let part = (shard.count() > 1).then(|| {
        let of = [shard.index() + 1, shard.count()].map(|n| words.number(n.into()));
        fill(words.shard, &[&of[0], &of[1]])
    });
    let content = html! {
        @if let Some(scoped) = header.scope.as_deref() {
            dl { (scope(scoped, words)) (outside(header, words)) }
        } @else {
            p { (words.scope_none) }
        }
        dl { (term(words.planned, html! { (planned) @if let Some(part) = &part { "; " (part) } })) }
    };
    framed("scope", words.scope, content)
}

fn scope(scoped: &Scoped, words: &Words) -> Markup {
    let file = &*scoped.file;
    html! {
        (term(words.authorised_by, html! {
            @if let Some(by) = &file.authorised_by { bdi { (Outside(by)) } } @else { (words.nobody) }
        }))
        @if let Some(contact) = &file.contact { (term(words.contact, html! { bdi { (Outside(contact)) } })) }
        (term(words.valid, valid(file.valid_from, file.valid_until, words)))
        (term(words.allowed, listed(&file.allowed, words.any, words)))
        (term(words.excluded, listed(&file.excluded, words.nothing, words)))
        @if !scoped.lowered.is_empty() {
            (term(words.lowered, html! { @for cap in &scoped.lowered { div { (lowered(*cap, words)) } } }))
        }
        (term(words.scope_file, html! { code { (Outside(&scoped.path)) } " SHA-256 " code { (Outside(&file.sha256)) } }))
    }
}

fn valid(from: Option<Timestamp>, until: Option<Timestamp>, words: &Words) -> Markup {
    if from.is_none() && until.is_none() {
        return ours(words.any);
    }
    let shown = [from, until].map(|at| at.map_or_else(|| ours("…"), moment));
    filled(words.valid_between, &shown)
}

fn listed(listed: &Listed, empty: &str, words: &Words) -> Markup {
    let entries: Vec<&String> = listed.networks.iter().chain(&listed.names).collect();
    html! {
        @if entries.is_empty() && listed.ports.is_none() { (empty) }
        (some(&entries, TOLD, words, |entry| html! { code { (Outside(entry)) } }))
        @if let Some(ports) = &listed.ports { div { (words.port.many) " " code { (some_of(ports, words)) } } }
    }
}

/// The ports as ranges; no more than there is room for.
pub(super) fn some_of(ports: &PortSet, words: &Words) -> String {
    let ranges = ports.ranges();
    let told = &ranges[..ranges.len().min(TOLD)];
    let text = told.iter().map(|&(first, last)| {
        if first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        }
    });
    let text: Vec<_> = text.collect();
    let more = ranges[told.len()..]
        .iter()
        .map(|(first, last)| u64::from(last - first) + 1);
    match more.sum() {
        0 => text.join(", "),
        more => format!(
            "{} {}",
            text.join(", "),
            fill(words.and_more, &[&words.number(more)])
        ),
    }
}

fn lowered(cap: Lowered, words: &Words) -> String {
    let asked = cap
        .asked
        .map_or(words.no_cap.to_owned(), |asked| words.number(asked.into()));
    fill(
        words.lowered_to,
        &[cap.limit, &words.number(cap.allowed.into()), &asked],
    )
}

/// What was planned and lies outside.
fn outside(header: &Header, words: &Words) -> Markup {
    let probes = header.plan.outside();
    let ranges = header.plan.outside_ranges();
    html! {
        @if probes > 0 {
            (term(words.outside, html! {
                (fill(words.outside_are, &[&words.count(probes, &words.probe)]))
                div { (some(&ranges, TOLD, words, |range| html! { code { (Outside(&range.to_string())) } })) }
            }))
        }
    }
}
