//! What listens on a host's ports, held against what a rule wants there.

use std::collections::BTreeMap;

use picaporte_core::PortSet;
use picaporte_diff::{Said, Service, Snapshot};

use super::{Judging, One};
use crate::answers::{Answer, Which};
use crate::policy::{Demand, Rule};
use crate::services::{Seen, Wanted, judge_service};
use crate::sets::common;

impl<'a> Judging<'a> {
    /// Holds what listens on ports of one host against every want of a rule.
    pub(super) fn wants(&mut self, one: &One<'a>, at: usize) {
        let rule = &self.policy.rules[at];
        if rule.wants.is_empty() {
            return;
        }
        let heard = Heard::new(rule, one, self.scan);
        for (number, want) in rule.wants.iter().enumerate() {
            for ((answer, seen), ports) in heard.against(&want.wanted) {
                if answer == Answer::Holds {
                    continue;
                }
                let kept = self.except(one, Which::Rule(at), answer, ports);
                if !kept.is_empty() {
                    self.drafts[at].hear(answer, number, seen, kept, one.id);
                }
            }
        }
    }
}

/// What is known of the ports of one host on which a rule wants something.
struct Heard<'a> {
    /// Those that are open and were asked.
    told: Vec<(u16, &'a Service)>,
    /// Those of which nobody knows what listens there, or whether anything does.
    untold: PortSet,
}

impl<'a> Heard<'a> {
    fn new(rule: &Rule, one: &One<'a>, scan: &'a Snapshot) -> Self {
        let named = |demand| rule.named(demand).cloned().unwrap_or_default();
        let (must, may) = (named(Demand::Must), named(Demand::May));
        let open = common(&must.union(&may), one.host.of(Said::Open));
        let services = scan.services(one.host);
        let told: Vec<_> = services.filter(|(port, _)| open.contains(*port)).collect();
        let unasked = open.minus(&PortSet::from_ports(told.iter().map(|(port, _)| *port)));
        Self {
            told,
            // That a port that must be open may not be is told by the demand itself.
            untold: unasked.union(&common(&may, &undecided(one))),
        }
    }

    /// The ports by what they say to this want.
    fn against(&self, wanted: &Wanted) -> BTreeMap<(Answer, Seen), PortSet> {
        let mut said: BTreeMap<_, Vec<u16>> = BTreeMap::new();
        for (port, service) in &self.told {
            let answer = judge_service(wanted, Some(service));
            said.entry(answer).or_default().push(*port);
        }
        let said = said.into_iter();
        let mut said: BTreeMap<_, _> = said
            .map(|(answer, ports)| (answer, PortSet::from_ports(ports)))
            .collect();
        let untold: &mut PortSet = said.entry(judge_service(wanted, None)).or_default();
        *untold = untold.union(&self.untold);
        said
    }
}

/// Ports of which nobody knows whether they are open.
fn undecided(one: &One<'_>) -> PortSet {
    let known = [Said::Open, Said::Closed, Said::Filtered];
    let known = known.into_iter().map(|said| one.host.of(said));
    known.fold(PortSet::all(), |left, known| left.minus(known))
}
