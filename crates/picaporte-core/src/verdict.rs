//! Outcomes become a state, a reason and the evidence for it.
//!
//! A state is what was proved on the wire. What this machine could not do is `untested`, whatever
//! the cause; the words are those of the command line's contract and never change.

use crate::grade::{Close, Ending, Grade, Peer};
use crate::outcome::Icmp;
use crate::target::Address;
use crate::time::{Duration, Instant};

/// What a port is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// A SYN-ACK came.
    Open,
    /// A RST came.
    Closed,
    /// An ICMP error came, or nothing at all.
    Filtered,
    /// Not asked, or this machine could not ask.
    Untested,
}

impl State {
    /// Every state, in the order of the contract.
    pub const ALL: [Self; 4] = [Self::Open, Self::Closed, Self::Filtered, Self::Untested];

    /// Its name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Filtered => "filtered",
            Self::Untested => "untested",
        }
    }
}

/// A set of states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct States(u8);

impl States {
    /// No state.
    pub const NONE: Self = Self(0);
    /// Every state.
    pub const ALL: Self = Self(0b1111);
    /// Only [`State::Open`].
    pub const OPEN: Self = Self(1);

    /// This set with `state` in it.
    #[must_use]
    pub const fn with(self, state: State) -> Self {
        Self(self.0 | 1 << state as u8)
    }

    /// Whether `state` is in the set.
    pub const fn contains(self, state: State) -> bool {
        self.0 >> state as u8 & 1 == 1
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $name:literal => $state:ident,)*) => {
        /// Why a port has its state.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $($(#[$doc])* $variant,)*
        }

        impl Reason {
            /// Every reason, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name in every output.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The state that it gives.
            pub const fn state(self) -> State {
                match self { $(Self::$variant => State::$state,)* }
            }
        }
    };
}

reasons! {
    /// A SYN-ACK came.
    SynAck = "syn-ack" => Open,
    /// A RST came.
    ConnRefused = "conn-refused" => Closed,
    /// Nothing came after the last attempt.
    NoResponse = "no-response" => Filtered,
    /// ICMP 3/3, ICMPv6 1/4.
    PortUnreach = "port-unreach" => Filtered,
    /// ICMP 3/1, 3/7, 3/8, 3/12, ICMPv6 1/3, or no neighbour.
    HostUnreach = "host-unreach" => Filtered,
    /// ICMP 3/0, 3/5, 3/6, 3/11, ICMPv6 1/0 and 1/2.
    NetUnreach = "net-unreach" => Filtered,
    /// ICMP 3/2, 12/x, ICMPv6 4/x.
    ProtoUnreach = "proto-unreach" => Filtered,
    /// ICMP 3/13, 3/14, 3/15, ICMPv6 1/1, 1/5, 1/6.
    AdminProhibited = "admin-prohibited" => Filtered,
    /// ICMP 3/10.
    HostProhibited = "host-prohibited" => Filtered,
    /// ICMP 3/9.
    NetProhibited = "net-prohibited" => Filtered,
    /// ICMP 11/x, ICMPv6 3/x.
    TimeExceeded = "time-exceeded" => Filtered,
    /// No descriptors, local ports, buffers or memory.
    LocalLimit = "local-limit" => Untested,
    /// No route from this machine, or its interface is down.
    LocalRoute = "local-route" => Untested,
    /// The scan was interrupted before.
    Interrupted = "interrupted" => Untested,
    /// Outside the scope that was set.
    OutOfScope = "out-of-scope" => Untested,
    /// The host gave no sign of life, and the user asked to leave such hosts.
    HostSilent = "host-silent" => Untested,
    /// The host bans this scanner.
    HostBanned = "host-banned" => Untested,
    /// The path was down.
    PathDown = "path-down" => Untested,
    /// The name has no address.
    Unresolved = "unresolved" => Untested,
    /// The time set for the host or the scan was over.
    TimeLimit = "time-limit" => Untested,
}

impl Reason {
    /// Whether whoever goes on with the scan asks such a port again: nothing was found out, for a reason of the moment.
    pub const fn is_resumable(self) -> bool {
        matches!(
            self,
            Self::Interrupted
                | Self::PathDown
                | Self::LocalLimit
                | Self::LocalRoute
                | Self::TimeLimit
        )
    }
}

/// How many reasons there are.
pub const REASONS: usize = Reason::ALL.len();

/// What was seen, beside the state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The ICMP error that came.
    pub icmp: Option<Icmp>,
    /// The error is this machine's own: the address answers neither ARP nor neighbour discovery.
    pub neighbour: bool,
    /// SYNs that the system sent again, over all attempts.
    pub retransmits: u8,
    /// How the open connection ended.
    pub close: Option<Close>,
    /// What the SYN-ACK said of its sender.
    pub peer: Option<Peer>,
    /// How far the open port can be believed; `None` if its connection was not watched to its end.
    pub grade: Option<Grade>,
    /// A RST or an ICMP port-unreachable came, and this system does not tell which.
    pub ambiguous: bool,
}

impl Evidence {
    /// The connection has ended: how, and what that makes of the port.
    pub(crate) fn ended(&mut self, peer: Option<Peer>, ending: Ending) {
        self.close = Some(ending.close);
        self.grade = Grade::of(peer.as_ref(), ending);
        self.peer = peer;
    }
}

/// One port of one address, decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The address that was asked.
    pub address: Address,
    /// The port, never 0.
    pub port: u16,
    /// Why it has its state; the state follows from it.
    pub reason: Reason,
    /// Round-trip time of the answer, where one was measured.
    pub rtt: Option<Duration>,
    /// How many attempts were made, 0 for a port that was never asked.
    pub attempts: u8,
    /// When it was decided.
    pub at: Instant,
    /// What proves it.
    pub evidence: Evidence,
}

impl Verdict {
    /// A port that was never asked, for this reason, with no evidence.
    pub fn unasked(address: Address, port: u16, reason: Reason, at: Instant) -> Self {
        Self {
            address,
            port,
            reason,
            rtt: None,
            attempts: 0,
            at,
            evidence: Evidence::default(),
        }
    }

    /// Its state.
    pub const fn state(&self) -> State {
        self.reason.state()
    }
}

/// What an ICMP error proves: the port is filtered, for this reason.
///
/// Sources: RFC 792 and RFC 1812 section 5.2.7.1 for ICMP type 3; RFC 4443 section 3 for ICMPv6,
/// whose codes 5 and 6 are "more informative subsets of code 1".
pub const fn icmp_reason(icmp: &Icmp) -> Reason {
    match (icmp.v6, icmp.kind, icmp.code) {
        (false, 3, 0 | 5 | 6 | 11) | (true, 1, 0 | 2) => Reason::NetUnreach,
        (false, 3, 2) | (false, 12, _) | (true, 4, _) => Reason::ProtoUnreach,
        (false, 3, 3) | (true, 1, 4) => Reason::PortUnreach,
        (false, 3, 9) => Reason::NetProhibited,
        (false, 3, 10) => Reason::HostProhibited,
        (false, 3, 13..=15) | (true, 1, 1 | 5 | 6) => Reason::AdminProhibited,
        (false, 11, _) | (true, 3, _) => Reason::TimeExceeded,
        _ => Reason::HostUnreach,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_a_set() {
        let set = States::NONE.with(State::Closed).with(State::Untested);
        assert!(set.contains(State::Closed) && set.contains(State::Untested));
        assert!(!set.contains(State::Open) && !set.contains(State::Filtered));
        assert!(State::ALL.iter().all(|&s| States::ALL.contains(s)));
        assert_eq!(States::OPEN, States::NONE.with(State::Open));
    }

    #[test]
    fn every_icmp_error_means_filtered() {
        for v6 in [false, true] {
            for kind in 0..=255 {
                for code in 0..=255 {
                    let icmp = Icmp {
                        v6,
                        kind,
                        code,
                        from: None,
                    };
                    assert_eq!(icmp_reason(&icmp).state(), State::Filtered);
                }
            }
        }
    }

    #[test]
    fn names_are_the_contracts() {
        let names: Vec<_> = Reason::ALL.iter().map(|r| r.name()).collect();
        assert_eq!(
            names.join(" "),
            "syn-ack conn-refused no-response port-unreach host-unreach net-unreach proto-unreach \
             admin-prohibited host-prohibited net-prohibited time-exceeded local-limit local-route \
             interrupted out-of-scope host-silent host-banned path-down unresolved time-limit"
        );
    }
}
