//! The hosts, one row each, within bounds: beyond them hosts are counted by what is known of them, and the document says so.

use std::fmt::Write as _;

use picaporte_core::scan::HostReport;
use picaporte_core::tally::Counts;
use picaporte_core::{Address, State};

use super::super::table::host::{icmp_error, policy};
use super::super::table::quiet;
use super::super::table::text::JOINED;
use super::super::table::words;
use super::super::{Header, Lang};
use super::{code, title};
use crate::words::nouns::{MORE_HOSTS, PORT};

/// Up to how many hosts with an open port have a row.
pub(in crate::report) const OPEN: usize = 4_096;
/// Up to how many others have one: a /24.
pub(in crate::report) const OTHERS: usize = 256;

/// All hosts that were told.
pub(super) struct Hosts {
    lang: Lang,
    /// Each with its row.
    open: Vec<(Address, String)>,
    others: Vec<(Address, String)>,
    /// Hosts with an open port for which there was no row left.
    more: u64,
    more_counts: Counts,
    /// The same of the others.
    quiet: quiet::Lines,
    told: Told,
}

/// How many there were.
#[derive(Clone, Copy, Default)]
pub(super) struct Told {
    pub(super) hosts: u64,
    /// Those that fell silent for a while.
    pub(super) slowed: u64,
}

impl Hosts {
    pub(super) fn new(lang: Lang) -> Self {
        Self {
            lang,
            open: Vec::new(),
            others: Vec::new(),
            more: 0,
            more_counts: Counts::default(),
            quiet: quiet::Lines::default(),
            told: Told::default(),
        }
    }

    pub(super) fn add(&mut self, header: &Header, host: &HostReport) {
        self.told.hosts += 1;
        self.told.slowed += u64::from(host.slowed.is_some());
        let says_nothing = host.open.is_empty() || host.answers_everything;
        if says_nothing && self.others.len() >= OTHERS {
            self.quiet.add(host);
        } else if says_nothing {
            self.others
                .push((host.address, row(header, self.lang, host)));
        } else if self.open.len() >= OPEN {
            self.more += 1;
            self.more_counts.merge(&host.counts);
        } else {
            self.open.push((host.address, row(header, self.lang, host)));
        }
    }

    pub(super) fn told(&self) -> Told {
        self.told
    }

    /// Those with an open port first, then the others, by address.
    pub(super) fn write(&mut self, text: &mut String) {
        let lang = self.lang;
        text.push_str(lang.either("\n## Hosts\n\n", "\n## Equipos\n\n"));
        if self.told.hosts == 0 {
            text.push_str(lang.either("None is done.\n", "No se terminó ningún equipo.\n"));
            return;
        }
        text.push_str(lang.either(
            "| host | open | closed | filtered | untested | notes |\n| --- | --- | --- | --- | --- | --- |\n",
            "| equipo | abiertos | cerrados | filtrados | sin comprobar | notas |\n| --- | --- | --- | --- | --- | --- |\n",
        ));
        for rows in [&mut self.open, &mut self.others] {
            rows.sort_unstable();
            for (_, row) in rows {
                text.push_str(row);
            }
        }
        let folded = lang.either(
            "beyond the rows of this document; `jsonl` and `json` have each of them",
            "más allá de las filas de este documento; `jsonl` y `json` los tienen todos",
        );
        if self.more > 0 {
            let who = say!(
                lang,
                "{hosts} with an open port",
                "{hosts} con algún puerto abierto",
                hosts = lang.count(self.more, MORE_HOSTS)
            );
            text.push_str(&line(lang, &who, &self.more_counts, folded));
        }
        for (who, counts) in self.quiet.unnamed(lang) {
            text.push_str(&line(lang, &who, counts, folded));
        }
    }
}

fn row(header: &Header, lang: Lang, host: &HostReport) -> String {
    line(
        lang,
        &title(header, host.address),
        &host.counts,
        &notes(header, lang, host).join("; "),
    )
}

fn line(lang: Lang, who: &str, counts: &Counts, notes: &str) -> String {
    let mut line = format!("| {who} |");
    for state in State::ALL {
        let why = words::reasons(lang, counts, state).replace(JOINED, " ");
        let _ = write!(line, " {}{why} |", lang.number(counts.in_state(state)));
    }
    let _ = writeln!(line, " {notes} |");
    line
}

/// What else is to be said of a host: whether its open ports can be believed, who rejected, what is done by default, and whether it
/// had to be asked more slowly.
fn notes(header: &Header, lang: Lang, host: &HostReport) -> Vec<String> {
    let open = u64::from(host.open.len());
    let everything = host
        .answers_everything
        .then(|| words::answers_everything(lang, open));
    let rejects = host.rejects.iter().map(|(icmp, ports)| {
        say!(
            lang,
            "{by} rejects {ports}",
            "{by} rechaza {ports}",
            by = code(&icmp_error(header, lang, icmp)),
            ports = lang.count((*ports).into(), PORT)
        )
    });
    everything
        .into_iter()
        .chain(rejects)
        .chain(policy(lang, host))
        .chain(host.slowed.map(|slowed| words::slowed(lang, slowed)))
        .collect()
}
