//! What a scanner said, read from its output into one type, whatever the format. A scanner's output is hostile input: it
//! is read as a stream, within bounds, and what stands in it reaches an error only escaped. It knows no truth.

mod failure;
mod format;
mod hostport;
mod lines;
mod masscan;
mod nmap;
mod picaporte;
mod pool;
mod rustscan;
mod said;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{BufRead, Cursor, Read};
use std::net::IpAddr;

use picaporte_core::PortSet;

pub(crate) use failure::shown;
pub use failure::{Place, ReadError};
pub use format::{Format, UnknownFormat};
use pool::Pool;
pub use said::{Said, Word, Words};

/// An output longer than this is refused; a /16 with one port takes nmap 30 MB.
pub const MOST_BYTES: u64 = 512 << 20;
/// An output that speaks of more hosts than this is refused.
pub const MOST_HOSTS: usize = 1 << 20;
/// A line, an element or a record longer than this is refused; every port of a host, listed one by one, takes 390 kB.
pub const MOST_LINE: usize = 4 << 20;
/// An output that speaks of more ranges of ports than this, of all hosts together, is refused: it takes 64 MiB to keep
/// them. Sets that hosts have in common count once where a format brings all of a host at once.
pub const MOST_RANGES: usize = 1 << 24;
/// How many different reasons are kept apart; the others are counted as "other".
pub const MOST_REASONS: usize = 64;
/// How much of an output is looked at to guess its format.
const HEAD: u64 = 8_192;

/// Whether a format has a word for every port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// A port that is not mentioned has been forgotten.
    Everything,
    /// Only open ports are mentioned; nothing is said of the others.
    OpenOnly,
}

/// How a scanner itself says that its scan ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Whether it tested all that it planned.
    pub complete: bool,
    /// Ports that it planned.
    pub planned: u64,
    /// Ports that it did not test.
    pub untested: u64,
}

/// What one output says.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The format it was read in.
    pub format: Format,
    /// Whether the format has a word for every port.
    pub coverage: Coverage,
    /// Why the output is taken for cut off, if it is. What was said before counts.
    pub cut: Option<String>,
    /// How often each reason was given; empty where the format gives none.
    pub reasons: BTreeMap<String, u64>,
    /// The scanner's own summary, where the format has one and it was reached.
    pub ending: Option<Ending>,
    hosts: BTreeMap<IpAddr, Said>,
    unresolved: BTreeMap<String, PortSet>,
    pool: Pool,
}

impl Reading {
    fn new(format: Format) -> Self {
        Self {
            format,
            coverage: format.coverage(),
            cut: None,
            reasons: BTreeMap::new(),
            ending: None,
            hosts: BTreeMap::new(),
            unresolved: BTreeMap::new(),
            pool: Pool::default(),
        }
    }

    /// What was said of this host.
    pub fn of(&self, ip: IpAddr) -> Option<&Said> {
        self.hosts.get(&ip)
    }

    /// Every host of which something was said, by address.
    pub fn hosts(&self) -> impl Iterator<Item = (IpAddr, &Said)> {
        self.hosts.iter().map(|(ip, said)| (*ip, said))
    }

    /// Names that the scanner says it could not resolve, with the ports that it therefore did not test.
    pub fn unresolved(&self) -> &BTreeMap<String, PortSet> {
        &self.unresolved
    }

    /// Ports that the scanner's summary counts as untested without having named them.
    pub fn untested_unnamed(&self) -> u64 {
        let Some(ending) = self.ending else { return 0 };
        let hosts = self.hosts.values().map(|said| said.of(Word::Untested));
        let named: u64 = hosts
            .chain(self.unresolved.values())
            .map(|ports| u64::from(ports.len()))
            .sum();
        ending.untested.saturating_sub(named)
    }

    /// Whether any port is said to be in this state.
    pub fn says(&self, word: Word) -> bool {
        self.hosts.values().any(|said| !said.of(word).is_empty())
    }

    /// Changes what was said of this host.
    fn change(&mut self, ip: IpAddr, change: impl FnOnce(&mut Said)) -> Result<(), String> {
        if !self.hosts.contains_key(&ip) && self.hosts.len() >= MOST_HOSTS {
            return Err(format!(
                "at most {MOST_HOSTS} hosts; a scenario with fewer can be scored"
            ));
        }
        let said = self.hosts.entry(ip).or_default();
        let before = said.own();
        change(said);
        self.pool.count(before, said.own())
    }

    fn add(&mut self, ip: IpAddr, word: Word, port: u16) -> Result<(), String> {
        self.change(ip, |said| said.add(word, port, port))
    }

    /// All of a host has been said: it takes little room from then on.
    fn share(&mut self, ip: IpAddr) -> Result<(), String> {
        let Some(said) = self.hosts.get_mut(&ip) else {
            return Ok(());
        };
        let before = said.own();
        said.share(&mut self.pool);
        self.pool.count(before, 0)
    }

    fn unresolved_name(&mut self, name: String, ports: PortSet) -> Result<(), String> {
        if self.unresolved.len() >= MOST_HOSTS {
            return Err(format!("more than {MOST_HOSTS} names"));
        }
        let now = ports.ranges().len();
        let before = self.unresolved.insert(name, ports);
        let before = before.map_or(0, |ports| ports.ranges().len());
        self.pool.count(before, now)
    }

    fn reason(&mut self, reason: &str, times: u64) {
        let known = self.reasons.contains_key(reason) || self.reasons.len() < MOST_REASONS;
        let key = if known { reason } else { "other" };
        let count = self.reasons.entry(key.to_owned()).or_default();
        *count = count.saturating_add(times);
    }

    fn finished(mut self) -> Self {
        self.hosts.values_mut().for_each(Said::settle);
        self
    }
}

/// Reads an output in this format, or in the one that it seems to be in.
///
/// # Errors
/// The first place where it is not what the format asks for, where it passes a bound, or where it can't be read; and when
/// no format was named and none can be guessed. An output that merely ends too early is no error, see [`Reading::cut`].
pub fn read(format: Option<Format>, mut output: impl BufRead) -> Result<Reading, ReadError> {
    let mut head = Vec::new();
    output
        .by_ref()
        .take(HEAD)
        .read_to_end(&mut head)
        .map_err(|error| ReadError::unreadable(&error))?;
    let format = match format {
        Some(format) => format,
        None => Format::guess(&head).ok_or_else(|| ReadError::unguessed(&head))?,
    };
    let mut bounded = Cursor::new(head).chain(output).take(MOST_BYTES);
    let reading = match format {
        Format::Picaporte => picaporte::read(&mut bounded),
        Format::Nmap => nmap::read(&mut bounded),
        Format::Rustscan => rustscan::read(&mut bounded),
        Format::Masscan => masscan::read(&mut bounded),
        Format::Hostport => hostport::read(&mut bounded),
    };
    if bounded.limit() == 0 {
        return Err(ReadError::at(
            Place::Byte(MOST_BYTES),
            format!("longer than {MOST_BYTES} bytes, the most that is read"),
        ));
    }
    reading.map(Reading::finished)
}

/// An address as scanners print it: a zone (`fe80::1%eth0`) is left out.
fn address(text: &str) -> Option<IpAddr> {
    text.split('%').next()?.parse().ok()
}
