//! What is not as whoever writes such files makes it: the pieces of a file that can't be what they should be. What they quote
//! is cut short.

use std::fmt;

use picaporte_core::port::PortError;

use super::failure::shown;

/// Who should have written the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// `picaporte scan -o`.
    Picaporte,
    /// `nmap -oX`.
    Nmap,
}

impl fmt::Display for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Picaporte => "'picaporte scan -o'",
            Self::Nmap => "nmap -oX",
        })
    }
}

/// What stands there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// No JSON, or not of this form; in the words of whoever reads JSON.
    #[error("{0}")]
    Json(String),
    /// No XML; in the words of whoever reads XML.
    #[error("{0}")]
    Xml(String),
    /// An attribute that can't be read; in the same words.
    #[error("<{tag}>: {said}")]
    Attribute {
        /// The element.
        tag: String,
        /// What was said.
        said: String,
    },
    /// An element lacks an attribute.
    #[error("<{tag}> has no '{key}'")]
    Lacks {
        /// The element.
        tag: String,
        /// The attribute.
        key: String,
    },
    /// Elements in one another, more than so many.
    #[error("more than {0} elements in one another")]
    Deep(usize),
    /// Another element than a run's.
    #[error("<{0}> in place of <nmaprun>")]
    Root(String),
    /// A port record of port 0.
    #[error("port 0, where ports are 1 to 65535")]
    PortZero,
    /// No number of a port.
    #[error("'{0}' is no port")]
    Port(String),
    /// A range of ports whose end lies before its beginning.
    #[error("the range of ports '{0}' runs backwards")]
    Backwards(String),
    /// A list of ports that is none.
    #[error("{0}")]
    Ports(PortError),
    /// No word for a state.
    #[error("'{0}' is no state of a port")]
    State(String),
    /// No address.
    #[error("'{0}' is no address")]
    Address(String),
    /// A name that no host can have.
    #[error("'{0}' is too long for a name")]
    Name(String),
    /// A record that is about nothing.
    #[error("a record has neither 'ip' nor 'name'")]
    Nameless,
}

impl Damage {
    /// A list of ports, with what the error quotes cut short.
    pub(super) fn ports(error: PortError) -> Self {
        Self::Ports(match error {
            PortError::Empty(text) => PortError::Empty(shown(&text)),
            PortError::OutOfRange(text) => PortError::OutOfRange(shown(&text)),
            PortError::Backwards(text) => PortError::Backwards(shown(&text)),
            PortError::Unknown(text) => PortError::Unknown(shown(&text)),
        })
    }
}
