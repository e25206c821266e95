//! Follows a scan to its end: findings to the outputs, counts to the display, and what went wrong
//! to standard error; then the exit code. It decides nothing about ports.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use picaporte_core::verdict::State;
use picaporte_engine::{Account, Finding, Next, Running};

use super::exit::Exit;
use super::message;
use super::output::Outputs;
use super::progress::Display;
use super::signals::Watch;
use super::text::grouped;
use crate::report::Trailer;

/// The longest that a finding waits in a buffer.
const FLUSH: Duration = Duration::from_millis(100);

/// A scan under way, and everything that is told of it.
pub(crate) struct Follower<'a> {
    running: Running,
    outputs: Arc<Mutex<Outputs>>,
    display: Display,
    watch: &'a Watch,
    quiet: bool,
    flushed: Instant,
    stopping_told: bool,
    failed: bool,
    closed_pipe: bool,
}

impl<'a> Follower<'a> {
    /// Follows a scan that has begun.
    pub(crate) fn new(
        running: Running,
        outputs: Arc<Mutex<Outputs>>,
        display: Display,
        watch: &'a Watch,
        quiet: bool,
    ) -> Self {
        Self {
            running,
            outputs,
            display,
            watch,
            quiet,
            flushed: Instant::now(),
            stopping_told: false,
            failed: false,
            closed_pipe: false,
        }
    }

    /// Until the account is written.
    pub(crate) fn run(mut self) -> Exit {
        self.moment();
        loop {
            match self.running.next_within(FLUSH) {
                Next::Finding(Finding::End(account)) => return self.end(account),
                Next::Finding(finding) => self.found(&finding),
                Next::Idle => self.moment(),
                Next::Over => {
                    message::error("the scan ended without an account of what it tested");
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
        self.outputs().finding(finding);
    }

    /// What is done about ten times a second.
    fn moment(&mut self) {
        self.flush();
        self.flushed = Instant::now();
        self.display.update(&self.running.progress());
        if self.watch.interrupted() && !self.stopping_told {
            self.stopping_told = true;
            let text = "stopping: no more probes; open connections are being closed (Ctrl-C again: at once)";
            self.note(text);
        }
    }

    fn flush(&mut self) {
        let written = self.display.aside(|| self.outputs().flush());
        for failure in &written.failed {
            self.failed = true;
            self.display.aside(|| message::error(failure));
        }
        if written.closed_pipe {
            // Whoever read has seen enough: stop in order, so that files get their last line.
            self.closed_pipe = true;
            self.running.control().interrupt();
        }
    }

    fn end(mut self, account: Account) -> Exit {
        self.display.finish(&self.running.progress());
        let trailer = Trailer {
            finished: Timestamp::now(),
            account,
        };
        self.outputs().end(&trailer);
        self.flush();
        let account = trailer.account;
        if account.failed_threads > 0 {
            self.display.aside(|| {
                message::error(
                    "a thread of the scan died of a fault in this program; what it was to test is untested: please report it",
                );
            });
            return Exit::Error;
        }
        if self.closed_pipe {
            return Exit::Done;
        }
        if account.interrupted {
            self.note(&self.what_is_kept(&account));
            return Exit::Interrupted;
        }
        if !account.tally.complete() {
            self.note(&untested(&account));
        } else if !self.outputs().tell_totals() {
            self.note(&format!("complete: {}", sums(&account)));
        }
        match (self.failed, account.tally.complete()) {
            (true, _) => Exit::Error,
            (false, false) => Exit::Untested,
            (false, true) => Exit::Done,
        }
    }

    fn what_is_kept(&self, account: &Account) -> String {
        let mut kept = vec!["on standard output".to_owned()];
        kept.extend(
            self.outputs()
                .files()
                .iter()
                .map(|file| format!("in {file}")),
        );
        format!(
            "interrupted: {}; what was found is {}",
            sums(account),
            kept.join(" and ")
        )
    }

    fn note(&self, text: &str) {
        if !self.quiet {
            self.display.aside(|| message::note(text));
        }
    }

    fn outputs(&self) -> MutexGuard<'_, Outputs> {
        self.outputs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn untested(account: &Account) -> String {
    let counts = &account.tally.counts;
    let reasons = counts
        .iter()
        .filter(|(reason, _)| reason.state() == State::Untested);
    let reasons: Vec<String> = reasons
        .map(|(r, n)| format!("{} {}", grouped(n), r.name()))
        .collect();
    format!("incomplete: {} ({})", sums(account), reasons.join(", "))
}

/// The account in one line; formats that have no place for totals rely on it.
fn sums(account: &Account) -> String {
    let counts = &account.tally.counts;
    format!(
        "{} planned = {} tested + {} untested",
        grouped(account.tally.planned),
        grouped(counts.tested()),
        grouped(counts.in_state(State::Untested))
    )
}
