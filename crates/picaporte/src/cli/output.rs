//! Where reports go: standard output and the files of `-o`, each with a report of its own and a
//! buffer before it. It knows no findings, only who turns them into bytes.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::fd::AsFd as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use picaporte_core::Address;
use picaporte_core::locate::Located;
use picaporte_core::verdict::{Evidence, Reason, State, Verdict};
use picaporte_engine::Finding;

use super::args::Reports;
use super::identifying::Identifying;
use super::naming::Naming;
use super::speech::language;
use super::stdout::unwritable;
use crate::report::{
    Earlier, Format, Header, Identified, Lang, Style, Trailer, encode, joined, report_since,
};
use crate::words::errors::reason;

mod asked;
mod held;
mod sink;

pub(crate) use asked::{check, format_of, formats, has_totals, tells_reverse, tells_services};
use sink::Sink;
pub(crate) use sink::Written;

/// A buffer that is longer is written at once.
const BUFFER: usize = 1 << 16;

/// Every place that reports go to.
pub(crate) struct Outputs {
    sinks: Vec<Sink>,
    /// The first is no standard output, but a file that only this program reads.
    unnamed: bool,
    /// One of the formats has a place for totals.
    totals: bool,
    began: bool,
    started: Instant,
    lists_open: bool,
    /// Open ports whose connection is still being closed, and when they were found.
    opened: BTreeMap<(Address, u16), Duration>,
    written: Written,
    /// Set where open ports are asked what they are; it holds findings back, before naming does.
    identifying: Option<Identifying>,
    /// What those are, which the reports look up.
    identified: Identified,
    /// Set where addresses are asked about; it holds findings back.
    naming: Option<Naming>,
}

impl Outputs {
    /// Opens standard output and the files; pages say what changed since the earlier scan. A file that was there keeps its content until
    /// [`begin`](Self::begin); one that was not is taken away again if that never comes.
    ///
    /// # Errors
    /// The first file that can't be written, or whose extension stands for no format.
    pub(crate) fn open(
        reports: &Reports,
        style: Style,
        earlier: Option<Arc<Earlier>>,
    ) -> Result<Self> {
        let stdout = io::stdout().as_fd().try_clone_to_owned();
        let stdout = stdout.map_err(|error| unwritable(&error))?;
        let stdout = (File::from(stdout), reports.format);
        Self::beside(stdout, style, reports, earlier)
    }

    /// Opens the files, and one without a name in place of standard output; as JSON Lines.
    ///
    /// # Errors
    /// As [`open`](Self::open), and when there is no place for such a file.
    pub(crate) fn to_file(
        reports: &Reports,
        earlier: Option<Arc<Earlier>>,
    ) -> Result<(Self, File)> {
        let unnamed = |error: io::Error| {
            said!(
                |lang| "a temporary file can't be written: {why}",
                "no se puede escribir un fichero temporal: {why}",
                why = reason(lang, &error)
            )
        };
        let file = tempfile::tempfile().map_err(unnamed)?;
        let stdout = (file.try_clone().map_err(unnamed)?, Format::JsonLines);
        let mut outputs = Self::beside(stdout, Style::default(), reports, earlier)?;
        outputs.unnamed = true;
        Ok((outputs, file))
    }

    fn beside(
        (stdout, format): (File, Format),
        style: Style,
        reports: &Reports,
        earlier: Option<Arc<Earlier>>,
    ) -> Result<Self> {
        let report = |format, style| report_since(format, style, earlier.clone());
        let asked = |style| Style {
            xml_strict: reports.xml_strict,
            lang: language(reports.lang),
            ..style
        };
        let stdout = Sink::new(None, stdout, report(format, asked(style)), false);
        let mut outputs = Self {
            sinks: vec![stdout],
            unnamed: false,
            totals: has_totals(format),
            began: false,
            started: Instant::now(),
            lists_open: false,
            opened: BTreeMap::new(),
            written: Written::default(),
            identifying: None,
            identified: Identified::default(),
            naming: None,
        };
        for path in reports.files() {
            let format = format_of(path)?;
            let (file, created) = sink::open(path).map_err(|error| {
                said!(
                    |lang| "--output '{file}' can't be written: {why}",
                    "no se puede escribir --output '{file}': {why}",
                    file = path.display(),
                    why = reason(lang, &error)
                )
            })?;
            outputs.totals |= has_totals(format);
            let report = report(format, asked(Style::default()));
            outputs
                .sinks
                .push(Sink::new(Some(path.clone()), file, report, created));
        }
        Ok(outputs)
    }

    /// Empties the files and writes what comes first.
    pub(crate) fn begin(&mut self, header: &Header) {
        self.began = true;
        self.started = Instant::now();
        self.identified = header.identified.clone();
        self.lists_open = header.plan.settings().show.contains(State::Open);
        self.each(|sink| {
            sink.empty()?;
            sink.report.begin(header, &mut sink.buffer);
            Ok(())
        });
    }

    fn tell(&mut self, finding: &Finding) {
        match finding {
            Finding::Opened { address, port } if self.lists_open => {
                self.opened
                    .insert((*address, *port), self.started.elapsed());
            }
            Finding::Port(verdict) => {
                self.opened.remove(&(verdict.address, verdict.port));
            }
            // Without a line of their own, its open ports stand in the host's.
            Finding::Host(host) => self
                .opened
                .retain(|(address, _), _| *address != host.address),
            Finding::Decided(_) => return,
            Finding::Opened { .. } | Finding::End(_) => {}
        }
        self.hand_on(finding);
        if let Finding::Host(host) = finding {
            self.identified.forget(host.address);
        }
    }

    /// Tells what was held back, and reports the open ports whose connection is not closed yet, without saying how it ends: the
    /// program is about to end at once.
    pub(crate) fn give_up_waiting(&mut self) {
        self.stop_asking();
        for ((address, port), at) in std::mem::take(&mut self.opened) {
            self.hand_on(&Finding::Port(Verdict {
                address,
                port,
                reason: Reason::SynAck,
                rtt: None,
                attempts: 1,
                at: picaporte_core::Instant::ZERO + at.into(),
                evidence: Evidence::default(),
            }));
        }
    }

    /// Hands a located port to every report.
    pub(crate) fn located(&mut self, found: &Located) {
        self.each(|sink| {
            sink.report.located(found, &mut sink.buffer);
            Ok(())
        });
    }

    fn hand_on(&mut self, finding: &Finding) {
        self.each(|sink| {
            sink.report.finding(finding, &mut sink.buffer);
            if sink.buffer.len() < BUFFER {
                Ok(())
            } else {
                sink.flush()
            }
        });
    }

    /// Writes what comes last.
    pub(crate) fn end(&mut self, trailer: &Trailer) {
        self.each(|sink| {
            sink.report.end(trailer, &mut sink.buffer);
            sink.flush()
        });
    }

    /// Writes what is buffered; tells what went wrong since the last time.
    pub(crate) fn flush(&mut self) -> Written {
        self.each(Sink::flush);
        std::mem::take(&mut self.written)
    }

    /// Whether a reader of some output finds the totals there.
    pub(crate) fn tell_totals(&self) -> bool {
        self.totals
    }

    /// Where a user finds what is still being written: `on standard output`, `in FILE`, encoded for a terminal.
    pub(crate) fn places(&self, lang: Lang) -> Vec<String> {
        let seen = |path: &Path| joined(&encode::terminal(&path.display().to_string()));
        let place = |sink: &Sink| match &sink.path {
            Some(path) => Some(say!(lang, "in {file}", "en {file}", file = seen(path))),
            None if self.unnamed => None,
            None => Some(
                lang.either("on standard output", "en la salida estándar")
                    .to_owned(),
            ),
        };
        self.sinks.iter().filter_map(place).collect()
    }

    /// Does it for every sink; one that fails is given up, the others go on.
    fn each(&mut self, mut act: impl FnMut(&mut Sink) -> io::Result<()>) {
        let written = &mut self.written;
        self.sinks.retain_mut(|sink| match act(sink) {
            Ok(()) => true,
            Err(error) => {
                sink.give_up(&error, written);
                false
            }
        });
    }
}

impl Drop for Outputs {
    fn drop(&mut self) {
        if self.began {
            return;
        }
        for path in self
            .sinks
            .iter()
            .filter(|s| s.created)
            .filter_map(|s| s.path.as_ref())
        {
            // It is empty; that it stays is no reason for a second message.
            let _ = fs::remove_file(path);
        }
    }
}
