//! A document of nmap's XML: which element stands in which, and what a run says of itself. nmap's `--append-output` writes
//! several runs one after the other.

use jiff::Timestamp;
use quick_xml::events::BytesStart;

use super::super::Reading;
use super::super::damage::Damage;
use super::super::failure::{Failure, Other, Place, ReadError, shown};
use super::host::{Around, Host, Own};
use super::words::{cannot_tell, is_ports, is_reverse, ports};
use super::{damaged, value};
use crate::build::word;
use crate::snapshot::{Note, Snapshot};

/// An element that is open. Only those are told apart that hold something of interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Run,
    Host,
    Names,
    Ports,
    Port,
    Extra,
    Stats,
    /// `prescript`, `hostscript`, or `port`.
    Scripts(Of),
    /// A script element of Picaporte's.
    Ours(Of),
    /// A table or an element in one.
    Own(Own),
    /// A field in the script of a port.
    Heard,
    Id,
    Other,
}

/// Whose scripts they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Run,
    Host,
    Port,
}

/// What Picaporte calls its script elements.
const OURS: &str = "picaporte";

pub(super) struct Document {
    reading: Reading,
    open: Vec<Open>,
    depth: usize,
    host: Host,
    /// Of the present run.
    around: Around,
    runs: u64,
    finished: u64,
    failed: bool,
    /// A run of Picaporte's own did not test everything.
    incomplete: bool,
    started: Option<Timestamp>,
    /// Hosts that are down, as they are counted and as they are named.
    down: u64,
    named: u64,
    /// Hosts without an address that can be read.
    nameless: u64,
    others: u64,
}

impl Document {
    pub(super) fn new(reading: Reading, depth: usize) -> Self {
        Self {
            around: Around::begin(reading.wanted.evidence),
            reading,
            open: Vec::new(),
            depth,
            host: Host::default(),
            runs: 0,
            finished: 0,
            failed: false,
            incomplete: false,
            started: None,
            down: 0,
            named: 0,
            nameless: 0,
            others: 0,
        }
    }

    /// Whether an element has not ended.
    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    pub(super) fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), Failure> {
        if self.open.len() >= self.depth {
            return Err(damaged(Damage::Deep(self.depth)));
        }
        let name = tag.name();
        let name: &str = name.as_ref();
        let opened = match (self.open.last().copied(), name) {
            (None, "nmaprun") => {
                self.run(tag)?;
                Open::Run
            }
            (None, _) => return Err(damaged(Damage::Root(shown(name)))),
            (Some(Open::Run), "host") => {
                self.host = Host::begin(tag)?;
                Open::Host
            }
            (Some(Open::Run), "runstats") => Open::Stats,
            (Some(Open::Run), "prescript") => Open::Scripts(Of::Run),
            (Some(Open::Host), "hostscript") if self.around.whole => Open::Scripts(Of::Host),
            (Some(Open::Port), "script") if self.around.whole => self.script(Of::Port, tag)?,
            (Some(Open::Ours(Of::Port) | Open::Heard), _) => {
                self.host.heard.open(tag)?;
                Open::Heard
            }
            (Some(Open::Scripts(of)), "script") => self.script(of, tag)?,
            (Some(Open::Ours(of)), _) => Self::field(of, tag)?,
            (Some(Open::Own(own)), _) if is_ports(tag)? => Open::Own(own),
            (Some(Open::Run), "scaninfo") => {
                self.scan_info(tag)?;
                Open::Other
            }
            (Some(Open::Stats), _) => {
                self.stats(name, tag)?;
                Open::Other
            }
            (Some(parent), _) => self.in_host(parent, name, tag)?,
        };
        self.open.push(opened);
        Ok(())
    }

    fn script(&mut self, of: Of, tag: &BytesStart<'_>) -> Result<Open, Failure> {
        if value(tag, "id")?.as_deref() != Some(OURS) {
            return Ok(Open::Other);
        }
        self.around.whole = true;
        Ok(Open::Ours(of))
    }

    /// A table or an element right in a script of Picaporte's.
    fn field(of: Of, tag: &BytesStart<'_>) -> Result<Open, Failure> {
        Ok(match of {
            Of::Host => Own::of(tag)?.map_or(Open::Other, Open::Own),
            Of::Run if value(tag, "key")?.as_deref() == Some("id") => Open::Id,
            Of::Run | Of::Port => Open::Other,
        })
    }

    /// Text counts in few places; between elements there is none but blanks.
    pub(super) fn text(&mut self, text: &str) -> Result<(), Failure> {
        match self.open.last() {
            Some(Open::Heard) => {
                self.host.heard.text(text);
                Ok(())
            }
            Some(Open::Own(_)) if text.trim().is_empty() => Ok(()),
            Some(Open::Own(own)) => self.host.own(*own, text),
            Some(Open::Id) => {
                self.reading.builder.about.id = Some(word(text));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn in_host(&mut self, parent: Open, name: &str, tag: &BytesStart<'_>) -> Result<Open, Failure> {
        let (host, around) = (&mut self.host, &self.around);
        match (parent, name) {
            (Open::Host, "status") => host.status(tag)?,
            (Open::Host, "address") => host.address(tag)?,
            (Open::Host, "hostnames") => return Ok(Open::Names),
            // Picaporte's own lines don't call a host what the reverse DNS says of it; nor does its XML then.
            (Open::Names, "hostname") if around.whole && is_reverse(tag)? => {}
            (Open::Names, "hostname") => host.name(tag)?,
            (Open::Host, "ports") => {
                host.ports_begin();
                return Ok(Open::Ports);
            }
            (Open::Ports, "port") => {
                host.port_begins(tag)?;
                return Ok(Open::Port);
            }
            (Open::Port, "state") => host.state(tag, around)?,
            (Open::Port, "service") => host.service(tag)?,
            (Open::Ports, "extraports") => {
                host.extra_begins(tag, around)?;
                return Ok(Open::Extra);
            }
            (Open::Extra, "extrareasons") => host.extra_reason(tag, around)?,
            _ => {}
        }
        Ok(Open::Other)
    }

    pub(super) fn close(&mut self) -> Result<(), Failure> {
        match self.open.pop() {
            Some(Open::Port) => self.host.port_ends(),
            Some(Open::Heard) => self.host.heard.close(),
            Some(Open::Extra) => self.host.extra_ends(),
            Some(Open::Host) => return self.host_ends(),
            _ => {}
        }
        Ok(())
    }

    fn host_ends(&mut self) -> Result<(), Failure> {
        let host = std::mem::take(&mut self.host);
        self.others = self.others.saturating_add(host.others);
        self.named += u64::from(host.not_up);
        self.nameless += u64::from(!host.has_address());
        Ok(host.end(&self.around, &mut self.reading)?)
    }

    fn run(&mut self, tag: &BytesStart<'_>) -> Result<(), Failure> {
        self.runs += 1;
        self.around = Around::begin(self.reading.wanted.evidence);
        let started = value(tag, "start")?.and_then(|seconds| seconds.parse().ok());
        let started = started.and_then(|seconds| Timestamp::from_second(seconds).ok());
        let about = &mut self.reading.builder.about;
        if self.runs == 1 || started < self.started {
            self.started = started;
            about.started = started;
            about.version = value(tag, "version")?.as_deref().map(word);
            if let Some(scanner) = value(tag, "scanner")? {
                about.scanner = word(&scanner);
            }
        }
        Ok(())
    }

    fn scan_info(&mut self, tag: &BytesStart<'_>) -> Result<(), Failure> {
        if value(tag, "protocol")?.is_some_and(|protocol| protocol != "tcp") {
            self.around.mixed = true;
            return Ok(());
        }
        let services = value(tag, "services")?.unwrap_or_default();
        self.around.services = self.around.services.union(&ports(&services)?);
        if let Some(kind) = value(tag, "type")?.as_deref().and_then(cannot_tell) {
            self.around.tells = false;
            let note = Note::CannotTell(kind);
            let notes = &mut self.reading.builder.about.notes;
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        Ok(())
    }

    fn stats(&mut self, name: &str, tag: &BytesStart<'_>) -> Result<(), Failure> {
        match name {
            "finished" => {
                self.finished += 1;
                let error = value(tag, "exit")?.as_deref() == Some("error");
                // So Picaporte says that something was not tested, as nmap has no other word for it.
                self.incomplete |= error && self.around.whole;
                self.failed |= error && !self.around.whole;
            }
            "hosts" => {
                let down = value(tag, "down")?.and_then(|down| down.parse().ok());
                self.down = self.down.saturating_add(down.unwrap_or(0));
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn finish(self, cut: Option<Place>) -> Result<Snapshot, ReadError> {
        if self.runs == 0 {
            let what = match cut {
                Some(_) => Other::CutOffXml,
                None => Other::NoRun,
            };
            return Err(ReadError::new(Place::Whole, what));
        }
        let mut builder = self.reading.builder;
        let unnamed = self.down.saturating_sub(self.named);
        let about = &mut builder.about;
        let ended = self.finished >= self.runs && !self.failed && !self.incomplete;
        about.complete = Some(cut.is_none() && ended);
        let notes = [
            cut.map(Note::Cut),
            self.failed.then_some(Note::Failed),
            (self.runs > 1).then_some(Note::Several(self.runs)),
            (unnamed > 0).then_some(Note::DownUnnamed(unnamed)),
            (self.nameless > 0).then_some(Note::NoAddress(self.nameless)),
            (self.others > 0).then_some(Note::OtherProtocols(self.others)),
        ];
        let types = std::mem::take(&mut about.notes);
        about.notes = notes.into_iter().flatten().chain(types).collect();
        builder
            .finish()
            .map_err(|full| ReadError::new(Place::Whole, full))
    }
}
