//! What is known of services: probes to send, and rules over what comes back.
//!
//! It is data, one TOML file a service (`data/*.toml`, listed in `builtin`), so that a service is added without code and every rule
//! stands beside the specification that it was written from and the examples that prove it. All of a file is checked when it is read,
//! but for its patterns: these are compiled on first use, as no scan meets all services. [`Knowledge::prove`] compiles them all, and
//! a test does so for the files that are built in.
//!
//! - `raw` is a file as it is written, `read` checks it, `bytes` knows the escapes;
//! - `probe`, `rule`, `text`, `pattern` are what comes of it;
//! - `recognize` holds an answer against the rules.

mod builtin;
mod bytes;
mod error;
mod pattern;
mod probe;
mod raw;
mod read;
mod recognize;
mod rule;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use picaporte_core::PortSet;

pub use error::KnowledgeError;
pub use probe::{Host, Probe, ProbeId};
pub use recognize::{Recognized, RuleId, Source};
pub use rule::{Next, Said, StartTls};

pub(crate) use bytes::unescaped;
use recognize::Group;
use rule::Rule;

/// The longest file, in bytes. The longest of ours has a tenth of it.
pub const MOST_FILE: u64 = 256 << 10;
/// The longest question, in bytes: it goes into one segment or a few, and into every socket's buffer at once.
pub const MOST_SEND: usize = 4 << 10;
/// The longest pattern, in bytes.
pub const MOST_PATTERN: usize = 4 << 10;
/// The longest answer that rules are held against, in bytes; what comes after is not looked at.
pub const MOST_ANSWER: usize = 16 << 10;
/// The longest product, extra or hostname, in bytes; what is longer is cut.
pub const MOST_FIELD: usize = 256;
/// Names in a rule's `then`.
pub const MOST_THEN: usize = 8;
/// Rules of all files; and so of probes.
pub const MOST_RULES: usize = 4096;
/// Names of platforms of a rule.
pub const MOST_CPE: usize = 4;

/// All probes and rules. Made once, shared by all inquiries.
#[derive(Debug)]
pub struct Knowledge {
    probes: Vec<Probe>,
    rules: Vec<Rule>,
    files: Vec<File>,
    /// By what they read: first the greeting, then each probe.
    groups: Vec<Group>,
    /// Probes for ports that nothing is known of, lowest rank first.
    everywhere: Vec<ProbeId>,
}

/// What a file says of its service as a whole.
#[derive(Debug)]
struct File {
    name: Box<str>,
    ports: PortSet,
    tls_ports: PortSet,
    greets: bool,
}

impl Knowledge {
    /// What this crate brings with it. Read at the first call, shared by all.
    ///
    /// # Errors
    /// Where a file is wrong, with its name, line and column; a test proves that none is.
    pub fn builtin() -> Result<Arc<Self>, KnowledgeError> {
        static READ: OnceLock<Result<Arc<Knowledge>, KnowledgeError>> = OnceLock::new();
        READ.get_or_init(|| Self::read(builtin::FILES).map(Arc::new))
            .clone()
    }

    /// Reads files, each with a name for errors and its text. Patterns are compiled later, on first use.
    ///
    /// # Errors
    /// The first mistake, with the file's name, line and column.
    pub fn read(files: &[(&str, &str)]) -> Result<Self, KnowledgeError> {
        read::read(files)
    }

    /// Compiles every pattern, and finds out whether the groups exist that a rule speaks of.
    ///
    /// # Errors
    /// The first pattern that can't be compiled, or has too few groups.
    pub fn prove(&self) -> Result<(), KnowledgeError> {
        let failed = self
            .rules
            .iter()
            .find_map(|rule| rule.prove().err().map(|what| (rule, what)));
        failed.map_or(Ok(()), |(rule, what)| {
            Err(KnowledgeError::in_pattern(
                &self.files[rule.file].name,
                rule.line,
                &what,
            ))
        })
    }

    /// A probe.
    ///
    /// # Panics
    /// For a number of other knowledge.
    pub fn probe(&self, id: ProbeId) -> &Probe {
        &self.probes[id.0]
    }

    /// The probe of this name.
    pub fn probe_named(&self, name: &str) -> Option<ProbeId> {
        self.probes
            .iter()
            .position(|probe| &*probe.name == name)
            .map(ProbeId)
    }

    /// All probes, file by file.
    pub fn probes(&self) -> impl Iterator<Item = (ProbeId, &Probe)> {
        self.probes
            .iter()
            .enumerate()
            .map(|(at, probe)| (ProbeId(at), probe))
    }

    /// Those that are tried on ports that nothing is known of, lowest rank first.
    pub fn everywhere(&self) -> &[ProbeId] {
        &self.everywhere
    }

    /// Whether a service that speaks first usually has this port, plain or inside TLS.
    pub fn greets_on(&self, port: u16) -> bool {
        let has = |file: &File| file.ports.contains(port) || file.tls_ports.contains(port);
        let greet = |file: &File| file.greets && has(file);
        let inside =
            |probe: &Probe| self.files[probe.file].greets && probe.tls_ports.contains(port);
        self.files.iter().any(greet) || self.probes.iter().any(inside)
    }

    /// Whether what usually has this port speaks TLS from the first byte on.
    pub fn is_tls_port(&self, port: u16) -> bool {
        let named = |probe: &Probe| probe.tls_ports.contains(port);
        let files = || self.files.iter();
        files().any(|file| file.tls_ports.contains(port)) || self.probes.iter().any(named)
    }

    /// Whether the service that a probe is made for speaks first.
    pub fn greets(&self, probe: ProbeId) -> bool {
        self.files[self.probe(probe).file].greets
    }

    /// The names of all services that a rule may find, each once, with how many rules find it.
    pub fn services(&self) -> BTreeMap<&str, usize> {
        let mut services = BTreeMap::new();
        for rule in &self.rules {
            *services.entry(rule.service.as_str()).or_default() += 1;
        }
        services
    }
}
