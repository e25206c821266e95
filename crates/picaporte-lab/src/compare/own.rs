//! Scanners that the lab does not know: one TOML file each, with `name`, `command` and `format`.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Scanner;
use crate::files::open_regular;
use crate::reading::Format;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    name: String,
    command: Vec<String>,
    format: String,
    version: Option<String>,
}

/// Why a scanner file was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {what}", file.display())]
pub struct OwnError {
    /// The file.
    pub file: PathBuf,
    /// What is wrong, and what to write instead.
    pub what: String,
}

/// No file larger than this names a scanner.
const MOST_BYTES: u64 = 64 << 10;
/// Names stand in a table and in file names.
const LONGEST_NAME: usize = 40;

impl Scanner {
    /// The scanner that `file` describes.
    ///
    /// # Errors
    /// When the file can't be read, or lacks what a scanner needs.
    pub fn from_file(file: &Path) -> Result<Self, OwnError> {
        let wrong = |what: String| OwnError {
            file: file.to_owned(),
            what,
        };
        let unreadable = |error| wrong(format!("can't be read: {error}"));
        let opened = open_regular(file).map_err(unreadable)?;
        let size = opened.metadata().map_err(unreadable)?.len();
        if size > MOST_BYTES {
            return Err(wrong(format!(
                "has {size} bytes; a scanner file has at most {MOST_BYTES}"
            )));
        }
        // It may have grown since.
        let text = io::read_to_string(opened.take(MOST_BYTES)).map_err(unreadable)?;
        parse(&text).map_err(wrong)
    }
}

fn parse(text: &str) -> Result<Scanner, String> {
    let raw: Raw = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(0, |span| {
            text[..span.start.min(text.len())].matches('\n').count() + 1
        });
        format!("line {line}: {}", error.message().replace('\n', "; "))
    })?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let good = raw.name.chars().all(plain) && raw.name.starts_with(|c: char| c.is_alphanumeric());
    if !good || raw.name.len() > LONGEST_NAME {
        return Err(format!(
            "'name' is made of at most {LONGEST_NAME} letters, digits, '.', '_' and '-', and begins with a letter or digit"
        ));
    }
    if raw.command.first().is_none_or(String::is_empty) {
        return Err(
            "'command' is empty; write command = [\"mine\", \"{targets}\", \"-p\", \"{ports}\"]"
                .to_owned(),
        );
    }
    let has = |what: &str| raw.command.iter().any(|argument| argument.contains(what));
    if !has("{targets}") && !has("{target-list}") {
        return Err("'command' has no \"{targets}\" (one argument for each) and no {target-list} (a list with commas), so it would not know what to scan".to_owned());
    }
    let format: Format = raw
        .format
        .parse()
        .map_err(|error: crate::reading::UnknownFormat| format!("'format': {error}"))?;
    Ok(Scanner::own(raw.name, raw.command, format, raw.version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_stranger_is_taken_in() {
        let scanner = parse("name = \"mine\"\ncommand = [\"./mine\", \"{targets}\", \"-p\", \"{ports}\"]\nformat = \"hostport\"\n").unwrap();
        assert_eq!((&*scanner.name, scanner.format), ("mine", Format::Hostport));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let file = |name: &str, command: &str, format: &str| {
            parse(&format!(
                "name = \"{name}\"\ncommand = {command}\nformat = \"{format}\"\n"
            ))
            .unwrap_err()
        };
        let all = [
            file("../x", "[\"m\", \"{targets}\"]", "hostport"),
            file(&"x".repeat(41), "[\"m\", \"{targets}\"]", "hostport"),
            file("", "[\"m\", \"{targets}\"]", "hostport"),
            file("m", "[]", "hostport"),
            file("m", "[\"m\", \"{ports}\"]", "hostport"),
            file("m", "[\"m\", \"{targets}\"]", "xml"),
            parse("name = \"m\"\nfromat = \"nmap\"\n").unwrap_err(),
        ];
        insta::assert_snapshot!(all.join("\n"));
        let missing = Scanner::from_file(Path::new("/nowhere/mine.toml")).unwrap_err();
        assert!(
            missing
                .to_string()
                .starts_with("/nowhere/mine.toml: can't be read")
        );
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), vec![b'#'; MOST_BYTES as usize + 1]).unwrap();
        let large = Scanner::from_file(file.path()).unwrap_err();
        assert!(large.what.starts_with("has 65537 bytes"), "{large}");
    }

    #[test]
    fn what_is_no_file_describes_no_scanner() {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("mine.toml");
        nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
        for file in [&*fifo, Path::new("/dev/zero"), folder.path()] {
            let error = Scanner::from_file(file).unwrap_err();
            assert_eq!(error.what, "can't be read: is no regular file");
        }
    }
}
