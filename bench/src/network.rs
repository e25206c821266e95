//! The namespaces of the comparison: two of them joined by a veth pair, inside a user and a mount namespace of this
//! process alone, so that no rights are needed and nothing is left when it ends. It knows nothing of rows or programs.

use std::fs::{self, File};
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, anyhow, bail, ensure};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{getgid, getuid};

use crate::row::{FAR_4, FAR_6, FAR_NETWORK, NEAR_4, NEAR_6};

const NEAR: &str = "near";
const FAR: &str = "far";

/// Proof that the namespaces stand, and that this thread and what it starts live in the near one.
#[derive(Debug)]
pub(crate) struct Network(());

impl Network {
    /// Makes the namespaces and enters the near one. To be called while the process has one thread.
    ///
    /// # Errors
    /// When the kernel refuses user namespaces, or `ip` is missing or fails.
    pub(crate) fn make() -> Result<Self> {
        raise_descriptors()?;
        become_root_of_a_namespace()?;
        hide_run()?;
        for name in [NEAR, FAR] {
            feed("ip", &["netns", "add", name], "")?;
        }
        feed("ip", &["-n", NEAR, "-batch", "-"], &near_side())?;
        feed("ip", &["-n", FAR, "-batch", "-"], &far_side())?;
        enter(NEAR)?;
        Ok(Self(()))
    }

    /// Loads nftables rules in the far namespace.
    ///
    /// # Errors
    /// When `nft` is missing or refuses the rules.
    pub(crate) fn load_rules(&self, rules: &str) -> Result<()> {
        self.in_far(|| feed("nft", &["-f", "-"], rules))
    }

    /// Runs `work` on a thread of its own in the far namespace; sockets and programs made there stay there.
    ///
    /// # Errors
    /// Those of `work`, and when the namespace can't be entered.
    pub(crate) fn in_far<T: Send>(&self, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        let Self(()) = self;
        thread::scope(|scope| {
            let visit = scope.spawn(|| enter(FAR).and_then(|()| work()));
            visit
                .join()
                .unwrap_or_else(|_| Err(anyhow!("work in namespace `{FAR}` panicked")))
        })
    }
}

/// What this process starts inherits the limit; its peers do not raise it by themselves.
fn raise_descriptors() -> Result<()> {
    let (_, hard) =
        getrlimit(Resource::RLIMIT_NOFILE).context("reading the limit on descriptors")?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)
        .with_context(|| format!("raising the limit on descriptors to {hard}"))
}

fn become_root_of_a_namespace() -> Result<()> {
    let (user, group) = (getuid(), getgid());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWNET)
        .context(
            "making a user namespace; the kernel may forbid it to ordinary users \
         (sysctl kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)",
        )?;
    write("/proc/self/setgroups", "deny")?;
    write("/proc/self/uid_map", &format!("0 {user} 1"))?;
    write("/proc/self/gid_map", &format!("0 {group} 1"))
}

/// `ip netns` keeps its names under /run; a private file system there makes them end with this process.
fn hide_run() -> Result<()> {
    let nothing: Option<&str> = None;
    mount(
        nothing,
        "/",
        nothing,
        MsFlags::MS_REC | MsFlags::MS_PRIVATE,
        nothing,
    )
    .context("making the mounts of this process private")?;
    mount(
        Some("tmpfs"),
        "/run",
        Some("tmpfs"),
        MsFlags::empty(),
        nothing,
    )
    .context("mounting a tmpfs on /run")
}

/// `nodad`: duplicate address detection would hold the IPv6 address back for a second.
fn near_side() -> String {
    format!(
        "link set lo up\n\
         link add near0 type veth peer name far0 netns {FAR}\n\
         addr add {NEAR_4}/24 dev near0\n\
         addr add {NEAR_6}/64 dev near0 nodad\n\
         link set near0 up\n\
         route add {FAR_NETWORK} via {FAR_4}\n"
    )
}

fn far_side() -> String {
    format!(
        "link set lo up\n\
         addr add {FAR_4}/24 dev far0\n\
         addr add {FAR_6}/64 dev far0 nodad\n\
         link set far0 up\n\
         route add local {FAR_NETWORK} dev lo\n"
    )
}

fn enter(name: &str) -> Result<()> {
    let path = format!("/run/netns/{name}");
    let file = File::open(&path).with_context(|| format!("opening {path}"))?;
    setns(file, CloneFlags::CLONE_NEWNET)
        .with_context(|| format!("entering network namespace `{name}`"))
}

/// Runs a program of the system with `input` on its standard input; its complaint is the error.
fn feed(program: &str, args: &[&str], input: &str) -> Result<()> {
    let tried = || format!("running `{program} {}`", args.join(" "));
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| {
            format!(
                "{}; is it installed (apt install iproute2 nftables)?",
                tried()
            )
        })?;
    let mut stdin = child.stdin.take().with_context(tried)?;
    stdin.write_all(input.as_bytes()).with_context(tried)?;
    drop(stdin);
    let output = child.wait_with_output().with_context(tried)?;
    if !output.status.success() {
        bail!(
            "{}: {}",
            tried(),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    ensure!(
        output.stderr.is_empty(),
        "{}: {}",
        tried(),
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(())
}

fn write(path: &str, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("writing `{text}` to {path}"))
}
