//! `picaporte-lab compare`: which worlds, which scanners, where to; the work is the library's.

use std::collections::BTreeSet;
use std::env;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use picaporte_lab::compare::{
    Comparison, Failure, KNOWN, Lab, Machine, Outcome, Programs, Scanner, World, markdown,
};
use picaporte_lab::library;
use picaporte_lab::page::Marks;

use super::score::USUAL_SEED;
use super::{quiet, say};

/// Where the table stands in a page.
const MARKS: Marks = Marks("lab");

/// More rounds than this would take weeks.
const MOST_ROUNDS: i64 = 1_000;

#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// Names of `list`, or files ending in .toml [default: all of `list`]
    scenarios: Vec<String>,
    /// Only this scanner: picaporte, nmap, rustscan, masscan, or one of --scanner-file; may be repeated [default: all that
    /// are installed]
    #[arg(long, value_name = "NAME")]
    scanner: Vec<String>,
    /// How often each scanner goes through each scenario
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=MOST_ROUNDS))]
    rounds: u32,
    /// The seed of the first round; the next round has the next seed
    #[arg(long, default_value_t = USUAL_SEED)]
    seed: u64,
    /// Only scenarios that are marked as short
    #[arg(long)]
    short: bool,
    /// Also write the table into FILE, between the lines <!-- lab:begin --> and <!-- lab:end -->
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Keep what each run printed, and its record, in this folder
    #[arg(long, value_name = "DIR")]
    results: Option<PathBuf>,
    /// A TOML file with name, command and format of a scanner of your own; may be repeated
    #[arg(long, value_name = "FILE")]
    scanner_file: Vec<PathBuf>,
    /// Where picaporte is [default: beside this program, then in PATH]
    #[arg(long, value_name = "PATH")]
    picaporte: Option<PathBuf>,
    /// Exit with code 1 if any run failed, said open what the wire does not show (unless the scenario answers
    /// everything), said closed what is not, or forgot a port
    #[arg(long)]
    strict: bool,
}

pub(crate) fn run(args: &Compare) -> Result<ExitCode> {
    if let Some(file) = &args.write {
        MARKS.check(file)?;
    }
    let worlds = worlds(args)?;
    let scanners = scanners(args)?;
    let comparison = Comparison {
        worlds: &worlds,
        scanners: &scanners,
        rounds: args.rounds,
        seed: args.seed,
    };
    let machine = Machine::look(&scanners);
    let Some(outcomes) = play(args, &comparison)? else {
        say("picaporte-lab: interrupted; no table was written");
        return Ok(ExitCode::from(130));
    };
    let table = markdown(&machine, &comparison, &outcomes);
    // Neither keeps the other from having the table.
    let written = match &args.write {
        Some(file) => MARKS.write(file, &table),
        None => Ok(()),
    };
    quiet(io::stdout().lock().write_all(table.as_bytes())).context("printing the table")?;
    written?;
    Ok(verdict(args, &comparison, &outcomes))
}

fn worlds(args: &Compare) -> Result<Vec<World>> {
    let all: Vec<String> = match &args.scenarios[..] {
        [] => library::names().map(str::to_owned).collect(),
        named => named.to_vec(),
    };
    let mut names = BTreeSet::new();
    let mut worlds = Vec::new();
    for asked in all {
        let scenario = library::find(&asked)?;
        ensure!(
            names.insert(scenario.name.clone()),
            "the scenario '{}' is named twice; name it once, and use --rounds to run it again",
            scenario.name
        );
        if scenario.short || !args.short {
            worlds.push(World { asked, scenario });
        }
    }
    ensure!(
        !worlds.is_empty(),
        "no scenario to run; `picaporte-lab list` shows those that there are"
    );
    Ok(worlds)
}

fn scanners(args: &Compare) -> Result<Vec<Scanner>> {
    let mut own: Vec<Scanner> = Vec::new();
    for file in &args.scanner_file {
        let scanner = Scanner::from_file(file)?;
        let taken = KNOWN.contains(&&*scanner.name) || own.iter().any(|o| o.name == scanner.name);
        ensure!(
            !taken,
            "{}: there is another scanner called '{}'; give this one a name of its own",
            file.display(),
            scanner.name
        );
        own.push(scanner);
    }
    check_names(args, &own)?;
    if let Some(program) = args.picaporte.as_ref().filter(|program| !program.is_file()) {
        bail!("--picaporte {}: there is no such file", program.display());
    }
    let wanted = |name: &str| args.scanner.is_empty() || args.scanner.iter().any(|s| s == name);
    let programs = Programs::new(args.picaporte.clone());
    let mut scanners = Vec::new();
    for name in KNOWN.into_iter().filter(|name| wanted(name)) {
        match programs.find(name) {
            Some(scanner) => scanners.push(scanner),
            None if args.scanner.is_empty() => say(&format!("{name}: not installed, left out")),
            None => bail!("{name} is not installed: there is no program of that name in PATH"),
        }
    }
    scanners.extend(own.into_iter().filter(|scanner| wanted(&scanner.name)));
    ensure!(
        !scanners.is_empty(),
        "no scanner to run; install one, or describe one of your own with --scanner-file"
    );
    Ok(scanners)
}

fn check_names(args: &Compare, own: &[Scanner]) -> Result<()> {
    let own = own.iter().map(|scanner| &*scanner.name);
    let names: Vec<&str> = KNOWN.into_iter().chain(own).collect();
    match args.scanner.iter().find(|name| !names.contains(&&***name)) {
        Some(name) => bail!(
            "--scanner {name}: no scanner of that name; there are {}",
            names.join(", ")
        ),
        None => Ok(()),
    }
}

/// `None`: somebody asked the program to end.
fn play(args: &Compare, comparison: &Comparison<'_>) -> Result<Option<Vec<Outcome>>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [
        signal_hook::consts::SIGINT,
        signal_hook::consts::SIGTERM,
        signal_hook::consts::SIGHUP,
    ] {
        signal_hook::flag::register(signal, Arc::clone(&stop))
            .context("listening for signals that end the program")?;
    }
    let lab = env::current_exe().context("finding this program's own file")?;
    let mut player = Lab::stoppable(&lab, stop);
    let kept = args.results.as_deref();
    let passing = match kept {
        Some(_) => None,
        None => Some(tempfile::tempdir().context("making a folder for the results")?),
    };
    let folder = kept.or(passing.as_ref().map(tempfile::TempDir::path));
    let mut done = 0;
    let mut seen = |outcome: &Outcome| {
        done += 1;
        let runs = comparison.runs();
        say(&format!("[{done}/{runs}] {}", line(comparison, outcome)));
    };
    match comparison.run(&mut player, folder.unwrap_or(Path::new(".")), &mut seen) {
        Ok(outcomes) => Ok(Some(outcomes)),
        Err(Failure::Stopped) => Ok(None),
        Err(failure) => Err(failure.into()),
    }
}

fn line(comparison: &Comparison<'_>, outcome: &Outcome) -> String {
    let world = &comparison.worlds[outcome.world].scenario.name;
    let scanner = &comparison.scanners[outcome.scanner].name;
    let what = match &outcome.score {
        Err(why) => format!("failed: {why}"),
        Ok(score) => format!(
            "{} of {} open ports in {:.1} s{}",
            score.found,
            score.open,
            score.elapsed_ms.unwrap_or_default() as f64 / 1e3,
            if score.is_clean() { "" } else { ", not clean" }
        ),
    };
    format!("{world}, seed {}, {scanner}: {what}", outcome.seed)
}

fn verdict(args: &Compare, comparison: &Comparison<'_>, outcomes: &[Outcome]) -> ExitCode {
    if !args.strict {
        return ExitCode::SUCCESS;
    }
    let mut code = ExitCode::SUCCESS;
    for outcome in outcomes {
        if !outcome.passes(&comparison.worlds[outcome.world]) {
            say(&format!("--strict: {}", line(comparison, outcome)));
            code = ExitCode::from(1);
        }
    }
    code
}
