//! Holds a scan against a policy. The rule for each demand and word stands in [`judge`]; docs/check.md has it as a table that a
//! test makes.

mod draft;
mod gaps;
mod wants;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use picaporte_core::PortSet;
use picaporte_diff::{Host, HostId, Said, Snapshot};

use crate::answers::{Answer, Answers, Contradiction, Excepted, Gap, Which};
use crate::hosts::{Hosts, Known, Scanned};
use crate::policy::{Demand, Filtered, Policy, Ports, Rule};
use crate::sets::common;
use draft::Draft;

/// What one port says to one demand.
pub const fn judge(demand: Demand, said: Said, filtered: Filtered) -> Answer {
    match (demand, said) {
        (Demand::May, _) | (Demand::Must, Said::Open) | (Demand::MustNot, Said::Closed) => {
            Answer::Holds
        }
        (Demand::Must, Said::Closed) | (Demand::MustNot, Said::Open) => Answer::Violated,
        (Demand::MustNot, Said::Filtered) => match filtered {
            Filtered::Holds => Answer::Holds,
            Filtered::CannotTell => Answer::CannotTell,
        },
        (Demand::Must, Said::Filtered) | (_, Said::Untested | Said::Undecided | Said::Absent) => {
            Answer::CannotTell
        }
    }
}

/// What a scan says to a policy on a day, after whose end exceptions count no more that last until it.
pub fn check<'a>(policy: &'a Policy, scan: &'a Snapshot, today: Date) -> Answers<'a> {
    let mut judging = Judging::new(policy, scan, today);
    for (id, host) in scan.hosts() {
        judging.host(id, host);
    }
    judging.finish()
}

struct Judging<'a> {
    policy: &'a Policy,
    scan: &'a Snapshot,
    today: Date,
    /// Those of the rules, and at last that of what holds otherwise.
    drafts: Vec<Draft<'a>>,
    exceptions: Vec<Excepted>,
    /// Those of the exceptions' names that the scan knows.
    excepted_names: Vec<BTreeSet<usize>>,
    contradictions: BTreeMap<(usize, usize), (&'a HostId, PortSet)>,
    scanned: Scanned,
}

impl<'a> Judging<'a> {
    fn new(policy: &'a Policy, scan: &'a Snapshot, today: Date) -> Self {
        let drafts = std::iter::repeat_with(Draft::default);
        let exceptions = policy.exceptions.iter().enumerate();
        let exceptions = exceptions.map(|(exception, what)| Excepted {
            exception,
            expired: what.is_expired(today),
            violated: 0,
            cannot_tell: 0,
            hosts_missing: false,
        });
        Self {
            policy,
            scan,
            today,
            drafts: drafts.take(policy.rules.len() + 1).collect(),
            exceptions: exceptions.collect(),
            excepted_names: vec![BTreeSet::new(); policy.exceptions.len()],
            contradictions: BTreeMap::new(),
            scanned: Scanned::default(),
        }
    }

    fn host(&mut self, id: &'a HostId, host: &'a Host) {
        let known = Known::new(id, host, &self.policy.zones);
        self.scanned.add(&known);
        let rules = &self.policy.rules;
        let here: Vec<usize> = (0..rules.len())
            .filter(|&at| rules[at].hosts.has(&known))
            .collect();
        self.remember_names(&here, &known);
        let exceptions = self.policy.exceptions.iter().enumerate();
        let exceptions = exceptions.filter(|(_, exception)| exception.hosts.has(&known));
        let one = One {
            id,
            host,
            mentioned: host.mentioned(),
            exceptions: exceptions.map(|(at, _)| at).collect(),
        };
        let lets = all(rules, &here, &[Demand::Must, Demand::May]);
        let forbids = all(rules, &here, &[Demand::MustNot]);
        if !common(&lets, &forbids).is_empty() {
            self.contradict(&one, &here);
        }
        for &at in &here {
            self.rule(&one, at, &lets);
        }
        // What a rule calls its rest, it speaks of.
        if !here.iter().any(|&at| rules[at].has_rest()) {
            let spoken_of = lets.union(&forbids);
            let ports = one.mentioned.minus(&spoken_of);
            let demand = self.policy.otherwise.demand();
            self.drafts[rules.len()].hosts += 1;
            self.demand(&one, Which::Otherwise, demand, &ports);
        }
    }

    fn rule(&mut self, one: &One<'a>, at: usize, lets: &PortSet) {
        self.drafts[at].hosts += 1;
        for ask in &self.policy.rules[at].asks {
            let rest;
            let ports = match &ask.ports {
                Ports::These(ports) => ports,
                Ports::Rest => {
                    rest = PortSet::all().minus(lets);
                    &rest
                }
            };
            self.demand(one, Which::Rule(at), ask.demand, ports);
        }
        self.wants(one, at);
    }

    /// Holds ports of one host against one demand.
    fn demand(&mut self, one: &One<'a>, which: Which, demand: Demand, ports: &PortSet) {
        for said in Said::ALL {
            let those = match said {
                Said::Absent => ports.minus(&one.mentioned),
                said => common(ports, one.host.of(said)),
            };
            if those.is_empty() {
                continue;
            }
            let all = those.len();
            let answer = judge(demand, said, self.policy.filtered);
            let kept = match answer {
                Answer::Holds => those,
                Answer::CannotTell | Answer::Violated => self.except(one, which, answer, those),
            };
            let draft = self.draft(which);
            draft.ports.add(answer, kept.len());
            draft.ports.excepted += u64::from(all - kept.len());
            if answer != Answer::Holds && !kept.is_empty() {
                draft.find(answer, demand, said, kept, one.id);
            }
        }
    }

    /// The ports that no exception is about which counts today.
    fn except(&mut self, one: &One<'a>, which: Which, answer: Answer, ports: PortSet) -> PortSet {
        let mut kept = ports.clone();
        for &at in &one.exceptions {
            let exception = &self.policy.exceptions[at];
            if exception.of.is_some_and(|of| of != which) {
                continue;
            }
            let about = common(&ports, &exception.ports);
            let excepted = &mut self.exceptions[at];
            if answer == Answer::Violated {
                excepted.violated += u64::from(about.len());
            } else {
                excepted.cannot_tell += u64::from(about.len());
            }
            if !excepted.expired {
                kept = kept.minus(&about);
            }
        }
        kept
    }

    fn draft(&mut self, which: Which) -> &mut Draft<'a> {
        let at = match which {
            Which::Rule(at) => at,
            Which::Otherwise => self.policy.rules.len(),
        };
        &mut self.drafts[at]
    }

    fn remember_names(&mut self, here: &[usize], host: &Known) {
        for &at in here {
            remember(
                &mut self.drafts[at].known,
                &self.policy.rules[at].hosts,
                host,
            );
        }
        for (exception, known) in self.policy.exceptions.iter().zip(&mut self.excepted_names) {
            remember(known, &exception.hosts, host);
        }
    }

    /// Every pair of rules that ask the opposite of the same port.
    fn contradict(&mut self, one: &One<'a>, here: &[usize]) {
        let rules = &self.policy.rules;
        for &lets in here {
            let open = all(rules, &[lets], &[Demand::Must, Demand::May]);
            for &forbids in here {
                let both = common(&open, &all(rules, &[forbids], &[Demand::MustNot]));
                if !both.is_empty() {
                    let entry = self.contradictions.entry((lets, forbids));
                    entry.or_insert((one.id, both));
                }
            }
        }
    }

    fn finish(mut self) -> Answers<'a> {
        let scanned = self.scanned.merged();
        let policy = self.policy;
        for (at, exception) in policy.exceptions.iter().enumerate() {
            let missing = exception.hosts.missing(&scanned, Gap::FEW).count > 0;
            let unknown = self.excepted_names[at].len() < exception.hosts.names.len();
            self.exceptions[at].hosts_missing = missing || unknown;
        }
        let numbers = (0..policy.rules.len()).map(Which::Rule);
        let whiches = numbers.chain(std::iter::once(Which::Otherwise));
        let rules = whiches.zip(self.drafts).map(|(which, draft)| match which {
            Which::Rule(at) => {
                let rule = &policy.rules[at];
                let gaps = gaps::of(policy, rule, &draft.known, &scanned);
                draft.ruled(which, &rule.wants, gaps)
            }
            Which::Otherwise => draft.ruled(which, &[], gaps::unnamed(policy, &self.scan.about)),
        });
        let contradiction = |((lets, forbids), (host, ports))| Contradiction {
            lets,
            forbids,
            host,
            ports,
        };
        Answers {
            today: self.today,
            rules: rules.collect(),
            exceptions: self.exceptions,
            contradictions: self.contradictions.into_iter().map(contradiction).collect(),
        }
    }
}

/// One host while it is judged.
struct One<'a> {
    id: &'a HostId,
    host: &'a Host,
    mentioned: PortSet,
    /// Those that are about it.
    exceptions: Vec<usize>,
}

/// Notes by which of their names the scan knows hosts.
fn remember(known: &mut BTreeSet<usize>, hosts: &Hosts, host: &Known) {
    let names = host.names().iter();
    known.extend(names.filter_map(|name| hosts.names.binary_search(name).ok()));
}

/// The ports of these demands of these rules, as far as they are named one by one.
fn all(rules: &[Rule], which: &[usize], demands: &[Demand]) -> PortSet {
    let sets = which.iter().flat_map(|&at| {
        let rule = &rules[at];
        demands.iter().filter_map(|&demand| rule.named(demand))
    });
    sets.fold(PortSet::empty(), |all, set| all.union(set))
}
