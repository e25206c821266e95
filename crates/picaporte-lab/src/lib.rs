//! Test networks whose truth is known: a scenario describes a world, the lab plays it to any scanner, and scores what the
//! scanner says against what is so. Nothing here knows how a scan is made.
#![forbid(unsafe_code)]

pub mod isolation;
pub mod library;
pub mod netns;
pub mod random;
pub mod real;
pub mod record;
pub mod scenario;
pub mod server;
pub mod truth;
