//! A path that never was: routers, a box on one of them, a host; loss, delay and rationed errors, from
//! a seed. It knows the truth, and nothing of how it is looked for.

use std::collections::BTreeMap;

use crate::grade::Ending;
use crate::order::mix;
use crate::outcome::{Icmp, Outcome, ProbeId};
use crate::target::Address;
use crate::time::{Duration, Instant};

use super::{Locate, Located, Step};

/// What a port's SYN meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Accept,
    Reset,
    Reject,
    Drop,
}

/// Something on the way that takes hold of SYNs to some ports.
#[derive(Clone, Copy, Debug)]
pub(super) struct Boxed {
    pub(super) hop: u8,
    /// It acts before the time to live is looked at, as a bridge does.
    pub(super) bridge: bool,
    pub(super) act: Act,
    /// The first and the last port that it acts on.
    pub(super) ports: (u16, u16),
}

/// What the path is like; shares are out of 65,536.
#[derive(Clone, Debug)]
pub(super) struct Path {
    pub(super) seed: u64,
    /// The host is so many hops away.
    pub(super) host: u8,
    pub(super) loss: u64,
    pub(super) rtt: Duration,
    pub(super) jitter: Duration,
    /// Errors are rationed: one a second after a burst of six, of each device.
    pub(super) rationed: bool,
    /// Routers that never say that time ran out.
    pub(super) silent: Vec<u8>,
    pub(super) boxed: Option<Boxed>,
    pub(super) open: Vec<u16>,
    /// What the host does with ports that are not open.
    pub(super) otherwise: Act,
    /// What the host's answers begin with.
    pub(super) initial: u8,
    /// The host passes SYNs to this port on, and says itself when time runs out for that.
    pub(super) passed_on: Option<u16>,
    /// Every other SYN takes one hop more.
    pub(super) balanced: bool,
}

pub(super) const HOST: [u8; 4] = [198, 18, 0, 1];

pub(super) fn host() -> Address {
    Address::new(HOST.into())
}

pub(super) fn router(hop: u8) -> Address {
    Address::new([203, 0, 113, hop].into())
}

impl Path {
    /// Straight, without loss, 20 ms; ports below 100 are open, the others closed.
    pub(super) fn quiet(host: u8) -> Self {
        Self {
            seed: 1,
            host,
            loss: 0,
            rtt: Duration::from_millis(20),
            jitter: Duration::ZERO,
            rationed: false,
            silent: Vec::new(),
            boxed: None,
            open: vec![22, 80],
            otherwise: Act::Reset,
            initial: 64,
            passed_on: None,
            balanced: false,
        }
    }

    /// Who takes hold of SYNs to this port in truth (`None`: the host), on which hop, and what it does.
    pub(super) fn truth(&self, port: u16) -> (Option<Boxed>, u8, Act) {
        match self.boxed {
            Some(b) if (b.ports.0..=b.ports.1).contains(&port) => (Some(b), b.hop, b.act),
            _ if self.open.contains(&port) => (None, self.host, Act::Accept),
            _ => (None, self.host, self.otherwise),
        }
    }
}

/// The path at work.
struct Net<'a> {
    path: &'a Path,
    draws: u64,
    /// What is under way: when, in which order.
    events: BTreeMap<(Instant, u64), (ProbeId, Outcome)>,
    /// When each device has all its errors again.
    rations: BTreeMap<u8, Instant>,
}

impl Net<'_> {
    fn draw(&mut self) -> u64 {
        self.draws += 1;
        mix(self.path.seed, self.draws) & 0xffff
    }

    fn may_complain(&mut self, now: Instant, device: u8) -> bool {
        if !self.path.rationed {
            return true;
        }
        let full = self.rations.entry(device).or_default();
        if full.since(now) > Duration::from_secs(5) {
            return false;
        }
        *full = (*full).max(now) + Duration::from_secs(1);
        true
    }

    fn connect(&mut self, now: Instant, id: ProbeId, port: u16, ttl: u8, min_ttl: u8) {
        let (there, back) = (self.draw() < self.path.loss, self.draw() < self.path.loss);
        let jitter = self.path.jitter.as_nanos() * self.draw() / 65_536;
        let detour = u8::from(self.path.balanced && self.draw().is_multiple_of(2));
        if there {
            return;
        }
        let Some((outcome, hop)) = self.meet(now, port, ttl, min_ttl, detour) else {
            return;
        };
        if back {
            return;
        }
        let way = self.path.rtt.as_nanos() * u64::from(hop) / u64::from(self.path.host);
        self.put(now + Duration::from_nanos(way + jitter), id, outcome);
    }

    fn put(&mut self, at: Instant, id: ProbeId, outcome: Outcome) {
        self.draws += 1;
        self.events.insert((at, self.draws), (id, outcome));
    }

    /// What answers, and on which hop.
    fn meet(
        &mut self,
        now: Instant,
        port: u16,
        ttl: u8,
        min_ttl: u8,
        detour: u8,
    ) -> Option<(Outcome, u8)> {
        let (boxed, hop, act) = self.path.truth(port);
        let last = hop + if boxed.is_none() { detour } else { 0 };
        // A bridge's SYN may have run out of time on its own hop; a router's must leave it once more.
        let needs = match boxed {
            Some(b) if !b.bridge => last + 1,
            _ => last,
        };
        let passed_on = boxed.is_none() && self.path.passed_on == Some(port);
        if ttl < needs + u8::from(passed_on) {
            let from = if ttl == last && passed_on {
                host()
            } else {
                router(ttl)
            };
            let speaks = !self.path.silent.contains(&ttl) && self.may_complain(now, ttl);
            return speaks.then_some((rejected(11, 0, from), ttl));
        }
        let (from, initial) = match boxed {
            Some(b) => (router(b.hop), 64),
            None => (host(), self.path.initial),
        };
        let arrives = initial - (last - 1);
        match act {
            Act::Accept | Act::Reset if arrives < min_ttl => None,
            Act::Accept => Some((CONNECTED, last)),
            Act::Reset => Some((RESET, last)),
            Act::Reject if self.may_complain(now, last) => Some((rejected(3, 13, from), last)),
            Act::Reject | Act::Drop => None,
        }
    }
}

const CONNECTED: Outcome = Outcome::Connected {
    rtt: None,
    retransmits: 0,
    peer: None,
};
const RESET: Outcome = Outcome::Refused {
    rtt: None,
    retransmits: 0,
};

fn rejected(kind: u8, code: u8, from: Address) -> Outcome {
    let icmp = Icmp {
        v6: false,
        kind,
        code,
        from: Some(from),
    };
    Outcome::Rejected {
        icmp: Some(icmp),
        rtt: None,
        retransmits: 0,
    }
}

/// What came of a simulation.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// What was found out, and how long each port took.
    pub(super) found: Vec<(Located, Duration)>,
    pub(super) attempts: u32,
    pub(super) most_inflight: usize,
    /// When SYNs left, and with which time to live.
    pub(super) sent: Vec<(Instant, u8)>,
    /// Every step, for comparison.
    pub(super) log: Vec<String>,
}

/// Plays it to its end.
pub(super) fn run(locate: &mut Locate, path: &Path) -> Run {
    let mut net = Net {
        path,
        draws: 0,
        events: BTreeMap::new(),
        rations: BTreeMap::new(),
    };
    let (mut run, mut now, mut begun, mut inflight) =
        (Run::default(), Instant::ZERO, Instant::ZERO, 0usize);
    loop {
        let step = locate.poll(now);
        run.log.push(format!("{now:?} {step:?}"));
        assert!(run.log.len() < 100_000, "it does not come to an end");
        match step {
            Step::Connect {
                id,
                port,
                ttl,
                min_ttl,
                ..
            } => {
                run.attempts += 1;
                inflight += 1;
                run.most_inflight = run.most_inflight.max(inflight);
                run.sent.push((now, ttl));
                net.connect(now, id, port, ttl, min_ttl);
            }
            Step::Abort(id) => {
                net.events.retain(|_, (waiting, _)| *waiting != id);
                inflight -= 1;
                locate.handle(now, id, Outcome::ABORTED);
            }
            Step::Report(found) => {
                run.found.push((*found, now.since(begun)));
                begun = now;
            }
            Step::Done => {
                assert_eq!(inflight, 0);
                return run;
            }
            Step::Wait(until) => {
                let next = net.events.keys().next().map(|key| key.0);
                let at = next.into_iter().chain(until).min();
                now = now.max(at.expect("something is waited for"));
                while let Some(entry) = net.events.first_entry().filter(|e| e.key().0 <= now) {
                    let (id, outcome) = entry.remove();
                    locate.handle(now, id, outcome);
                    if let Outcome::Connected { .. } = outcome {
                        net.put(now + path.rtt, id, Outcome::Closed(Ending::IN_ORDER));
                    } else {
                        inflight -= 1;
                    }
                }
                locate.harvested(now);
            }
        }
    }
}
