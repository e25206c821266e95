//! Picaporte's JSON Lines: `host` lines hold every port of a host as ranges, `port` lines stand for the ports of hosts
//! whose line was not reached any more, and the `end` line is the scanner's own account. Unknown kinds of line and unknown
//! fields are passed over, as its contract asks.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;
use std::net::IpAddr;

use picaporte_core::PortSet;
use serde::Deserialize;

use super::failure::{json_error, shown};
use super::lines::Line;
use super::{Ending, Format, MOST_REASONS, ReadError, Reading, Word, address, lines};

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Entry {
    Port(Port),
    Host(Box<Host>),
    End(End),
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Port {
    ip: Option<String>,
    #[serde(rename = "port")]
    number: u16,
    state: State,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Host {
    ip: Option<String>,
    name: Option<String>,
    #[serde(default)]
    reasons: BTreeMap<String, u64>,
    ports: Ports,
}

#[derive(Deserialize)]
struct Ports {
    open: String,
    closed: String,
    filtered: String,
    untested: String,
}

#[derive(Deserialize)]
struct End {
    complete: bool,
    planned: u64,
    untested: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Open,
    Closed,
    Filtered,
    Untested,
}

impl From<State> for Word {
    fn from(state: State) -> Self {
        match state {
            State::Open => Self::Open,
            State::Closed => Self::Closed,
            State::Filtered => Self::Filtered,
            State::Untested => Self::Untested,
        }
    }
}

pub(super) fn read(output: &mut impl BufRead) -> Result<Reading, ReadError> {
    let mut state = Lines {
        reading: Reading::new(Format::Picaporte),
        ended: false,
        whole_hosts: BTreeSet::new(),
        single: BTreeMap::new(),
    };
    lines::each(output, |line| state.line(line))?;
    for (reason, times) in state.single.into_values().flatten() {
        state.reading.reason(&reason, times);
    }
    if !state.ended && state.reading.cut.is_none() {
        state.reading.cut = Some("there is no 'end' line".to_owned());
    }
    Ok(state.reading)
}

struct Lines {
    reading: Reading,
    ended: bool,
    /// Hosts whose line has come: it gives their reasons once more.
    whole_hosts: BTreeSet<IpAddr>,
    /// Reasons of ports of other hosts.
    single: BTreeMap<IpAddr, BTreeMap<String, u64>>,
}

impl Lines {
    fn line(&mut self, line: &Line<'_>) -> Result<(), ReadError> {
        match serde_json::from_str(line.text) {
            Ok(Entry::Port(port)) => self.port(port),
            Ok(Entry::Host(host)) => self.host(&host),
            Ok(Entry::End(end)) => {
                self.ended = true;
                self.reading.ending = Some(Ending {
                    complete: end.complete,
                    planned: end.planned,
                    untested: end.untested,
                });
                Ok(())
            }
            Ok(Entry::Other) => Ok(()),
            Err(_) if !line.whole && line.text.starts_with('{') => {
                self.reading.cut = Some("the last line is not whole".to_owned());
                Ok(())
            }
            Err(error) => Err(format!(
                "expected a JSON object with a 'type' and its fields: {}",
                json_error(&error)
            )),
        }
        .map_err(|what| line.wrong(what))
    }

    fn port(&mut self, port: Port) -> Result<(), String> {
        // Ports of names that were not resolved stand in their host line too.
        let Some(ip) = port.ip else { return Ok(()) };
        let ip = parse_ip(&ip)?;
        if port.number == 0 {
            return Err("port 0; ports are 1 to 65535".to_owned());
        }
        self.reading.add(ip, port.state.into(), port.number)?;
        if !self.whole_hosts.contains(&ip)
            && let Some(reason) = port.reason
        {
            let reasons = self.single.entry(ip).or_default();
            if reasons.len() < MOST_REASONS || reasons.contains_key(&reason) {
                *reasons.entry(reason).or_default() += 1;
            }
        }
        Ok(())
    }

    fn host(&mut self, host: &Host) -> Result<(), String> {
        let sets = [
            (Word::Open, &host.ports.open),
            (Word::Closed, &host.ports.closed),
            (Word::Filtered, &host.ports.filtered),
            (Word::Untested, &host.ports.untested),
        ];
        let Some(ip) = &host.ip else {
            return self.unresolved(host);
        };
        let ip = parse_ip(ip)?;
        for (word, ports) in sets {
            let ports = parse_ports(ports)?;
            self.reading.change(ip, |said| said.add_all(word, &ports))?;
        }
        self.reading.share(ip)?;
        self.whole_hosts.insert(ip);
        self.single.remove(&ip);
        for (reason, times) in &host.reasons {
            self.reading.reason(reason, *times);
        }
        Ok(())
    }

    fn unresolved(&mut self, host: &Host) -> Result<(), String> {
        let ports = parse_ports(&host.ports.untested)?;
        let name = host.name.clone().unwrap_or_default();
        self.reading.unresolved_name(name, ports)?;
        for (reason, times) in &host.reasons {
            self.reading.reason(reason, *times);
        }
        Ok(())
    }
}

fn parse_ip(text: &str) -> Result<IpAddr, String> {
    address(text).ok_or_else(|| format!("expected an address, not '{}'", shown(text)))
}

fn parse_ports(text: &str) -> Result<PortSet, String> {
    if text.is_empty() {
        return Ok(PortSet::default());
    }
    PortSet::parse(text, &|_| None).map_err(|error| shown(&error.to_string()))
}
