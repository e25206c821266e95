//! Follows a scan to its end: findings to the outputs, counts to the display, and what went wrong
//! to standard error; then the exit code. It decides nothing about ports.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use picaporte_engine::{Finding, Next, Running};
use picaporte_store::StoreError;

use super::exit::Exit;
use super::keep::Keeper;
use super::message;
use super::output::Outputs;
use super::progress::Display;
use super::signals::Watch;
use crate::report::Lang;
use crate::words::errors::{self, Spanish as _};

mod ending;
mod locating;

pub(crate) use locating::Sampling;

/// The longest that a finding waits in a buffer.
const FLUSH: Duration = Duration::from_millis(100);
/// How often it is looked, when the scan is over, whether the last names have come.
const LOOK: Duration = Duration::from_millis(10);

/// A scan under way, and everything that is told of it.
pub(crate) struct Follower<'a> {
    running: Running,
    outputs: Arc<Mutex<Outputs>>,
    display: Display,
    watch: &'a Watch,
    quiet: bool,
    lang: Lang,
    flushed: Instant,
    stopping_told: bool,
    failed: bool,
    closed_pipe: bool,
    sampling: Option<Sampling>,
    keeper: Option<Keeper>,
}

impl<'a> Follower<'a> {
    /// Follows a scan that has begun.
    pub(crate) fn new(
        running: Running,
        outputs: Arc<Mutex<Outputs>>,
        display: Display,
        watch: &'a Watch,
        quiet: bool,
        sampling: Option<Sampling>,
    ) -> Self {
        Self {
            running,
            outputs,
            display,
            watch,
            quiet,
            lang: Lang::En,
            sampling,
            keeper: None,
            flushed: Instant::now(),
            stopping_told: false,
            failed: false,
            closed_pipe: false,
        }
    }

    /// What is told of it is told in this language.
    pub(crate) fn in_language(mut self, lang: Lang) -> Self {
        self.lang = lang;
        self
    }

    /// What it finds is kept too; that it can't be does not end the scan.
    pub(crate) fn keeping(mut self, keeper: Result<Option<Keeper>>) -> Self {
        match keeper {
            Ok(keeper) => self.keeper = keeper,
            Err(failure) => self.not_kept(&errors::whole(&failure, self.lang)),
        }
        self
    }

    /// Until the account is written.
    pub(crate) fn run(mut self) -> Exit {
        self.moment();
        loop {
            if self.outputs().is_full() {
                // The threads of the scan wait in their turn, and memory is bounded.
                thread::sleep(LOOK);
                self.moment();
                continue;
            }
            match self.running.next_within(FLUSH) {
                Next::Finding(Finding::End(account)) => {
                    // What waits to be kept is, before anything else is done.
                    self.keeper.iter_mut().for_each(Keeper::over);
                    self.keep();
                    return self.end(account);
                }
                Next::Finding(finding) => self.found(&finding),
                Next::Idle => self.moment(),
                Next::Over => {
                    message::error(self.lang.either(
                        "the scan ended without an account of what it tested",
                        "el escaneo terminó sin el recuento de lo comprobado",
                    ));
                    return Exit::Error;
                }
            }
            if self.flushed.elapsed() >= FLUSH {
                self.moment();
            }
        }
    }

    fn found(&mut self, finding: &Finding) {
        if let Finding::Opened { address, port } = finding
            && self.display.is_shown()
        {
            let host = if address.ip.is_ipv6() {
                format!("[{address}]")
            } else {
                address.to_string()
            };
            self.display.opened(format!("{host}:{port}"));
        }
        if let (Finding::Host(host), Some(sampling)) = (finding, &mut self.sampling) {
            sampling.samples.add(host);
        }
        // Whoever reads the outputs may not read on; what was found is kept all the same.
        if let Some(keeper) = &mut self.keeper {
            keeper.finding(finding);
            self.keep();
        }
        if let Finding::Port(verdict) = finding {
            let (address, port) = (verdict.address, verdict.port);
            if let Some(greeting) = self.running.greeting(address, port) {
                self.outputs().greeted(address, port, greeting);
            }
        }
        self.outputs().finding(finding);
    }

    /// What was learned beside the scan is kept too.
    fn learn(&mut self) {
        let learned = self.outputs().learned();
        if let Some(keeper) = &mut self.keeper {
            keeper.learned(&learned);
        }
    }

    /// Lays down what was found, when it is time.
    fn keep(&mut self) {
        if let Some(keeper) = self.keeper.as_mut().filter(|keeper| keeper.is_due()) {
            keeper.tell(&self.running.standing());
        }
    }

    /// What is done about ten times a second.
    fn moment(&mut self) {
        if self.stops() {
            self.outputs().stop_asking();
        }
        self.outputs().release();
        self.learn();
        self.flush();
        self.keep();
        if let Some(failure) = self.keeper.as_mut().and_then(Keeper::failure) {
            self.not_kept(&failure.told(self.lang));
            if matches!(failure, StoreError::TakenOver { .. }) {
                // The other process asks what is left; both together would ask twice as fast as was allowed.
                self.running.control().interrupt();
            }
        }
        self.show();
        if self.watch.interrupted() && !self.stopping_told {
            self.stopping_told = true;
            let text = self.lang.either(
                "stopping: no more probes; open connections are being closed (Ctrl-C again: at once)",
                "deteniéndose: no salen más sondas; se cierran las conexiones abiertas (otra vez Ctrl-C: al instante)",
            );
            self.note(text);
        }
    }

    /// How far it is, on standard error.
    fn show(&mut self) {
        self.flushed = Instant::now();
        let asking = self.outputs().asking();
        self.display.update(&self.running.progress(), asking);
    }

    /// Nobody waits for anything any more.
    fn stops(&self) -> bool {
        self.watch.interrupted() || self.closed_pipe
    }

    fn flush(&mut self) {
        let written = self.display.aside(|| self.outputs().flush());
        for failure in &written.failed {
            self.failed = true;
            self.display
                .aside(|| message::error(failure.text(self.lang)));
        }
        if written.closed_pipe {
            // Whoever read has seen enough: stop in order, so that files get their last line.
            self.closed_pipe = true;
            self.running.control().interrupt();
        }
    }

    /// What is on standard output and in files goes on.
    fn not_kept(&mut self, failure: &str) {
        self.failed = true;
        self.display.aside(|| message::error(failure));
    }

    fn note(&self, text: &str) {
        if !self.quiet {
            self.display.aside(|| message::note(self.lang, text));
        }
    }

    fn outputs(&self) -> MutexGuard<'_, Outputs> {
        self.outputs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
