//! How much is read and kept of one file. Files come from anywhere, and a small one must not fill the memory.

/// The bounds of one reading. The defaults let through a /12 with a few ports, or a /16 with all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub bytes: u64,
    /// Bytes of one line, one finding or one element. A host of which every second port is open takes 390 kB.
    pub entry: usize,
    /// How deep elements may be nested; nmap's tables of scripts make a dozen.
    pub depth: usize,
    /// Hosts.
    pub hosts: usize,
    /// Ranges of ports, of all hosts together, 4 to 12 bytes each. Sets that hosts have in common count once.
    pub ranges: usize,
    /// Different pieces of evidence.
    pub evidence: usize,
    /// Ports whose service is told; and different services, 100 bytes to 3 kB each.
    pub services: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 4 << 30,
            entry: 4 << 20,
            depth: 128,
            hosts: 1 << 20,
            ranges: 1 << 24,
            evidence: 1 << 20,
            services: 1 << 20,
        }
    }
}

/// Which bound was met, and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Full {
    /// [`Limits::hosts`].
    #[error("more than {0} hosts, the most that are compared at once; scan and compare in parts")]
    Hosts(usize),
    /// [`Limits::ranges`].
    #[error(
        "more than {0} ranges of ports, the most that are kept at once; scan and compare in parts"
    )]
    Ranges(usize),
    /// [`Limits::evidence`].
    #[error("more than {0} different pieces of evidence; compare without --evidence, or in parts")]
    Evidence(usize),
    /// [`Limits::services`].
    #[error("more than {0} ports with a service, the most that are kept at once; compare in parts")]
    Services(usize),
}
