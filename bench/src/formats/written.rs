//! What it takes to write: bytes, seconds and peak memory of a process that writes one scan in one format.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use clap::Args;
use picaporte::report::Format;

use super::many::Many;
use super::{BLOCK, SIZES, file_in, times};
use crate::measure::watched;
use crate::once::End;

/// No run takes longer: a hundred times what the slowest takes.
const TIMEOUT_S: u64 = 600;

/// One scan, to be written.
#[derive(Debug, Args)]
pub(crate) struct Written {
    /// The format; without it the findings are told to nobody
    #[arg(long)]
    format: Option<String>,
    /// How many hosts it has
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1 << 24))]
    hosts: u32,
    /// The file
    file: PathBuf,
}

/// Writes it.
pub(crate) fn run(order: &Written) -> Result<()> {
    let scan = Many {
        hosts: order.hosts,
        block: BLOCK,
    };
    let tried = || format!("writing {}", order.file.display());
    let mut file = File::create(&order.file).with_context(tried)?;
    let done = match &order.format {
        Some(name) => scan
            .write(Format::by_name(name)?, &mut file)
            .map_err(|why| anyhow!("{why}")),
        None => untold(scan),
    };
    done.with_context(tried)
}

fn untold(scan: Many) -> Result<()> {
    scan.tell(&mut |finding| {
        std::hint::black_box(finding);
        Ok(())
    })?;
    Ok(())
}

/// One format.
pub(super) struct Series {
    pub(super) format: Option<Format>,
    /// In the order of [`SIZES`].
    pub(super) sizes: Vec<Seen>,
}

/// One format at one size.
pub(super) struct Seen {
    pub(super) bytes: u64,
    /// Median, shortest, longest.
    pub(super) seconds: [f64; 3],
    /// The largest of all rounds.
    pub(super) peak_kib: u64,
}

/// Writes every size in every format, and keeps no file.
pub(super) fn measure(
    formats: &[Option<Format>],
    rounds: u16,
    folder: &Path,
) -> Result<Vec<Series>> {
    let bench = std::env::current_exe().context("finding this program's own path")?;
    let one = |&format: &Option<Format>| {
        let sizes = SIZES.iter();
        let sizes = sizes.map(|&hosts| seen(&bench, format, hosts, rounds, folder));
        Ok(Series {
            format,
            sizes: sizes.collect::<Result<_>>()?,
        })
    };
    formats.iter().map(one).collect()
}

fn seen(
    bench: &Path,
    format: Option<Format>,
    hosts: u32,
    rounds: u16,
    folder: &Path,
) -> Result<Seen> {
    let file = file_in(folder, format);
    let mut command = vec![
        bench.display().to_string(),
        "written".to_owned(),
        format!("--hosts={hosts}"),
        file.display().to_string(),
    ];
    command.extend(format.map(|format| format!("--format={}", format.name())));
    let (mut seconds, mut peak_kib, mut bytes) = (Vec::new(), 0, 0);
    for _ in 0..rounds {
        let outcome = watched(bench, &[format!("--timeout-s={TIMEOUT_S}")], &command)?;
        ensure!(
            outcome.end == End::Code(0),
            "`{}` ended with {:?}: {}",
            command.join(" "),
            outcome.end,
            outcome.stderr
        );
        bytes = fs::metadata(&file)?.len();
        fs::remove_file(&file).with_context(|| format!("removing {}", file.display()))?;
        seconds.push(outcome.seconds);
        peak_kib = peak_kib.max(outcome.peak_kib);
    }
    let seconds = times(seconds)?;
    let name = format.map_or("nobody", Format::name);
    eprintln!(
        "{name} · {hosts} hosts: {bytes} bytes, {:.2} s, {peak_kib} KiB",
        seconds[0]
    );
    Ok(Seen {
        bytes,
        seconds,
        peak_kib,
    })
}
