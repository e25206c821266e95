//! Picaporte, a TCP connect scanner, as a library: make a [`Plan`], call [`scan`], read findings.
#![forbid(unsafe_code)]

#[doc(hidden)]
pub mod cli;
pub mod report;
pub mod services;

use std::sync::Arc;

pub use picaporte_core as core;
pub use picaporte_core::{Plan, PortSet, Settings};
pub use picaporte_engine::{
    Account, Control, EngineError, Finding, Network, Next, Progress, Running,
};

/// Starts a scan; the findings come from the iterator as they are found, the account last.
///
/// # Errors
/// When the system refuses what every thread needs (see [`EngineError`]).
pub fn scan(plan: Plan) -> Result<Running, EngineError> {
    scan_from(plan, &Network::default())
}

/// The same, from a source address or an interface of your choice.
///
/// # Errors
/// As [`scan`], and when the source or the interface can't be used.
pub fn scan_from(plan: impl Into<Arc<Plan>>, network: &Network) -> Result<Running, EngineError> {
    picaporte_engine::start(plan.into(), network)
}
