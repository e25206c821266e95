//! The words of a list file: targets or exclusions, with the line each stands on. It knows text,
//! not targets, and bounds how much of it is held at a time.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;

use anyhow::{Result, anyhow, bail};

use super::message::reason;

/// The longest line that is read, in bytes: a list has many lines, not a long one.
const LONGEST_LINE: u64 = 1 << 20;

/// Hands every word of a file to `take`, with the number of its line, from 1. A `#` begins a
/// comment; `-` is standard input.
///
/// # Errors
/// A sentence that names the file, and the line where there is one: what can't be read, what is
/// no text, and what `take` refused.
pub(crate) fn each(path: &Path, take: &mut dyn FnMut(&str) -> Result<()>) -> Result<()> {
    let name = path.display();
    if path == Path::new("-") {
        return each_of(std::io::stdin().lock(), "standard input", take);
    }
    let file = File::open(path).map_err(|e| anyhow!("'{name}' can't be read: {}", reason(&e)))?;
    each_of(BufReader::new(file), &format!("'{name}'"), take)
}

fn each_of(
    mut input: impl BufRead,
    name: &str,
    take: &mut dyn FnMut(&str) -> Result<()>,
) -> Result<()> {
    let mut bytes = Vec::new();
    for number in 1u64.. {
        bytes.clear();
        let read = input
            .by_ref()
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut bytes);
        let read = read.map_err(|e| anyhow!("{name} can't be read: {}", reason(&e)))?;
        if read == 0 {
            return Ok(());
        }
        if read as u64 == LONGEST_LINE {
            bail!("{name}, line {number} is longer than 1 MiB; write one target a line");
        }
        let text = std::str::from_utf8(&bytes)
            .ok()
            .filter(|text| !text.contains('\0'));
        let Some(text) = text else {
            bail!("{name}, line {number} is not text")
        };
        for word in words(text) {
            take(word).map_err(|e| anyhow!("{name}, line {number}: {e}"))?;
        }
    }
    Ok(())
}

/// The words before a comment. Some editors begin a file with a byte order mark.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let line = line.trim_start_matches('\u{feff}');
    line.split('#')
        .next()
        .unwrap_or_default()
        .split_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<String>> {
        let mut words = Vec::new();
        let mut take = |word: &str| {
            if word == "bad" {
                bail!("'bad' is bad");
            }
            words.push(word.to_owned());
            Ok(())
        };
        each_of(bytes, "'list'", &mut take)?;
        Ok(words)
    }

    #[test]
    fn words_stand_between_blanks_and_before_comments() {
        let text = "\u{feff}a b\t# c\r\n\n#d\ne#f\r\ng";
        assert_eq!(read(text.as_bytes()).unwrap(), ["a", "b", "e", "g"]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let says = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
        assert_eq!(says(b"a\nb\nc bad"), "'list', line 3: 'bad' is bad");
        assert_eq!(says(b"a\n\xff\xfe"), "'list', line 2 is not text");
        assert_eq!(says(b"a\0b"), "'list', line 1 is not text");
        let long = vec![b'a'; 3 << 20];
        assert!(says(&long).starts_with("'list', line 1 is longer than 1 MiB"));
    }
}
