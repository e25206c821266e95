//! What is wrong with a file of probes, and where.

use std::fmt;

use picaporte_core::port::PortError;
use picaporte_toml::Mistake;

/// Why a file can't be used: one line that says where, what, and what to mend.
///
/// It quotes the file, so that it is still to be encoded for its sink.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Wrong {
    /// The file, as the caller calls it.
    pub file: String,
    /// Counted from 1; 0 where it is about the whole file.
    pub line: u32,
    /// What is wrong, and what to mend.
    pub what: Mistake,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.what),
            line => write!(f, "{}, line {line}: {}", self.file, self.what),
        }
    }
}

/// Something in a file that was passed over. It quotes the file, so that it is still to be encoded for its sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Counted from 1.
    pub line: u32,
    /// What was passed over, and why.
    pub what: Mistake,
}

/// At most so many warnings are kept word by word; all are counted.
pub const WARNINGS: usize = 64;

/// Warnings, some of them word by word.
#[derive(Debug, Clone, Default)]
pub(super) struct Warnings {
    pub(super) kept: Vec<Warning>,
    pub(super) all: u32,
}

impl Warnings {
    pub(super) fn add(&mut self, line: u32, what: impl Into<Mistake>) {
        self.all = self.all.saturating_add(1);
        if self.kept.len() < WARNINGS {
            let what = what.into();
            self.kept.push(Warning { line, what });
        }
    }
}

/// A list of ports that is none, with what the error quotes cut short.
pub(super) fn ports(error: PortError) -> Mistake {
    let short = |text: String| {
        let mut chars = text.chars();
        let mut short: String = chars.by_ref().take(40).collect();
        if chars.next().is_some() {
            short.push('…');
        }
        short
    };
    let error = match error {
        PortError::Empty(text) => PortError::Empty(short(text)),
        PortError::OutOfRange(text) => PortError::OutOfRange(short(text)),
        PortError::Backwards(text) => PortError::Backwards(short(text)),
        PortError::Unknown(text) => PortError::Unknown(short(text)),
    };
    error.into()
}

/// A piece of the file as it is quoted: 40 characters at most.
pub(super) fn quoted(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(160)]);
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() || bytes.len() > 160 {
        short.push('…');
    }
    format!("'{short}'")
}
