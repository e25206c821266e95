//! The answer in a sentence, and how much of the plan it rests on.

use maud::{Markup, html};
use picaporte_core::{Reason, State};

use super::Told;
use super::map::swatch;
use super::text::Outside;
use super::words::{Words, fill};
use crate::report::scope;

/// Up to how many names without an address are told; the formats json and jsonl have them all.
pub(super) const NAMES: usize = 20;

/// What was found, and whether everything was tested.
pub(super) fn answer(told: Told<'_>) -> Markup {
    let (words, tally) = (told.words, &told.trailer.account.tally);
    let everything = told.seen.everything;
    html! {
        section.top slot="answer" {
            p.answer { (found(told)) "; " (tested(told)) }
            @if let Some(unasked) = told.trailer.unasked(words.lang) { p.alarm { (unasked) "." } }
            @if let Some(since) = told.since { (since.in_short(words)) }
            @if !tally.balances() { p.alarm { (words.fault) } }
            @if everything.1 > 0 {
                p.alarm {
                    (fill(words.everything, &[&words.number(everything.1), &words.count(everything.0, &words.host)]))
                }
            }
        }
    }
}

fn found(told: Told<'_>) -> String {
    let words = told.words;
    let counts = &told.trailer.account.tally.counts;
    let hosts = words.count(told.header.plan.planned_hosts(), &words.host);
    match counts.in_state(State::Open) {
        0 => fill(words.answer_none, &[&hosts]),
        open => {
            let on = words.number(told.seen.open_hosts + told.seen.everything.0);
            fill(
                words.answer_open,
                &[&words.count(open, &words.open_port), &on, &hosts],
            )
        }
    }
}

fn tested(told: Told<'_>) -> String {
    let (words, tally) = (told.words, &told.trailer.account.tally);
    let untested = tally.counts.in_state(State::Untested);
    if untested == 0 && tally.complete() {
        words.all_tested.to_owned()
    } else if tally.complete() {
        fill(words.left_as_asked, &[&words.count(untested, &words.probe)])
    } else {
        fill(
            words.incomplete,
            &[&words.number(untested), &words.number(tally.planned)],
        )
    }
}

/// The section.
fn content(told: Told<'_>) -> Markup {
    let (words, tally) = (told.words, &told.trailer.account.tally);
    let counts = &tally.counts;
    let sum = [
        tally.planned,
        counts.tested(),
        counts.in_state(State::Untested),
    ];
    let sum = sum.map(|n| words.number(n));
    html! {
        p { (fill(words.coverage_sum, &[&sum[0], &sum[1], &sum[2]])) }
        (bar(told))
        (states(told))
        @if counts.in_state(State::Untested) > 0 {
            h3 { (words.untested_why) }
            dl {
                @for (reason, count) in counts.of_state(State::Untested) {
                    (why(told, reason, count))
                }
            }
        }
        (never_begun(told))
    }
}

pub(super) fn section(told: Told<'_>) -> Markup {
    super::section("coverage", told.words.coverage, content(told))
}

/// One bar, shared out by state. What is there is at least three thousandths wide.
fn bar(told: Told<'_>) -> Markup {
    let (words, tally) = (told.words, &told.trailer.account.tally);
    let present = State::ALL.map(|state| (state, tally.counts.in_state(state)));
    let present: Vec<_> = present.into_iter().filter(|(_, n)| *n > 0).collect();
    let whole: u64 = present.iter().map(|(_, n)| n).sum();
    let free = 1000.0 - 3.0 * present.len() as f64;
    let mut at = 0.0;
    let parts = present.iter().map(|&(state, n)| {
        let wide = 3.0 + free * n as f64 / whole as f64;
        at += wide;
        (state, format!("{:.1}", at - wide), format!("{wide:.1}"))
    });
    let parts: Vec<_> = parts.collect();
    html! {
        svg.bar role="img" aria-labelledby="bar-name" viewBox="0 0 1000 28" preserveAspectRatio="none" {
            title id="bar-name" { (words.coverage_bar) }
            @for (state, x, wide) in &parts { rect class=(state.name()) x=(x) y="1" width=(wide) height="26" {} }
        }
    }
}

fn states(told: Told<'_>) -> Markup {
    let (words, tally) = (told.words, &told.trailer.account.tally);
    html! {
        table.states {
            thead { tr { th { (words.state) } th.n { (words.ports_head()) } th.n { (words.share) } th { (words.reasons) } } }
            tbody {
                @for state in State::ALL {
                    @let (name, means) = (words.states)(state);
                    @let n = tally.counts.in_state(state);
                    tr {
                        th.word scope="row" { (swatch(state)) (name) small { (means) } }
                        td.n { (words.number(n)) }
                        td.n { (words.percent(n, tally.planned)) }
                        td { (reasons(told, state)) }
                    }
                }
            }
        }
    }
}

fn reasons(told: Told<'_>, state: State) -> Markup {
    let words = told.words;
    let counts = &told.trailer.account.tally.counts;
    html! {
        @for (reason, n) in counts.of_state(state) {
            div { (words.number(n)) " " code { (reason.name()) } @if state != State::Untested { small { ((words.because)(reason)) } } }
        }
    }
}

/// Why so many were not tested, and which.
fn why(told: Told<'_>, reason: Reason, count: u64) -> Markup {
    let words = told.words;
    let outside = (reason == Reason::OutOfScope)
        .then(|| scope::outside(told.header, told.words.lang))
        .flatten();
    html! {
        dt { (words.number(count)) " " code { (reason.name()) } }
        dd {
            ((words.because)(reason))
            @if reason == Reason::Unresolved { (unresolved(told)) }
            @if outside.is_some() { small { a href="#scope" { (words.outside) } } }
        }
    }
}

fn unresolved(told: Told<'_>) -> Markup {
    let names = told.header.plan.unresolved();
    let more = names.len().saturating_sub(NAMES) as u64;
    html! {
        small.mono {
            @for (i, unresolved) in names.iter().take(NAMES).enumerate() {
                @if i > 0 { ", " }
                bdi { (Outside(&unresolved.name)) }
            }
        }
        @if more > 0 { small { (fill(told.words.and_more, &[&told.words.number(more)])) } }
    }
}

fn never_begun(told: Told<'_>) -> Markup {
    let words = told.words;
    let planned = told.header.plan.planned_hosts();
    let unbegun = planned.saturating_sub(told.seen.hosts);
    html! {
        @if unbegun > 0 {
            p { (fill(words.never_begun, &[&words.number(unbegun), &words.count(planned, &words.host)])) }
        }
    }
}

impl Words {
    /// The head of a column of counts.
    fn ports_head(&self) -> &'static str {
        self.probe.many
    }
}
