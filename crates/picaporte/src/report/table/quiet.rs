//! Hosts with no open port and nothing listed share a line. That nothing is open, that nothing
//! answered and that nothing was asked are different things, and each has a line of its own.

use picaporte_core::scan::HostReport;
use picaporte_core::tally::Counts;
use picaporte_core::{Address, Graded, Reason, State};

use super::super::Header;
use super::text::counted;
use super::{host, words};

/// Up to how many hosts of a line are named.
const NAMED: usize = 3;

/// What is known of a host without an open port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Quiet {
    /// Everything was tested, and something answered with a RST.
    Closed,
    /// Everything was tested, and what came were errors, never a RST.
    Filtered,
    /// Everything was tested, and nothing came at all.
    Silent,
    /// Some ports were not tested.
    Partly,
    /// No port was tested.
    Untested,
}

impl Quiet {
    pub(super) const ALL: [Self; 5] = [
        Self::Closed,
        Self::Filtered,
        Self::Silent,
        Self::Partly,
        Self::Untested,
    ];

    fn of(counts: &Counts) -> Self {
        let (tested, untested) = (counts.tested(), counts.in_state(State::Untested));
        match (tested, untested) {
            (0, _) => Self::Untested,
            (_, 1..) => Self::Partly,
            _ if counts.in_state(State::Closed) > 0 => Self::Closed,
            _ if counts.of(Reason::NoResponse) == tested => Self::Silent,
            _ => Self::Filtered,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Closed => "with no open port",
            Self::Filtered => "with every port filtered",
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
    /// The first few.
    named: Vec<Address>,
}

/// All such lines.
#[derive(Default)]
pub(super) struct Lines([Line; Quiet::ALL.len()]);

impl Lines {
    /// Takes a host without an open port.
    pub(super) fn add(&mut self, host: &HostReport) {
        let line = &mut self.0[Quiet::of(&host.counts) as usize];
        line.hosts += 1;
        line.counts.merge(&host.counts);
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
}

impl Line {
    /// `61 hosts with no open port: 60,990 closed (conn-refused)`; a few are named before the colon.
    fn sentence(&self, quiet: Quiet, header: &Header) -> String {
        let hosts = counted(self.hosts, "host");
        let states = words::states(&self.counts, &Graded::default());
        let named = self.named(header);
        format!("{hosts} {}{named}: {states}", quiet.words())
    }

    /// ` [192.0.2.7 (www.example.org), 192.0.2.8]`; nothing where they are too many.
    fn named(&self, header: &Header) -> String {
        if self.hosts > self.named.len() as u64 {
            return String::new();
        }
        let mut named = self.named.clone();
        named.sort_unstable();
        let titles = named.iter().map(|&address| host::title(header, address));
        format!(" [{}]", titles.collect::<Vec<_>>().join(", "))
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
        Quiet::of(&all)
    }

    #[test]
    fn nothing_open_nothing_answered_and_nothing_asked_are_told_apart() {
        use Reason::{AdminProhibited, ConnRefused, Interrupted, LocalLimit, NoResponse};
        assert_eq!(
            quiet(&[(ConnRefused, 990), (NoResponse, 10)]),
            Quiet::Closed
        );
        assert_eq!(quiet(&[(NoResponse, 1000)]), Quiet::Silent);
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
