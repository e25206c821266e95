//! The exit codes of the contract, in one place. Scripts depend on them: add, never change.

use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done; every planned probe was tested.
    Done = 0,
    /// Two scans differ, or can't be compared in everything; a policy is violated.
    Differs = 1,
    /// Wrong usage, or an error that ended the work or an output.
    Error = 2,
    /// The scan ended with probes untested; nothing is known to violate a policy, but not everything can be told.
    Untested = 3,
    /// Interrupted; what was found is kept.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
