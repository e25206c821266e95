//! What several commands take: where their reports go and how those look, what is told meanwhile, and which addresses may be asked.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::cli::files::is_standard;
use crate::cli::values;
use crate::report::{Format, Lang};

/// Where reports go, in which formats.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Reports {
    /// Also write to FILE, the format by its extension; `-` is standard output; repeatable
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Vec<PathBuf>,

    #[arg(long, value_name = "F", default_value = "table", value_parser = Format::by_name)]
    #[arg(help = values::format_help(), help_heading = "Output")]
    #[allow(
        missing_docs,
        reason = "a doc comment would be the help text, which is computed"
    )]
    pub(crate) format: Format,

    /// Say in the page (html) what changed since this scan: one that is kept, or a file, as `diff` takes them
    #[arg(long, value_name = "SCAN", help_heading = "Output")]
    pub(crate) since: Option<PathBuf>,

    /// Name nmap as the scanner in XML, as its DTD and a few importers demand; needs an output in XML
    #[arg(long, help_heading = "Output")]
    pub(crate) xml_strict: bool,

    /// The language of tables and documents for people: en or es; by default the locale's
    #[arg(long, value_name = "LANG", value_parser = Lang::by_name, help_heading = "Output")]
    pub(crate) lang: Option<Lang>,
}

impl Reports {
    /// The files of `-o`, each once for each time it is named; standard output has its own format.
    pub(crate) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.output.iter().filter(|path| !is_standard(path))
    }
}

/// In which of its few formats, and in which language, a command speaks.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Speech<F: ValueEnum + Send + Sync + 'static> {
    /// Format of standard output
    #[arg(
        long,
        value_enum,
        value_name = "F",
        default_value = "table",
        help_heading = "Output"
    )]
    pub(crate) format: F,

    /// The language of what is read by people: en or es; by default the locale's
    #[arg(long, value_name = "LANG", value_parser = Lang::by_name, help_heading = "Output")]
    pub(crate) lang: Option<Lang>,
}

/// What is told on standard error meanwhile.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Meanwhile {
    /// Progress on standard error
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = "Output"
    )]
    pub(crate) progress: ProgressKind,

    /// No progress and no notes, only errors
    #[arg(short, long, help_heading = "Output")]
    pub(crate) quiet: bool,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressKind {
    /// A line that moves in a terminal, nothing in a pipe.
    Auto,
    /// A line that moves in a terminal, a line now and then in a pipe.
    Bar,
    /// One JSON object a second.
    Json,
    /// Nothing.
    None,
}

/// How standard output looks.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Look {
    /// Colours on standard output
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = "Output"
    )]
    pub(crate) color: Choice,
}

/// When to do something that a terminal invites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Choice {
    /// In a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Which of the targets' addresses may be asked.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Allowed {
    /// Send nothing outside the scope that FILE allows (TOML); also from `PICAPORTE_SCOPE`
    #[arg(long, value_name = "FILE", help_heading = "Targets")]
    pub(crate) scope: Option<PathBuf>,

    /// Only IPv4 addresses
    #[arg(short = '4', conflicts_with = "ipv6", help_heading = "Targets")]
    pub(crate) ipv4: bool,

    /// Only IPv6 addresses
    #[arg(short = '6', help_heading = "Targets")]
    pub(crate) ipv6: bool,
}
