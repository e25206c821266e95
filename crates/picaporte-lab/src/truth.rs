//! What is true of every port of a world, and what the wire shows of it to whoever connects without loss. The two differ
//! where a box speaks in another's name. Knows no packets: it reads the scenario.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::planned::Planned;
use crate::scenario::{Act, Scenario, Stack, Then};

/// A port's state in the words of a connect scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// A handshake is completed.
    Open,
    /// A RST comes.
    Closed,
    /// An ICMP error, or nothing.
    Filtered,
}

/// What is so, what can be seen, and what makes the difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// What is so: open means that a service can be reached.
    pub state: State,
    /// What a connect scan sees when nothing is lost and nothing is limited.
    pub wire: State,
    /// What stands behind the state.
    pub why: Why,
}

/// What stands behind a port's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// A service listens.
    Listens,
    /// Nothing listens.
    NothingListens,
    /// There is no host.
    NoHost,
    /// Something swallows the SYN.
    Dropped,
    /// Something answers with an ICMP error.
    Rejected,
    /// A hop before the host sends a RST in its name.
    ForgedRst,
    /// A SYN proxy completes the handshake for a host that would not.
    SynProxy,
    /// A tarpit answers every SYN.
    Tarpit,
    /// A box that answers on every port.
    Portspoof,
}

impl Port {
    const fn same(state: State, why: Why) -> Self {
        Self {
            state,
            wire: state,
            why,
        }
    }
}

/// The truth of one world: a scenario and a seed.
#[derive(Clone, Copy, Debug)]
pub struct Truth<'a> {
    scenario: &'a Scenario,
    seed: u64,
}

/// One line of `picaporte-lab truth`.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// The address.
    pub ip: IpAddr,
    /// The port.
    pub port: u16,
    /// What is true of it.
    #[serde(flatten)]
    pub truth: Port,
}

impl<'a> Truth<'a> {
    /// The truth of `scenario` when it is played with `seed`.
    pub fn new(scenario: &'a Scenario, seed: u64) -> Self {
        Self { scenario, seed }
    }

    /// What is true of this port.
    pub fn of(&self, ip: IpAddr, port: u16) -> Port {
        if self.scenario.is_scanners(ip) {
            return Port::same(State::Closed, Why::NothingListens);
        }
        let Some((_, hosts)) = self.scenario.group_of(ip) else {
            return Port::same(State::Filtered, Why::NoHost);
        };
        if !hosts.exists(self.seed, ip) {
            return Port::same(State::Filtered, Why::NoHost);
        }
        let act = hosts.act(self.seed, ip, port);
        let plain = plain(act);
        if act
            .hop()
            .is_some_and(|hop| hosts.proxy.is_none_or(|proxy| hop <= proxy.hop))
        {
            // What a hop swallows or answers never comes to what stands behind it.
            return plain;
        }
        match (hosts.stack, hosts.proxy, plain.why) {
            (Stack::Tarpit, ..) => Port {
                state: State::Closed,
                wire: State::Open,
                why: Why::Tarpit,
            },
            (Stack::Portspoof, ..) if plain.state != State::Open => Port {
                state: State::Closed,
                wire: State::Open,
                why: Why::Portspoof,
            },
            (_, Some(proxy), _) => Port {
                // A service that the proxy lets nobody reach can't be reached.
                state: if proxy.then == Then::Backend {
                    plain.state
                } else {
                    State::Filtered
                },
                wire: State::Open,
                why: if plain.state == State::Open && proxy.then == Then::Backend {
                    plain.why
                } else {
                    Why::SynProxy
                },
            },
            _ => plain,
        }
    }

    /// Every port that a scanner is told to scan, each once, however often it is named: IPv4 first, ascending.
    pub fn lines(&self) -> impl Iterator<Item = Line> + '_ {
        Planned::new(self.scenario).addresses().flat_map(move |ip| {
            self.scenario.scan.ports.iter().map(move |port| Line {
                ip,
                port,
                truth: self.of(ip, port),
            })
        })
    }
}

fn plain(act: &Act) -> Port {
    match act {
        Act::Open(_) => Port::same(State::Open, Why::Listens),
        Act::Closed => Port::same(State::Closed, Why::NothingListens),
        Act::Dropped(_) => Port::same(State::Filtered, Why::Dropped),
        Act::Rejected(..) => Port::same(State::Filtered, Why::Rejected),
        Act::Reset(_) => Port {
            state: State::Filtered,
            wire: State::Closed,
            why: Why::ForgedRst,
        },
    }
}

#[cfg(test)]
mod tests;
