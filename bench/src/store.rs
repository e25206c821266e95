//! The store as its users meet it: how many verdicts a second it takes, how long a list of many scans takes, and what it costs
//! a scan to be kept.

mod list;
mod sample;
mod scan;
mod write;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use picaporte_lab::page::Marks;

/// The store's speed, and what it costs a scan
#[derive(Debug, Args)]
pub(crate) struct Store {
    /// Only these parts
    #[arg(long, num_args = 1.., value_name = "PART")]
    only: Vec<Part>,
    /// The folder in which files are written, and removed again; its disk is measured too
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Rounds of every list and of every scan
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    rounds: u16,
    /// The scanner to measure, if not the one beside this program
    #[arg(long, value_name = "PATH")]
    picaporte: Option<PathBuf>,
    /// Put each table between its `store-` marks of this file
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

/// What can be measured by itself. Scans come first: their namespaces are entered while there is one thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// A whole scan with `--store FILE` against the same with `--store none`
    Scan,
    /// Verdicts a second that a writer takes
    Write,
    /// Lists of 1,000 scans of 1,000 hosts
    List,
}

impl Part {
    fn marks(self) -> Marks {
        Marks(match self {
            Self::Scan => "store-scan",
            Self::Write => "store-write",
            Self::List => "store-list",
        })
    }

    fn measure(self, order: &Store, folder: &Path) -> Result<String> {
        match self {
            Self::Scan => scan::measure(order.picaporte.as_deref(), order.rounds, folder),
            Self::Write => write::measure(folder),
            Self::List => list::measure(order.rounds, folder),
        }
    }
}

pub(crate) fn run(order: &Store) -> Result<()> {
    let wanted = |part: &Part| order.only.is_empty() || order.only.contains(part);
    let parts: Vec<Part> = Part::value_variants()
        .iter()
        .copied()
        .filter(wanted)
        .collect();
    if let Some(file) = &order.write {
        parts.iter().try_for_each(|part| part.marks().check(file))?;
    }
    let folder = order.folder.clone().unwrap_or_else(std::env::temp_dir);
    let own = tempfile::tempdir_in(&folder)
        .with_context(|| format!("making a folder in {}", folder.display()))?;
    for part in parts {
        let table = part.measure(order, own.path())?;
        println!("{table}");
        if let Some(file) = &order.write {
            part.marks().write(file, &table)?;
        }
    }
    Ok(())
}
