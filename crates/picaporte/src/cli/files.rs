//! Which files a command line names, and whether two of them are the same one, however they are
//! written: by device and inode, or by directory and name for a file that is not there yet.

use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::Read as _;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::args::ScanArgs;
use crate::words::errors::reason;
use crate::words::said::Said;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Identity {
    Inode(u64, u64),
    InDirectory(u64, u64, OsString),
}

struct Named<'a> {
    flag: &'static str,
    path: &'a Path,
    identity: Identity,
}

/// Refuses a file that is named twice, be it to read or to write, and an output file that
/// standard output goes to already.
///
/// # Errors
/// One sentence that names both flags.
pub(crate) fn check(args: &ScanArgs) -> Result<()> {
    let named = each_once(inputs(args), &args.reports.output)?;
    let stdin = inputs_are_standard(args)?
        .then(|| regular(std::io::stdin()))
        .flatten();
    if let Some(named) = named.iter().find(|n| Some(&n.identity) == stdin.as_ref()) {
        refuse!(
            "{flag} '{file}' is the file that standard input comes from",
            "{flag} '{file}' es el fichero del que viene la entrada estándar",
            flag = named.flag,
            file = named.path.display()
        );
    }
    Ok(())
}

/// The same for outputs beside files that are read otherwise, each with its flag.
///
/// # Errors
/// One sentence that names both flags.
pub(crate) fn check_outputs<'a>(
    outputs: &'a [PathBuf],
    read: impl IntoIterator<Item = (&'static str, &'a Path)>,
) -> Result<()> {
    let read = read.into_iter().filter_map(|(flag, path)| {
        Some(Named {
            flag,
            path,
            identity: identity(path)?,
        })
    });
    each_once(read, outputs).map(|_| ())
}

fn each_once<'a>(
    inputs: impl Iterator<Item = Named<'a>>,
    outputs: &'a [PathBuf],
) -> Result<Vec<Named<'a>>> {
    let named: Vec<Named<'_>> = inputs.chain(to(outputs, "--output")).collect();
    for (i, later) in named.iter().enumerate() {
        if let Some(first) = named[..i].iter().find(|n| n.identity == later.identity) {
            refuse!(
                "{later} '{b}' is the same file as {first} '{a}'; name each file once",
                "{later} '{b}' es el mismo fichero que {first} '{a}'; indique cada fichero una vez",
                later = later.flag,
                b = later.path.display(),
                first = first.flag,
                a = first.path.display()
            );
        }
    }
    if outputs.iter().filter(|path| is_standard(path)).count() > 1 {
        refuse!(
            "--output '-' is given twice; name standard output once",
            "--output '-' está dos veces; indique la salida estándar una vez"
        );
    }
    let stdout = regular(std::io::stdout());
    if let Some(named) = named.iter().find(|n| Some(&n.identity) == stdout.as_ref()) {
        refuse!(
            "{flag} '{file}' is the file that standard output goes to",
            "{flag} '{file}' es el fichero al que va la salida estándar",
            flag = named.flag,
            file = named.path.display()
        );
    }
    Ok(named)
}

/// The bytes of a regular file, one more than `most` at the most: a FIFO would keep us waiting, and a device has no end. `what`
/// is what people write into it, with its article in Spanish.
///
/// # Errors
/// Why it can't be read, to be said after its name.
pub(crate) fn small(path: &Path, most: u64, what: &Said) -> Result<Vec<u8>, Said> {
    let failed = |error: std::io::Error| unreadable(&error);
    if !fs::metadata(path).map_err(failed)?.is_file() {
        refuse!(
            |lang| "is no regular file; write the {what} into a file",
            "no es un fichero normal; escriba {what} en un fichero",
            what = what.text(lang)
        );
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok(bytes)
}

/// That a file can't be read, to be said after its name.
pub(crate) fn unreadable(error: &std::io::Error) -> Said {
    said!(
        |lang| "can't be read: {why}",
        "no se puede leer: {why}",
        why = reason(lang, error)
    )
}

/// Whether a path stands for standard input or output.
pub(crate) fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}

fn inputs(args: &ScanArgs) -> impl Iterator<Item = Named<'_>> {
    let scope = args.allowed.scope.as_slice();
    let lists = to(&args.targets_file, "--targets-file");
    let lists = lists.chain(to(&args.exclude_file, "--exclude-file"));
    let lists = lists.chain(to(scope, "--scope"));
    lists.chain(to(args.reports.since.as_slice(), "--since"))
}

fn to<'a>(paths: &'a [PathBuf], flag: &'static str) -> impl Iterator<Item = Named<'a>> {
    let paths = paths.iter().filter(|path| !is_standard(path));
    paths.filter_map(move |path| {
        Some(Named {
            flag,
            path,
            identity: identity(path)?,
        })
    })
}

/// Standard input can be read once.
fn inputs_are_standard(args: &ScanArgs) -> Result<bool> {
    let mut standard = args
        .targets_file
        .iter()
        .chain(&args.exclude_file)
        .chain(&args.reports.since)
        .filter(|p| is_standard(p));
    let once = standard.next().is_some();
    if standard.next().is_some() {
        refuse!(
            "standard input ('-') can be read once: by one --targets-file, --exclude-file or --since",
            "la entrada estándar ('-') se puede leer una vez: con un solo --targets-file, --exclude-file o --since"
        );
    }
    Ok(once)
}

/// `None` where there is neither the file nor its directory; opening it will say so.
fn identity(path: &Path) -> Option<Identity> {
    if let Ok(file) = fs::metadata(path) {
        return Some(of(&file));
    }
    let directory = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let directory = fs::metadata(directory).ok()?;
    Some(Identity::InDirectory(
        directory.dev(),
        directory.ino(),
        path.file_name()?.to_owned(),
    ))
}

fn of(file: &Metadata) -> Identity {
    Identity::Inode(file.dev(), file.ino())
}

/// The file behind a stream, if it is one on a disk and not a terminal or a pipe.
fn regular(stream: impl AsFd) -> Option<Identity> {
    let file = File::from(stream.as_fd().try_clone_to_owned().ok()?);
    file.metadata()
        .ok()
        .filter(Metadata::is_file)
        .map(|m| of(&m))
}
