//! What was found out about where one port is answered: plain data, and only what is supported.
//!
//! A hop is counted from 1, the router next to this machine. A box on hop n that forwards before it
//! filters answers SYNs that may take n + 1 hops, as the host on hop n + 1 does; so most places are
//! intervals.

use crate::grade::Suspicion;
use crate::outcome::Icmp;
use crate::target::Address;
use crate::verdict::Reason;

/// What came back from the port, whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A SYN-ACK.
    Accepted,
    /// A RST.
    Reset,
    /// An ICMP error that is no time-exceeded of a hop; `None` where the system does not tell which.
    Rejected(Option<Icmp>),
    /// Time-exceeded although the SYN might have taken [`FULL`](super::FULL) hops: it runs in a loop.
    Loop(Option<Address>),
    /// Nothing.
    Silent,
    /// The address answers neither ARP nor neighbour discovery.
    NoNeighbour,
    /// This machine could not ask, or was stopped.
    Untested(Reason),
}

/// Who answers, as far as it is supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The host itself.
    Host,
    /// Something before the host.
    Firewall,
    /// Something behind the host's address, which passes it on.
    Behind,
    /// The host, or the hop right before it: nothing told them apart.
    HostOrBefore,
    /// Nobody that is known: nothing answers, or the paths contradict each other.
    Unknown,
}

/// Where: at one hop, or between two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The last hop that SYNs to this port are known to come to; 0 is this machine. The place is
    /// this hop or farther.
    pub after: u8,
    /// The place is this hop or nearer; `None` if nothing is known from there on.
    pub until: Option<u8>,
}

impl Place {
    /// The hop, if it is known to be one.
    pub fn exact(&self) -> Option<u8> {
        self.until.filter(|&until| until == self.after)
    }

    /// Whether this hop may be the place.
    pub fn holds(&self, hop: u8) -> bool {
        self.after <= hop && self.until.is_none_or(|until| hop <= until)
    }

    pub(super) const fn at(hop: u8) -> Self {
        Self {
            after: hop,
            until: Some(hop),
        }
    }
}

/// How far away the host is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distance {
    /// At least so many hops; 1 is the least there is.
    pub at_least: u8,
    /// Exactly so many, where something supports it.
    pub exact: Option<u8>,
}

/// A hop that said that a SYN's time to live ran out there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// Which hop, from 1.
    pub distance: u8,
    /// Who spoke; several where paths are balanced, at most [`MOST_ADDRESSES`](super::MOST_ADDRESSES).
    pub addresses: Vec<Address>,
}

/// What was found out about one port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The address that was asked.
    pub address: Address,
    /// The port, never 0.
    pub port: u16,
    /// What came back.
    pub answer: Answer,
    /// Who answers.
    pub by: By,
    /// Where it is answered; where it is [`Silent`](Answer::Silent), where it is swallowed.
    pub place: Place,
    /// How far away the host is.
    pub host: Distance,
    /// The hops that spoke, the nearest first.
    pub hops: Vec<Hop>,
    /// Attempts of this port contradict each other: paths of different lengths.
    pub contradicts: bool,
    /// Attempts made at this port.
    pub attempts: u32,
}

impl Located {
    /// What speaks against the port, if it accepts: something before the host answers in its name. The grade of a
    /// verdict comes from the connection alone, and is given before anybody looks where it was answered.
    pub fn suspicion(&self) -> Option<Suspicion> {
        (self.answer == Answer::Accepted && self.by == By::Firewall).then_some(Suspicion::Nearer)
    }

    /// The first address that spoke for this hop.
    pub fn speaker(&self, hop: u8) -> Option<Address> {
        let spoke = self.hops.iter().find(|h| h.distance == hop)?;
        spoke.addresses.first().copied()
    }
}
