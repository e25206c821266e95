//! The deciding half of Picaporte: which probe is next, when, and what its outcome proves.
//!
//! Nothing here opens a socket, reads a clock, starts a thread or prints. A [`Scan`] is handed
//! time and outcomes, and hands back [`Step`]s; the same seed and the same outcomes give the same
//! scan. [`sim`] plays a whole network against it, from a seed.
#![forbid(unsafe_code)]

pub mod bits;
pub mod block;
pub mod canary;
pub mod cursor;
pub mod flight;
pub mod grade;
pub mod hearing;
mod host;
pub mod known;
pub mod link;
pub mod locate;
mod network;
pub mod order;
pub mod outcome;
pub mod pace;
pub mod plan;
pub mod policy;
pub mod port;
pub mod rate;
pub mod scan;
pub mod scope;
mod seen;
pub mod sim;
pub mod talk;
pub mod tally;
pub mod target;
pub mod throttle;
pub mod time;
pub mod timing;
pub mod verdict;
pub mod wheel;
mod wide;
pub mod window;

pub use grade::{Close, Ending, Grade, Graded, Heard, Options, Peer, Suspicion};
pub use known::{Decided, Known};
pub use outcome::{Departure, Icmp, LocalError, Outcome, ProbeId};
pub use plan::{Plan, PlanError, Settings};
pub use port::{Port, PortSet};
pub use scan::{Report, Scan, Step};
pub use scope::Scope;
pub use target::{Address, Target};
pub use time::{Duration, Instant};
pub use verdict::{Evidence, Reason, State, Verdict};
