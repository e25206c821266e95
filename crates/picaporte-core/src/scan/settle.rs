//! From outcomes to verdicts: what each answer, and each silence, means for its port.

use super::control::LOOK_AGAIN;
use super::{Report, Scan};
use crate::flight::{Phase, Purpose, Slot};
use crate::grade::{Ending, Peer};
use crate::hearing::Judgement;
use crate::host::Retry;
use crate::link::NONE;
use crate::outcome::{Outcome, ProbeId};
use crate::policy::first_of_part;
use crate::time::{Duration, Instant};
use crate::timing::REST;
use crate::verdict::{Evidence, Reason, State, Verdict, icmp_reason};

/// How long after it was sent an attempt is held at most. A SYN or SYN-ACK that was lost is sent
/// again after 1 s and 3 s (RFC 6298); later answers are hardly ever seen, and the host waits.
const HOLD: Duration = Duration::from_secs(4);
/// How long before the system would send a SYN again an attempt is given up.
const BEFORE_RETRANSMIT: Duration = Duration::from_millis(50);
/// A port that was asked so often in vain, at times that proved nothing, is left: its host does not bear being asked.
const MOST_ASKED: u8 = 200;

/// What an answer says about a port.
pub(super) struct Answer {
    pub reason: Reason,
    pub rtt: Option<Duration>,
    pub evidence: Evidence,
}

impl Answer {
    pub(super) fn new(reason: Reason, rtt: Option<Duration>) -> Self {
        Self {
            reason,
            rtt,
            evidence: Evidence::default(),
        }
    }

    /// Whether an ICMP error came.
    fn is_rejection(&self) -> bool {
        let filtered = self.reason.state() == State::Filtered;
        filtered && self.reason != Reason::NoResponse && !self.evidence.neighbour
    }

    fn no_neighbour() -> Self {
        let mut answer = Self::new(Reason::HostUnreach, None);
        answer.evidence.neighbour = true;
        answer
    }
}

impl Scan {
    pub(super) fn settle(&mut self, now: Instant, id: ProbeId, outcome: Outcome) {
        let Some(&slot) = self.flight.get(id) else {
            return;
        };
        // An answer here and now: the host may be done, and gone, before the next poll.
        if !matches!(outcome, Outcome::Local(_) | Outcome::OutOfScope) {
            self.confirm_launch();
        }
        self.charge(now, slot.host, outcome.retransmits());
        match (slot.phase, outcome) {
            (Phase::Closing, Outcome::Closed(ending)) => self.closed(now, id.slot, ending),
            // An open connection that fails otherwise was not watched to its end.
            (Phase::Closing, _) => self.closed(now, id.slot, Ending::UNSEEN),
            (
                _,
                Outcome::Connected {
                    rtt,
                    retransmits,
                    peer,
                },
            ) => self.connected(now, id.slot, rtt, retransmits, peer),
            (_, Outcome::Closed(_)) => self.silence(now, id.slot, 0),
            (_, Outcome::ConnectedThenReset { rtt, retransmits }) => {
                let mut answer = Answer::new(Reason::SynAck, rtt);
                answer.evidence.retransmits = retransmits;
                answer.evidence.ended(None, Ending::RESET);
                self.answered(now, id.slot, answer);
            }
            (
                _,
                Outcome::Refused { rtt, retransmits }
                | Outcome::RefusedSomehow { rtt, retransmits },
            ) => {
                let mut answer = Answer::new(Reason::ConnRefused, rtt);
                answer.evidence.retransmits = retransmits;
                answer.evidence.ambiguous = matches!(outcome, Outcome::RefusedSomehow { .. });
                self.answered(now, id.slot, answer);
            }
            (
                _,
                Outcome::Rejected {
                    icmp,
                    rtt,
                    retransmits,
                },
            ) => {
                let reason = icmp.as_ref().map_or(Reason::HostUnreach, icmp_reason);
                let mut answer = Answer::new(reason, rtt);
                (answer.evidence.icmp, answer.evidence.retransmits) = (icmp, retransmits);
                self.answered(now, id.slot, answer);
            }
            (_, Outcome::NoNeighbour) => {
                self.answered(now, id.slot, Answer::no_neighbour());
                if self.hosts.is_active(slot.host) {
                    self.no_neighbour(now, slot.host);
                }
            }
            (_, Outcome::SelfConnected) => self.unasked(now, id.slot),
            (_, Outcome::Aborted { retransmits }) => self.silence(now, id.slot, retransmits),
            (_, Outcome::Local(error)) => {
                self.unlaunch(id.slot);
                self.unasked(now, id.slot);
                self.local_failure(now, slot.host, error);
            }
            (_, Outcome::OutOfScope) => {
                self.unlaunch(id.slot);
                self.refused(now, id.slot);
            }
        }
    }

    /// An attempt's time is over: ask again later, or keep it while its slot is not needed.
    pub(super) fn deadline(&mut self, now: Instant, slot: u32) {
        let s = *self.flight.at(slot);
        if self.waited_in_vain(now, &s) {
            self.no_neighbour(now, s.host);
            return;
        }
        if let Some(until) = self.not_yet_judged(now, &s) {
            self.flight.postpone(slot, until);
            return;
        }
        let planned = s.purpose == Purpose::Planned;
        if planned && self.waits_for_path(now, &s) {
            self.flight.postpone(slot, now + LOOK_AGAIN);
            return;
        }
        match s.purpose {
            Purpose::Planned => {}
            Purpose::Control(kind) => self.control_silent(now, &s, kind),
            Purpose::Search | Purpose::Canary | Purpose::Second => {
                self.flight.at(slot).overdue = true;
                self.give_up(slot);
                return;
            }
        }
        let judgement = self.judge(now, &s);
        if planned && judgement == Judgement::Pending {
            self.want_control(now, s.host);
            // Without room for a control it makes some.
            if self.has_room(s.host) && now + LOOK_AGAIN < self.hold_limit(&s) {
                self.flight.postpone(slot, now + LOOK_AGAIN);
                return;
            }
        }
        let counted = s.counted + u8::from(judgement == Judgement::Proven);
        self.asked_no_more(s.host);
        let limit = self.hold_limit(&s);
        let host = self.hosts.at(s.host);
        let capped = host.open >= host.cap && host.has_work()
            || judgement == Judgement::Pending
            || planned && host.hearing.mute().is_some();
        self.flight.hold(slot, limit);
        self.hosts.at(s.host).held += 1;
        if limit <= now || capped || self.stopping.is_some() {
            // Its silence is settled when the engine has looked once more.
            self.give_up(slot);
        } else if planned && (counted == s.counted || counted < self.attempts_for(s.host)) {
            self.retry_while_held(now, slot, counted);
        }
        self.enqueue(s.host);
    }

    /// How long an attempt past its timeout is kept, at most: the system may send its SYN again,
    /// and the answer to that counts. Under a cap on the rate, also one that the host showed, those SYNs would break it; and while nothing
    /// comes back they are in vain.
    fn hold_limit(&mut self, s: &Slot) -> Instant {
        let pace = self.plan.settings().pace;
        let host = self.hosts.at(s.host);
        let narrow =
            self.window.is_limited() || self.networks.get(host.network).window.is_limited();
        let limited = host.throttle.is_some() || narrow || self.path.is_down();
        if pace.rate.is_some() || pace.host_rate.is_some() || limited {
            self.before_retransmit(s.sent)
        } else {
            s.sent + HOLD
        }
    }

    fn before_retransmit(&self, sent: Instant) -> Instant {
        sent + self.system.first_retransmit - BEFORE_RETRANSMIT
    }

    /// What was sent since `from` is lost: the system is not to send it again, as long as nothing comes back.
    pub(super) fn hold_no_longer(&mut self, now: Instant, from: Instant) {
        for slot in self.flight.all() {
            let s = *self.flight.at(slot);
            if s.phase == Phase::Held && s.sent > from {
                let limit = self.before_retransmit(s.sent).max(now);
                self.flight.postpone(slot, limit);
            }
        }
    }

    /// Asks the engine to look once more, and then to give the attempt up.
    pub(super) fn give_up(&mut self, slot: u32) {
        let s = *self.flight.at(slot);
        match s.phase {
            Phase::Asking => self.asked_no_more(s.host),
            Phase::Held => self.hosts.at(s.host).held -= 1,
            _ => return,
        }
        let id = self.flight.abort(slot);
        self.aborts.push_back(id);
    }

    /// Gives up the oldest held attempt of a host.
    pub(super) fn give_up_held_of(&mut self, host: u32) {
        if let Some(slot) = self.flight.held_of(host) {
            self.give_up(slot);
        }
    }

    /// The system would send the SYNs of what is held again, into a link that is too narrow already.
    pub(super) fn give_up_all_held(&mut self) {
        while let Some(slot) = self.flight.oldest_held() {
            self.give_up(slot);
        }
    }

    fn retry_while_held(&mut self, now: Instant, slot: u32, counted: u8) {
        let s = *self.flight.at(slot);
        if s.attempt >= MOST_ASKED {
            self.give_up(slot);
            return;
        }
        self.flight.at(slot).spare = true;
        let (host, twin) = (s.host, s.twin);
        let retry = again(now, &s, s.attempt, counted, s.retransmits);
        // At most one earlier attempt is held beside a later one.
        if twin != NONE {
            self.part_twins(slot);
            self.give_up(twin);
        }
        let held = self.flight.id(slot);
        self.rest(host, Retry { held, ..retry });
    }

    fn rest(&mut self, host: u32, retry: Retry) {
        self.hosts.at(host).retries.push_back(retry);
        self.enqueue(host);
    }

    /// The attempt ended without an answer.
    fn silence(&mut self, now: Instant, slot: u32, retransmits: u8) {
        let s = *self.flight.at(slot);
        let host = self.hosts.at(s.host);
        if !host.alive && host.missing.is_some_and(|at| at >= s.sent) {
            self.answered(now, slot, Answer::no_neighbour());
            return;
        }
        let total = s.retransmits.saturating_add(retransmits);
        let twin = self.part_twins(slot);
        self.release(slot);
        match s.purpose {
            Purpose::Canary => self.canary_silent(now, &s),
            Purpose::Second => self.heard_again(now, &s, None),
            Purpose::Search => self.search_silent(now, &s),
            Purpose::Planned if self.undecided(&s) && !s.spare => {
                self.silent_in_the_end(now, &s, twin, total);
            }
            Purpose::Planned if self.undecided(&s) && retransmits > 0 => {
                self.add_retransmits(&s, twin, retransmits);
            }
            Purpose::Planned | Purpose::Control(_) => {}
        }
        self.after(s.host);
    }

    /// An attempt that no other one follows yet ended in silence: another one, or the verdict.
    fn silent_in_the_end(&mut self, now: Instant, s: &Slot, twin: Option<u32>, retransmits: u8) {
        let counts = s.overdue && self.judge(now, s) == Judgement::Proven;
        let counted = s.counted + u8::from(counts);
        if counts && counted >= self.attempts_for(s.host) {
            self.decide_silent(now, s, twin, retransmits);
        } else if self.stopping.is_some() || self.hosts.at(s.host).stop.is_some() {
            // It stays undecided, and untested.
        } else if s.attempt >= MOST_ASKED {
            let answer = Answer::new(Reason::HostBanned, None);
            self.decide(now, s, answer);
        } else {
            // What the system still sends for an earlier attempt counts for the next one.
            let held = twin.map_or(Retry::NO_SLOT, |twin| self.flight.id(twin));
            let retry = again(now, s, s.attempt, counted, retransmits);
            self.rest(s.host, Retry { held, ..retry });
        }
    }

    /// The system's own SYNs of an attempt count for its port, whichever attempt decides it.
    fn add_retransmits(&mut self, s: &Slot, twin: Option<u32>, retransmits: u8) {
        if let Some(twin) = twin {
            let t = self.flight.at(twin);
            t.retransmits = t.retransmits.saturating_add(retransmits);
        } else if let Some(r) = self
            .hosts
            .at(s.host)
            .retries
            .iter_mut()
            .find(|r| r.port == s.port)
        {
            r.retransmits = r.retransmits.saturating_add(retransmits);
        }
    }

    /// Nobody answered the last attempt. If an earlier one is still held, its end decides.
    fn decide_silent(&mut self, now: Instant, s: &Slot, twin: Option<u32>, retransmits: u8) {
        if let Some(earlier) = twin {
            let slot = self.flight.at(earlier);
            (slot.spare, slot.overdue, slot.attempt) = (false, true, s.attempt);
            (slot.counted, slot.epoch) = (s.counted, s.epoch);
            slot.retransmits = slot.retransmits.saturating_add(retransmits);
            self.give_up(earlier);
            return;
        }
        let evidence = Evidence {
            retransmits,
            ..Evidence::default()
        };
        let answer = Answer {
            reason: Reason::NoResponse,
            rtt: None,
            evidence,
        };
        self.decide(now, s, answer);
    }

    /// A port was decided by an earlier attempt: its further one, if it rests, is stale. (By then
    /// that one may also be under way, so it has to be looked for; late answers are rare.)
    fn forget_retry(&mut self, s: &Slot) {
        if s.spare {
            let host = self.hosts.at(s.host);
            host.stale += host.retries.iter().filter(|r| r.port == s.port).count() as u32;
        }
    }

    pub(super) fn undecided(&mut self, s: &Slot) -> bool {
        !s.is_extra() && !self.hosts.at(s.host).decided.get(s.port)
    }

    /// An answer that ends the attempt.
    fn answered(&mut self, now: Instant, slot: u32, mut answer: Answer) {
        let s = *self.flight.at(slot);
        let twin = self.part_twins(slot);
        self.release(slot);
        self.learn_from(now, &s, &answer);
        if self.undecided(&s) {
            self.forget_retry(&s);
            answer.evidence.retransmits = answer.evidence.retransmits.saturating_add(s.retransmits);
            self.decide(now, &s, answer);
        }
        if let Some(twin) = twin {
            self.give_up(twin);
        }
        self.after(s.host);
    }

    fn connected(
        &mut self,
        now: Instant,
        slot: u32,
        rtt: Option<Duration>,
        retransmits: u8,
        peer: Option<Peer>,
    ) {
        let s = *self.flight.at(slot);
        let twin = self.part_twins(slot);
        self.leave_phase(&s);
        self.flight.close(slot);
        let mut answer = Answer::new(Reason::SynAck, rtt);
        answer.evidence.retransmits = retransmits;
        self.learn_from(now, &s, &answer);
        if self.undecided(&s) {
            self.forget_retry(&s);
            let kept = self.flight.at(slot);
            kept.reports = true;
            kept.peer = peer;
            kept.rtt = rtt.unwrap_or(Duration::MAX);
            kept.retransmits = s.retransmits.saturating_add(retransmits);
            self.hosts.at(s.host).decide(s.port, Reason::SynAck);
            self.tally.counts.add(Reason::SynAck);
            self.want_canaries(now, s.host);
            let (address, port) = self.endpoint(&s);
            self.reports.push_back(Report::Opened { address, port });
        }
        if let Some(twin) = twin {
            self.give_up(twin);
        }
        self.enqueue(s.host);
    }

    fn closed(&mut self, now: Instant, slot: u32, ending: Ending) {
        let s = *self.flight.at(slot);
        self.release(slot);
        let mut evidence = Evidence {
            retransmits: s.retransmits,
            ..Evidence::default()
        };
        evidence.ended(s.peer, ending);
        if s.purpose == Purpose::Second {
            self.heard_again(now, &s, Some(ending));
        }
        if s.reports {
            let rtt = (s.rtt != Duration::MAX).then_some(s.rtt);
            let verdict = self.verdict(
                now,
                &s,
                Answer {
                    reason: Reason::SynAck,
                    rtt,
                    evidence,
                },
            );
            self.found_open(&s, verdict);
        }
        self.after(s.host);
    }

    /// The attempt was none: nothing was asked. It does not count.
    fn unasked(&mut self, now: Instant, slot: u32) {
        let (mut s, _) = self.take_back(slot);
        s.attempt -= 1;
        match s.purpose {
            Purpose::Planned => {}
            Purpose::Control(kind) => {
                if let Some(hearing) = self.hosts.at(s.host).hearing.known() {
                    hearing.control_unasked(kind);
                }
            }
            Purpose::Search => self.search_again(&s),
            Purpose::Canary => self.canary_silent(now, &s),
            Purpose::Second => self.second_unasked(now, &s),
        }
        if !s.spare && self.undecided(&s) {
            let retry = again(now, &s, s.attempt, s.counted, s.retransmits);
            self.hosts.at(s.host).put_back(Retry {
                ready: now,
                ..retry
            });
        }
        self.after(s.host);
    }

    /// The slot of an attempt that was none, and its twin's.
    pub(super) fn take_back(&mut self, slot: u32) -> (Slot, Option<u32>) {
        let s = *self.flight.at(slot);
        let twin = self.part_twins(slot);
        self.release(slot);
        self.tally.attempts -= 1;
        self.tally.extra -= u64::from(s.is_extra());
        (s, twin)
    }

    pub(super) fn decide(&mut self, now: Instant, s: &Slot, answer: Answer) {
        let reason = answer.reason;
        let host = self.hosts.at(s.host);
        host.decide(s.port, reason);
        if answer.is_rejection() {
            let share = host.share;
            let first = s.number <= first_of_part(share.parts);
            let icmp = answer.evidence.icmp;
            let seen = host.seen.get_or_insert_default();
            seen.reject(s.port, share.count, first, icmp);
            self.note_rejected(share.index, first, icmp);
        }
        self.tally.counts.add(reason);
        if reason != Reason::SynAck {
            let index = self.hosts.at(s.host).share.index;
            self.note_decided(index, s.wire, reason);
        }
        if reason == Reason::SynAck {
            self.want_canaries(now, s.host);
            let (address, port) = self.endpoint(s);
            self.reports.push_front(Report::Opened { address, port });
            let verdict = self.verdict(now, s, answer);
            self.found_open(s, verdict);
        } else if self.plan.settings().show.contains(reason.state()) {
            let verdict = self.verdict(now, s, answer);
            self.reports.push_back(Report::Port(verdict));
        }
    }

    fn verdict(&mut self, now: Instant, s: &Slot, answer: Answer) -> Verdict {
        let (address, port) = self.endpoint(s);
        let Answer {
            reason,
            rtt,
            evidence,
        } = answer;
        Verdict {
            address,
            port,
            reason,
            rtt,
            attempts: s.attempt,
            at: now,
            evidence,
        }
    }

    fn endpoint(&mut self, s: &Slot) -> (crate::target::Address, u16) {
        (self.hosts.at(s.host).share.address, s.wire)
    }

    /// The two attempts at a port no longer know each other; gives the other one.
    fn part_twins(&mut self, slot: u32) -> Option<u32> {
        let twin = std::mem::replace(&mut self.flight.at(slot).twin, NONE);
        if twin == NONE {
            return None;
        }
        self.flight.at(twin).twin = NONE;
        Some(twin)
    }
}

/// The port of an attempt, to be asked again after a rest.
fn again(now: Instant, s: &Slot, attempts: u8, counted: u8, retransmits: u8) -> Retry {
    Retry {
        port: s.port,
        attempts,
        counted,
        retransmits,
        ready: now + REST,
        held: Retry::NO_SLOT,
    }
}
