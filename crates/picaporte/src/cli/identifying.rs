//! Between a scan and its reports, under `--identify`: which open ports are asked what they are, and which findings wait for the answer. It opens no socket;
//! what to say is an [`Inquiry`]'s matter.
//!
//! A line of an open port waits until its port has been asked, and that of its host for all of its ports; nothing else does.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use picaporte_core::scan::HostReport;
use picaporte_core::{Address, Grade, Port, State, Verdict};
use picaporte_engine::{Finding, Talks, Told};
use picaporte_identify::inquiry::{Inquiry, Limits, is_fragile};
use picaporte_identify::knowledge::{Host, Knowledge};
use picaporte_identify::nmap::Probes;
use picaporte_identify::service::Service;

use crate::report::{Header, IdentifiedCounts};

/// How many open ports wait for their service at most; then the scan waits for them.
const HELD: usize = 8_192;
/// The longest that a talk that is stopped takes to be given back: the thread that has it does nothing else.
const STOPPING: Duration = Duration::from_secs(1);

/// A port that was asked, for whoever keeps what was found.
pub(crate) type Known = (Address, u16, Arc<Service>);

/// What is asked.
pub(crate) struct Questions {
    pub(crate) knowledge: Arc<Knowledge>,
    /// The user's own, where ours find nothing.
    pub(crate) further: Option<Arc<Probes>>,
    /// Ports and questions too that may upset what is there.
    pub(crate) fragile: bool,
}

/// Open ports that are asked what they are, and what waits for that.
pub(crate) struct Identifying {
    talks: Option<Talks<Inquiry>>,
    header: Header,
    questions: Questions,
    /// The caps let nobody be asked before the scan is over, or a host is done: then the scan can't wait.
    patient: bool,
    /// What the port of the next finding has said.
    greeting: Option<(Address, u16, Vec<u8>)>,
    held: BTreeMap<(Address, u16), Verdict>,
    hosts: HashMap<Address, Waiting>,
    ready: VecDeque<Finding>,
    learned: Vec<Known>,
    counts: IdentifiedCounts,
    /// Connections of those who asked before the scan was cut off.
    before: u64,
}

/// A host some of whose ports are being asked.
#[derive(Default)]
struct Waiting {
    ports: u32,
    report: Option<Box<HostReport>>,
}

impl Identifying {
    /// What is learned goes into the list that the reports share.
    pub(crate) fn new(
        talks: Talks<Inquiry>,
        header: &Header,
        questions: Questions,
        patient: bool,
    ) -> Self {
        header.identified.begin();
        Self {
            talks: Some(talks),
            header: header.clone(),
            questions,
            patient,
            greeting: None,
            held: BTreeMap::new(),
            hosts: HashMap::new(),
            ready: VecDeque::new(),
            learned: Vec::new(),
            counts: IdentifiedCounts::default(),
            before: 0,
        }
    }

    /// What an open port has said, before its finding is told.
    pub(crate) fn greeted(&mut self, address: Address, port: u16, greeting: Vec<u8>) {
        self.greeting = Some((address, port, greeting));
    }

    /// Takes the finding, if it has to wait.
    pub(crate) fn holds(&mut self, finding: &Finding) -> bool {
        match finding {
            Finding::Port(verdict) if verdict.state() == State::Open => self.port(verdict),
            Finding::Host(host) => self.host(host),
            _ => false,
        }
    }

    fn port(&mut self, verdict: &Verdict) -> bool {
        let (address, port) = (verdict.address, verdict.port);
        if let Some(service) = self.header.identified.of(address, port) {
            // It was kept.
            self.before += u64::from(service.connections);
            self.counts.count(&service);
            return false;
        }
        let greeting = self.greeting.take();
        let full = self.patient && self.held.len() >= HELD;
        let Some(inquiry) = self.inquiry(verdict) else {
            self.counts.leave_suspect();
            return false;
        };
        let here = |of: &(Address, u16, Vec<u8>)| (of.0, of.1) == (address, port);
        let greeting = greeting.filter(|of| here(of) && !of.2.is_empty());
        if greeting.is_none() && self.leaves_alone(port) {
            self.counts.leave_alone();
            return false;
        }
        let Some(talks) = self.talks.as_ref().filter(|_| !full) else {
            self.counts.put_off();
            return false;
        };
        let inquiry = match greeting {
            Some((_, _, bytes)) => inquiry.heard(&bytes),
            None => inquiry,
        };
        if self.held.insert((address, port), *verdict).is_none() {
            self.hosts.entry(address).or_default().ports += 1;
            talks.begin(address, port, inquiry);
        }
        true
    }

    /// Whether nothing is sent there, as the user does not want it.
    fn leaves_alone(&self, port: u16) -> bool {
        !self.questions.fragile && Port::new(port).is_some_and(is_fragile)
    }

    /// What to ask a port; nothing where it is no service that answers.
    fn inquiry(&self, verdict: &Verdict) -> Option<Inquiry> {
        if matches!(verdict.evidence.grade, Some(Grade::Suspect(_))) {
            return None;
        }
        let port = Port::new(verdict.port)?;
        let name = self.header.plan.names(verdict.address).first();
        let named = name.and_then(|name| Host::new(name));
        let host = named.unwrap_or(Host::Address(verdict.address.ip));
        let questions = &self.questions;
        let mut inquiry = Inquiry::new(questions.knowledge.clone(), host, port, Limits::default())
            .round_trip(verdict.rtt.unwrap_or_default());
        if questions.fragile {
            inquiry = inquiry.opt_in();
        }
        Some(match &questions.further {
            Some(further) => inquiry.further(further.clone()),
            None => inquiry,
        })
    }

    fn host(&mut self, host: &HostReport) -> bool {
        let Some(waiting) = self.hosts.get_mut(&host.address) else {
            return false;
        };
        waiting.report = Some(Box::new(host.clone()));
        if let Some(talks) = &self.talks {
            talks.host_done(host.address);
        }
        true
    }

    /// The next finding that need not wait any longer.
    pub(crate) fn next(&mut self) -> Option<Finding> {
        // Looked at first, so that all it has given back is taken.
        let gone = self.talks.as_ref().is_some_and(Talks::is_gone);
        while let Some(told) = self.talks.as_ref().and_then(Talks::told) {
            self.told(told, true);
        }
        if gone {
            self.stop();
        }
        self.ready.pop_front()
    }

    /// A port has been asked; `done`: to its end.
    fn told(&mut self, told: Told<Inquiry>, done: bool) {
        let (address, port) = (told.address, told.port);
        let service = told.talk.finish();
        if done || service.name.is_some() {
            self.counts.count(&service);
            let service = Arc::new(service);
            self.header.identified.learn(address, port, service.clone());
            self.learned.push((address, port, service));
        } else {
            self.counts.put_off();
        }
        self.release(address, port);
    }

    fn release(&mut self, address: Address, port: u16) {
        let Some(verdict) = self.held.remove(&(address, port)) else {
            return;
        };
        self.ready.push_back(Finding::Port(verdict));
        let Some(waiting) = self.hosts.get_mut(&address) else {
            return;
        };
        waiting.ports -= 1;
        if waiting.ports == 0
            && let Some(waiting) = self.hosts.remove(&address)
        {
            self.ready.extend(waiting.report.map(Finding::Host));
        }
    }

    /// Whether the whole may take no longer than that, by the clock of the scan.
    pub(crate) fn is_over_at(&self, elapsed: Duration) -> bool {
        let limit = self.header.plan.settings().max_time;
        limit.is_some_and(|limit| limit <= elapsed.into())
    }

    /// The scan is over: its caps are here now.
    pub(crate) fn scan_over(&self) {
        if let Some(talks) = &self.talks {
            talks.scan_over();
        }
    }

    /// From now on nobody is asked, and nothing waits; what was learned by now of ports that were being asked is kept.
    pub(crate) fn stop(&mut self) {
        let Some(talks) = self.talks.take() else {
            return;
        };
        self.counts.connections = talks.connections();
        talks.stop();
        while !self.held.is_empty()
            && let Some(told) = talks.told_within(STOPPING)
        {
            self.told(told, false);
        }
        for (address, port) in self.held.keys().copied().collect::<Vec<_>>() {
            self.counts.put_off();
            self.release(address, port);
        }
        talks.finish();
    }

    /// Whether so many wait that the scan is to wait for them.
    pub(crate) fn is_full(&self) -> bool {
        !self.patient && self.held.len() >= HELD
    }

    /// How many ports are being asked.
    pub(crate) fn waiting(&self) -> u64 {
        self.held.len() as u64
    }

    /// What was learned since the last time.
    pub(crate) fn learned(&mut self) -> Vec<Known> {
        std::mem::take(&mut self.learned)
    }

    /// What became of them.
    pub(crate) fn counts(&self) -> IdentifiedCounts {
        let connections = self.talks.as_ref().map(Talks::connections);
        IdentifiedCounts {
            connections: self.before + connections.unwrap_or(self.counts.connections),
            ..self.counts
        }
    }
}
