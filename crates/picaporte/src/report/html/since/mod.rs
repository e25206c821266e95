//! What changed since an earlier scan. A comparison needs all of both, so this scan is taken down while its findings are
//! written, and held against the other when it is over.
//!
//! **What is kept** is the earlier scan, and of this one what the [`Limits`] of a comparison let through: up to 2²⁰ hosts and
//! 2²⁴ ranges of ports. Where a limit is met what was taken down is dropped, nothing is compared, and the page says why. The
//! page lists [`rows::ROWS`] rows of each kind of change, and counts the rest.

use std::sync::Arc;

use maud::{Markup, html};
use picaporte_core::tally::Tally;
use picaporte_diff::{Change, Changes, Full, Limits, Note, Wanted, compare};
use picaporte_engine::Finding;

use super::text::{Outside, filled, moment, ours};
use super::words::{Words, fill};
use super::{section as framed, term};
use crate::report::changes::words as changed;
use crate::report::{Earlier, Header};
use crate::snapshot::Taking;

pub(super) mod rows;

/// Both scans, while this one goes on.
pub(super) struct Since {
    earlier: Arc<Earlier>,
    /// This scan as far as it was told, or the limit that it met.
    taking: Result<Taking, Full>,
}

/// What became of it.
pub(super) struct Compared {
    earlier: Arc<Earlier>,
    /// What is to be known of this scan, and what changed; or the limit that it met.
    found: Result<(Vec<Note>, Changes), Full>,
}

impl Since {
    pub(super) fn begin(header: &Header, earlier: Arc<Earlier>) -> Self {
        Self::within(header, earlier, &Limits::default())
    }

    /// Keeps of this scan what these limits allow.
    pub(super) fn within(header: &Header, earlier: Arc<Earlier>, limits: &Limits) -> Self {
        let taking = Taking::begin(header, Wanted::default(), limits);
        Self { earlier, taking }
    }

    pub(super) fn finding(&mut self, header: &Header, finding: &Finding) {
        if let Ok(taking) = &mut self.taking
            && let Err(full) = taking.finding(header, finding)
        {
            self.taking = Err(full);
        }
    }

    /// Compares; nothing of this scan is kept but what changed.
    pub(super) fn end(self, tally: &Tally) -> Compared {
        let scan = self.taking.and_then(|taking| taking.end(tally, None));
        let found = scan.map(|scan| {
            let changes = compare(&self.earlier.scan, &scan);
            (scan.about.notes, changes)
        });
        Compared {
            earlier: self.earlier,
            found,
        }
    }
}

impl Compared {
    /// One line for the top of the page.
    pub(super) fn in_short(&self, words: &Words) -> Markup {
        let told = words.since();
        let text = match &self.found {
            Ok((_, changes)) => {
                let counts = [Change::Opened, Change::Closed, Change::NotComparable];
                let counts = counts.map(|kind| words.number(changes.counts.of(kind).ports));
                let [opened, closed, not_comparable] = counts.map(ours);
                let since = self.moment(words);
                let services = ours(services_in_short(changes, words));
                let parts = [since, opened, closed, not_comparable, services];
                filled(told.in_short, &parts)
            }
            Err(full) => ours(limit(full, words)),
        };
        html! { p { a href="#since" { (told.nav) } ": " (text) } }
    }

    /// The section.
    pub(super) fn section(&self, words: &Words) -> Markup {
        let told = words.since();
        let content = html! {
            (self.scans(words))
            @match &self.found {
                Err(full) => { p.alarm { (limit(full, words)) } }
                Ok((_, changes)) => {
                    p { (changed::judgement(words.lang, changes)) }
                    (counts(changes, words))
                    (rows::tables(changes, words))
                }
            }
        };
        framed("since", filled(told.title, &[self.moment(words)]), content)
    }

    /// When the earlier scan began, as far as its file tells.
    fn moment(&self, words: &Words) -> Markup {
        let started = self.earlier.scan.about.started;
        started.map_or_else(|| ours(words.since().earlier), moment)
    }

    /// Which scan the earlier one is, and what is to be known of both.
    fn scans(&self, words: &Words) -> Markup {
        let told = words.since();
        let about = &self.earlier.scan.about;
        let notes = |notes: &[Note]| html! { @for note in notes { div { (changed::note(words.lang, note)) } } };
        let ended = about.complete.map(|complete| {
            if complete {
                told.complete
            } else {
                told.incomplete
            }
        });
        html! {
            dl {
                (term(told.scan, html! {
                    code { (Outside(&self.earlier.called)) }
                    @if let Some(id) = about.id.as_ref().filter(|id| **id != self.earlier.called) { ", " code { (Outside(id)) } }
                    ", " (Outside(&about.scanner))
                    @if let Some(version) = &about.version { " " (Outside(version)) }
                    @if let Some(ended) = ended { ", " (ended) }
                    (notes(&about.notes))
                }))
                @if let Ok((now, _)) = &self.found {
                    @if !now.is_empty() { (term(told.this_scan, notes(now))) }
                }
            }
        }
    }
}

fn limit(full: &Full, words: &Words) -> String {
    let (Full::Hosts(most) | Full::Ranges(most) | Full::Evidence(most) | Full::Services(most)) =
        *full;
    fill((words.since().full)(full), &[&words.number(most as u64)])
}

/// How many ports have another service, if any.
fn services_in_short(changes: &Changes, words: &Words) -> String {
    match changes.counts.services.ports {
        0 => String::new(),
        n => fill(
            words.since().in_short_service,
            &[changed::other_service(words.lang), &words.number(n)],
        ),
    }
}

/// How much of every kind of change there is, and of what did not change.
fn counts(changes: &Changes, words: &Words) -> Markup {
    let (told, counts) = (words.since(), &changes.counts);
    let kinds = Change::ALL.into_iter().filter_map(|kind| {
        let of = counts.of(kind);
        let hosts = match kind {
            Change::Appeared => counts.appeared,
            Change::Disappeared => counts.disappeared,
            _ => of.hosts,
        };
        (hosts > 0).then(|| ((told.change)(kind), of.ports, hosts))
    });
    let service = (changed::other_service(words.lang), told.service);
    let service = (counts.services.hosts > 0).then_some((service, counts.services));
    let same = (counts.same.hosts > 0).then_some((told.same, counts.same));
    let unknown = (counts.unknown.hosts > 0).then_some((told.neither, counts.unknown));
    let others = [service, same, unknown].into_iter().flatten();
    let others = others.map(|(name, of)| (name, of.ports, of.hosts));
    html! {
        table {
            thead { tr { th { (told.change_head) } th.n { (words.port.many) } th.n { (words.host.many) } } }
            tbody {
                @for ((name, means), ports, hosts) in kinds.chain(others) {
                    tr {
                        th.word scope="row" { (name) small { (means) } }
                        td.n { @if ports > 0 { (words.number(ports)) } @else { "–" } }
                        td.n { (words.number(hosts)) }
                    }
                }
            }
        }
    }
}
