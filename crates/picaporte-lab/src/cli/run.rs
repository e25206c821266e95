//! `picaporte-lab run` and `picaporte-lab capture`: a command in a world.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use picaporte_lab::library;
use picaporte_lab::record::{End, Record};
use picaporte_lab::run::{self as lab, Run as Order, inside};
use signal_hook::consts::{SIGINT, SIGXFSZ};

const PLACEHOLDERS: &str = "In COMMAND, {targets} as a word of its own becomes one word for each target, {target-list} a list \
with commas, {ports} a list like 22,80-90, and {seed} the seed. COMMAND has the world for its only network.

The exit code is that of COMMAND; 124 when it did not end within the bound of the scenario, 127 when it could not be started, \
2 when the lab itself failed.";

#[derive(Debug, Args)]
#[command(after_help = PLACEHOLDERS)]
pub(crate) struct Run {
    /// A scenario of `picaporte-lab list`, or a file that ends in .toml
    scenario: String,
    /// Plays the world: which packets are lost, who is there
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write what the command cost and what reached the wire to this file, as JSON
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Write every packet to this file (pcap)
    #[arg(long, value_name = "FILE")]
    capture: Option<PathBuf>,
    /// End when the process with this id ends, which started this one (used by `compare`)
    #[arg(long, value_name = "ID", hide = true)]
    end_with: Option<u32>,
    /// The command and its arguments
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = PLACEHOLDERS)]
pub(crate) struct Capture {
    /// A scenario of `picaporte-lab list`, or a file that ends in .toml
    scenario: String,
    /// The file to write (pcap)
    file: PathBuf,
    /// Plays the world: which packets are lost, who is there
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The command and its arguments
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

pub(crate) fn run(run: &Run) -> Result<ExitCode> {
    if let Some(parent) = run.end_with {
        inside::end_with(parent.to_string().as_ref())?;
    }
    let order = Order {
        seed: run.seed,
        command: run.command.clone(),
        capture: run.capture.clone(),
    };
    one(&run.scenario, &order, run.record.as_deref())
}

pub(crate) fn capture(capture: &Capture) -> Result<ExitCode> {
    let order = Order {
        seed: capture.seed,
        command: capture.command.clone(),
        capture: Some(capture.file.clone()),
    };
    one(&capture.scenario, &order, None)
}

fn one(scenario: &str, order: &Order, file: Option<&Path>) -> Result<ExitCode> {
    // The world outlives an interrupt from the terminal, which is for the command. A file that grows too large is an error.
    for signal in [SIGINT, SIGXFSZ] {
        signal_hook::flag::register(signal, std::sync::Arc::default())
            .context("minding signals")?;
    }
    let scenario = library::find(scenario)?;
    // Before the machine's own `/run` is covered.
    let out = file.map(create).transpose()?;
    let record = lab::run(scenario, order)?;
    if let (Some(mut out), Some(file)) = (out, file) {
        serde_json::to_writer(&out, &record).context("writing the record")?;
        out.write_all(b"\n")
            .with_context(|| format!("writing the record {}", file.display()))?;
    }
    // Nothing is lost when nobody hears it.
    let _ = writeln!(std::io::stderr(), "{}", summary(&record));
    Ok(ExitCode::from(lab::exit_code(&record.end)))
}

fn create(file: &Path) -> Result<File> {
    File::create(file).with_context(|| format!("creating the record {}", file.display()))
}

fn summary(record: &Record) -> String {
    let end = match &record.end {
        End::Code(code) => format!("exit code {code}"),
        End::Signal(number) => format!("ended by signal {number}"),
        End::Bound => "not at its end at the bound of the scenario, and ended".to_owned(),
        End::NotStarted(why) => format!("not started: {why}"),
    };
    let mut text = format!(
        "picaporte-lab: {end}; {:.3} s, {:.1} MiB; {} SYNs, {} packets sent, {} received",
        record.elapsed_ms as f64 / 1e3,
        record.peak_kib as f64 / 1024.0,
        record.wire.syns,
        record.wire.sent,
        record.wire.received
    );
    if let (Some(p999), Some(max)) = (record.lab.late_p999_us, record.lab.late_max_us) {
        let _ = write!(
            text,
            "; the lab was at most {p999} us late in 999 of 1,000 packets, {max} us at worst"
        );
    }
    if !record.lab.kept_up() {
        let _ = write!(
            text,
            "
picaporte-lab: the lab did not keep up (more than 100 ms late, or packets lost: {}): this run is worth nothing",
            record.lab.overruns
        );
    }
    text
}
