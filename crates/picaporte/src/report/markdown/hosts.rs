//! The hosts, one row each, within bounds: beyond them hosts are counted by what is known of them, and the document says so.

use std::fmt::Write as _;

use picaporte_core::scan::HostReport;
use picaporte_core::tally::Counts;
use picaporte_core::{Address, State};

use super::super::Header;
use super::super::table::host::{icmp_error, policy};
use super::super::table::quiet;
use super::super::table::text::{JOINED, counted, number};
use super::super::table::words;
use super::{code, title};

/// Up to how many hosts with an open port have a row.
pub(in crate::report) const OPEN: usize = 4_096;
/// Up to how many others have one: a /24.
pub(in crate::report) const OTHERS: usize = 256;

/// All hosts that were told.
#[derive(Default)]
pub(super) struct Hosts {
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
    pub(super) fn add(&mut self, header: &Header, host: &HostReport) {
        self.told.hosts += 1;
        self.told.slowed += u64::from(host.slowed.is_some());
        let says_nothing = host.open.is_empty() || host.answers_everything;
        if says_nothing && self.others.len() >= OTHERS {
            self.quiet.add(host);
        } else if says_nothing {
            self.others.push((host.address, row(header, host)));
        } else if self.open.len() >= OPEN {
            self.more += 1;
            self.more_counts.merge(&host.counts);
        } else {
            self.open.push((host.address, row(header, host)));
        }
    }

    pub(super) fn told(&self) -> Told {
        self.told
    }

    /// Those with an open port first, then the others, by address.
    pub(super) fn write(&mut self, text: &mut String) {
        text.push_str("\n## Hosts\n\n");
        if self.told.hosts == 0 {
            text.push_str("None is done.\n");
            return;
        }
        text.push_str("| host | open | closed | filtered | untested | notes |\n| --- | --- | --- | --- | --- | --- |\n");
        for rows in [&mut self.open, &mut self.others] {
            rows.sort_unstable();
            for (_, row) in rows {
                text.push_str(row);
            }
        }
        if self.more > 0 {
            let who = format!("{} with an open port", counted(self.more, "more host"));
            text.push_str(&line(&who, &self.more_counts, FOLDED));
        }
        for (who, counts) in self.quiet.unnamed() {
            text.push_str(&line(&who, counts, FOLDED));
        }
    }
}

/// Where the rest is.
const FOLDED: &str = "beyond the rows of this document; `jsonl` and `json` have each of them";

fn row(header: &Header, host: &HostReport) -> String {
    line(
        &title(header, host.address),
        &host.counts,
        &notes(header, host).join("; "),
    )
}

fn line(who: &str, counts: &Counts, notes: &str) -> String {
    let mut line = format!("| {who} |");
    for state in State::ALL {
        let why = words::reasons(counts, state).replace(JOINED, " ");
        let _ = write!(line, " {}{why} |", number(counts.in_state(state)));
    }
    let _ = writeln!(line, " {notes} |");
    line
}

/// What else is to be said of a host: whether its open ports can be believed, who rejected, what is done by default, and whether it
/// had to be asked more slowly.
fn notes(header: &Header, host: &HostReport) -> Vec<String> {
    let open = u64::from(host.open.len());
    let everything = host
        .answers_everything
        .then(|| words::answers_everything(open));
    let rejects = host.rejects.iter().map(|(icmp, ports)| {
        let ports = counted((*ports).into(), "port");
        format!("{} rejects {ports}", code(&icmp_error(header, icmp)))
    });
    everything
        .into_iter()
        .chain(rejects)
        .chain(policy(host))
        .chain(host.slowed.map(words::slowed))
        .collect()
}
