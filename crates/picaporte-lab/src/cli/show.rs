//! `picaporte-lab show`: a scenario of the library, as it is written.

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use picaporte_lab::library;

use super::quiet;

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// A scenario of `picaporte-lab list`
    scenario: String,
}

pub(crate) fn run(show: &Show) -> Result<ExitCode> {
    let Some(text) = library::text_of(&show.scenario) else {
        bail!(
            "there is no scenario '{}'; `picaporte-lab list` shows those that there are",
            show.scenario.escape_debug()
        );
    };
    quiet(io::stdout().write_all(text.as_bytes())).context("writing to standard output")?;
    Ok(ExitCode::SUCCESS)
}
