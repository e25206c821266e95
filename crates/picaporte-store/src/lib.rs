//! Where Picaporte keeps its scans: one `SQLite` file for all of them, or as many as you like.
//!
//! A [`Store`] is a file. [`Store::begin`] gives a [`Writer`], which is told what a scan finds and commits it once a second, on
//! a thread of its own: ports and hosts that are done, what was decided of hosts that are not, and from where each part of the
//! scan goes on. If the file can't be written, the writer says so once and keeps nothing more; the scan goes on.
//!
//! ```no_run
//! # fn main() -> Result<(), picaporte_store::StoreError> {
//! use picaporte_store::{Filter, Options, Store, default_path};
//!
//! let path = default_path(|name| std::env::var_os(name))?;
//! let store = Store::open(&path, Options::default())?;
//! for scan in store.list(&Filter { open: Some(22), ..Filter::default() })? {
//!     let verified = store.verify(scan.id)?;
//!     assert_eq!(verified.digest, scan.digest);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! **What is true** is in the table `chunks`, one row for each commit, never changed: bytes, and a SHA-256 over them and over the
//! chunk before. **What is fast** is beside it: sums, the ports that are open, the addresses planned; [`Store::verify`] finds
//! these again from the chunks. Closed ports are not rows: they are in their host's set.
//!
//! **Several scans at once** share a file: each has a writer of its own, and a commit takes milliseconds. A scan has one writer:
//! who goes on with it ([`Store::go_on`]) takes it over, and the one before is told so.
#![forbid(unsafe_code)]

mod address;
mod connect;
mod desk;
mod digest;
mod doing;
mod done;
mod error;
mod findings;
mod keeper;
mod list;
mod load;
mod notes;
mod pending;
mod place;
mod portset;
mod record;
mod resume;
mod rows;
mod scan;
mod schema;
mod store;
mod verify;
mod why;
mod wire;
mod writer;

pub use digest::Digest;
pub use doing::{Doing, Part};
pub use error::StoreError;
pub use findings::Findings;
pub use list::{Filter, Listed};
pub use load::{Kept, Load};
pub use notes::Notes;
pub use pending::PendingHost;
pub use picaporte_core::Decided;
pub use place::default_path;
pub use resume::ResumeState;
pub use scan::{End, ScanId, ScanMeta, Stage, State, Totals, UnixMillis, Who, binding};
pub use store::{Options, Store};
pub use verify::Verified;
pub use why::{Bad, Why};
pub use writer::Writer;
