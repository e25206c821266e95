//! Holds a scan against a policy. The rule for each demand and word stands in [`judge`]; docs/check.md has it as a table that a
//! test makes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use picaporte_core::PortSet;
use picaporte_diff::{About, Host, HostId, Note, Said, Service, Snapshot};

use crate::answers::{
    Answer, Answers, Contradiction, Counted, Excepted, Finding, Gap, Ruled, Which,
};
use crate::hosts::{Hosts, Known, Scanned, shown};
use crate::policy::{Demand, Filtered, Policy, Ports, Rule};
use crate::services::{Listening, Seen, judge_service};

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
    judging.finish(scan)
}

/// What is asked and said alike, the worst first.
type Key = (std::cmp::Reverse<Answer>, Demand, Said, PortSet);

/// What listens alike and is not what is wanted, the worst first.
type Heard = (std::cmp::Reverse<Answer>, usize, Seen, PortSet);

/// One rule while it is judged.
#[derive(Default)]
struct Draft<'a> {
    hosts: u64,
    ports: Counted,
    findings: BTreeMap<Key, Vec<&'a HostId>>,
    listening: BTreeMap<Heard, Vec<&'a HostId>>,
    /// Those of its names that the scan knows.
    known: BTreeSet<usize>,
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
        for want in 0..self.policy.rules[at].wants.len() {
            self.want(one, at, want);
        }
    }

    /// Holds what listens on ports of one host against one want.
    fn want(&mut self, one: &One<'a>, at: usize, want: usize) {
        let rule = &self.policy.rules[at];
        let named = |demand| rule.named(demand).cloned().unwrap_or_default();
        let (must, may) = (named(Demand::Must), named(Demand::May));
        let open = common(&must.union(&may), one.host.of(Said::Open));
        let told: BTreeMap<u16, &Service> = self.scan.services(one.host).collect();
        let mut heard: BTreeMap<(Answer, Seen), Vec<u16>> = BTreeMap::new();
        for port in open.iter() {
            let service = told.get(&port).copied();
            let answer = judge_service(&rule.wants[want].wanted, service);
            heard.entry(answer).or_default().push(port);
        }
        // That a port that must be open may not be is told by the demand itself.
        for port in common(&may, &undecided(one)).iter() {
            let untold = (Answer::CannotTell, Seen::Untold);
            heard.entry(untold).or_default().push(port);
        }
        for ((answer, seen), ports) in heard {
            if answer == Answer::Holds {
                continue;
            }
            let ports = PortSet::from_ports(ports);
            let kept = self.except(one, Which::Rule(at), answer, ports);
            if !kept.is_empty() {
                let key = (std::cmp::Reverse(answer), want, seen, kept);
                let heard = &mut self.drafts[at].listening;
                heard.entry(key).or_default().push(one.id);
            }
        }
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
                let key = (std::cmp::Reverse(answer), demand, said, kept);
                draft.findings.entry(key).or_default().push(one.id);
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

    fn finish(mut self, scan: &'a Snapshot) -> Answers<'a> {
        let scanned = self.scanned.merged();
        let policy = self.policy;
        for (at, exception) in policy.exceptions.iter().enumerate() {
            let missing = exception.hosts.missing(&scanned, Gap::FEW).count > 0;
            let unknown = self.excepted_names[at].len() < exception.hosts.names.len();
            self.exceptions[at].hosts_missing = missing || unknown;
        }
        let numbers = (0..policy.rules.len()).map(Which::Rule);
        let whiches = numbers.chain(std::iter::once(Which::Otherwise));
        let rules = whiches.zip(self.drafts).map(|(which, draft)| {
            let gaps = match which {
                Which::Rule(at) => gaps(policy, &policy.rules[at], &draft, &scanned),
                Which::Otherwise => unnamed(policy, &scan.about),
            };
            ruled(which, draft, gaps)
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

/// Ports of which nobody knows whether they are open.
fn undecided(one: &One<'_>) -> PortSet {
    let known = [Said::Open, Said::Closed, Said::Filtered];
    let known = known.into_iter().map(|said| one.host.of(said));
    known.fold(PortSet::all(), |left, known| left.minus(known))
}

/// Notes by which of their names the scan knows hosts.
fn remember(known: &mut BTreeSet<usize>, hosts: &Hosts, host: &Known) {
    let names = host.names().iter();
    known.extend(names.filter_map(|name| hosts.names.binary_search(name).ok()));
}

/// What all of a rule comes to.
fn ruled(which: Which, draft: Draft<'_>, gaps: Vec<Gap>) -> Ruled<'_> {
    let finding = |((answer, demand, said, ports), hosts): (Key, Vec<_>)| Finding {
        answer: answer.0,
        demand,
        said,
        ports,
        hosts,
    };
    let findings: Vec<_> = draft.findings.into_iter().map(finding).collect();
    let listening = |((answer, want, seen, ports), hosts): (Heard, Vec<_>)| Listening {
        answer: answer.0,
        want,
        seen,
        ports,
        hosts,
    };
    let listening: Vec<_> = draft.listening.into_iter().map(listening).collect();
    let answers = findings.iter().map(|finding| finding.answer);
    let worst = answers
        .chain(listening.iter().map(|heard| heard.answer))
        .max();
    let gap = (!gaps.is_empty()).then_some(Answer::CannotTell);
    Ruled {
        which,
        answer: worst.max(gap).unwrap_or(Answer::Holds),
        hosts: draft.hosts,
        ports: draft.ports,
        findings,
        listening,
        gaps,
    }
}

/// What of a rule's hosts the scan does not speak of.
fn gaps(policy: &Policy, rule: &Rule, draft: &Draft<'_>, scanned: &Scanned) -> Vec<Gap> {
    if !rule.demands() {
        return Vec::new();
    }
    let mut gaps = Vec::new();
    let missing = rule.hosts.missing(scanned, Gap::FEW);
    if missing.count > 0 {
        let first = missing.first.iter();
        gaps.push(Gap::Addresses {
            count: missing.count,
            first: first.map(|range| shown(range, &policy.zones)).collect(),
            more: missing.ranges > missing.first.len(),
        });
    }
    let names = rule.hosts.names.iter().enumerate();
    let unknown = names.filter(|(at, _)| !draft.known.contains(at));
    let unknown: Vec<String> = unknown.map(|(_, name)| name.clone()).collect();
    if !unknown.is_empty() {
        gaps.push(Gap::Names(unknown));
    }
    gaps
}

/// Whether there is more than the scan names, of which rules can't be told to hold that speak of everything.
fn unnamed(policy: &Policy, about: &About) -> Vec<Gap> {
    let leaves_out = |note: &Note| {
        matches!(
            note,
            Note::Cut(_)
                | Note::Unnamed(_)
                | Note::DownUnnamed(_)
                | Note::NoAddress(_)
                | Note::Failed
        )
    };
    let demands = policy.otherwise.demand() != Demand::May;
    if demands && about.notes.iter().any(leaves_out) {
        return vec![Gap::Unnamed];
    }
    Vec::new()
}

/// The ports of these demands of these rules, as far as they are named one by one.
fn all(rules: &[Rule], which: &[usize], demands: &[Demand]) -> PortSet {
    let sets = which.iter().flat_map(|&at| {
        let rule = &rules[at];
        demands.iter().filter_map(|&demand| rule.named(demand))
    });
    sets.fold(PortSet::empty(), |all, set| all.union(set))
}

/// The ports that are in both.
pub(crate) fn common(a: &PortSet, b: &PortSet) -> PortSet {
    if a.is_empty() || b.is_empty() {
        return PortSet::empty();
    }
    a.minus(&a.minus(b))
}
