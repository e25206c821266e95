//! What an engine may say happened to one attempt: facts, without judgement.
//!
//! Whoever acts (the engine, the simulation) answers every [`Step::Connect`](crate::Step::Connect)
//! with one of these, and every abort too; what it proves is decided in [`verdict`](crate::verdict).

use crate::grade::{Ending, Peer};
use crate::target::Address;
use crate::time::Duration;

/// One attempt: a slot and its generation. An answer to an earlier generation is ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProbeId {
    /// Which slot; below the cap on attempts in flight.
    pub slot: u32,
    /// How many attempts this slot had before.
    pub generation: u32,
}

/// An ICMP or ICMPv6 error that arrived for an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Icmp {
    /// ICMPv6 if true (RFC 4443), else ICMP (RFC 792).
    pub v6: bool,
    /// Its type.
    pub kind: u8,
    /// Its code.
    pub code: u8,
    /// The device that sent it, where the system tells.
    pub from: Option<Address>,
}

/// Something that this machine could not do. Never a verdict on a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalError {
    /// No descriptor, buffer, memory or local port to be had (EMFILE, ENFILE, ENOBUFS, ENOMEM,
    /// EADDRNOTAVAIL, EAGAIN).
    Limit,
    /// No route of its own, the interface down, or its own firewall (ENETUNREACH, EHOSTUNREACH,
    /// ENETDOWN, EADDRNOTAVAIL of a bound source, EPERM, EACCES …).
    Route,
}

/// Whether probes to a host leave this machine, as far as the system tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// They leave.
    Leaves,
    /// They wait for the host's link address, which is being asked for.
    Waits,
    /// The host's link address was asked for in vain.
    NoNeighbour,
    /// The system does not know the address as a neighbour, or does not tell.
    Unknown,
}

/// What happened to one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The handshake is done. The slot stays taken until [`Outcome::Closed`] follows.
    Connected {
        /// Round-trip time of the handshake, where measured.
        rtt: Option<Duration>,
        /// SYNs that the system sent again.
        retransmits: u8,
        /// What the SYN-ACK said of its sender, where the system tells.
        peer: Option<Peer>,
    },
    /// The open connection has been closed; the slot is free.
    Closed(Ending),
    /// The handshake was made, and the peer reset it before it could be seen (ECONNRESET).
    ConnectedThenReset {
        /// Time to that end; at least the round-trip time.
        rtt: Option<Duration>,
        /// SYNs that the system sent again.
        retransmits: u8,
    },
    /// A RST answered the SYN.
    Refused {
        /// Time to the RST, where it is known which SYN it answers (P. Karn, RFC 6298 section 3).
        rtt: Option<Duration>,
        /// SYNs that the system sent again.
        retransmits: u8,
    },
    /// A RST or an ICMP port-unreachable answered the SYN, and the system does not tell which.
    RefusedSomehow {
        /// Time to the answer, where it is known which SYN it answers.
        rtt: Option<Duration>,
        /// SYNs that the system sent again.
        retransmits: u8,
    },
    /// An ICMP error answered the SYN.
    Rejected {
        /// The error; `None` where the system tells only that there was one.
        icmp: Option<Icmp>,
        /// Time to the error, where it is known which SYN it answers.
        rtt: Option<Duration>,
        /// SYNs that the system sent again.
        retransmits: u8,
    },
    /// The address answers neither ARP nor neighbour discovery.
    NoNeighbour,
    /// The system connected the socket to itself; nothing was asked of anyone.
    SelfConnected,
    /// The attempt was aborted, and there was no answer.
    Aborted {
        /// SYNs that the system sent again.
        retransmits: u8,
    },
    /// This machine could not make the attempt.
    Local(LocalError),
    /// It lies outside the [`Scope`](crate::Scope), or the scope's time is not now: nothing was sent.
    OutOfScope,
}

impl Outcome {
    /// How many SYNs the system sent again, as far as it is told with this outcome.
    pub const fn retransmits(&self) -> u8 {
        match self {
            Self::Connected { retransmits, .. }
            | Self::ConnectedThenReset { retransmits, .. }
            | Self::Refused { retransmits, .. }
            | Self::RefusedSomehow { retransmits, .. }
            | Self::Rejected { retransmits, .. }
            | Self::Aborted { retransmits } => *retransmits,
            _ => 0,
        }
    }

    /// An abort without an answer, nothing sent again.
    pub const ABORTED: Self = Self::Aborted { retransmits: 0 };
}
