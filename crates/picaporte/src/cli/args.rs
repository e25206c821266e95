//! The command line as it is written. Parsing is pure: it asks the system nothing, not even
//! whether a file exists; what the words stand for is found out later.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use picaporte_core::PortSet;
use picaporte_core::cursor::Shard;
use picaporte_core::time::Duration;
use picaporte_core::verdict::States;

mod check;

use super::files::is_standard;
use super::pace::PaceName;
use super::values;
use crate::report::{self, Format, Lang};
pub(crate) use check::CheckArgs;

mod kept;

pub(crate) use kept::{HistoryArgs, KeptIn, ShowArgs};

const EXIT_CODES: &str = "\
Exit codes: 0 done, every planned probe was tested; 2 wrong usage, or an error that ended the work; \
3 the scan ended with probes untested; 130 interrupted.";

const DIFF_EXIT_CODES: &str = "\
Exit codes: 0 the same: every port whose state one scan knows, the other found in the same state; 1 they differ, \
or something can't be compared; 2 wrong usage, or a file that can't be read.";

const ALL_EXIT_CODES: &str = "\
Exit codes: 0 done, every planned probe was tested; 1 two scans differ, or a policy is violated; 2 wrong usage, or an \
error that ended the work; 3 the scan ended with probes untested, or can't tell whether a policy holds; 130 interrupted.";

const TARGET_HELP: &str = "\
Address, name, prefix (192.0.2.0/24), range (192.0.2.1-50, 192.0.0-3.1-254), each also with ports \
of its own (192.0.2.7:8443, [2001:db8::1]:443)";

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

/// What `scan` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct ScanArgs {
    #[arg(value_name = "TARGET", help = TARGET_HELP)]
    #[allow(missing_docs, reason = "brackets in a doc comment would be a link")]
    pub(crate) targets: Vec<String>,

    /// Ports, ranges, service names; `-` or `all`; `common` or `common:N`
    #[arg(short, long, value_name = "PORTS", default_value = "common", value_parser = values::ports)]
    #[arg(allow_negative_numbers = true)]
    pub(crate) ports: PortSet,

    /// Also read targets from FILE (`-` is standard input; `#` comments); repeatable
    #[arg(long, value_name = "FILE", help_heading = "Targets")]
    pub(crate) targets_file: Vec<PathBuf>,

    /// Leave out these addresses, ranges or names; repeatable, or separated by commas
    #[arg(
        long,
        value_name = "TARGET",
        value_delimiter = ',',
        help_heading = "Targets"
    )]
    pub(crate) exclude: Vec<String>,

    /// Leave out what FILE lists, written like targets; repeatable
    #[arg(long, value_name = "FILE", help_heading = "Targets")]
    pub(crate) exclude_file: Vec<PathBuf>,

    /// Leave out these ports on every target
    #[arg(long, value_name = "PORTS", value_parser = values::ports, help_heading = "Targets")]
    pub(crate) exclude_ports: Option<PortSet>,

    #[command(flatten)]
    pub(crate) allowed: Allowed,

    /// Scan the I-th of N disjoint parts, in whole blocks of hosts
    #[arg(long, value_name = "I/N", value_parser = values::shard, help_heading = "Targets")]
    pub(crate) shard: Option<Shard>,

    /// Print a port list (`common`), and scan nothing
    #[arg(long, value_name = "PORTS", exclusive = true, help_heading = "Targets")]
    pub(crate) list_ports: Option<String>,

    #[command(flatten)]
    pub(crate) reports: Reports,

    /// States listed port by port: open, closed, filtered, untested, or all
    #[arg(long, value_name = "STATES", default_value = "open", value_parser = values::states)]
    #[arg(help_heading = "Output")]
    pub(crate) show: States,

    #[command(flatten)]
    pub(crate) meanwhile: Meanwhile,

    #[command(flatten)]
    pub(crate) look: Look,

    /// Where the scan is kept (FILE, or `none`) instead of the user's state directory; also from `PICAPORTE_STORE`
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) store: Option<PathBuf>,

    /// Print hosts, probes and an estimate of the time; probe nothing (names are still resolved)
    #[arg(long, help_heading = "Output")]
    pub(crate) dry_run: bool,

    /// A named set of the caps below; a cap given by itself goes before it
    #[arg(long, value_enum, default_value = "normal", help_heading = "Pace")]
    pub(crate) pace: PaceName,

    /// At most N probes a second, in all
    #[arg(long, value_name = "N", value_parser = values::cap, help_heading = "Pace")]
    pub(crate) rate: Option<u32>,

    /// At most N probes a second, per host
    #[arg(long, value_name = "N", value_parser = values::cap, help_heading = "Pace")]
    pub(crate) host_rate: Option<u32>,

    /// At most N open attempts, in all
    #[arg(long, value_name = "N", value_parser = values::cap, help_heading = "Pace")]
    pub(crate) max_inflight: Option<u32>,

    /// At most N open attempts, per host
    #[arg(long, value_name = "N", value_parser = values::cap, help_heading = "Pace")]
    pub(crate) host_inflight: Option<u32>,

    /// Wait this long for each answer (500ms, 2s) instead of by the round trips seen
    #[arg(long, value_name = "D", value_parser = values::duration, help_heading = "Pace")]
    pub(crate) timeout: Option<Duration>,

    /// Ask a silent port N times instead of by the loss seen
    #[arg(long, value_name = "N", value_parser = values::attempts, help_heading = "Pace")]
    pub(crate) attempts: Option<u8>,

    /// The share of open ports that must be found; sets how often a silent port is asked at the loss seen
    #[arg(long, value_name = "R", value_parser = values::recall, default_value = "0.9999", help_heading = "Pace")]
    pub(crate) recall: f64,

    /// Ask a few ports first, and leave hosts that give no sign of life; their ports are untested, `host-silent`
    #[arg(long, help_heading = "Pace")]
    pub(crate) discover: bool,

    /// When the scan is over, say where on the way ports are answered, rejected or swallowed: one of each kind of a host
    #[arg(long, help_heading = "Output")]
    pub(crate) locate: bool,

    /// Also ask open ports what they are: service, product, version, TLS; a few connections each, no log-in
    #[arg(short = 'V', long, help_heading = "Output")]
    pub(crate) identify: bool,

    /// With --identify, also use your own nmap-service-probes where ours find nothing
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) nmap_probes: Option<PathBuf>,

    /// With --identify, also ask ports of printers and industrial control, and what old services may not bear
    #[arg(long, help_heading = "Output")]
    pub(crate) fragile: bool,

    /// Also ask this system's name servers what addresses that answer are called (reverse DNS): they learn which hosts are scanned
    #[arg(long, help_heading = "Output")]
    pub(crate) reverse_dns: bool,

    /// Give up on a host after this long; the rest is untested, `time-limit`
    #[arg(long, value_name = "D", value_parser = values::duration, help_heading = "Pace")]
    pub(crate) host_timeout: Option<Duration>,

    /// Give up on the scan after this long; the rest is untested, `time-limit`
    #[arg(long, value_name = "D", value_parser = values::duration, help_heading = "Pace")]
    pub(crate) max_time: Option<Duration>,

    /// The order of probes; random, and printed in every output, if not given
    #[arg(long, value_name = "N", value_parser = values::seed, help_heading = "Pace")]
    pub(crate) seed: Option<u64>,

    /// The address that probes leave from; implies its family
    #[arg(long, value_name = "ADDR", value_parser = values::source, help_heading = "Network")]
    pub(crate) source: Option<IpAddr>,

    /// The interface that probes leave from
    #[arg(long, value_name = "NAME", help_heading = "Network")]
    pub(crate) interface: Option<String>,
}

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

/// In which language a command of few formats speaks.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Speech {
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

/// What `resume` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
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

/// What `locate` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct LocateArgs {
    #[arg(value_name = "HOST:PORT", required = true)]
    #[arg(help = "Address or name with ports of its own (192.0.2.7:443, [2001:db8::1]:22,80)")]
    #[allow(missing_docs, reason = "brackets in a doc comment would be a link")]
    pub(crate) targets: Vec<String>,

    /// Leave out these addresses, ranges or names; repeatable, or separated by commas
    #[arg(
        long,
        value_name = "TARGET",
        value_delimiter = ',',
        help_heading = "Targets"
    )]
    pub(crate) exclude: Vec<String>,

    /// Leave out these ports on every target, also among those asked for comparison
    #[arg(long, value_name = "PORTS", value_parser = values::ports, help_heading = "Targets")]
    pub(crate) exclude_ports: Option<PortSet>,

    #[command(flatten)]
    pub(crate) allowed: Allowed,

    /// Format of standard output
    #[arg(
        long,
        value_enum,
        value_name = "F",
        default_value = "table",
        help_heading = "Output"
    )]
    pub(crate) format: LocatedFormat,

    #[command(flatten)]
    pub(crate) speech: Speech,

    /// At most N SYNs a second, in all
    #[arg(long, value_name = "N", value_parser = values::cap, help_heading = "Pace")]
    pub(crate) rate: Option<u32>,

    /// The address that SYNs leave from; implies its family
    #[arg(long, value_name = "ADDR", value_parser = values::source, help_heading = "Network")]
    pub(crate) source: Option<IpAddr>,

    /// The interface that SYNs leave from
    #[arg(long, value_name = "NAME", help_heading = "Network")]
    pub(crate) interface: Option<String>,
}

/// What `diff` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = DIFF_EXIT_CODES)]
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

    /// Format of standard output
    #[arg(
        long,
        value_enum,
        value_name = "F",
        default_value = "table",
        help_heading = "Output"
    )]
    pub(crate) format: DiffFormat,

    #[command(flatten)]
    pub(crate) speech: Speech,

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

/// The formats of `locate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LocatedFormat {
    /// A sentence for each port, the hops beneath.
    Table,
    /// One JSON object a line.
    Jsonl,
    /// One JSON document.
    Json,
}

impl From<LocatedFormat> for report::LocatedFormat {
    fn from(format: LocatedFormat) -> Self {
        match format {
            LocatedFormat::Table => Self::Table,
            LocatedFormat::Jsonl => Self::JsonLines,
            LocatedFormat::Json => Self::Json,
        }
    }
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }
}
