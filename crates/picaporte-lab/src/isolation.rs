//! Takes the calling process out of the machine's network, so that nothing that is done here can send a packet to the
//! outside, and so that everything made here goes with the process, however it ends. Knows no scenario.

use std::fs;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getegid, geteuid};

/// Moves the calling process into network and mount namespaces of its own (for an ordinary user inside a user namespace as
/// well, as its root), with an empty `/run`. To be called while the process has one thread: the kernel asks for that.
///
/// # Errors
/// One line that says which step the system refused, and which settings usually forbid it.
pub fn enter() -> Result<(), String> {
    steps().map_err(|refusal| {
        format!(
            "no network of its own: {refusal}. It takes root, or user namespaces for ordinary users: look at \
             `sysctl kernel.unprivileged_userns_clone` (1), `kernel.apparmor_restrict_unprivileged_userns` (0) and \
             `user.max_user_namespaces` (above 0)"
        )
    })
}

fn steps() -> Result<(), String> {
    let wanted = CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWNET;
    if unshare(wanted).is_err() {
        let (uid, gid) = (geteuid(), getegid());
        unshare(wanted | CloneFlags::CLONE_NEWUSER).map_err(|error| {
            format!("unshare(2) of user, mount and network namespaces: {error}")
        })?;
        write_map("setgroups", "deny")?;
        write_map("uid_map", &format!("0 {uid} 1"))?;
        write_map("gid_map", &format!("0 {gid} 1"))?;
    }
    let none = None::<&str>;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)
        .map_err(|error| format!("making the mounts of this process private: {error}"))?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(
        Some("tmpfs"),
        "/run",
        Some("tmpfs"),
        flags,
        Some("mode=0755"),
    )
    .map_err(|error| format!("mounting a tmpfs on /run: {error}"))
}

fn write_map(file: &str, content: &str) -> Result<(), String> {
    let path = format!("/proc/self/{file}");
    fs::write(&path, content).map_err(|error| format!("writing {content:?} to {path}: {error}"))
}
