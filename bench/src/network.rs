//! The namespaces of the comparison: two of them joined by a veth pair, inside a user and a mount namespace of this
//! process alone, so that no rights are needed and nothing is left when it ends. It knows nothing of rows or programs.

use std::fs::File;
use std::thread;

use anyhow::{Context, Result, anyhow};
use nix::sched::{CloneFlags, setns};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use picaporte_lab::isolation;
use picaporte_lab::netns::{feed, tool};

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
        isolation::enter()?;
        for name in [NEAR, FAR] {
            tool(&["ip", "netns", "add", name])?;
        }
        feed(&["ip", "-n", NEAR, "-batch", "-"], &near_side())?;
        feed(&["ip", "-n", FAR, "-batch", "-"], &far_side())?;
        enter(NEAR)?;
        Ok(Self(()))
    }

    /// Loads nftables rules in the far namespace.
    ///
    /// # Errors
    /// When `nft` is missing or refuses the rules.
    pub(crate) fn load_rules(&self, rules: &str) -> Result<()> {
        self.in_far(|| Ok(feed(&["nft", "-f", "-"], rules).map(drop)?))
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
