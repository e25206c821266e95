//! One rule while it is judged: what does not hold is kept by what is asked and said alike, the worst first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use picaporte_core::PortSet;
use picaporte_diff::{HostId, Said};

use crate::answers::{Answer, Counted, Finding, Gap, Ruled, Which};
use crate::policy::Demand;
use crate::services::{Listening, Seen, Want};

/// What is asked and said alike, the worst first.
type Key = (Reverse<Answer>, Demand, Said, PortSet);

/// What listens alike and is not what is wanted, the worst first.
type Heard = (Reverse<Answer>, usize, Seen, PortSet);

/// One rule while it is judged.
#[derive(Default)]
pub(super) struct Draft<'a> {
    pub(super) hosts: u64,
    pub(super) ports: Counted,
    findings: BTreeMap<Key, Vec<&'a HostId>>,
    listening: BTreeMap<Heard, Vec<&'a HostId>>,
    /// Those of its names that the scan knows.
    pub(super) known: BTreeSet<usize>,
}

impl<'a> Draft<'a> {
    /// Notes ports of a host that do not do what is demanded of them.
    pub(super) fn find(
        &mut self,
        answer: Answer,
        demand: Demand,
        said: Said,
        ports: PortSet,
        host: &'a HostId,
    ) {
        let key = (Reverse(answer), demand, said, ports);
        self.findings.entry(key).or_default().push(host);
    }

    /// Notes ports of a host on which something else listens than the want of this number asks for.
    pub(super) fn hear(
        &mut self,
        answer: Answer,
        want: usize,
        seen: Seen,
        ports: PortSet,
        host: &'a HostId,
    ) {
        let key = (Reverse(answer), want, seen, ports);
        self.listening.entry(key).or_default().push(host);
    }

    /// What all of it comes to; `wants` are those of the rule.
    pub(super) fn ruled(self, which: Which, wants: &'a [Want], gaps: Vec<Gap>) -> Ruled<'a> {
        let finding = |((answer, demand, said, ports), hosts): (Key, Vec<_>)| Finding {
            answer: answer.0,
            demand,
            said,
            ports,
            hosts,
        };
        let findings: Vec<_> = self.findings.into_iter().map(finding).collect();
        let listening = |((answer, want, seen, ports), hosts): (Heard, Vec<_>)| Listening {
            answer: answer.0,
            want: &wants[want],
            seen,
            ports,
            hosts,
        };
        let listening: Vec<_> = self.listening.into_iter().map(listening).collect();
        let answers = findings.iter().map(|finding| finding.answer);
        let worst = answers
            .chain(listening.iter().map(|heard| heard.answer))
            .max();
        let gap = (!gaps.is_empty()).then_some(Answer::CannotTell);
        Ruled {
            which,
            answer: worst.max(gap).unwrap_or(Answer::Holds),
            hosts: self.hosts,
            ports: self.ports,
            findings,
            listening,
            gaps,
        }
    }
}
