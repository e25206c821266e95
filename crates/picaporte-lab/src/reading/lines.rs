//! Lines of an output: counted, bounded, and honest about a last one that has no line feed.

use std::io::{BufRead, Read};

use super::{MOST_LINE, Place, ReadError};

/// One line.
pub(super) struct Line<'a> {
    /// Counted from 1.
    pub(super) number: u64,
    /// Without its line feed; bytes that are no UTF-8 have been replaced.
    pub(super) text: &'a str,
    /// Whether a line feed ended it. Without one the output may have been cut within it.
    pub(super) whole: bool,
}

impl Line<'_> {
    pub(super) fn wrong(&self, what: impl Into<String>) -> ReadError {
        ReadError::at(Place::Line(self.number), what)
    }
}

/// Hands each line that is not blank to `each`.
pub(super) fn each(
    output: &mut impl BufRead,
    mut each: impl FnMut(&Line<'_>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let mut limited = output.by_ref().take(MOST_LINE as u64 + 1);
        let read = limited
            .read_until(b'\n', &mut bytes)
            .map_err(|error| ReadError::unreadable(&error))?;
        if read == 0 {
            break;
        }
        if read > MOST_LINE {
            return Err(ReadError::at(
                Place::Line(number),
                format!("longer than {MOST_LINE} bytes, the most that a line may have"),
            ));
        }
        let whole = bytes.last() == Some(&b'\n');
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_start_matches('\u{feff}').trim();
        if !text.is_empty() {
            each(&Line {
                number,
                text,
                whole,
            })?;
        }
    }
    Ok(())
}
