//! The commands, one file each. A command gets its arguments parsed, prints, and says how the program ends.

mod compare;
mod list;
mod run;
mod score;
mod show;
mod truth;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use picaporte_lab::run::inside;
use picaporte_lab::words::printable;

/// Networks whose truth is known: lets any port scanner loose in them and scores what it says
#[derive(Debug, Parser)]
#[command(version, name = "picaporte-lab")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the scenarios
    List(list::List),
    /// Print a scenario as it is written
    Show(show::Show),
    /// Print the true state of every port of a scenario, as JSON Lines
    Truth(truth::Truth),
    /// Run a command in a world
    Run(run::Run),
    /// Run a command in a world, and write every packet to a file
    Capture(run::Capture),
    /// Score what a scanner said against what is so
    Score(score::Score),
    /// Run scanners through scenarios and print one table
    Compare(compare::Compare),
}

/// Parses the arguments and runs the command. Exit code 2: wrong usage, or an error that ended the work.
pub(crate) fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    if inside::is_asked(&arguments) {
        return finish(
            inside::main(&arguments).map(|well| ExitCode::from(if well { 0 } else { 2 })),
        );
    }
    let done = match Cli::parse().command {
        Command::List(list) => list::run(&list),
        Command::Show(show) => show::run(&show),
        Command::Truth(truth) => truth::run(&truth),
        Command::Run(run) => run::run(&run),
        Command::Capture(capture) => run::capture(&capture),
        Command::Score(score) => score::run(&score),
        Command::Compare(compare) => compare::run(&compare),
    };
    finish(done)
}

fn finish(done: anyhow::Result<ExitCode>) -> ExitCode {
    done.unwrap_or_else(|error| {
        say(&format!("picaporte-lab: {error:#}"));
        ExitCode::from(2)
    })
}

/// Says something to people, in lines, and nothing that their terminals would obey. Who has closed standard error, or filled it, does not want to hear it.
fn say(text: &str) {
    let lines: Vec<String> = text.lines().map(printable).collect();
    let _ = writeln!(io::stderr().lock(), "{}", lines.join("\n"));
}

/// A reader that went away has had enough, which is no error.
fn quiet(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
