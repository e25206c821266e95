//! The open ports: by number, by grade, and one by one with what proves them.

use maud::{Markup, html};
use picaporte_core::{Grade, State, Suspicion};

use super::evidence::{Rows, Tables};
use super::words::{Noun, Words, fill};
use super::{Told, section as framed};
use crate::services;

/// How many ports are told by number.
const NUMBERS: usize = 32;

/// The section; `open` has each port and on how many hosts it is open, those of most hosts first.
pub(super) fn section(
    told: Told<'_>,
    open: &[(u16, u32)],
    evidence: &Rows,
    others: &Rows,
) -> Markup {
    let words = told.words;
    let counts = &told.trailer.account.tally.counts;
    let all = counts
        .in_state(State::Open)
        .saturating_sub(told.seen.everything.1);
    let content = html! {
        @if all == 0 { p { (words.ports_none) } } @else {
            (grades(told))
            (by_number(open, words))
            h3 { (words.evidence) }
            (listed(told, evidence, all, &words.open_port))
        }
        @if !others.is_empty() {
            h3 { (words.map_rest) }
            (listed(told, others, others.seen(), &words.port))
        }
    };
    framed("ports", words.ports, content)
}

/// What is listed one by one of so many, and that it is not all of them.
fn listed(told: Told<'_>, rows: &Rows, all: u64, noun: &Noun) -> Markup {
    let words = told.words;
    let Tables { listed, markup } = rows.tables(told.header, words);
    let counts = [words.number(listed), words.count(all, noun)];
    html! {
        @if listed < all { p.fold { (fill(words.evidence_folded, &[&counts[0], &counts[1]])) } }
        (markup)
    }
}

/// How far they can be believed.
fn grades(told: Told<'_>) -> Markup {
    let (words, tally) = (told.words, &told.trailer.account.tally);
    let graded = &tally.graded;
    let open = tally.counts.in_state(State::Open);
    let rows = [
        (Some(Grade::Confirmed), graded.confirmed),
        (Some(Grade::HandshakeOnly), graded.handshake_only),
        (None, open.saturating_sub(graded.all())),
    ];
    let name = |grade| (words.graded)(grade);
    let suspect = name(Some(Grade::Suspect(Suspicion::AnswersEverything))).0;
    html! {
        h3 { (words.grades) }
        table {
            thead { tr { th { (words.grade) } th.n { (words.open_port.many) } th.n { (words.share) } } }
            tbody {
                @for (grade, n) in rows.into_iter().filter(|(_, n)| *n > 0) {
                    (grade_row(words, name(grade), n, open))
                }
                @if graded.suspect > 0 { (grade_row(words, (suspect, words.suspect_means), graded.suspect, open)) }
            }
        }
    }
}

fn grade_row(words: &Words, (name, means): (&str, &str), n: u64, open: u64) -> Markup {
    html! {
        tr {
            th.word scope="row" { (name) small { (means) } }
            td.n { (words.number(n)) }
            td.n { (words.percent(n, open)) }
        }
    }
}

fn by_number(open: &[(u16, u32)], words: &Words) -> Markup {
    let more = open.len().saturating_sub(NUMBERS) as u64;
    html! {
        h3 { (words.ports_by_number) }
        table {
            thead { tr { th { (words.port.one) } th { (words.service) } th.n { (words.hosts_open) } } }
            tbody {
                @for &(port, hosts) in open.iter().take(NUMBERS) {
                    tr {
                        th scope="row" { (port) }
                        td { (services::name(port).unwrap_or("–")) }
                        td.n { (words.number(hosts.into())) }
                    }
                }
            }
        }
        @if more > 0 { p.fold { (fill(words.ports_more, &[&words.count(more, &words.port)])) } }
    }
}
