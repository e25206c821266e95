//! Worlds of real kernels: namespaces, veth pairs, nftables and real listeners, for what only a kernel can show. The
//! scanner's machine is the network namespace of the thread that builds the world:
//!
//! ```text
//! scanner ── lab0 ── [switch] ── gateway (hop 1) ── hop 2 … ── hosts
//!                       └────── hosts on paths without hops
//! ```
//!
//! Every group of hosts is a namespace that owns all of the group's addresses, with one listener for each open port or one
//! for many. What a firewall does is done by nftables where it stands. Chance is the kernel's own (`numgen random`): which
//! hosts exist and which ports a `share` chose depends on the seed, which packets are lost does not.
//!
//! Where it departs from the scenario: IPv6 addresses of a group with more than [`MOST_V6_ADDRESSES`] send their ICMP errors
//! from the first of them; the first router is the same on all paths, so it is silent if one path says so, and with several
//! paths what it says itself is never lost.

mod layout;
mod listen;
mod plan;
mod rules;
mod settle;
mod wire;

use std::io;

use crate::netns::{Netns, NetnsError};
use crate::record::{Lab, Wire};
use crate::scenario::{Scenario, World};
use crate::server::Server;

pub use layout::MOST_V6_ADDRESSES;
pub use listen::MOST_LISTENERS;
pub use plan::MOST_SINGLE;
pub(crate) use rules::reject_name;

/// The interface of the scanner's machine that leads into the world.
pub const LINK: &str = "lab0";

/// Why a world could not be built or read.
#[derive(Debug, thiserror::Error)]
pub enum RealError {
    /// A namespace, a program of the system or the kernel refused.
    #[error(transparent)]
    Netns(#[from] NetnsError),
    /// The scenario asks for a simulated world.
    #[error("'{0}' is a scenario for a simulated world; write world = \"real\"")]
    Simulated(String),
    /// More than a real world holds.
    #[error(
        "{count} {what}; a real world has at most {most}: name fewer, or write world = \"simulated\""
    )]
    TooMany {
        /// Of what.
        what: String,
        /// How many.
        count: usize,
        /// The bound.
        most: usize,
    },
    /// A port could not be listened on.
    #[error("listening on {what}: {source}; each listener takes a descriptor (ulimit -n)")]
    Listen {
        /// Port or address.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// A link or address was not brought up in time.
    #[error("{0} does not come up; look at `dmesg`")]
    NotReady(String),
    /// The thread of the listeners ended early: what was measured is worthless.
    #[error("the listeners failed while the world stood: {0}")]
    Served(io::Error),
    /// Counters can't be read.
    #[error("the counters of `nft` or `ip` are not what was asked for: {0}")]
    Uncounted(String),
}

/// A world that stands; it vanishes when dropped, and with the process in any case.
#[derive(Debug)]
pub struct RealWorld {
    server: Option<Server>,
    switch: Netns,
    /// Routers and hosts.
    others: Vec<Netns>,
    /// What links had lost when the world stood: first packets, before the other end was up.
    dropped_before: u64,
}

impl RealWorld {
    /// Builds the world of `scenario` and `seed` before the calling thread's network namespace, which gets the link
    /// [`LINK`], the scanner's addresses and default routes. The thread needs root's rights in its user, mount and network
    /// namespaces, and an `/run` to write to (see `isolation`); there is at most one world in a namespace.
    ///
    /// # Errors
    /// When the scenario is for a simulated world or too large, and when `ip`, `nft` or the kernel refuses: with what it
    /// said and what is missing.
    pub fn build(scenario: &Scenario, seed: u64) -> Result<Self, RealError> {
        if scenario.world != World::Real {
            return Err(RealError::Simulated(scenario.name.clone()));
        }
        layout::build(scenario, seed)
    }

    /// What has been counted so far.
    ///
    /// # Errors
    /// When `nft` fails.
    pub fn wire(&self) -> Result<Wire, RealError> {
        wire::counted(&self.switch)
    }

    /// Whether the world itself kept up: `overruns` are packets that a full queue of the kernel lost between two links.
    /// Delays are not measured. To be called from the namespace before which the world was built.
    ///
    /// # Errors
    /// When `ip` fails.
    pub fn lab(&self) -> Result<Lab, RealError> {
        let dropped = wire::dropped(self.others.iter().chain([&self.switch]))?;
        Ok(Lab {
            overruns: dropped.saturating_sub(self.dropped_before),
            ..Lab::default()
        })
    }

    /// What was counted in all; the world is taken down.
    ///
    /// # Errors
    /// When `nft` fails, or the listeners had failed while the world stood.
    pub fn finish(mut self) -> Result<Wire, RealError> {
        let wire = self.wire()?;
        if let Some(server) = self.server.take() {
            server.stop().map_err(RealError::Served)?;
        }
        Ok(wire)
    }
}

impl Drop for RealWorld {
    fn drop(&mut self) {
        // The listeners' sockets would keep their namespaces alive.
        drop(self.server.take());
        // The kernel would remove the pair some time after the namespace of one end; the next world wants its name now.
        let _ = self.switch.ip(&format!("link del {}", wire::SCANNER_PORT));
    }
}
