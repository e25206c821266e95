//! The command line: from words to a plan, a scan, its reports and an exit code. The program's
//! `main` calls [`run`]; nothing in here is an interface for other programs.

mod args;
mod check;
mod diff;
mod documents;
mod dry_run;
mod earlier;
mod exit;
mod family;
mod files;
mod follow;
mod history;
mod identify;
mod identifying;
mod keep;
mod locate;
mod machine;
mod message;
mod meter;
mod names;
mod naming;
mod output;
mod pace;
mod planning;
mod ports;
mod progress;
mod resume;
mod reverse;
mod samples;
mod scan;
mod scope;
mod show;
mod side;
mod signals;
mod since;
mod speech;
mod stdout;
mod store;
mod targets;
mod terminal;
mod text;
mod usage;
mod values;
mod words;

use std::ffi::OsString;

use clap::Parser as _;

use crate::words::errors;
use args::{Args, Command};
pub use exit::Exit;

/// Help, the version, or what is wrong with the command line.
fn not_parsed(error: &clap::Error, words: &[OsString]) -> Exit {
    let lang = speech::of_words(words);
    let wrong = if error.use_stderr() {
        Some(usage::describe(error, words, lang))
    } else {
        usage::mistaken(error, words, lang)
    };
    if let Some(wrong) = wrong {
        message::error(&wrong);
        return Exit::Error;
    }
    // A reader that has gone is no error.
    let _ = error.print();
    Exit::Done
}

/// Does what the command line says; `words` begin with the program's own name.
pub fn run(words: impl IntoIterator<Item = OsString>) -> Exit {
    let words: Vec<OsString> = words.into_iter().collect();
    let args = match Args::try_parse_from(&words) {
        Ok(args) => args,
        Err(error) => return not_parsed(&error, &words),
    };
    let lang = speech::of_command(&args.command);
    let done = match args.command {
        Command::Scan(args) => scan::run(&args, &words[1..]),
        Command::Resume(args) => resume::run(&args),
        Command::Locate(args) => locate::run(&args, &words[1..]),
        Command::History(args) => history::run(&args),
        Command::Show(args) => show::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Completions { shell } => documents::completions(shell),
        Command::Man { command } => documents::man(command.as_deref()),
    };
    done.unwrap_or_else(|error| {
        message::error(&errors::whole(&error, lang));
        Exit::Error
    })
}
