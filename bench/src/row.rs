//! The rows of the comparison: for each, what the far namespace does, what is scanned, and what the truth is. It knows
//! no programs' command lines and no measurements.

use std::fmt::Write as _;

use clap::ValueEnum;

use crate::program::Program;

/// Where the scanners stand and where they look: RFC 5737 and RFC 3849 documentation addresses.
pub(crate) const NEAR_4: &str = "192.0.2.1";
pub(crate) const FAR_4: &str = "192.0.2.2";
pub(crate) const NEAR_6: &str = "2001:db8::1";
pub(crate) const FAR_6: &str = "2001:db8::2";
/// The network that the far namespace answers for, address by address, through one route.
pub(crate) const FAR_NETWORK: &str = "10.0.0.0/8";

const EVERY_PORT: &str = "1-65535";
/// 131 × 500 is 65,500: five hundred ports spread evenly, and none of them is 22.
const OPEN_EVERY: u16 = 131;
const OPEN_SPREAD: u16 = 500;

/// One line of the table, or a variant of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Row {
    /// 65,535 closed ports, one host
    Closed,
    /// The same on one core
    ClosedOneCore,
    /// The same over IPv6
    ClosedIpv6,
    /// 65,535 ports, 501 open and the rest silent
    Silent,
    /// 4,096 hosts, one port, 1 in 16 alive
    Hosts,
    /// A /8 with 1,000 ports, all closed, stopped after 10 s
    Wide,
    /// The same, all silent
    WideSilent,
    /// 4,096 hosts with 400 closed ports each, kept in a store and not; measured with the store
    #[value(skip)]
    Kept,
}

impl Row {
    /// The rows asked for, or all of them, in the order of the table.
    pub(crate) fn chosen(only: &[Self]) -> Vec<Self> {
        Self::value_variants()
            .iter()
            .copied()
            .filter(|row| only.is_empty() || only.contains(row))
            .collect()
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Closed => "65,535 closed ports, one host",
            Self::ClosedOneCore => "65,535 closed ports, one host, one core",
            Self::ClosedIpv6 => "65,535 closed ports, one host, IPv6",
            Self::Silent => "65,535 ports, 501 open, the rest silent",
            Self::Hosts => "4,096 hosts, one port, 1 in 16 alive, the rest silent",
            Self::Wide => "a /8 with 1,000 ports, all closed, interrupted after 10 s",
            Self::WideSilent => "a /8 with 1,000 ports, all silent, interrupted after 10 s",
            Self::Kept => "4,096 hosts with 400 closed ports each",
        }
    }

    /// Who takes part, in the order of the first round.
    pub(crate) fn programs(self) -> &'static [Program] {
        use Program::{Bare, BareFresh, Nmap, Picaporte, PicaporteKept, RustScan, RustScanWide};
        match self {
            Self::Closed => &[Picaporte, Bare, BareFresh, Nmap, RustScan, RustScanWide],
            Self::ClosedOneCore => &[Picaporte, Bare],
            Self::ClosedIpv6 => &[Picaporte, Bare, Nmap, RustScan],
            Self::Silent => &[Picaporte, Nmap, RustScanWide],
            Self::Hosts => &[Picaporte, Nmap, RustScan],
            Self::Wide | Self::WideSilent => &[Picaporte],
            Self::Kept => &[Picaporte, PicaporteKept],
        }
    }

    pub(crate) fn target(self) -> &'static str {
        match self {
            Self::Closed | Self::ClosedOneCore | Self::Silent => FAR_4,
            Self::ClosedIpv6 => FAR_6,
            Self::Hosts | Self::Kept => "10.80.0.0/20",
            Self::Wide | Self::WideSilent => FAR_NETWORK,
        }
    }

    pub(crate) fn ports(self) -> &'static str {
        match self {
            Self::Hosts => "22-22",
            Self::Wide | Self::WideSilent => "1-1000",
            Self::Kept => "1-400",
            _ => EVERY_PORT,
        }
    }

    /// Probes in the whole plan; `None` where the run is cut short.
    pub(crate) fn probes(self) -> Option<u64> {
        match self {
            Self::Hosts => Some(4_096),
            Self::Wide | Self::WideSilent => None,
            Self::Kept => Some(4_096 * 400),
            _ => Some(65_535),
        }
    }

    /// Open ports that there are to be found.
    pub(crate) fn open(self) -> u64 {
        match self {
            Self::Silent => u64::from(OPEN_SPREAD) + 1,
            Self::Hosts => 256,
            _ => 0,
        }
    }

    pub(crate) fn one_core(self) -> bool {
        self == Self::ClosedOneCore
    }

    /// Threads for the bare loop: as many as Picaporte uses on the same cores.
    pub(crate) fn threads(self, cores: usize) -> usize {
        if self.one_core() { 1 } else { cores }
    }

    /// After how many seconds the program gets a SIGINT.
    pub(crate) fn interrupt_s(self) -> Option<u64> {
        matches!(self, Self::Wide | Self::WideSilent).then_some(10)
    }

    /// Ports that listen in the far namespace, on every IPv4 address of it. Real listeners rather than a redirect to
    /// one: a redirect needs connection tracking, which would be measured too.
    pub(crate) fn listeners(self) -> Vec<u16> {
        match self {
            Self::Silent => std::iter::once(22)
                .chain((1..=OPEN_SPREAD).map(|n| n * OPEN_EVERY))
                .collect(),
            Self::Hosts => vec![22],
            _ => Vec::new(),
        }
    }

    /// nftables rules of the far namespace, loaded over an emptied ruleset. They stand before connection tracking.
    pub(crate) fn rules(self) -> String {
        let body = match self {
            Self::Silent => {
                let mut ports = String::from("22");
                for port in &self.listeners()[1..] {
                    write!(ports, ",{port}").expect("writing to a string does not fail");
                }
                format!("tcp dport {{ {ports} }} accept; meta l4proto tcp drop;")
            }
            Self::Hosts => {
                "ip daddr & 0.0.0.15 == 0.0.0.3 accept; ip protocol tcp drop;".to_owned()
            }
            Self::WideSilent => "ip protocol tcp drop;".to_owned(),
            _ => String::new(),
        };
        if body.is_empty() {
            return "flush ruleset\n".to_owned();
        }
        let body = body.replace("; ", "\n");
        let body = body.trim_end_matches(';');
        format!(
            "flush ruleset\ntable inet bench {{\nchain c {{\ntype filter hook prerouting priority raw\n{body}\n}}\n}}\n"
        )
    }
}
