//! A probe of the file: what is sent, where and how often it is worth it, and whose rules read the answer.

use std::ops::Range;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use picaporte_core::{Port, PortSet};

use super::filter::Filter;

/// How long nmap listens for an answer where the file says nothing (nmap's book, `totalwaitms`).
const WAIT: Duration = Duration::from_secs(5);

/// Asked of ports that nothing is known of from this intensity on, where the file says nothing: as nmap does, seen when it is run.
const RARITY: u8 = 5;

/// How much may be asked of a port that nothing is known of: 0 (only probes that name the port) to 9 (every one).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Intensity(u8);

impl Intensity {
    /// 0 to 9.
    pub const fn new(level: u8) -> Option<Self> {
        if level <= 9 { Some(Self(level)) } else { None }
    }

    /// Its number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// nmap's own default: 7.
impl Default for Intensity {
    fn default() -> Self {
        Self(7)
    }
}

/// A probe.
#[derive(Debug)]
pub struct Probe {
    /// Its place in the file, among probes.
    pub(super) index: usize,
    /// It is never sent; its rules may be fallen back to.
    pub(super) udp: bool,
    pub(super) name: Arc<str>,
    pub(super) send: Box<[u8]>,
    pub(super) ports: PortSet,
    pub(super) tls_ports: PortSet,
    pub(super) rarity: u8,
    pub(super) wait: Duration,
    pub(super) wrapped: Option<Duration>,
    /// Its own rules, which stand together.
    pub(super) rules: Range<usize>,
    /// What its own rules need, once they are asked for the first time.
    pub(super) filter: OnceLock<Filter>,
    /// The probes whose rules read its answer too, in this order.
    pub(super) fallbacks: Vec<usize>,
}

impl Probe {
    pub(super) fn new(
        index: usize,
        udp: bool,
        name: &str,
        send: Vec<u8>,
        first_rule: usize,
    ) -> Self {
        Self {
            index,
            udp,
            name: name.into(),
            send: send.into(),
            ports: PortSet::empty(),
            tls_ports: PortSet::empty(),
            rarity: RARITY,
            wait: WAIT,
            wrapped: None,
            rules: first_rule..first_rule,
            filter: OnceLock::new(),
            fallbacks: Vec::new(),
        }
    }

    /// The file's name for it: 1 to 64 characters of ASCII, without white space.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its place in the file, for [`Probes::at`](super::Probes::at).
    pub(crate) fn index(&self) -> usize {
        self.index
    }

    /// What is sent; nothing where it only listens.
    pub fn send(&self) -> &[u8] {
        &self.send
    }

    /// How long an answer is worth waiting for, 1 ms to 5 min; 5 s where the file says nothing.
    pub fn wait(&self) -> Duration {
        self.wait
    }

    /// A connection that is closed sooner than this without a word is a TCP wrapper's. The file says so of its NULL probe.
    pub fn wrapped(&self) -> Option<Duration> {
        self.wrapped
    }

    /// 1 (asked everywhere) to 9 (hardly anywhere but on its ports).
    pub fn rarity(&self) -> u8 {
        self.rarity
    }

    /// What a [`Service`](crate::service::Service) calls it: `greeting` if nothing is sent, else `nmap:` and its name.
    pub(super) fn label(&self) -> Arc<str> {
        if self.send.is_empty() {
            return "greeting".into();
        }
        format!("nmap:{}", self.name).into()
    }

    /// Whether it is sent early on a port, in the clear or inside TLS.
    pub(super) fn names(&self, port: Port, inside_tls: bool) -> bool {
        let ports = if inside_tls {
            &self.tls_ports
        } else {
            &self.ports
        };
        ports.contains(port.get())
    }
}
