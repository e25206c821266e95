//! Takes the whole process out of the machine's network before any thread exists, so that nothing it sends can leave the
//! machine, and so that everything made inside goes when the process goes, however it dies. Knows no scenario.

use std::fs;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getegid, geteuid};

use crate::netns::{NetnsError, tool};

/// Which step the system refused.
#[derive(Debug, thiserror::Error)]
pub enum IsolationError {
    /// No namespaces, and which settings usually forbid them.
    #[error(
        "no network of its own: {0}. Needs root, or user namespaces for ordinary users: look at \
         `sysctl kernel.unprivileged_userns_clone` (1), `kernel.apparmor_restrict_unprivileged_userns` (0) and \
         `user.max_user_namespaces` (above 0)"
    )]
    Refused(String),
    /// Namespaces, but no use of them.
    #[error("a network of its own can't be set up: {0}")]
    Unusable(#[from] NetnsError),
}

/// Moves the calling process into network, mount, IPC and host name namespaces of its own, as an ordinary user inside a user
/// namespace as well, with an empty `/run` for `ip netns` and loopback up. Must be called while the process has one thread
/// (unshare(2) of a user namespace demands it).
///
/// # Errors
/// One line that says which step the system refused and which settings usually forbid it.
pub fn enter() -> Result<(), IsolationError> {
    enter_namespaces().map_err(IsolationError::Refused)?;
    tool(&["ip", "link", "set", "lo", "up"])?;
    Ok(())
}

fn enter_namespaces() -> Result<(), String> {
    let wanted = CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWNET
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWUTS;
    if unshare(wanted).is_err() {
        let (uid, gid) = (geteuid(), getegid());
        unshare(wanted | CloneFlags::CLONE_NEWUSER)
            .map_err(|e| format!("unshare of user, mount and network: {e}"))?;
        write_map("setgroups", "deny")?;
        write_map("uid_map", &format!("0 {uid} 1"))?;
        write_map("gid_map", &format!("0 {gid} 1"))?;
    }
    mount_private_run()
}

fn write_map(file: &str, content: &str) -> Result<(), String> {
    let path = format!("/proc/self/{file}");
    fs::write(&path, content).map_err(|e| format!("writing '{content}' to {path}: {e}"))
}

fn mount_private_run() -> Result<(), String> {
    let none = None::<&str>;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)
        .map_err(|e| format!("mount / private: {e}"))?;
    cover_run().map_err(|e| format!("mount a tmpfs on /run: {e}"))
}

/// Puts an empty `/run` over what is there, in the mount namespace of the calling process.
pub(crate) fn cover_run() -> nix::Result<()> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(
        Some("tmpfs"),
        "/run",
        Some("tmpfs"),
        flags,
        Some("mode=0755"),
    )
}
