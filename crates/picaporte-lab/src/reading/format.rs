//! The formats that are known, by name and by their first bytes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Coverage, hostport, rustscan};

/// A format that scanners write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Picaporte's JSON Lines (`--format jsonl`).
    Picaporte,
    /// nmap's XML (`-oX -`).
    Nmap,
    /// `RustScan`'s greppable lines (`-g`).
    Rustscan,
    /// masscan's JSON (`-oJ -`).
    Masscan,
    /// Lines of `ADDRESS:PORT`, one for each open port; IPv6 addresses in brackets.
    Hostport,
}

/// A name that no format has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no format; write picaporte, nmap, rustscan, masscan or hostport")]
pub struct UnknownFormat(String);

impl Format {
    /// Every format.
    pub const ALL: [Self; 5] = [
        Self::Picaporte,
        Self::Nmap,
        Self::Rustscan,
        Self::Masscan,
        Self::Hostport,
    ];

    /// Its name, as `--format` takes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Picaporte => "picaporte",
            Self::Nmap => "nmap",
            Self::Rustscan => "rustscan",
            Self::Masscan => "masscan",
            Self::Hostport => "hostport",
        }
    }

    /// Whether it has a word for every port.
    pub const fn coverage(self) -> Coverage {
        match self {
            Self::Picaporte | Self::Nmap => Coverage::Everything,
            Self::Rustscan | Self::Masscan | Self::Hostport => Coverage::OpenOnly,
        }
    }

    /// The format that an output with this beginning seems to have.
    pub fn guess(head: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(head);
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let line = text.lines().next().unwrap_or_default();
        let after_bracket = text.strip_prefix('[').map(str::trim_start);
        if text.starts_with('<') {
            Some(Self::Nmap)
        } else if line.starts_with("{\"type\"") {
            Some(Self::Picaporte)
        } else if hostport::parse(line).is_some() {
            Some(Self::Hostport)
        } else if rustscan::looks_like(line) {
            Some(Self::Rustscan)
        } else if text.starts_with('{')
            || after_bracket.is_some_and(|rest| rest.is_empty() || rest.starts_with(['{', ']']))
        {
            Some(Self::Masscan)
        } else {
            None
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        Self::ALL
            .into_iter()
            .find(|format| format.name() == text)
            .ok_or_else(|| UnknownFormat(super::failure::shown(text)))
    }
}
