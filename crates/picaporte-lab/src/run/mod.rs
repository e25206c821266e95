//! Lets one command loose in one world: makes the namespaces, plays the world, starts the command inside, and says what it
//! cost and what reached the wire. Knows nothing of what a scanner says.

mod command;
mod device;
mod ether;
pub mod inside;
mod lateness;
mod names;
mod pcap;
mod play;
mod sniff;
mod steer;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};

pub use pcap::Capture;
pub use play::{Playing, take_last_core};

use crate::isolation;
use crate::real::RealWorld;
use crate::record::{End, Lab, Record, Wire};
use crate::scenario::{Scenario, World};

/// What is to be run.
#[derive(Clone, Debug)]
pub struct Run {
    /// Plays the world.
    pub seed: u64,
    /// The command, placeholders and all.
    pub command: Vec<String>,
    /// Where every packet is written to, if anywhere.
    pub capture: Option<PathBuf>,
}

/// Runs the command to its end, or to the bound of the scenario. The calling process is in namespaces of its own from then
/// on, and never leaves them; so this can be called once, while the process has one thread.
///
/// # Errors
/// What the system refused: namespaces, the device, a tool. How the command ended is in the record.
pub fn run(scenario: Scenario, run: &Run) -> Result<Record> {
    let command = command::fill_in(&run.command, &scenario, run.seed);
    command::check_length(&command, &scenario)?;
    // Before the machine's own `/run` is covered.
    let capture = run.capture.as_deref().map(Capture::create).transpose()?;
    isolation::enter()?;
    names::resolve_only(&scenario)?;
    let scenario = Arc::new(scenario);
    let stage = inside::Stage::new(&scenario, command.clone())?;
    let (outcome, wire, lab) = match scenario.world {
        World::Simulated => simulated(&scenario, run.seed, capture, &stage)?,
        World::Real => real(&scenario, run.seed, capture, &stage)?,
    };
    Ok(Record {
        scenario: scenario.name.clone(),
        digest: Some(scenario.digest.clone()),
        seed: run.seed,
        command,
        end: outcome.end,
        elapsed_ms: outcome.elapsed_ms,
        peak_kib: outcome.peak_kib,
        wire,
        lab,
    })
}

fn simulated(
    scenario: &Arc<Scenario>,
    seed: u64,
    capture: Option<Capture>,
    stage: &inside::Stage,
) -> Result<(inside::Outcome, Wire, Lab)> {
    let world = play(scenario, seed, capture)?;
    let outcome = stage.run(true, &|| world.stands());
    // What broke a world is said first: it explains the rest.
    let (wire, lab) = world.stop()?;
    Ok((outcome?, wire, lab))
}

fn real(
    scenario: &Scenario,
    seed: u64,
    capture: Option<Capture>,
    stage: &inside::Stage,
) -> Result<(inside::Outcome, Wire, Lab)> {
    let world = RealWorld::build(scenario, seed).context("building a world of real kernels")?;
    device::ration_local_ports(scenario)?;
    let sniffing = capture.map(sniff::Sniffing::start).transpose()?;
    // Every kernel of this world runs on the same cores as the scanner, so that none is kept for it.
    let outcome = stage.run(false, &|| true)?;
    device::must_be_there()?;
    sniffing.map_or(Ok(()), sniff::Sniffing::stop)?;
    let lab = world.lab()?;
    let wire = world.finish()?;
    Ok((outcome, wire, lab))
}

/// Plays a simulated world in the network namespace of the calling thread, on a device `lab0` that is made for it and goes
/// when the world is stopped. Whoever calls this has left the machine's network: see [`isolation::enter`].
///
/// # Errors
/// When the device can't be made.
pub fn play(scenario: &Arc<Scenario>, seed: u64, capture: Option<Capture>) -> Result<Playing> {
    let device = device::Device::open(scenario)?;
    play::start(Arc::clone(scenario), seed, device, capture)
}

/// The exit code that stands for how a command ended: its own; 124 at the bound; 127 when it could not be started; 128 and
/// the number of the signal (as shells and timeout(1) have it).
pub fn exit_code(end: &End) -> u8 {
    match end {
        End::Code(code) => u8::try_from(*code).unwrap_or(u8::MAX),
        End::Bound => 124,
        End::NotStarted(_) => 127,
        End::Signal(number) => 128_u8.saturating_add(u8::try_from(*number).unwrap_or(127)),
    }
}
