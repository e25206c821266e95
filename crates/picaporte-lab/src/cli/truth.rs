//! `picaporte-lab truth`.

use std::io::{self, BufWriter, Write as _};
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use picaporte_lab::scenario::Scenario;
use picaporte_lab::{library, truth};

use super::quiet;
use super::score::USUAL_SEED;

#[derive(Debug, Args)]
pub(crate) struct Truth {
    /// A name of `list`, or a file ending in .toml
    scenario: String,
    /// Which world of it: hosts and ports that are a matter of chance are chosen by the seed
    #[arg(long, default_value_t = USUAL_SEED)]
    seed: u64,
}

pub(crate) fn run(args: &Truth) -> Result<ExitCode> {
    let scenario = library::find(&args.scenario)?;
    quiet(write(&scenario, args.seed))?;
    Ok(ExitCode::SUCCESS)
}

fn write(scenario: &Scenario, seed: u64) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    for line in truth::Truth::new(scenario, seed).lines() {
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}
