//! Between a scan and its reports, under `--reverse-dns`: which addresses are asked about, and which findings wait for the answer. It
//! opens no socket and looks at no clock; who asks and what time it is are handed in.
//!
//! Findings keep their order, so one that waits holds back those behind it. Each waits for [`HOLD`] at most, and no more than [`HELD`]
//! do: a name that comes later stands in what is written from then on, and in nothing before.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use picaporte_core::scan::HostReport;
use picaporte_core::{Address, Reason, State, Verdict};
use picaporte_engine::Finding;

use crate::report::encode::Untrusted;
use crate::report::{Reverse, ReverseCounts};

/// The longest that a finding waits. With the tenth of a second that it may lie in a buffer it is told within 1 s, as is promised of
/// lines for programs.
pub(crate) const HOLD: Duration = Duration::from_millis(900);
/// How many findings wait at most: some megabytes, and about the time that a name takes at the full speed of a scan that lists every
/// closed port.
pub(crate) const HELD: usize = 16_384;

/// What became of one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Its names; at least one.
    Names(Vec<Untrusted>),
    /// It has none.
    NoName,
    /// A name server could not tell, or none could be reached.
    Failed,
    /// Nothing came in time.
    Silence,
}

/// Whoever asks what addresses are called.
pub(crate) trait Ask: Send {
    /// Asks, without waiting for anything. False where there is no room for another question.
    fn ask(&mut self, ip: IpAddr) -> bool;
    /// The next answer that has come, to whichever question.
    fn answer(&mut self) -> Option<(IpAddr, Said)>;
}

/// Which addresses were asked about, and what waits for that.
pub(crate) struct Naming {
    asking: Box<dyn Ask>,
    known: Reverse,
    /// True where the answer is still to come. At most [`Reverse::ADDRESSES`].
    asked: HashMap<IpAddr, bool>,
    counts: ReverseCounts,
    held: VecDeque<(Instant, Finding)>,
    learned: Vec<(IpAddr, Arc<[Untrusted]>)>,
    stopped: bool,
}

impl Naming {
    /// What is learned goes into the list that the reports share.
    pub(crate) fn new(asking: Box<dyn Ask>, known: Reverse) -> Self {
        Self {
            asking,
            known,
            asked: HashMap::new(),
            counts: ReverseCounts::default(),
            held: VecDeque::new(),
            learned: Vec::new(),
            stopped: false,
        }
    }

    /// Asks about the host if this shows that it answered, and it was not asked about before.
    pub(crate) fn heard(&mut self, finding: &Finding) {
        let Some(address) = answering(finding).filter(|_| !self.stopped) else {
            return;
        };
        if self.asked.contains_key(&address.ip) || self.is_known(address) || self.ask(address) {
            return;
        }
        // Of each host there is one such report.
        if matches!(finding, Finding::Host(_)) {
            self.counts.left_out += 1;
        }
    }

    /// Its name was kept, and stands in the list: nobody is asked again.
    fn is_known(&mut self, address: Address) -> bool {
        let known = address.scope == 0 && self.known.of(address.ip).is_some();
        if known {
            self.asked.insert(address.ip, false);
            self.counts.asked += 1;
            self.counts.named += 1;
        }
        known
    }

    fn ask(&mut self, address: Address) -> bool {
        let ask = !of_one_link(address)
            && self.asked.len() < Reverse::ADDRESSES
            && self.asking.ask(address.ip);
        if ask {
            self.asked.insert(address.ip, true);
            self.counts.asked += 1;
        }
        ask
    }

    /// Whether the finding has to wait: for its host's name, or for one before it.
    pub(crate) fn holds(&self, finding: &Finding) -> bool {
        !self.held.is_empty() || self.waits_for_name(finding)
    }

    /// Holds the finding back until [`next`](Self::next) gives it.
    pub(crate) fn hold(&mut self, now: Instant, finding: Finding) {
        self.held.push_back((now, finding));
    }

    /// The next finding that has waited long enough, in their order.
    pub(crate) fn next(&mut self, now: Instant) -> Option<Finding> {
        while let Some((ip, said)) = self.asking.answer() {
            self.answered(ip, said);
        }
        let (since, first) = self.held.front()?;
        let waits = self.held.len() <= HELD
            && now.saturating_duration_since(*since) < HOLD
            && self.waits_for_name(first);
        if waits {
            return None;
        }
        self.held.pop_front().map(|(_, finding)| finding)
    }

    fn waits_for_name(&self, finding: &Finding) -> bool {
        let address = match finding {
            Finding::Port(verdict) => verdict.address,
            Finding::Host(host) => host.address,
            _ => return false,
        };
        !self.stopped && self.asked.get(&address.ip) == Some(&true)
    }

    fn answered(&mut self, ip: IpAddr, said: Said) {
        let Some(waits) = self.asked.get_mut(&ip).filter(|waits| **waits) else {
            return;
        };
        *waits = false;
        match said {
            Said::Names(names) => {
                self.counts.named += 1;
                if self.known.learn(ip, names) {
                    let names = self.known.of(ip).into_iter();
                    self.learned.extend(names.map(|names| (ip, names)));
                } else {
                    self.counts.left_out += 1;
                }
            }
            Said::NoName => self.counts.unnamed += 1,
            Said::Failed => self.counts.failed += 1,
            Said::Silence => self.counts.unanswered += 1,
        }
    }

    /// From now on nothing is asked, and nothing waits.
    pub(crate) fn stop(&mut self) {
        self.stopped = true;
    }

    /// Whether a finding is held back.
    pub(crate) fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// What was learned since the last time.
    pub(crate) fn learned(&mut self) -> Vec<(IpAddr, Arc<[Untrusted]>)> {
        std::mem::take(&mut self.learned)
    }

    /// What became of the questions; those that are still to be answered are not.
    pub(crate) fn counts(&self) -> ReverseCounts {
        let ReverseCounts {
            asked,
            named,
            unnamed,
            failed,
            ..
        } = self.counts;
        ReverseCounts {
            unanswered: asked - named - unnamed - failed,
            ..self.counts
        }
    }
}

/// The host that answered, by this finding. That a router rejects in its place is no answer of its own.
fn answering(finding: &Finding) -> Option<Address> {
    match finding {
        Finding::Opened { address, .. } => Some(*address),
        Finding::Port(verdict) => port_answers(verdict).then_some(verdict.address),
        Finding::Host(host) => host_answers(host).then_some(host.address),
        Finding::Decided(_) | Finding::End(_) => None,
    }
}

fn port_answers(verdict: &Verdict) -> bool {
    let rejected = || verdict.evidence.icmp.and_then(|icmp| icmp.from) == Some(verdict.address);
    matches!(verdict.reason, Reason::SynAck | Reason::ConnRefused) || rejected()
}

fn host_answers(host: &HostReport) -> bool {
    let counts = |state| host.counts.in_state(state) > 0;
    let rejected = || (host.rejects.iter()).any(|(icmp, _)| icmp.from == Some(host.address));
    counts(State::Open) || counts(State::Closed) || rejected()
}

/// An address that means another machine on another link: no name server knows which is meant (RFC 4007, section 6; RFC 3927, section 2.6).
fn of_one_link(address: Address) -> bool {
    address.scope != 0
        || match address.ip {
            IpAddr::V4(ip) => ip.is_link_local(),
            IpAddr::V6(ip) => ip.is_unicast_link_local(),
        }
}

#[cfg(test)]
mod tests;
