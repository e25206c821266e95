//! The command line as it is written. Parsing is pure: it asks the system nothing, not even
//! whether a file exists; what the words stand for is found out later.

use clap::{Parser, Subcommand};

mod check;
mod diff;
mod kept;
mod locate;
mod scan;
mod shared;

pub(crate) use check::CheckArgs;
pub(crate) use diff::DiffArgs;
pub(crate) use kept::{HistoryArgs, KeptIn, ResumeArgs, ShowArgs};
pub(crate) use locate::LocateArgs;
pub(crate) use scan::ScanArgs;
pub(crate) use shared::{Allowed, Choice, Look, Meanwhile, ProgressKind, Reports, Speech};

const EXIT_CODES: &str = "\
Exit codes: 0 done, every planned probe was tested; 2 wrong usage, or an error that ended the work; \
3 the scan ended with probes untested; 130 interrupted.";

const ALL_EXIT_CODES: &str = "\
Exit codes: 0 done, every planned probe was tested; 1 two scans differ, or a policy is violated; 2 wrong usage, or an \
error that ended the work; 3 the scan ended with probes untested, or can't tell whether a policy holds; 130 interrupted.";

/// Tries every TCP door handle, notes what happened and why, and closes each door behind it.
#[derive(Debug, Parser)]
#[command(
    name = "picaporte",
    version,
    max_term_width = 80,
    disable_help_subcommand = true
)]
#[command(after_help = ALL_EXIT_CODES)]
pub(crate) struct Args {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands there are.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Scan targets: which ports are open, closed or filtered, and what proves it
    Scan(Box<ScanArgs>),
    /// Go on with a scan that was cut off, at the port at which it was
    Resume(ResumeArgs),
    /// Say which hop on the way answers, rejects or swallows the SYNs to a port
    Locate(Box<LocateArgs>),
    /// List the scans that are kept
    History(HistoryArgs),
    /// Print a scan that is kept once more, in any format
    Show(ShowArgs),
    /// Compare two scans: what opened, closed, became filtered or reachable, appeared or disappeared
    Diff(DiffArgs),
    /// Hold a scan against a policy of what must be, may be and must not be open
    Check(CheckArgs),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print a man page
    Man {
        /// The page of this command; without it, the main page
        command: Option<String>,
    },
}

#[cfg(test)]
mod tests;
