//! What the program prints about itself: completions, man pages, port lists. It scans nothing.

use std::io::{ErrorKind, Write as _};

use anyhow::Result;
use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

use super::args::Args;
use super::exit::Exit;
use super::ports;
use super::stdout::unwritable;
use crate::words::said::Said;

const NAME: &str = "picaporte";

/// Prints the completions for a shell.
///
/// # Errors
/// When standard output can't be written.
pub(crate) fn completions(shell: Shell) -> Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), NAME, &mut text);
    print(&text)
}

/// Prints the man page of a command, or the main page.
///
/// # Errors
/// An unknown command, or a standard output that can't be written.
pub(crate) fn man(command: Option<&str>) -> Result<Exit> {
    let mut all = Args::command();
    all.build();
    let page = match command {
        None => all,
        Some(name) => match all.find_subcommand(name) {
            Some(found) => found.clone().version(env!("CARGO_PKG_VERSION")),
            None => refuse!(
                "there is no man page '{name}'; see picaporte --help for the commands",
                "no hay página de manual '{name}'; vea los comandos en picaporte --help",
                name = name
            ),
        },
    };
    let mut text = Vec::new();
    Man::new(page).render(&mut text)?;
    print(&text)
}

/// Prints a port list.
///
/// # Errors
/// A list that is none, or a standard output that can't be written.
pub(crate) fn port_list(list: &str) -> Result<Exit> {
    let text = ports::listing(list)
        .map_err(|why| Said::new(|lang| format!("--list-ports: {}", why.text(lang))))?;
    print(text.as_bytes())
}

/// Writes to standard output. That nobody reads it to the end is no error.
///
/// # Errors
/// When it can't be written.
pub(crate) fn print(text: &[u8]) -> Result<Exit> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text).and_then(|()| stdout.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(unwritable(&e).into()),
        _ => Ok(Exit::Done),
    }
}
