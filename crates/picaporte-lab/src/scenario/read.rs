//! From a TOML file to a [`Scenario`], or to the file, line and word to mend. It opens the file and nothing else.

use std::io::Read;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path as FilePath, PathBuf};

use crate::files::open_at_once;
use crate::words::printable;

use super::check_hosts::check_groups;
use super::check_order::{check_names, check_order};
use super::check_path::check_paths;
use super::wrong::{Checked, Wrong, or_default, position, refuse_if};
use super::{Scenario, raw, real, words};
use crate::random::hash_bytes;

/// Why a scenario was refused: what, where, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {what}", place(file, *line, *column))]
pub struct ScenarioError {
    /// The file.
    pub file: PathBuf,
    /// Counted from 1; 0 where the file could not be read at all.
    pub line: usize,
    /// In characters, counted from 1; 0 where the file could not be read at all.
    pub column: usize,
    /// One sentence, without control characters.
    pub what: String,
}

fn place(file: &FilePath, line: usize, column: usize) -> String {
    let file = printable(&file.to_string_lossy());
    match line {
        0 => file,
        _ => format!("{file}:{line}:{column}"),
    }
}

/// No file larger than this is a scenario.
const MOST_BYTES: u64 = 1 << 20;

/// Reads a scenario.
///
/// # Errors
/// The first thing in the file that can't be read, or that does not agree with the rest.
pub fn load(file: &FilePath) -> Result<Scenario, ScenarioError> {
    let error = |line, column, what| ScenarioError {
        file: file.to_owned(),
        line,
        column,
        what,
    };
    check_name(file).map_err(|what| error(0, 0, what))?;
    let bytes = read(file).map_err(|what| error(0, 0, what))?;
    match String::from_utf8(bytes) {
        Ok(text) => from_text(file, &text),
        Err(broken) => {
            let valid = broken.utf8_error().valid_up_to();
            let before = String::from_utf8_lossy(&broken.as_bytes()[..valid]);
            let (line, column) = position(&before, valid);
            let what = "no UTF-8 from here on; save the file as UTF-8".to_owned();
            Err(error(line, column, what))
        }
    }
}

/// A scenario's name becomes the name of a folder, and stands in tables.
fn check_name(file: &FilePath) -> Result<(), String> {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
        return Err(
            "is no name for a scenario; call the file by letters, digits, '.', '_' and '-', the first no '.'"
                .to_owned(),
        );
    }
    Ok(())
}

/// The bytes of the file, no more than a scenario can have.
fn read(file: &FilePath) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| format!("can't be read: {error}");
    let opened = open_at_once(file).map_err(failed)?;
    let kind = opened.metadata().map_err(failed)?.file_type();
    if kind.is_dir() {
        return Err("is a folder; name one of the files in it".to_owned());
    }
    if kind.is_fifo() {
        return Err("is a FIFO; write the scenario into a file".to_owned());
    }
    let mut bytes = Vec::new();
    let size = opened
        .take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if size as u64 > MOST_BYTES {
        return Err(format!(
            "is too large; a scenario has at most {MOST_BYTES} bytes"
        ));
    }
    Ok(bytes)
}

/// Reads a scenario from its text; `file` names it and stands in errors.
///
/// # Errors
/// The first thing in the text that can't be read, or that does not agree with the rest.
pub fn from_text(file: &FilePath, text: &str) -> Result<Scenario, ScenarioError> {
    let name = file
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    // Some editors write a byte order mark; it says nothing in UTF-8.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    parse(name, text).map_err(|wrong| {
        let (line, column) = position(text, wrong.span.start);
        ScenarioError {
            file: file.to_owned(),
            line,
            column,
            what: printable(&wrong.what),
        }
    })
}

fn parse(name: String, text: &str) -> Checked<Scenario> {
    if text.trim().is_empty() {
        return Err(Wrong {
            what: "the file is empty; a scenario opens with about = \"…\" and source = \"…\""
                .to_owned(),
            span: 0..0,
        });
    }
    let raw: raw::Scenario = toml::from_str(text).map_err(|error| words::of_toml(&error, text))?;
    for (key, words) in [("about", &raw.about), ("source", &raw.source)] {
        refuse_if(
            Some(words),
            |words| words.trim().is_empty(),
            &format!(
                "'{key}' is empty; say what the scenario stands for and where that is written"
            ),
        )?;
    }
    real::check(&raw)?;
    let paths = check_paths(&raw)?;
    let hosts = check_groups(&raw, &paths)?;
    let names = check_names(&raw, &paths)?;
    let scan = check_order(&raw, &paths)?;
    Ok(Scenario {
        name,
        digest: format!("{:016x}", hash_bytes(text.as_bytes())),
        link: or_default(raw.link.as_ref()),
        about: raw.about.into_inner(),
        source: raw.source.into_inner(),
        world: raw.world,
        short: raw.short,
        answers_everything: raw.answers_everything,
        scan,
        names,
        paths,
        hosts,
    })
}

/// For tests: a scenario from its text.
///
/// # Panics
/// When it is refused.
#[cfg(test)]
pub(crate) fn scenario(text: &str) -> Scenario {
    from_text(FilePath::new("test.toml"), text).unwrap_or_else(|error| panic!("{error}"))
}
