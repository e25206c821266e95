//! What two scans say, held against each other: which ports opened, closed, became filtered or reachable, which hosts appeared
//! or disappeared, and what can't be compared.
//!
//! A crate of its own, because it needs nothing of a scan that runs: only the core's words and sets of ports. Whatever keeps
//! scans, or holds them against a policy, can use its [`Snapshot`] without the command line, and its readers, which take
//! files from anywhere, are fuzzed without it. It opens no file, prints nothing, and knows no format to write.
//!
//! ```
//! use picaporte_diff::{Change, Limits, Wanted, compare, read};
//!
//! let scan = |ports: &str| {
//!     let line = format!(r#"{{"type":"host","ip":"192.0.2.7","ports":{ports}}}"#);
//!     read(line.as_bytes(), Wanted::default(), &Limits::default())
//! };
//! let old = scan(r#"{"open":"22","closed":"23-80","filtered":"","untested":""}"#)?;
//! let new = scan(r#"{"open":"22,80","closed":"23-79","filtered":"","untested":""}"#)?;
//!
//! let changes = compare(&old, &new);
//! let change = &changes.hosts[0].ports[0];
//! assert_eq!((change.change, change.ports.to_string()), (Change::Opened, "80".to_owned()));
//! assert!(compare(&new, &new).is_empty());
//! # Ok::<(), picaporte_diff::ReadError>(())
//! ```
#![forbid(unsafe_code)]

mod build;
mod changes;
mod claims;
mod compare;
mod evidence;
mod limits;
mod pool;
mod read;
mod service;
mod sets;
mod snapshot;

pub use build::Builder;
pub use changes::{
    Change, Changes, Counted, Counts, EvidenceChange, HostChanges, PortChange, Presence,
    RejectsChange, ServiceChange,
};
pub use compare::compare;
pub use evidence::{Belief, Evidence, Reject};
pub use limits::{Full, Limits};
pub use read::{Damage, Failure, Other, Part, Place, ReadError, Wanted, Writer, read};
pub use service::{Certificate, Service, Spoken, Term, Tls};
pub use snapshot::{About, Format, Host, HostId, Note, Said, Snapshot};
