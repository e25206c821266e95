//! What answers teach: round trips, windows, loss, and how often a silent port is asked.

use super::Scan;
use super::settle::Answer;
use crate::flight::{Purpose, Slot};
use crate::grade::Ending;
use crate::hearing::{Judgement, Kind};
use crate::time::{Duration, Instant};
use crate::timing::{self, FIRST, FLOOR, Loss, MIN_ATTEMPTS};
use crate::verdict::Reason;

/// The most hosts of which one exchange tells the other parts.
const MAX_NEWS: usize = 64;
/// Where a limit is met and nearly every port answers, the few silent ones are asked so many times more: the loss that the limit makes
/// is another one in each second than what was measured.
const FOR_LIMITS: u8 = 4;
/// Where the path itself showed a limit, each silent port is asked so many times more.
const FOR_PATH: u8 = 2;
/// So many SYNs to other hosts must have been answered, or lost, before their loss says something of this one.
const ENOUGH_ELSEWHERE: u64 = 200;

impl Scan {
    /// The timeout of an attempt at this host, now.
    pub(super) fn timeout_of(&mut self, id: u32) -> Duration {
        if let Some(fixed) = self.plan.settings().timeout {
            return fixed;
        }
        let scan = self.all_rtt();
        let host = self.hosts.at(id);
        timing::timeout(&host.rtt, &self.networks.get(host.network).rtt, &scan)
    }

    /// The chance that a SYN to a live port of this host stays unanswered, from its own answers, its network's and the whole
    /// scan's; `None` while no loss has been seen at all.
    pub(super) fn chance_of_loss(&mut self, id: u32) -> Option<f64> {
        let all = self.all_loss();
        if all.lost == 0 {
            return None;
        }
        let host = self.hosts.at(id);
        let network = self
            .networks
            .get(host.network)
            .loss
            .known(self.harvested)
            .chance_within(all.chance());
        Some(host.loss.known(self.harvested).chance_within(network))
    }

    /// The chance that a control at this host is lost by chance: as it turned out there, or as it is at other hosts.
    pub(super) fn chance_elsewhere(&mut self, id: u32) -> Option<f64> {
        let host = self.hosts.at(id);
        let (all, here) = (
            self.loss.known(self.harvested),
            host.loss.known(self.harvested),
        );
        let elsewhere = Loss {
            asked: all.asked.saturating_sub(here.asked),
            lost: all.lost.saturating_sub(here.lost),
        };
        let known = elsewhere.asked >= ENOUGH_ELSEWHERE && elsewhere.lost > 0;
        host.hearing.chance().or(known.then(|| elsewhere.chance()))
    }

    /// How many attempts that count a silent port of this host gets.
    pub(super) fn attempts_for(&mut self, id: u32) -> u8 {
        let settings = self.plan.settings();
        let (fixed, recall) = (settings.attempts, settings.recall);
        if let Some(fixed) = fixed {
            return fixed;
        }
        // A limit of the path lets some through: silence right beside an answer may be its doing.
        let more = if self.path.is_limited() { FOR_PATH } else { 0 };
        more + self.attempts_of(id, recall)
    }

    fn attempts_of(&mut self, id: u32, recall: f64) -> u8 {
        let chance = self.chance_of_loss(id);
        let host = self.hosts.at(id);
        // What a limit lets through changes from moment to moment; its latest controls know best.
        let limited = host.throttle.as_ref().and(host.hearing.lately_failed());
        let Some(q) = chance.into_iter().chain(limited).reduce(f64::max) else {
            return MIN_ATTEMPTS;
        };
        let n = timing::attempts(q, recall);
        if host.mostly_answers() {
            let more = if limited.is_some() { FOR_LIMITS } else { 0 };
            return n.max(timing::attempts_of_exception(q, host.answered()) + more);
        }
        n
    }

    /// How many open ports of this host are expected to be among its silent ones, in millionths: of each that was found,
    /// qⁿ ÷ (1 − qⁿ) were not. While no loss was seen, (½) ÷ (asked + 1) stands for q.
    pub(super) fn expected_missed(&mut self, id: u32) -> u64 {
        let host = self.hosts.at(id);
        let open = host.count(Reason::SynAck);
        if open == 0 || host.count(Reason::NoResponse) == 0 {
            return 0;
        }
        let q = self
            .chance_of_loss(id)
            .unwrap_or_else(|| self.all_loss().chance());
        let lost = q.powi(self.attempts_for(id).into());
        (f64::from(open) * lost / (1.0 - lost) * 1e6) as u64
    }

    /// The loss that all parts saw.
    pub(super) fn all_loss(&self) -> Loss {
        self.others
            .iter()
            .fold(self.loss.known(self.harvested), |loss, other| {
                loss.and(other.loss)
            })
    }

    /// Round trips, windows and loss learn from an answer.
    pub(super) fn learn_from(&mut self, now: Instant, s: &Slot, answer: &Answer) {
        let host = self.hosts.at(s.host);
        if !answer.evidence.neighbour {
            if kind_of(answer.reason).is_some() {
                self.path.heard(now, s);
            }
            if s.purpose != Purpose::Search {
                host.alive = true;
                host.departs = true;
            }
            if host.share.parts > 1 && !host.in_news && self.news.len() < MAX_NEWS {
                host.in_news = true;
                self.news.push(s.host);
            }
            // A SYN that waited for a link address was sent later than it was let go.
            let waited = host.departed >= s.sent && host.departed != Instant::ZERO;
            if host.departed == Instant::NEVER {
                host.departed = now;
            }
            if let Some(rtt) = answer.rtt.filter(|_| !waited) {
                host.rtt.sample(rtt);
                self.networks.at(host.network).rtt.sample(rtt);
                self.rtt.sample(rtt);
            }
        }
        match s.purpose {
            Purpose::Planned => self.learn_of_port(now, s, answer),
            Purpose::Control(kind) if answer.evidence.neighbour => {
                self.control_silent(now, s, kind);
            }
            Purpose::Control(kind) => self.control_answered(now, s, kind),
            Purpose::Search => self.searched(s, answer),
            Purpose::Canary => self.canary_answered(s.host, answer.reason == Reason::SynAck),
            // What was heard is known when the connection is closed; a refusal is none.
            Purpose::Second if answer.evidence.close.is_some() => {
                self.heard_again(now, s, Some(Ending::RESET));
            }
            Purpose::Second if answer.reason != Reason::SynAck => self.heard_again(now, s, None),
            Purpose::Second => {}
        }
    }

    /// A planned port was answered, by whomever.
    fn learn_of_port(&mut self, now: Instant, s: &Slot, answer: &Answer) {
        let host = self.hosts.at(s.host);
        host.window.answer(host.hearing.mostly_answers());
        self.networks.at(host.network).window.answer();
        self.window.answer();
        if let Some(kind) = kind_of(answer.reason) {
            let lost =
                s.counted
                    .saturating_add(self.lost_again(now, s, answer.evidence.retransmits));
            self.heard(now, s, kind, lost);
        }
    }

    /// How many SYNs of an attempt that was answered were lost: those that the system had to send again, unless the answer may have been
    /// under way for so long, or nothing came back at that time.
    fn lost_again(&mut self, now: Instant, s: &Slot, retransmits: u8) -> u8 {
        let tells = retransmits > 0
            && (self.hosts.at(s.host).rtt.or(self.all_rtt()).timeout())
                .is_some_and(|rtt| rtt < self.system.first_retransmit)
            && self.judge(now, s) == Judgement::Proven;
        if tells { retransmits } else { 0 }
    }

    /// A port answered for itself, after so many SYNs that were lost.
    fn heard(&mut self, now: Instant, s: &Slot, kind: Kind, lost: u8) {
        let attempts = lost.saturating_add(1);
        let rtt = self.all_rtt();
        // A timeout, a rest and a round trip.
        let period = || rtt.timeout().unwrap_or(FIRST).max(FLOOR).times(2);
        let host = self.hosts.at(s.host);
        host.loss.answered(now, attempts, period);
        let network = self.networks.at(host.network);
        network.loss.answered(now, attempts, period);
        self.loss.answered(now, attempts, period);
        if host.hearing.answered(now, kind, s) {
            self.is_known(s.host);
        }
        if s.counted > 0 {
            self.hosts.at(s.host).window.loss(now);
        }
        if lost > 0 {
            self.doubt_path(now);
        }
    }
}

/// An ICMP error teaches nothing about loss: devices ration them.
fn kind_of(reason: Reason) -> Option<Kind> {
    match reason {
        Reason::SynAck => Some(Kind::Open),
        Reason::ConnRefused => Some(Kind::Closed),
        _ => None,
    }
}
