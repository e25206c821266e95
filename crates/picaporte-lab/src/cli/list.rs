//! `picaporte-lab list`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct List {}

pub(crate) fn run(_: &List) -> Result<ExitCode> {
    anyhow::bail!("not there yet")
}
