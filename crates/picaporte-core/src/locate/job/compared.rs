//! Which other ports of the host are held against the one in question: how far away the host is must come from them.

use super::super::located::Answer;
use super::super::returns::{self, Return};
use super::super::trace::Trace;
use super::{COMPARED, COMPARED_AFTER, Job, Wish};

/// Ports to be located later that are asked before whether they answer.
const SURVEYED: usize = 8;

impl Job {
    /// Which other ports answer, a few at a time, until one is known that accepts and one that resets. Those that
    /// are to be located later come first: whoever named them may know what they do.
    pub(super) fn survey(&self, wishes: &mut Vec<Wish>) {
        let of = |i: usize, kind| self.traces[i].answer == Some(kind) && !self.is_in_front(i);
        let knows = |kind: Answer| self.others().any(|i| of(i, kind));
        if knows(Answer::Accepted) && knows(Answer::Reset) {
            return;
        }
        let named = self.others().filter(|&i| i < self.wanted).take(SURVEYED);
        let added = self.others().filter(|&i| i >= self.wanted);
        let flying = self.others().filter(|&i| self.traces[i].full().flying > 0);
        let mut due = Vec::new();
        for other in named.chain(added) {
            self.without_limit(other, COMPARED_AFTER, &mut due);
        }
        due.truncate(COMPARED.saturating_sub(flying.count()));
        wishes.append(&mut due);
    }

    /// Every port but the one in question.
    pub(super) fn others(&self) -> impl Iterator<Item = usize> {
        (0..self.traces.len()).filter(|&i| i != self.current)
    }

    /// Whether another port is answered from farther away, so that this one tells nothing of the host.
    fn is_in_front(&self, at: usize) -> bool {
        let Some(answer) = self.traces[at].lowest_answer() else {
            return false;
        };
        let farthest = self.traces.iter().filter_map(Trace::lowest_answer).max();
        let nearer = answer > 1 && returns::of(&self.traces[at], answer) == Return::Nearer;
        nearer || farthest > Some(answer)
    }

    /// The ports that are held against the one in question: one of each kind of answer, those first that
    /// were traced before.
    pub(in crate::locate) fn compared(&self) -> Vec<usize> {
        let of = |kind: fn(&Trace) -> bool| {
            let mut fit = self.others().filter(|&i| kind(&self.traces[i]));
            fit.find(|&i| !self.is_in_front(i))
        };
        let accepts = of(|t| t.answer == Some(Answer::Accepted));
        let resets = of(|t| t.answer == Some(Answer::Reset));
        let rejects = of(|t| matches!(t.answer, Some(Answer::Rejected(_))));
        let silent = of(|t| t.is_silent(COMPARED_AFTER));
        let mut all: Vec<usize> = accepts.into_iter().chain(resets).chain(rejects).collect();
        all.truncate(COMPARED);
        if all.is_empty() {
            all.extend(silent);
        }
        all
    }
}
