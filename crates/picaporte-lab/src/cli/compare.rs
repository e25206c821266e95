//! `picaporte-lab compare`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Compare {}

pub(crate) fn run(_: &Compare) -> Result<ExitCode> {
    anyhow::bail!("not there yet")
}
