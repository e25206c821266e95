//! What listens behind an open port: what to ask it, and what its answers say.
//!
//! This crate knows protocols and bytes. It opens no socket, looks at no clock and prints nothing: an [`Inquiry`](inquiry::Inquiry) says what to do next on one
//! port (connect, send, listen, close) and is told what came of it; whoever drives it has the socket, the clock and the caps.
//!
//! - [`knowledge`]: probes and rules, read from data files of our own (`data/*.toml`, each written from its specification);
//! - [`inquiry`]: the order of questions for one port, as a state machine;
//! - [`service`]: what comes of it;
//! - [`tls`]: versions, ciphers and certificates, without trusting them;
//! - [`nmap`]: the user's own `nmap-service-probes`, if they say so.
//!
//! Whatever came from the network is an [`Untrusted`](picaporte_encode::Untrusted), but for what a checked type can't say wrong: a
//! [`Version`](service::Version), a number, a name of our own.

pub mod inquiry;
pub mod knowledge;
pub mod nmap;
pub mod service;
pub mod tls;
