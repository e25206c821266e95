//! Attempts that were refused for lying outside the scope: nothing was sent. The plan is cut to its scope beforehand, so this
//! is what is left: a scope whose time has come to its end, or addresses that a plan can't judge together.

use super::Scan;
use super::settle::Answer;
use crate::flight::{Purpose, Slot};
use crate::time::Instant;
use crate::verdict::Reason;

impl Scan {
    /// The attempt was refused. Its port is decided, and it costs the others nothing.
    pub(super) fn refused(&mut self, now: Instant, slot: u32) {
        let (s, earlier) = self.take_back(slot);
        self.pay_back(&s);
        match s.purpose {
            Purpose::Planned => self.planned_refused(now, &s, earlier),
            // Its ports are asked without a sign of life, and are refused where they lie outside too.
            Purpose::Search => self.hosts.at(s.host).search = None,
            Purpose::Canary => self.canary_silent(now, &s),
            // What was in scope when it answered is so no longer, and neither is its host.
            Purpose::Control(_) | Purpose::Second => self.stop_host(s.host, Reason::OutOfScope),
        }
        self.after(s.host);
    }

    fn planned_refused(&mut self, now: Instant, s: &Slot, earlier: Option<u32>) {
        self.hosts.at(s.host).hearing.unasked();
        if s.spare || !self.undecided(s) {
            return;
        }
        if let Some(earlier) = earlier {
            // An answer to what was sent before still counts.
            self.flight.at(earlier).spare = false;
            self.give_up(earlier);
            return;
        }
        let mut asked = *s;
        asked.attempt -= 1;
        self.decide(now, &asked, Answer::new(Reason::OutOfScope, None));
    }

    fn pay_back(&mut self, s: &Slot) {
        let timeout = self.timeout_of(s.host);
        let syns = self.syns_paid_for(timeout);
        let host = self.hosts.at(s.host);
        for rate in host.rate.iter_mut().chain(&mut self.rate) {
            (0..syns).for_each(|_| rate.give_back());
        }
    }
}
