//! From flags to the settings of a scan, and the numbers behind `--pace` as text. Knows no targets.

use std::hash::{BuildHasher as _, RandomState};

use clap::ValueEnum;
use clap::builder::PossibleValue;
use picaporte_core::cursor::Shard;
use picaporte_core::pace::Pace;
use picaporte_core::plan::MAX_PROBES;
use picaporte_core::{PortSet, Settings, canary};

use super::args::ScanArgs;
use super::text::grouped;
use crate::services;

/// A named set of caps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PaceName {
    /// For fragile devices and small NAT tables.
    Gentle,
    /// By what the network bears.
    Normal,
    /// As many as there are descriptors and local ports.
    Fast,
}

impl PaceName {
    /// The numbers behind the name.
    const fn caps(self) -> Pace {
        match self {
            Self::Gentle => Pace::GENTLE,
            Self::Normal => Pace::NORMAL,
            Self::Fast => Pace::FAST,
        }
    }
}

/// The help of each value is its numbers, so that help and program cannot disagree.
impl ValueEnum for PaceName {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Gentle, Self::Normal, Self::Fast]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let name = match self {
            Self::Gentle => "gentle",
            Self::Normal => "normal",
            Self::Fast => "fast",
        };
        Some(PossibleValue::new(name).help(numbers(&self.caps())))
    }
}

/// How many ports are asked for a sign of life. nmap without privileges asks two (80 and 443); each further one finds hosts that
/// filter those, at the cost of one SYN a silent host.
const DISCOVERY_PORTS: usize = 8;

/// The settings that the flags ask for; a flag goes before the number of the named pace.
pub(crate) fn settings(args: &ScanArgs) -> Settings {
    let named = args.pace.caps();
    let pace = Pace {
        rate: args.rate.or(named.rate),
        host_rate: args.host_rate.or(named.host_rate),
        max_inflight: args.max_inflight.unwrap_or(named.max_inflight),
        host_inflight: args.host_inflight.unwrap_or(named.host_inflight),
    };
    let seed = args.seed.unwrap_or_else(random_seed);
    Settings {
        seed,
        pace,
        timeout: args.timeout,
        attempts: args.attempts,
        recall: args.recall,
        discover: signs_of_life(args),
        canaries: canary::choose(seed, |port| {
            !excluded(args.exclude_ports.as_ref(), port) && services::name(port).is_none()
        }),
        host_timeout: args.host_timeout,
        max_time: args.max_time,
        shard: args.shard.unwrap_or(Shard::WHOLE),
        show: args.show,
    }
}

/// The ports that `--discover` asks, in order: the first of `common` that were not excluded. Any answer is a sign of life, a RST
/// as well, so the ports are those that filters let through most often; hosts that filter nothing answer on the first.
fn signs_of_life(args: &ScanArgs) -> Vec<u16> {
    if !args.discover {
        return Vec::new();
    }
    let common = services::common().iter().copied();
    common
        .filter(|&port| !excluded(args.exclude_ports.as_ref(), port))
        .take(DISCOVERY_PORTS)
        .collect()
}

/// Whether a port that nobody named is not to be asked either.
pub(super) fn excluded(ports: Option<&PortSet>, port: u16) -> bool {
    ports.is_some_and(|ports| ports.contains(port))
}

fn numbers(pace: &Pace) -> String {
    let rate = |cap: Option<u32>, whose: &str| match cap {
        Some(n) => format!("{} probes/s {whose}", grouped(n.into())),
        None => format!("no fixed rate {whose}"),
    };
    let rates = match (pace.rate, pace.host_rate) {
        (None, None) => "no fixed rate".to_owned(),
        (all, host) => format!("{}, {}", rate(all, "in all"), rate(host, "per host")),
    };
    let inflight = format!(
        "{} in flight, {} per host",
        grouped(pace.max_inflight.into()),
        grouped(pace.host_inflight.into())
    );
    format!("{rates}; {inflight}")
}

/// A seed that differs from scan to scan, exact as a JSON number.
fn random_seed() -> u64 {
    RandomState::new().hash_one("seed") % MAX_PROBES
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::{Args, Command};

    fn settings_of(line: &str) -> Settings {
        let words = ["picaporte", "scan", "192.0.2.1"]
            .into_iter()
            .chain(line.split_whitespace());
        match Args::parse_from(words).command {
            Command::Scan(args) => settings(&args),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_flag_goes_before_the_pace() {
        let gentle = settings_of("--pace gentle").pace;
        assert_eq!(gentle, Pace::GENTLE);
        let mixed = settings_of("--pace gentle --rate 7 --host-inflight 2").pace;
        assert_eq!(
            mixed,
            Pace {
                rate: Some(7),
                host_inflight: 2,
                ..Pace::GENTLE
            }
        );
    }

    #[test]
    fn the_help_holds_every_number() {
        let paces = PaceName::value_variants().iter();
        let help = paces.filter_map(|p| Some(p.to_possible_value()?.get_help()?.to_string()));
        let help = help.collect::<Vec<_>>().join("; ");
        for number in [
            "60 probes/s",
            "30 probes/s per host",
            "64 in flight",
            "20,000",
            "65,536",
        ] {
            assert!(help.contains(number), "{number} is missing: {help}");
        }
    }

    #[test]
    fn a_seed_is_exact_in_json_and_differs() {
        let seeds: Vec<u64> = (0..8).map(|_| settings_of("").seed).collect();
        assert!(seeds.iter().all(|&s| s < MAX_PROBES));
        assert!(seeds.iter().any(|&s| s != seeds[0]));
        assert_eq!(settings_of("--seed 7").seed, 7);
    }
}
