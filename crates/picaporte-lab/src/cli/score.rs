//! `picaporte-lab score`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Score {}

pub(crate) fn run(_: &Score) -> Result<ExitCode> {
    anyhow::bail!("not there yet")
}
