//! `picaporte-lab list`: one scenario after the other, at most 80 columns wide.

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use picaporte_lab::library;
use picaporte_lab::planned::Planned;
use picaporte_lab::scenario::{Scenario, World};
use picaporte_lab::words::wrapped;
use serde::Serialize;

use super::quiet;

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Print a JSON array of objects
    #[arg(long)]
    json: bool,
    /// Also print what each scenario stands for, and where that is written
    #[arg(long)]
    long: bool,
}

#[derive(Serialize)]
struct Entry {
    name: String,
    title: String,
    world: &'static str,
    /// Whether it belongs to the set for a gate.
    short: bool,
    /// How many ports are to be scanned, each once.
    planned: u64,
    about: String,
    source: String,
}

pub(crate) fn run(args: &List) -> Result<ExitCode> {
    let entries: Vec<Entry> = library::names()
        .map(|name| library::find(name).map(entry))
        .collect::<Result<_, _>>()?;
    let text = if args.json {
        serde_json::to_string_pretty(&entries).context("writing the list as JSON")? + "\n"
    } else {
        entries.iter().map(|entry| text(entry, args.long)).collect()
    };
    quiet(io::stdout().lock().write_all(text.as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

fn entry(scenario: Scenario) -> Entry {
    Entry {
        title: title(&scenario.about),
        world: match scenario.world {
            World::Simulated => "simulated",
            World::Real => "real",
        },
        short: scenario.short,
        planned: Planned::new(&scenario).count(),
        about: one_line(&scenario.about),
        source: one_line(&scenario.source),
        name: scenario.name,
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first sentence.
fn title(about: &str) -> String {
    let about = one_line(about);
    match about.split_once(". ") {
        Some((first, _)) => format!("{first}."),
        None => about,
    }
}

fn text(entry: &Entry, long: bool) -> String {
    let Entry {
        name,
        world,
        planned,
        ..
    } = entry;
    let short = if entry.short { "short" } else { "" };
    let head = format!("{name:<38} {world:<9} {short:<5} {planned:>11} ports");
    let mut text = head.trim_end().to_owned() + "\n";
    if long {
        text.push_str(&wrapped(&entry.about, INDENT));
        text.push_str(&wrapped(&format!("Source: {}", entry.source), INDENT));
        text.push('\n');
    } else {
        text.push_str(&wrapped(&entry.title, INDENT));
    }
    text
}

const INDENT: &str = "    ";

#[cfg(test)]
mod tests {
    use super::*;
    use picaporte_lab::scenario::from_text;
    use picaporte_lab::words::WIDTH;
    use std::path::Path;

    #[test]
    fn a_list_fits_a_terminal() {
        let file = "about = \"\"\"\nA quiet LAN: nothing is lost, and everything\nanswers within a millisecond, or so one should think. More of it.\"\"\"\n\
             source = \"A book.\"\nshort = true\n[scan]\ntargets = [\"192.0.2.0/24\", \"192.0.2.1\"]\nports = \"1-65535\"\n\
             [[hosts]]\naddresses = [\"192.0.2.0/24\"]\n";
        let entry = entry(from_text(Path::new("a-quiet-lan.toml"), file).unwrap());
        let all = text(&entry, false) + &text(&entry, true);
        assert!(all.lines().all(|line| line.chars().count() <= WIDTH));
        insta::assert_snapshot!(all);
    }
}
