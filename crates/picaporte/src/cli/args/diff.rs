//! What `diff` takes.

use std::path::PathBuf;

use clap::ValueEnum;

use super::{KeptIn, Look, Speech};
use crate::report;

const EXIT_CODES: &str = "\
Exit codes: 0 the same: every port whose state one scan knows, the other found in the same state; 1 they differ, \
or something can't be compared; 2 wrong usage, or a file that can't be read.";

/// What `diff` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct DiffArgs {
    /// The scan before: one that is kept (its name in `history`, or the beginning of it), a file of `scan -o` (.jsonl, .json), or nmap's XML (-oX); `-` is standard input
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,

    /// The scan after
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,

    #[command(flatten)]
    pub(crate) kept: KeptIn,

    /// Also compare what proves the states: who rejects, how far open ports can be believed
    #[arg(long)]
    pub(crate) evidence: bool,

    #[command(flatten)]
    pub(crate) speech: Speech<DiffFormat>,

    #[command(flatten)]
    pub(crate) look: Look,
}

/// The formats of `diff`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// Each host with what happened to it.
    Table,
    /// One JSON document.
    Json,
    /// A document in Markdown.
    Md,
}

impl From<DiffFormat> for report::ChangesFormat {
    fn from(format: DiffFormat) -> Self {
        match format {
            DiffFormat::Table => Self::Table,
            DiffFormat::Json => Self::Json,
            DiffFormat::Md => Self::Markdown,
        }
    }
}
