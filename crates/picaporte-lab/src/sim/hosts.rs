//! Who lives in a world: the hosts' state where they have one, and their connections. Everything that answers a segment
//! which has come to its host.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use picaporte_core::{Duration, Instant};

use super::limits::{Bucket, IcmpAllowance, Queue};
use super::packet::{Segment, icmp_error};
use super::tcp::{self, Connection};
use super::ways::Reply;
use super::{Arrival, Event, Flow, INITIAL_TTL, World, unreal};
use crate::random::{address_parts, hash};
use crate::scenario::{Absent, Act, At, Hosts, Icmp, Service, Stack};

/// More connections than this at once are not kept; a SYN that would make one is dropped.
pub(super) const MOST_CONNECTIONS: usize = 1 << 18;
/// How long a router asks for the link address of somebody who is not there (Linux: three requests, one a second).
const ARP_FAILS_AFTER: Duration = Duration::from_secs(3);
const HOST_UNREACHABLE: Icmp = Icmp::Named((3, 1), (1, 3));

#[derive(Debug)]
pub(super) struct Population {
    seed: u64,
    hosts: HashMap<IpAddr, Host>,
    connections: HashMap<Flow, Connection>,
    services: HashMap<(usize, usize), Arc<Service>>,
    /// SYNs that have come to a port so far; only where that matters.
    syns: HashMap<SocketAddr, u8>,
}

/// What a host keeps count of.
#[derive(Debug)]
struct Host {
    resets: Option<Bucket>,
    errors: IcmpAllowance,
    queue: Option<Queue>,
}

impl Population {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seed,
            hosts: HashMap::new(),
            connections: HashMap::new(),
            services: HashMap::new(),
            syns: HashMap::new(),
        }
    }

    pub(super) fn connection(&mut self, flow: Flow) -> Option<&mut Connection> {
        self.connections.get_mut(&flow)
    }

    fn host(&mut self, ip: IpAddr, group: &Hosts) -> &mut Host {
        self.hosts.entry(ip).or_insert_with(|| Host {
            resets: group.rst_limit.map(Bucket::new),
            errors: IcmpAllowance::new(group.icmp_limit),
            queue: group.listen_queue.map(Queue::new),
        })
    }

    fn may_reset(&mut self, now: Instant, ip: IpAddr, group: &Hosts) -> bool {
        group.rst_limit.is_none()
            || self
                .host(ip, group)
                .resets
                .as_mut()
                .is_none_or(|resets| resets.take(now))
    }

    fn may_complain(&mut self, now: Instant, ip: IpAddr, group: &Hosts) -> bool {
        group.icmp_limit.is_none() || self.host(ip, group).errors.take(now)
    }

    /// Whether this SYN is one that the host notices, and has a place for.
    fn takes_in(&mut self, now: Instant, syn: &Segment, group: &Hosts) -> bool {
        let full = self.connections.len() >= MOST_CONNECTIONS;
        let queue = group.listen_queue.is_some();
        !full
            && (!queue
                || self
                    .host(syn.to.ip(), group)
                    .queue
                    .as_mut()
                    .is_none_or(|queue| queue.enter(now)))
    }

    fn notices(&mut self, syn: &Segment, group: &Hosts) -> bool {
        if group.answers_from <= 1 {
            return true;
        }
        let seen = self.syns.entry(syn.to).or_default();
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

    /// What listens at a port, shared by its connections: a copy for every connection would be dear for long answers.
    fn service(&mut self, group: usize, act: &Service, place: usize) -> Arc<Service> {
        Arc::clone(
            self.services
                .entry((group, place))
                .or_insert_with(|| Arc::new(act.clone())),
        )
    }

    /// Keeps a connection, or forgets one that is gone.
    fn keep(&mut self, flow: Flow, connection: Connection) -> Option<Instant> {
        let due = connection.deadline();
        if connection.is_gone() {
            self.connections.remove(&flow);
            return None;
        }
        self.connections.insert(flow, connection);
        due
    }
}

impl World {
    /// Nobody is at the address.
    pub(super) fn meet_nobody(&mut self, now: Instant, arrival: &Arrival) {
        let ip = arrival.segment.to.ip();
        let hops = self.scenario.paths[arrival.path].hops;
        let says = self
            .scenario
            .group_of(ip)
            .is_some_and(|(_, hosts)| hosts.absent == Absent::HostUnreachable);
        if says
            && hops > 0
            && self
                .ways
                .may_complain(now + ARP_FAILS_AFTER, arrival.path, hops, false)
        {
            let v6 = ip.is_ipv6();
            let router = crate::scenario::Path::router(arrival.path, hops, v6);
            let ttl = self.ttl_of(arrival.path, Some(hops));
            if let Some(bytes) =
                icmp_error(router, ttl, HOST_UNREACHABLE.number(v6), &arrival.packet, 1)
            {
                let reply = Reply {
                    after: ARP_FAILS_AFTER,
                    ..Reply::new(arrival.segment.to, Some(hops))
                };
                self.send_back(
                    now,
                    arrival.path,
                    reply,
                    bytes,
                    Some(((arrival.segment.from, arrival.segment.to), None)),
                );
            }
        }
    }

    /// A segment has come to the host it is for.
    pub(super) fn meet_host(&mut self, now: Instant, arrival: &Arrival, hosts: &Hosts) {
        let segment = &arrival.segment;
        if segment.opens() && !self.people.notices(segment, hosts) {
            return;
        }
        let act = hosts.act(self.seed, segment.to.ip(), segment.to.port());
        match (hosts.stack, act) {
            (Stack::Tarpit, _) => self.hold_on(now, arrival),
            (_, Act::Open(service)) => self.meet_service(now, arrival, hosts, service, None),
            (Stack::Portspoof, _) => {
                let service = unreal::service(self.seed, segment.to);
                self.meet_service(now, arrival, hosts, &service, None);
            }
            (_, Act::Rejected(icmp, At::Host)) => self.reject(now, arrival, hosts, *icmp),
            (_, Act::Closed) => self.refuse(now, arrival, hosts),
            _ => {}
        }
    }

    fn refuse(&mut self, now: Instant, arrival: &Arrival, hosts: &Hosts) {
        let ttl = self.ttl_of(arrival.path, None);
        let Some(reset) = tcp::reset(&arrival.segment, ttl) else {
            return;
        };
        if self.people.may_reset(now, reset.from.ip(), hosts) {
            self.send_segment(now, arrival.path, Reply::new(reset.from, None), &reset);
        }
    }

    fn reject(&mut self, now: Instant, arrival: &Arrival, hosts: &Hosts, icmp: Icmp) {
        let to = arrival.segment.to;
        if !self.people.may_complain(now, to.ip(), hosts) {
            return;
        }
        let ttl = self.ttl_of(arrival.path, None);
        let quoted_ttl = arrival.segment.ttl.saturating_sub(INITIAL_TTL - ttl);
        if let Some(bytes) = icmp_error(
            to.ip(),
            ttl,
            icmp.number(to.is_ipv6()),
            &arrival.packet,
            quoted_ttl,
        ) {
            self.send_back(
                now,
                arrival.path,
                Reply::new(to, None),
                bytes,
                Some(((arrival.segment.from, to), None)),
            );
        }
    }

    /// The port is open. `hop` is where somebody answers in the host's name.
    pub(super) fn meet_service(
        &mut self,
        now: Instant,
        arrival: &Arrival,
        hosts: &Hosts,
        service: &Service,
        hop: Option<u8>,
    ) {
        let segment = &arrival.segment;
        let flow = (segment.from, segment.to);
        let known = self.people.connections.remove(&flow);
        let mut out = std::mem::take(&mut self.out);
        let mut after = Duration::ZERO;
        let connection = match known {
            Some(mut connection) if !(segment.opens() && connection.gives_way_to(segment)) => {
                connection.receive(now, segment, &mut out);
                Some(connection)
            }
            _ if segment.opens() => {
                after = service.after.into();
                self.open(now, arrival, hosts, service, &mut out)
            }
            _ => {
                self.refuse(now, arrival, hosts);
                None
            }
        };
        self.send_all(
            now,
            arrival.path,
            Reply {
                after,
                ..Reply::new(segment.to, hop)
            },
            connection,
            out,
        );
    }

    /// A new connection, and its SYN-ACK; nothing where there is no room for it.
    fn open(
        &mut self,
        now: Instant,
        arrival: &Arrival,
        hosts: &Hosts,
        service: &Service,
        out: &mut Vec<Segment>,
    ) -> Option<Connection> {
        let segment = &arrival.segment;
        if !self.people.takes_in(now, segment, hosts) {
            return None;
        }
        let service = self.shared(segment.to, service);
        let initial = self.people.initial((segment.from, segment.to));
        let ttl = self.ttl_of(arrival.path, None);
        let connection = Connection::accept(now, segment, service, ttl, initial);
        out.push(connection.syn_ack(now));
        Some(connection)
    }

    /// The handshake was made by a SYN proxy, which now joins the client to the host.
    pub(super) fn join(&mut self, now: Instant, arrival: &Arrival, service: &Service) {
        let segment = &arrival.segment;
        let service = self.shared(segment.to, service);
        let mut connection =
            Connection::adopt(now, segment, service, self.ttl_of(arrival.path, None));
        let mut out = std::mem::take(&mut self.out);
        connection.receive(now, segment, &mut out);
        if out.is_empty() {
            // The window was closed until now.
            out.push(connection.bare(now));
        }
        self.send_all(
            now,
            arrival.path,
            Reply::new(segment.to, None),
            Some(connection),
            out,
        );
    }

    fn shared(&mut self, to: SocketAddr, service: &Service) -> Arc<Service> {
        let place = self.scenario.group_of(to.ip()).and_then(|(group, hosts)| {
            let is_it = |act: &Act| matches!(act, Act::Open(it) if std::ptr::eq(it, service));
            let rule = hosts.rules.iter().position(|rule| is_it(&rule.act));
            rule.or_else(|| is_it(&hosts.otherwise).then_some(usize::MAX))
                .map(|rule| (group, rule))
        });
        match place {
            Some((group, rule)) => self.people.service(group, service, rule),
            None => Arc::new(service.clone()),
        }
    }

    /// Sends what a connection has to say, and keeps the connection.
    fn send_all(
        &mut self,
        now: Instant,
        path: usize,
        reply: Reply,
        connection: Option<Connection>,
        mut out: Vec<Segment>,
    ) {
        let Some(mut connection) = connection else {
            self.out = out;
            return;
        };
        let flow = connection.flow();
        for segment in out.drain(..) {
            let reply = Reply {
                not_before: Some(connection.last_back),
                ..reply
            };
            if let Some(due) = self.send_in_order(now, path, reply, &segment) {
                connection.last_back = due;
            }
        }
        self.out = out;
        if let Some(due) = self.people.keep(flow, connection) {
            self.put_down(due, Event::Due(flow));
        }
    }

    /// A connection may have something to send again, or may be over.
    pub(super) fn look_after(&mut self, now: Instant, flow: Flow) {
        let Some(mut connection) = self.people.connections.remove(&flow) else {
            return;
        };
        if connection.deadline().is_none_or(|at| at > now) {
            // It has been put off since; another look is put down for then.
            self.people.connections.insert(flow, connection);
            return;
        }
        let mut out = std::mem::take(&mut self.out);
        connection.time_out(now, &mut out);
        let (path, _) = self.way_to(flow.1.ip());
        self.send_all(now, path, Reply::new(flow.1, None), Some(connection), out);
    }
}
