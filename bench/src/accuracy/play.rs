//! Plays scans in a simulated network and counts what they made of it. Of goals it knows nothing.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use anyhow::{Context, Result};
use picaporte_core::block::Part;
use picaporte_core::outcome::Outcome;
use picaporte_core::plan::Settings;
use picaporte_core::scan::{Report, Step, System};
use picaporte_core::sim::{self, Event, World};
use picaporte_core::tally::Counts;
use picaporte_core::target::{Address, AddressRange, NoLookup, Target};
use picaporte_core::verdict::{Reason, State, States, Verdict};
use picaporte_core::{Duration, Plan, PortSet, Scan};

/// Where the simulated hosts begin.
const FIRST: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 0);
/// No scan is given more virtual time; what it has not reported by then counts as not reached.
const LIMIT: Duration = Duration::from_secs(3600);
/// What the machine of the scan can open at once.
const DESCRIPTORS: u32 = 20_000;

/// What is scanned, and how.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    /// The length of the prefix whose addresses are the hosts.
    pub(crate) prefix: u8,
    /// Ports 1 to this.
    pub(crate) ports: u16,
    pub(crate) settings: Settings,
    pub(crate) world: World,
}

/// One scan: its length, its work and its faults.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Once {
    pub(crate) seed: u64,
    pub(crate) missed: u64,
    pub(crate) false_filtered: u64,
    pub(crate) elapsed: Duration,
    pub(crate) syns: u64,
}

/// Ports of one kind, and the SYNs sent to them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Kind {
    pub(crate) ports: u64,
    pub(crate) syns: u64,
}

impl Kind {
    pub(crate) fn each(self) -> Option<f64> {
        (self.ports > 0).then(|| self.syns as f64 / self.ports as f64)
    }
}

/// What was seen over all seeds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) runs: Vec<Once>,
    pub(crate) open: Kind,
    pub(crate) closed: Kind,
    pub(crate) silent: Kind,
    pub(crate) rejected: Kind,
    pub(crate) found: u64,
    pub(crate) false_open: u64,
    pub(crate) false_closed: u64,
    pub(crate) false_filtered: u64,
    pub(crate) untested: Counts,
    /// Ports that the scan had said nothing of when its time was over.
    pub(crate) unreported: u64,
    /// SYNs that the scan states in its verdicts on silent ports.
    pub(crate) stated: u64,
    pub(crate) table_refused: u64,
    pub(crate) others: u64,
    pub(crate) others_refused: u64,
}

impl Seen {
    pub(crate) fn missed(&self) -> u64 {
        self.open.ports - self.found
    }

    pub(crate) fn recall(&self) -> Option<f64> {
        (self.open.ports > 0).then(|| self.found as f64 / self.open.ports as f64)
    }

    pub(crate) fn untested(&self) -> u64 {
        self.untested.in_state(State::Untested) + self.unreported
    }

    pub(crate) fn median(&self) -> Duration {
        let mut all: Vec<Duration> = self.runs.iter().map(|run| run.elapsed).collect();
        all.sort_unstable();
        all.get(all.len() / 2).copied().unwrap_or(Duration::ZERO)
    }

    pub(crate) fn slowest(&self) -> Duration {
        let all = self.runs.iter().map(|run| run.elapsed);
        all.max().unwrap_or(Duration::ZERO)
    }

    fn kind(&mut self, truth: Reason) -> &mut Kind {
        match truth {
            Reason::SynAck => &mut self.open,
            Reason::ConnRefused => &mut self.closed,
            Reason::NoResponse => &mut self.silent,
            _ => &mut self.rejected,
        }
    }

    fn judge(&mut self, truth: Reason, verdict: &Verdict) {
        match (verdict.state(), truth) {
            (State::Open, Reason::SynAck) => self.found += 1,
            (State::Open, _) => self.false_open += 1,
            (State::Closed, Reason::ConnRefused) => {}
            (State::Closed, _) => self.false_closed += 1,
            (State::Filtered, Reason::SynAck | Reason::ConnRefused) => self.false_filtered += 1,
            (State::Filtered, Reason::NoResponse) => {
                let again = u64::from(verdict.evidence.retransmits);
                self.stated += u64::from(verdict.attempts) + again;
            }
            (State::Filtered, _) => {}
            (State::Untested, _) => self.untested.add(verdict.reason),
        }
    }
}

impl Work {
    /// Scans it once, and adds what came of it to `seen`.
    ///
    /// # Errors
    /// When it is no valid plan.
    pub(crate) fn play(&self, seed: u64, seen: &mut Seen) -> Result<()> {
        let world = World {
            seed: self.world.seed ^ seed,
            ..self.world
        };
        let plan = self.plan(seed)?;
        let (missed, false_filtered) = (seen.missed(), seen.false_filtered);
        let mut reported = 0;
        let mut kinds = Vec::new();
        let system = System {
            descriptors: DESCRIPTORS,
            ..System::default()
        };
        let mut scan = Scan::new(plan.clone(), Part::WHOLE, system);
        let run = sim::run(&mut scan, world, LIMIT, &mut |event| match event {
            Event::Step(_, Step::Report(Report::Port(verdict))) => {
                reported += 1;
                seen.judge(world.truth(verdict.address, verdict.port), verdict);
            }
            Event::Step(_, Step::Connect { id, address, port }) => {
                let slot = id.slot as usize;
                if kinds.len() <= slot {
                    kinds.resize(slot + 1, Reason::NoResponse);
                }
                kinds[slot] = world.truth(*address, *port);
                seen.kind(kinds[slot]).syns += 1;
            }
            Event::Step(..) => {}
            Event::Outcome(_, id, outcome) => {
                let kind = seen.kind(kinds[id.slot as usize]);
                match outcome {
                    Outcome::Local(_) => kind.syns -= 1,
                    outcome => kind.syns += u64::from(outcome.retransmits()),
                }
            }
        });
        seen.unreported += plan.planned() - reported;
        self.count_truth(&world, seen)?;
        seen.runs.push(Once {
            seed,
            missed: seen.missed() - missed,
            false_filtered: seen.false_filtered - false_filtered,
            elapsed: run.elapsed,
            syns: run.syns,
        });
        seen.table_refused += run.table_refused;
        seen.others += run.others;
        seen.others_refused += run.others_refused;
        Ok(())
    }

    fn plan(&self, seed: u64) -> Result<Arc<Plan>> {
        let mut plan = Plan::builder(PortSet::from_ranges(vec![(1, self.ports)]));
        plan.settings(Settings {
            seed,
            show: States::ALL,
            ..self.settings.clone()
        });
        let target = format!("{FIRST}/{}", self.prefix);
        plan.target(&Target::parse(&target, &NoLookup)?)?;
        Ok(Arc::new(plan.build()?))
    }

    fn count_truth(&self, world: &World, seen: &mut Seen) -> Result<()> {
        let hosts = AddressRange::prefix(IpAddr::V4(FIRST), self.prefix)
            .context("a prefix of more than 32 bits")?;
        let addresses = (0..hosts.count() as u64).map(|n| hosts.nth(n));
        addresses.for_each(|address: Address| {
            for port in 1..=self.ports {
                seen.kind(world.truth(address, port)).ports += 1;
            }
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use picaporte_core::Instant;
    use picaporte_core::verdict::Evidence;

    /// What one verdict counts as: found, false open, false closed, false filtered, untested, SYNs stated.
    fn counted(truth: Reason, reason: Reason) -> [u64; 6] {
        let mut seen = Seen::default();
        let verdict = Verdict {
            address: Address::new(IpAddr::V4(FIRST)),
            port: 1,
            reason,
            rtt: None,
            attempts: 3,
            at: Instant::ZERO,
            evidence: Evidence::default(),
        };
        seen.judge(truth, &verdict);
        let Seen {
            found,
            false_open,
            false_closed,
            false_filtered,
            stated,
            ..
        } = seen;
        let untested = seen.untested();
        [
            found,
            false_open,
            false_closed,
            false_filtered,
            untested,
            stated,
        ]
    }

    #[test]
    fn every_verdict_is_held_against_the_truth() {
        use Reason::{AdminProhibited, ConnRefused, HostBanned, NoResponse, SynAck};
        let nothing = [0; 6];
        let one = |place: usize| std::array::from_fn(|i| u64::from(i == place));
        assert_eq!(counted(SynAck, SynAck), one(0));
        for truth in [ConnRefused, NoResponse, AdminProhibited] {
            assert_eq!(counted(truth, SynAck), one(1), "{truth:?} called open");
        }
        assert_eq!(counted(ConnRefused, ConnRefused), nothing);
        for truth in [SynAck, NoResponse, AdminProhibited] {
            assert_eq!(
                counted(truth, ConnRefused),
                one(2),
                "{truth:?} called closed"
            );
        }
        for truth in [SynAck, ConnRefused] {
            assert_eq!(
                counted(truth, NoResponse),
                one(3),
                "{truth:?} called filtered"
            );
        }
        // A rejected port whose host has no ICMP error left is filtered all the same.
        assert_eq!(counted(AdminProhibited, NoResponse), nothing);
        assert_eq!(counted(NoResponse, NoResponse), [0, 0, 0, 0, 0, 3]);
        for truth in [SynAck, ConnRefused, NoResponse, AdminProhibited] {
            assert_eq!(counted(truth, HostBanned), one(4));
        }
    }
}
