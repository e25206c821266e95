//! nmap's XML (`-oX`): ports one by one as `<port>`, the many alike as `<extraports>` with their ranges, host by host as
//! groups are done. Elements that are not about TCP ports are passed over.

use std::io::{self, BufRead, Read};
use std::net::IpAddr;

use picaporte_core::PortSet;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Error, Reader};

use super::failure::shown;
use super::{Format, MOST_LINE, MOST_REASONS, Place, ReadError, Reading, Said, Word, address};

pub(super) fn read(output: &mut impl BufRead) -> Result<Reading, ReadError> {
    let mut xml = Reader::from_reader(Rationed {
        inner: output,
        left: MOST_LINE,
    });
    let mut document = Document::new();
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        xml.get_mut().left = MOST_LINE;
        let begins = xml.buffer_position();
        let event = match xml.read_event_into(&mut buffer) {
            Ok(event) => event,
            Err(error) => {
                broken(&error, begins, xml.get_mut())?;
                break;
            }
        };
        let done = matches!(event, Event::Eof);
        let place = |what| ReadError::at(Place::Byte(begins), what);
        document.event(&event).map_err(place)?;
        if done {
            break;
        }
    }
    Ok(document.end())
}

/// Lets through so many bytes for one event; a comment without an end would else fill the memory.
struct Rationed<R> {
    inner: R,
    left: usize,
}

impl<R: BufRead> Read for Rationed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Rationed<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let left = self.left;
        let bytes = self.inner.fill_buf()?;
        if left == 0 && !bytes.is_empty() {
            return Err(io::Error::other(format!(
                "an element longer than {MOST_LINE} bytes, the most that one may have"
            )));
        }
        Ok(&bytes[..bytes.len().min(left)])
    }

    fn consume(&mut self, amount: usize) {
        self.left -= amount.min(self.left);
        self.inner.consume(amount);
    }
}

/// A document that merely ends is cut, not broken.
fn broken(error: &Error, at: u64, output: &mut Rationed<impl BufRead>) -> Result<(), ReadError> {
    let at_end = output.inner.fill_buf().is_ok_and(<[u8]>::is_empty);
    if at_end && matches!(error, Error::Syntax(_) | Error::IllFormed(_)) {
        return Ok(());
    }
    Err(ReadError::at(
        Place::Byte(at),
        format!("expected nmap's XML: {}", shown(&error.to_string())),
    ))
}

struct Document {
    reading: Reading,
    begun: bool,
    ended: bool,
    finished: bool,
    /// All ports of the scan, to fill in what old versions leave out.
    services: PortSet,
    host: Host,
    /// The port that is being read.
    port: Option<u16>,
    /// What is said of the many alike that are being read.
    extra: Option<Extra>,
}

#[derive(Default)]
struct Host {
    addresses: Vec<IpAddr>,
    said: Said,
    listed: Vec<(u16, u16)>,
    /// Words for ports that are not listed otherwise, where no ranges are given.
    rest: Vec<Word>,
    reasons: Vec<(String, u64)>,
}

struct Extra {
    word: Word,
    ranges: bool,
}

impl Document {
    fn new() -> Self {
        Self {
            reading: Reading::new(Format::Nmap),
            begun: false,
            ended: false,
            finished: false,
            services: PortSet::default(),
            host: Host::default(),
            port: None,
            extra: None,
        }
    }

    fn event(&mut self, event: &Event<'_>) -> Result<(), String> {
        match event {
            Event::Start(tag) => self.open(tag),
            Event::Empty(tag) => {
                self.open(tag)?;
                self.close(tag.name().as_ref())
            }
            Event::End(tag) => self.close(tag.name().as_ref()),
            Event::Text(text) if !self.begun && !text.trim().is_empty() => {
                Err(format!("expected nmap's XML, not '{}'", shown(text.trim())))
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), String> {
        let name = tag.name();
        let name: &str = name.as_ref();
        if !self.begun && name != "nmaprun" {
            return Err(format!("expected <nmaprun>, not <{}>", shown(name)));
        }
        self.begun = true;
        match name {
            "scaninfo" if is_tcp(tag, "protocol")? => {
                let services = value(tag, "services")?.unwrap_or_default();
                self.services = self.services.union(&parse_ports(&services)?);
            }
            "hosthint" => self.host = Host::default(),
            "host" => {
                self.host = Host::default();
                if value(tag, "timedout")?.as_deref() == Some("true") {
                    self.host.said.add(Word::Untested, 1, u16::MAX);
                }
            }
            "status" if value(tag, "state")?.as_deref() == Some("down") => {
                self.host.said.add(Word::Untested, 1, u16::MAX);
            }
            "address" => self.address(tag)?,
            "port" if is_tcp(tag, "protocol")? => self.port = Some(number(tag, "portid")?),
            "state" => self.state(tag)?,
            "extraports" => {
                let state = needed(tag, "state")?;
                self.extra = Some(Extra {
                    word: word(&state)?,
                    ranges: false,
                });
            }
            "extrareasons" => self.extrareasons(tag)?,
            "finished" => self.finished = true,
            _ => {}
        }
        Ok(())
    }

    fn address(&mut self, tag: &BytesStart<'_>) -> Result<(), String> {
        if value(tag, "addrtype")?.as_deref() == Some("mac") {
            return Ok(());
        }
        let text = needed(tag, "addr")?;
        let ip = address(&text)
            .ok_or_else(|| format!("expected an address in addr, not '{}'", shown(&text)))?;
        if self.host.addresses.len() >= MOST_ADDRESSES {
            return Err(format!("more than {MOST_ADDRESSES} addresses of one host"));
        }
        self.host.addresses.push(ip);
        Ok(())
    }

    fn state(&mut self, tag: &BytesStart<'_>) -> Result<(), String> {
        let Some(port) = self.port else { return Ok(()) };
        let word = word(&needed(tag, "state")?)?;
        self.host.said.add(word, port, port);
        self.host.list(&[(port, port)]);
        if let Some(reason) = value(tag, "reason")? {
            self.host.reason(reason, 1);
        }
        Ok(())
    }

    fn extrareasons(&mut self, tag: &BytesStart<'_>) -> Result<(), String> {
        let Some(extra) = &mut self.extra else {
            return Ok(());
        };
        if !is_tcp(tag, "proto")? {
            return Ok(());
        }
        let ports = value(tag, "ports")?.map(|ports| parse_ports(&ports));
        let mut count = value(tag, "count")?
            .and_then(|count| count.parse().ok())
            .unwrap_or(0);
        if let Some(ports) = ports.transpose()? {
            extra.ranges = true;
            count = u64::from(ports.len());
            self.host.said.add_all(extra.word, &ports);
            self.host.list(ports.ranges());
        }
        if let Some(reason) = value(tag, "reason")? {
            self.host.reason(reason, count);
        }
        Ok(())
    }

    fn close(&mut self, name: &str) -> Result<(), String> {
        match name {
            "port" => self.port = None,
            "extraports" => {
                if let Some(extra) = self.extra.take().filter(|extra| !extra.ranges) {
                    self.host.rest.push(extra.word);
                }
            }
            "host" => self.host_done()?,
            "nmaprun" => self.ended = true,
            _ => {}
        }
        Ok(())
    }

    fn host_done(&mut self) -> Result<(), String> {
        let mut host = std::mem::take(&mut self.host);
        // Of two such words nobody can tell which ports are whose.
        if let &[word] = &host.rest[..] {
            let listed = PortSet::from_ranges(std::mem::take(&mut host.listed));
            host.said.add_all(word, &self.services.minus(&listed));
        }
        // nmap lists all of a host in one place, so that its sets are done.
        host.said.share(&mut self.reading.pool);
        self.reading.pool.count(0, 0)?;
        for ip in host.addresses {
            self.reading.change(ip, |said| said.add_said(&host.said))?;
            self.reading.share(ip)?;
        }
        for (reason, times) in host.reasons {
            self.reading.reason(&reason, times);
        }
        Ok(())
    }

    fn end(mut self) -> Reading {
        if !self.ended {
            self.reading.cut = Some("there is no </nmaprun>".to_owned());
        } else if !self.finished {
            self.reading.cut = Some("there is no <finished>".to_owned());
        }
        self.reading
    }
}

/// nmap itself gives one address of IPv4 or IPv6, and one of the link.
const MOST_ADDRESSES: usize = 64;
/// Listed ranges are merged at this many; a set has at most 32,768.
const MANY: usize = 1 << 17;

impl Host {
    fn list(&mut self, ranges: &[(u16, u16)]) {
        self.listed.extend_from_slice(ranges);
        if self.listed.len() >= MANY {
            let listed = PortSet::from_ranges(std::mem::take(&mut self.listed));
            self.listed = listed.ranges().to_vec();
        }
    }

    fn reason(&mut self, reason: String, times: u64) {
        let full = self.reasons.len() >= MOST_REASONS;
        match self.reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count = count.saturating_add(times),
            None if full => {}
            None => self.reasons.push((reason, times)),
        }
    }
}

/// What nmap's word means for a connect scan: `open|filtered` is silence, `unfiltered` is no verdict.
fn word(state: &str) -> Result<Word, String> {
    match state {
        "open" => Ok(Word::Open),
        "closed" => Ok(Word::Closed),
        "filtered" | "open|filtered" | "closed|filtered" => Ok(Word::Filtered),
        "unfiltered" | "unknown" => Ok(Word::Untested),
        other => Err(format!(
            "expected a state like open, closed or filtered, not '{}'",
            shown(other)
        )),
    }
}

fn value(tag: &BytesStart<'_>, key: &str) -> Result<Option<String>, String> {
    tag.try_get_attribute(key)
        .map(|found| found.map(|attribute| attribute.value.into_owned()))
        .map_err(|error| {
            let name = tag.name();
            let name: &str = name.as_ref();
            format!("<{}>: {}", shown(name), shown(&error.to_string()))
        })
}

fn needed(tag: &BytesStart<'_>, key: &str) -> Result<String, String> {
    value(tag, key)?.ok_or_else(|| {
        let name = tag.name();
        let name: &str = name.as_ref();
        format!("expected '{key}' in <{}>", shown(name))
    })
}

fn number(tag: &BytesStart<'_>, key: &str) -> Result<u16, String> {
    let text = needed(tag, key)?;
    text.parse()
        .ok()
        .filter(|port| *port > 0)
        .ok_or_else(|| format!("expected a port in {key}, not '{}'", shown(&text)))
}

fn is_tcp(tag: &BytesStart<'_>, key: &str) -> Result<bool, String> {
    Ok(value(tag, key)?.is_none_or(|protocol| protocol == "tcp"))
}

fn parse_ports(text: &str) -> Result<PortSet, String> {
    if text.is_empty() {
        return Ok(PortSet::default());
    }
    PortSet::parse(text, &|_| None).map_err(|error| shown(&error.to_string()))
}
