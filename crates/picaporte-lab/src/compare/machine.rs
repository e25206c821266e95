//! What a reader must know of the machine to judge the figures: date, kernel, cores, memory, whether it was busy with
//! something else, and the versions of all scanners.

use super::{KNOWN, Scanner};
use crate::machine;

/// Facts as pairs of a name and a value, in the order of the table.
#[derive(Clone, Debug)]
pub struct Machine(pub Vec<(String, String)>);

impl Machine {
    /// This machine, with these scanners.
    pub fn look(scanners: &[Scanner]) -> Self {
        let own = ("lab", env!("CARGO_PKG_VERSION").to_owned());
        let facts = machine::facts().into_iter().chain([own]);
        let mut facts: Vec<(String, String)> = facts
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        facts.extend(versions(scanners));
        Self(facts)
    }
}

fn versions(scanners: &[Scanner]) -> Vec<(String, String)> {
    let known = KNOWN.iter().map(|name| (*name).to_owned());
    let others = scanners.iter().map(|scanner| scanner.name.clone());
    let others = others.filter(|name| !KNOWN.contains(&&**name));
    known
        .chain(others)
        .map(|name| {
            let version = match scanners.iter().find(|scanner| scanner.name == name) {
                Some(scanner) => scanner.version.as_deref().unwrap_or("unknown"),
                None => "not compared",
            };
            (name, version.to_owned())
        })
        .collect()
}
