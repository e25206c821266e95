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
//! ```
//! use picaporte_core::talk::Talk as _;
//! use picaporte_core::{Duration, Instant, Port};
//! use picaporte_identify::inquiry::{Event, Inquiry, Limits, Step};
//! use picaporte_identify::knowledge::{Host, Knowledge};
//!
//! let knowledge = Knowledge::builtin().expect("a test proves that it is good");
//! let (host, port) = (Host::new("www.example.org").unwrap(), Port::new(22).unwrap());
//! let mut inquiry = Inquiry::new(knowledge, host, port, Limits::default());
//!
//! let mut now = Instant::ZERO;
//! assert_eq!(inquiry.poll(now), Step::Connect);
//! inquiry.handle(now, Event::Connected);
//! let Step::Listen { .. } = inquiry.poll(now) else { unreachable!() };
//! inquiry.handle(now, Event::Bytes(b"SSH-2.0-OpenSSH_9.2p1\r\n"));
//! // A rule is sure of it: what belongs to it would come at once.
//! let Step::Listen { until } = inquiry.poll(now) else { unreachable!() };
//! assert_eq!(until, now + Duration::from_millis(50));
//! now = until;
//! assert_eq!(inquiry.poll(now), Step::Close);
//! assert_eq!(inquiry.poll(now), Step::Done);
//! let service = inquiry.finish();
//! assert_eq!(service.name.unwrap().as_str(), "ssh");
//! assert_eq!(service.version.unwrap().as_str(), "9.2p1");
//! ```
//!
//! Whatever came from the network is an [`Untrusted`](picaporte_encode::Untrusted), but for what a checked type can't say wrong: a
//! [`Version`](service::Version), a number, a name of our own.
#![forbid(unsafe_code)]

pub mod inquiry;
pub mod knowledge;
pub mod nmap;
pub mod service;
pub mod tls;
