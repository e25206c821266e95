//! Canaries are asked when a host's first port is open, and whenever more were accepted than refused. What is open there is told when they have had their say, or 1 s later.

use super::{Report, Scan, Step};
use crate::canary::{CANARIES, FEWEST_PORTS, Said};
use crate::flight::{Purpose, Slot};
use crate::grade::{Grade, Suspicion};
use crate::host::Host;
use crate::time::{Duration, Instant};
use crate::verdict::{Reason, Verdict};

/// How often a canary is asked that does not answer.
const ASKS: u8 = 2;
/// The longest wait for one answer, and when no second attempt begins any more: both together stay within 1 s.
const LONGEST: Duration = Duration::from_millis(450);
const LAST_BEGIN: Duration = Duration::from_millis(500);

/// How far it is found out whether a host answers everything.
#[derive(Clone, Debug, Default)]
pub(crate) enum Canaries {
    /// No port of it is open.
    #[default]
    Unasked,
    /// They are being asked.
    Asked(Box<Asked>),
    /// It does, or does not.
    Known(bool),
}

/// While canaries are being asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    began: Instant,
    /// Those to be asked next, and how often each was.
    waiting: Vec<(u16, u8)>,
    /// How many are under way.
    open: u8,
    said: Said,
    /// Open ports that are told when this is over.
    kept: Vec<Verdict>,
}

/// Ports of the plan that were refused stand for canaries: a host that answers everything refuses none, or few. So in a host of which
/// most ports are closed none is asked, and its open ports are told at once.
fn refuses_enough(host: &Host) -> bool {
    let refused = host.count(Reason::ConnRefused);
    refused >= CANARIES as u32 && refused > host.count(Reason::SynAck)
}

impl Canaries {
    /// Whether one is to be asked now.
    pub(crate) fn wants(&self) -> bool {
        matches!(self, Self::Asked(asked) if !asked.waiting.is_empty())
    }

    /// Whether the host answers everything, as far as is known.
    pub(crate) fn is_fake(&self) -> bool {
        matches!(self, Self::Known(true))
    }
}

impl Scan {
    /// A port of this host is open: its canaries are asked, if they have not been.
    pub(super) fn want_canaries(&mut self, now: Instant, id: u32) {
        let ports = &self.plan.settings().canaries;
        let host = self.hosts.at(id);
        if !matches!(host.canaries, Canaries::Unasked) || refuses_enough(host) {
            return;
        }
        if ports.is_empty() || host.share.count < FEWEST_PORTS || self.stopping.is_some() {
            host.canaries = Canaries::Known(false);
            return;
        }
        host.canaries = Canaries::Asked(Box::new(Asked {
            began: now,
            waiting: ports.iter().map(|&port| (port, 0)).collect(),
            open: 0,
            said: Said::default(),
            kept: Vec::new(),
        }));
        self.queue_control(now, id);
    }

    /// The next canary of this host, if one is to be asked.
    pub(super) fn canary(&mut self, now: Instant, id: u32) -> Option<Step> {
        let Canaries::Asked(asked) = &mut self.hosts.at(id).canaries else {
            return None;
        };
        let (port, times) = asked.waiting.pop()?;
        asked.open += 1;
        let mut slot = Slot::extra(Purpose::Canary, id, port, times + 1, now);
        slot.round = self.path.round();
        let step = self.send(now, slot);
        if let Step::Connect { id: probe, .. } = &step {
            let timeout = self.timeout_of(id).min(LONGEST);
            self.flight.postpone(probe.slot, now + timeout);
        }
        self.queue_control(now, id);
        Some(step)
    }

    /// A canary was answered.
    pub(super) fn canary_answered(&mut self, id: u32, accepted: bool) {
        if let Canaries::Asked(asked) = &mut self.hosts.at(id).canaries {
            asked.open -= 1;
            asked.said.accepted += u8::from(accepted);
            asked.said.refused += u8::from(!accepted);
        }
        self.conclude_canaries(id);
    }

    /// A canary was not answered, or could not be asked.
    pub(super) fn canary_silent(&mut self, now: Instant, s: &Slot) {
        let stops = self.stopping.is_some() || self.hosts.at(s.host).stop.is_some();
        if let Canaries::Asked(asked) = &mut self.hosts.at(s.host).canaries {
            asked.open -= 1;
            let again = s.attempt < ASKS && now.since(asked.began) < LAST_BEGIN;
            if again && !stops {
                asked.waiting.push((s.wire, s.attempt));
                self.queue_control(now, s.host);
                return;
            }
        }
        self.conclude_canaries(s.host);
    }

    /// If all canaries have had their say, or one was refused, what was kept is told.
    fn conclude_canaries(&mut self, id: u32) {
        let host = self.hosts.at(id);
        let Canaries::Asked(asked) = &host.canaries else {
            return;
        };
        let over = asked.open == 0 && asked.waiting.is_empty() || asked.said.refused > 0;
        if over {
            self.end_canaries(id);
        }
    }

    /// What was kept is told, with what is known by now.
    pub(super) fn end_canaries(&mut self, id: u32) {
        let host = self.hosts.at(id);
        let canaries = std::mem::replace(&mut host.canaries, Canaries::Known(false));
        let Canaries::Asked(asked) = canaries else {
            host.canaries = canaries;
            return;
        };
        host.canaries = Canaries::Known(asked.said.is_fake());
        for verdict in asked.kept {
            self.tell_open(id, verdict);
        }
    }

    /// An open port is decided and closed: it is told, at once or when the canaries have had their say.
    pub(super) fn found_open(&mut self, s: &Slot, verdict: Verdict) {
        match &mut self.hosts.at(s.host).canaries {
            Canaries::Asked(asked) => asked.kept.push(verdict),
            _ => self.tell_open(s.host, verdict),
        }
    }

    fn tell_open(&mut self, id: u32, mut verdict: Verdict) {
        let host = self.hosts.at(id);
        if host.canaries.is_fake() && verdict.evidence.grade.is_some() {
            verdict.evidence.grade = Some(Grade::Suspect(Suspicion::AnswersEverything));
        }
        if !self.doubts(id, &verdict) {
            self.tell(id, verdict);
        }
    }

    /// Nothing more will be found out about this open port.
    pub(super) fn tell(&mut self, id: u32, verdict: Verdict) {
        let host = self.hosts.at(id);
        let grade = verdict.evidence.grade;
        host.seen.get_or_insert_default().graded.add(grade);
        let index = host.share.index;
        self.tally.graded.add(grade);
        self.note_open(index, verdict.port, grade);
        if self.plan.settings().show.contains(verdict.state()) {
            self.reports.push_back(Report::Port(verdict));
        }
    }
}
