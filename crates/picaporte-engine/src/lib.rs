//! The acting half of Picaporte: kernel sockets, readiness, threads and the clock.
//!
//! The only crate that opens scan sockets, reads errno and holds unsafe code. It decides nothing:
//! each thread drives one [`picaporte_core::Scan`] and answers it with what the kernel said.

mod running;

pub use running::{Account, Control, EngineError, Finding, Network, Next, Progress, Running, start};
