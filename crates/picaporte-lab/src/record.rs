//! What was seen of one run of one scanner in one world, apart from what the scanner said: what it cost, what reached the
//! wire, and whether the lab itself kept up. Written by `run`, read by `score` and `compare`.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// No file larger than this is a record: a command line is most of it.
const MOST_BYTES: u64 = 8 << 20;

/// Reads the record in `file`.
///
/// # Errors
/// When the file can't be read, or is not what `run --record` writes.
pub fn load(file: &Path) -> io::Result<Record> {
    let mut text = String::new();
    File::open(file)?
        .take(MOST_BYTES)
        .read_to_string(&mut text)?;
    serde_json::from_str(&text).map_err(|error| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("not what `run --record` writes: {error}"),
        )
    })
}

/// One run. Unknown is `null`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The scenario's name.
    pub scenario: String,
    /// [`crate::scenario::Scenario::digest`] of what was played.
    #[serde(default)]
    pub digest: Option<String>,
    /// The seed that the world was played with.
    pub seed: u64,
    /// The scanner's command line as it was run, placeholders replaced.
    pub command: Vec<String>,
    /// How the scanner ended.
    pub end: End,
    /// Wall clock of the scanner, start to end.
    pub elapsed_ms: u64,
    /// Peak resident set of the scanner's largest process.
    pub peak_kib: u64,
    /// What was seen on the wire.
    pub wire: Wire,
    /// Whether the lab kept up.
    pub lab: Lab,
}

/// How a scanner ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// By itself, with this code.
    Code(i32),
    /// By a signal that the lab did not send.
    Signal(i32),
    /// At the bound of the scenario: interrupted, and killed if that did not help.
    Bound,
    /// It could not be started: why.
    NotStarted(String),
}

/// Packets between scanner and world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wire {
    /// First SYNs and repeated ones that the scanner's machine sent.
    pub syns: u64,
    /// Packets of any kind that the scanner's machine sent.
    pub sent: u64,
    /// Packets that came back to it.
    pub received: u64,
    /// SYNs that came to an address outside the order of the scenario.
    pub strays: u64,
    /// Connections of others that a full NAT table refused.
    pub others_refused: u64,
    /// Connections of the scanner that a full NAT table refused, packet by packet.
    pub nat_refused: u64,
    /// Packets that an IPS swallowed.
    pub banned: u64,
}

/// Whether the lab itself can be trusted in this run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lab {
    /// Packets that were lost between scanner and lab though the scenario did not say so; any makes the run worthless.
    pub overruns: u64,
    /// How late packets were taken in or delivered, against what the scenario says: half of them no later than this. What
    /// is not known counts as the most that it can have been.
    pub late_median_us: Option<u64>,
    /// 999 of 1,000 no later than this.
    pub late_p999_us: Option<u64>,
    /// The latest.
    pub late_max_us: Option<u64>,
}

/// The shortest time that scanners wait for an answer is about 100 ms (nmap's `--min-rtt-timeout`, Picaporte's floor).
const LATEST_US: u64 = 100_000;

impl Lab {
    /// Whether the run measures the scanner and not the lab: nothing was lost, and nothing was so late that a scanner may
    /// have stopped waiting for it.
    pub fn kept_up(&self) -> bool {
        self.overruns == 0 && self.late_max_us.is_none_or(|us| us <= LATEST_US)
    }
}
