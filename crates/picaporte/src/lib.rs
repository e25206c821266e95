//! Picaporte, a TCP connect scanner, as a library: make a [`Plan`], call [`scan`], read findings.
//!
//! ```no_run
//! use picaporte::{Finding, NoLookup, Plan, PortSet, Target};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let ports = PortSet::parse("22,80,8000-8100", &|_| None)?;
//! let mut plan = Plan::builder(ports);
//! plan.target(&Target::parse("127.0.0.1", &NoLookup)?)?;
//!
//! for finding in picaporte::scan(plan.build()?)? {
//!     match finding {
//!         Finding::Port(verdict) => println!(
//!             "{} port {}: {} ({})",
//!             verdict.address,
//!             verdict.port,
//!             verdict.state().name(),
//!             verdict.reason.name(),
//!         ),
//!         Finding::End(account) => assert!(account.tally.balances()),
//!         Finding::Opened { .. } | Finding::Host(_) | Finding::Decided(_) => {}
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! - A [`Plan`] says which (address, port) pairs, each once; its [`Settings`] say how: pace, timeouts, seed, and
//!   which states are reported port by port ([`States`], by default only open ports).
//! - A [`Verdict`] is one port, decided: a [`State`], the [`Reason`] for it, and the [`Evidence`].
//! - [`Running`] is the iterator of findings; [`Running::control`] stops the scan from another thread.
//! - The last finding is the [`Account`]: planned = tested + untested.
//! - [`report`] turns findings into bytes; [`services`] knows ports by name.
//! - [`kept`](mod@kept) is what a store keeps of a scan, and how it comes back.
//! - A [`Scope`] in [`Network`] says what may be asked at all; [`scope`](mod@scope) reads one from a file.
#![forbid(unsafe_code)]

#[macro_use]
mod words;

#[doc(hidden)]
pub mod cli;
pub mod kept;
pub mod report;
pub mod scope;
pub mod services;
mod snapshot;

use std::sync::Arc;

pub use picaporte_core as core;
#[doc(inline)]
pub use picaporte_core::grade::{Close, Grade, Graded, Options, Peer, Suspicion};
#[doc(inline)]
pub use picaporte_core::pace::Pace;
#[doc(inline)]
pub use picaporte_core::plan::PlanBuilder;
#[doc(inline)]
pub use picaporte_core::policy::{DefaultPolicy, Policy};
#[doc(inline)]
pub use picaporte_core::scan::HostReport;
#[doc(inline)]
pub use picaporte_core::tally::{Counts, Tally};
#[doc(inline)]
pub use picaporte_core::target::{Lookup, NoLookup, Target, TargetError};
#[doc(inline)]
pub use picaporte_core::verdict::{Evidence, Reason, State, States, Verdict};
#[doc(inline)]
pub use picaporte_core::{Address, Icmp, Plan, PlanError, PortSet, Scope, Settings};
pub use picaporte_engine::{
    Account, Control, EngineError, Finding, Locating, Network, Next, Progress, Running, Standing,
    locate, start_kept,
};

/// Starts a scan; the findings come from the iterator as they are found, the account last.
///
/// # Errors
/// When the system refuses what every thread needs (see [`EngineError`]).
pub fn scan(plan: Plan) -> Result<Running, EngineError> {
    scan_from(plan, &Network::default())
}

/// The same, from a source address or an interface of your choice, or held to a scope.
///
/// # Errors
/// As [`scan`], and when the source or the interface can't be used, or the scope does not hold now.
pub fn scan_from(plan: impl Into<Arc<Plan>>, network: &Network) -> Result<Running, EngineError> {
    picaporte_engine::start(plan.into(), network)
}
