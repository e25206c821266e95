//! What the facts support, and no more: where a port is answered or swallowed, by whom, and how far
//! away its host is.

use crate::outcome::LocalError;
use crate::target::Address;
use crate::verdict::Reason;

use super::job::{BEYOND, CONFIRMED, Job};
use super::located::{Answer, By, Distance, Hop, Located, Place};
use super::returns::{self, Return};
use super::trace::Trace;
use super::{MAX_HOPS, MOST_ADDRESSES};

/// What is supported of the port in question; `stopped` says why it was not asked to the end.
pub(super) fn conclude(job: &Job, address: Address, stopped: Option<Reason>) -> Located {
    let trace = job.port();
    let facts = Facts::of(job, address);
    let answer = answer_of(trace, stopped);
    let (by, place) = match answer {
        Answer::Silent => (By::Unknown, facts.swallowed(job)),
        Answer::Accepted | Answer::Reset | Answer::Rejected(_) => facts.answered(&answer, address),
        Answer::Loop(_) | Answer::NoNeighbour | Answer::Untested(_) => {
            (By::Unknown, Place::default())
        }
    };
    Located {
        address,
        port: trace.port,
        answer,
        by,
        place,
        host: facts.distance(),
        hops: facts.hops,
        contradicts: facts.contradicts,
        attempts: trace.attempts,
    }
}

fn answer_of(trace: &Trace, stopped: Option<Reason>) -> Answer {
    let lacking = match trace.lacking {
        Some(LocalError::Limit) => Reason::LocalLimit,
        Some(LocalError::Route) => Reason::LocalRoute,
        None => Reason::TimeLimit,
    };
    match (trace.answer, stopped) {
        (Some(answer), None) => answer,
        (None, None) if trace.is_silent(2) => Answer::Silent,
        (None, None) => Answer::Untested(lacking),
        // What is half known is not told as if it were known.
        (_, Some(why)) => Answer::Untested(why),
    }
}

struct Facts<'a> {
    trace: &'a Trace,
    /// The smallest time to live with which the port's own answer came.
    answer: Option<u8>,
    /// The last hop before that that its SYNs came to.
    after: u8,
    contradicts: bool,
    /// Attempts at another port do: paths differ in length, which may be all that there is to it.
    others_contradict: bool,
    /// The hop at which the host itself said that time ran out: it passes SYNs on.
    forwards: Option<u8>,
    /// Others' SYNs came so far and were not at the host yet: hop, how often.
    beyond: Vec<(u8, u8)>,
    returns: Return,
    /// The host is so far away: its ports answer from there in two ways.
    host: Option<u8>,
    /// Another port is answered over as many hops there, but over more back.
    other_is_farther: bool,
    /// Other ports answer from there, right behind a hop that spoke, and nothing is known to be farther.
    others_end: Option<u8>,
    hops: Vec<Hop>,
}

impl<'a> Facts<'a> {
    fn of(job: &'a Job, address: Address) -> Self {
        let trace = job.port();
        let answer = trace.lowest_answer();
        let after = answer.map_or(trace.last_expired(), |a| trace.last_expired_below(a));
        let hops = hops(job);
        let own = |hop: &&Hop| hop.addresses.contains(&address);
        let looped = |t: &Trace| matches!(t.answer, Some(Answer::Loop(_)));
        let straight: Vec<&Trace> = job.traces.iter().filter(|t| !looped(t)).collect();
        let times = |ttl: u8| {
            straight
                .iter()
                .map(|t| t.at(ttl).expired)
                .max()
                .unwrap_or(0)
        };
        let forwards = hops.iter().find(own).map(|hop| hop.distance);
        Self {
            trace,
            answer,
            after,
            contradicts: answer.is_some_and(|a| trace.last_expired() >= a),
            others_contradict: straight.iter().any(|t| {
                t.lowest_answer()
                    .is_some_and(|lowest| t.last_expired() >= lowest)
            }),
            forwards,
            beyond: hops
                .iter()
                .filter(|hop| !own(hop) && times(hop.distance) > 0)
                .map(|hop| (hop.distance, times(hop.distance)))
                .collect(),
            returns: answer
                .filter(|&a| a > 1)
                .map_or(Return::Unclear, |a| returns::of(trace, a)),
            host: forwards.or_else(|| host(job, address)),
            other_is_farther: answer.is_some_and(|hops| {
                let as_far = |t: &&Trace| t.lowest_answer() == Some(hops) && comes_back(t, hops);
                hops > 1 && job.traces.iter().any(|t| as_far(&t))
            }),
            others_end: job
                .traces
                .iter()
                .filter_map(Trace::lowest_answer)
                .max()
                .filter(|end| hops.last().is_none_or(|hop| hop.distance + 1 == *end)),
            hops,
        }
    }

    /// SYNs of others passed this hop and went on to another.
    fn goes_on_from(&self, hop: u8) -> bool {
        let seen = self.beyond.iter().filter(|(distance, _)| *distance >= hop);
        seen.map(|(_, times)| u32::from(*times)).sum::<u32>() >= BEYOND
    }

    fn answered(&self, answer: &Answer, address: Address) -> (By, Place) {
        let Some(hops) = self.answer else {
            return (
                By::Unknown,
                Place {
                    after: self.trace.last_expired(),
                    until: None,
                },
            );
        };
        let between = Place {
            after: self.after.max(u8::from(hops == 1)),
            until: Some(hops),
        };
        if self.contradicts {
            let last = self.trace.last_expired();
            let until = Some(last.saturating_add(1));
            return (By::Unknown, Place { until, ..between });
        }
        // A device that says so in its own name is not the host, wherever that is.
        if let Answer::Rejected(Some(icmp)) = answer
            && icmp.from.is_some_and(|from| from != address)
        {
            return (By::Firewall, self.sharpened(answer, between));
        }
        if let Some(host) = self.forwards {
            return match hops.cmp(&host) {
                std::cmp::Ordering::Less => (By::Firewall, self.sharpened(answer, between)),
                std::cmp::Ordering::Equal => self.at_the_end(answer, between),
                std::cmp::Ordering::Greater => (By::Behind, between),
            };
        }
        if self.beyond.iter().any(|(distance, _)| *distance >= hops) {
            let confirmed = self.trace.at(hops).answered >= CONFIRMED
                && self.goes_on_from(hops)
                && !self.others_contradict;
            return if confirmed {
                (By::Firewall, self.sharpened(answer, between))
            } else {
                (By::Unknown, between)
            };
        }
        self.at_the_end(answer, between)
    }

    /// Nothing is known to be farther away than what answers: the host, or the hop before it.
    fn at_the_end(&self, answer: &Answer, between: Place) -> (By, Place) {
        let hops = between.until.unwrap_or(between.after);
        if let Answer::Rejected(Some(icmp)) = answer {
            return match icmp.from {
                Some(_) if self.host == Some(hops) => (By::Host, Place::at(hops)),
                Some(_) => (By::Host, between),
                None => (By::HostOrBefore, between),
            };
        }
        let as_far = hops == 1 || self.returns == Return::AsFar;
        let nearer = self.returns == Return::Nearer && self.after + 1 == hops;
        match self.host {
            Some(host) if host == hops && as_far => (By::Host, Place::at(hops)),
            // What answers on the other port lets its SYNs pass the hop before.
            _ if nearer && self.other_is_farther => (By::Firewall, Place::at(self.after)),
            _ => (By::HostOrBefore, between),
        }
    }

    /// An ICMP error's sender may be a hop that is known.
    fn sharpened(&self, answer: &Answer, between: Place) -> Place {
        let from = match answer {
            Answer::Rejected(Some(icmp)) => icmp.from,
            _ => None,
        };
        let is_sender = |hop: &&Hop| from.is_some_and(|from| hop.addresses.contains(&from));
        let mut known = self.hops.iter().filter(is_sender);
        match (known.next(), known.next()) {
            (Some(hop), None) if between.holds(hop.distance) => Place::at(hop.distance),
            _ => between,
        }
    }

    /// Between the last hop that this port's SYNs came to, and the first of which others heard, and this
    /// port so often not that it is no chance.
    fn swallowed(&self, job: &Job) -> Place {
        let needed = job.needed();
        let mut outdone = 0;
        let until = (self.after + 1..=MAX_HOPS).find(|&hop| {
            outdone += self.trace.at(hop).outdone;
            self.trace.at(hop).outdone > 0 && outdone >= needed
        });
        let until = until.or(self
            .forwards
            .or(self.others_end)
            .filter(|&end| end > self.after));
        Place {
            after: self.after,
            until,
        }
    }

    fn distance(&self) -> Distance {
        let beyond = self
            .beyond
            .iter()
            .map(|(hop, _)| hop + 1)
            .max()
            .unwrap_or(1);
        let exact = self.host.filter(|&e| e >= beyond);
        Distance {
            at_least: exact.unwrap_or(beyond),
            exact,
        }
    }
}

/// How far away the host is: from there, and from nothing farther, its ports answer in two ways. One way alone
/// may be that of a box which does the same to all of them.
fn host(job: &Job, address: Address) -> Option<u8> {
    let answers = job
        .traces
        .iter()
        .filter_map(|t| Some((t.lowest_answer()?, t)));
    let farthest = answers.clone().map(|(hops, _)| hops).max()?;
    let at_the_end = answers.filter(|(hops, _)| *hops == farthest);
    let kinds = at_the_end.filter_map(|(hops, t)| match t.answer? {
        Answer::Accepted if comes_back(t, hops) => Some(0),
        Answer::Reset if comes_back(t, hops) => Some(1),
        Answer::Rejected(Some(icmp)) if icmp.from == Some(address) => Some(2),
        _ => None,
    });
    let mut kinds: Vec<u8> = kinds.collect();
    kinds.sort_unstable();
    kinds.dedup();
    (kinds.len() > 1).then_some(farthest)
}

fn comes_back(trace: &Trace, hops: u8) -> bool {
    hops == 1 || returns::of(trace, hops) == Return::AsFar
}

/// Everybody who said that time ran out, whichever port it was about.
fn hops(job: &Job) -> Vec<Hop> {
    let at = |ttl: u8| {
        let mut addresses: Vec<Address> = Vec::new();
        for speaker in job.traces.iter().flat_map(|t| &t.at(ttl).speakers) {
            if !addresses.contains(speaker) && addresses.len() < MOST_ADDRESSES {
                addresses.push(*speaker);
            }
        }
        (!addresses.is_empty()).then_some(Hop {
            distance: ttl,
            addresses,
        })
    };
    (1..=MAX_HOPS).filter_map(at).collect()
}
