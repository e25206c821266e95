//! What `locate` takes.

use std::net::IpAddr;

use clap::ValueEnum;
use picaporte_core::PortSet;

use super::{Allowed, EXIT_CODES, Speech};
use crate::cli::values;
use crate::report;

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

    #[command(flatten)]
    pub(crate) speech: Speech<LocatedFormat>,

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
