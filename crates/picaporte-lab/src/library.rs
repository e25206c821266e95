//! The scenarios that come with the lab, built into it, so that they are found by name from any folder.

use std::path::{Path, PathBuf};

use crate::scenario::{self, Scenario, ScenarioError};

macro_rules! scenarios {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../scenarios/", $name, ".toml")))),*]
    };
}

/// Name and text of every scenario of the folder `scenarios`, by name.
const SCENARIOS: &[(&str, &str)] = scenarios![
    "admin-prohibited",
    "all-ports-loss-5",
    "cloud-security-group",
    "dead-network",
    "discover",
    "few-descriptors",
    "few-local-ports",
    "forged-rst",
    "freebsd-rst-limit",
    "home-router",
    "ips-ban",
    "ipv6-network",
    "jitter-2s",
    "lan-without-arp",
    "linux-icmp-limit",
    "listen-queue",
    "loss-20",
    "loss-5",
    "loss-in-bursts",
    "loss-on-the-way-back",
    "mixed-behaviours",
    "multi-homed-name",
    "narrow-link",
    "outage-2s",
    "portspoof",
    "quiet-lan",
    "real-firewall",
    "real-lan",
    "real-loss",
    "real-syn-proxy",
    "reject-port-unreachable",
    "reordered-and-doubled",
    "satellite",
    "second-syn",
    "sparse-16",
    "sweep-outage",
    "syn-proxy",
    "tarpit",
    "wan-150ms",
];

/// The names, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    SCENARIOS.iter().map(|(name, _)| *name)
}

/// The text of the scenario of that name.
pub fn text_of(name: &str) -> Option<&'static str> {
    SCENARIOS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}

/// The scenario of that name, or in that file: what ends in `.toml` or holds a `/` is a file.
///
/// # Errors
/// When there is no such scenario, and when it is refused.
pub fn find(name_or_file: &str) -> Result<Scenario, ScenarioError> {
    let file = Path::new(name_or_file);
    if name_or_file.contains('/') || file.extension().is_some_and(|ending| ending == "toml") {
        return scenario::load(file);
    }
    match SCENARIOS.iter().find(|(name, _)| *name == name_or_file) {
        Some((name, text)) => scenario::from_text(&PathBuf::from(format!("scenarios/{name}.toml")), text),
        None => Err(ScenarioError {
            file: file.to_owned(),
            line: 0,
            column: 0,
            what: "there is no such scenario; `picaporte-lab list` shows those that there are, and a file ends in .toml".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests;
