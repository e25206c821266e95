//! Test networks whose truth is known: a scenario describes a world, the lab plays it to any scanner, and scores what the
//! scanner says against what is so. Nothing here knows how a scan is made.
#![forbid(unsafe_code)]

pub mod compare;
pub mod files;
pub mod isolation;
pub mod library;
pub mod machine;
pub mod netns;
pub mod page;
pub mod planned;
pub mod random;
pub mod reading;
pub mod real;
pub mod record;
pub mod run;
pub mod scenario;
pub mod score;
pub mod server;
pub mod sim;
pub mod truth;
pub mod words;
