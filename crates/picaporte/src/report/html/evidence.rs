//! What proves the ports that are listed one by one: a row for each, kept until the end, in the order of addresses.

use std::borrow::Cow;
use std::collections::BTreeMap;

use maud::{Markup, html};
use picaporte_core::{Address, Close, State, Verdict};

use super::key::{Key, of_host, take_host};
use super::map::swatch;
use super::services;
use super::text::{self, Outside, joined, ours};
use super::words::{Words, fill};
use crate::report::Header;
use crate::report::identified::words as said;

/// The most open ports with their evidence.
pub(super) const OPEN: usize = 16_384;
/// The most other ports; they are listed only where somebody asked for that.
pub(super) const OTHER: usize = 4_096;
/// The most bytes of all rows of open ports, and of others. Names of the reverse DNS stand in each row, and their owners choose
/// how long they are; ordinary rows of so many ports have about 3 MiB and 0.7.
pub(super) const OPEN_BYTES: usize = 5 << 20;
pub(super) const OTHER_BYTES: usize = 1 << 20;
/// The most of one host.
pub(super) const OF_A_HOST: usize = 64;

/// How many one table has.
const PART: usize = 256;

/// The rows that are kept.
pub(super) struct Rows {
    most: usize,
    most_bytes: usize,
    kept: BTreeMap<(Key, u16), Kept>,
    /// Every port that was handed in.
    seen: u64,
    /// Bytes of what services say.
    said: usize,
}

struct Kept {
    verdict: Verdict,
    /// What it is called, if it was asked what it is.
    service: Option<Cow<'static, str>>,
    says: Option<Markup>,
    /// There was no room for that.
    unsaid: bool,
}

impl Rows {
    pub(super) fn of(most: usize, most_bytes: usize) -> Self {
        Self {
            most,
            most_bytes,
            kept: BTreeMap::new(),
            seen: 0,
            said: 0,
        }
    }

    /// Keeps it if there is room.
    pub(super) fn add(&mut self, header: &Header, words: &Words, verdict: &Verdict) {
        self.seen += 1;
        let key = Key::of(verdict.address);
        if self.kept.len() < self.most && of_host(&self.kept, key) < OF_A_HOST {
            let kept = self.kept(header, words, verdict);
            self.kept.insert((key, verdict.port), kept);
        }
    }

    /// With what its service says of itself, if there is room for that.
    fn kept(&mut self, header: &Header, words: &Words, verdict: &Verdict) -> Kept {
        let found = header.service(verdict.address, verdict.port);
        let found = found.as_deref();
        let at = (verdict.port, verdict.state());
        let service = found.and_then(|found| said::called(header, Some(found), at));
        let says = found.and_then(|found| services::says(words, found));
        let bytes = says.as_ref().map_or(0, |says| says.0.len());
        let fits = self.said + bytes <= services::SAID;
        self.said += if fits { bytes } else { 0 };
        Kept {
            verdict: *verdict,
            service,
            says: says.filter(|_| fits),
            unsaid: !fits,
        }
    }

    /// Leaves out a host whose open ports say nothing.
    pub(super) fn forget(&mut self, address: Address) {
        for kept in take_host(&mut self.kept, Key::of(address)) {
            self.said -= kept.says.map_or(0, |says| says.0.len());
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// How many were handed in.
    pub(super) fn seen(&self) -> u64 {
        self.seen
    }

    /// How many had no room for what their service says.
    pub(super) fn unsaid(&self) -> u64 {
        self.kept.values().filter(|kept| kept.unsaid).count() as u64
    }

    /// Tables of them, each of so many that a browser lays out those that are seen.
    pub(super) fn tables(&self, header: &Header, words: &Words) -> Tables {
        let rows = self.within_bytes(header, words);
        let several = rows.len() > PART;
        let parts = rows.chunks(PART);
        Tables {
            listed: rows.len() as u64,
            markup: html! { @for part in parts { (table(header, words, part, several)) } },
        }
    }

    /// As many of the first as there is room for on a page.
    fn within_bytes(&self, header: &Header, words: &Words) -> Vec<(&Verdict, Markup)> {
        let rows = self.kept.values();
        let rows = rows.map(|kept| (&kept.verdict, row(header, words, kept)));
        let mut bytes = 0;
        rows.take_while(|(_, row)| {
            bytes += row.0.len();
            bytes <= self.most_bytes
        })
        .collect()
    }
}

/// What is listed.
pub(super) struct Tables {
    /// How many ports.
    pub(super) listed: u64,
    pub(super) markup: Markup,
}

fn table(header: &Header, words: &Words, rows: &[(&Verdict, Markup)], several: bool) -> Markup {
    let name = |(verdict, _): &(&Verdict, Markup)| header.named(verdict.address).to_string();
    let ends = rows
        .first()
        .map(name)
        .zip(rows.last().map(name))
        .filter(|_| several);
    let service = if header.identified.has_begun() {
        words.services().service
    } else {
        words.service
    };
    html! {
        div.part {
            table.ev.asked[header.identified.has_begun()] {
                @if let Some((first, last)) = &ends { caption { (Outside(first)) " – " (Outside(last)) } }
                thead { tr {
                    th { (words.port.one) } th { (service) } th { (words.grade_head()) } th { (words.evidence) }
                } }
                tbody { @for (_, row) in rows { (row) } }
            }
        }
    }
}

impl Words {
    fn grade_head(&self) -> String {
        format!("{} · {}", self.state, self.grade)
    }
}

fn row(header: &Header, words: &Words, kept: &Kept) -> Markup {
    let verdict = &kept.verdict;
    let at = header.named(verdict.address).with_port(verdict.port);
    let state = verdict.state();
    let name = match state {
        State::Open => (words.graded)(verdict.evidence.grade).0,
        _ => (words.states)(state).0,
    };
    let usual = || said::called(header, None, (verdict.port, state));
    let service = kept.service.clone().or_else(usual);
    html! {
        tr {
            th scope="row" { (Outside(&at)) (text::reverse(&header.reverse(verdict.address), words)) }
            td { (service.as_deref().unwrap_or("–")) @if let Some(says) = &kept.says { (says) } }
            td { @if state != State::Open { (swatch(state)) } (name) }
            td { (says(header, words, verdict)) }
        }
    }
}

/// `syn-ack; 0.21 ms; closed with fin; timestamps sack window-scale; MSS 1,448, window 65,160`.
fn says(header: &Header, words: &Words, verdict: &Verdict) -> Markup {
    let seen = &verdict.evidence;
    let mut says = vec![ours(verdict.reason.name())];
    says.extend(verdict.rtt.map(|rtt| ours(words.micros(rtt.as_micros()))));
    says.extend(
        seen.icmp
            .map(|icmp| super::firewalls::icmp_error(header, &icmp)),
    );
    says.extend(seen.neighbour.then(|| ours("origin neighbour")));
    says.extend(seen.ambiguous.then(|| ours("ambiguous")));
    says.extend(
        seen.close
            .map(|close| ours(fill(words.closed_with, &[Close::name(close)]))),
    );
    says.extend(seen.peer.and_then(|peer| {
        let names: Vec<_> = peer.options?.names().collect();
        (!names.is_empty()).then(|| ours(names.join(" ")))
    }));
    says.extend(seen.peer.and_then(|peer| {
        let (mss, window) = (peer.mss?, peer.window?);
        let both = [u64::from(mss), window.into()].map(|n| words.number(n));
        Some(ours(fill(words.peer, &[&both[0], &both[1]])))
    }));
    if verdict.attempts > 1 {
        says.push(ours(words.count(verdict.attempts.into(), &words.attempt)));
    }
    if seen.retransmits > 0 {
        says.push(ours(format!("retransmits {}", seen.retransmits)));
    }
    joined(&says, "; ")
}
