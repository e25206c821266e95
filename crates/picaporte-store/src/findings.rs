//! What a scan has to tell, collected by whoever tells it: no lock is taken until all of it is laid down at once.

use std::num::NonZeroU16;

use picaporte_core::scan::HostReport;
use picaporte_core::{Address, State, Verdict};

use crate::address::Key;
use crate::desk::Told;
use crate::record;
use crate::scan::Stage;
use picaporte_core::Decided;

/// What [`Writer::tell`](crate::Writer::tell) lays down at once, and the store keeps in one chunk.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    pub(crate) told: Told,
}

impl Findings {
    /// A port that is listed.
    pub fn port(&mut self, verdict: &Verdict) {
        let mut fields = Vec::with_capacity(64);
        record::write_port(verdict, &mut fields);
        record::append(&fields, &mut self.told.ports);
        if verdict.state() == State::Open {
            self.told
                .open
                .push((Key::of(verdict.address), verdict.port));
        }
    }

    /// What listens on a port, learned after the port was told: bytes that only the caller understands. They take the place of those that
    /// were told of it before.
    pub fn service(&mut self, address: Address, port: NonZeroU16, bytes: &[u8]) {
        self.note(address, port.get(), bytes);
    }

    /// What an address is called; as [`service`](Self::service).
    pub fn names(&mut self, address: Address, bytes: &[u8]) {
        self.note(address, 0, bytes);
    }

    fn note(&mut self, address: Address, port: u16, bytes: &[u8]) {
        let mut fields = Vec::with_capacity(bytes.len() + 32);
        record::write_note(address, port, bytes, &mut fields);
        record::append(&fields, &mut self.told.ports);
    }

    /// A host. If it is [done](Stage::Done), what was [decided](Self::decided) of it is let go: its report must hold all of it,
    /// and is told once. If it was cut off, the report of whoever goes on with the scan takes this one's place.
    pub fn host(&mut self, host: &HostReport, stage: Stage) {
        let mut fields = Vec::with_capacity(128);
        record::write_host(host, stage, &mut fields);
        record::append(&fields, &mut self.told.hosts);
        if stage == Stage::Done {
            self.told.done.push(host.index);
            self.told.counts.merge(&host.counts);
        }
    }

    /// Ports that are decided, listed or not, of hosts that are not done yet; each is told once.
    pub fn decided(&mut self, ports: &[Decided]) {
        self.told.decided.extend_from_slice(ports);
    }

    /// From where a part of the scan goes on: bytes that only the caller understands. They take the place of those that it
    /// told before.
    pub fn progress(&mut self, part: u32, bytes: &[u8]) {
        self.told.progress.insert(part, bytes.to_vec());
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.told.weight() == 0
    }
}
