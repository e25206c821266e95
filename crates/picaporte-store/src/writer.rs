//! What a scan tells, and the thread that keeps it.
//!
//! The thread has the clock: it commits once a second whether or not anybody calls, so that a scan that waits for a slow host
//! loses no more than one that is busy. What is told costs the scan a lock, and bytes appended to a buffer.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use picaporte_core::Verdict;
use picaporte_core::scan::HostReport;

use crate::desk::{Desk, Limits};
use crate::digest::Digest;
use crate::doing::Doing;
use crate::error::{Attempt, StoreError};
use crate::findings::Findings;
use crate::keeper::Keeper;
use crate::scan::{End, Stage, UnixMillis};
use crate::store::Options;
use crate::why::Why;
use picaporte_core::Decided;

/// Keeps one scan. Any thread may tell it something; what is told after a failure is dropped.
///
/// What is told before a part's progress is kept with it or before it, and what is told in one call of [`tell`](Self::tell) is
/// kept together. So a part tells its findings first, or at once: then no port is lost, whenever the process is killed.
///
/// Dropped without [`finish`](Self::finish), it keeps what it was told, and the scan stands as running: it can be gone on with.
#[derive(Debug)]
pub struct Writer {
    desk: Arc<Desk>,
    path: PathBuf,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(
        keeper: Keeper,
        path: PathBuf,
        options: Options,
    ) -> Result<Self, StoreError> {
        let limits = Limits {
            most: options.most_waiting,
            patience: options.patience,
        };
        let desk = Arc::new(Desk::new(limits, keeper.digest()));
        let (for_thread, file) = (Arc::clone(&desk), path.clone());
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || run(keeper, &for_thread, options, file));
        let thread = thread.map_err(|error| starting(&path, &error))?;
        Ok(Self {
            desk,
            path,
            thread: Some(thread),
        })
    }

    /// Keeps all of this in one chunk.
    pub fn tell(&self, findings: Findings) {
        self.desk.tell(&self.path, findings.told);
    }

    /// [`Findings::port`], by itself.
    pub fn port(&self, verdict: &Verdict) {
        let mut findings = Findings::default();
        findings.port(verdict);
        self.tell(findings);
    }

    /// [`Findings::host`], by itself.
    pub fn host(&self, host: &HostReport, stage: Stage) {
        let mut findings = Findings::default();
        findings.host(host, stage);
        self.tell(findings);
    }

    /// [`Findings::decided`], by itself.
    pub fn decided(&self, ports: &[Decided]) {
        let mut findings = Findings::default();
        findings.decided(ports);
        self.tell(findings);
    }

    /// [`Findings::progress`], by itself.
    pub fn progress(&self, part: u32, bytes: &[u8]) {
        let mut findings = Findings::default();
        findings.progress(part, bytes);
        self.tell(findings);
    }

    /// Waits until everything that was told is on the disk; gives the digest of the last chunk.
    ///
    /// # Errors
    /// What went wrong, now or before.
    pub fn keep(&self) -> Result<Digest, StoreError> {
        self.desk.keep()
    }

    /// What went wrong, once; after that, and before, nothing.
    pub fn failure(&self) -> Option<StoreError> {
        self.desk.news_of_failure()
    }

    /// Keeps the end of the scan, and waits until it is on the disk; gives the digest that stands for all of it.
    ///
    /// # Errors
    /// What went wrong, now or before.
    pub fn finish(mut self, end: End) -> Result<Digest, StoreError> {
        self.leave(Some(end));
        self.desk.outcome()
    }

    fn leave(&mut self, end: Option<End>) {
        if let Some(thread) = self.thread.take() {
            self.desk.leave(end);
            // A fault in the thread was told at the desk.
            let _ = thread.join();
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.leave(None);
    }
}

fn starting(path: &std::path::Path, error: &std::io::Error) -> StoreError {
    let attempt = Attempt {
        doing: Doing::Starting,
        path,
    };
    attempt.failed(Why::System(error.to_string()))
}

/// Tells the desk when the thread is gone, whatever ended it.
struct Gone<'a> {
    desk: &'a Desk,
    path: PathBuf,
}

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let attempt = Attempt {
                doing: Doing::Keeping,
                path: &self.path,
            };
            self.desk.fail(attempt.failed(Why::Fault));
        }
    }
}

fn run(mut keeper: Keeper, desk: &Desk, options: Options, path: PathBuf) {
    let _gone = Gone { desk, path };
    let mut due = Instant::now() + options.interval;
    while let Some(mut task) = desk.next_task(due) {
        due = Instant::now() + options.interval;
        let told = std::mem::take(&mut task.told);
        let kept = if told.weight() == 0 && task.end.is_none() {
            Ok(keeper.digest())
        } else {
            keeper.keep(told, task.end.as_ref(), UnixMillis::now())
        };
        match kept {
            Ok(digest) => desk.done(&task, digest),
            Err(failure) => desk.fail(failure),
        }
        if task.last {
            return;
        }
    }
}
