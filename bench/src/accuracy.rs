//! The core's accuracy: whole scans in simulated networks whose truth is known, held against their goals. Virtual time only,
//! no sockets; the same code gives the same figures.

mod bound;
mod chart;
mod curves;
mod goals;
pub(crate) mod grading;
mod play;
pub(crate) mod table;
#[cfg(test)]
mod tests;
mod worlds;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use picaporte_lab::page::Marks;

const MARKS: Marks = Marks("accuracy");

/// How right the core is, in simulated networks under loss, delay and limits
#[derive(Debug, Args)]
pub(crate) struct Accuracy {
    /// A few seeds for each world: a first look, too few ports for the bounds
    #[arg(long)]
    quick: bool,
    /// Only worlds whose name contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Put the table between the `accuracy` marks of this file
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Draw the plots into this folder
    #[arg(long, value_name = "FOLDER")]
    plots: Option<PathBuf>,
}

/// How much is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    Quick,
    Full,
}

pub(crate) fn run(order: &Accuracy) -> Result<()> {
    if let Some(file) = &order.write {
        MARKS.check(file)?;
    }
    let effort = if order.quick {
        Effort::Quick
    } else {
        Effort::Full
    };
    let wanted = |row: &worlds::Row| order.only.as_ref().is_none_or(|t| row.name.contains(t));
    let mut results = Vec::new();
    for row in worlds::rows().into_iter().filter(wanted) {
        let seen = row.play(effort)?;
        print!("{}", table::text(&row, &seen));
        results.push((row, seen));
    }
    if let Some(file) = &order.write {
        MARKS.write(file, &table::markdown(&results))?;
    }
    if let Some(folder) = &order.plots {
        plots(folder, effort)?;
    }
    Ok(())
}

fn plots(folder: &Path, effort: Effort) -> Result<()> {
    for (name, chart) in curves::charts(effort)? {
        let file = folder.join(name);
        fs::write(&file, chart.svg()).with_context(|| format!("writing {}", file.display()))?;
        println!("{}", file.display());
    }
    Ok(())
}
