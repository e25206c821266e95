//! The formats at volume: what it takes to write a scan of many hosts in each of them, and how long the page takes to open.
//! Every run is a process of its own, so that its peak of memory is that of one format and one size.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use picaporte::report::Format;
use picaporte_lab::page::Marks;
use picaporte_lab::{isolation, machine};

#[path = "../../crates/picaporte/tests/page/browser.rs"]
mod browser;
#[path = "../../crates/picaporte/tests/volume/many.rs"]
mod many;
mod opened;
mod table;
mod written;

pub(crate) use written::{Written, run as write_one};

const MARKS: Marks = Marks("formats");
/// Hosts of each scan: one block, four, sixteen.
const SIZES: [u32; 3] = [4_096, 16_384, 65_536];
/// How many hosts a block of a scan has at most; they are under way together.
const BLOCK: u32 = 4_096;

/// Bytes, time and memory of each format, by the size of the scan
#[derive(Debug, Args)]
pub(crate) struct Formats {
    /// Only these formats; with `html`, how the page opens in Chromium
    #[arg(long, num_args = 1.., value_name = "FORMAT")]
    only: Vec<String>,
    /// Rounds of every run
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    rounds: u16,
    /// The folder in which files are written, and removed again
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Put the tables between the `formats` marks of this file
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

/// The namespaces are entered first, while there is one thread: the kernel asks for that.
pub(crate) fn run(order: &Formats) -> Result<()> {
    if let Some(file) = &order.write {
        MARKS.check(file)?;
    }
    let formats = order.formats()?;
    isolation::enter()?;
    let facts = machine::facts();
    let folder = order.folder.clone().unwrap_or_else(std::env::temp_dir);
    let own = tempfile::tempdir_in(&folder)
        .with_context(|| format!("making a folder in {}", folder.display()))?;
    let series = written::measure(&formats, order.rounds, own.path())?;
    let opened = if formats.contains(&Some(Format::Html)) {
        opened::measure(order.rounds, own.path())?
    } else {
        Vec::new()
    };
    let text = table::markdown(&facts, &series, &opened);
    println!("{text}");
    match &order.write {
        Some(file) => Ok(MARKS.write(file, &text)?),
        None => Ok(()),
    }
}

impl Formats {
    /// Those that are wanted; `None` is the scan that is told to nobody, and comes first.
    fn formats(&self) -> Result<Vec<Option<Format>>> {
        let named = self.only.iter().map(|name| Ok(Format::by_name(name)?));
        let named: Vec<Format> = named.collect::<Result<_>>()?;
        let wanted = |format: &Format| named.is_empty() || named.contains(format);
        let formats = Format::ALL.into_iter().filter(wanted).map(Some);
        Ok([None].into_iter().chain(formats).collect())
    }
}

/// The middle of the times, and the shortest and the longest.
fn times(mut all: Vec<f64>) -> Result<[f64; 3]> {
    all.sort_by(f64::total_cmp);
    let [Some(&min), Some(&median), Some(&max)] = [all.first(), all.get(all.len() / 2), all.last()]
    else {
        bail!("nothing was measured");
    };
    Ok([median, min, max])
}

fn file_in(folder: &Path, format: Option<Format>) -> PathBuf {
    folder.join(format!("scan.{}", format.map_or("none", Format::name)))
}
