//! Hosts with no open port and nothing listed share a line, and so do those that answer everything. That nothing is open, that
//! nothing answered and that nothing was asked are different things, and each has a line of its own.

use std::fmt::Write as _;

use picaporte_core::scan::HostReport;
use picaporte_core::tally::Counts;
use picaporte_core::{Address, Graded, Reason, State};

use super::super::Header;
use super::text::{counted, number};
use super::{host, words};

/// Up to how many hosts of a line are named.
const NAMED: usize = 3;

/// What is known of a host without an open port that says anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Quiet {
    /// Every port was open, also where nothing plausible listens.
    Everything,
    /// Everything was tested, and something answered with a RST.
    Closed,
    /// Everything was tested, and what came were errors, never a RST.
    Filtered,
    /// Nobody has the address.
    Absent,
    /// Everything was tested, and nothing came at all.
    Silent,
    /// Some ports were not tested.
    Partly,
    /// No port was tested.
    Untested,
}

impl Quiet {
    pub(super) const ALL: [Self; 7] = [
        Self::Everything,
        Self::Closed,
        Self::Filtered,
        Self::Absent,
        Self::Silent,
        Self::Partly,
        Self::Untested,
    ];

    fn of(host: &HostReport) -> Self {
        let counts = &host.counts;
        let (tested, untested) = (counts.tested(), counts.in_state(State::Untested));
        match (tested, untested) {
            _ if host.answers_everything => Self::Everything,
            (0, _) => Self::Untested,
            (_, 1..) => Self::Partly,
            _ if counts.in_state(State::Closed) > 0 => Self::Closed,
            _ if counts.of(Reason::NoResponse) == tested => Self::Silent,
            // Unreachable without an ICMP error: this machine's own word (Linux: EHOSTUNREACH after ARP).
            _ if counts.of(Reason::HostUnreach) == tested && host.rejected.is_empty() => {
                Self::Absent
            }
            _ => Self::Filtered,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Everything => {
                "with an answer on every port tried, also where nothing plausible listens"
            }
            Self::Closed => "with no open port",
            Self::Filtered => "with every port filtered",
            Self::Absent => "that nobody has (no answer to ARP or neighbour discovery)",
            Self::Silent => "that never answered (absent, or everything dropped on the way)",
            Self::Partly => "with no open port so far, but only partly tested",
            Self::Untested => "not tested at all",
        }
    }
}

/// The hosts of one line.
#[derive(Default)]
pub(super) struct Line {
    hosts: u64,
    counts: Counts,
    graded: Graded,
    /// The first few.
    named: Vec<Address>,
}

/// All such lines.
#[derive(Default)]
pub(in crate::report) struct Lines([Line; Quiet::ALL.len()]);

impl Lines {
    /// Takes a host without an open port.
    pub(in crate::report) fn add(&mut self, host: &HostReport) {
        let line = &mut self.0[Quiet::of(host) as usize];
        line.hosts += 1;
        line.counts.merge(&host.counts);
        line.graded.merge(&host.graded);
        if line.named.len() < NAMED {
            line.named.push(host.address);
        }
    }

    /// The lines that have a host, as sentences.
    pub(super) fn sentences(&self, header: &Header) -> Vec<String> {
        let lines = Quiet::ALL.into_iter().zip(&self.0);
        let lines = lines.filter(|(_, line)| line.hosts > 0);
        lines
            .map(|(quiet, line)| line.sentence(quiet, header))
            .collect()
    }

    /// Who they are and how their ports are counted, without any name: `6 hosts that never answered (…)`.
    pub(in crate::report) fn unnamed(&self) -> impl Iterator<Item = (String, &Counts)> {
        let lines = Quiet::ALL.into_iter().zip(&self.0);
        let lines = lines.filter(|(_, line)| line.hosts > 0);
        lines.map(|(quiet, line)| {
            let who = format!("{} {}", line.hosts(quiet), quiet.words());
            (who, &line.counts)
        })
    }
}

impl Line {
    /// `61 hosts with no open port: 60,990 closed (conn-refused)`; a few are named before the colon.
    fn sentence(&self, quiet: Quiet, header: &Header) -> String {
        let hosts = self.hosts(quiet);
        let states = words::states(&self.counts, &self.graded);
        let named = self.named(quiet, header);
        format!("{hosts} {}{named}: {states}", quiet.words())
    }

    fn hosts(&self, quiet: Quiet) -> String {
        match (quiet, self.hosts) {
            (Quiet::Absent, 1) => "1 address".to_owned(),
            (Quiet::Absent, n) => format!("{} addresses", number(n)),
            (_, n) => counted(n, "host"),
        }
    }

    /// ` [192.0.2.7 (www.example.org), 192.0.2.8]`; nothing where they are too many, but for those that answer everything.
    fn named(&self, quiet: Quiet, header: &Header) -> String {
        let more = self.hosts - self.named.len() as u64;
        if more > 0 && quiet != Quiet::Everything {
            return String::new();
        }
        let mut named = self.named.clone();
        named.sort_unstable();
        let titles = named.iter().map(|&address| host::title(header, address));
        let mut titles = titles.collect::<Vec<_>>().join(", ");
        if more > 0 {
            let _ = write!(titles, " and {} more", number(more));
        }
        format!(" [{titles}]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(counts: &[(Reason, u64)]) -> Quiet {
        let mut all = Counts::default();
        for &(reason, n) in counts {
            all.add_many(reason, n);
        }
        let address = Address::new([192, 0, 2, 7].into());
        Quiet::of(&HostReport {
            counts: all,
            ..HostReport::blank(0, address)
        })
    }

    #[test]
    fn nothing_open_nothing_answered_and_nothing_asked_are_told_apart() {
        use Reason::{
            AdminProhibited, ConnRefused, HostUnreach, Interrupted, LocalLimit, NoResponse,
        };
        assert_eq!(
            quiet(&[(ConnRefused, 990), (NoResponse, 10)]),
            Quiet::Closed
        );
        assert_eq!(quiet(&[(NoResponse, 1000)]), Quiet::Silent);
        assert_eq!(quiet(&[(HostUnreach, 1000)]), Quiet::Absent);
        assert_eq!(
            quiet(&[(NoResponse, 999), (AdminProhibited, 1)]),
            Quiet::Filtered
        );
        assert_eq!(quiet(&[(ConnRefused, 999), (LocalLimit, 1)]), Quiet::Partly);
        assert_eq!(quiet(&[(NoResponse, 1), (Interrupted, 999)]), Quiet::Partly);
        assert_eq!(quiet(&[(Interrupted, 1000)]), Quiet::Untested);
    }

    #[test]
    fn every_kind_has_its_line() {
        for (index, quiet) in Quiet::ALL.into_iter().enumerate() {
            assert_eq!(quiet as usize, index);
        }
    }
}
