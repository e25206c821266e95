//! The acting half of Picaporte: kernel sockets, readiness, threads and the clock.
//!
//! The only crate that opens scan sockets, reads errno and holds unsafe code. It decides nothing:
//! each thread drives one [`picaporte_core::Scan`] and answers it with what the kernel said.

mod clock;
mod conntrack;
mod crew;
mod errno;
mod error;
mod errqueue;
mod gate;
pub mod interfaces;
mod limits;
mod locating;
#[cfg_attr(not(target_os = "linux"), path = "netlink_elsewhere.rs")]
mod netlink;
mod reactor;
mod running;
mod socket;
mod talking;
mod tcp_info;
mod worker;

pub use error::{EngineError, Needed};
pub use locating::{Locating, locate};
pub use running::{
    Account, Control, Finding, Network, Next, Progress, Running, Standing, check, start, start_kept,
};
pub use talking::{Talks, Told, talks};
