//! Runs one command in a process of its own and says how long it took and how much memory it had at its peak. A
//! process in between, because `getrusage` adds up all children: here there is exactly one. It knows no programs.

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

/// How long an interrupted program has to say what it knows.
const GRACE: Duration = Duration::from_secs(30);
/// Output beyond this is read and dropped.
const OUTPUT_LIMIT: usize = 16 << 20;

/// A command, and how it is to be held.
#[derive(Debug, clap::Args)]
pub(crate) struct Once {
    /// Seconds until it is killed
    #[arg(long)]
    pub(crate) timeout_s: u64,
    /// Seconds until it gets a SIGINT
    #[arg(long)]
    pub(crate) interrupt_s: Option<u64>,
    /// The only core it may use
    #[arg(long)]
    pub(crate) core: Option<usize>,
    /// The program and its arguments
    #[arg(last = true, required = true)]
    pub(crate) command: Vec<String>,
}

/// How the command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum End {
    /// By itself, with this code.
    Code(i32),
    /// By a signal that this program did not send.
    Signal(i32),
    /// After its SIGINT, with this code.
    Interrupted(i32),
    /// Killed at the time limit.
    TimedOut,
    /// It could not be started.
    NotStarted,
}

/// What was seen of one run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) end: End,
    /// Wall clock from just before the start to the end of its output.
    pub(crate) seconds: f64,
    /// Peak resident set; never below that of this small process, about 3 MiB.
    pub(crate) peak_kib: u64,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the command and prints its [`Outcome`] as JSON. Ends the command when standard input is closed, which is what
/// happens when the program that asked for the run ends early.
///
/// # Errors
/// When waiting for the command fails.
pub(crate) fn run(once: &Once) -> Result<()> {
    if let Some(core) = once.core {
        pin(core)?;
    }
    let outcome = outcome(once)?;
    println!(
        "{}",
        serde_json::to_string(&outcome).context("writing the outcome as JSON")?
    );
    Ok(())
}

fn pin(core: usize) -> Result<()> {
    let mut set = CpuSet::new();
    set.set(core)
        .with_context(|| format!("naming core {core}"))?;
    sched_setaffinity(Pid::from_raw(0), &set).with_context(|| format!("staying on core {core}"))
}

fn outcome(once: &Once) -> Result<Outcome> {
    let (program, args) = once.command.split_first().context("no command was given")?;
    let begun = Instant::now();
    let started = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => return Ok(not_started(program, &error)),
    };
    let mut watch = Watch::new(once, begun);
    let (stdout, stderr) = watch.until_silent(&mut child)?;
    let seconds = begun.elapsed().as_secs_f64();
    let status = child
        .wait()
        .with_context(|| format!("waiting for {program}"))?;
    let usage =
        getrusage(UsageWho::RUSAGE_CHILDREN).context("reading the child's use of memory")?;
    let peak_kib = u64::try_from(usage.max_rss()).unwrap_or_default();
    Ok(Outcome {
        end: watch.end(status),
        seconds,
        peak_kib,
        stdout,
        stderr,
    })
}

fn not_started(program: &str, error: &std::io::Error) -> Outcome {
    let stderr = format!("{program}: {error}");
    Outcome {
        end: End::NotStarted,
        seconds: 0.0,
        peak_kib: 0,
        stdout: String::new(),
        stderr,
    }
}

struct Watch {
    interrupt_at: Option<Instant>,
    kill_at: Instant,
    interrupted: bool,
    killed: bool,
}

impl Watch {
    fn new(once: &Once, begun: Instant) -> Self {
        let interrupt_at = once.interrupt_s.map(|s| begun + Duration::from_secs(s));
        let kill_at =
            interrupt_at.map_or(begun + Duration::from_secs(once.timeout_s), |at| at + GRACE);
        Self {
            interrupt_at,
            kill_at,
            interrupted: false,
            killed: false,
        }
    }

    /// Reads both outputs until both are closed, and keeps the deadlines meanwhile.
    fn until_silent(&mut self, child: &mut Child) -> Result<(String, String)> {
        let pid = Pid::from_raw(i32::try_from(child.id()).context("a process id out of range")?);
        let stdout = child
            .stdout
            .take()
            .context("the child has no standard output")?;
        let stderr = child
            .stderr
            .take()
            .context("the child has no standard error")?;
        let mut streams = [Stream::new(stdout.into()), Stream::new(stderr.into())];
        while streams.iter().any(|stream| stream.open) {
            self.keep_deadlines(pid)?;
            self.read_some(&mut streams)?;
        }
        let [stdout, stderr] =
            streams.map(|stream| String::from_utf8_lossy(&stream.bytes).into_owned());
        Ok((stdout, stderr))
    }

    /// Waits until there is something to read or a deadline is near.
    fn read_some(&mut self, streams: &mut [Stream]) -> Result<()> {
        let parent = std::io::stdin();
        let mut watched = vec![PollFd::new(parent.as_fd(), PollFlags::empty())];
        let open = streams.iter().filter(|stream| stream.open);
        watched.extend(open.map(|stream| PollFd::new(stream.pipe.as_fd(), PollFlags::POLLIN)));
        match poll(&mut watched, self.patience()) {
            Ok(_) => {}
            Err(Errno::EINTR) => return Ok(()),
            Err(errno) => return Err(errno).context("waiting for the child's output"),
        }
        let ready: Vec<bool> = watched.iter().map(|fd| fd.any().unwrap_or(false)).collect();
        if ready[0] && !self.killed {
            self.kill_at = Instant::now();
        }
        for (stream, &ready) in streams
            .iter_mut()
            .filter(|stream| stream.open)
            .zip(&ready[1..])
        {
            if ready {
                stream.read()?;
            }
        }
        Ok(())
    }

    /// The child has not been waited for, so the id is still its own.
    fn keep_deadlines(&mut self, pid: Pid) -> Result<()> {
        let now = Instant::now();
        if !self.interrupted && self.interrupt_at.is_some_and(|at| now >= at) {
            self.interrupted = true;
            kill(pid, Signal::SIGINT).context("interrupting the child")?;
        }
        if !self.killed && now >= self.kill_at {
            self.killed = true;
            kill(pid, Signal::SIGKILL).context("killing the child")?;
        }
        Ok(())
    }

    fn patience(&self) -> PollTimeout {
        let next = match self.interrupt_at {
            Some(at) if !self.interrupted => at.min(self.kill_at),
            _ => self.kill_at,
        };
        let left = next
            .saturating_duration_since(Instant::now())
            .as_millis()
            .min(1_000) as u16;
        PollTimeout::from(left + 1)
    }

    fn end(&self, status: ExitStatus) -> End {
        match (status.code(), status.signal()) {
            _ if self.killed => End::TimedOut,
            (Some(code), _) if self.interrupted => End::Interrupted(code),
            (Some(code), _) => End::Code(code),
            (None, signal) => End::Signal(signal.unwrap_or_default()),
        }
    }
}

struct Stream {
    pipe: File,
    bytes: Vec<u8>,
    open: bool,
    chunk: Vec<u8>,
}

impl Stream {
    fn new(pipe: OwnedFd) -> Self {
        Self {
            pipe: pipe.into(),
            bytes: Vec::new(),
            chunk: vec![0; 65_536],
            open: true,
        }
    }

    fn read(&mut self) -> Result<()> {
        let read = self
            .pipe
            .read(&mut self.chunk)
            .context("reading the child's output")?;
        self.open = read > 0;
        let room = OUTPUT_LIMIT.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(&self.chunk[..read.min(room)]);
        Ok(())
    }
}
