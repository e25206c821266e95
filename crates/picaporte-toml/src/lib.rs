//! What scope files and policies have in common: TOML that people write, read so that every mistake has its line, its column
//! and what to mend.
//!
//! A crate of its own, because a policy is checked without the command line and a scope is read within it. It opens no file
//! and knows no key.
#![forbid(unsafe_code)]

mod lines;
mod mistake;
mod networks;
mod text;
mod words;
mod wrong;

pub use lines::Lines;
pub use mistake::{Mistake, Text};
pub use networks::{Network, overlaps};
pub use text::{LONGEST, beyond, beyond_prefix, text, words};
pub use words::{Dates, of_toml};
pub use wrong::{At, Checked, Wrong, position};
