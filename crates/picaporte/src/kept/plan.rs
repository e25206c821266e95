//! A plan as bytes: one for the format, then JSON.
//!
//! JSON rather than something shorter: it can be read in twenty years without this program, and with the names of its fields
//! a later version can add one. Ranges and ports are written as people write them, so that a million addresses take 14 MB
//! and an ordinary plan less than a kilobyte.

use std::net::IpAddr;
use std::path::PathBuf;

use picaporte_core::cursor::Shard;
use picaporte_core::pace::Pace;
use picaporte_core::plan::Unresolved;
use picaporte_core::plan::parts::{Hosts, PlanParts, Ports};
use picaporte_core::time::Duration;
use picaporte_core::verdict::{State, States};
use picaporte_core::{Plan, Settings};
use serde::{Deserialize, Serialize};

use super::{KeptError, text};

/// The format that is written, and the latest that is read. A field without which the same scan can't be made again makes a
/// new one.
pub const FORMAT: u8 = 1;

/// Everything that makes the same scan again: addresses, ports, pinned names, what lies outside the scope, every setting.
pub fn to_bytes(plan: &Plan) -> Vec<u8> {
    write(plan, Beside::default())
}

/// The plan that was kept.
///
/// # Errors
/// [`KeptError::Format`], [`KeptError::Plan`] and [`KeptError::Parts`].
pub fn from_bytes(bytes: &[u8]) -> Result<Plan, KeptError> {
    read(bytes).map(|(plan, _)| plan)
}

/// What a report tells of a scope, and neither its text nor the plan knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Told {
    /// Where the file was.
    pub(super) path: String,
    /// The caps that it lowered.
    pub(super) lowered: Vec<Cap>,
}

/// A cap that was lowered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cap {
    pub(super) limit: String,
    pub(super) asked: Option<u32>,
    pub(super) allowed: u32,
}

/// From where it is asked, and what for: what the plan does not know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct How {
    /// The addresses to which the scope's names were pinned.
    pub pins: Vec<(String, Vec<IpAddr>)>,
    /// The address that probes leave from.
    pub source: Option<IpAddr>,
    /// The interface that probes leave from.
    pub interface: Option<String>,
    /// It is located where ports are answered.
    pub locate: bool,
    /// The reverse DNS is asked what addresses that answer are called. Written only where it is so: versions that don't know it
    /// refuse nothing else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reverse_dns: bool,
    /// Open ports are asked what they are. Written as the one before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub identify: bool,
    /// Fragile ones too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fragile: bool,
    /// The user's own probes for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nmap_probes: Option<PathBuf>,
}

/// What is kept beside a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Beside {
    pub(super) told: Option<Told>,
    pub(super) how: How,
}

pub(super) fn write(plan: &Plan, beside: Beside) -> Vec<u8> {
    let mut bytes = vec![FORMAT];
    let wire = Wire::of(plan.parts(), beside);
    serde_json::to_writer(&mut bytes, &wire).expect("strings and numbers, written to memory");
    bytes
}

pub(super) fn read(bytes: &[u8]) -> Result<(Plan, Beside), KeptError> {
    let (&format, json) = (bytes.split_first()).ok_or(KeptError::Plan("it is empty".to_owned()))?;
    if format != FORMAT {
        return Err(KeptError::Format(format));
    }
    let wire: Wire = serde_json::from_slice(json).map_err(|e| KeptError::Plan(e.to_string()))?;
    let (parts, beside) = wire.parts().map_err(KeptError::Plan)?;
    Ok((Plan::from_parts(parts)?, beside))
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    settings: WireSettings,
    ports: Vec<WirePorts>,
    hosts: Vec<Run>,
    outside: Vec<Run>,
    names: Vec<(String, Vec<String>)>,
    skipped: String,
    unresolved: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<Told>,
    #[serde(default)]
    how: How,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WirePorts {
    asked: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    barred: String,
}

/// Ranges that follow each other and share a port list.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    ports: u32,
    ranges: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSettings {
    seed: u64,
    rate: Option<u32>,
    host_rate: Option<u32>,
    max_inflight: u32,
    host_inflight: u32,
    timeout_ns: Option<u64>,
    attempts: Option<u8>,
    /// In digits: as a number of JSON it might come back as its neighbour.
    recall: String,
    host_timeout_ns: Option<u64>,
    max_time_ns: Option<u64>,
    /// Counted from 1, and how many.
    shard: (u32, u32),
    discover: Vec<u16>,
    canaries: Vec<u16>,
    show: Vec<String>,
}

impl Wire {
    fn of(parts: PlanParts, beside: Beside) -> Self {
        let names = parts.names.into_iter();
        let unresolved = parts.unresolved.into_iter();
        Self {
            settings: WireSettings::of(&parts.settings),
            ports: parts.ports.iter().map(WirePorts::of).collect(),
            hosts: runs(&parts.hosts),
            outside: runs(&parts.outside),
            names: names
                .map(|(a, names)| {
                    (
                        a.to_string(),
                        names.iter().map(ToString::to_string).collect(),
                    )
                })
                .collect(),
            skipped: text::ranges(&parts.skipped),
            unresolved: unresolved
                .map(|u| (u.name.to_string(), u.ports.to_string()))
                .collect(),
            scope: beside.told,
            how: beside.how,
        }
    }

    fn parts(self) -> Result<(PlanParts, Beside), String> {
        let names = self.names.into_iter();
        let names = names.map(|(address, names)| {
            let names = names.into_iter().map(Into::into).collect();
            Ok((text::read_address(&address)?, names))
        });
        let unresolved = self.unresolved.into_iter().map(|(name, ports)| {
            let ports = text::read_ports(&ports)?;
            Ok(Unresolved {
                name: name.into(),
                ports,
            })
        });
        let parts = PlanParts {
            settings: self.settings.read()?,
            ports: self
                .ports
                .iter()
                .map(WirePorts::read)
                .collect::<Result<_, _>>()?,
            hosts: read_runs(&self.hosts)?,
            outside: read_runs(&self.outside)?,
            names: names.collect::<Result<_, String>>()?,
            skipped: text::read_ranges(&self.skipped)?,
            unresolved: unresolved.collect::<Result<_, String>>()?,
        };
        let beside = Beside {
            told: self.scope,
            how: self.how,
        };
        Ok((parts, beside))
    }
}

impl WirePorts {
    fn of(ports: &Ports) -> Self {
        Self {
            asked: ports.asked.to_string(),
            barred: ports.barred.to_string(),
        }
    }

    fn read(&self) -> Result<Ports, String> {
        Ok(Ports {
            asked: text::read_ports(&self.asked)?,
            barred: text::read_ports(&self.barred)?,
        })
    }
}

fn runs(hosts: &[Hosts]) -> Vec<Run> {
    let runs = hosts.chunk_by(|a, b| a.1 == b.1);
    runs.map(|run| Run {
        ports: run[0].1,
        ranges: text::ranges(run.iter().map(|hosts| &hosts.0)),
    })
    .collect()
}

fn read_runs(runs: &[Run]) -> Result<Vec<Hosts>, String> {
    let mut hosts = Vec::new();
    for run in runs {
        let ranges = text::read_ranges(&run.ranges)?;
        hosts.extend(ranges.into_iter().map(|range| (range, run.ports)));
    }
    Ok(hosts)
}

impl WireSettings {
    fn of(settings: &Settings) -> Self {
        let Settings {
            seed,
            pace,
            timeout,
            attempts,
            recall,
            host_timeout,
            max_time,
            shard,
            discover,
            canaries,
            show,
        } = settings;
        let shown = State::ALL.iter().filter(|&&state| show.contains(state));
        Self {
            seed: *seed,
            rate: pace.rate,
            host_rate: pace.host_rate,
            max_inflight: pace.max_inflight,
            host_inflight: pace.host_inflight,
            timeout_ns: timeout.map(Duration::as_nanos),
            attempts: *attempts,
            recall: recall.to_string(),
            host_timeout_ns: host_timeout.map(Duration::as_nanos),
            max_time_ns: max_time.map(Duration::as_nanos),
            shard: (shard.index() + 1, shard.count()),
            discover: discover.clone(),
            canaries: canaries.clone(),
            show: shown.map(|state| state.name().to_owned()).collect(),
        }
    }

    fn read(self) -> Result<Settings, String> {
        let (index, count) = self.shard;
        Ok(Settings {
            seed: self.seed,
            pace: Pace {
                rate: self.rate,
                host_rate: self.host_rate,
                max_inflight: self.max_inflight,
                host_inflight: self.host_inflight,
            },
            timeout: self.timeout_ns.map(Duration::from_nanos),
            attempts: self.attempts,
            recall: (self.recall.parse()).map_err(|_| format!("'{}' is no share", self.recall))?,
            host_timeout: self.host_timeout_ns.map(Duration::from_nanos),
            max_time: self.max_time_ns.map(Duration::from_nanos),
            shard: Shard::new(index, count)
                .ok_or(format!("there is no part {index} of {count}"))?,
            discover: self.discover,
            canaries: self.canaries,
            show: states(&self.show)?,
        })
    }
}

fn states(names: &[String]) -> Result<States, String> {
    names.iter().try_fold(States::NONE, |states, name| {
        let state = State::ALL.into_iter().find(|state| state.name() == name);
        let state = state.ok_or_else(|| format!("'{name}' is no state"))?;
        Ok(states.with(state))
    })
}
