//! What the commands take that are about kept scans.

use std::path::PathBuf;

use clap::ValueEnum;

use super::{Look, Meanwhile, Reports, Speech};
use crate::cli::since::{self, Since};
use crate::cli::values;
use crate::report;

const EXIT_CODES: &str = "\
Exit codes: 0 done; 2 wrong usage, or a store that can't be read, or a scan that is not there or was altered.";

/// Where scans are kept.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct KeptIn {
    /// The file in which scans are kept; also from `PICAPORTE_STORE`, or else in the user's state directory
    #[arg(long, value_name = "FILE")]
    pub(crate) store: Option<PathBuf>,
}

/// What `resume` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = super::EXIT_CODES)]
pub(crate) struct ResumeArgs {
    /// The scan, by the beginning of its name [default: the newest that was cut off]
    #[arg(value_name = "SCAN")]
    pub(crate) scan: Option<String>,

    #[command(flatten)]
    pub(crate) kept: KeptIn,

    /// Refuse it unless it was begun with the scope that FILE allows; also from `PICAPORTE_SCOPE`
    #[arg(long, value_name = "FILE")]
    pub(crate) scope: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) reports: Reports,

    #[command(flatten)]
    pub(crate) meanwhile: Meanwhile,

    #[command(flatten)]
    pub(crate) look: Look,
}

/// What `history` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct HistoryArgs {
    /// Only scans that planned this address; with --open, whose port was open there
    #[arg(long, value_name = "ADDR")]
    pub(crate) host: Option<String>,

    /// Only scans that began then or later: a date (UTC), a moment (RFC 3339), or how long ago (7d, 12h, 30m)
    #[arg(long, value_name = "WHEN", value_parser = since::parse)]
    pub(crate) since: Option<Since>,

    /// Only scans that found this port open, on any host
    #[arg(long, value_name = "PORT", value_parser = values::port)]
    pub(crate) open: Option<u16>,

    /// At most N scans
    #[arg(long, value_name = "N", value_parser = values::cap)]
    pub(crate) limit: Option<u32>,

    #[command(flatten)]
    pub(crate) speech: Speech<HistoryFormat>,

    #[command(flatten)]
    pub(crate) kept: KeptIn,
}

/// What `show` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct ShowArgs {
    /// The scan: its name in `history`, or the beginning of it; without it, the newest
    #[arg(value_name = "SCAN")]
    pub(crate) scan: Option<String>,

    /// First check by its digests that it was not altered since it was kept
    #[arg(long)]
    pub(crate) verify: bool,

    #[command(flatten)]
    pub(crate) kept: KeptIn,

    #[command(flatten)]
    pub(crate) reports: Reports,

    /// No notes, only errors
    #[arg(short, long, help_heading = "Output")]
    pub(crate) quiet: bool,

    #[command(flatten)]
    pub(crate) look: Look,
}

/// The formats of `history`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HistoryFormat {
    /// Two lines a scan.
    Table,
    /// One JSON object a line.
    Jsonl,
    /// One JSON document.
    Json,
}

impl From<HistoryFormat> for report::HistoryFormat {
    fn from(format: HistoryFormat) -> Self {
        match format {
            HistoryFormat::Table => Self::Table,
            HistoryFormat::Jsonl => Self::JsonLines,
            HistoryFormat::Json => Self::Json,
        }
    }
}
