//! The table, for a person: each host once, when it is done, and the account at the end. It keeps
//! the listed ports of hosts that are under way, and of the others only counts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use picaporte_core::locate::Located;
use picaporte_core::scan::HostReport;
use picaporte_core::{Address, State};
use picaporte_engine::Finding;

use super::firewalls::Firewalls;
use super::{Header, Lang, Sink, Style, Trailer, encode, scope};
use crate::words::nouns::{HOST, NAME, PROBE};

pub(super) mod host;
pub(super) mod paint;
pub(super) mod quiet;
mod rows;
mod summary;
pub(super) mod text;
mod way;
pub(super) mod words;

use rows::Row;
use text::wrap;

pub(super) struct Table {
    header: Header,
    style: Style,
    /// Listed ports of hosts that are not done.
    rows: BTreeMap<Address, Vec<Row>>,
    quiet: quiet::Lines,
    /// Hosts that are done.
    hosts: u64,
    /// Those among them that fell silent for a while.
    slowed: u64,
    firewalls: Firewalls,
    /// A host shared a line with others: what stands before it has not been told yet.
    any_quiet: bool,
    located: Vec<Located>,
}

impl Table {
    pub(super) fn begin(header: Header, style: Style, out: &mut Vec<u8>) -> Self {
        let begin = beginning(&header, style);
        out.extend_from_slice(begin.as_bytes());
        Self {
            header,
            style,
            rows: BTreeMap::new(),
            quiet: quiet::Lines::default(),
            hosts: 0,
            slowed: 0,
            firewalls: Firewalls::default(),
            any_quiet: false,
            located: Vec::new(),
        }
    }

    fn host(&mut self, host: &HostReport, out: &mut Vec<u8>) {
        self.hosts += 1;
        self.slowed += u64::from(host.slowed.is_some());
        self.firewalls.add(host);
        let mut rows = self.rows.remove(&host.address).unwrap_or_default();
        if host.answers_everything {
            // One line stands for them all.
            rows.retain(|row| row.state() != State::Open);
        }
        let tested = host.counts.tested();
        let only_open = host.answers_everything && tested == u64::from(host.open.len());
        if rows.is_empty() && (host.open.is_empty() || only_open) {
            self.quiet.add(host);
            self.any_quiet = true;
            return;
        }
        let title = host::title(&self.header, host.address);
        let summary = words::states(self.style.lang, &host.counts, &host.graded);
        let notes = host::notes(&self.header, self.style.lang, host);
        let mut text = String::new();
        host::write(
            &self.header,
            self.style,
            &title,
            &summary,
            &notes,
            &mut rows,
            &mut text,
        );
        out.extend_from_slice(text.as_bytes());
    }

    /// Ports of hosts whose account never came: nothing found is kept back.
    fn write_unfinished(&mut self, text: &mut String) {
        for (address, mut rows) in std::mem::take(&mut self.rows) {
            let title = host::title(&self.header, address);
            let summary = host::unfinished(self.style.lang, &rows);
            host::write(
                &self.header,
                self.style,
                &title,
                &summary,
                &[],
                &mut rows,
                text,
            );
        }
    }

    fn write_quiet(&self, text: &mut String) {
        let sentences = self.quiet.sentences(&self.header, self.style.lang);
        for sentence in &sentences {
            let sentence = wrap(sentence, 0, 2, usize::from(self.style.width));
            let _ = writeln!(text, "{sentence}");
        }
        if !sentences.is_empty() {
            text.push('\n');
        }
    }
}

impl Sink for Table {
    fn finding(&mut self, finding: &Finding, out: &mut Vec<u8>) {
        match finding {
            Finding::Port(verdict) => {
                let rows = self.rows.entry(verdict.address).or_default();
                rows.push(Row::new(verdict));
            }
            Finding::Host(host) => self.host(host, out),
            Finding::Opened { .. } | Finding::Decided(_) | Finding::End(_) => {}
        }
    }

    fn located(&mut self, found: &Located, _: &mut Vec<u8>) {
        self.located.push(found.clone());
    }

    fn end(&mut self, trailer: &Trailer, out: &mut Vec<u8>) {
        let mut text = String::new();
        self.write_unfinished(&mut text);
        self.write_quiet(&mut text);
        way::write(&self.header, self.style, &self.located, &mut text);
        let told = summary::Told {
            hosts: self.hosts,
            slowed: self.slowed,
            firewalls: (self.any_quiet || self.hosts > 1).then_some(&self.firewalls),
        };
        summary::write(&self.header, self.style, trailer, told, &mut text);
        out.extend_from_slice(text.as_bytes());
    }
}

/// Which scan this is, and what it plans.
fn beginning(header: &Header, style: Style) -> String {
    let (lang, width) = (style.lang, usize::from(style.width));
    let who = say!(
        lang,
        "Picaporte {version}, scan {id}, {started}",
        "Picaporte {version}, escaneo {id}, {started}",
        version = header.version,
        id = encode::terminal(&header.id),
        started = format!("{:.0}", header.started)
    );
    let (who, what) = (
        wrap(&who, 0, 2, width),
        wrap(&planned(header, lang), 0, 2, width),
    );
    let scope = scope::sentence(header, lang).map_or(String::new(), |scope| {
        format!("{}\n", wrap(&scope, 0, 2, width))
    });
    format!("{who}\n{what}\n{scope}\n")
}

/// `800 probes on 8 hosts and 1 name without an address, shard 1/2`.
pub(super) fn planned(header: &Header, lang: Lang) -> String {
    let plan = &header.plan;
    let shard = plan.settings().shard;
    let mut what = say!(
        lang,
        "{probes} on {hosts}",
        "{probes} en {hosts}",
        probes = lang.count(plan.planned(), PROBE),
        hosts = lang.count(plan.planned_hosts(), HOST)
    );
    if plan.outside() > 0 {
        what.push_str(&say!(
            lang,
            ", of which {outside} outside the scope",
            ", de ellas {outside} fuera del alcance",
            outside = lang.count(plan.outside(), PROBE)
        ));
    }
    if !plan.unresolved().is_empty() {
        what.push_str(&say!(
            lang,
            " and {names} without an address",
            " y {names} sin dirección",
            names = lang.count(plan.unresolved().len() as u64, NAME)
        ));
    }
    if shard.count() > 1 {
        what.push_str(&say!(
            lang,
            ", shard {index}/{count}",
            ", parte {index}/{count}",
            index = shard.index() + 1,
            count = shard.count()
        ));
    }
    what
}
