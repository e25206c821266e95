//! The command's own process tree: a process namespace whose first process is this program again, so that everything the
//! command starts ends with it, and it ends with the lab, however that ends. It measures what the command cost.
//!
//! `lab` starts `lab inside` (which makes the namespace) starts `lab inside --first` (which is process 1 in it, keeps the
//! bound and measures) starts the command. What they have to say comes back through a pipe that the command does not have.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::fd::{AsRawFd as _, OwnedFd, RawFd};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::sys::resource::{Resource, UsageWho, getrusage, setrlimit};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, close, pipe};
use serde::{Deserialize, Serialize};
use signal_hook::consts::SIGINT;

use super::play;
use crate::isolation::cover_run;
use crate::record::End;
use crate::scenario::Scenario;

/// How long a command has to say what it knows once it has been interrupted at the bound.
const GRACE: Duration = Duration::from_secs(3);
/// How much longer the processes inside may take before they are killed: to start, to end a command, to say so.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often they are looked after; the time that is measured is their own.
const LOOK: Duration = Duration::from_millis(5);
/// Where the order to the processes inside is written: in the private `/run`, before the command is there.
const ORDER: &str = "/run/lab-order.json";
/// The most that they have to say, and the most of an error's words: both fit into a pipe.
const MOST_SAID: u64 = 32_768;
const MOST_WORDS: usize = 4_096;

/// What was seen of the command.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Outcome {
    pub(super) end: End,
    pub(super) elapsed_ms: u64,
    pub(super) peak_kib: u64,
}

/// What comes through the pipe.
#[derive(Debug, Serialize, Deserialize)]
enum Said {
    Outcome(Outcome),
    /// Why there is no outcome.
    Failed(String),
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

    /// Runs the command to its end, or to the bound, or until the world does not stand any more. `apart` leaves the world a
    /// core.
    pub(super) fn run(&self, apart: bool, stands: &dyn Fn() -> bool) -> Result<Outcome> {
        let cores = if apart {
            play::scanners_cores()
        } else {
            Vec::new()
        };
        let order = Self {
            cores,
            command: self.command.clone(),
            ..*self
        };
        let order = serde_json::to_string(&order).context("writing the order")?;
        fs::write(ORDER, order).with_context(|| format!("writing {ORDER}"))?;
        let (hear, say) = pipe().context("making a pipe")?;
        keep(&hear)?;
        let child = again(&[], say.as_raw_fd())?;
        drop(say);
        let status = self.watch(child, stands)?;
        match (said(hear)?, status.success()) {
            (Some(Said::Outcome(outcome)), true) => Ok(outcome),
            (Some(Said::Failed(why)), _) => Err(anyhow!(why)),
            _ => bail!("the processes inside ended early ({status})"),
        }
    }

    /// Waits for the processes inside, and kills them when they take too long or for nothing.
    fn watch(&self, mut child: Child, stands: &dyn Fn() -> bool) -> Result<ExitStatus> {
        let limit = Instant::now() + self.bound + GRACE + PATIENCE;
        let why = loop {
            if let Some(status) = child
                .try_wait()
                .context("waiting for the processes inside")?
            {
                return Ok(status);
            }
            if Instant::now() > limit {
                break "the command could not be ended in time, and was killed with all that it started";
            }
            if !stands() {
                break "the world broke down while the command ran";
            }
            thread::sleep(LOOK);
        };
        // Whatever traces or blocks them, this ends them, and with them the whole process namespace.
        child.kill().context("killing the processes inside")?;
        child.wait().context("waiting for the processes inside")?;
        bail!(why)
    }
}

/// Keeps a descriptor from what is started, and from blocking.
fn keep(fd: &OwnedFd) -> Result<()> {
    fcntl(fd, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).context("keeping a pipe")?;
    fcntl(fd, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).context("keeping a pipe")?;
    Ok(())
}

fn said(hear: OwnedFd) -> Result<Option<Said>> {
    let mut text = String::new();
    match File::from(hear).take(MOST_SAID).read_to_string(&mut text) {
        Ok(0) => Ok(None),
        Ok(_) => serde_json::from_str(&text)
            .map(Some)
            .context("reading what the processes inside said"),
        Err(error) => Err(error).context("hearing the processes inside"),
    }
}

/// This program once more, as a process inside that speaks through descriptor `say`. It dies with its parent.
fn again(flags: &[&str], say: RawFd) -> Result<Child> {
    let program = PathBuf::from("/proc/self/exe");
    let parent = std::process::id().to_string();
    Command::new(&program)
        .arg("inside")
        .args(flags)
        .args([say.to_string(), parent])
        .spawn()
        .with_context(|| format!("starting {} inside", program.display()))
}

/// Whether these arguments are for a process inside: a program that calls [`super::run`] must hand them to [`main`].
pub fn is_asked(arguments: &[OsString]) -> bool {
    arguments.get(1).is_some_and(|word| word == "inside")
}

/// What a process inside does. What goes wrong is said through the pipe; `false` when something did.
///
/// # Errors
/// When there is no pipe to say it through.
pub fn main(arguments: &[OsString]) -> Result<bool> {
    let [.., say, parent] = arguments else {
        bail!("no pipe and no parent were named")
    };
    let say: RawFd = say
        .to_str()
        .and_then(|say| say.parse().ok())
        .context("no pipe was named")?;
    // The interrupt key is for the command; a handler, unlike a signal that is ignored, does not outlive exec(2).
    signal_hook::flag::register(SIGINT, std::sync::Arc::default())
        .context("minding the interrupt key")?;
    let is_first = arguments.get(2).is_some_and(|word| word == "--first");
    let mut pipe = File::options()
        .write(true)
        .open(format!("/proc/self/fd/{say}"))
        .context("opening the pipe")?;
    let work = || -> Result<Option<Outcome>> {
        end_with(parent)?;
        if !is_first {
            return make_namespace(say).map(|()| None);
        }
        // The command is not to have it; the one opened above is closed at exec(2).
        close(say).context("closing the pipe")?;
        first().map(Some)
    };
    let words = match work() {
        Ok(None) => return Ok(true),
        Ok(Some(outcome)) => Said::Outcome(outcome),
        Err(error) => Said::Failed(format!("{error:#}").chars().take(MOST_WORDS).collect()),
    };
    serde_json::to_writer(&pipe, &words).context("saying how it ended")?;
    pipe.flush().context("saying how it ended")?;
    Ok(matches!(words, Said::Outcome(_)))
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

fn make_namespace(say: RawFd) -> Result<()> {
    unshare(CloneFlags::CLONE_NEWPID).context("making a process namespace")?;
    let status = again(&["--first"], say)?
        .wait()
        .context("waiting for the first process inside")?;
    // When it failed it has said why itself; when it was killed nobody has.
    ensure!(
        status.code().is_some(),
        "the first process inside ended early ({status})"
    );
    Ok(())
}

fn first() -> Result<Outcome> {
    let text = fs::read_to_string(ORDER).with_context(|| format!("reading {ORDER}"))?;
    let stage: Stage = serde_json::from_str(&text).with_context(|| format!("reading {ORDER}"))?;
    empty_run()?;
    if !stage.cores.is_empty() {
        play::keep_to(&stage.cores).context("keeping the command to its cores")?;
    }
    if let Some(count) = stage.descriptors {
        setrlimit(Resource::RLIMIT_NOFILE, count, count)
            .with_context(|| format!("limiting the command to {count} descriptors"))?;
    }
    hold(&stage)
}

/// Gives the command an empty `/run` of its own: the lab's holds the handles of a real world's namespaces.
fn empty_run() -> Result<()> {
    unshare(CloneFlags::CLONE_NEWNS).context("making a mount namespace for the command")?;
    cover_run().context("mounting a tmpfs on /run")
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
    let waits = thread::Builder::new().name("wait".to_owned());
    waits
        .spawn(move || tell.send(child.wait()))
        .context("starting the thread that waits for the command")?;
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
