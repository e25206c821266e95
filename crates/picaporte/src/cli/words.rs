//! The words of a list file: targets or exclusions, with the line each stands on. It knows text,
//! not targets, and bounds how much of it is held at a time.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;

use anyhow::Result;

use crate::words::errors::{reason, whole};
use crate::words::said::Said;

/// The longest line that is read, in bytes: a list has many lines, not a long one.
const LONGEST_LINE: u64 = 1 << 20;

/// Hands every word of a file to `take`, with the number of its line, from 1. A `#` begins a
/// comment; `-` is standard input.
///
/// # Errors
/// A sentence that names the file, and the line where there is one: what can't be read, what is
/// no text, and what `take` refused.
pub(crate) fn each(path: &Path, take: &mut dyn FnMut(&str) -> Result<()>) -> Result<()> {
    if path == Path::new("-") {
        let name = said!("standard input", "la entrada estándar");
        return each_of(std::io::stdin().lock(), &name, take);
    }
    let name = Said::new(|_| format!("'{}'", path.display()));
    let file = File::open(path).map_err(|error| unreadable(&name, &error))?;
    each_of(BufReader::new(file), &name, take)
}

fn unreadable(name: &Said, error: &std::io::Error) -> Said {
    said!(
        |lang| "{name} can't be read: {why}",
        "{name} no se puede leer: {why}",
        name = name.text(lang),
        why = reason(lang, error)
    )
}

fn each_of(
    mut input: impl BufRead,
    name: &Said,
    take: &mut dyn FnMut(&str) -> Result<()>,
) -> Result<()> {
    let mut bytes = Vec::new();
    for number in 1u64.. {
        bytes.clear();
        let read = input
            .by_ref()
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut bytes);
        let read = read.map_err(|error| unreadable(name, &error))?;
        if read == 0 {
            return Ok(());
        }
        if read as u64 == LONGEST_LINE {
            refuse!(
                |lang| "{name}, line {number} is longer than 1 MiB; write one target a line",
                "{name}, la línea {number} pasa de 1 MiB; escriba un objetivo por línea",
                name = name.text(lang),
                number = number
            );
        }
        let text = std::str::from_utf8(&bytes)
            .ok()
            .filter(|text| !text.contains('\0'));
        let Some(text) = text else {
            refuse!(
                |lang| "{name}, line {number} is not text",
                "{name}, la línea {number} no es texto",
                name = name.text(lang),
                number = number
            )
        };
        for word in words(text) {
            take(word).map_err(|error| {
                said!(
                    |lang| "{name}, line {number}: {why}",
                    "{name}, línea {number}: {why}",
                    name = name.text(lang),
                    number = number,
                    why = whole(&error, lang)
                )
            })?;
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
                anyhow::bail!("'bad' is bad");
            }
            words.push(word.to_owned());
            Ok(())
        };
        each_of(bytes, &Said::new(|_| "'list'".to_owned()), &mut take)?;
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
