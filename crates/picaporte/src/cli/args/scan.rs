//! What `scan` takes.

use std::net::IpAddr;
use std::path::PathBuf;

use picaporte_core::PortSet;
use picaporte_core::cursor::Shard;
use picaporte_core::time::Duration;
use picaporte_core::verdict::States;

use super::{Allowed, EXIT_CODES, Look, Meanwhile, Reports};
use crate::cli::pace::PaceName;
use crate::cli::values;

const TARGET_HELP: &str = "\
Address, name, prefix (192.0.2.0/24), range (192.0.2.1-50, 192.0.0-3.1-254), each also with ports \
of its own (192.0.2.7:8443, [2001:db8::1]:443)";

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

    /// Give up on a host after this long; the rest is untested, `time-limit` (questions of --identify have 12 s a port of their own)
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
