//! A scan as an argument names it, for whoever holds scans against each other or against a policy: a file, standard input, or
//! a scan that is kept.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use anyhow::Result;
use picaporte_diff::{Limits, ReadError, Snapshot, Wanted};

use super::args::KeptIn;
use super::files::{is_standard, unreadable};
use super::store::{self, Place};
use crate::kept::{self, Replay};
use crate::words::errors::{self, Spanish as _};
use crate::words::said::Said;

/// The fewest characters of a kept scan's name: as many as tell apart scans that began 17 minutes from each other. Shorter
/// words are too likely a file that is missing.
const FEWEST: usize = 6;
/// The length of a whole name.
const WHOLE: usize = 26;

/// What the scan says that an argument names. `which` is the argument in the words of the help; a file goes before a kept
/// scan of the same name.
///
/// # Errors
/// One sentence that names the argument, and the place in the file where there is one.
pub(crate) fn read(which: &str, path: &Path, kept: &KeptIn, wanted: Wanted) -> Result<Snapshot> {
    if is_standard(path) {
        let called = said!(
            "{which} (standard input)",
            "{which} (la entrada estándar)",
            which = which
        );
        return of_file(&called, io::stdin().lock(), wanted);
    }
    let called = Said::new(|_| format!("{which} '{}'", path.display()));
    match (name(path), open(path)) {
        (_, Ok(file)) => of_file(&called, file, wanted),
        (Some(name), Err(Unopened::Missing)) => of_store(&called, name, kept, wanted),
        (None, Err(Unopened::Missing)) => refuse!(
            |lang| "{called} is no file, and no name of a kept scan, of which six characters are needed here; 'picaporte history' lists those, 'picaporte scan -o' and nmap -oX write files",
            "{called} no es un fichero ni el nombre de un escaneo guardado, del que aquí hacen falta seis caracteres; 'picaporte history' los muestra, 'picaporte scan -o' y nmap -oX escriben ficheros",
            called = called.text(lang)
        ),
        (_, Err(Unopened::For(why))) => {
            let says = Said::new(|lang| format!("{} {}", called.text(lang), why.text(lang)));
            Err(says.into())
        }
    }
}

/// Whether an argument is meant as a scan, and not as something to be scanned. What looks like a file is never looked up as the
/// name of a host.
pub(crate) fn is_scan(path: &Path) -> bool {
    let of_scans = |end: &OsStr| end == "jsonl" || end == "json" || end == "xml";
    let is_prefix = |end: &OsStr| end.as_encoded_bytes().iter().all(u8::is_ascii_digit);
    let in_folder = path.as_os_str().as_encoded_bytes().contains(&b'/')
        && !path.file_name().is_some_and(is_prefix);
    let is_file = is_standard(path) || path.exists() || in_folder;
    is_file || name(path).is_some() || path.extension().is_some_and(of_scans)
}

/// Why a file is not read.
enum Unopened {
    Missing,
    For(Said),
}

fn open(path: &Path) -> Result<File, Unopened> {
    match File::open(path) {
        Ok(file) if file.metadata().is_ok_and(|file| file.is_dir()) => Err(Unopened::For(said!(
            "is a directory; name a file that a scan was written to",
            "es un directorio; indique un fichero en que se haya escrito un escaneo"
        ))),
        Ok(file) => Ok(file),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Unopened::Missing),
        Err(error) => Err(Unopened::For(unreadable(&error))),
    }
}

/// The argument, if it looks like a ULID or the beginning of one: Crockford's base 32, the first digit at most 7.
fn name(path: &Path) -> Option<&str> {
    let text = path.to_str()?;
    let is_digit = |c: char| c.is_ascii_alphanumeric() && !"iloILOuU".contains(c);
    let fits = (FEWEST..=WHOLE).contains(&text.len()) && text.chars().all(is_digit);
    (fits && text.starts_with(|c| ('0'..='7').contains(&c))).then_some(text)
}

/// What a file says that is called so.
///
/// # Errors
/// One sentence that names it, and the place in it.
pub(crate) fn of_file(called: &Said, input: impl Read, wanted: Wanted) -> Result<Snapshot> {
    let read = picaporte_diff::read(input, wanted, &Limits::default());
    Ok(read.map_err(|error| of_place(called, &error))?)
}

/// What is wrong with a file, with its name and the place.
fn of_place(called: &Said, error: &ReadError) -> Said {
    Said::new(|lang| {
        let (called, why) = (called.text(lang), error.told(lang));
        match error.place {
            picaporte_diff::Place::Whole => format!("{called} {why}"),
            _ => format!("{called}, {why}"),
        }
    })
}

fn of_store(called: &Said, name: &str, kept: &KeptIn, wanted: Wanted) -> Result<Snapshot> {
    if let Place::Nowhere(by) = store::place(kept.store.as_deref())? {
        refuse!(
            |lang| "{called} is no file; it could be the name of a kept scan, but {by} says none: name the store's file with --store FILE",
            "{called} no es un fichero; podría ser el nombre de un escaneo guardado, pero {by} dice none: indique el fichero del almacén con --store FILE",
            called = called.text(lang),
            by = by
        );
    }
    let about = |error: anyhow::Error| {
        said!(
            |lang| "{called} is no file, and {why}",
            "{called} no es un fichero, y {why}",
            called = called.text(lang),
            why = errors::whole(&error, lang)
        )
    };
    let store = store::must_open(kept).map_err(about)?;
    let found = store::find(&store, Some(name)).map_err(about)?;
    let says = |error| store::says(&store, &found, error);
    let replay = Replay::begin(&store, found.clone()).map_err(says)?;
    kept::snapshot(&replay, wanted, &Limits::default()).map_err(says)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_file_is_no_target() {
        for text in [
            "-",
            "/no/such/scan",
            "./a",
            "a.jsonl",
            "a.b.json",
            "a.xml",
            "/",
            "01JGFJ",
        ] {
            assert!(is_scan(Path::new(text)), "{text}");
        }
        for text in [
            "192.0.2.0/24",
            "2001:db8::/32",
            "www.example.org",
            "[::1]:80",
            "192.0.2.1-9",
        ] {
            assert!(!is_scan(Path::new(text)), "{text}");
        }
    }

    #[test]
    fn a_kept_scan_is_named_by_six_characters_or_more() {
        for text in ["01JGFJ", "01jgfjzz", "01JGFJJZ00000000000000SCAN"] {
            assert_eq!(name(Path::new(text)), Some(text));
        }
        for text in [
            "",
            "01JGF",
            "81JGFJ",
            "01JGFL",
            "01JGFU",
            "01JGFJ.jsonl",
            "./01JGFJ",
            "01JGFJJZ00000000000000SCAN0",
            "01JGFé",
        ] {
            assert_eq!(name(Path::new(text)), None, "{text}");
        }
    }
}
