//! What the hosts of a world remember: their allowances where they are limited, and their connections. Every table has a
//! bound; what happens at it is said there. Knows no path.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use picaporte_core::{Duration, Instant};

use super::Flow;
use super::by_port::ByPort;
use super::limits::{Bucket, IcmpAllowance, Queue};
use super::packet::Segment;
use super::tcp::Connection;
use crate::random::{address_parts, hash};
use crate::scenario::{Act, Hosts, Scenario, Service};

/// More connections than this at once are not kept; a SYN that would make one is dropped.
pub(super) const MOST_CONNECTIONS: usize = if cfg!(test) { 1 << 8 } else { 1 << 18 };
/// More bytes than this are not held by all connections together: then a SYN to a service that speaks is dropped, and what
/// would have to be echoed is not taken. It may be passed by what one segment carries.
pub(super) const MOST_HELD: usize = if cfg!(test) { 1 << 19 } else { 1 << 28 };
/// Hosts whose allowances are kept count of. One whose allowances are whole is forgotten when there are more; where that is
/// not enough, the newest ones are not limited.
pub(super) const MOST_HOSTS: usize = if cfg!(test) { 1 << 8 } else { 1 << 20 };
/// How often it is looked for hosts to forget, at most.
const SWEEP: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Population {
    seed: u64,
    hosts: HashMap<IpAddr, Host>,
    swept: Option<Instant>,
    connections: HashMap<Flow, Connection>,
    /// When connections have to be looked after; one entry for each that has a deadline.
    alarms: BTreeSet<(Instant, Flow)>,
    /// Bytes that the connections hold.
    held: usize,
    /// What listens, by group and rule.
    services: Vec<Vec<Option<Arc<Service>>>>,
    /// SYNs that have come to a port so far; only where that matters, and of no more ports than are kept: the others
    /// notice the first.
    syns: ByPort<u8>,
}

/// What a host keeps count of.
#[derive(Debug)]
struct Host {
    resets: Option<Bucket>,
    errors: IcmpAllowance,
    queue: Option<Queue>,
}

impl Host {
    fn new(group: &Hosts) -> Self {
        Self {
            resets: group.rst_limit.map(Bucket::new),
            errors: IcmpAllowance::new(group.icmp_limit),
            queue: group.listen_queue.map(Queue::new),
        }
    }

    /// Whether it is as if nothing had ever happened to it.
    fn is_whole(&mut self, now: Instant) -> bool {
        self.resets
            .as_mut()
            .is_none_or(|resets| resets.is_full(now))
            && self.errors.is_full(now)
            && self.queue.as_mut().is_none_or(|queue| queue.is_empty(now))
    }
}

impl Population {
    pub(super) fn new(scenario: &Scenario, seed: u64) -> Self {
        let open = |act: &Act| match act {
            Act::Open(service) => Some(Arc::new(service.clone())),
            _ => None,
        };
        let of_group = |hosts: &Hosts| {
            let acts = hosts.rules.iter().map(|rule| &rule.act);
            acts.chain([&hosts.otherwise]).map(open).collect()
        };
        Self {
            seed,
            hosts: HashMap::new(),
            swept: None,
            connections: HashMap::new(),
            alarms: BTreeSet::new(),
            held: 0,
            services: scenario.hosts.iter().map(of_group).collect(),
            syns: ByPort::new(),
        }
    }

    /// The host's counts, unless there are too many hosts.
    fn host(&mut self, now: Instant, ip: IpAddr, group: &Hosts) -> Option<&mut Host> {
        if self.hosts.len() >= MOST_HOSTS && !self.hosts.contains_key(&ip) {
            if self.swept.is_some_and(|at| now.since(at) < SWEEP) {
                return None;
            }
            self.swept = Some(now);
            self.hosts.retain(|_, host| !host.is_whole(now));
            if self.hosts.len() >= MOST_HOSTS {
                return None;
            }
        }
        Some(self.hosts.entry(ip).or_insert_with(|| Host::new(group)))
    }

    pub(super) fn may_reset(&mut self, now: Instant, ip: IpAddr, group: &Hosts) -> bool {
        group.rst_limit.is_none()
            || self
                .host(now, ip, group)
                .and_then(|host| host.resets.as_mut())
                .is_none_or(|resets| resets.take(now))
    }

    pub(super) fn may_complain(&mut self, now: Instant, ip: IpAddr, group: &Hosts) -> bool {
        group.icmp_limit.is_none()
            || self
                .host(now, ip, group)
                .is_none_or(|host| host.errors.take(now))
    }

    /// Whether there is a place for a new connection to this service.
    pub(super) fn takes_in(
        &mut self,
        now: Instant,
        ip: IpAddr,
        group: &Hosts,
        service: &Service,
    ) -> bool {
        self.has_room(service)
            && (group.listen_queue.is_none()
                || self
                    .host(now, ip, group)
                    .and_then(|host| host.queue.as_mut())
                    .is_none_or(|queue| queue.enter(now)))
    }

    pub(super) fn has_room(&self, service: &Service) -> bool {
        let speaks = !service.says.is_empty() || service.answers.is_some();
        self.connections.len() < MOST_CONNECTIONS && !(speaks && self.held >= MOST_HELD)
    }

    /// Whether this SYN is one that the host notices.
    pub(super) fn notices(&mut self, syn: &Segment, group: &Hosts) -> bool {
        if group.answers_from <= 1 {
            return true;
        }
        let Some(seen) = self.syns.entry(syn.to) else {
            return true;
        };
        *seen = seen.saturating_add(1);
        *seen >= group.answers_from
    }

    /// The number that a connection begins with, here and at a SYN proxy: from the seed and the connection.
    pub(super) fn initial(&self, flow: Flow) -> u32 {
        let [high, low] = address_parts(flow.1.ip());
        hash(&[
            self.seed,
            high,
            low,
            u64::from(flow.1.port()),
            u64::from(flow.0.port()),
        ]) as u32
    }

    /// What listens at a port, shared by its connections: a copy for every one would be dear for long answers.
    pub(super) fn shared(&self, group: usize, hosts: &Hosts, service: &Service) -> Arc<Service> {
        let is_it = |act: &Act| matches!(act, Act::Open(it) if std::ptr::eq(it, service));
        let rule = hosts.rules.iter().position(|rule| is_it(&rule.act));
        let known = self.services[group].get(rule.unwrap_or(hosts.rules.len()));
        match known {
            Some(Some(known)) if rule.is_some() || is_it(&hosts.otherwise) => Arc::clone(known),
            _ => Arc::new(service.clone()),
        }
    }

    pub(super) fn connection(&mut self, flow: Flow) -> Option<&mut Connection> {
        self.connections.get_mut(&flow)
    }

    /// Does something with a connection, if there is one; it is told whether there is room for more bytes.
    pub(super) fn touch<T>(
        &mut self,
        flow: Flow,
        act: impl FnOnce(&mut Connection, bool) -> T,
    ) -> Option<T> {
        let room = self.held < MOST_HELD;
        let connection = self.connections.get_mut(&flow)?;
        let before = connection.weight();
        let result = act(connection, room);
        self.held = self.held - before + connection.weight();
        Some(result)
    }

    pub(super) fn add(&mut self, connection: Connection) {
        let flow = connection.flow();
        self.forget(flow);
        self.held += connection.weight();
        self.connections.insert(flow, connection);
    }

    pub(super) fn forget(&mut self, flow: Flow) {
        if let Some(connection) = self.connections.remove(&flow) {
            self.held -= connection.weight();
            if let Some(at) = connection.alarm {
                self.alarms.remove(&(at, flow));
            }
        }
    }

    /// After a connection has been touched: it is forgotten, or looked after in time.
    pub(super) fn settle(&mut self, flow: Flow) {
        let Some(connection) = self.connections.get_mut(&flow) else {
            return;
        };
        if connection.is_gone() {
            self.forget(flow);
            return;
        }
        let deadline = connection.deadline();
        if connection.alarm == deadline {
            return;
        }
        if let Some(at) = connection.alarm {
            self.alarms.remove(&(at, flow));
        }
        connection.alarm = deadline;
        self.alarms.extend(deadline.map(|at| (at, flow)));
    }

    pub(super) fn next_alarm(&self) -> Option<Instant> {
        self.alarms.first().map(|&(at, _)| at)
    }

    /// The connection that has to be looked after first, if that is due by `now`.
    pub(super) fn take_alarm(&mut self, now: Instant) -> Option<Flow> {
        let &(at, flow) = self.alarms.first().filter(|&&(at, _)| at <= now)?;
        self.alarms.remove(&(at, flow));
        if let Some(connection) = self.connections.get_mut(&flow) {
            connection.alarm = None;
        }
        Some(flow)
    }

    /// How many connections, alarms and held bytes there are.
    #[cfg(test)]
    pub(super) fn counts(&self) -> (usize, usize, usize) {
        (self.connections.len(), self.alarms.len(), self.held)
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.connections.len()
    }

    /// Entries of the tables of hosts and of SYNs.
    #[cfg(test)]
    pub(super) fn counted(&self) -> (usize, usize) {
        (self.hosts.len(), self.syns.len())
    }
}
