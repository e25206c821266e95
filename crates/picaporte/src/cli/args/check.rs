//! What `check` takes.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::ValueEnum;
use jiff::civil::Date;

use super::{KeptIn, Look, Speech};
use crate::cli::values;
use crate::report;

const CHECK_EXIT_CODES: &str = "\
Exit codes: 0 the policy holds; 1 it is violated; 2 wrong usage, or a policy or scan that can't be read; 3 nothing is known \
to violate it, but not everything can be told.";

/// What `check` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = CHECK_EXIT_CODES)]
#[command(
    override_usage = "picaporte check [OPTIONS] <POLICY> <SCAN>\n       picaporte check [OPTIONS] <POLICY> <TARGET>... [-- <OPTIONS OF SCAN>]\n       picaporte check --init <SCAN>"
)]
pub(crate) struct CheckArgs {
    /// The policy (TOML)
    #[arg(value_name = "POLICY", required_unless_present = "init")]
    pub(crate) policy: Option<PathBuf>,

    /// The scan: a kept one, by the beginning of its name; a file of `scan -o` (.jsonl, .json), or nmap's XML (-oX); `-` is
    /// standard input. Or targets, to be scanned now
    #[arg(value_name = "SCAN or TARGET", required_unless_present = "init")]
    pub(crate) scan: Vec<PathBuf>,

    /// Options of `scan` for targets, after `--`: -- -p - --scope scope.toml
    #[arg(value_name = "OPTIONS OF SCAN", last = true)]
    pub(crate) options: Vec<OsString>,

    #[command(flatten)]
    pub(crate) kept: KeptIn,

    /// Print a policy that describes SCAN, to start from, and check nothing
    #[arg(long, value_name = "SCAN", conflicts_with_all = ["policy", "scan", "options", "date", "format"])]
    pub(crate) init: Option<PathBuf>,

    /// Hold exceptions against this day (2026-12-31) instead of today's, in UTC
    #[arg(long, value_name = "DATE", value_parser = values::day)]
    pub(crate) date: Option<Date>,

    #[command(flatten)]
    pub(crate) speech: Speech<CheckFormat>,

    #[command(flatten)]
    pub(crate) look: Look,
}

/// The formats of `check`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// Each rule with what does not hold of it.
    Table,
    /// One JSON document.
    Json,
    #[value(help = "JUnit XML, a test for each rule")]
    /// `JUnit` XML, a test for each rule.
    Junit,
    /// SARIF 2.1.0.
    Sarif,
}

impl From<CheckFormat> for report::CheckFormat {
    fn from(format: CheckFormat) -> Self {
        match format {
            CheckFormat::Table => Self::Table,
            CheckFormat::Json => Self::Json,
            CheckFormat::Junit => Self::JUnit,
            CheckFormat::Sarif => Self::Sarif,
        }
    }
}
