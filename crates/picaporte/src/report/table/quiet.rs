//! Hosts with no open port and nothing listed share a line, and so do those that answer everything. That nothing is open, that
//! nothing answered and that nothing was asked are different things, and each has a line of its own.

use picaporte_core::scan::HostReport;
use picaporte_core::tally::Counts;
use picaporte_core::{Address, Graded, Reason, State};

use super::super::Header;
use super::{host, words};
use crate::report::Lang;
use crate::words::nouns::{ADDRESS, HOST};

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

    /// What is said of so many of them.
    const fn words(self, lang: Lang, n: u64) -> &'static str {
        match self {
            Self::Everything => lang.either(
                "with an answer on every port tried, also where nothing plausible listens",
                "con respuesta en todos los puertos probados, incluso donde no es verosímil que haya un servicio",
            ),
            Self::Closed => lang.either("with no open port", "sin puertos abiertos"),
            Self::Filtered => {
                lang.either("with every port filtered", "con todos los puertos filtrados")
            }
            Self::Absent => lang.agree(
                n,
                ["that nobody has (no answer to ARP or neighbour discovery)"; 2],
                [
                    "que no es de nadie (sin respuesta a ARP ni al descubrimiento de vecinos)",
                    "que no son de nadie (sin respuesta a ARP ni al descubrimiento de vecinos)",
                ],
            ),
            Self::Silent => lang.agree(
                n,
                ["that never answered (absent, or everything dropped on the way)"; 2],
                [
                    "que nunca respondió (ausente, o todo descartado en el camino)",
                    "que nunca respondieron (ausentes, o todo descartado en el camino)",
                ],
            ),
            Self::Partly => lang.agree(
                n,
                ["with no open port so far, but only partly tested"; 2],
                [
                    "sin puertos abiertos hasta ahora, pero comprobado solo en parte",
                    "sin puertos abiertos hasta ahora, pero comprobados solo en parte",
                ],
            ),
            Self::Untested => lang.either("not tested at all", "sin ninguna comprobación"),
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
    pub(super) fn sentences(&self, header: &Header, lang: Lang) -> Vec<String> {
        let lines = Quiet::ALL.into_iter().zip(&self.0);
        let lines = lines.filter(|(_, line)| line.hosts > 0);
        lines
            .map(|(quiet, line)| line.sentence(quiet, header, lang))
            .collect()
    }

    /// Who they are and how their ports are counted, without any name: `6 hosts that never answered (…)`.
    pub(in crate::report) fn unnamed(&self, lang: Lang) -> impl Iterator<Item = (String, &Counts)> {
        let lines = Quiet::ALL.into_iter().zip(&self.0);
        let lines = lines.filter(|(_, line)| line.hosts > 0);
        lines.map(move |(quiet, line)| (line.who(quiet, lang), &line.counts))
    }
}

impl Line {
    /// `61 hosts with no open port: 60,990 closed (conn-refused)`; a few are named before the colon.
    fn sentence(&self, quiet: Quiet, header: &Header, lang: Lang) -> String {
        let states = words::states(lang, &self.counts, &self.graded);
        let named = self.named(quiet, header, lang);
        format!("{}{named}: {states}", self.who(quiet, lang))
    }

    fn who(&self, quiet: Quiet, lang: Lang) -> String {
        let noun = match quiet {
            Quiet::Absent => ADDRESS,
            _ => HOST,
        };
        let words = quiet.words(lang, self.hosts);
        format!("{} {words}", lang.count(self.hosts, noun))
    }

    /// ` [192.0.2.7 (www.example.org), 192.0.2.8]`; nothing where they are too many, but for those that answer everything.
    fn named(&self, quiet: Quiet, header: &Header, lang: Lang) -> String {
        let more = self.hosts - self.named.len() as u64;
        if more > 0 && quiet != Quiet::Everything {
            return String::new();
        }
        let mut named = self.named.clone();
        named.sort_unstable();
        let titles = named.iter().map(|&address| host::title(header, address));
        let titles = titles.collect::<Vec<_>>().join(", ");
        format!(" [{}]", words::and_more(lang, titles, more))
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
