//! Starts `picaporte-lab run` for one scanner in one world, and ends it if it does not end itself. It reads no output.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{Failure, Files, Job, LAB_SAYS, Play, last_line};
use crate::reading;

/// How much longer than its scenario's bound a run may take: to build a world, to end a scanner, to take the world down.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long a run has to clear up after it was asked to end.
const GRACE: Duration = Duration::from_secs(30);
/// How often a run is looked after; the time that is measured is the lab's own.
const LOOK: Duration = Duration::from_millis(20);
/// The most that scanner and lab may write to standard error.
const MOST_ERRORS: u64 = 64 << 20;

/// The program `picaporte-lab`, as a player of worlds.
#[derive(Clone, Debug)]
pub struct Lab {
    program: PathBuf,
    stop: Arc<AtomicBool>,
}

impl Lab {
    /// The program at this path.
    pub fn new(program: &Path) -> Self {
        Self::stoppable(program, Arc::default())
    }

    /// The program at this path; when `stop` becomes true, a run is ended and [`Failure::Stopped`] comes back.
    pub fn stoppable(program: &Path, stop: Arc<AtomicBool>) -> Self {
        Self {
            program: program.to_owned(),
            stop,
        }
    }

    fn start(&self, job: &Job<'_>, files: &Files) -> Result<Child, Failure> {
        let create = |file: &Path| {
            File::create(file)
                .map_err(|error| Failure::File(format!("making {}", file.display()), error))
        };
        Command::new(&self.program)
            .args(["run", &as_argument(&job.world.asked)])
            .args(["--seed", &job.seed.to_string()])
            .args(["--end-with", &std::process::id().to_string()])
            .arg("--record")
            .arg(&files.record)
            .arg("--")
            .args(job.scanner.command(&job.world.scenario))
            .stdin(Stdio::null())
            .stdout(create(&files.stdout)?)
            .stderr(create(&files.stderr)?)
            .spawn()
            .map_err(|error| Failure::File(format!("starting {}", self.program.display()), error))
    }

    /// Why the run has to be ended now.
    fn objection(&self, begun: Instant, limit: Duration, files: &Files) -> Option<Failure> {
        let larger = |file: &Path, most| fs::metadata(file).is_ok_and(|it| it.len() > most);
        if self.stop.load(Ordering::Relaxed) {
            Some(Failure::Stopped)
        } else if begun.elapsed() > limit {
            let seconds = limit.as_secs();
            Some(Failure::Lab(format!("it did not end within {seconds} s")))
        } else if larger(&files.stdout, reading::MOST_BYTES) {
            Some(Failure::TooMuch(reading::MOST_BYTES))
        } else if larger(&files.stderr, MOST_ERRORS) {
            Some(Failure::TooMuch(MOST_ERRORS))
        } else {
            None
        }
    }
}

impl Play for Lab {
    fn play(&mut self, job: &Job<'_>, files: &Files) -> Result<(), Failure> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(Failure::Stopped);
        }
        let limit = job.world.scenario.scan.bound.duration() + PATIENCE;
        let begun = Instant::now();
        let mut child = self.start(job, files)?;
        let status = loop {
            if let Some(status) = waited(&mut child)? {
                break status;
            }
            if let Some(failure) = self.objection(begun, limit, files) {
                end(&mut child)?;
                return Err(failure);
            }
            thread::sleep(LOOK);
        };
        if self.stop.load(Ordering::Relaxed) {
            return Err(Failure::Stopped);
        }
        // The lab makes the file before it knows whether there will be anything to write.
        if fs::metadata(&files.record).is_ok_and(|record| record.len() > 0) {
            return Ok(());
        }
        let why =
            last_line(&files.stderr, |_| true).unwrap_or_else(|| "it said nothing".to_owned());
        let why = why.strip_prefix(LAB_SAYS).unwrap_or(&why);
        Err(Failure::Lab(format!("{why} ({})", ending(status))))
    }

    fn stop(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop)
    }
}

/// A file's name that would be taken for an option is named with its folder.
fn as_argument(asked: &str) -> String {
    if asked.starts_with('-') {
        format!("./{asked}")
    } else {
        asked.to_owned()
    }
}

fn ending(status: ExitStatus) -> String {
    status
        .code()
        .map_or_else(|| status.to_string(), |code| format!("exit code {code}"))
}

fn waited(child: &mut Child) -> Result<Option<ExitStatus>, Failure> {
    child
        .try_wait()
        .map_err(|error| Failure::File("waiting for the lab".to_owned(), error))
}

/// Asks the lab to end, and kills it if it does not. It has not been waited for, so its id is still its own.
fn end(child: &mut Child) -> Result<(), Failure> {
    if let Ok(pid) = i32::try_from(child.id()) {
        // It may have ended by itself in the meantime.
        let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
    }
    let asked = Instant::now();
    while asked.elapsed() < GRACE {
        if waited(child)?.is_some() {
            return Ok(());
        }
        thread::sleep(LOOK);
    }
    let failed = |error| Failure::File("killing the lab".to_owned(), error);
    child.kill().map_err(failed)?;
    child.wait().map_err(failed)?;
    Ok(())
}
