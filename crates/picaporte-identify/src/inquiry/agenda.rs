//! What is to be asked, and in which order.
//!
//! 1. What usually has this port, the more particular first (one port rather than a hundred).
//! 2. Then, as nobody knows what it is: HTTP, TLS, and the rest by rank.
//!
//! TLS comes before all where the port is known for it. A rule that matched ends the search; what it names is asked still, and nothing else.

use std::collections::VecDeque;

use picaporte_core::Port;

use crate::knowledge::{Knowledge, Next, ProbeId, RuleId};
use crate::tls::TlsVersion;

/// Something to do on a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// Send a probe, inside TLS if that was found.
    Probe(ProbeId),
    /// Send the probe of the user's own file that has this place in it.
    Further(usize),
    /// Find out whether TLS is spoken from the first byte on.
    Tls {
        /// Offer no protocol inside: the server refused what is usually offered.
        without_alpn: bool,
    },
    /// Begin TLS as this rule has it.
    StartTls(RuleId),
    /// Ask with a hello that old servers understand.
    Legacy,
    /// Ask whether this version is accepted.
    Version(TlsVersion),
}

/// Ports where nothing is sent unless the user asks for it. 9100 to 9107: printers print whatever comes (raw printing). The others are
/// industrial control (ISO-TSAP and S7, Modbus, IEC 60870-5-104, Niagara Fox, DNP3, EtherNet/IP), where a question may stop a machine.
const FRAGILE: &[(u16, u16)] = &[
    (102, 102),
    (502, 502),
    (1911, 1911),
    (2404, 2404),
    (4911, 4911),
    (9100, 9107),
    (20_000, 20_000),
    (44_818, 44_818),
];

/// Whether nothing is sent to a port unless the user asks for it ([`Inquiry::opt_in`](super::Inquiry::opt_in)): printers, and industrial control.
pub fn is_fragile(port: Port) -> bool {
    FRAGILE
        .iter()
        .any(|range| (range.0..=range.1).contains(&port.get()))
}

/// What is to be asked.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    then: VecDeque<Ask>,
    search: VecDeque<Ask>,
    asked: Vec<Ask>,
    /// Nothing is asked, whatever is learned.
    silent: bool,
    inside_tls: bool,
}

impl Agenda {
    /// The search on a port; none on a fragile one, unless the user wants it.
    pub(super) fn plain(knowledge: &Knowledge, port: Port, opt_in: bool) -> Self {
        if is_fragile(port) && !opt_in {
            return Self {
                silent: true,
                ..Self::default()
            };
        }
        let mut agenda = Self::search(knowledge, port, opt_in, false);
        let first = if knowledge.is_tls_port(port.get()) {
            0
        } else {
            behind_http(knowledge, &agenda.search)
        };
        agenda.search.insert(
            first,
            Ask::Tls {
                without_alpn: false,
            },
        );
        agenda
    }

    /// The search inside TLS. Protocols that are offered by names of their own come right after HTTP, as it was HTTP's that was offered;
    /// before it if that was refused (`own_alpn`).
    pub(super) fn inside_tls(
        knowledge: &Knowledge,
        port: Port,
        opt_in: bool,
        own_alpn: bool,
    ) -> Self {
        let mut agenda = Self::search(knowledge, port, opt_in, true);
        let at = if own_alpn {
            0
        } else {
            behind_http(knowledge, &agenda.search)
        };
        let mut rest = agenda.search.split_off(at);
        rest.make_contiguous()
            .sort_by_key(|ask| !has_alpn(knowledge, *ask));
        agenda.search.append(&mut rest);
        agenda
    }

    /// The port's own probes, then those that are asked everywhere.
    fn search(knowledge: &Knowledge, port: Port, opt_in: bool, inside_tls: bool) -> Self {
        let mut agenda = Self {
            inside_tls,
            ..Self::default()
        };
        let own = own(knowledge, port, opt_in, inside_tls);
        let everywhere = knowledge.everywhere().iter().copied();
        for ask in own.into_iter().chain(everywhere).map(Ask::Probe) {
            if agenda.allows(knowledge, ask, opt_in) {
                agenda.look(ask);
            }
        }
        agenda
    }

    /// Whether this may be asked, here where it stands.
    fn allows(&self, knowledge: &Knowledge, ask: Ask, opt_in: bool) -> bool {
        may(knowledge, ask, opt_in) && (!self.inside_tls || may_inside(knowledge, ask))
    }

    /// The next, which stays until it is [taken](Self::take).
    pub(super) fn next(&self) -> Option<Ask> {
        self.then.front().or(self.search.front()).copied()
    }

    /// Whether what is next follows from what was learned, and is no guess.
    pub(super) fn next_follows(&self) -> bool {
        !self.then.is_empty()
    }

    pub(super) fn take(&mut self) {
        let taken = self.then.pop_front().or_else(|| self.search.pop_front());
        self.asked.extend(taken);
    }

    /// The protocol is known: nothing is searched any more.
    pub(super) fn found(&mut self) {
        self.search.clear();
    }

    /// Only those of the search that are still worth asking.
    pub(super) fn retain(&mut self, keep: impl FnMut(&Ask) -> bool) {
        self.search.retain(keep);
    }

    /// What a rule names.
    pub(super) fn follow(&mut self, knowledge: &Knowledge, next: Next, opt_in: bool) {
        let ask = match next {
            Next::Probe(probe) => Ask::Probe(probe),
            Next::Tls => Ask::Tls {
                without_alpn: false,
            },
        };
        if self.allows(knowledge, ask, opt_in) {
            self.then(ask);
        }
    }

    /// To be asked before anything of the search; unless it was.
    pub(super) fn then(&mut self, ask: Ask) {
        if !self.silent && !self.asked.contains(&ask) && !self.then.contains(&ask) {
            self.search.retain(|other| *other != ask);
            self.then.push_back(ask);
        }
    }

    /// Not to be asked any more.
    pub(super) fn refused(&mut self, ask: Ask) {
        self.then.retain(|other| *other != ask);
        self.search.retain(|other| *other != ask);
        self.asked.push(ask);
    }

    /// To be asked last; unless it was.
    pub(super) fn look(&mut self, ask: Ask) {
        if !self.silent && !self.asked.contains(&ask) && !self.search.contains(&ask) {
            self.search.push_back(ask);
        }
    }

    /// Once more, and next: the connection broke under it.
    pub(super) fn again(&mut self, ask: Ask) {
        self.then.push_front(ask);
    }
}

/// Probes that come first on this port, the more particular before the less.
fn own(knowledge: &Knowledge, port: Port, opt_in: bool, inside_tls: bool) -> Vec<ProbeId> {
    let number = port.get();
    let mut own: Vec<(u32, ProbeId)> = Vec::new();
    for (id, probe) in knowledge
        .probes()
        .filter(|(id, _)| may(knowledge, Ask::Probe(*id), opt_in))
    {
        let inside = inside_tls && probe.tls_ports.contains(number);
        let ports = if inside {
            &probe.tls_ports
        } else {
            &probe.ports
        };
        if ports.contains(number) {
            own.push((ports.len(), id));
        }
    }
    own.sort_unstable();
    own.into_iter().map(|(_, id)| id).collect()
}

fn may(knowledge: &Knowledge, ask: Ask, opt_in: bool) -> bool {
    match ask {
        Ask::Probe(probe) => opt_in || knowledge.probe(probe).opt_in.is_none(),
        _ => true,
    }
}

/// Whether this makes sense inside TLS.
fn may_inside(knowledge: &Knowledge, ask: Ask) -> bool {
    match ask {
        Ask::Probe(probe) => knowledge.probe(probe).inside_tls,
        Ask::Tls { .. } => false,
        _ => true,
    }
}

/// Whether this is offered by ALPN by a name of its own.
pub(super) fn has_alpn(knowledge: &Knowledge, ask: Ask) -> bool {
    matches!(ask, Ask::Probe(probe) if !knowledge.probe(probe).alpn.is_empty())
}

/// Behind the first of those that are asked everywhere, and so behind all that usually have the port.
fn behind_http(knowledge: &Knowledge, search: &VecDeque<Ask>) -> usize {
    let first = knowledge
        .everywhere()
        .first()
        .map(|probe| Ask::Probe(*probe));
    let own = search.iter().position(|ask| Some(*ask) == first);
    own.map_or(search.len(), |at| at + 1)
}

/// How likely it is that a service on this port speaks first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Greets {
    /// What usually has the port greets.
    Likely,
    /// Nobody knows.
    Perhaps,
    /// What usually has the port waits to be asked.
    Unlikely,
}

/// As what usually has the port does.
pub(super) fn greets(knowledge: &Knowledge, port: Port, inside_tls: bool, opt_in: bool) -> Greets {
    let own = own(knowledge, port, opt_in, inside_tls);
    let asks = own.iter().any(|probe| !knowledge.greets(*probe));
    match (knowledge.greets_on(port.get()), asks) {
        (true, false) => Greets::Likely,
        (false, true) => Greets::Unlikely,
        _ => Greets::Perhaps,
    }
}
