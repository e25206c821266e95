//! Picaporte's JSON Lines: one record a line. A scan that was killed leaves a last line that is not whole.

use std::io::{BufRead, Read};

use super::damage::{Damage, Writer};
use super::failure::{self, Part, Place, ReadError};
use super::ration::Ration;
use super::record::{Record, Records};
use super::{Reading, Wanted};
use crate::limits::Limits;
use crate::snapshot::{Format, Snapshot};

pub(super) fn read(
    input: &mut impl BufRead,
    wanted: Wanted,
    limits: &Limits,
) -> Result<Snapshot, ReadError> {
    let mut records = Records::new(Reading::new(Format::JsonLines, wanted, limits));
    let mut bytes = Vec::new();
    let mut number = 0;
    let mut cut = None;
    loop {
        bytes.clear();
        number += 1;
        let mut limited = input.by_ref().take(limits.entry as u64 + 1);
        let read = limited.read_until(b'\n', &mut bytes);
        let read = read.map_err(|error| ReadError::unreadable(&error))?;
        if read == 0 {
            break;
        }
        let place = Place::Line(number);
        if read > limits.entry {
            return Err(ReadError::new(
                place,
                Ration::too_long(limits.entry, Part::Line),
            ));
        }
        let whole = bytes.last() == Some(&b'\n');
        let line = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        match serde_json::from_slice::<Record>(line) {
            Ok(record) => records.take(record, place)?,
            Err(error) if error.is_eof() && !whole => cut = Some(place),
            Err(error) => {
                return Err(ReadError::damaged(
                    place,
                    Damage::Json(failure::json(&error)),
                    Writer::Picaporte,
                ));
            }
        }
    }
    let last = Place::Line(number - 1);
    records.finish(cut, last)
}
