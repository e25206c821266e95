//! What is kept of a host to be told with its report: how far its open ports can be believed, and who rejected the others.

use crate::bits::Bits;
use crate::grade::Graded;
use crate::outcome::Icmp;
use crate::scan::count_reject;

/// Of one host.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub graded: Graded,
    /// Which ICMP errors came for how many of its ports.
    pub rejects: Vec<(Icmp, u32)>,
    /// The ports for which one came.
    pub rejected: Bits,
    /// How many of them were among its first.
    pub first_rejected: u32,
}

impl Seen {
    /// An ICMP error came for port `j` of `len`, which the system may not tell more of; `first` if it answers one of the
    /// host's first attempts.
    pub(crate) fn reject(&mut self, j: u32, len: u32, first: bool, icmp: Option<Icmp>) {
        self.rejected.set(j, len);
        self.first_rejected += u32::from(first);
        if let Some(icmp) = icmp {
            count_reject(&mut self.rejects, icmp, 1);
        }
    }
}
