//! Standard output, for what is written there piece by piece.

use std::io::{self, ErrorKind, Write as _};

use anyhow::Result;

use crate::words::errors::reason;
use crate::words::said::Said;

/// Writes what there is, and whether somebody still reads: a reader that has gone is no error.
///
/// # Errors
/// When it can't be written.
pub(crate) fn flush(out: &mut Vec<u8>) -> Result<bool> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(out).and_then(|()| stdout.flush());
    out.clear();
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(unwritable(&error).into()),
    }
}

/// That standard output can't be written.
pub(crate) fn unwritable(error: &io::Error) -> Said {
    said!(
        |lang| "standard output can't be written: {why}",
        "no se puede escribir en la salida estándar: {why}",
        why = reason(lang, error)
    )
}
