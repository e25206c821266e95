//! `picaporte-lab score`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use clap::Args;
use picaporte_lab::reading::{self, Format};
use picaporte_lab::record::Record;
use picaporte_lab::words::printable;
use picaporte_lab::{files, library, score};

use super::{quiet, say};

/// What happens when no seed is named.
pub(super) const USUAL_SEED: u64 = 1;

#[derive(Debug, Args)]
pub(crate) struct Score {
    /// The scenario that was scanned: a name of `list`, or a file ending in .toml
    scenario: String,
    /// What the scanner printed: a file, or - for standard input
    result: PathBuf,
    /// How to read it: auto, picaporte (JSON Lines), nmap (XML), rustscan (greppable), masscan (JSON), or hostport (lines
    /// of ADDRESS:PORT)
    #[arg(long, default_value = "auto", value_parser = format, hide_default_value = false)]
    format: Choice,
    /// The seed that the scenario was run with [default: the record's, else 1]
    #[arg(long)]
    seed: Option<u64>,
    /// What `run --record` wrote: adds SYNs, time and memory
    #[arg(long)]
    record: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Exit with code 1 on a false open port that the wire does not show, a false closed one, one that was never
    /// mentioned, a scanner that a signal ended, or a lab that did not keep up
    #[arg(long)]
    strict: bool,
}

/// A format, or the one that the output seems to have.
#[derive(Clone, Copy, Debug)]
struct Choice(Option<Format>);

fn format(text: &str) -> Result<Choice, String> {
    if text == "auto" {
        return Ok(Choice(None));
    }
    text.parse()
        .map(|format| Choice(Some(format)))
        .map_err(|error: reading::UnknownFormat| format!("{error}, or auto"))
}

pub(crate) fn run(args: &Score) -> Result<ExitCode> {
    let scenario = library::find(&args.scenario)?;
    let record = args.record.as_deref().map(read_record).transpose()?;
    let of_record = record.as_ref().map(|record| record.seed);
    let seed = args.seed.or(of_record).unwrap_or(USUAL_SEED);
    let reading = reading::read(args.format.0, open(&args.result)?)
        .with_context(|| args.result.display().to_string())?;
    let score = score::Score::new(&scenario, seed, &reading, record.as_ref())?;
    let text = if args.json {
        serde_json::to_string(&score).context("writing the score as JSON")? + "\n"
    } else {
        score.to_string()
    };
    quiet(io::stdout().lock().write_all(text.as_bytes()))?;
    let objections = if args.strict {
        score.objections(false)
    } else {
        Vec::new()
    };
    for objection in &objections {
        say(&format!("--strict: {objection}"));
    }
    Ok(ExitCode::from(u8::from(!objections.is_empty())))
}

fn open(file: &Path) -> Result<Box<dyn BufRead>> {
    if file == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    let opened = File::open(file).with_context(|| format!("opening {}", file.display()))?;
    Ok(Box::new(BufReader::new(opened)))
}

fn read_record(file: &Path) -> Result<Record> {
    // What is no regular file may have no end, or keep whoever opens it waiting.
    let loaded = files::open_regular(file).and_then(|_| picaporte_lab::record::load(file));
    // A record is somebody's file, and what stands in it may stand in the error.
    loaded.map_err(|error| {
        let (file, error) = (file.display().to_string(), error.to_string());
        anyhow!(
            "reading the record {}: {}",
            printable(&file),
            printable(&error)
        )
    })
}
