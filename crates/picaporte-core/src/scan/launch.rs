//! Which probe goes next: hosts take turns, within rate, windows and caps.

use super::departure::STRANGER_ASKS;
use super::discover::Search;
use super::{Report, Scan, Step, host_share, syns};
use crate::bits::Bits;
use crate::block::HostShare;
use crate::cursor::ACTIVE_HOSTS;
use crate::flight::Slot;
use crate::host::{Host, Retry};
use crate::link::NONE;
use crate::rate::Rate;
use crate::time::{Duration, Instant};
use crate::verdict::Reason;
use crate::window::{FIRST_HOST_WINDOW, FIRST_NETWORK_WINDOW, Window};

/// How many blocks one part may be ahead of the slowest.
const AHEAD: u64 = ACTIVE_HOSTS / crate::cursor::BLOCK_HOSTS;

impl Scan {
    /// The next attempt, if one may go now.
    pub(super) fn launch(&mut self, now: Instant) -> Option<Step> {
        if self.trouble.pauses(now) || self.rate.as_ref().is_some_and(|r| !r.allows(now)) {
            return None;
        }
        if !self.has_slot() {
            // The oldest attempt that had its time makes room.
            if let Some(slot) = self.flight.oldest_held()
                && !(self.ring.is_empty() && self.controls.is_empty())
            {
                self.give_up(slot);
            }
            return None;
        }
        if let Some(step) = self.next_control(now) {
            return Some(step);
        }
        if let Some(from) = self.path.take_recovered() {
            self.forget_outage(now, from);
        }
        if self.path.is_down() || self.path.ready_at().is_some_and(|at| at > now) {
            return None;
        }
        if self.flight.asking() >= self.window.size() {
            self.window.full(now);
            if self.flight.asking() >= self.window.size() {
                return None;
            }
        }
        loop {
            let Some((id, generation)) = self.ring.pop_front() else {
                if self.open_block() {
                    continue;
                }
                return None;
            };
            if self.hosts.generation(id) != generation {
                continue;
            }
            self.hosts.at(id).queued = false;
            if let Some(step) = self.work(now, id) {
                return Some(step);
            }
        }
    }

    /// Whether the caps on open attempts in all leave room for one more.
    pub(super) fn has_slot(&self) -> bool {
        self.flight.taken() < self.cap.min(self.trouble.cap())
    }

    /// Puts a host in the ring, if it has anything to send and is not there yet.
    pub(super) fn enqueue(&mut self, id: u32) {
        let generation = self.hosts.generation(id);
        let host = self.hosts.at(id);
        if !host.queued && host.has_work() {
            host.queued = true;
            self.ring.push_back((id, generation));
        }
    }

    /// What this host sends now; if nothing, it has been put to sleep or waits for a slot.
    fn work(&mut self, now: Instant, id: u32) -> Option<Step> {
        let host = self.hosts.at(id);
        if !host.has_work() {
            return None;
        }
        if host.failing.is_some() && now < host.retry_at {
            let at = host.retry_at;
            self.wakes.set(id, at);
            return None;
        }
        if let Some(rate) = &host.rate
            && !rate.allows(now)
        {
            let at = rate.ready_at();
            self.wakes.set(id, at);
            return None;
        }
        if let Some(at) = host.hearing.poll_at() {
            self.wakes.set(id, at);
            return None;
        }
        if let Some(at) = (host.throttle.as_ref())
            .map(|t| t.ready_at())
            .filter(|&at| at > now)
        {
            self.wakes.set(id, at);
            return None;
        }
        if !host.departs && host.asking >= STRANGER_ASKS {
            // More only to hosts to which probes do leave.
            let at = self.ask_departure(now, id);
            if at > now {
                self.wakes.set(id, at);
            }
            return None;
        }
        if host.asking >= host.window.size() {
            // Where most attempts are answered, answers alone make room for more.
            let by_answers = host.hearing.mostly_answers() && !host.window.is_harmed();
            let look = if by_answers {
                None
            } else {
                host.window.full(now)
            };
            if host.asking >= host.window.size() {
                if let Some(at) = look {
                    self.wakes.set(id, at);
                }
                return None;
            }
        }
        if host.open >= host.cap {
            if host.held > 0 {
                self.give_up_held_of(id);
            }
            return None;
        }
        if !self.network_has_room(now, id) {
            return None;
        }
        let host = self.hosts.at(id);
        if host.search.is_some() && !host.alive {
            return self.search(now, id);
        }
        match host.work(now) {
            Ok(retry) => Some(self.connect(now, id, retry)),
            Err(later) => {
                if let Some(at) = later {
                    self.wakes.set(id, at);
                }
                None
            }
        }
    }

    /// Whether the window of this host's network has room; if not, the host waits for it.
    fn network_has_room(&mut self, now: Instant, id: u32) -> bool {
        let number = self.hosts.at(id).network;
        let network = self.networks.at(number);
        if network.has_room() {
            return true;
        }
        let look = network.window.full(now);
        let room = network.window.size().saturating_sub(network.asking);
        if room > 0 {
            let others = network.waiting.len().min(room as usize - 1);
            (0..others).for_each(|_| self.next_of_network(number));
            return true;
        }
        let generation = self.hosts.generation(id);
        let host = self.hosts.at(id);
        if !std::mem::replace(&mut host.waits, true) {
            self.networks.at(number).waiting.push_back((id, generation));
        }
        if let Some(at) = look {
            self.wakes.set(id, at);
        }
        false
    }

    /// The next host that waits for room in this network goes on.
    pub(super) fn next_of_network(&mut self, number: u32) {
        let network = self.networks.at(number);
        let Some((id, generation)) = network.waiting.pop_front() else {
            return;
        };
        if self.hosts.generation(id) == generation && self.hosts.is_active(id) {
            self.hosts.at(id).waits = false;
            self.enqueue(id);
        }
    }

    fn connect(&mut self, now: Instant, id: u32, retry: Retry) -> Step {
        let host = self.hosts.at(id);
        if host.throttle.as_mut().is_some_and(|t| t.take(now)) {
            host.throttle = None;
        }
        host.window.asked();
        self.networks.at(host.network).window.asked();
        self.window.asked();
        let mut slot = Slot::asking(id, retry.port, retry.attempts.saturating_add(1), now);
        slot.wire = host.port(&self.plan.lists[host.share.list as usize], retry.port);
        (slot.epoch, slot.number) = host.hearing.asked(now);
        (slot.round, slot.serial) = self.path.asked(now);
        (slot.counted, slot.retransmits) = (retry.counted, retry.retransmits);
        if host.hearing.due(now) {
            self.queue_control(now, id);
        } else if host.hearing.ports() == 0 && self.path.wants_witness() {
            self.ask_witness(now);
        }
        if retry.held.slot != NONE && self.flight.get(retry.held).is_some() {
            slot.twin = retry.held.slot;
        }
        let step = self.send(now, slot);
        self.enqueue(id);
        step
    }

    /// Takes a slot for an attempt that goes now.
    pub(super) fn send(&mut self, now: Instant, slot: Slot) -> Step {
        let timeout = self.timeout_of(slot.host);
        let syns = self.syns_paid_for(timeout);
        self.pay(now, slot.host, syns);
        let limit = self.plan.settings().host_timeout;
        let host = self.hosts.at(slot.host);
        if host.began.is_none() {
            host.began = Some(now);
            if let Some(limit) = limit {
                self.expiries.set(slot.host, now + limit);
            }
        }
        host.asking += 1;
        host.open += 1;
        self.networks.at(host.network).asking += 1;
        let share = host.share;
        let probe = self.flight.take(slot, now + timeout);
        if slot.twin != NONE {
            self.flight.at(slot.twin).twin = probe.slot;
        }
        self.tally.attempts += 1;
        self.tally.extra += u64::from(slot.is_extra());
        self.launched = Some((probe.slot, now));
        Step::Connect {
            id: probe,
            address: share.address,
            port: slot.wire,
        }
    }

    /// SYNs that the system sent again, and that were not paid for: a peer can make it do so at once, with an acknowledgement that is
    /// none (Linux 6.18: one SYN more for each attempt).
    pub(super) fn charge(&mut self, now: Instant, id: u32, retransmits: u8) {
        if retransmits == 0 {
            return;
        }
        let paid = syns(self.timeout_of(id), self.system);
        self.pay(now, id, u32::from(retransmits).saturating_sub(paid - 1));
    }

    /// Counts SYNs to this host under the caps on the rate.
    fn pay(&mut self, now: Instant, id: u32, syns: u32) {
        let host = self.hosts.at(id);
        for rate in host.rate.iter_mut().chain(&mut self.rate) {
            (0..syns).for_each(|_| rate.take(now));
        }
    }

    /// Every SYN that an attempt may cause is paid for. With a fixed timeout the rates are made for that already.
    pub(super) fn syns_paid_for(&self, timeout: Duration) -> u32 {
        match self.plan.settings().timeout {
            Some(_) => 1,
            None => syns(timeout, self.system),
        }
    }

    /// Opens the next block of hosts, if there is one and there is room for it.
    fn open_block(&mut self) -> bool {
        let slowest = self.others.iter().map(|o| o.finished_blocks).min();
        let position = self.cursor.position();
        if self.hosts.active() + crate::cursor::BLOCK_HOSTS > ACTIVE_HOSTS
            || slowest.is_some_and(|s| position >= s + AHEAD)
        {
            return false;
        }
        let Some(block) = self.cursor.next_block() else {
            return false;
        };
        let mut opened = 0;
        for share in self.part.hosts(&self.plan, block) {
            let Some(mut host) = self.unknown_of(share) else {
                continue;
            };
            host.block = position;
            let id = self.add(host);
            self.remember(id);
            self.enqueue(id);
            opened += 1;
        }
        if opened > 0 {
            self.open_blocks.push_back((position, opened));
        }
        true
    }

    /// What answered an earlier run is known to answer: silence is held against it.
    fn remember(&mut self, id: u32) {
        let known = self.known.clone();
        let host = self.hosts.at(id);
        let Some(before) = known.host(host.share.index) else {
            return;
        };
        let now = self.harvested;
        if host.hearing.remember(now, &before.closed, &before.open) {
            host.alive = true;
            self.is_known(id);
        }
    }

    /// The host with what an earlier run left to be asked of it; `None` if that is nothing.
    fn unknown_of(&mut self, share: HostShare) -> Option<Host> {
        let mut host = self.new_host(share);
        if self.known.is_done(share.index) {
            return None;
        }
        let known = self.known.clone();
        let Some(before) = known.host(share.index) else {
            self.tally.planned += u64::from(share.count);
            return Some(host);
        };
        let (ports, list) = (before.ports(), &self.plan.lists[share.list as usize]);
        let mut decided = Bits::default();
        for j in (0..share.count).filter(|&j| ports.contains(host.port(list, j))) {
            decided.set(j, share.count);
        }
        host.resume(decided);
        self.tally.planned += u64::from(share.count - host.done);
        if [Reason::SynAck, Reason::ConnRefused]
            .iter()
            .any(|&r| before.counts.of(r) > 0)
        {
            host.search = None;
        }
        if host.done < share.count {
            return Some(host);
        }
        let nothing = host.report(list);
        self.reports.push_back(Report::Host(Box::new(nothing)));
        None
    }

    fn add(&mut self, mut host: Host) -> u32 {
        let share = host.share;
        let first = self.part.of_cap(FIRST_NETWORK_WINDOW).max(1);
        host.network = self.networks.join(share.address, first, self.cap);
        let id = self.hosts.add(host);
        if share.parts > 1 {
            self.by_index.insert(share.index, id);
        }
        id
    }

    fn new_host(&self, share: HostShare) -> Host {
        let settings = self.plan.settings();
        let pace = settings.pace;
        let of_host = |cap| host_share(cap, self.part, &share);
        let cap = of_host(pace.host_inflight);
        let window = Window::new(of_host(FIRST_HOST_WINDOW), cap);
        let rate = pace.host_rate.map(|r| {
            let syns = syns(settings.timeout.unwrap_or(Duration::ZERO), self.system);
            Rate::new(of_host(r), syns)
        });
        let mut host = Host::new(share, settings.seed, window, rate);
        host.cap = cap;
        host.search = (!settings.discover.is_empty()).then(Search::default);
        host
    }
}
