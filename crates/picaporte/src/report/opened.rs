//! The open ports of a scan, for formats of other scanners, which list nothing else.

use picaporte_core::{Address, State};
use picaporte_engine::Finding;

use super::Header;
use super::header::Stamp;

/// An open port.
pub(super) struct Opened {
    pub(super) address: Address,
    pub(super) port: u16,
    /// When its SYN-ACK came; not known where open ports are not to be listed one by one (`--show`), as nothing but its handshake is
    /// told then.
    pub(super) at: Option<Stamp>,
}

impl Opened {
    /// The open port that a finding tells of. Each port is told once, whichever states are listed.
    pub(super) fn of(header: &Header, finding: &Finding) -> Option<Self> {
        let listed = header.plan.settings().show.contains(State::Open);
        match finding {
            Finding::Port(verdict) if verdict.state() == State::Open => Some(Self {
                address: verdict.address,
                port: verdict.port,
                at: Some(header.at(verdict.at)),
            }),
            Finding::Opened { address, port } if !listed => Some(Self {
                address: *address,
                port: *port,
                at: None,
            }),
            _ => None,
        }
    }
}
