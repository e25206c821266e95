//! nmap's two formats, for the programs that read nothing else: XML (`-oX`) and grepable (`-oG`). What both have in common
//! stands here: a host in nmap's words. It writes nothing.
//!
//! nmap has no word for a port that was not tested. To call it filtered would be a verdict that nobody gave, so such ports are
//! left out of what importers read as ports, and told in places that are Picaporte's own.

use std::collections::BTreeMap;

use picaporte_core::scan::HostReport;
use picaporte_core::{Address, Duration, Evidence, Instant, PortSet, Reason, State, Verdict};
use picaporte_engine::Finding;

use super::header::Stamp;
use super::{Lang, Trailer};

mod cpe;
pub(super) mod grepable;
mod service;
pub(super) mod xml;

/// The program's name in both formats.
const NAME: &str = "Picaporte";

/// What is said of a host whose account never came.
const UNFINISHED: &str = "not finished: its other ports are not told";

/// Listed ports of hosts that are under way, as a host stands in one piece in both formats.
#[derive(Default)]
struct UnderWay(BTreeMap<Address, Vec<Kept>>);

impl UnderWay {
    /// Keeps a port; gives a host that is done, with its ports, which are kept no longer.
    fn take<'a>(&mut self, finding: &'a Finding) -> Option<Host<'a>> {
        match finding {
            Finding::Port(verdict) => {
                // Listed or not, an untested port has no line of its own.
                if verdict.state() != State::Untested {
                    let kept = self.0.entry(verdict.address).or_default();
                    kept.push(Kept::new(verdict));
                }
                None
            }
            Finding::Host(host) => {
                let listed = self.0.remove(&host.address).unwrap_or_default();
                Some(Host::done(host, each_once(host.address, listed)))
            }
            Finding::Opened { .. } | Finding::Decided(_) | Finding::End(_) => None,
        }
    }

    /// Hosts whose account never came.
    fn unfinished(&mut self) -> impl Iterator<Item = Host<'static>> + use<> {
        let all = std::mem::take(&mut self.0);
        all.into_iter()
            .map(|(address, listed)| Host::unfinished(address, each_once(address, listed)))
    }
}

/// What is kept of a listed port. There may be 65,535 of each host that is under way, most of them without evidence.
struct Kept {
    at: Instant,
    rtt: Option<Duration>,
    evidence: Option<Box<Evidence>>,
    port: u16,
    reason: Reason,
    attempts: u8,
}

impl Kept {
    fn new(verdict: &Verdict) -> Self {
        let evidence = verdict.evidence;
        Self {
            at: verdict.at,
            rtt: verdict.rtt,
            evidence: (evidence != Evidence::default()).then(|| Box::new(evidence)),
            port: verdict.port,
            reason: verdict.reason,
            attempts: verdict.attempts,
        }
    }

    fn verdict(self, address: Address) -> Verdict {
        Verdict {
            address,
            port: self.port,
            reason: self.reason,
            rtt: self.rtt,
            attempts: self.attempts,
            at: self.at,
            evidence: self.evidence.map_or_else(Evidence::default, |seen| *seen),
        }
    }
}

/// The last word on each port.
fn each_once(address: Address, listed: Vec<Kept>) -> BTreeMap<u16, Verdict> {
    let verdicts = listed.into_iter().map(|kept| kept.verdict(address));
    verdicts.map(|verdict| (verdict.port, verdict)).collect()
}

/// What nmap says of a host before its ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    /// One of its ports answered.
    Answered(Reason),
    /// It was scanned without asking first whether it is there, as `nmap -Pn` does, and no answer was its own.
    Assumed,
    /// It gave no sign of life, and was left.
    Silent,
    /// None of its ports was tested, for this reason before others.
    NotTested(Reason),
}

impl Status {
    fn of(host: &HostReport) -> Self {
        let counts = &host.counts;
        let answers = [Reason::SynAck, Reason::ConnRefused];
        if let Some(reason) = answers.into_iter().find(|&r| counts.of(r) > 0) {
            return Self::Answered(reason);
        }
        let most = counts.iter().max_by_key(|&(_, ports)| ports);
        match most {
            _ if counts.tested() > 0 => Self::Assumed,
            _ if counts.of(Reason::HostSilent) > 0 => Self::Silent,
            Some((reason, _)) => Self::NotTested(reason),
            None => Self::Assumed,
        }
    }

    /// One of the DTD's `host_states`.
    const fn state(self) -> &'static str {
        match self {
            Self::Answered(_) | Self::Assumed => "up",
            Self::Silent => "down",
            Self::NotTested(_) => "unknown",
        }
    }

    const fn reason(self) -> &'static str {
        match self {
            Self::Answered(reason) | Self::NotTested(reason) => reason.name(),
            Self::Assumed => "user-set",
            Self::Silent => "no-response",
        }
    }
}

/// A port that has an element of its own.
enum Port {
    /// With all that is known of it.
    Listed(Box<Verdict>),
    /// It is open, and was not to be listed.
    Open(u16),
}

impl Port {
    fn number(&self) -> u16 {
        match self {
            Self::Listed(verdict) => verdict.port,
            Self::Open(port) => *port,
        }
    }

    fn reason(&self) -> Reason {
        match self {
            Self::Listed(verdict) => verdict.reason,
            Self::Open(_) => Reason::SynAck,
        }
    }

    fn state(&self) -> State {
        self.reason().state()
    }
}

/// Ports of one state that are only counted.
struct Rest {
    state: State,
    ports: PortSet,
    reasons: Vec<Counted>,
}

impl Rest {
    /// For no port is it known which of the reasons it has.
    fn is_mixed(&self) -> bool {
        self.reasons.iter().any(|counted| counted.ports.is_none())
    }
}

/// How many of them have a reason, and which, where that is known.
struct Counted {
    reason: Reason,
    count: u64,
    ports: Option<PortSet>,
}

/// A host in nmap's words.
struct Host<'a> {
    address: Address,
    status: Status,
    /// In order, each port once.
    ports: Vec<Port>,
    rest: Vec<Rest>,
    /// Its account, but for one that never came.
    report: Option<&'a HostReport>,
}

impl<'a> Host<'a> {
    /// Open ports stand one by one even where they are only to be counted: importers look nowhere else for them.
    fn done(host: &'a HostReport, listed: BTreeMap<u16, Verdict>) -> Self {
        let is_listed = PortSet::from_ports(listed.keys().copied());
        let rest = [State::Closed, State::Filtered].map(|state| rest(host, state, &listed));
        let mut ports: Vec<_> = listed.into_values().map(listed_port).collect();
        ports.extend(host.open.minus(&is_listed).iter().map(Port::Open));
        ports.sort_by_key(Port::number);
        Self {
            address: host.address,
            status: Status::of(host),
            ports,
            rest: rest.into_iter().flatten().collect(),
            report: Some(host),
        }
    }

    fn unfinished(address: Address, listed: BTreeMap<u16, Verdict>) -> Self {
        let answers = |verdict: &&Verdict| matches!(verdict.state(), State::Open | State::Closed);
        let answer = listed.values().find(answers).map(|verdict| verdict.reason);
        Self {
            address,
            status: answer.map_or(Status::Assumed, Status::Answered),
            ports: listed.into_values().map(listed_port).collect(),
            rest: Vec::new(),
            report: None,
        }
    }

    /// Its untested ports, and how many have which reason.
    fn untested(&self) -> Option<(&PortSet, impl Iterator<Item = (Reason, u64)> + '_)> {
        let report = self.report?;
        let counts = report.counts.of_state(State::Untested);
        (!report.untested.is_empty()).then_some((&report.untested, counts))
    }
}

fn listed_port(verdict: Verdict) -> Port {
    Port::Listed(Box::new(verdict))
}

/// The ports of a state that are not listed; `None` if there are none.
fn rest(host: &HostReport, state: State, listed: &BTreeMap<u16, Verdict>) -> Option<Rest> {
    let all = if state == State::Closed {
        &host.closed
    } else {
        &host.filtered
    };
    let told = listed.values().filter(|v| v.state() == state);
    let ports = all.minus(&PortSet::from_ports(told.clone().map(|v| v.port)));
    if ports.is_empty() {
        return None;
    }
    let left = |(reason, count): (Reason, u64)| {
        let told = told.clone().filter(|v| v.reason == reason).count() as u64;
        (reason, count.saturating_sub(told))
    };
    let counts = host.counts.of_state(state);
    let counts = counts.map(left).filter(|(_, count)| *count > 0);
    let reasons = reasons(&ports, &host.rejected, counts.collect());
    Some(Rest {
        state,
        ports,
        reasons,
    })
}

/// Which of the ports have which reason, as far as one reason can be told from the others: of a host it is kept which ports an
/// ICMP error came for, and how many have each reason.
fn reasons(ports: &PortSet, rejected: &PortSet, counts: Vec<(Reason, u64)>) -> Vec<Counted> {
    let silent = ports.minus(rejected);
    let rejected = ports.minus(&silent);
    let is = |set: &PortSet, count: u64| u64::from(set.len()) == count;
    let others = counts.iter().filter(|(r, _)| *r != Reason::NoResponse);
    let one_other = others.count() == 1;
    let which = |reason, count| match reason {
        _ if is(ports, count) => Some(ports.clone()),
        Reason::NoResponse if is(&silent, count) => Some(silent.clone()),
        Reason::NoResponse => None,
        _ if one_other && is(&rejected, count) => Some(rejected.clone()),
        _ => None,
    };
    let counted = counts.into_iter().map(|(reason, count)| Counted {
        reason,
        count,
        ports: which(reason, count),
    });
    counted.collect()
}

/// Hosts that were told, by status.
#[derive(Default)]
struct Hosts {
    up: u64,
    down: u64,
    all: u64,
}

impl Hosts {
    fn count(&mut self, status: Status) {
        self.all += 1;
        self.up += u64::from(status.state() == "up");
        self.down += u64::from(status.state() == "down");
    }
}

/// `Thu Jan  1 00:00:00 2026`, in UTC: nmap's form, which is C's `asctime`.
fn written_out(at: Stamp) -> String {
    at.0.strftime("%a %b %e %H:%M:%S %Y").to_string()
}

/// Seconds, with two digits: `1.25`.
fn elapsed(trailer: &Trailer) -> String {
    format!("{:.2}", trailer.account.elapsed.as_secs_f64())
}

/// `interrupted 5, time-limit 2`.
fn listed_reasons(counts: impl Iterator<Item = (Reason, u64)>) -> String {
    let each = counts.map(|(reason, count)| format!("{} {count}", reason.name()));
    each.collect::<Vec<_>>().join(", ")
}

/// Why a scan is not complete, in one sentence; `None` if it is.
fn missing(trailer: &Trailer) -> Option<String> {
    let tally = &trailer.account.tally;
    if tally.complete() {
        let unasked = trailer
            .account
            .interrupted
            .then(|| trailer.unasked(Lang::En));
        return unasked.flatten();
    }
    let what = if trailer.account.interrupted {
        "interrupted"
    } else {
        "incomplete"
    };
    let counts = &tally.counts;
    let untested = counts.of_state(State::Untested);
    Some(format!(
        "{what}: {} of {} planned probes were not tested ({})",
        counts.in_state(State::Untested),
        tally.planned,
        listed_reasons(untested)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_kept_takes_40_bytes() {
        assert!(size_of::<Kept>() <= 40, "{} bytes", size_of::<Kept>());
    }
}
