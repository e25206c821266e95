//! One place that a report goes to, with a buffer before it.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::cli::stdout::unwritable;
use crate::report::Report;
use crate::words::errors::reason;
use crate::words::said::Said;

/// One place that a report goes to.
pub(super) struct Sink {
    /// `None` is standard output.
    pub(super) path: Option<PathBuf>,
    file: File,
    pub(super) report: Box<dyn Report>,
    pub(super) buffer: Vec<u8>,
    /// This program made the file.
    pub(super) created: bool,
}

/// What became of a write.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    /// Nobody reads standard output any more.
    pub(crate) closed_pipe: bool,
    /// One sentence for each place that was given up.
    pub(crate) failed: Vec<Said>,
}

impl Sink {
    pub(super) fn new(
        path: Option<PathBuf>,
        file: File,
        report: Box<dyn Report>,
        created: bool,
    ) -> Self {
        Self {
            path,
            file,
            report,
            buffer: Vec::new(),
            created,
        }
    }

    /// Only a regular file can be emptied, and standard output is not ours to empty.
    pub(super) fn empty(&mut self) -> io::Result<()> {
        if self.path.is_some() && self.file.metadata()?.is_file() {
            self.file.set_len(0)?;
        }
        Ok(())
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        let written = self.file.write_all(&self.buffer);
        self.buffer.clear();
        written
    }

    pub(super) fn give_up(&self, error: &io::Error, written: &mut Written) {
        match &self.path {
            None if error.kind() == ErrorKind::BrokenPipe => written.closed_pipe = true,
            None => written.failed.push(said!(
                |lang| "{why}; nothing more goes there",
                "{why}; no se le manda nada más",
                why = unwritable(error).text(lang)
            )),
            Some(path) => written.failed.push(said!(
                |lang| "--output '{file}' can't be written: {why}; the file is incomplete, the other outputs go on",
                "no se puede escribir --output '{file}': {why}; el fichero queda incompleto, las demás salidas continúan",
                file = path.display(),
                why = reason(lang, error)
            )),
        }
    }
}

/// Opens a file to write without emptying it; whether it had to be made.
pub(super) fn open(path: &Path) -> io::Result<(File, bool)> {
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(file) => Ok((file, true)),
        Err(e) if e.kind() == ErrorKind::AlreadyExists => {
            // Also through a link to a file that is not there yet.
            let file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(false)
                .open(path)?;
            Ok((file, false))
        }
        Err(e) => Err(e),
    }
}
