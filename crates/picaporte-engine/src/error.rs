//! Why a scan could not begin, as data: whoever shows it may say it in another language.

use std::fmt;
use std::net::IpAddr;

/// Why a scan could not begin.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Something that every thread needs was refused by the system.
    #[error("the scan could not begin: {needed}: {error}")]
    System {
        /// What was tried.
        needed: Needed,
        /// What the system said.
        error: std::io::Error,
    },
    /// The source address is not one of this machine's, or the interface does not exist.
    #[error("{} can't be used: {error}", place(*.address, .interface.as_deref()))]
    Network {
        /// The source address, if one was asked for.
        address: Option<IpAddr>,
        /// The interface, if one was.
        interface: Option<String>,
        /// What the system said.
        error: std::io::Error,
    },
    /// The scope's time has not come.
    #[error("the scope does not hold yet; nothing was sent")]
    Early,
    /// The scope's time is over.
    #[error("the scope does not hold any more; nothing was sent")]
    Late,
}

/// What every thread of a scan needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// The thread itself.
    Thread,
    /// What waits until sockets are ready, of which each takes a descriptor.
    Readiness,
}

impl fmt::Display for Needed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Thread => "starting a thread",
            Self::Readiness => {
                "making a poll for readiness (raise 'ulimit -n' if descriptors are missing)"
            }
        })
    }
}

fn place(address: Option<IpAddr>, interface: Option<&str>) -> String {
    let address = address.map(|ip| format!("the source address {ip}"));
    let interface = interface.map(|name| format!("the interface '{name}'"));
    let both: Vec<_> = address.into_iter().chain(interface).collect();
    both.join(" on ")
}
