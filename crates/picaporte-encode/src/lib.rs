//! One encoder for each sink that text from outside goes to, and a type for bytes from the network that has no other way out.
//!
//! They exist so that no name and no byte from the network can steer a terminal, hide itself, or run as a formula or a script.
//! The functions take text of users and machines (arguments, names of files, names that somebody typed) and don't know where it came
//! from; what a network sent is [`Untrusted`] from the moment it is read. A crate of its own, so that whatever reads from a network or
//! writes for a person can use it, and nothing has to depend on the reports for that.
#![forbid(unsafe_code)]

mod cell;
mod grepable;
mod html;
mod json;
mod markdown;
mod sarif;
mod terminal;
#[cfg(test)]
mod tests;
mod toml;
mod unseen;
mod untrusted;
mod uri;
mod xml;

pub use cell::cell;
pub use grepable::grepable;
pub use html::{html_attribute, html_text};
pub use json::json;
pub use markdown::markdown;
pub use sarif::sarif;
pub use terminal::terminal;
pub use toml::toml;
pub use unseen::is_unseen;
pub use untrusted::{NotKept, Untrusted};
pub use uri::uri;
pub use xml::xml;
