//! Attempts whose SYNs may take only so many hops. Apart from the ordinary ones, which pay nothing for it.

use std::io;

use picaporte_core::{Address, Instant, Outcome, ProbeId};

use super::Reactor;
use crate::errno;
use crate::socket::Hops;

impl Reactor {
    /// As [`connect`](Self::connect), on a fresh socket with these limits.
    pub(crate) fn connect_within(
        &mut self,
        now: Instant,
        id: ProbeId,
        (address, port): (Address, u16),
        hops: Hops,
    ) -> Option<Outcome> {
        self.slot(id).socket = None;
        let socket = self.socket(id.slot, address.ip.is_ipv6());
        match socket.and_then(|socket| socket.limit(hops)) {
            Ok(()) => self.connect(now, id, address, port),
            // A floor that this system does not have tells as much as silence.
            Err(error) if error.kind() == io::ErrorKind::Unsupported => Some(Outcome::ABORTED),
            Err(error) => Some(Outcome::Local(errno::socket(&error))),
        }
    }
}
