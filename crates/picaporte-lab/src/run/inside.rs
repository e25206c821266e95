//! The command's own process tree: a process namespace whose first process is this program again, so that everything the
//! command starts ends with it, and it ends with the lab, however that ends. It measures what the command cost.
//!
//! `lab` starts `lab inside` (which makes the namespace) starts `lab inside --first` (which is process 1 in it, keeps the
//! bound and measures) starts the command.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::sys::resource::{Resource, UsageWho, getrusage, setrlimit};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use super::play;
use crate::record::End;
use crate::scenario::Scenario;

/// How long a command has to say what it knows once it has been interrupted at the bound.
const GRACE: Duration = Duration::from_secs(3);
/// Where the order to the processes inside, and what they saw, is written: in the private `/run`.
const ORDER: &str = "/run/lab-order.json";
const OUTCOME: &str = "/run/lab-outcome.json";

/// What was seen of the command.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Outcome {
    pub(super) end: End,
    pub(super) elapsed_ms: u64,
    pub(super) peak_kib: u64,
}

/// The command and how it is to be held.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Stage {
    command: Vec<String>,
    bound: Duration,
    descriptors: Option<u64>,
    cores: Vec<usize>,
}

impl Stage {
    pub(super) fn new(scenario: &Scenario, command: Vec<String>) -> Result<Self> {
        ensure!(!command.is_empty(), "no command; write it after `--`");
        let order = &scenario.scan;
        Ok(Self {
            command,
            bound: order.bound.duration(),
            descriptors: order.descriptors,
            cores: Vec::new(),
        })
    }

    /// Runs the command to its end, or to the bound. `apart` leaves the world a core.
    pub(super) fn run(&self, apart: bool) -> Result<Outcome> {
        let cores = if apart {
            play::scanners_cores()
        } else {
            Vec::new()
        };
        let order = serde_json::to_string(&Self {
            cores,
            command: self.command.clone(),
            ..*self
        })
        .context("writing the order")?;
        fs::write(ORDER, order).with_context(|| format!("writing {ORDER}"))?;
        let status = again(&["inside"])?
            .wait()
            .context("waiting for the processes inside")?;
        let read = || -> Result<Outcome> {
            let text = fs::read_to_string(OUTCOME).with_context(|| format!("reading {OUTCOME}"))?;
            serde_json::from_str(&text).with_context(|| format!("reading {OUTCOME}"))
        };
        read().with_context(|| format!("the processes inside ended early ({status})"))
    }
}

/// This program once more, with other arguments. It dies with its parent.
fn again(arguments: &[&str]) -> Result<Child> {
    let program = PathBuf::from("/proc/self/exe");
    let parent = std::process::id().to_string();
    Command::new(&program)
        .args(arguments)
        .arg(parent)
        .spawn()
        .with_context(|| format!("starting {} {}", program.display(), arguments.join(" ")))
}

/// Whether these arguments are for a process inside: a program that calls [`super::run`] must hand them to [`main`].
pub fn is_asked(arguments: &[OsString]) -> bool {
    arguments.get(1).is_some_and(|word| word == "inside")
}

/// What a process inside does.
///
/// # Errors
/// What the system refused.
pub fn main(arguments: &[OsString]) -> Result<()> {
    end_with(arguments.last().context("no parent was named")?)?;
    if arguments.get(2).is_some_and(|word| word == "--first") {
        first()
    } else {
        make_namespace()
    }
}

/// Has the kernel end this process when its parent, which has this id, ends.
///
/// # Errors
/// When it has ended already.
pub fn end_with(parent: &OsStr) -> Result<()> {
    prctl::set_pdeathsig(Signal::SIGKILL).context("asking to end with the parent")?;
    // It may have ended before the line above.
    ensure!(
        Path::new("/proc").join(parent).exists(),
        "the process that started this one has ended"
    );
    Ok(())
}

fn make_namespace() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWPID).context("making a process namespace")?;
    again(&["inside", "--first"])?
        .wait()
        .context("waiting for the first process inside")?;
    Ok(())
}

fn first() -> Result<()> {
    let text = fs::read_to_string(ORDER).with_context(|| format!("reading {ORDER}"))?;
    let stage: Stage = serde_json::from_str(&text).with_context(|| format!("reading {ORDER}"))?;
    if !stage.cores.is_empty() {
        play::keep_to(&stage.cores).context("keeping the command to its cores")?;
    }
    if let Some(count) = stage.descriptors {
        setrlimit(Resource::RLIMIT_NOFILE, count, count)
            .with_context(|| format!("limiting descriptors to {count}"))?;
    }
    let outcome = hold(&stage)?;
    let text = serde_json::to_string(&outcome).context("writing the outcome")?;
    fs::write(OUTCOME, text).with_context(|| format!("writing {OUTCOME}"))
}

/// Starts the command and keeps the bound.
fn hold(stage: &Stage) -> Result<Outcome> {
    let began = Instant::now();
    let child = match Command::new(&stage.command[0])
        .args(&stage.command[1..])
        .spawn()
    {
        Ok(child) => child,
        Err(error) => {
            let end = End::NotStarted(format!("{}: {error}", stage.command[0]));
            return Ok(Outcome {
                end,
                elapsed_ms: 0,
                peak_kib: 0,
            });
        }
    };
    let (status, in_time) = wait(child, stage.bound)?;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).context("reading what the command used")?;
    Ok(Outcome {
        end: if in_time { end_of(status) } else { End::Bound },
        elapsed_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        peak_kib: u64::try_from(usage.max_rss()).unwrap_or_default(),
    })
}

fn end_of(status: ExitStatus) -> End {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => End::Code(code),
        (None, signal) => End::Signal(signal.unwrap_or_default()),
    }
}

/// Waits for the end; past the bound it interrupts, and kills when that does not help.
fn wait(mut child: Child, bound: Duration) -> Result<(ExitStatus, bool)> {
    let pid = Pid::from_raw(i32::try_from(child.id()).context("a process id out of range")?);
    let (tell, told) = mpsc::channel();
    thread::spawn(move || tell.send(child.wait()));
    let mut in_time = true;
    for (patience, signal) in [(bound, Signal::SIGINT), (GRACE, Signal::SIGKILL)] {
        match told.recv_timeout(patience) {
            Ok(status) => return Ok((status.context("waiting for the command")?, in_time)),
            Err(RecvTimeoutError::Timeout) => {
                in_time = false;
                // It has not been waited for, so the id is still its own; an error means that it has just ended.
                let _ = kill(pid, signal);
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let status = told.recv().context("the thread that waits has ended")?;
    Ok((status.context("waiting for the command")?, in_time))
}
