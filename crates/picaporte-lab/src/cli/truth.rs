//! `picaporte-lab truth`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Truth {}

pub(crate) fn run(_: &Truth) -> Result<ExitCode> {
    anyhow::bail!("not there yet")
}
