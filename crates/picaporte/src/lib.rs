//! Picaporte, a TCP connect scanner, as a library: make a [`Plan`], call [`scan`], read findings.
#![forbid(unsafe_code)]

pub mod services;

pub use picaporte_core as core;
pub use picaporte_core::{Plan, PortSet, Settings};
pub use picaporte_engine::{Account, Control, EngineError, Finding, Network, Next, Progress, Running};
