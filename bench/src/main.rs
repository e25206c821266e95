//! The benchmark program: Picaporte, its peers and the kernel's limit, side by side in network namespaces of its own.
//! It is never shipped, and never sends a packet outside the namespaces it makes.

#![forbid(unsafe_code)]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program's output"
)]

mod accuracy;
mod bare;
mod core;
mod formats;
mod goals;
mod lab;
mod machine;
mod measure;
mod network;
mod once;
mod program;
mod report;
mod row;
mod server;
mod store;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use crate::row::Row;

/// Measures Picaporte against its peers and the kernel's own limit, in turns
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the rows in namespaces made for the purpose, and print the tables
    Run(Run),
    /// Only the bare loop, against an address that you name; run it inside a network namespace
    Bare(bare::Bare),
    /// Only the core, against a simulated network
    Core(core::Core),
    /// Only the core's accuracy: simulated networks with loss, outages and limits, held against goals
    Accuracy(accuracy::Accuracy),
    /// Only what grading open ports costs, in simulated networks without fakes
    Grading(accuracy::grading::Grading),
    /// Only the lab: SYNs answered a second by one core, and how right its delays are
    Lab(lab::Lab),
    /// Only the store: verdicts kept a second, lists of many scans, and what keeping costs a scan
    Store(store::Store),
    /// Only the formats: bytes, time and memory of scans of up to 65,536 hosts, and how long the page takes to open
    Formats(formats::Formats),
    /// Write one scan that never was, for `formats`
    #[command(hide = true)]
    Written(formats::Written),
    /// Run one command, and print its time, peak memory and output as JSON (used by `run`)
    #[command(hide = true)]
    Once(once::Once),
}

#[derive(Debug, Args)]
struct Run {
    /// Rounds; in each, every program runs once
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    rounds: u16,
    /// Rounds of a program that takes more than a minute in a row (nmap on silent ports)
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(0..=1000))]
    slow_rounds: u16,
    /// Only these rows
    #[arg(long, num_args = 1.., value_name = "ROW")]
    only: Vec<Row>,
    /// The scanner to measure, if not the one beside this program
    #[arg(long, value_name = "PATH")]
    picaporte: Option<PathBuf>,
    /// Put the tables between the `bench` marks of this file
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Seconds after which a program is ended, and the run counts as timed out
    #[arg(long, default_value_t = 180, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run(run) => compare(&run),
        Command::Bare(bare) => bare::run(&bare),
        Command::Core(core) => core::run(&core),
        Command::Accuracy(accuracy) => accuracy::run(&accuracy),
        Command::Grading(grading) => accuracy::grading::run(&grading),
        Command::Lab(lab) => lab::run(&lab),
        Command::Store(store) => store::run(&store),
        Command::Formats(formats) => formats::run(&formats),
        Command::Written(written) => formats::write_one(&written),
        Command::Once(once) => once::run(&once),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("picaporte-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The namespaces are entered first, while there is one thread: the kernel asks for that.
fn compare(run: &Run) -> Result<()> {
    if let Some(file) = &run.write {
        report::MARKS.check(file)?;
    }
    let programs = program::Paths::find(run.picaporte.as_deref())?;
    let network = network::Network::make()?;
    let machine = machine::Machine::look(&programs)?;
    println!("{}", report::machine_text(&machine));

    let turns = measure::Turns {
        rounds: run.rounds,
        slow_rounds: run.slow_rounds,
        timeout_s: run.timeout,
    };
    let mut results = Vec::new();
    for row in Row::chosen(&run.only) {
        let result = measure::row(row, &turns, &network, &programs)?;
        println!("{}", report::row_text(&result));
        results.push(result);
    }
    let core = if run.only.is_empty() {
        let core = core::measure(run.rounds)?;
        println!("{}", core.text());
        core.markdown()
    } else {
        String::new()
    };
    println!("{}", report::goals_text(&goals::judge(&results)));
    match &run.write {
        Some(file) => report::write(file, &machine, &results, &core),
        None => Ok(()),
    }
}
