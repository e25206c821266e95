//! What this machine could not do: probes are put back, the scan slows down, and waits end.

use super::{Scan, Step};
use crate::outcome::LocalError;
use crate::time::{Duration, Instant};
use crate::verdict::Reason;

/// Without one probe sent for this long, what is left is untested.
pub(super) const GIVE_UP: Duration = Duration::from_secs(30);
/// A host that never could be sent to is left sooner, while others can be.
const NO_WAY: Duration = Duration::from_secs(2);
/// The first pause after a failure, doubled with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
/// The longest pause.
const LAST_PAUSE: Duration = Duration::from_millis(200);
/// How often a cap that was cut grows again, by a quarter.
const REGROW: Duration = Duration::from_millis(100);

/// Failures of this machine, and how the scan answers them.
#[derive(Clone, Debug, Default)]
pub(super) struct Trouble {
    /// When a probe last left.
    pub last_sent: Option<Instant>,
    /// Since when no probe has left, and what was missing.
    failing: Option<(Instant, LocalError)>,
    pause: Duration,
    paused_until: Instant,
    cap: Option<u32>,
    regrow_at: Instant,
    /// When this machine last found that it had lost a way it had.
    pub route_lost: Option<Instant>,
}

impl Trouble {
    pub(super) fn pauses(&self, now: Instant) -> bool {
        now < self.paused_until
    }

    pub(super) fn paused_until(&self) -> Option<Instant> {
        (self.paused_until > Instant::ZERO).then_some(self.paused_until)
    }

    /// How many open attempts this machine has shown that it can bear.
    pub(super) fn cap(&self) -> u32 {
        self.cap.unwrap_or(u32::MAX)
    }

    pub(super) fn sent(&mut self, now: Instant) {
        self.last_sent = Some(now);
        self.failing = None;
        self.pause = Duration::ZERO;
        if let Some(cap) = self.cap
            && now >= self.regrow_at
        {
            self.cap = cap.checked_add(cap / 4 + 4);
            self.regrow_at = now + REGROW;
        }
    }

    fn failed(&mut self, now: Instant, error: LocalError, taken: u32) {
        self.failing.get_or_insert((now, error)).1 = error;
        if error == LocalError::Limit {
            // A single failure may be chance; a second one in a row shows how much this machine bears.
            if self.pause > Duration::ZERO {
                self.cap = Some(taken.max(1));
                self.regrow_at = now + REGROW;
            }
            self.pause = (self.pause.times(2)).max(FIRST_PAUSE).min(LAST_PAUSE);
            self.paused_until = now + self.pause;
        }
    }

    /// Nothing is sent for a while, as if that had failed.
    pub(super) fn crowded(&mut self, now: Instant) {
        self.failing.get_or_insert((now, LocalError::Limit));
        self.paused_until = self.paused_until.max(now + LAST_PAUSE);
    }

    /// What is missing, if nothing could be sent for too long.
    fn hopeless(&self, now: Instant) -> Option<Reason> {
        let (since, error) = self.failing?;
        let since = since.max(self.last_sent.unwrap_or(Instant::ZERO));
        (now.since(since) >= GIVE_UP).then_some(match error {
            LocalError::Limit => Reason::LocalLimit,
            LocalError::Route => Reason::LocalRoute,
        })
    }
}

impl Scan {
    /// Without a word to the contrary, the attempt handed out last has left this machine.
    pub(super) fn confirm_launch(&mut self) {
        if let Some((slot, at)) = self.launched.take() {
            self.trouble.sent(at);
            let host = self.flight.at(slot).host;
            let host = self.hosts.at(host);
            host.reached = true;
            host.failing = None;
            host.backoff = Duration::ZERO;
        }
    }

    /// The attempt handed out last has not left.
    pub(super) fn unlaunch(&mut self, slot: u32) {
        self.launched = self.launched.filter(|&(launched, _)| launched != slot);
    }

    pub(super) fn local_failure(&mut self, now: Instant, id: u32, error: LocalError) {
        self.trouble.failed(now, error, self.flight.taken());
        if error == LocalError::Route && self.hosts.is_active(id) {
            self.route_lost(now, id);
        }
    }

    /// There is no way to this host: it rests, or is left if that has lasted too long.
    pub(super) fn route_lost(&mut self, now: Instant, id: u32) {
        let (last_sent, host) = (self.trouble.last_sent, self.hosts.at(id));
        if host.reached {
            self.trouble.route_lost = Some(now);
        }
        let since = *host.failing.get_or_insert(now);
        host.backoff = host
            .backoff
            .times(2)
            .max(LAST_PAUSE.divided(2))
            .min(Duration::from_secs(1));
        let others_go = last_sent.is_none_or(|at| at > since);
        let limit = if !host.reached && others_go {
            NO_WAY
        } else {
            GIVE_UP
        };
        host.retry_at = now + host.backoff;
        let wake = host.retry_at;
        if now.since(since) >= limit {
            self.stop_host(id, Reason::LocalRoute);
        } else {
            self.wakes.set(id, wake);
        }
    }

    /// Ends what has waited too long, and says until when to wait for the rest.
    pub(super) fn end_waits(&mut self, now: Instant) -> Step {
        if let Some(reason) = self.trouble.hopeless(now) {
            self.stop(reason);
            return self.poll(now);
        }
        if self.path.is_down() && self.path.down_for(now) >= GIVE_UP {
            self.stop(Reason::PathDown);
            return self.poll(now);
        }
        if self.only_held_are_left() {
            self.give_up_all_held();
            if let Some(abort) = self.next_abort() {
                return abort;
            }
        }
        Step::Wait(self.next_event(now))
    }

    /// Nothing is sent, awaited or resting: nobody will need the slots of what is held, and every
    /// one of them had its full time.
    fn only_held_are_left(&self) -> bool {
        self.flight.asking() == 0
            && self.ring.is_empty()
            && self.controls.is_empty()
            && (self.hosts.iter()).all(|(_, h)| h.retired || !h.has_work())
    }

    fn next_event(&self, now: Instant) -> Option<Instant> {
        let wants = !(self.ring.is_empty() && self.controls.is_empty());
        let rate = self.rate.as_ref().map(crate::rate::Rate::ready_at);
        let window = self.window.next_growth();
        let give_up = self.trouble.failing.map(|(since, _)| since + GIVE_UP);
        let max_time = self
            .plan
            .settings()
            .max_time
            .map(|limit| Instant::ZERO + limit);
        [
            self.flight.next_deadline(),
            self.wakes.next(),
            self.expiries.next(),
            rate.filter(|&at| wants && at > now),
            self.path.ready_at().filter(|&at| wants && at > now),
            window.filter(|&at| wants && at > now),
            self.trouble.paused_until().filter(|&at| wants && at > now),
            give_up.filter(|&at| at > now),
            self.path.down_until(GIVE_UP).filter(|&at| at > now),
            max_time,
        ]
        .into_iter()
        .flatten()
        .min()
    }
}
