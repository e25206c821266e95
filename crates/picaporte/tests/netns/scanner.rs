//! Runs the finished program inside a namespace, waits for it with a bound, and reads what it wrote. Knows the
//! contract of the command line and nothing of how a scan works.

use std::fmt::Display;
use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use nix::mount::{MsFlags, mount};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};

use crate::outcome::Outcome;
use crate::report::Report;
use crate::world::Netns;

const BUILT: &str = env!("CARGO_BIN_EXE_picaporte");
/// Longer than any scan here may take; a scan that does not end is killed and fails its test.
const PATIENCE: Duration = Duration::from_secs(100);

/// A scan about to be run.
#[derive(Clone)]
pub(crate) struct Scan {
    netns: String,
    wrappers: Vec<String>,
    arguments: Vec<String>,
}

impl Scan {
    /// `picaporte scan TARGET` in `netns`, keeping nothing and showing no progress; JSON Lines on standard output.
    pub(crate) fn new(netns: &Netns, target: &(impl Display + ?Sized)) -> Self {
        Self::in_format(netns, target, "jsonl")
    }

    /// The same with another format on standard output.
    pub(crate) fn in_format(netns: &Netns, target: &(impl Display + ?Sized), format: &str) -> Self {
        let target = target.to_string();
        Self::of(
            netns,
            &["scan", &target, "--format", format, "--store", "none"],
        )
        .with("--progress none")
    }

    fn of(netns: &Netns, arguments: &[&str]) -> Self {
        Self {
            netns: netns.name().to_owned(),
            wrappers: Vec::new(),
            arguments: arguments.iter().map(|&word| word.to_owned()).collect(),
        }
    }

    /// `picaporte locate` with these targets, split at blanks; JSON Lines on standard output.
    pub(crate) fn locate(netns: &Netns, targets: &str) -> Self {
        Self::of(netns, &["locate", "--format", "jsonl"]).with(targets)
    }

    /// The same, kept in this store.
    pub(crate) fn kept_in(mut self, store: &Path) -> Self {
        if let Some(none) = self.arguments.iter_mut().find(|word| *word == "none") {
            *none = store.display().to_string();
        }
        self
    }

    /// `picaporte resume` of the newest scan that is kept there, or of one that is named; JSON Lines on standard output.
    pub(crate) fn resume(netns: &Netns, store: &Path, scan: &str) -> Self {
        Self::resume_in_format(netns, store, scan, "jsonl")
    }

    /// The same with another format on standard output.
    pub(crate) fn resume_in_format(netns: &Netns, store: &Path, scan: &str, format: &str) -> Self {
        let store = store.display().to_string();
        Self::of(netns, &["resume", "--store", &store, "--format", format])
            .with("--progress none")
            .with(scan)
    }

    /// Adds arguments, split at blanks.
    pub(crate) fn with(mut self, arguments: &str) -> Self {
        self.arguments
            .extend(arguments.split_whitespace().map(str::to_owned));
        self
    }

    /// Limits the number of file descriptors, soft and hard.
    pub(crate) fn with_descriptors(self, count: u32) -> Self {
        self.wrapped(&["prlimit", &format!("--nofile={count}:{count}")])
    }

    /// Limits what it may have of private and writable memory, in bytes, soft and hard.
    pub(crate) fn with_memory(self, most: u32) -> Self {
        self.wrapped(&["prlimit", &format!("--data={most}:{most}")])
    }

    /// Limits the size of every file that it writes, in bytes, soft and hard.
    pub(crate) fn file_size(self, most: u32) -> Self {
        self.wrapped(&["prlimit", &format!("--fsize={most}:{most}")])
    }

    /// Runs without any capability, and as another user where the user namespace has one (it has for root).
    pub(crate) fn unprivileged(self) -> Self {
        let maps = std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
        let only_one_user = maps.split_whitespace().nth(2) == Some("1");
        let user: &[&str] = if geteuid().is_root() && !only_one_user {
            &["--reuid=65534", "--regid=65534", "--clear-groups"]
        } else {
            &[]
        };
        // A change of user clears the signal for the parent's death.
        let mut wrapper = vec![
            "setpriv",
            "--pdeathsig=KILL",
            "--no-new-privs",
            "--bounding-set=-all",
            "--inh-caps=-all",
        ];
        wrapper.extend(user);
        self.wrapped(&wrapper)
    }

    /// Sets the variable that names a scope file.
    pub(crate) fn in_scope(self, path: &str) -> Self {
        self.wrapped(&["env", &format!("PICAPORTE_SCOPE={path}")])
    }

    fn wrapped(mut self, wrapper: &[&str]) -> Self {
        self.wrappers
            .extend(wrapper.iter().map(|&word| word.to_owned()));
        self
    }

    /// Runs to the end.
    pub(crate) fn run(&self) -> Result<Outcome, Failed> {
        self.start()?.wait()
    }

    /// Runs to the end and reads the JSON Lines, which must add up, with this exit code.
    pub(crate) fn report(&self, code: i32) -> Result<Report, Failed> {
        let outcome = self.run()?;
        outcome.must_exit(code)?;
        outcome.report()
    }

    /// Starts and lets it run.
    pub(crate) fn start(&self) -> Result<Running, Failed> {
        self.start_read_by(read_all)
    }

    /// Runs to the end, with a reader of standard output that goes away after the first line, as `head -1` does.
    pub(crate) fn run_into_closed_pipe(&self) -> Result<Outcome, Failed> {
        self.start_read_by(read_one_line)?.wait()
    }

    fn start_read_by(&self, read_stdout: fn(ChildStdout) -> Vec<u8>) -> Result<Running, Failed> {
        let words = self.words(reachable_program()?);
        let mut child = Command::new(&words[0])
            .args(&words[1..])
            .env_remove("PICAPORTE_SCOPE")
            .env("PICAPORTE_STORE", "none")
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| format!("`{}`: {e}", words.join(" ")))?;
        let stdout = child
            .stdout
            .take()
            .map(|stream| collect(stream, read_stdout));
        let stderr = child.stderr.take().map(|stream| collect(stream, read_all));
        Ok(Running {
            command: words.join(" "),
            child,
            stdout,
            stderr,
        })
    }

    /// The whole command. Every program before the last replaces itself by the next, so that the process id stays;
    /// the first makes sure that the scan ends when the test does, even by kill -9.
    fn words(&self, program: &str) -> Vec<String> {
        let enter = [
            "setpriv",
            "--pdeathsig=KILL",
            "ip",
            "netns",
            "exec",
            &self.netns,
        ]
        .map(str::to_owned);
        let program = std::iter::once(program.to_owned());
        enter
            .into_iter()
            .chain(self.wrappers.clone())
            .chain(program)
            .chain(self.arguments.clone())
            .collect()
    }
}

/// The program under a path that every user may reach, which a home directory often is not.
fn reachable_program() -> Result<&'static str, Failed> {
    static MOUNTED: OnceLock<Result<(), String>> = OnceLock::new();
    let path = "/run/picaporte";
    let mount_program = || {
        std::fs::write(path, "").map_err(|e| format!("{path}: {e}"))?;
        let none = None::<&str>;
        mount(Some(BUILT), path, none, MsFlags::MS_BIND, none)
            .map_err(|e| format!("bind {BUILT} to {path}: {e}"))
    };
    MOUNTED.get_or_init(mount_program).clone()?;
    Ok(path)
}

/// Reads on a thread of its own, so that a full pipe never holds the program up.
fn collect<S: Send + 'static>(stream: S, read: fn(S) -> Vec<u8>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(read(stream)));
    receiver
}

fn read_all(mut stream: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    bytes
}

fn read_one_line(stream: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = BufReader::with_capacity(1, stream).read_until(b'\n', &mut bytes);
    bytes
}

/// A scan under way; killed when dropped before its end.
pub(crate) struct Running {
    command: String,
    child: Child,
    stdout: Option<Receiver<Vec<u8>>>,
    stderr: Option<Receiver<Vec<u8>>>,
}

impl Running {
    pub(crate) fn signal(&self, signal: Signal) -> Result<(), Failed> {
        let pid = Pid::from_raw(i32::try_from(self.child.id())?);
        kill(pid, signal).map_err(|e| format!("{signal} to `{}`: {e}", self.command).into())
    }

    /// Waits for the end, with a bound.
    pub(crate) fn wait(mut self) -> Result<Outcome, Failed> {
        let deadline = Instant::now() + PATIENCE;
        let mut outputs = Vec::new();
        let mut timed_out = false;
        for stream in [self.stdout.take(), self.stderr.take()] {
            let received = stream.map(|stream| {
                (
                    stream.recv_timeout(deadline.saturating_duration_since(Instant::now())),
                    stream,
                )
            });
            outputs.push(match received {
                Some((Ok(bytes), _)) => bytes,
                Some((Err(_), stream)) => {
                    timed_out = true;
                    let _ = self.child.kill();
                    stream.recv().unwrap_or_default()
                }
                None => Vec::new(),
            });
        }
        let status = self.child.wait()?;
        let [stdout, stderr] =
            [&outputs[0], &outputs[1]].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let outcome = Outcome {
            command: self.command.clone(),
            code: status.code(),
            signal: status.signal(),
            stdout,
            stderr,
        };
        if timed_out {
            Err(outcome.fail(format!("killed: not at its end after {PATIENCE:?}")))
        } else {
            Ok(outcome)
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Stopped or not; an error means that it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
